"""What is still to be sent, by whom, where to: whatever becomes of an order after it was decided."""

from __future__ import annotations

from typing import Any

import pytest

from streams.domain.allocation import decide as allocation
from streams.domain.allocation.order_state import outstanding
from tests.domain.allocation.saga import Saga, allocated, backordered
from tests.domain.make import AT_MS, forgotten, level, line, operator, parcel_line, view

MOVED = "allocation released"


def to_send(saga: Saga) -> list[tuple[str, int]]:
    return [(need.line_no, need.quantity) for need in outstanding(saga.state)]


# --- lines ---


@pytest.mark.parametrize(
    ("facts", "units"),
    [
        ({}, 3),
        ({"cancelled_quantity": 1}, 2),
        ({"shipped_quantity": 1}, 2),
        ({"shipped_quantity": 1, "cancelled_quantity": 1}, 1),
        ({"returned_quantity": 3}, 3),
        ({"asked_back_quantity": 3}, 3),
        ({"quantity": 0}, 0),
        ({"cancelled_quantity": 9}, 0),
        *(({"sent_by": who}, 0) for who in ("PLATFORM", "SUPPLIER", "SERVICE", "NOBODY")),
    ],
    ids=str,
)
def test_what_is_reserved_of_a_line(facts: dict[str, Any], units: int) -> None:
    saga = Saga().order(line("MUG", **{"quantity": 3, **facts}), line("POT", 1, "2"))
    assert [(sent["sku"], sent["quantity"]) for _, sent in saga.commands] == [
        *([("MUG", units)] if units else []),
        ("POT", 1),
    ]


@pytest.mark.parametrize("status", ["PAID", "HOLD", "SHIPPED"])
def test_an_order_that_others_send_is_theirs_and_says_whose(status: str) -> None:
    saga = Saga().order(
        line("MUG", 1, sent_by="SERVICE", sender="printful"),
        line("POT", 1, "2", sent_by="NOBODY", sender="virtual"),
        status=status,
    )
    assert saga.statuses == [("ELSEWHERE", "sent by the service printful; not shipped: virtual")]
    assert saga.sent() == []


def test_an_order_that_became_others_gives_its_units_back_and_is_taken_up_again_when_it_is_ours() -> None:
    saga = allocated(line("MUG", 2)).order(line("MUG", 2, sent_by="PLATFORM"), version=2)
    assert (saga.units(), saga.decided()) == ([("Release", "HZ", None)], ["AllocationReleased"])
    assert saga.statuses == [("ELSEWHERE", "sent by the platform")]

    assert saga.order(line("MUG", 2), version=3).statuses == [("RESERVING", "opened again: paid")]


def test_what_others_sent_before_is_not_counted_with_what_this_hub_sends() -> None:
    saga = Saga().order(line("MUG", 3, shipped_quantity=1)).grant()
    assert saga.parts() == [("HZ", 2, "GRANTED")]
    # Its own parcel is not told to the platform yet: one of three is shown as sent, and two have left.
    saga.parcel(parcel_line("MUG", 1)).order(line("MUG", 3, shipped_quantity=1), version=2)
    assert saga.silent()
    assert to_send(saga) == [("1", 1)]


def test_a_line_that_others_began_and_that_is_cancelled_keeps_nothing_reserved() -> None:
    saga = Saga().order(line("MUG", 2, shipped_quantity=1)).grant()
    saga.order(line("MUG", 2, shipped_quantity=1, cancelled_quantity=1), version=2)
    assert saga.units() == [("Release", "HZ", None)]
    assert saga.state["phase"] == "SHIPPED"


def test_units_shown_as_sent_that_are_still_reserved_stay_so_and_are_told() -> None:
    saga = allocated(line("MUG", 2)).order(line("MUG", 2, shipped_quantity=1), version=2)
    assert (saga.sent(), saga.events, saga.troubles) == ([], [], ["shown_as_sent"])
    assert to_send(saga) == [("1", 1)]
    assert saga.order(line("MUG", 2, shipped_quantity=1), version=3).silent()

    # A hold gives back what has not left, and not what may have.
    saga.order(line("MUG", 2, shipped_quantity=1), version=4, status="HOLD", hold_reason="refund_open")
    assert saga.units() == [("Release", "HZ", 1)]
    assert saga.parts() == [("HZ", 1, "RELEASED"), ("HZ", 1, "GRANTED")]

    saga.order(line("MUG", 2, shipped_quantity=1), version=5).grant()
    assert [part["quantity"] for part in saga.events[0][1]["parts"]] == [1, 1]
    saga.parcel(parcel_line("MUG", 2))
    assert saga.state["phase"] == "SHIPPED"


