"""Planning while a version of the rules is tried: in the shadow, or on a share of the orders.

1. Whose turn the order is: the trial's, or what stands without it.
2. Who has the effect decides. Where the trial's version fails, what stands decides: a trial ends no order.
3. The others say what they would have made of it, on the same facts; nothing of theirs has an effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemas.records import ComparedEffect, ComparedRole, DecidedBy
from streams.domain.routing.book import Book, Turn, is_of_trial, turn, without_trial
from streams.domain.routing.comparing import (
    Said,
    Stopwatch,
    are_equal,
    said_by,
    said_by_builtin,
    side,
    tried_by,
    unusable,
)
from streams.domain.routing.planning import Beside, Need, Plan, plan
from streams.domain.routing.rules.facts import Facts

from .step import Levels, Step


def plan_on_trial(step: Step, book: Book, key: bytes, facts: Facts, needs: Sequence[Need], levels: Levels) -> Plan:
    """The plan that has the effect, with what the others make of the order beside it.

    :param key: of all orders that may leave as one parcel.
    :param facts: without tables: each version looks at its own.
    """
    state, view = step.state, step.view
    pinned, stopwatch = state["decided_by"], view.stopwatch

    # 1. Whose turn
    usual = without_trial(book, key, pinned)
    share, tried = book.share, None
    if share is not None and is_of_trial(book, key, pinned):
        its = turn(book, key, pinned)
        is_its = its is not None and its.by["version"] == share.version
        tried = tried_by(its, facts, stopwatch) if its is not None and is_its else unusable(share.version, facts)

    # 2. Who has the effect
    def standing(by: Callable[[Turn, Facts, Stopwatch | None], Said]) -> Said:
        if usual is not None:
            return by(usual, facts, stopwatch)
        place, country = state["province"], state["country"]
        return said_by_builtin(
            facts, lambda: plan(needs, levels, view.warehouses, view.load, place, country), stopwatch
        )

    effect: ComparedEffect = "STANDS" if tried is None or tried.error else "TRIED"
    if tried is not None and effect == "TRIED":
        decided = tried.plan
        if stopwatch is None:
            return decided
        stands = standing(tried_by)
    else:
        stands = standing(said_by)
        decided = stands.plan
        if stopwatch is None:
            return decided

    # 3. The others
    beside: list[Beside] = []
    if tried is not None and share is not None:
        beside.append(_held(book, "SHARE", share.since_ms, effect, stands, tried))
    shadow = book.release.shadow
    if shadow is not None and shadow != stands.version:
        its_shadow = _in_shadow(book, shadow, book.tables if usual is None else usual.by["tables"], facts, stopwatch)
        beside.append(_held(book, "SHADOW", None, "STANDS" if effect == "STANDS" else "NEITHER", stands, its_shadow))
    return decided._replace(beside=tuple(beside))


def _in_shadow(book: Book, version: int, tables: Sequence[str], facts: Facts, stopwatch: Stopwatch) -> Said:
    """By the tables of what stands: only the rules differ."""
    found = book.compiled(version, tables)
    if found is None:
        return unusable(version, facts)
    its: DecidedBy = {"document": book.document, "version": version, "share": None, "tables": list(tables)}
    return tried_by(Turn(its, found), facts, stopwatch)


def _held(
    book: Book, role: ComparedRole, trial_ms: int | None, effect: ComparedEffect, stands: Said, tried: Said
) -> Beside:
    """Both sides, freight and arrival by the same tables."""
    equal = are_equal(stands, tried)
    tables = tried.tables or stands.tables
    return Beside(
        document=book.document,
        role=role,
        trial_ms=trial_ms,
        effect=effect,
        currency=tried.facts.order.currency,
        stands=side(stands, tables, trace=not equal),
        tried=side(tried, tables, trace=not equal),
        equal=equal,
    )
