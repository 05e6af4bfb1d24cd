"""An order under a released flow: held before a warehouse hears of it, asked about, let go or ended, by persons and by the clock."""

from __future__ import annotations

from typing import Any

import pytest

from streams.domain.allocation.decide import its_time_has_come, time_ms
from tests.domain.allocation.flows import APPROVAL, DEFAULT, MINUTE_MS, Flowing, flows
from tests.domain.allocation.saga import NOTHING
from tests.domain.make import AT_MS, aftersale, line

LARGE: Any = {"total_minor": 5_000}


def asked() -> Flowing:
    saga = Flowing(flows(APPROVAL))
    saga.order(**LARGE)
    return saga


def test_no_warehouse_hears_of_an_order_before_it_is_approved() -> None:
    saga = asked()
    assert (saga.stands, saga.commands, saga.decided()) == (("HELD", "flow:approval"), [], [])
    (task,) = saga.tasks
    assert (task["task_id"], task["kind"], task["state"], task["role"]) == (
        "taobao:1/lead#1",
        "APPROVE",
        "OPEN",
        "lead",
    )
    assert (task["due_at_ms"], task["version"]) == (AT_MS + 60 * MINUTE_MS, 1)
    saga.says("APPROVE", "wang", "lead", task="lead#1", because="known buyer")
    assert [name for name, *_ in saga.sent()] == ["Reserve"]
    assert saga.asked_of() == [("lead#1", "APPROVED")]
    assert (saga.tasks[0]["answered_by"], saga.tasks[0]["because"], saga.tasks[0]["votes"]) == (
        "wang",
        "known buyer",
        ["wang"],
    )
    assert saga.grant().stands == ("ALLOCATED", "")
    assert (saga.state["flow"]["tags"], saga.state["flow"]["priority"]) == (["large"], 1)


def test_the_others_go_at_once() -> None:
    saga = Flowing(flows(APPROVAL))
    saga.order()
    assert (saga.stands[0], saga.tasks) == ("RESERVING", [])


@pytest.mark.parametrize(
    ("action", "by", "roles", "task", "why"),
    [
        ("APPROVE", "wang", ["service"], "", "it is asked of another role"),
        ("APPROVE", "wang", [], "", "it is asked of another role"),
        ("APPROVE", "wang", ["lead"], "lead#2", "its flow asks something else by now"),
        ("REFUSE", "wang", ["service"], "", "it is asked of another role"),
        ("RELEASE_HOLD", "wang", ["lead"], "", "its flow asks nothing that this answers"),
    ],
)
def test_who_may_not_answer_changes_nothing(action: str, by: str, roles: list[str], task: str, why: str) -> None:
    saga = asked()
    before = saga.state["flow"]
    saga.says(action, by, *roles, task=task)
    assert (saga.statuses, saga.commands, saga.tasks) == ([("HELD", why)], [], [])
    assert saga.state["flow"] == before


def test_who_is_first_decides() -> None:
    saga = asked().says("REFUSE", "wang", "lead")
    assert saga.stands[0] == "CANCELLED" and saga.asked_of() == [("lead#1", "REFUSED")]
    saga.says("APPROVE", "li", "lead")
    assert saga.statuses == [("CANCELLED", "its flow asks nothing that this answers")]
    # Its platform does not open it again.
    assert saga.order(version=2, **LARGE).state["phase"] == "CANCELLED"


