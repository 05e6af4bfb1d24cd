"""One order's way, step by step: who may answer, what a deadline does, and which version an order follows."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.documents.flows.builtin import default, read
from schemas.documents.hashing import digest
from streams.domain.flow.compiling import compiled
from streams.domain.flow.effects import Asked, Denied, Held, Left, Routed, Voted
from streams.domain.flow.facts import Event, FlowFacts
from streams.domain.flow.state import START, FlowState, kept
from streams.domain.flow.stepping import OtherVersion, Stepped, step
from streams.domain.flow.versions import carried, in_flight
from streams.domain.flow.walk import Passed
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts

NOW, HOUR = 1_764_500_000_000, 3_600_000

TEXT = """
version = 1
name = "two persons above 5,000 yuan"
[[nodes]]
name = "begin"
do = "on"
event = "accepted"
then = "large"
[[nodes]]
name = "large"
do = "if"
when = [{ field = "channel", in = ["jd"] }, { field = "total_minor", at_least = 500_000 }]
then = "ask"
otherwise = "send"
[[nodes]]
name = "ask"
do = "approve"
role = "lead"
persons = 2
minutes = 60
approved = "send"
refused = "gone"
late = "look"
[[nodes]]
name = "look"
do = "hold"
reason = "nobody_answered"
minutes = 600
released = "send"
late = "gone"
[[nodes]]
name = "changed"
do = "on"
event = "changed"
at = ["ask", "look"]
then = "large"
[[nodes]]
name = "send"
do = "route"
rules = "built-in"
then = "done"
[[nodes]]
name = "done"
do = "end"
[[nodes]]
name = "gone"
do = "cancel"
reason = "refused"
"""
TABLE = compiled(read(TEXT))


def facts(total: int | None = 900_000, channel: str = "jd") -> FlowFacts:
    return FlowFacts(Facts(OrderFacts((LineFacts("1", "A", 1),), channel=channel, total_minor=total), ()))


def after(state: FlowState, kind: str, at: int = NOW, total: int | None = 900_000, **event: Any) -> Stepped:
    return step(TABLE, state, Event(kind, **event), facts(total), at)


def yes(state: FlowState, by: str, at: int = NOW, task: str = "") -> Stepped:
    return after(state, "approved", at, by=by, roles=("lead",), task=task)


ASKED = after(START, "accepted", by="cy").state


def test_an_order_below_the_limit_goes_at_once_and_says_why() -> None:
    found = after(START, "accepted", total=499_999)
    assert found.effects == (Routed("built-in"),) and found.state.at == "done"
    assert found.passed == (
        Passed("begin", "then"),
        Passed("large", "otherwise", 1, 499_999),
        Passed("send", "then"),
    )
    assert after(START, "accepted", total=None).state.at == "done", "an amount that is not known is not large"


def test_an_order_above_it_is_asked_about() -> None:
    found = after(START, "accepted", by="cy")
    assert found.effects == (Asked("ask#1", "lead", 2, "cy", NOW + HOUR),)
    assert found.state.due_ms == NOW + HOUR


def test_two_persons_say_yes() -> None:
    first = yes(ASKED, "ann")
    assert first.effects == (Voted("ask#1", "ann"),) and first.state.at == "ask"
    second = yes(first.state, "bo")
    assert second.effects == (Left("ask#1", "approved", "bo"), Routed("built-in")) and second.state.votes == ()


def test_one_no_decides_whoever_clicks_after_it() -> None:
    first = after(yes(ASKED, "ann").state, "refused", by="bo", roles=("lead",))
    assert first.state.closed and first.state.at == "gone"
    late = yes(first.state, "cy")
    assert late.effects == (Denied("cy", "NOTHING_OPEN"),) and late.state == first.state


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"by": "ann", "roles": ("desk",)}, "WRONG_ROLE"),
        ({"by": "cy", "roles": ("lead",)}, "ASKED_IT"),
        ({"by": "", "roles": ("lead",)}, "NOBODY"),
        ({"by": "ann", "roles": ("lead",), "task": "ask#7"}, "ANOTHER_TASK"),
    ],
)
def test_an_answer_that_does_not_count_changes_nothing(event: dict[str, Any], why: str) -> None:
    found = after(ASKED, "approved", **event)
    assert found == Stepped(ASKED, (Denied(event["by"], why),), ())


def test_one_person_is_not_two() -> None:
    once = yes(ASKED, "ann").state
    assert yes(once, "ann") == Stepped(once, (Denied("ann", "TWICE"),), ())


def test_a_hold_is_not_approved_and_an_approval_not_released() -> None:
    held = after(ASKED, "tick", NOW + HOUR).state
    assert yes(held, "ann", NOW + HOUR).effects == (Denied("ann", "NOTHING_OPEN"),)
    assert after(ASKED, "released", by="ann").effects == (Denied("ann", "NOTHING_OPEN"),)


def test_an_answer_after_the_deadline_finds_the_deadline_was_first() -> None:
    before = yes(ASKED, "ann", NOW + HOUR - 1)
    assert before.effects == (Voted("ask#1", "ann"),)
    found = yes(ASKED, "ann", NOW + HOUR)
    assert found.effects == (
        Left("ask#1", "late", ""),
        Held("look#2", "nobody_answered", NOW + HOUR + 10 * HOUR),
        Denied("ann", "NOTHING_OPEN"),
    )


def test_an_answer_to_the_first_question_is_none_to_the_second() -> None:
    again = after(ASKED, "changed", NOW + 5)
    assert again.effects == (
        Left("ask#1", "interrupted", ""),
        Asked("ask#2", "lead", 2, "", NOW + 5 + HOUR),
    )
    assert [each.node for each in again.passed] == ["ask", "changed", "large"]
    assert yes(again.state, "ann", NOW + 6, task="ask#1").effects == (Denied("ann", "ANOTHER_TASK"),)


def test_the_orders_own_end_closes_what_is_open() -> None:
    found = after(ASKED, "cancelled")
    assert found.effects == (Left("ask#1", "cancelled", ""),) and found.state.closed and found.state.due_ms is None


def test_what_an_order_does_not_wait_for_changes_nothing() -> None:
    assert after(ASKED, "shipped") == Stepped(ASKED, (), ())


def test_a_state_is_small() -> None:
    assert kept(START) == {}
    assert kept(after(START, "accepted", total=1).state).keys() == {"digest", "at", "since_ms", "arrivals"}


def test_the_built_in_flow_routes_at_once() -> None:
    table = compiled(default())
    found = step(table, START, Event("accepted"), facts(), NOW)
    assert found.effects == (Routed("built-in"),) and found.state.due_ms is None
    assert step(table, found.state, Event("shipped"), facts(), NOW).effects == ()


def test_a_state_is_not_stepped_by_another_version() -> None:
    with pytest.raises(OtherVersion):
        step(compiled(default()), ASKED, Event("tick"), facts(), NOW)


def version(*changes: tuple[str, str]) -> str:
    text = TEXT
    for before, now in changes:
        assert before in text
        text = text.replace(before, now)
    return text


@pytest.mark.parametrize(
    ("changes", "now"),
    [
        ((("minutes = 60\n", "minutes = 90\n"),), "ask"),
        ((('"ask"', '"question"'),), ""),
        ((('"ask"', '"question"'), ('name = "begin"', 'name = "start"')), ""),
        ((("persons = 2", "persons = 1"),), ""),
        ((('role = "lead"', 'role = "boss"'),), ""),
    ],
)
def test_an_order_in_flight_goes_over_or_ends_on_its_own_version(changes: Any, now: str) -> None:
    old, new = read(TEXT), read(version(*changes))
    voted = yes(ASKED, "ann").state
    found = carried(old, new, digest(new), voted)
    assert ("" if found is None else found.at) == now
    assert {each.node: each.now for each in in_flight(old, new)}["ask"] == now
    if found is None:
        assert yes(voted, "bo").state.at == "done", "on the old one it goes on as it was"
    else:
        assert found._replace(digest=voted.digest) == voted
        assert step(compiled(new), found, Event("approved", by="bo", roles=("lead",)), facts(), NOW).state.at == "done"


def test_a_move_takes_orders_to_the_node_that_it_names() -> None:
    text = version(('"ask"', '"question"')) + '[[moved]]\nwas = "ask"\nnow = "question"\n'
    found = carried(read(TEXT), read(text), "d", ASKED)
    assert found is not None and (found.at, found.due_ms, found.digest) == ("question", ASKED.due_ms, "d")
