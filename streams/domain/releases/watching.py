"""A trial watched by what is told of it on ``decisions.compared``: each order of its, as it decided it, and as what stands would have.

Both sides are of the same orders, so that what they differ in is the rules', and nothing of whose orders they are. A pure fold: the same
records in any order of their partitions lead to the same counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from schemas.records import ComparedSide, DecisionCompared

from .guardrails import GUARDS, Breach, Counts, Guard, Outcome, Result, breaches, counted, in_words
from .sharing import Share

_RESULTS: dict[str, Result] = {
    "ALLOCATED": "allocated",
    "BACKORDERED": "backordered",
    "UNDECIDED": "undecided",
    "FAILED": "error",
}


class Trial(NamedTuple):
    """What a trial is known by: no two of a document begin at the same moment."""

    document: str
    version: int
    since_ms: int


class Course(NamedTuple):
    """What its version has done since it began, and what stands would have done with the same orders."""

    tried: Counts = Counts()
    stands: Counts = Counts()


def trial_of(document: str, share: Share) -> Trial:
    """Of a share that is released."""
    return Trial(document, share.version, share.since_ms)


def trial_in(compared: DecisionCompared) -> Trial | None:
    """The trial whose order it is; None: it tells of a shadow, which has no effect to be taken back."""
    version, since_ms = compared["tried"]["version"], compared["trial_ms"]
    return None if version is None or since_ms is None else Trial(compared["document"], version, since_ms)


def went_on(course: Course, compared: DecisionCompared) -> Course:
    """With one order more."""
    return Course(
        counted(course.tried, _outcome(compared["tried"])), counted(course.stands, _outcome(compared["stands"]))
    )


def guards_of(share: Share) -> tuple[Guard, ...]:
    """The usual ones, and in the place of those that the release names its own."""
    own = {each.figure: each for each in share.guards}
    return tuple(own.get(guard.figure, guard) for guard in GUARDS)


def judged(course: Course, share: Share) -> tuple[Breach, ...]:
    """The figures over their limits; none: it may go on."""
    return breaches(guards_of(share), course.tried, course.stands)


def because(found: Sequence[Breach]) -> str:
    """For the release and the audit: each figure, its limit, and how many decisions it is of."""
    return "; ".join(map(in_words, found))


def _outcome(side: ComparedSide) -> Outcome:
    return Outcome(_RESULTS[side["outcome"]], side["micros"] or 0, side["over_capacity"] > 0, side["below_safety"] > 0)