def test_who_asked_may_not_approve_and_of_two_persons_both_are_needed() -> None:
    text = APPROVAL.replace('approve", role = "lead"', 'approve", role = "lead", persons = 2').replace(
        'released = "send"', 'released = "lead"'
    )
    text = text.replace('role = "lead", persons = 2,', 'role = "lead", persons = 2, rounds = 5, spent = "no",')
    saga = Flowing(flows(text))
    saga.order(**LARGE)
    saga.at(60).says("RELEASE_HOLD", "li as root")
    assert saga.tasks[-1]["not_by"] == "li"
    assert saga.says("APPROVE", "li", "lead").statuses == [("HELD", "who asked may not answer")]
    saga.says("APPROVE", "wang as root", "lead")
    assert (saga.asked_of(), saga.tasks[0]["votes"], saga.stands[0]) == ([("lead#3", "OPEN")], ["wang"], "HELD")
    assert saga.says("APPROVE", "wang", "lead").statuses == [("HELD", "they have said yes already")]
    saga.says("APPROVE", "zhao", "lead")
    assert (saga.asked_of(), saga.tasks[0]["votes"]) == ([("lead#3", "APPROVED")], ["wang", "zhao"])
    assert saga.stands[0] == "RESERVING"


def test_a_deadline_that_passes_goes_on_and_an_answer_after_it_is_too_late() -> None:
    saga = asked()
    assert time_ms(saga.state) == AT_MS + 60 * MINUTE_MS
    assert its_time_has_come(saga.state, AT_MS + 60 * MINUTE_MS - 1) == ()
    ((_, proposed),) = its_time_has_come(saga.state, AT_MS + 60 * MINUTE_MS)
    assert (proposed["by"], proposed["action"]) == ("clock", "RELEASE_HOLD")
    assert saga.at(59).silent()
    saga.at(60)
    assert saga.stands == ("HELD", "flow:overdue")
    assert saga.asked_of() == [("lead#1", "LATE"), ("tell#2", "TOLD"), ("service#2", "OPEN")]
    saga.says("APPROVE", "wang", "lead", task="lead#1")
    assert saga.statuses == [("HELD", "its flow asks something else by now")]
    saga.says("RELEASE_HOLD", "zhao")
    assert (saga.stands[0], saga.asked_of()) == ("RESERVING", [("service#2", "RELEASED")])


def test_an_answer_that_is_read_after_the_deadline_is_too_late_although_no_clock_has_said_so() -> None:
    saga = asked()
    saga.at_ms += 61 * MINUTE_MS
    saga.says("APPROVE", "wang", "lead", task="lead#1")
    assert saga.stands == ("HELD", "flow:overdue")
    assert saga.statuses[-1] == ("HELD", "its flow asks nothing that this answers")


def test_nobody_at_all_ends_it() -> None:
    saga = asked().at(60).at(60 + 1_440)
    assert saga.stands == ("CANCELLED", "")
    assert saga.statuses == [("CANCELLED", "cancelled by its flow: refused")]
    assert time_ms(saga.state) is None


def test_a_change_asks_anew_and_an_old_answer_is_none_to_that() -> None:
    saga = asked()
    saga.order(line(quantity=3), version=2, total_minor=9_000)
    assert saga.asked_of() == [("lead#1", "WITHDRAWN"), ("lead#2", "OPEN")]
    assert saga.says("APPROVE", "wang", "lead", task="lead#1").statuses[0][1] == "its flow asks something else by now"
    saga.order(line(quantity=1), version=3, total_minor=900)
    assert (saga.stands[0], saga.asked_of()) == ("RESERVING", [("lead#2", "WITHDRAWN")])


def test_what_ends_the_order_withdraws_what_is_asked() -> None:
    saga = asked()
    saga.order(version=2, status="CANCELLED", **LARGE)
    assert (saga.stands[0], saga.asked_of()) == ("CANCELLED", [("lead#1", "WITHDRAWN")])
    # Its platform opens it again: it is asked anew.
    saga.order(version=3, **LARGE)
    assert saga.asked_of() == [("lead#2", "OPEN")]
    assert saga.stands == ("HELD", "flow:approval")
    saga.says("CANCEL", "li")
    assert (saga.stands[0], saga.asked_of()) == ("CANCELLED", [("lead#2", "WITHDRAWN")])


