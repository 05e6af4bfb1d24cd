"""Guardrails of a version that is tried: what it did is counted, and where a figure is over its limit, the answer is to roll it back.

A pure fold: counts in, one outcome, counts out. A figure says nothing before its minimum sample, and trips at once after it: waiting for
significance would cost orders. Orders of both versions share stock, so a figure protects the shop; it proves nothing about which is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

BASIS_POINTS = 10_000
#: Upper limits of times, in microseconds: each twice the one before, the last some 9 minutes.
_TIMES = 30

Result = Literal["allocated", "backordered", "undecided", "error"]
Figure = Literal["errors", "undecided", "backordered", "over_capacity", "below_safety", "decision_us"]


class Outcome(NamedTuple):
    """One decision. ``over_capacity``, ``below_safety``: it planned more than a warehouse may have open, or touched what is kept back."""

    result: Result
    micros: int
    over_capacity: bool = False
    below_safety: bool = False


class Counts(NamedTuple):
    """What a version has done since its trial began."""

    decisions: int = 0
    errors: int = 0
    undecided: int = 0
    backordered: int = 0
    over_capacity: int = 0
    below_safety: int = 0
    #: Decisions that took up to 1, 2, 4, ... microseconds and no less: a place each.
    times: tuple[int, ...] = (0,) * _TIMES


class Guard(NamedTuple):
    """A figure's limit, which it may reach and not pass.

    errors, undecided: of 10,000 decisions. backordered: the same, above what the live version has. over_capacity, below_safety: how many.
    decision_us: what 99 of 100 decisions stay below, in microseconds, as a power of 2.
    """

    figure: Figure
    #: Decisions of the version (for backordered, of both) before which nothing is said.
    sample_min: int
    limit: int


class Breach(NamedTuple):
    """A figure over its limit: roll back."""

    figure: Figure
    is_: int
    limit: int
    sample: int


#: What holds where a merchant has set nothing. A breach of stock or capacity is one too many.
GUARDS: tuple[Guard, ...] = (
    Guard("errors", 100, 100),
    Guard("undecided", 100, 100),
    Guard("backordered", 500, 300),
    Guard("over_capacity", 1, 0),
    Guard("below_safety", 1, 0),
    Guard("decision_us", 1_000, 4_096),
)


def counted(counts: Counts, outcome: Outcome) -> Counts:
    """With one decision more."""
    at = min(max(outcome.micros - 1, 0).bit_length(), _TIMES - 1)
    times = (*counts.times[:at], counts.times[at] + 1, *counts.times[at + 1 :])
    return Counts(
        counts.decisions + 1,
        counts.errors + (outcome.result == "error"),
        counts.undecided + (outcome.result == "undecided"),
        counts.backordered + (outcome.result == "backordered"),
        counts.over_capacity + outcome.over_capacity,
        counts.below_safety + outcome.below_safety,
        times,
    )


def breaches(guards: Sequence[Guard], trial: Counts, live: Counts) -> tuple[Breach, ...]:
    """The guards that say roll back, in their order; none: it may go on."""
    found: list[Breach] = []
    for guard in guards:
        sample = min(trial.decisions, live.decisions) if guard.figure == "backordered" else trial.decisions
        if sample < max(guard.sample_min, 1):
            continue
        is_ = figure(guard.figure, trial, live)
        if is_ > guard.limit:
            found.append(Breach(guard.figure, is_, guard.limit, trial.decisions))
    return tuple(found)


def figure(name: Figure, trial: Counts, live: Counts) -> int:
    """What a guard looks at, rounded down. ``trial`` has at least one decision, and for backordered ``live`` too."""
    match name:
        case "errors":
            return trial.errors * BASIS_POINTS // trial.decisions
        case "undecided":
            return trial.undecided * BASIS_POINTS // trial.decisions
        case "backordered":
            ours, theirs = trial.backordered * live.decisions, live.backordered * trial.decisions
            return (ours - theirs) * BASIS_POINTS // (trial.decisions * live.decisions)
        case "over_capacity":
            return trial.over_capacity
        case "below_safety":
            return trial.below_safety
        case "decision_us":
            return _p99(trial.times)


def _p99(times: Sequence[int]) -> int:
    """The least power of 2 that 99 of 100 stay at or below."""
    all_, below = sum(times), 0
    for at, count in enumerate(times):
        below += count
        if below * 100 >= all_ * 99:
            return int(1 << at)
    return int(1 << (len(times) - 1))


def in_words(breach: Breach) -> str:
    """For the audit: the figure, its limit, and how many decisions it is of."""
    match breach.figure:
        case "errors" | "undecided":
            figures = f"{breach.is_:,} of 10,000, and {breach.limit:,} is the limit"
        case "backordered":
            figures = f"{breach.is_:,} of 10,000 more than the live version, and {breach.limit:,} is the limit"
        case "over_capacity" | "below_safety":
            figures = f"{breach.is_:,}, and {breach.limit:,} is the limit"
        case "decision_us":
            figures = f"99 of 100 within {breach.is_:,} us, and {breach.limit:,} is the limit"
    return f"{breach.figure}: {figures}, after {breach.sample:,} decisions"
