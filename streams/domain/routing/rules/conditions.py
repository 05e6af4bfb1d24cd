"""Conditions: compiled to plain functions, and compared with one another.

A fact that is missing meets no condition, with or without ``not``: nothing is known of it either way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.documents.parts import NUMBER_MAX
from schemas.documents.rules.document import Condition

from .facts import LINE_FACTS, MAY_BE_MISSING, ORDER_FACTS, Facts, LineFacts, Value, known_name

Test = Callable[[Facts], bool]


class Compiled(NamedTuple):
    """A condition, and how it is asked."""

    field: str
    meets: Test
    #: What it was judged by, for the trace: the fact, or each line's.
    actual: Callable[[Facts], Value | tuple[Value, ...]]


class Meant(NamedTuple):
    """What a condition lets through of one fact: ``values``, or what lies from ``low`` to ``high``; or with ``negated`` all else."""

    field: str
    #: Of lines: any, all; empty: of the order.
    lines: str
    negated: bool
    values: frozenset[Value] | None
    low: int
    high: int


def meant(condition: Condition) -> Meant:
    """A condition whose operator fits its field."""
    field = condition.field
    lines = (condition.lines or "any") if field in LINE_FACTS else ""
    values: frozenset[Value] | None = None
    if condition.in_ is not None:
        values = frozenset([known_name(field, name) for name in condition.in_])
    elif condition.is_ is not None:
        values = frozenset([condition.is_])
    low = 0 if condition.at_least is None else condition.at_least
    high = NUMBER_MAX if condition.at_most is None else condition.at_most
    return Meant(field, lines, condition.not_, values, low, high)


def compiled(condition: Condition) -> Compiled:
    """Functions that ask a condition; nothing of it is looked at again."""
    it = meant(condition)
    if it.lines:
        line_fact = LINE_FACTS[it.field]
        of_line: Callable[[LineFacts], bool] = _allows(line_fact, it)
        meets = _any_line(of_line, it.negated) if it.lines == "any" else _all_lines(of_line, it.negated)
        if it.negated and it.field in MAY_BE_MISSING:
            meets = _none_of_lines(of_line, line_fact) if it.lines == "any" else _not_all_lines(of_line, line_fact)
        return Compiled(it.field, meets, lambda facts: tuple([line_fact(line) for line in facts.order.lines]))
    fact = ORDER_FACTS[it.field]
    return Compiled(it.field, _of_order(fact, it), fact)


def _allows(fact: Callable[[LineFacts], Value], it: Meant) -> Callable[[LineFacts], bool]:
    values, low, high = it.values, it.low, it.high
    if values is not None:
        return lambda line: fact(line) in values
    return lambda line: low <= fact(line) <= high  # type: ignore[operator]


def _any_line(allows: Callable[[LineFacts], bool], negated: bool) -> Test:
    def meets(facts: Facts) -> bool:
        for line in facts.order.lines:
            if allows(line):
                return not negated
        return negated

    return meets


def _all_lines(allows: Callable[[LineFacts], bool], negated: bool) -> Test:
    def meets(facts: Facts) -> bool:
        for line in facts.order.lines:
            if not allows(line):
                return negated
        return not negated

    return meets


def _none_of_lines(allows: Callable[[LineFacts], bool], fact: Callable[[LineFacts], Value]) -> Test:
    """Whether it is certain that no line is let through: a line of which nothing is known might be."""

    def meets(facts: Facts) -> bool:
        return all(not (allows(line) or fact(line) == "") for line in facts.order.lines)

    return meets


def _not_all_lines(allows: Callable[[LineFacts], bool], fact: Callable[[LineFacts], Value]) -> Test:
    """Whether it is certain that some line is not let through."""

    def meets(facts: Facts) -> bool:
        return any(not allows(line) and fact(line) != "" for line in facts.order.lines)

    return meets


def _of_order(fact: Callable[[Facts], Value], it: Meant) -> Test:
    values, low, high, negated = it.values, it.low, it.high, it.negated
    if values is not None:
        if negated:
            return lambda facts: fact(facts) not in values and fact(facts) not in ("", None)
        return lambda facts: fact(facts) in values

    def within(facts: Facts) -> bool:
        value = fact(facts)
        return value is not None and (low <= value <= high) is not negated  # type: ignore[operator]

    return within


def covers(wider: Sequence[Meant], narrower: Sequence[Meant]) -> bool:
    """Whether it is certain that whatever meets all of ``narrower`` meets all of ``wider``."""
    return all(any(_follows(one, other) for other in narrower) for one in wider)


def exclude(one: Meant, other: Meant) -> bool:
    """Whether it is certain that no order meets both."""
    if one.field != other.field or one.lines or other.lines:
        return False
    if one.negated == other.negated:
        return not one.negated and _apart(one, other)
    positive, negative = (other, one) if one.negated else (one, other)
    return _within(positive, negative)


def overlap(one: Sequence[Meant], other: Sequence[Meant]) -> bool:
    """Whether some order certainly meets both: they ask about the same facts of the order, each once, and share values of each."""
    fields = [it.field for it in one]
    if sorted(fields) != sorted(it.field for it in other) or len(dict.fromkeys(fields)) < len(fields):
        return False
    by_field = {it.field: it for it in other}
    pairs = [(it, by_field[it.field]) for it in one]
    return not any(a.lines or a.negated or b.negated or _apart(a, b) for a, b in pairs)


def _follows(wider: Meant, narrower: Meant) -> bool:
    if wider.field != narrower.field or wider.lines != narrower.lines:
        return False
    if wider.negated and narrower.negated:
        return _within(wider, narrower)
    if not wider.negated and not narrower.negated:
        return _within(narrower, wider)
    return wider.negated and not wider.lines and _apart(wider, narrower)


def _within(inner: Meant, outer: Meant) -> bool:
    if inner.values is not None and outer.values is not None:
        return inner.values <= outer.values
    return outer.low <= inner.low and inner.high <= outer.high


def _apart(one: Meant, other: Meant) -> bool:
    if one.values is not None and other.values is not None:
        return not one.values & other.values
    return one.high < other.low or other.high < one.low
