"""How long a worker whose cycles fail goes on trying, how long it waits in between, and that what stands still is said."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from streams.engine.errors import EngineError, StateCorrupt
from streams.engine.metrics import Metrics
from streams.engine.shards import TP

logger = logging.getLogger(__name__)

_BACKOFF_MAX_S = 5.0
#: What stands still is said again this often.
_SAY_EVERY_S = 10.0

#: Stands for the whole worker: a failure that is no partition's.
_WORKER: TP = ("(all)", -1)


@dataclass
class _Failing:
    """One partition without a cycle that came through; times are ``time.monotonic``."""

    #: Offset at which its cycles begin: another one says that it got on, though no cycle was seen to.
    start: int
    since: float
    said: float
    failures: int = 0


class Patience:
    """Counts each partition's failures since its own last success: that others get on is no comfort to it."""

    def __init__(self, limit_s: float, metrics: Metrics) -> None:
        self._limit_s = limit_s
        self._metrics = metrics
        self._failing: dict[TP, _Failing] = {}

    def succeeded(self, concerns: Collection[TP]) -> None:
        """A cycle with these partitions has come through."""
        if self._failing:
            self.forget((*concerns, _WORKER))

    def forget(self, partitions: Iterable[TP]) -> None:
        """They get on, or are another worker's now."""
        for tp in partitions:
            if self._failing.pop(tp, None) is not None:
                self._metrics.stands_still(tp, 0.0)

    def failed(self, exc: EngineError) -> float:
        """Seconds to wait before the next try.

        Raises:
            EngineError: a partition has failed for too long, or no try can help.
        """
        if isinstance(exc, StateCorrupt):
            raise EngineError(f"{exc}; the next start rebuilds it from the changelog") from exc
        now = time.monotonic()
        failures = 0
        for tp, start in sorted((exc.concerns or {_WORKER: -1}).items()):
            failing = self._failing.get(tp)
            if failing is None or failing.start != start:
                failing = self._failing[tp] = _Failing(start, now, now)
            still_s = now - failing.since
            if still_s > self._limit_s:
                raise EngineError(f"no cycle of {_named(tp)} has succeeded for {self._limit_s:.0f} s: {exc}") from exc
            if now - failing.said > _SAY_EVERY_S:
                failing.said = now
                text = "%s has stood still for %.0f s, the worker stops after %.0f s: %s"
                logger.error(text, _named(tp), still_s, self._limit_s, exc)
            self._metrics.stands_still(tp, still_s)
            failures = max(failures, failing.failures)
            failing.failures += 1
        if failures == 0:
            logger.warning("cycle undone, begun again from the last commit: %s", exc)
        wait_s: float = min(_BACKOFF_MAX_S, 0.05 * 2 ** min(failures, 10))
        return wait_s


def _named(tp: TP) -> str:
    return "this worker" if tp == _WORKER else f"{tp[0]}/{tp[1]}"
