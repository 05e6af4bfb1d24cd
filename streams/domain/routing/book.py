"""The rule documents that decide orders: which version is live, which is tried, and what they look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.documents.rules.document import Document, HasDayLeft
from schemas.records import DecidedBy
from streams.domain.releases.sharing import Release, assigned

from .rules.compiling import Rules
from .tables.reckoning import Tables


class Compiled(NamedTuple):
    """A version with the tables that it looks at; None: it looks at none."""

    rules: Rules
    tables: Tables | None


class Book(NamedTuple):
    """What is released of one rule document, as far as it can be used."""

    #: ``rules/name``.
    document: str
    #: Of versions that can be used alone.
    release: Release
    #: Documents of tables that are live, as ``kind/name@version``, sorted.
    tables: tuple[str, ...]
    #: (version, tables) -> both compiled; None: one of them cannot be had, or not be used.
    compiled: Callable[[int, Sequence[str]], Compiled | None]


class Turn(NamedTuple):
    """Whose turn an order is."""

    by: DecidedBy
    compiled: Compiled


def turn(book: Book, key: bytes, pinned: DecidedBy | None) -> Turn | None:
    """The version that decides an order, with its tables; None: what is built in decides it.

    :param key: of all orders that may leave as one parcel (``releases.sharing.merge_key``).
    :param pinned: what decided it first: it goes on to, unless it was rolled back or can't be used any more.
    """
    release = book.release
    if pinned is not None and pinned["document"] == book.document and pinned["version"] not in release.withdrawn:
        found = book.compiled(pinned["version"], pinned["tables"])
        if found is not None:
            return Turn(pinned, found)
    its = assigned(release, key)
    found = None if its.version is None else book.compiled(its.version, book.tables)
    if its.version is None or found is None:
        return None
    share = release.share.basis_points if its.why == "share" and release.share is not None else None
    tables = list(book.tables)
    return Turn(
        {"document": book.document, "version": its.version, "share": share, "tables": tables},
        found,
    )


def lacks(document: Document) -> str:
    """What a document asks for that workers do not count, in words; empty: nothing."""
    filters = [*document.default.filters, *[each for choice in document.strategies for each in choice.filters]]
    if any(isinstance(each, HasDayLeft) for each in filters):
        return "filters by daily_capacity, and the hub does not count yet what a warehouse is given a day: take that filter out"
    return ""
