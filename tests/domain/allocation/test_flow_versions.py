"""Orders under several versions of a flow: shares, newer versions, roll-backs with orders in flight; and whatever happens in any order."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.domain.allocation import decide as allocation
from streams.domain.allocation.by_rules import merge_group
from streams.domain.allocation.decide import time_ms
from streams.domain.allocation.flow_state import held_by_flow
from streams.domain.releases.sharing import assigned
from tests.domain.allocation.flows import APPROVAL, DEFAULT, MINUTE_MS, Flowing, flows
from tests.domain.make import AT_MS, line, operator, view

LARGE: Any = {"total_minor": 5_000}
#: The same question, and another way on from it.
ANOTHER_WAY = APPROVAL.replace('reason = "refused"', 'reason = "no_lead"')
#: Another role is asked: who has said yes to the first said it under other conditions.
OTHERS = APPROVAL.replace('role = "lead"', 'role = "boss"')
RENAMED = (
    APPROVAL.replace('"lead", do', '"chief", do')
    .replace('then = "lead"', 'then = "chief"')
    .replace('["lead", "service"]', '["chief", "service"]')
    + 'moved = [{ was = "lead", now = "chief" }]\n'
)


def test_an_order_in_flight_goes_over_where_the_new_version_asks_the_same() -> None:
    saga = Flowing(flows(APPROVAL))
    saga.order(**LARGE)
    saga.changes(flows(APPROVAL, ANOTHER_WAY, live=2)).says("REFUSE", "wang", "lead", task="lead#1")
    assert saga.state["flow"]["version"] == 2
    assert saga.statuses == [("CANCELLED", "cancelled by its flow: no_lead")]


def test_it_goes_over_to_what_a_node_is_called_now_with_its_deadline() -> None:
    saga = Flowing(flows(APPROVAL))
    saga.order(**LARGE)
    saga.changes(flows(APPROVAL, RENAMED, live=2))
    assert saga.at(59).silent()
    assert saga.asked_of() == [("lead#1", "WITHDRAWN"), ("chief#1", "OPEN")]
    saga.at(60)
    assert saga.asked_of()[0] == ("chief#1", "LATE")
    assert (saga.state["flow"]["version"], saga.stands) == (2, ("HELD", "flow:overdue"))


def test_where_others_are_asked_it_ends_on_its_own_version_and_the_next_begins_on_the_new_one() -> None:
    released = flows(APPROVAL, OTHERS, live=2, previous=1)
    old = Flowing(flows(APPROVAL))
    old.order(**LARGE)
    old.changes(released)
    assert old.says("APPROVE", "wang", "boss").statuses == [("HELD", "it is asked of another role")]
    assert old.says("APPROVE", "wang", "lead").stands[0] == "RESERVING"
    assert old.state["flow"]["version"] == 1
    new = Flowing(released)
    new.order(**LARGE)
    assert new.says("APPROVE", "wang", "lead").statuses == [("HELD", "it is asked of another role")]
    assert new.says("APPROVE", "wang", "boss").stands[0] == "RESERVING"


def test_a_version_whose_text_is_another_one_is_none_that_the_order_follows() -> None:
    saga = Flowing(flows(APPROVAL))
    saga.order(**LARGE)
    saga.changes(flows(OTHERS))
    assert saga.says("APPROVE", "wang", "lead").statuses[0][1].startswith("the version of its flow cannot be read")


def test_a_share_is_of_buyers_and_rolled_back_its_orders_end_as_they_began() -> None:
    trial = flows(DEFAULT, APPROVAL, live=1, share=(2, 2_000))
    sagas = []
    for number in range(60):
        saga = Flowing(trial)
        saga.order(order_id=f"taobao:{number}", address=f"路 {number}", **LARGE)
        its = assigned(trial.release, merge_group(saga.state)).version
        assert saga.stands[0] == ("HELD" if its == 2 else "RESERVING")
        sagas.append((its, saga))
    mine = [saga for its, saga in sagas if its == 2]
    assert 4 <= len(mine) <= 24
    back = flows(DEFAULT, APPROVAL, live=1, withdrawn=(2,))
    first, second, *_ = mine
    # The default flow has no such question: what was asked is answered, or its time passes.
    assert first.changes(back).says("APPROVE", "wang", "lead").stands[0] == "RESERVING"
    assert second.changes(back).at(60).stands == ("HELD", "flow:overdue")
    new = Flowing(back)
    new.order(order_id=first.state["order_id"], address="路 0", **LARGE)
    assert new.stands[0] == "RESERVING"


def test_an_order_whose_version_cannot_be_read_waits_and_a_person_lets_it_go_or_ends_it() -> None:
    for action, phase in (("RELEASE_HOLD", "RESERVING"), ("CANCEL", "CANCELLED")):
        saga = Flowing(flows(APPROVAL))
        saga.order(**LARGE)
        saga.view = view({"MUG": []})._replace(flows=None) if action == "CANCEL" else saga.view._replace(flows=None)
        answer = saga.says("APPROVE", "wang", "lead").statuses
        assert answer == [("HELD", "the version of its flow cannot be read: release or cancel the order")]
        assert saga.at(60).stands == ("HELD", "flow:approval")
        assert saga.says(action).stands[0] == phase


BOOKS = [flows(APPROVAL, ANOTHER_WAY, OTHERS, live=number) for number in (1, 2, 3)]


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_happens_a_held_order_has_nothing_at_a_warehouse_and_what_is_asked_is_answered_once(
    random: Random,
) -> None:
    saga = Flowing(BOOKS[0])
    tasks: dict[str, list[Any]] = {}
    version, minutes = 0, 0
    for _ in range(random.randint(3, 14)):
        saga.tasks = []
        match random.randrange(8):
            case 0 | 1:
                version += 1
                status = random.choice(["PAID", "PAID", "PAID", "UNPAID", "CANCELLED"])
                total = random.choice([500, 5_000])
                saga.order(line("MUG", random.randint(1, 3)), version=version, status=status, total_minor=total)
            case 2:
                saga.says("APPROVE", random.choice(["li", "wang"]), random.choice(["lead", "boss", "service"]))
            case 3:
                saga.says("REFUSE", "wang", random.choice(["lead", "boss"]))
            case 4:
                saga.says(random.choice(["RELEASE_HOLD", "HOLD", "CLAIM", "RELEASE_HOLD"]), "li")
            case 5:
                minutes += random.choice([1, 30, 60, 1_440])
                saga.at(minutes)
            case 6:
                saga.changes(random.choice(BOOKS))
            case 7 if saga.state is not None:
                if random.random() < 0.3:
                    saga.reject()
                else:
                    saga.grant()
        state = saga.state
        if state is None:
            continue
        for task in saga.tasks:
            tasks.setdefault(task["task_id"], []).append(task)
        if held_by_flow(state):
            assert state["phase"] in ("HELD", "UNPAID", "CANCELLED", "SHIPPED"), state["phase"]
            assert not any(part["state"] in ("ASKED", "GRANTED") for part in state["parts"])
        due_ms = time_ms(state)
        assert due_ms is None or due_ms > AT_MS + minutes * MINUTE_MS
        open_ = [name for name, told in tasks.items() if told[-1]["state"] == "OPEN"]
        flow = state["flow"]
        asks = flow is not None and not flow["closed"] and flow["at"] in ("lead", "service")
        assert len(open_) == int(asks), (open_, flow)
        for told in tasks.values():
            states = [each["state"] for each in told]
            assert states[0] in ("OPEN", "TOLD") and all(each == "OPEN" for each in states[:-1]), states
        # Told again, it changes nothing.
        if state["decisions"]:
            again = {**operator("APPROVE", state["decisions"][-1], state["order_id"]), "by": "wang", "roles": ["lead"]}
            told_again = allocation.decide(state, "OperatorDecision", again, saga.view, saga.at_ms)
            assert (told_again.state, told_again.tasks, told_again.statuses) == (state, (), ())
