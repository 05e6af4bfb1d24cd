"""Which delivery order is told, when it is taken back, and who was first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domain.warehouse.decide import NoSuchDelivery
from streams.domain.warehouse.naming import delivery_id, order_of
from streams.domain.warehouse.policy import Rules, rules
from tests.domain.warehouse.make import BOTH, CODE, ORDER, Life, allocated, order, parcel, part, released, report

SECOND = f"{CODE}.2"


def test_an_allocation_is_told_once_its_order_is_read() -> None:
    life = Life()
    life.on("OrderAllocated", allocated())
    assert (life.requests, life.phase()) == ([], "WAITING")
    life.on("Order", order())
    (request,) = life.requests
    assert (request["delivery_id"], request["action"], request["again"]) == (CODE, "CREATE", False)
    assert [(it["sku"], it["quantity"], it["unit_price_minor"]) for it in request["lines"]] == [
        ("MUG", 2, 990),
        ("CUP", 1, 990),
    ]
    assert request["receiver"]["name"] == "王小明"
    life.answer()
    assert life.phase() == "CREATED"
    # Read again, it is the same allocation.
    life.on("OrderAllocated", allocated())
    assert len(life.requests) == 1


def test_each_warehouse_has_its_own_one_after_another() -> None:
    life = Life()
    life.on("Order", order())
    life.on("OrderAllocated", allocated(part(), part("CUP", 1, "2", "GZ1")))
    assert [it["warehouse"] for it in life.requests] == ["HZ1"]
    life.answer()
    assert [it["warehouse"] for it in life.requests] == ["HZ1", "GZ1"]


def test_a_later_attempt_tells_what_is_new_alone() -> None:
    life = Life().created()
    more = part("POT", 1, "3", reservation_id="taobao:1/2.1/3/HZ1")
    life.on("OrderAllocated", allocated(*BOTH, more, attempt=2))
    assert [it["sku"] for it in life.requests[-1]["lines"]] == ["POT"]
    assert life.requests[-1]["delivery_id"] == "taobao.1.2.HZ1"


@pytest.mark.parametrize("status", ["HOLD", "UNPAID"])
def test_what_the_platform_holds_waits(status: str) -> None:
    life = Life()
    life.on("Order", order(status=status))
    life.on("OrderAllocated", allocated())
    assert life.requests == []
    life.on("Order", order(version=2))
    assert len(life.requests) == 1


def test_an_older_receiver_is_never_told() -> None:
    life = Life()
    life.on("Order", order())
    life.on("OrderAllocated", allocated(order_version=2))
    assert life.requests == []
    life.on("Order", order(version=2, address="新街 2 号"))
    assert life.requests[0]["receiver"]["address"] == "新街 2 号"


def test_what_nobody_was_told_of_is_cancelled_without_a_call() -> None:
    life = Life()
    life.on("OrderAllocated", allocated())
    life.on("AllocationReleased", released())
    life.on("Order", order())
    assert (life.phase(), life.requests) == ("CANCELLED", [])


def test_a_release_takes_it_back() -> None:
    life = Life().created()
    life.on("AllocationReleased", released())
    assert (life.phase(), life.requests[-1]["action"], life.requests[-1]["receiver"]) == ("CANCELLING", "CANCEL", None)
    life.answer()
    assert life.phase() == "CANCELLED"


def test_while_it_is_being_told_its_answer_is_awaited_first() -> None:
    life = Life()
    life.on("Order", order())
    life.on("OrderAllocated", allocated())
    life.on("AllocationReleased", released())
    assert len(life.requests) == 1
    life.answer()
    assert [it["action"] for it in life.requests] == ["CREATE", "CANCEL"]


def test_what_was_refused_for_certain_needs_no_cancellation() -> None:
    life = Life()
    life.on("Order", order())
    life.on("OrderAllocated", allocated())
    life.on("AllocationReleased", released())
    life.answer("REFUSED")
    assert (life.phase(), len(life.requests), life.dead) == ("CANCELLED", 1, [])


def test_what_may_be_there_is_taken_back_too() -> None:
    life = Life(Rules(1, 1_000))
    life.on("Order", order())
    life.on("OrderAllocated", allocated())
    life.answer("RETRYABLE")
    assert life.phase() == "DEAD"
    life.on("AllocationReleased", released())
    assert life.requests[-1]["action"] == "CANCEL"


def test_what_stays_reserved_goes_out_anew_once_the_other_is_back() -> None:
    life = Life().created()
    life.on("AllocationReleased", released(BOTH[1]))
    assert (life.phase(), life.phase(SECOND)) == ("CANCELLING", "WAITING")
    life.answer()
    assert (life.phase(), life.phase(SECOND)) == ("CANCELLED", "REQUESTED")
    assert [(it["sku"], it["quantity"]) for it in life.requests[-1]["lines"]] == [("MUG", 2)]


def test_a_corrected_receiver_replaces_what_was_told() -> None:
    life = Life().created()
    life.on("Order", order(version=2, receiver_from="c-1"))
    life.answer()
    assert (life.phase(), life.requests[-1]["delivery_id"]) == ("CANCELLED", SECOND)
    # Shown anew by the platform, and the same to whom a person named.
    told = len(life.requests)
    life.answer()
    life.on("Order", order(version=3, receiver_from="c-1"))
    assert len(life.requests) == told


def test_the_scan_was_first() -> None:
    life = Life().created()
    life.on("AllocationReleased", released())
    life.answer("TOO_LATE")
    assert life.phase() == "TOO_LATE"
    assert [name for name, _ in life.dead] == ["DeliveryDead"]
    # What has left has left, and is told.
    life.on("WarehouseReport", report(parcels=[parcel()]))
    assert (life.phase(), len(life.shipped)) == ("SHIPPED", 1)


def test_the_cancellation_was_first() -> None:
    life = Life().created()
    life.on("AllocationReleased", released())
    life.answer()
    life.on("WarehouseReport", report(parcels=[parcel()]))
    assert (life.shipped, life.aside(), life.phase()) == ([], ["cancelled"], "CANCELLED")


def test_the_parcel_is_read_before_the_answer_to_the_cancellation() -> None:
    life = Life().created()
    life.on("AllocationReleased", released())
    life.on("WarehouseReport", report(parcels=[parcel()]))
    assert (life.phase(), len(life.shipped)) == ("SHIPPED", 1)
    life.answer("TOO_LATE")
    assert (life.phase(), life.dead) == ("SHIPPED", [])


def test_a_system_that_says_both_is_a_persons() -> None:
    life = Life().created()
    life.on("AllocationReleased", released())
    life.on("WarehouseReport", report(parcels=[parcel()]))
    life.answer("DONE")
    assert (life.phase(), [name for name, _ in life.dead]) == ("SHIPPED", ["DeliveryDead"])


def test_nothing_is_sent_anew_for_what_left_though_it_was_to_be_taken_back() -> None:
    life = Life().created()
    life.on("AllocationReleased", released())
    life.on("OrderAllocated", allocated(part(reservation_id="taobao:1/2.1/1/GZ1", warehouse="GZ1"), attempt=2))
    life.answer("TOO_LATE")
    assert life.phase("taobao.1.2.GZ1") == "WAITING"
    life.on("WarehouseReport", report(parcels=[parcel()]))
    assert life.phase("taobao.1.2.GZ1") == "DEAD"
    assert [it["action"] for it in life.requests] == ["CREATE", "CANCEL"]


def test_a_failure_is_tried_again_and_then_a_persons() -> None:
    life = Life(Rules(2, 1_000))
    life.on("Order", order())
    life.on("OrderAllocated", allocated())
    life.answer("RETRYABLE")
    life.wait(999)
    assert len(life.requests) == 1
    life.wait(1)
    assert [it["again"] for it in life.requests] == [False, True]
    life.answer("RETRYABLE", reason="it is away")
    ((_, dead),) = life.dead
    assert (life.phase(), dead["reason"], dead["attempts"]) == ("DEAD", "it is away", 2)
    command = {"command_id": "c", "order_id": ORDER, "delivery_id": CODE, "action": "REDRIVE", "by": "li"}
    life.on("DeliveryCommand", {**command, "reason": "", "decided_at_ms": 1})
    # Asked first: one of the two may have arrived.
    assert (life.requests[-1]["again"], life.requests[-1]["by"]) == (True, "li")
    life.on("DeliveryCommand", {**command, "reason": "", "decided_at_ms": 1})
    assert len(life.requests) == 3


def test_a_warehouse_without_a_system_is_somebody_elses() -> None:
    life = Life()
    life.on("Order", order())
    life.on("OrderAllocated", allocated())
    life.answer("UNCONNECTED")
    assert (life.phase(), life.dead) == ("ELSEWHERE", [])


def test_an_old_answer_counts_for_nothing() -> None:
    life = Life(Rules(3, 0))
    life.on("Order", order())
    life.on("OrderAllocated", allocated())
    life.answer("RETRYABLE")
    life.wait(1)
    life.answer("REFUSED", request=0)
    assert life.phase() == "REQUESTED"
    with pytest.raises(NoSuchDelivery):
        life.answer("DONE", delivery_id="taobao.1.9.XX")


def test_the_receiver_is_kept_no_longer_than_it_may_be_told() -> None:
    life = Life().created()
    assert life.state["receiver"] is not None
    life.on("WarehouseReport", report(parcels=[parcel()]))
    assert life.state["receiver"] is None


def test_a_person_who_is_forgotten_is_not_told() -> None:
    life = Life()
    life.on("Order", order())
    life.on("PersonForgotten", {"order_id": ORDER, "by": "li", "reason": "", "forgotten_at_ms": 1})
    life.on("OrderAllocated", allocated())
    assert (life.requests, life.phase()) == ([], "WAITING")


@pytest.mark.parametrize("text", ["3", "0:5", "3:x", "51:1", "3:-1"])
def test_a_retry_that_is_none_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="ATTEMPTS:SECONDS"):
        rules(text)
    assert rules("5:60") == Rules(5, 60_000)
    assert rules("") == Rules()


@given(
    st.sampled_from(["taobao", "jd"]),
    st.from_regex(r"[0-9A-Za-z_-]{1,64}", fullmatch=True),
    st.integers(1, 99),
    st.text(),
)
def test_the_order_can_be_read_from_the_code(channel: str, number: str, attempt: int, warehouse: str) -> None:
    order_id = f"{channel}:{number}"
    taken: set[str] = set()
    for _ in range(3):
        code = delivery_id(order_id, attempt, warehouse[:60] or "W", taken)
        assert (code in taken, order_of(code)) == (False, order_id)
        taken.add(code)
    assert order_of(f"x{number}") == ""


EVENTS: dict[str, Any] = {
    "order": ("Order", order()),
    "newer": ("Order", order(version=2)),
    "allocated": ("OrderAllocated", allocated()),
    "again": ("OrderAllocated", allocated(part(reservation_id="taobao:1/2.1/1/HZ1"), attempt=2)),
    "released": ("AllocationReleased", released()),
    "left": ("WarehouseReport", report(parcels=[parcel()])),
    "other": ("WarehouseReport", report(report_id="R-2", parcels=[parcel("YT2")])),
}


@given(st.lists(st.sampled_from([*EVENTS, "DONE", "ALREADY", "RETRYABLE", "REFUSED", "TOO_LATE", "tick"]), max_size=25))
def test_whatever_comes_when(steps: list[str]) -> None:
    """One request is open, no piece leaves twice under one delivery order, what is back is back, and nothing vanishes."""
    life = Life(Rules(2, 10))
    for step in steps:
        if step == "tick":
            if life.state is not None:
                life.wait(10)
        elif step in EVENTS:
            life.on(*EVENTS[step])
        elif life.requests:
            life.answer(step)
        found = life.state["deliveries"] if life.state else []
        assert sum(each["phase"] in ("REQUESTED", "CANCELLING") for each in found) <= 1
        for each in found:
            units = sum(line["quantity"] for line in each["left"])
            assert units <= sum(it["quantity"] for it in each["parts"])
            assert each["phase"] != "CANCELLED" or not each["left"] or each["cancel"]
        # A reservation is at one warehouse's system at the most.
        live = [
            it["reservation_id"]
            for each in found
            if each["phase"] != "CANCELLED"
            for it in each["parts"]
            if not each["cancel"]
        ]
        assert len(live) == len(set(live))
    told = [(it["shipment_id"]) for it in life.shipped]
    assert len(told) == len(set(told))
