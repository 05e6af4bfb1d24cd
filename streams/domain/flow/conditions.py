"""Conditions of a flow: those about the order are the rules' own, those about tags, risk and own fields are asked of the step under way.

A fact that is missing meets no condition, with or without ``not``. Of tags and risk signals all are known: an order without any has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from schemas.documents.flows.catalogue import FIELD_PREFIX
from schemas.documents.rules.document import Condition
from streams.domain.routing.rules import conditions as of_rules
from streams.domain.routing.rules.facts import Value

from .walk import Walk

#: Facts of which an order has several names, or none.
SEVERAL = ("tag", "risk_signal")


class Test(NamedTuple):
    """One condition, and what it is judged by."""

    meets: Callable[[Walk], bool]
    actual: Callable[[Walk], Value | tuple[Value, ...]]


def is_own(field: str) -> bool:
    """Whether a condition asks the flow itself, not the order."""
    return field in SEVERAL or field in ("flow_priority", "risk_bp") or field.startswith(FIELD_PREFIX)


def compiled(condition: Condition) -> Test:
    """Functions that ask a condition; nothing of it is looked at again."""
    field = condition.field
    if not is_own(field):
        it = of_rules.compiled(condition)
        meets, actual = it.meets, it.actual
        return Test(lambda walk: meets(walk.facts.order), lambda walk: actual(walk.facts.order))
    if field in SEVERAL:
        return _several(condition)
    return _one(condition)


def _several(condition: Condition) -> Test:
    wanted, negated = frozenset(condition.in_ or ()), condition.not_
    if condition.field == "tag":
        return Test(lambda walk: wanted.isdisjoint(walk.tags) is negated, lambda walk: walk.tags)
    return Test(
        lambda walk: wanted.isdisjoint(walk.facts.risk_signals) is negated, lambda walk: walk.facts.risk_signals
    )


def _one(condition: Condition) -> Test:
    it = of_rules.meant(condition)
    fact = _fact(condition.field)
    values, low, high, negated = it.values, it.low, it.high, it.negated
    if values is not None:
        named: frozenset[Value] = values

        def is_named(walk: Walk) -> bool:
            value = fact(walk)
            return value is not None and value != "" and (value in named) is not negated

        return Test(is_named, fact)

    def within(walk: Walk) -> bool:
        value = fact(walk)
        return isinstance(value, int) and (low <= value <= high) is not negated

    return Test(within, fact)


def _fact(field: str) -> Callable[[Walk], Value]:
    if field == "flow_priority":
        return lambda walk: walk.priority
    if field == "risk_bp":
        return lambda walk: walk.facts.risk_bp
    name = field.removeprefix(FIELD_PREFIX)
    return lambda walk: walk.field(name)
