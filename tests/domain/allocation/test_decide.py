"""Allocation: one event about an order in, one decision out, in whatever order events come."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.codec import CODEC
from streams.domain.allocation import decide as allocation
from streams.domain.routing.trace import CONSIDERED_MAX
from tests.domain.allocation.saga import PLENTY, Saga, allocated, backordered, two_warehouses
from tests.domain.make import AT_MS, arrived, level, line, operator, order, shipped, view, warehouse


def test_a_paid_order_asks_for_one_reservation_per_part() -> None:
    saga = Saga().order(line("MUG", 2), line("POT", 1, "2"))

    assert saga.sent() == [("Reserve", "MUG", "HZ"), ("Reserve", "POT", "HZ")]
    assert saga.commands[0][1] == {
        "command_id": "taobao:1/1.1/1/HZ/reserve",
        "reservation_id": "taobao:1/1.1/1/HZ",
        "order_id": "taobao:1",
        "sku": "MUG",
        "warehouse": "HZ",
        "quantity": 2,
        "expires_at_ms": None,
        "requested_at_ms": AT_MS,
    }
    assert saga.statuses == [("RESERVING", "paid")]


def test_with_the_last_grant_and_not_before_it_is_allocated() -> None:
    saga = Saga().order(line("MUG", 2), line("POT", 1, "2"))
    assert saga.grant(["MUG"]).silent()

    saga.grant(["POT"])
    name, decision = saga.events[0]
    assert name == "OrderAllocated"
    assert [(part["line_no"], part["warehouse"], part["quantity"]) for part in decision["parts"]] == [
        ("1", "HZ", 2),
        ("2", "HZ", 1),
    ]
    assert (decision["attempt"], decision["rounds"], decision["received_at_ms"]) == (1, 1, AT_MS - 5)
    assert saga.statuses == [("ALLOCATED", "every part is reserved")]


def test_the_trace_says_of_every_warehouse_why() -> None:
    rounds = allocated().events[0][1]["trace"]["rounds"]

    assert [(each["warehouse"], each["chosen"], each["reason"]) for each in rounds[0]["considered"]] == [
        ("HZ", True, "covers the whole order"),
        ("GZ", False, "covers the whole order, but a nearer one does too"),
    ]


def test_the_trace_is_bounded_whatever_the_order() -> None:
    many = [warehouse(f"W{number:03}") for number in range(100)]
    levels = {f"S{number}": [level("W001", 1)] for number in range(200)}
    saga = Saga(view(levels, *many)).order(*(line(f"S{number}", 2, str(number)) for number in range(200)))

    name, decision = saga.events[0]
    assert name == "OrderBackordered"
    assert len(decision["missing"]) == 200
    assert len(decision["trace"]["rounds"][0]["considered"]) == CONSIDERED_MAX
    assert len(CODEC.encode(name, {**decision, "missing": []})) < 2_000


def test_a_rejection_waits_for_the_other_answers_then_releases_and_plans_on_the_fresh_numbers() -> None:
    saga = Saga().order(line("MUG", 2), line("POT", 1, "2"))
    assert saga.reject(level("GZ", 9), level("HZ", 1), only=["MUG"]).silent()

    saga.grant(["POT"])
    assert saga.sent() == [("Release", "POT", "HZ"), ("Reserve", "MUG", "GZ"), ("Reserve", "POT", "GZ")]
    assert saga.commands[1][1]["reservation_id"] == "taobao:1/1.2/1/GZ"

    decision = saga.grant().events[0][1]
    assert (decision["attempt"], decision["rounds"]) == (1, 2)
    assert decision["trace"]["rounds"][0]["rejected"] == [{"sku": "MUG", "shortfall": 2}]


def test_after_three_rounds_it_is_backordered_and_waits() -> None:
    saga = Saga(view({"MUG": [level("A", 9), level("B", 9), level("C", 9), level("D", 9)]}, *map(warehouse, "ABCD")))
    saga.order(line("MUG", 2))
    for number in range(3):
        assert saga.state["round"] == number + 1
        saga.reject(*(level(name, 9) for name in "ABCD"[number + 1 :]))

    assert saga.sent() == [("AwaitStock", "MUG")]
    assert saga.events[0][1]["reason"] == "rounds_used_up"
    assert saga.events[0][1]["missing"] == [{"sku": "MUG", "shortfall": 2}]
    assert saga.statuses == [("BACKORDERED", "rounds_used_up")]


def test_a_late_view_does_not_make_the_refused_plan_again() -> None:
    stale = {"MUG": [level("GZ", 9), level("HZ", 9)], "POT": [level("HZ", 9)]}
    saga = Saga(view(stale)).order(line("MUG", 2), line("POT", 1, "2"))
    saga.reject(only=["MUG"]).grant(["POT"])

    assert saga.sent() == [("Release", "POT", "HZ"), ("Reserve", "MUG", "GZ"), ("Reserve", "POT", "HZ")]


def test_what_cannot_be_covered_is_backordered_at_once_and_nothing_is_reserved() -> None:
    saga = Saga(view({"MUG": [level("HZ", 9)], "POT": [level("HZ", 1)]})).order(line("MUG", 2), line("POT", 3, "2"))

    assert saga.sent() == [("AwaitStock", "POT")]
    assert saga.commands[0][1]["quantity"] == 3
    assert saga.decided() == ["OrderBackordered"]
    assert saga.events[0][1]["missing"] == [{"sku": "POT", "shortfall": 2}]
    assert saga.statuses == [("BACKORDERED", "out_of_stock")]


def test_stock_that_is_there_but_cannot_be_sent_is_not_waited_for_but_retried() -> None:
    saga = Saga(view(PLENTY, warehouse("HZ", enabled=False))).order(line("MUG", 2))
    assert saga.sent() == []
    assert saga.events[0][1]["reason"] == "no_warehouse_can_send"

    retried = allocation.retry(saga.state, AT_MS)
    assert [(name, sent["sku"], sent["quantity"]) for name, sent in retried] == [("AwaitStock", "MUG", 2)]
    assert allocation.retry(allocated().state, AT_MS) == ()


def test_a_retried_backorder_leaves_the_queue_its_retry_put_it_in() -> None:
    saga = Saga(view(PLENTY, warehouse("HZ", enabled=False))).order(line("MUG", 2))

    assert saga.order(version=2, status="CANCELLED").sent() == [("ForgetStock", "MUG")]


def test_a_backorder_plans_again_when_stock_arrives() -> None:
    saga = backordered(line("MUG", 2)).tell("StockArrived", arrived(level("HZ", 2)))
    assert saga.sent() == [("Reserve", "MUG", "HZ"), ("ForgetStock", "MUG")]
    assert saga.commands[0][1]["reservation_id"] == "taobao:1/2.1/1/HZ"

    assert saga.grant().decided() == ["OrderAllocated"]


def test_a_backorder_that_gets_all_stops_waiting_for_the_rest() -> None:
    saga = backordered(line("MUG", 2), line("POT", 1, "2"))
    saga.view = view({"POT": [level("HZ", 1)]})
    saga.tell("StockArrived", arrived(level("HZ", 2)))

    assert saga.sent() == [
        ("Reserve", "MUG", "HZ"),
        ("Reserve", "POT", "HZ"),
        ("ForgetStock", "MUG"),
        ("ForgetStock", "POT"),
    ]


def test_a_backorder_that_still_lacks_something_says_what_and_passes_the_stock_on() -> None:
    saga = backordered(line("MUG", 2), line("POT", 1, "2")).tell("StockArrived", arrived(level("HZ", 2)))

    assert saga.sent() == [("ForgetStock", "MUG")]
    assert saga.decided() == ["OrderBackordered"]
    assert saga.events[0][1]["missing"] == [{"sku": "POT", "shortfall": 1}]
    assert saga.state["waiting"] == ["POT"]


def test_a_backorder_that_gains_nothing_makes_no_new_decision() -> None:
    saga = Saga(view(PLENTY, warehouse("HZ", enabled=False))).order(line("MUG", 2))
    saga.tell("StockArrived", arrived(*PLENTY["MUG"]))

    assert saga.events == []
    assert saga.sent() == [("ForgetStock", "MUG")]


@pytest.mark.parametrize("saga", [Saga(), allocated(), Saga().order(status="CANCELLED")])
def test_stock_that_arrives_for_an_order_that_does_not_wait_is_passed_on(saga: Saga) -> None:
    before = saga.state
    saga.tell("StockArrived", arrived(level("HZ", 2)))

    assert saga.sent() == [("ForgetStock", "MUG")]
    assert saga.state is before


@pytest.mark.parametrize(
    ("saga", "sent", "decided"),
    [
        (Saga(), [], []),
        (Saga().order(status="UNPAID"), [], []),
        (Saga().order(status="HOLD"), [], []),
        (Saga().order(), [("Release", "MUG", "HZ")], ["AllocationReleased"]),
        (allocated(), [("Release", "MUG", "HZ")], ["AllocationReleased"]),
        (backordered(), [("ForgetStock", "MUG")], ["AllocationReleased"]),
    ],
    ids=["unknown", "unpaid", "held", "reserving", "allocated", "backordered"],
)
@pytest.mark.parametrize("by", ["platform", "operator"])
def test_a_cancelled_order_gives_everything_back_in_every_phase(
    saga: Saga, sent: list[Any], decided: list[str], by: str
) -> None:
    again = Saga(saga.view)
    again.state = saga.state
    if by == "platform":
        again.order(version=2, status="CANCELLED")
    else:
        again.tell("OperatorDecision", operator("CANCEL"))

    assert again.state["phase"] == "CANCELLED"
    assert (again.sent(), again.decided()) == (sent, decided)
    assert not again.asked()


def test_a_grant_that_comes_after_the_cancellation_changes_nothing_it_is_being_released() -> None:
    saga = Saga().order()
    late = saga.answer(saga.state["parts"][0])
    saga.order(version=2, status="CANCELLED")
    assert saga.sent() == [("Release", "MUG", "HZ")]

    assert saga.tell("Reserved", late).silent()


def test_a_grant_for_an_order_nobody_knows_is_released() -> None:
    saga = Saga().order()
    late = saga.answer(saga.state["parts"][0])
    unknown = Saga().tell("Reserved", late)

    assert unknown.sent() == [("Release", "MUG", "HZ")]
    assert unknown.state is None


@pytest.mark.parametrize("name", ["ReservationRejected", "ReservationResolved"])
def test_other_answers_about_an_unknown_order_are_ignored(name: str) -> None:
    saga = Saga().order()
    late = {**saga.answer(saga.state["parts"][0]), "shortfall": 1, "levels": [], "answer": "RELEASED"}

    assert Saga().tell(name, late).silent()


def test_an_order_that_its_platform_cancelled_opens_again_when_it_is_paid_after_all() -> None:
    saga = Saga().order(version=5, status="CANCELLED")

    assert saga.order(version=4).silent()
    assert saga.order(version=6).statuses == [("RESERVING", "opened again: paid")]
    assert saga.sent() == [("Reserve", "MUG", "HZ")]


def test_an_order_that_an_operator_cancelled_stays_so_and_what_the_platform_says_is_told_once() -> None:
    saga = allocated().tell("OperatorDecision", operator("CANCEL"))

    assert saga.order(version=2).silent()
    assert saga.order(line("MUG", 2), version=3).statuses == [
        ("CANCELLED", "paid after an operator cancelled it; it stays cancelled")
    ]
    assert saga.order(line("MUG", 2), version=4).silent()


def test_an_operators_cancellation_may_come_before_the_order() -> None:
    saga = Saga().tell("OperatorDecision", operator("CANCEL"))
    assert saga.statuses == []

    assert saga.order().statuses == [("CANCELLED", "cancelled by an operator before it arrived")]
    assert saga.sent() == []


def test_a_held_order_waits_for_its_operator() -> None:
    saga = Saga().order(status="HOLD", hold_reason="address")
    assert (saga.sent(), saga.statuses) == ([], [("HELD", "address")])

    saga.tell("OperatorDecision", operator("RELEASE_HOLD"))
    assert saga.sent() == [("Reserve", "MUG", "HZ")]
    assert saga.order(version=2, status="HOLD", hold_reason="address").silent()
    assert saga.state["phase"] == "RESERVING"


def test_a_hold_may_be_released_before_the_order_comes() -> None:
    saga = Saga().tell("OperatorDecision", operator("RELEASE_HOLD"))

    assert saga.order(status="HOLD", hold_reason="address").statuses == [("RESERVING", "hold released")]


def test_a_hold_on_an_allocated_order_gives_its_stock_back_and_a_new_hold_needs_its_own_release() -> None:
    saga = allocated().order(version=2, status="HOLD", hold_reason="refund asked")
    assert saga.sent() == [("Release", "MUG", "HZ")]
    assert saga.events[0][1]["reason"] == "held: refund asked"

    saga.tell("OperatorDecision", operator("RELEASE_HOLD")).order(version=3)
    assert saga.order(version=4, status="HOLD", hold_reason="refund asked").statuses == [("HELD", "refund asked")]


@pytest.mark.parametrize("make", [lambda: Saga().order(line("MUG", 2)), lambda: allocated(line("MUG", 2))])
def test_changed_lines_release_everything_and_begin_anew(make: Any) -> None:
    saga = make().order(line("MUG", 3), version=2)

    assert saga.sent() == [("Release", "MUG", "HZ"), ("Reserve", "MUG", "HZ")]
    assert saga.decided() == ["AllocationReleased"]
    assert saga.events[0][1]["reservation_ids"] == ["taobao:1/1.1/1/HZ"]
    assert saga.commands[1][1]["reservation_id"] == "taobao:1/2.1/1/HZ"
    assert saga.grant().events[0][1]["order_version"] == 2


def test_changed_lines_of_a_backorder_wait_for_the_new_ones() -> None:
    saga = backordered(line("MUG", 2)).order(line("POT", 1), version=2)

    assert saga.sent() == [("ForgetStock", "MUG"), ("AwaitStock", "POT")]
    assert saga.decided() == ["AllocationReleased", "OrderBackordered"]


def test_an_update_that_changes_neither_line_nor_receiver_keeps_the_allocation() -> None:
    saga = allocated().order(version=2, ship_by_ms=AT_MS + 5)

    assert saga.silent()
    assert (saga.state["order_version"], saga.state["ship_by_ms"]) == (2, AT_MS + 5)


def test_units_cancelled_before_shipping_are_given_back_and_the_others_stay_reserved() -> None:
    saga = allocated(line("MUG", 3)).order(line("MUG", 3, cancelled_quantity=1), version=2)
    name, release = saga.commands[0]
    assert (name, release["quantity"], release["rest_id"]) == ("Release", 1, "taobao:1/1.1/1/HZ/rest")
    assert saga.decided() == ["AllocationReleased", "OrderAllocated"]
    assert [(part["reservation_id"], part["quantity"]) for part in saga.events[1][1]["parts"]] == [
        ("taobao:1/1.1/1/HZ/rest", 2)
    ]
    assert saga.events[1][1]["attempt"] == 2

    saga.order(line("MUG", 3, cancelled_quantity=3), version=3)
    assert saga.statuses == [("CANCELLED", "nothing left to send")]
    assert saga.sent() == [("Release", "MUG", "HZ")]
    assert saga.commands[0][1]["reservation_id"] == "taobao:1/1.1/1/HZ/rest"


@pytest.mark.parametrize("version", [1, 0])
def test_a_version_that_is_not_newer_changes_nothing(version: int) -> None:
    saga = Saga().order(version=1)

    assert saga.order(line("POT", 9), version=version, status="CANCELLED").silent()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("Order", lambda saga: order()),
        ("Reserved", lambda saga: saga.answer(saga.state["parts"][0])),
        ("ReservationRejected", lambda saga: {**saga.answer(saga.state["parts"][0]), "shortfall": 1, "levels": []}),
        ("ReservationResolved", lambda saga: {**saga.answer(saga.state["parts"][0]), "answer": "COMMITTED"}),
        ("Shipped", lambda saga: shipped()),
        ("OperatorDecision", lambda saga: operator("HOLD")),
    ],
)
def test_whatever_is_told_again_is_not_decided_again(name: str, make: Any) -> None:
    saga = allocated().tell("Shipped", shipped()).tell("OperatorDecision", operator("HOLD"))
    before = saga.state

    assert saga.tell(name, make(saga)).silent()
    assert saga.state is before


def test_a_shipment_commits_the_parts_of_its_warehouse_and_the_last_one_ships_the_order() -> None:
    saga = two_warehouses().tell("Shipped", shipped("HZ"))
    assert saga.sent() == [("Commit", "MUG", "HZ")]
    assert saga.statuses == []

    saga.tell("Shipped", shipped("GZ", "s2"))
    assert saga.sent() == [("Commit", "POT", "GZ")]
    assert saga.statuses == [("SHIPPED", "every part was shipped")]


def test_a_shipment_before_its_order_is_remembered_and_its_warehouse_taken() -> None:
    saga = Saga().tell("Shipped", shipped("GZ")).order()
    assert saga.sent() == [("Reserve", "MUG", "GZ")]

    saga.grant()
    assert saga.decided() == ["OrderAllocated"]
    assert saga.sent() == [("Commit", "MUG", "GZ")]
    assert [phase for phase, _ in saga.statuses] == ["ALLOCATED", "SHIPPED"]


def test_a_shipment_during_reserving_commits_with_the_allocation() -> None:
    saga = Saga().order().tell("Shipped", shipped("HZ"))
    assert saga.silent()

    assert saga.grant().sent() == [("Commit", "MUG", "HZ")]


def test_a_used_shipment_commits_no_part_of_a_later_attempt() -> None:
    saga = two_warehouses().tell("Shipped", shipped("HZ")).resolve("EXPIRED", 1)
    saga.view = view({"POT": [level("HZ", 5)]})
    saga.order(line("MUG", 2), line("POT", 2, "2"), version=2).grant()

    assert saga.state["phase"] == "ALLOCATED"
    assert saga.sent() == []


@pytest.mark.parametrize(
    ("saga", "note"),
    [
        (Saga().order(status="CANCELLED"), "shipped from HZ after it was cancelled"),
        (Saga().order(status="HOLD"), "shipped from HZ before it was allocated"),
        (backordered(), "shipped from HZ before it was allocated"),
        (Saga().tell("Shipped", shipped("GZ", "s0")).order().grant(), "shipped from HZ, which was not asked to"),
        (allocated().tell("Shipped", shipped("HZ", "s0")), None),
    ],
)
def test_a_shipment_nobody_expected_is_said_aloud(saga: Saga, note: str | None) -> None:
    saga.tell("Shipped", shipped("HZ"))

    assert [reason for _, reason in saga.statuses] == ([note] if note else [])
    assert saga.sent() == []


def test_a_shipment_from_a_warehouse_that_was_not_asked_is_said_aloud() -> None:
    assert allocated().tell("Shipped", shipped("GZ")).statuses == [
        ("ALLOCATED", "shipped from GZ, which was not asked to")
    ]


def test_a_cancellation_after_one_parcel_gives_back_only_the_rest() -> None:
    saga = two_warehouses().tell("Shipped", shipped("HZ")).order(version=2, status="CANCELLED")

    assert saga.sent() == [("Release", "POT", "GZ")]
    # A part of it is with the buyer: an order that is cancelled has sent nothing.
    assert saga.statuses == [("SHIPPED", "cancelled by the platform after a parcel had left: the rest is not sent")]


def test_a_change_after_one_parcel_plans_only_what_was_not_sent() -> None:
    saga = two_warehouses().tell("Shipped", shipped("HZ"))
    saga.order(line("MUG", 3), line("POT", 1, "2"), version=2)

    assert saga.sent() == [("Release", "POT", "GZ"), ("Reserve", "MUG", "HZ"), ("Reserve", "POT", "GZ")]
    assert saga.commands[1][1]["quantity"] == 1


def test_the_platforms_own_shipped_commits_no_stock() -> None:
    saga = allocated().order(version=2, status="SHIPPED")
    assert (saga.sent(), saga.events) == ([], [])
    assert saga.statuses == [("ALLOCATED", "its platform shows it as sent; the warehouse has not told of its parcel")]
    assert saga.order(version=3, status="SHIPPED").silent()

    assert backordered().order(version=2, status="SHIPPED").sent() == [("ForgetStock", "MUG")]
    assert Saga().order(status="SHIPPED").statuses == [("SHIPPED", "shipped before it was allocated")]


@pytest.mark.parametrize("make", [two_warehouses, lambda: Saga().order(line("MUG", 2), line("POT", 1, "2"))])
def test_a_reservation_that_expires_releases_the_rest_and_begins_anew(make: Any) -> None:
    saga = make().resolve("EXPIRED")
    released = [sent for sent in saga.sent() if sent[0] == "Release"]

    assert [sku for _, sku, _ in released] == ["POT"]
    assert saga.events[0][1]["reason"] == "reservation_expired"
    assert saga.events[0][1]["reservation_ids"] == ["taobao:1/1.1/1/HZ", saga.commands[0][1]["reservation_id"]]
    assert saga.state["attempt"] == 2


def test_reservations_carry_their_time_when_they_have_one() -> None:
    saga = Saga(view(PLENTY, reservation_ttl_ms=60_000)).order()

    assert saga.commands[0][1]["expires_at_ms"] == AT_MS + 60_000


@pytest.mark.parametrize("answer", ["ALREADY_EXPIRED", "ALREADY_RELEASED", "NEVER_RESERVED"])
def test_goods_that_were_shipped_without_their_reservation_are_said_aloud(answer: str) -> None:
    saga = allocated().tell("Shipped", shipped()).resolve(answer)

    assert saga.statuses == [("SHIPPED", f"HZ shipped 1 x MUG, but the reservation: {answer}")]


def test_a_reservation_committed_by_another_hand_counts_as_shipped() -> None:
    assert allocated().resolve("COMMITTED").statuses == [("SHIPPED", "every part was shipped")]
    assert Saga().order().resolve("ALREADY_COMMITTED").state["phase"] == "SHIPPED"


def test_an_unpaid_order_asks_for_nothing_until_it_is_paid() -> None:
    saga = Saga().order(status="UNPAID")
    assert (saga.sent(), saga.statuses) == ([], [("UNPAID", "not paid yet")])

    assert saga.order(version=2).sent() == [("Reserve", "MUG", "HZ")]
    assert saga.order(version=3, status="UNPAID").sent() == [("Release", "MUG", "HZ")]


def test_cancelling_after_shipping_is_said_aloud() -> None:
    saga = allocated().tell("Shipped", shipped())

    assert saga.order(version=2, status="CANCELLED").statuses == [("SHIPPED", "cancelled after it was shipped")]
    note = saga.tell("OperatorDecision", operator("CANCEL")).statuses
    assert note == [("SHIPPED", "an operator cancelled it after it was shipped")]
