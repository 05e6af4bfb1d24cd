"""What is told of versions of the rules that are tried, and fail: their orders are decided all the same."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import thread_time_ns

from schemas.records import DecisionCompared

logger = logging.getLogger(__name__)

#: So many failures are told in words, each once; all are counted.
_TOLD_MAX = 100


def stopwatch() -> int:
    """Microseconds that this thread has computed: a host that is busy with others makes no version slower."""
    return thread_time_ns() // 1_000


class Comparisons:
    """``on_failed``: told of each order that a version in the shadow, or on a share, said nothing of."""

    def __init__(self, on_failed: Callable[[], None] = lambda: None) -> None:
        self._on_failed = on_failed
        self._told: set[tuple[str, int | None, str]] = set()

    def tell(self, compared: DecisionCompared) -> None:
        """Of what failed."""
        tried = compared["tried"]
        if not tried["error"]:
            return
        self._on_failed()
        what = compared["document"], tried["version"], tried["error"]
        if what not in self._told and len(self._told) < _TOLD_MAX:
            self._told.add(what)
            logger.error("%s@%s is tried, and failed: %s; what stands without it decides", *what)
