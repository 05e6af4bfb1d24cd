"""The compiled table does what the document says, whatever the document, the order and the events."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents.flows.builtin import read
from schemas.documents.flows.reading import draft
from streams.domain.flow.compiling import Table, compiled
from streams.domain.flow.facts import Event, FlowFacts
from streams.domain.flow.lint import lint
from streams.domain.flow.state import START, FlowState, kept, restored
from streams.domain.flow.stepping import Stepped, step
from streams.domain.flow.versions import carried, in_flight
from streams.domain.routing.rules.facts import Facts, OrderFacts

from . import made, reference

Seeds = st.integers(0, 2**32)
STEPS = 25


def plain(state: FlowState) -> dict[str, Any]:
    return {
        "at": state.at, "since": state.since_ms, "due": state.due_ms, "closed": state.closed, "arrivals": state.arrivals,
        "asked_by": state.asked_by, "votes": list(state.votes), "visits": dict(state.visits),
        "tags": list(state.tags), "priority": state.priority, "fields": dict(state.fields),
    }  # fmt: skip


def walked(seed: int) -> tuple[dict[str, Any], Table, list[tuple[FlowState, Event, FlowFacts, int, Stepped]]]:
    """A flow by chance, and an order's way through it: each step with what it was given."""
    random = Random(seed)
    doc = made.document(random)
    table = compiled(read(json.dumps(doc)))
    state, now, steps = START, made.NOW_MS, []
    for number in range(STEPS):
        event = Event("accepted") if number == 0 else made.event(random, state)
        facts = made.facts(random)
        found = step(table, state, event, facts, now)
        steps.append((state, event, facts, now, found))
        state, now = found.state, now + random.choice((0, 1, 3, 8)) * made.MINUTE_MS
    return doc, table, steps


@given(Seeds)
@settings(max_examples=300, deadline=None)
def test_each_step_is_what_the_document_says(seed: int) -> None:
    doc, _, steps = walked(seed)
    assert lint(draft(json.dumps(doc))) == []
    state: dict[str, Any] = reference.EMPTY
    for before, event, facts, now, found in steps:
        assert plain(before) == state
        state, done = reference.play(doc, state, event, facts, now)
        assert plain(found.state) == state
        assert [(type(each).__name__, *each) for each in found.effects] == done


@given(Seeds)
@settings(max_examples=100, deadline=None)
def test_an_order_always_stands_somewhere_and_what_is_due_leads_on(seed: int) -> None:
    _, table, steps = walked(seed)
    for _, _, facts, now, found in steps:
        state = found.state
        rest = table.rests[table.places[state.at]]
        assert rest is not None and (state.due_ms is None) == (rest.kind in ("end", "cancel") or state.closed)
        assert state.due_ms is None or state.due_ms > now
        # Left alone, it comes to an end by its deadlines: no more of them than all limits and nodes allow.
        for _ in range(len(table.places) * 4):
            if state.due_ms is None:
                break
            moved = step(table, state, Event("tick"), facts, state.due_ms)
            assert moved.effects[0][:2] == (f"{state.at}#{state.arrivals}", "late")
            state = moved.state
        assert state.due_ms is None


@given(Seeds)
@settings(max_examples=100, deadline=None)
def test_a_state_is_kept_and_restored_by_either_format(seed: int) -> None:
    _, _, steps = walked(seed)
    for *_, found in steps:
        values = kept(found.state)
        assert restored(msgspec.msgpack.decode(msgspec.msgpack.encode(values))) == found.state
        assert restored(json.loads(json.dumps(values))) == found.state


@given(Seeds)
@settings(max_examples=100, deadline=None)
def test_a_tick_before_an_event_changes_nothing_of_what_comes_of_it(seed: int) -> None:
    """Whether a deadline is told by a tick or by the next event, the order stands the same."""
    _, table, steps = walked(seed)
    for state, event, facts, now, found in steps:
        ticked = step(table, state, Event("tick"), facts, now)
        after = step(table, ticked.state, event, facts, now)
        assert (after.state, (*ticked.effects, *after.effects)) == (found.state, found.effects)


@given(Seeds)
@settings(max_examples=100, deadline=None)
def test_what_is_open_is_left_once(seed: int) -> None:
    _, _, steps = walked(seed)
    opened: list[str] = []
    for *_, found in steps:
        for effect in found.effects:
            name = type(effect).__name__
            if name in ("Held", "Asked", "Waiting"):
                assert not opened, f"SEED={seed}: two are open"
                opened.append(effect[0])
            elif name == "Left":
                assert opened.pop() == effect[0]


@given(Seeds, Seeds)
@settings(max_examples=100, deadline=None)
def test_an_order_in_flight_goes_over_to_where_it_can_go_on_or_stays(seed: int, other: int) -> None:
    """Between two flows by chance, which share names of nodes and mean other things by them."""
    doc, _, steps = walked(seed)
    later = made.document(Random(other))
    old, new = read(json.dumps(doc)), read(json.dumps(later))
    table, ways = compiled(new), {each.node: each for each in in_flight(old, new)}
    for *_, found in steps:
        state = found.state
        over = carried(old, new, table.digest, state)
        assert (over is None) == (state.closed or not ways[state.at].now)
        assert bool(ways[state.at].why) == (not ways[state.at].now)
        if over is None:
            continue
        assert (over.at, over.due_ms, over.votes, over.tags) == (state.at, state.due_ms, state.votes, state.tags)
        assert reference.kind_of(doc, state.at) == reference.kind_of(later, over.at)
        # What is due leads on in the new version too.
        if over.due_ms is not None:
            moved = step(table, over, Event("tick"), FlowFacts(Facts(OrderFacts(()), ())), over.due_ms)
            assert moved.effects[0][:2] == (f"{over.at}#{over.arrivals}", "late")


EDGES = ("then", "otherwise", "released", "approved", "refused", "late", "spent")


@given(Seeds)
@settings(max_examples=150, deadline=None)
def test_a_flow_with_an_edge_bent_anywhere_ends_or_is_refused(seed: int) -> None:
    """Whatever lint lets through, an order comes through by its deadlines alone, and each step ends."""
    random = Random(seed)
    doc = made.document(random)
    node = random.choice([each for each in doc["nodes"] if any(edge in each for edge in EDGES)])
    edge = random.choice([edge for edge in EDGES if edge in node])
    node[edge] = random.choice([each["name"] for each in doc["nodes"]])
    text = json.dumps(doc)
    if lint(draft(text)):
        return
    table, state, now, steps = compiled(read(text)), START, made.NOW_MS, 0
    event = Event("accepted")
    while True:
        state = step(table, state, event, made.facts(random), now).state
        if state.due_ms is None:
            break
        event, now, steps = Event("tick"), state.due_ms, steps + 1
        assert steps <= 3 * len(doc["nodes"]) ** 2, f"SEED={seed}: it goes round"
