"""How long a worker whose cycles fail goes on trying, and how long it waits in between."""

from __future__ import annotations

import logging
import time

from streams.engine.errors import EngineError, StateCorrupt

logger = logging.getLogger(__name__)

_BACKOFF_MAX_S = 5.0


class Patience:
    """Counts failures since the last success."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._failing_since: float | None = None
        self._failures = 0

    def succeeded(self) -> None:
        self._failing_since, self._failures = None, 0

    def failed(self, exc: EngineError) -> float:
        """Seconds to wait before the next try.

        Raises:
            EngineError: it has failed for too long, or no try can help.
        """
        if isinstance(exc, StateCorrupt):
            raise EngineError(f"{exc}; the next start rebuilds it from the changelog") from exc
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
            logger.warning("cycle undone, begun again from the last commit: %s", exc)
        elif now - self._failing_since > self._limit_s:
            raise EngineError(f"no cycle has succeeded for {self._limit_s:.0f} s: {exc}") from exc
        wait_s: float = min(_BACKOFF_MAX_S, 0.05 * 2 ** min(self._failures, 10))
        self._failures += 1
        return wait_s
