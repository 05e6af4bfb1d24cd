"""A mean over a sliding window of time, by the minute: memory is one pair of numbers a minute, however much goes through."""

from __future__ import annotations

import math

_MINUTE_MS = 60_000


class SlidingMean:
    """Mean of what was added with a time within the window. A share is the mean of ones and zeros."""

    def __init__(self, window_s: float) -> None:
        self._minutes = max(1, round(window_s / 60))
        #: Minute since the epoch -> (how many, their sum).
        self._buckets: dict[int, tuple[int, float]] = {}

    def add(self, at_ms: int, value: float) -> None:
        """Adds one value of that time; times may come in any order."""
        minute = at_ms // _MINUTE_MS
        count, total = self._buckets.get(minute, (0, 0.0))
        self._buckets[minute] = count + 1, total + value

    def mean(self, now_ms: int) -> float:
        """Over the whole minutes of the window and the present one; NaN when there is nothing in them."""
        oldest = now_ms // _MINUTE_MS - self._minutes
        for minute in [m for m in self._buckets if m < oldest]:
            del self._buckets[minute]
        count = sum(n for n, _ in self._buckets.values())
        return sum(total for _, total in self._buckets.values()) / count if count else math.nan
