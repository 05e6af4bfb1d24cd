"""What a decision was, and why: every warehouse that was looked at, every strategy that was passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from ..planning import PlannedPart
from .facts import Value

#: Why a warehouse that was looked at is no candidate, beside a filter's own name in capitals.
Refusal = str
NOT_SET_UP, DISABLED, FULL, NOTHING_TO_SELL = "NOT_SET_UP", "DISABLED", "FULL", "NOTHING_TO_SELL"
SPLIT_SEARCH_CAPPED = "SPLIT_SEARCH_CAPPED"

#: Stands for an unknown value among costs, and its negative for an unlimited one: worse, and better, than all others. It travels in traces,
#: and is an integer to programs whose numbers are doubles too (JavaScript: up to 2 ** 53).
UNKNOWN = 1 << 52


class Looked(NamedTuple):
    """One warehouse as one strategy saw it: refused with the figure and the limit, or a candidate with its costs and points."""

    warehouse: str
    #: Empty: a candidate.
    refused: Refusal
    actual: Value
    limit: Value
    #: Pieces of the order that it could send.
    covers: int
    #: One a criterion, the lower the better (what is better by more of it is negative); UNKNOWN or -UNKNOWN where there is no figure.
    costs: tuple[int, ...]
    #: The band of each cost, or its points (0 to 10,000); empty where costs decide themselves.
    parts: tuple[int, ...]
    #: Weighted: the sum of points by weight, in 1/10,000 of a point.
    score: int | None


class Margin(NamedTuple):
    """By what the first choice was better than the runner-up."""

    #: A criterion, or: covers, score, warehouse (by its code alone).
    by: str
    #: How much; None where one of the two has no figure.
    difference: int | None


class Attempt(NamedTuple):
    """What one strategy made of the order."""

    strategy: str
    result: Literal["all", "part", "none"]
    #: As the facts have them.
    looked: tuple[Looked, ...]
    #: Warehouses that send, the first choice first.
    chosen: tuple[str, ...]
    #: The best that does not send; empty: there is none.
    runner_up: str
    margin: Margin | None
    #: The search for the fewest warehouses ended at its cap, and most_first split the order.
    capped: bool


class PassedOver(NamedTuple):
    """A strategy whose conditions the order does not meet: the first that failed, and what it was judged by."""

    strategy: str
    condition: int
    actual: Value | tuple[Value, ...]


class Decision(NamedTuple):
    """Which warehouses send the order, or that it waits."""

    #: Each one's parts; none: it waits.
    parts: tuple[PlannedPart, ...]
    #: SKU -> pieces that the last attempt could not place.
    unplaced: Mapping[str, int]
    #: The strategies that the order met, as they were tried: the last one decided.
    attempts: tuple[Attempt, ...]
    passed_over: tuple[PassedOver, ...]
    #: Hash of the document, and the versions of the facts.
    rules: str
    versions: Mapping[str, int | str]
