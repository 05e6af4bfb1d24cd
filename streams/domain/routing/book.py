"""The rule documents that decide orders: which version is live, which is tried, and what they look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.documents.rules.document import Document, HasDayLeft
from schemas.records import DecidedBy
from streams.domain.releases.sharing import Release, Share, assigned

from .planning import Plan
from .rules.compiling import Rules
from .rules.deciding import decide
from .rules.facts import Facts, with_tables
from .rules.first_choice import first_choice
from .rules.sending import carriers
from .rules.trace import Decision
from .rules.tracing import planned_by
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
    #: A trial that is released and cannot be used: what stands decides its orders, and it is told of each.
    lost: Share | None = None

    @property
    def share(self) -> Share | None:
        """The trial that is released, whether it can be used or not."""
        return self.release.share or self.lost

    @property
    def tries(self) -> bool:
        """Whether a version is tried, in the shadow or on a share."""
        return self.release.shadow is not None or self.share is not None


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


class Planned(NamedTuple):
    """What a version makes of an order; ``facts`` as it saw them, with what its tables say."""

    plan: Plan
    facts: Facts
    decision: Decision


def plan_by(its: Turn, facts: Facts) -> Planned:
    """The plan of the version whose turn it is. Raises what its rules raise.

    :param facts: without tables: it looks at its own.
    """
    rules, tables = its.compiled
    if tables is not None:
        facts = with_tables(facts, tables, {})
    decision = decide(rules, facts)
    plan = planned_by(its.by, rules, facts, decision)._replace(first_choice=first_choice(rules, facts, decision))
    if tables is not None:
        plan = plan._replace(carriers=carriers(rules, tables, facts, decision))
    return Planned(plan, facts, decision)


def without_trial(book: Book, key: bytes, pinned: DecidedBy | None) -> Turn | None:
    """Whose turn an order would be if no version had a share. Parameters as in ``turn``."""
    share = book.share
    if share is None:
        return turn(book, key, pinned)
    known = None if pinned is not None and pinned["version"] == share.version else pinned
    return turn(book._replace(release=book.release._replace(share=None)), key, known)


def is_of_trial(book: Book, key: bytes, pinned: DecidedBy | None) -> bool:
    """Whether an order is the trial's, also where that cannot be used. Parameters as in ``turn``."""
    share = book.share
    if share is None:
        return False
    known = pinned["version"] if pinned is not None and pinned["document"] == book.document else None
    released = book.release._replace(share=share)
    return assigned(released, key, known, released.withdrawn).version == share.version


def lacks(document: Document) -> str:
    """What a document asks for that workers do not count, in words; empty: nothing."""
    filters = [*document.default.filters, *[each for choice in document.strategies for each in choice.filters]]
    if any(isinstance(each, HasDayLeft) for each in filters):
        return "filters by daily_capacity, and the hub does not count yet what a warehouse is given a day: take that filter out"
    return ""