@pytest.mark.parametrize("status", ["SHIPPED", "CANCELLED"])
def test_money_paid_back_for_what_was_sent_moves_no_stock(status: str) -> None:
    saga = allocated(line("MUG", 2))
    saga.order(line("MUG", 2, shipped_quantity=2, returned_quantity=2), version=2, status=status)
    assert saga.sent() == []
    assert saga.state["phase"] == "ALLOCATED"

    saga.parcel(parcel_line("MUG", 2))
    assert saga.units() == [("Commit", "HZ", None)]
    saga.order(line("MUG", 2, shipped_quantity=2, returned_quantity=2), version=3, status="SHIPPED")
    assert saga.sent() == []


def test_a_shown_unit_that_an_operator_cancels_goes_back_to_sale() -> None:
    saga = allocated(line("MUG", 2)).order(line("MUG", 2), version=2, status="SHIPPED")
    assert saga.tell("OperatorDecision", operator("CANCEL")).units() == [("Release", "HZ", None)]


def test_a_bigger_order_is_planned_anew_and_a_smaller_one_keeps_what_is_still_wanted() -> None:
    saga = allocated(line("MUG", 3), line("POT", 2, "2")).order(line("MUG", 1), line("POT", 2, "2"), version=2)
    assert saga.units() == [("Release", "HZ", 2)]
    assert [(part["sku"], part["quantity"]) for part in saga.events[1][1]["parts"]] == [("MUG", 1), ("POT", 2)]

    saga.order(line("MUG", 2), line("POT", 2, "2"), version=3)
    assert [name for name, _ in saga.commands] == ["Release", "Release", "Reserve", "Reserve"]


# --- the receiver ---


def test_another_receiver_before_a_parcel_has_left_is_planned_for_anew_and_told() -> None:
    saga = allocated(line("MUG", 2)).order(line("MUG", 2), version=2, province="广东省")
    assert [event["reason"] for _, event in saga.events] == ["receiver_changed"]
    assert saga.units() == [("Release", "HZ", None), ("Reserve", "GZ", 2)]

    # The same place for planning, and another for the parcel.
    saga.grant().order(line("MUG", 2), version=3, province="广东省", address="天河路 2 号")
    assert [event["reason"] for _, event in saga.events] == ["receiver_changed"]


def test_another_receiver_after_a_parcel_has_left_says_what_can_be_done() -> None:
    saga = allocated(line("MUG", 2)).parcel(parcel_line("MUG", 1))
    saga.order(line("MUG", 2, shipped_quantity=1), version=2, address="天河路 2 号")
    assert saga.troubles == ["receiver_changed_after_parcel"]
    assert "redirect" in saga.statuses[0][1]
    assert saga.units() == [("Release", "HZ", None), ("Reserve", "HZ", 1)]

    shipped = allocated().parcel().order(version=2, status="SHIPPED", address="天河路 2 号")
    assert shipped.troubles == ["receiver_changed_after_parcel"]
    assert shipped.sent() == []


def test_a_receiver_that_is_withheld_says_nothing() -> None:
    assert allocated().order(version=2, address="").silent()


def test_of_a_person_who_is_forgotten_no_trace_is_kept_and_nothing_else_changes() -> None:
    before = allocated().parcel()
    known = dict(before.state)
    saga = before.tell("PersonForgotten", forgotten())
    assert saga.silent()
    assert saga.state == {**known, "receiver_mark": "forgotten"}
    # Told again, and by its platform: another address is not even compared.
    assert saga.tell("PersonForgotten", forgotten()).silent()
    assert saga.order(version=2, status="SHIPPED", address="天河路 2 号").silent()
    assert saga.state["receiver_mark"] == "forgotten"
    # Another province still is another place.
    assert saga.order(version=3, status="SHIPPED", province="广东省").troubles == ["receiver_changed_after_parcel"]


def test_of_an_order_that_nobody_knows_nobody_is_forgotten() -> None:
    assert Saga().tell("PersonForgotten", forgotten()).state is None


# --- closed orders ---


@pytest.mark.parametrize(
    "lines",
    [(line("MUG", 1), line("POT", 1, "2")), (line("MUG", 2),)],
    ids=["another line", "one more"],
)
def test_a_shipped_order_opens_again_for_what_is_new(lines: tuple[Any, ...]) -> None:
    saga = allocated(line("MUG", 1)).parcel().order(*lines, version=2)
    assert saga.statuses == [("RESERVING", "opened again: paid")]
    assert saga.units() == [("Reserve", "HZ", 1)]
    assert saga.grant().parcel(shipment_id="s2").statuses == [("SHIPPED", "every part was shipped")]


