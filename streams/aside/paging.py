"""A part of what was set aside: so many at the most, and where the next part begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from streams.aside.places import BadName, Place, place_of

#: No page is longer, whoever asks.
PAGE_MAX = 1_000


class Placed(Protocol):
    """An item, which stands somewhere since some time."""

    @property
    def at_ms(self) -> int: ...

    @property
    def place(self) -> Place: ...


T = TypeVar("T", bound=Placed)


@dataclass(frozen=True)
class Page(Generic[T]):
    """``items``: oldest first, without the messages themselves. ``total`` and ``kinds`` count all that are wanted, on whatever page.

    ``after``: the next page is what comes after it; empty: there is none.
    """

    items: Sequence[T]
    total: int
    kinds: Counter[str]
    after: str


class BadCursor(ValueError):
    """The text is no page's ``after``; the message is for the person who typed it."""


def page(found: Sequence[T], kinds: Counter[str], limit: int, after: str, *topics: str) -> Page[T]:
    """``found``: all that are wanted, oldest first, on ``topics``. ``after``: the page before said it; empty: from the first on.

    Raises BadCursor; ValueError when ``limit`` is not 1 to PAGE_MAX.
    """
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"limit is {limit}: set it to 1 to {PAGE_MAX:,}")
    start = _position(after, topics) if after else (-1, Place("", 0, 0))
    rest = [item for item in found if (item.at_ms, item.place) > start]
    chosen = rest[:limit]
    further = f"{chosen[-1].at_ms}:{chosen[-1].place}" if len(rest) > limit else ""
    return Page(chosen, len(found), kinds, further)


def _position(after: str, topics: Sequence[str]) -> tuple[int, Place]:
    at_ms, _, name = after.partition(":")
    try:
        if not (at_ms.isascii() and at_ms.isdigit()):
            raise BadName("it begins with no time")
        return int(at_ms), place_of(name, *topics)
    except BadName as exc:
        raise BadCursor(f"{after!r} is not where a page ended: write it as the page before said it ({exc})") from None
