"""A mean over a sliding window of time, by the minute: memory is one pair of numbers a minute, however much goes through."""

from __future__ import annotations

import math

_MINUTE_MS = 60_000


class SlidingMean:
    """Mean of what was added with a time within the window. A share is the mean of ones and zeros, or of parts by their weight."""

    def __init__(self, window_s: float) -> None:
        self._minutes = max(1, round(window_s / 60))
        #: Minute since the epoch -> (how many, or their weight; their sum).
        self._buckets: dict[int, tuple[int, float]] = {}

    def add(self, at_ms: int, value: float, weight: int = 1) -> None:
        """Adds one value of that time; times may come in any order."""
        minute = at_ms // _MINUTE_MS
        count, total = self._buckets.get(minute, (0, 0.0))
        self._buckets[minute] = count + weight, total + value

    def mean(self, now_ms: int) -> float:
        """Over the whole minutes of the window and the present one; NaN when there is nothing in them."""
        count, total = self.totals(now_ms)
        return total / count if count else math.nan

    def totals(self, now_ms: int) -> tuple[int, float]:
        """How many, or their weight, and their sum, of the same."""
        oldest = now_ms // _MINUTE_MS - self._minutes
        for minute in [m for m in self._buckets if m < oldest]:
            del self._buckets[minute]
        return sum(n for n, _ in self._buckets.values()), sum(total for _, total in self._buckets.values())
