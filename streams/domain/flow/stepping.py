"""One event of one order: where it stood, what happened, where it stands now, and what is to be done."""

from __future__ import annotations

from typing import NamedTuple

from .compiling import AT_START, Rest, Table
from .effects import Asked, Cancelled, Denied, Effect, Held, Left, Voted, Waiting
from .facts import APPROVED, CANCELLED, REFUSED, RELEASED, TICK, Event, FlowFacts, key_of
from .state import FlowState, task_of
from .walk import Passed, Walk

_ANSWERS = (APPROVED, REFUSED, RELEASED)
#: Where a task is open that somebody knows of.
_OPEN = ("hold", "approve", "wait")
#: Why an answer changes nothing.
NOTHING_OPEN, ANOTHER_TASK, NOBODY, WRONG_ROLE, ASKED_IT, TWICE = (
    "NOTHING_OPEN",
    "ANOTHER_TASK",
    "NOBODY",
    "WRONG_ROLE",
    "ASKED_IT",
    "TWICE",
)


class OtherVersion(ValueError):
    """A state of one version was handed to another's table; ``versions.carried`` says whether it may go over."""


class Stepped(NamedTuple):
    """What came of an event."""

    state: FlowState
    effects: tuple[Effect, ...]
    #: Nodes that were passed, for a person who asks why.
    passed: tuple[Passed, ...]


def step(table: Table, state: FlowState, event: Event, facts: FlowFacts, now_ms: int) -> Stepped:
    """Decide one event.

    1. A deadline that has come goes first, whatever the event is: an answer after it finds nothing open.
    2. What ends the order ends its flow.
    3. A person's answer is held against the task that is open.
    4. Any other event goes where the table says; one that it does not name changes nothing.

    :param now_ms: when it is decided, by the log; of one order it never goes back.

    Raises:
        OtherVersion: the state follows another document.
    """
    if state.digest and state.digest != table.digest:
        raise OtherVersion(f"the order follows {state.digest[:12]}, not {table.digest[:12]}")
    effects: tuple[Effect, ...] = ()
    passed: tuple[Passed, ...] = ()
    # 1. The deadline.
    if state.due_ms is not None and now_ms >= state.due_ms:
        rest = table.rests[table.places[state.at]]
        if rest is not None:
            state, effects, passed = _go(table, state, rest.late, "late", None, "", facts, now_ms)
    if state.closed and event.kind in _ANSWERS:
        return Stepped(state, (*effects, Denied(event.by, NOTHING_OPEN)), passed)
    if state.closed or event.kind == TICK:
        return Stepped(state, effects, passed)
    # 2. The order's own end.
    if event.kind == CANCELLED:
        closed = FlowState(digest=table.digest, at=state.at, since_ms=now_ms, closed=True, arrivals=state.arrivals)
        left = _left(table, state, CANCELLED, event.by)
        kept = closed._replace(tags=state.tags, priority=state.priority, fields=state.fields)
        return Stepped(kept, (*effects, *left), passed)
    at = table.places[state.at] if state.at else AT_START
    key = key_of(event.kind, event.custom)
    # 3. A person's answer.
    if event.kind in _ANSWERS:
        why = _refused(table, state, at, key, event)
        if why:
            return Stepped(state, (*effects, Denied(event.by, why)), passed)
        rest = table.rests[at]
        if event.kind == APPROVED and rest is not None and len(state.votes) + 1 < rest.persons:
            voted = state._replace(votes=(*state.votes, event.by))
            return Stepped(voted, (*effects, Voted(task_of(state), event.by)), passed)
    # 4. On.
    target = table.follows.get((at, key))
    if target is None:
        return Stepped(state, effects, passed)
    begun = table.begins.get((at, key))
    how = "interrupted" if begun is not None else event.kind if event.kind in _ANSWERS else "then"
    state, more, nodes = _go(table, state, target, how, begun, event.by, facts, now_ms)
    return Stepped(state, (*effects, *more), (*passed, *nodes))


def _refused(table: Table, state: FlowState, at: int, key: str, event: Event) -> str:
    """Why an answer does not count; empty: it does."""
    rest = table.rests[at] if at != AT_START else None
    if rest is None or (at, key) not in table.follows:
        return NOTHING_OPEN
    if event.task and event.task != task_of(state):
        return ANOTHER_TASK
    if not event.by:
        return NOBODY
    if rest.kind != "approve":
        return ""
    if rest.role not in event.roles:
        return WRONG_ROLE
    if event.by == state.asked_by and not rest.asker_may:
        return ASKED_IT
    return TWICE if event.kind == APPROVED and event.by in state.votes else ""


def _left(table: Table, state: FlowState, how: str, by: str) -> tuple[Effect, ...]:
    rest = table.rests[table.places[state.at]] if state.at else None
    return (Left(task_of(state), how, by),) if rest is not None and rest.kind in _OPEN else ()


def _go(
    table: Table,
    state: FlowState,
    target: int,
    how: str,
    begun: Passed | None,
    by: str,
    facts: FlowFacts,
    now_ms: int,
) -> tuple[FlowState, tuple[Effect, ...], tuple[Passed, ...]]:
    """From where the order rests to where it rests next. It ends: no way of a linted flow leads in a circle without a rest or a limit."""
    walk = Walk(state, facts, by, now_ms)
    left = _left(table, state, how, by)
    if left:
        walk.effects.extend(left)
        walk.passed.append(Passed(state.at, how))
    if begun is not None:
        walk.passed.append(begun)
    while True:
        act = table.acts[target]
        if act is not None:
            target = act(walk)
            continue
        rest = table.rests[target]
        if rest is None:
            raise ValueError(f"{table.digest[:12]}: an edge leads to node {target}, where nothing happens")
        if rest.rounds is None or _comes(walk, rest):
            return (*_arrived(table, state, rest, walk), tuple(walk.passed))
        walk.passed.append(Passed(rest.name, "spent"))
        target = rest.spent


def _comes(walk: Walk, rest: Rest) -> bool:
    """Count one more arrival, where the limit allows it."""
    visits = dict(walk.visits)
    count = visits.get(rest.name, 0) + 1
    if count > (rest.rounds or 0):
        return False
    visits[rest.name] = count
    walk.visits = tuple(visits.items())
    return True


def _arrived(table: Table, state: FlowState, rest: Rest, walk: Walk) -> tuple[FlowState, tuple[Effect, ...]]:
    due_ms = None if rest.ms is None else walk.now_ms + rest.ms
    found = FlowState(
        table.digest,
        rest.name,
        walk.now_ms,
        due_ms,
        closed=rest.kind == "cancel",
        arrivals=state.arrivals + 1,
        asked_by=walk.by if rest.kind == "approve" else "",
        visits=walk.visits,
        tags=walk.tags,
        priority=walk.priority,
        fields=walk.fields,
    )
    if rest.kind == "hold":
        walk.effects.append(Held(task_of(found), rest.reason, due_ms))
    elif rest.kind == "approve":
        not_by = "" if rest.asker_may else found.asked_by
        walk.effects.append(Asked(task_of(found), rest.role, rest.persons, not_by, due_ms))
    elif rest.kind == "wait":
        walk.effects.append(Waiting(task_of(found), due_ms))
    elif rest.kind == "cancel":
        walk.effects.append(Cancelled(rest.reason))
    return found, tuple(walk.effects)
