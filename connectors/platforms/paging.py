"""How pages are read so that no order is lost, though orders change while they are read.

An order that changes leaves a window that lies in the past, and those behind it move up, to a page with a smaller number. So pages are read
from the last to the first, whichever way they are sorted: what moves is met again, not missed. (What enters a window, one that ends
now, is another matter: it may push others to pages that were read. Let a window end before the platform's clock.)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from connectors.endings import Unavailable

from .base import Changed


class Page(NamedTuple):
    """A page that says whether there is a next one."""

    rows: Sequence[Changed]
    has_next: bool


class Share(NamedTuple):
    """A page that says of how many rows it is one."""

    rows: Sequence[Changed]
    total: int


async def counted(
    count: Callable[[], Awaitable[int]], page: Callable[[int], Awaitable[Page]], size: int
) -> AsyncIterator[Sequence[Changed]]:
    """Pages from the last to 1, of a platform that counts its rows only when it is asked to."""
    last = -(-await count() // size)
    if not last:
        return
    current = await page(last)
    while current.has_next:  # it grew since it was counted
        last += 1
        current = await page(last)
    for number in range(last, 0, -1):
        if number < last:
            current = await page(number)
        if current.rows:
            yield current.rows


async def narrowed(
    windows: Iterable[tuple[int, int]],
    page: Callable[[int, int, int], Awaitable[Share]],
    *,
    size: int,
    rows_max: int,
    first: int,
) -> AsyncIterator[Sequence[Changed]]:
    """Pages from the last to ``first``, of a platform that shows ``rows_max`` rows of a window: one with more is halved.

    ``page`` takes a window's start and end in seconds, and a page's number. Raises Unavailable for more rows within one second.
    """
    waiting = list(windows)[::-1]
    while waiting:
        start_s, end_s = waiting.pop()
        current = await page(start_s, end_s, first)
        if current.total > rows_max:
            middle = (start_s + end_s) // 2
            if middle in (start_s, end_s):
                raise Unavailable(f"{current.total} orders changed within a second, more than the platform shows")
            # The second in the middle is in both: better twice than never.
            waiting += [(middle, end_s), (start_s, middle)]
            continue
        last = first + max(current.total - 1, 0) // size
        for number in range(last, first - 1, -1):
            if last > first:  # the first page was read before the others: it is read again after them
                current = await page(start_s, end_s, number)
            if current.rows:
                yield current.rows
