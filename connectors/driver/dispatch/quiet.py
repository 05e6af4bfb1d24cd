"""How long a system that throttles is left alone.

A wait that the system names is kept. One that it does not name is guessed: a single call that came too often says little, so the first
pause may be short, and each answer of the kind that comes after a pause doubles it, up to a second, as platforms count calls by the second.
An answer that is not throttled ends the row. Calls that were under way together are one: they all met the same limit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from connectors.endings import Throttled

#: Of who reads, as often as he may: there is little to lose by one more call that is not carried out.
SHORT_S = 0.05


class Quiet:
    """One account's. ``first_s``: the first pause that is guessed. ``now``: a monotonic clock, in s."""

    def __init__(self, first_s: float = SHORT_S, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._first_s = first_s
        self._until = 0.0
        #: When the pause was last made longer, and the pause that comes next if the platform names none.
        self._since = 0.0
        self._guess_s = first_s

    @property
    def left_s(self) -> float:
        """Seconds until it may be called; 0 or less: now."""
        return self._until - self.now()

    async def over(self) -> float:
        """Waits until it may be called, and tells when that is."""
        while (left_s := self.left_s) > 0:
            await asyncio.sleep(left_s)
        return self.now()

    def throttled(self, error: Throttled, called_at: float) -> None:
        """A call that began at ``called_at`` (as ``over`` told) was throttled."""
        wait_s, guess_s = error.wait_s, self._first_s
        if error.guessed:
            if called_at < self._since:
                return
            wait_s, guess_s = self._guess_s, min(2 * self._guess_s, error.wait_s)
        self._guess_s = guess_s
        self._since = self.now()
        self._until = max(self._until, self._since + wait_s)

    def answered(self, called_at: float) -> None:
        """A call that began then was not throttled."""
        if called_at >= self._until:
            self._guess_s = self._first_s