def test_a_shipment_of_others_that_is_reversed_opens_the_order() -> None:
    saga = Saga().order(line("MUG", 2, shipped_quantity=2), status="SHIPPED")
    assert saga.state["phase"] == "SHIPPED"
    assert saga.order(line("MUG", 2), version=2).units() == [("Reserve", "HZ", 2)]


def test_a_shipment_of_ours_that_is_reversed_is_told_and_not_sent_again() -> None:
    saga = allocated(line("MUG", 2)).parcel().order(line("MUG", 2, shipped_quantity=2), version=2, status="SHIPPED")
    saga.order(line("MUG", 2), version=3)
    assert (saga.sent(), saga.troubles) == ([], ["shipment_reversed"])


def test_an_order_that_an_earlier_version_cancelled_is_held_when_it_is_paid() -> None:
    saga = Saga().order(status="CANCELLED")
    saga.state = {**saga.state, "cancelled_by_operator": None}
    assert saga.order(version=2).statuses == [("HELD", "paid_after_cancelled")]
    assert saga.order(version=3).silent()

    saga.tell("OperatorDecision", operator("RELEASE_HOLD"))
    assert saga.units() == [("Reserve", "HZ", 1)]


def test_who_has_cancelled_before_counts_not_who_cancels_again() -> None:
    saga = Saga().order(status="CANCELLED").tell("OperatorDecision", operator("CANCEL"))
    assert saga.order(version=2).troubles == ["paid_after_cancelled"]
    assert saga.state["phase"] == "CANCELLED"


# --- holds ---


def test_another_reason_holds_an_order_again_that_was_released_from_the_first() -> None:
    saga = Saga().order(status="HOLD", hold_reason="address").tell("OperatorDecision", operator("RELEASE_HOLD"))
    assert saga.order(version=2, status="HOLD", hold_reason="address").silent()
    assert saga.order(version=3, status="HOLD", hold_reason="address,refund_open").statuses == [("HELD", "refund_open")]


def test_a_hold_says_its_reason_when_it_is_another_and_since_when_it_is_held() -> None:
    saga = Saga().order(status="HOLD", hold_reason="address")
    saga.at_ms += 60_000
    assert saga.order(version=2, status="HOLD", hold_reason="risk").statuses == [("HELD", "risk")]
    assert (saga.state["since_ms"], saga.state["hold_reason"]) == (AT_MS, "risk")


@pytest.mark.parametrize("status", ["HOLD", "PAID"])
def test_an_order_waits_for_its_time_and_the_clock_lets_it_go(status: str) -> None:
    due_ms = AT_MS + 3_600_000
    saga = Saga().order(status=status, hold_reason="not_before" if status == "HOLD" else None, not_before_ms=due_ms)
    assert (saga.sent(), saga.statuses) == ([], [("HELD", "not_before")])
    assert allocation.time_ms(saga.state) == due_ms
    assert allocation.its_time_has_come(saga.state, due_ms - 1) == ()

    ((name, proposal),) = allocation.its_time_has_come(saga.state, due_ms)
    assert (name, proposal["by"], proposal["decision_id"]) == (
        "OperatorDecision",
        "clock",
        f"taobao:1/not_before/{due_ms}",
    )
    # By the log's time it is too early: nothing happens.
    assert saga.tell(name, proposal).silent()
    saga.at_ms = due_ms
    assert saga.tell(name, proposal).statuses == [("RESERVING", "its time has come")]
    assert saga.order(version=2, status=status, hold_reason="not_before", not_before_ms=due_ms).silent()


def test_the_clock_overrules_no_other_reason() -> None:
    saga = Saga().order(status="HOLD", hold_reason="not_before,risk", not_before_ms=AT_MS + 5)
    assert allocation.time_ms(saga.state) is None
    saga.at_ms += 10
    saga.tell("OperatorDecision", {**operator("RELEASE_HOLD"), "by": "clock"})
    assert saga.statuses == [("HELD", "risk")]


def test_a_backorder_asks_for_what_is_to_be_sent_and_no_more() -> None:
    saga = backordered(line("MUG", 3, cancelled_quantity=1, shipped_quantity=1))
    assert [(name, sent["quantity"]) for name, sent in saga.commands] == [("AwaitStock", 1)]
    saga.view = view({"MUG": [level("HZ", 1)]})
    assert saga.order(line("MUG", 3, cancelled_quantity=2, shipped_quantity=1), version=2).state["phase"] == "SHIPPED"
