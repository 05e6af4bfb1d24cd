"""What operators decide: each decision once, by its id, and each is answered."""

from __future__ import annotations

from typing import Any

import pytest

from streams.domain.allocation.decide import decide
from tests.domain.allocation.saga import Saga, allocated, two_warehouses
from tests.domain.make import line, operator, shipped, view


def decided(saga: Saga, action: str, decision_id: str, by: str = "li") -> Saga:
    return saga.tell("OperatorDecision", {**operator(action, decision_id), "by": by})


def answers(saga: Saga, action: str, decision_id: str) -> list[tuple[str, bool]]:
    """(cause, refused) of what a decision about the order says."""
    found = decide(saga.state, "OperatorDecision", operator(action, decision_id), saga.view, saga.at_ms)
    return [(status["cause"], status["refused"]) for status in found.statuses]


def test_a_hold_gives_the_stock_back_and_its_release_plans_anew() -> None:
    saga = decided(allocated(line("MUG", 2)), "HOLD", "h1")
    assert (saga.statuses, saga.sent()) == ([("HELD", "held_by_operator")], [("Release", "MUG", "HZ")])
    assert saga.order(line("MUG", 2), version=2).silent()
    decided(saga, "RELEASE_HOLD", "r1")
    assert saga.statuses == [("RESERVING", "hold released: called the buyer")]
    assert saga.grant().state["phase"] == "ALLOCATED"


def test_a_decision_told_again_does_nothing_even_when_another_came_between() -> None:
    saga = decided(decided(allocated(), "HOLD", "h1"), "RELEASE_HOLD", "r1").grant()
    assert decided(saga, "HOLD", "h1").silent()
    assert saga.state["phase"] == "ALLOCATED"
    decided(saga, "HOLD", "h2")
    assert decided(saga, "RELEASE_HOLD", "r1").silent()
    assert saga.state["phase"] == "HELD"


def test_who_comes_second_is_told_who_was_first() -> None:
    saga = decided(allocated(), "HOLD", "h1", by="wang")
    assert decided(saga, "HOLD", "h2").statuses == [("HELD", "wang holds it already")]
    assert answers(saga, "HOLD", "h3") == [("OperatorDecision:h3", True)]


@pytest.mark.parametrize(
    ("saga", "action", "says"),
    [
        (lambda: allocated(), "RELEASE_HOLD", "it is ALLOCATED, not held: there is nothing to release"),
        (lambda: allocated().parcel(), "HOLD", "it is SHIPPED: there is nothing left to hold"),
        (lambda: allocated().parcel(), "CANCEL", "an operator cancelled it after it was shipped"),
        (lambda: decided(allocated(), "CANCEL", "c1"), "CANCEL", "an operator has cancelled it already"),
        (lambda: decided(allocated(), "CANCEL", "c1"), "HOLD", "it is CANCELLED: there is nothing left to hold"),
    ],
)
def test_what_can_not_be_is_refused_and_moves_nothing(saga: Any, action: str, says: str) -> None:
    saga = saga()
    before = saga.state
    assert answers(saga, action, "x") == [("OperatorDecision:x", True)]
    decided(saga, action, "x")
    assert ([reason for _, reason in saga.statuses], saga.commands, saga.events) == ([says], [], [])
    assert saga.state == {**before, "decisions": [*before["decisions"], "x"]}


def test_a_decision_and_a_parcel_are_the_cause_of_what_follows() -> None:
    assert answers(allocated(), "HOLD", "h1") == [("OperatorDecision:h1", False)]
    saga = two_warehouses()
    found = decide(saga.state, "Shipped", shipped("GZ", "p1", lines=[]), saga.view, saga.at_ms)
    assert {status["cause"] for status in found.statuses} <= {"Shipped:p1"}
    shipped_whole = decide(found.state, "Shipped", shipped("HZ", "p2"), saga.view, saga.at_ms)
    assert [(status["status"], status["cause"]) for status in shipped_whole.statuses] == [("SHIPPED", "Shipped:p2")]


def test_an_unpaid_order_may_be_held_and_is_when_it_is_paid() -> None:
    saga = decided(Saga().order(status="UNPAID"), "HOLD", "h1")
    assert [status for status, _ in saga.statuses] == ["UNPAID"]
    assert saga.order(version=2).statuses == [("HELD", "held_by_operator")]


def test_a_hold_may_come_before_its_order() -> None:
    saga = decided(Saga(), "HOLD", "h1")
    assert saga.silent()
    assert saga.order().statuses == [("HELD", "held_by_operator")]


def test_a_released_hold_of_ones_own_releases_no_hold_of_the_platforms() -> None:
    saga = decided(decided(allocated(), "HOLD", "h1"), "RELEASE_HOLD", "r1").grant()
    assert saga.order(version=2, status="HOLD", hold_reason="risk_review").statuses == [("HELD", "risk_review")]


def test_a_hold_of_ones_own_leaves_released_what_was_released_before() -> None:
    saga = decided(Saga().order(status="HOLD", hold_reason="deposit_only"), "RELEASE_HOLD", "r1").grant()
    decided(saga, "HOLD", "h1")
    assert saga.state["hold_reason"] == "held_by_operator"
    decided(saga, "RELEASE_HOLD", "r2")
    assert saga.grant().state["phase"] == "ALLOCATED"


def test_what_has_left_stays_and_the_rest_is_held() -> None:
    saga = two_warehouses().parcel(warehouse="HZ")
    decided(saga, "HOLD", "h1")
    assert saga.sent() == [("Release", "POT", "GZ")]
    assert saga.state["phase"] == "HELD"


def test_a_cancelled_order_is_not_held_any_more() -> None:
    saga = decided(decided(Saga(view({})).order(), "HOLD", "h1"), "CANCEL", "c1")
    assert (saga.state["phase"], saga.state["held_by"]) == ("CANCELLED", "")