def test_a_task_is_taken_on_by_one() -> None:
    saga = asked().says("CLAIM", "li as root", task="lead#1")
    assert [(each["state"], each["claimed_by"]) for each in saga.tasks] == [("OPEN", "li")]
    assert saga.says("CLAIM", "wang").statuses == [("HELD", "li has taken it on")]
    saga.at(60)
    assert saga.state["flow"]["claimed_by"] == ""


def test_an_operators_hold_and_a_flows_are_two() -> None:
    saga = asked().says("HOLD", "li")
    assert saga.stands == ("HELD", "held_by_operator,flow:approval")
    saga.says("APPROVE", "wang", "lead")
    assert saga.stands == ("HELD", "held_by_operator")
    assert saga.says("RELEASE_HOLD", "li").stands[0] == "RESERVING"


def test_the_default_flow_decides_as_no_flow_does() -> None:
    for levels in (None, NOTHING):
        with_, without = Flowing(flows(DEFAULT), levels), Flowing(None, levels)
        for step in ("order", "grant", "change", "parcel"):
            for saga in (with_, without):
                match step:
                    case "order":
                        saga.order()
                    case "grant":
                        saga.grant()
                    case "change":
                        saga.order(line(quantity=3), version=2).grant()
                    case "parcel":
                        saga.parcel()
            assert (with_.commands, with_.events, with_.statuses) == (
                without.commands,
                without.events,
                without.statuses,
            )
            assert with_.state == without.state
            assert with_.tasks == []


def test_an_order_that_was_planned_before_anything_was_released_follows_no_flow() -> None:
    saga = Flowing(None)
    saga.order(**LARGE).grant()
    saga.changes(flows(APPROVAL)).order(line(quantity=2), version=2, **LARGE)
    assert (saga.state["flow"], saga.stands[0]) == (None, "RESERVING")
    unpaid = Flowing(None)
    unpaid.order(status="UNPAID", **LARGE)
    unpaid.changes(flows(APPROVAL)).order(version=2, **LARGE)
    assert unpaid.stands == ("HELD", "flow:approval")


WAITS = """
nodes = [
  { name = "came", do = "on", event = "accepted", then = "rest" },
  { name = "rest", do = "wait", minutes = 30, late = "send" },
  { name = "send", do = "route", rules = "built-in", then = "done" },
  { name = "done", do = "end" },
  { name = "given", do = "on", event = "allocated", then = "look" },
  { name = "look", do = "hold", reason = "look", minutes = 60, released = "done", late = "done" },
  { name = "asked", do = "on", event = "after_sale", at = ["rest", "done"], then = "service" },
  { name = "service", do = "hold", reason = "after_sale", minutes = 60, released = "send", late = "send" },
]
"""


def test_an_order_waits_for_its_time_and_what_was_decided_is_taken_back_when_its_flow_holds_it() -> None:
    saga = Flowing(flows(WAITS))
    saga.order()
    assert (saga.stands, saga.tasks, time_ms(saga.state)) == (("HELD", "flow:waits"), [], AT_MS + 30 * MINUTE_MS)
    saga.at(30)
    assert saga.stands[0] == "RESERVING"
    saga.grant()
    assert saga.decided() == ["OrderAllocated", "AllocationReleased"]
    assert (saga.stands, saga.asked_of()) == (("HELD", "flow:look"), [("look#3", "OPEN")])
    saga.says("RELEASE_HOLD")
    assert saga.stands[0] == "RESERVING"


def test_a_person_lets_go_what_only_waits() -> None:
    saga = Flowing(flows(WAITS))
    saga.order()
    assert saga.says("RELEASE_HOLD").stands[0] == "RESERVING"


def test_an_after_sale_is_heard() -> None:
    saga = Flowing(flows(WAITS))
    saga.order()
    saga.tell("AfterSale", aftersale(state="OPEN", kind="OTHER"))
    assert saga.state["flow"]["at"] == "service"
    assert saga.asked_of() == [("service#2", "OPEN")]
