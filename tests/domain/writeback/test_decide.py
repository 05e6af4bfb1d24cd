"""Writeback: one event about an order's parcels in, one decision out."""

from __future__ import annotations

from typing import Any

import pytest

from streams.domain.channels import CHANNELS
from streams.domain.writeback import decide as writeback
from streams.domain.writeback.events import NoSuchParcel, TooManyParcels
from streams.domain.writeback.policy import POLICIES, Policy, Rules, policies
from streams.domain.writeback.state import COMMANDS_MAX, PARCELS_MAX, REASON_MAX, due_ms
from tests.domain.make import AT_MS, forgotten
from tests.domain.writebacks import HOUR_MS, MINUTE_MS, Life, allocated, command, line, order, result, shipped

FIVE_MINUTES_MS = 5 * MINUTE_MS
FAILURES = sorted(POLICIES)


# --- the way of a parcel ---


def test_a_parcel_that_left_is_told_with_its_warehouse_s_share_of_the_order() -> None:
    life = Life().begun()

    (request,) = life.requests
    assert (request["request_id"], request["tracking_no"], request["carrier"]) == ("S1#1", "SFS1", "SF")
    assert request["lines"] == [line("1"), line("2", 1)]
    assert (request["parcel_no"], request["whole_order"], request["attempt"], request["by"]) == (1, True, 1, "system")
    assert life.phases() == ["REQUESTED"]


def test_a_parcel_without_a_carrier_goes_with_whom_the_rules_chose() -> None:
    life = Life().take("Order", order()).take("Shipped", shipped(number="", carrier=""))
    assert not life.requests and life.phases() == ["WAITING"]
    life.take(
        "OrderAllocated", allocated(("HZ", {**line(), "carrier": "SF"}), ("HZ", {**line("2", 1), "carrier": "ZTO"}))
    )

    (request,) = life.requests
    assert (request["carrier"], request["tracking_no"]) == ("ZTO", "")
    assert life.parcel()["carrier"] == "ZTO"


def test_a_warehouse_that_names_a_carrier_is_believed_whatever_the_rules_chose() -> None:
    life = Life().take("Order", order()).take("OrderAllocated", allocated(("HZ", {**line(), "carrier": "ZTO"})))
    assert life.take("Shipped", shipped()).requests[0]["carrier"] == "SF"


def test_a_parcel_of_which_nobody_says_who_takes_it_waits_for_a_person() -> None:
    life = Life().begun(shipped(carrier=""))
    assert not life.requests and life.phases() == ["WAITING"]
    assert "its carrier is not known" in life.parcel()["reason"]
    life.take("WritebackCommand", command("REDRIVE", carrier="YTO"))
    assert [request["carrier"] for request in life.requests] == ["YTO"]


@pytest.mark.parametrize("outcome", ["SHIPPED", "ALREADY_SHIPPED"])
def test_a_success_is_written_once_and_for_all(outcome: str) -> None:
    life = Life().begun().answer(outcome)
    assert life.phases() == ["WRITTEN"]
    told = list(life.statuses)

    life.answer("RETRYABLE").take("Order", order(2, "CANCELLED")).take("WritebackCommand", command("ABANDON"))
    life.tick(100 * HOUR_MS)

    assert life.phases() == ["WRITTEN"]
    assert len(life.requests) == 1 and not life.dead and not life.warnings
    assert life.statuses[len(told) :] == [
        {**told[-1], "reason": life.parcel()["reason"], "at_ms": life.at_ms - 100 * HOUR_MS}
    ]
    assert "abandon had no effect" in life.parcel()["reason"]


def test_the_last_word_of_a_parcel_is_where_it_stands() -> None:
    life = Life().take("Shipped", shipped()).begun(shipped("S2")).answer("RETRYABLE").tick(FIVE_MINUTES_MS).answer()

    for shipment in ("S1", "S2"):
        said = [status for status in life.statuses if status["shipment_id"] == shipment][-1]
        parcel = life.parcel(shipment)
        assert {field: said[field] for field in said.keys() & parcel.keys()} == {
            field: parcel[field] for field in said.keys() & parcel.keys()
        }


# --- retries ---


def test_a_first_failure_is_tried_again_after_five_minutes_and_three_times_in_all() -> None:
    life = Life().begun()
    for attempt in (1, 2):
        life.answer("RETRYABLE")
        assert life.parcel()["next_at_ms"] == life.at_ms + FIVE_MINUTES_MS
        life.tick(FIVE_MINUTES_MS - 1)
        assert (life.phases(), len(life.requests)) == (["RETRYING"], attempt)
        life.tick(1)
        assert life.requests[-1]["request_id"] == f"S1#{attempt + 1}"

    life.answer("RETRYABLE")

    assert life.phases() == ["DEAD"]
    (dead,) = life.dead
    assert (dead["attempts"], dead["outcome"], dead["code"], dead["reason"]) == (3, "RETRYABLE", "B150", "busy")
    assert life.tick(100 * HOUR_MS).phases() == ["DEAD"]


@pytest.mark.parametrize("outcome", [each for each in FAILURES if each != "RETRYABLE"])
def test_what_no_repetition_heals_goes_to_a_person_at_once(outcome: str) -> None:
    life = Life().begun().answer(outcome)

    assert (life.phases(), len(life.dead)) == (["DEAD"], 1)


def test_the_platform_s_own_wait_is_respected() -> None:
    life = Life().begun().answer("RETRYABLE", retry_after_ms=HOUR_MS)
    assert life.tick(HOUR_MS - 1).phases() == ["RETRYING"]
    assert life.tick(1).phases() == ["REQUESTED"]

    life.answer("RETRYABLE", retry_after_ms=1_000)
    assert life.tick(FIVE_MINUTES_MS - 1).phases() == ["RETRYING"]


def test_the_policy_of_a_class_can_be_chosen() -> None:
    life = Life(Rules(policies("ORDER_FORBIDS=2:3600,RETRYABLE=1"))).begun().answer("ORDER_FORBIDS")
    assert life.tick(HOUR_MS).phases() == ["REQUESTED"]
    assert life.answer("ORDER_FORBIDS").phases() == ["DEAD"]

    assert Life(Rules(policies("RETRYABLE=1"))).begun().answer("RETRYABLE").phases() == ["DEAD"]


def test_an_override_leaves_the_other_classes_alone() -> None:
    table = policies(" RETRYABLE=5:600 ,")
    assert table["RETRYABLE"] == Policy(5, 600_000)
    assert {name: each for name, each in table.items() if name != "RETRYABLE"} == {
        name: each for name, each in POLICIES.items() if name != "RETRYABLE"
    }


@pytest.mark.parametrize("text", ["RETRYABLE", "SHIPPED=2:1", "BUSY=3:300", "RETRYABLE=0:1", "RETRYABLE=11", "X=1:x"])
def test_an_override_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write OUTCOME=ATTEMPTS:SECONDS"):
        policies(text)


def test_an_older_request_s_answer_has_no_effect() -> None:
    life = Life().begun().answer("RETRYABLE").tick(FIVE_MINUTES_MS)
    before = life.state

    life.take("WritebackResult", result(life.requests[0], "SHIPPED"))

    assert life.state is before


def test_an_answer_read_twice_has_no_further_effect() -> None:
    life = Life().begun().answer("RETRYABLE")
    before = life.state
    assert life.answer("RETRYABLE").state is before


# --- what the order ships, and who ---


@pytest.mark.parametrize(
    ("second", "whole"),
    [
        ({}, False),
        ({"cancelled_quantity": 1}, True),
        # Nobody sends a voucher; what a supplier sends is still to come, and the platform must not take our parcel for all.
        ({"sent_by": "NOBODY"}, True),
        ({"sent_by": "SUPPLIER"}, False),
        ({"sent_by": "PLATFORM", "cancelled_quantity": 1}, True),
    ],
)
def test_a_parcel_is_the_whole_order_when_nothing_else_is_to_be_sent_by_anybody(
    second: dict[str, Any], whole: bool
) -> None:
    first, other = order()["lines"]
    life = Life().begun(shipped("S1", lines=[line("1")]), lines=[first, {**other, **second}])
    assert life.requests[0]["whole_order"] is whole


def test_what_a_redrive_sends_is_what_this_merchant_sends() -> None:
    first, other = order()["lines"]
    life = Life().take("Order", order(lines=[first, {**other, "sent_by": "SUPPLIER"}])).take("Shipped", shipped())
    assert "what is in it is not known" in life.parcel()["reason"]
    assert life.take("WritebackCommand", command()).requests[0]["lines"] == [line("1")]


# --- the platform holds the order ---


def test_a_hold_is_waited_out_however_long_it_lasts_and_is_no_attempt() -> None:
    life = Life().begun()
    since_ms = None
    for request in range(1, 50):
        life.hold()
        parcel = life.parcel()
        since_ms = since_ms or life.at_ms
        assert (parcel["phase"], parcel["attempt"], parcel["reason"]) == ("WAITING", 0, "ON_HOLD")
        assert (parcel["next_at_ms"], parcel["held_since_ms"]) == (life.at_ms + HOUR_MS // 2, since_ms)
        assert life.statuses[-1]["held_since_ms"] == since_ms
        assert len(life.tick(HOUR_MS // 2 - 1).requests) == request
        assert life.tick(1).requests[-1]["request_id"] == f"S1#{request + 1}"
    assert life.requests[-1]["attempt"] == 1

    life.answer()

    assert (life.phases(), life.dead, life.parcel()["held_since_ms"]) == (["WRITTEN"], [], None)


def test_after_a_hold_there_are_as_many_attempts_as_before_it() -> None:
    life = Life().begun().answer("RETRYABLE").tick(FIVE_MINUTES_MS).hold().tick(HOUR_MS)
    assert life.requests[-1]["attempt"] == 2
    assert life.answer("RETRYABLE").parcel()["held_since_ms"] is None
    assert life.tick(FIVE_MINUTES_MS).requests[-1]["attempt"] == 3
    assert life.answer("RETRYABLE").phases() == ["DEAD"]


def test_how_long_a_hold_waits_can_be_chosen_and_the_platform_s_longer_wait_goes_before_it() -> None:
    life = Life(Rules(held_ms=HOUR_MS)).begun().hold(retry_after_ms=3 * HOUR_MS)
    assert life.tick(3 * HOUR_MS - 1).phases() == ["WAITING"]
    assert life.tick(1).phases() == ["REQUESTED"]
    assert life.hold(retry_after_ms=1).tick(HOUR_MS).phases() == ["REQUESTED"]


def test_a_held_parcel_is_tried_at_once_when_its_order_changes() -> None:
    life = Life().begun().hold()
    assert life.take("Order", order(1)).phases() == ["WAITING"], "nothing new"
    assert life.take("Order", order(2, "HOLD")).parcel()["reason"] == "the platform holds the order: refund_open"
    assert life.take("Order", order(3)).phases() == ["REQUESTED"]
    assert life.hold().take("Order", order(4)).phases() == ["REQUESTED"]


def test_a_held_order_that_is_cancelled_is_a_person_s() -> None:
    life = Life().begun().hold().take("Order", order(2, "CANCELLED"))
    assert (life.phases(), life.dead[0]["outcome"]) == (["DEAD"], "ORDER_FORBIDS")
    assert life.parcel()["held_since_ms"] is None


def test_what_the_platform_holds_does_not_keep_the_order_s_other_parcels() -> None:
    first, second = shipped("S1", lines=[line("1")]), shipped("S2", lines=[line("2", 1)])
    life = Life().begun(first, second).hold()
    assert (life.phases(), life.requests[-1]["shipment_id"]) == (["WAITING", "REQUESTED"], "S2")
    assert life.answer().tick(HOUR_MS).requests[-1]["parcel_no"] == 2
    assert life.answer().phases() == ["WRITTEN", "WRITTEN"]


def test_an_operator_redrives_or_abandons_what_is_held() -> None:
    assert Life().begun().hold().take("WritebackCommand", command()).phases() == ["REQUESTED"]
    life = Life().begun().hold().take("WritebackCommand", command("ABANDON")).tick(100 * HOUR_MS)
    assert (life.phases(), life.parcel()["held_since_ms"]) == (["ABANDONED"], None)


# --- preflight ---


def test_a_parcel_read_before_its_order_waits_for_it() -> None:
    life = Life().take("Shipped", shipped())
    assert (life.phases(), life.parcel()["reason"]) == (["WAITING"], "its order has not been read yet")

    life.take("OrderAllocated", allocated()).take("Order", order())
    assert life.phases() == ["REQUESTED"]


@pytest.mark.parametrize(("status", "why"), [("HOLD", "refund_open"), ("UNPAID", "not paid")])
def test_a_held_order_waits_says_why_and_goes_on(status: str, why: str) -> None:
    life = Life().begun(status=status)
    assert life.phases() == ["WAITING"] and why in life.parcel()["reason"]
    assert why in life.statuses[-1]["reason"]

    assert life.take("Order", order(2)).phases() == ["REQUESTED"]


def test_a_retry_that_is_due_while_the_order_is_held_waits_too() -> None:
    life = Life().begun().answer("RETRYABLE").take("Order", order(2, "HOLD")).tick(FIVE_MINUTES_MS)
    assert (life.phases(), len(life.requests)) == (["WAITING"], 1)

    life.take("Order", order(3))
    assert life.requests[-1]["attempt"] == 2


def test_a_cancelled_order_s_parcels_are_dead() -> None:
    assert Life().begun(status="CANCELLED").dead[0]["outcome"] == "ORDER_FORBIDS"

    life = Life().begun().answer("RETRYABLE").take("Order", order(2, "CANCELLED"))
    assert (life.phases(), life.dead[0]["outcome"], len(life.requests)) == (["DEAD"], "ORDER_FORBIDS", 1)


def test_while_the_platform_is_being_asked_a_cancellation_leaves_the_answer_to_it() -> None:
    life = Life().begun().take("Order", order(2, "CANCELLED"))
    assert life.phases() == ["REQUESTED"]
    assert life.answer().phases() == ["WRITTEN"]


def test_an_order_shown_as_shipped_is_told_all_the_same() -> None:
    assert Life().begun(status="SHIPPED").phases() == ["REQUESTED"]


def test_an_older_version_changes_nothing() -> None:
    life = Life().begun(version=5)
    before = life.state
    assert life.take("Order", order(4, "CANCELLED")).state is before


# --- what is in a parcel ---


def test_the_parcel_s_own_lines_go_before_the_allocation() -> None:
    life = Life().begun(shipped(lines=[line("1", 1)]))
    assert life.requests[0]["lines"] == [line("1", 1)]
    assert not life.requests[0]["whole_order"]


def test_several_warehouses_ship_a_part_each() -> None:
    life = Life().take("Order", order()).take("OrderAllocated", allocated(("HZ", line("1")), ("GZ", line("2", 1))))
    life.take("Shipped", shipped("S1", "HZ")).take("Shipped", shipped("S2", "GZ")).answer()

    assert [request["lines"] for request in life.requests] == [[line("1")], [line("2", 1)]]
    assert [request["whole_order"] for request in life.requests] == [False, False]
    assert [request["parcel_no"] for request in life.requests] == [1, 2]


def test_a_warehouse_that_a_later_allocation_leaves_out_shipped_what_it_had_been_given() -> None:
    life = Life().take("Order", order()).take("OrderAllocated", allocated())
    life.take("AllocationReleased", {"order_id": "taobao:1"}).take(
        "OrderAllocated", allocated(("GZ", line("1")), attempt=2)
    )
    life.take("Shipped", shipped())
    assert life.requests[0]["lines"] == [line("1"), line("2", 1)]


def test_an_older_allocation_read_again_changes_nothing() -> None:
    life = Life().take("Order", order()).take("OrderAllocated", allocated(("HZ", line("1")), attempt=2))
    before = life.state
    assert life.take("OrderAllocated", allocated()).state is before


def test_content_that_nobody_told_is_waited_for_and_an_operator_may_send_what_is_left() -> None:
    life = Life().take("Order", order()).take("Shipped", shipped("S1", lines=[line("1")])).answer()
    life.take("Shipped", shipped("S2", "GZ"))
    assert life.parcel("S2")["phase"] == "WAITING" and "no allocation names GZ" in life.parcel("S2")["reason"]

    life.take("WritebackCommand", command(shipment="S2"))
    assert life.requests[-1]["lines"] == [line("2", 1)]


def test_cancelled_units_are_not_to_be_shipped() -> None:
    cancelled = [{**each, "cancelled_quantity": 1} for each in order()["lines"]]
    life = Life().take("Order", order(lines=cancelled)).take("OrderAllocated", allocated(("HZ", line("1", 1))))
    assert life.take("Shipped", shipped()).requests[0]["whole_order"]


def test_combined_goods_are_told_as_the_line_they_were_bought_as_once() -> None:
    parts = [{**each, "line_no": f"7/{each['sku']}", "bundle_line_no": "7"} for each in order()["lines"]]
    own = {**order()["lines"][0], "line_no": "8", "sku": "POT", "quantity": 1}
    mug, cup, pot = ({"line_no": each["line_no"], "sku": each["sku"], "quantity": 1} for each in (*parts, own))
    life = Life().take("Order", order(lines=[*parts, own])).take("Shipped", shipped("S1", lines=[mug, cup]))
    assert life.requests[0]["lines"] == [{"line_no": "7", "sku": "", "quantity": 1}]
    assert not life.requests[0]["whole_order"]

    life.answer().take("Shipped", shipped("S2", lines=[mug, pot]))
    assert life.requests[-1]["lines"] == [pot]
    # A parcel with nothing else has a number of its own to tell.
    life.answer().take("Shipped", shipped("S3", lines=[mug]))
    assert life.requests[-1]["lines"] == [{"line_no": "7", "sku": "", "quantity": 1}]


# --- waybills and personal data ---


def test_a_parcel_without_a_number_is_told_with_whom_it_goes_to() -> None:
    life = Life().begun(shipped(number=""))
    assert life.requests[0]["receiver"] == order()["receiver"]

    life.answer("RETRYABLE", tracking_no="SF9", carrier="SFX").tick(FIVE_MINUTES_MS)
    assert (life.requests[1]["tracking_no"], life.requests[1]["carrier"]) == ("SF9", "SFX")
    assert life.requests[1]["receiver"] is None


def test_the_number_as_it_was_written_back_is_the_parcel_s() -> None:
    life = Life().begun(shipped(number=" sf1 ")).answer(tracking_no="SF1")
    assert life.parcel()["tracking_no"] == life.statuses[-1]["tracking_no"] == "SF1"


def test_the_receiver_is_kept_only_while_a_waybill_may_be_needed() -> None:
    life = Life().begun()
    assert life.requests[0]["receiver"] is None
    assert life.answer().state["receiver"] is not None, "the order may have more to ship"
    assert life.take("Order", order(2, "SHIPPED")).state["receiver"] is None
    assert Life().begun(status="CANCELLED").state["receiver"] is None

    life = Life().begun(shipped(number="")).take("Order", order(2, "SHIPPED"))
    assert life.state["receiver"] is not None
    assert life.answer(tracking_no="SF9").state["receiver"] is None


def test_a_waybill_for_a_receiver_who_is_not_kept_waits_for_a_number_or_for_the_order_s_next_version() -> None:
    life = Life().begun(shipped(number=""), status="SHIPPED")
    assert "the receiver is not kept any more" in life.parcel()["reason"]
    assert life.take("Order", order(2, "SHIPPED")).phases() == ["REQUESTED"]


def test_a_person_who_is_forgotten_is_not_kept_and_no_waybill_is_made_for_them() -> None:
    life = Life().begun(shipped(number=""), shipped("S2", number="")).take("PersonForgotten", forgotten())
    assert life.state["receiver"] is None
    assert "the receiver is not kept any more" in life.answer(tracking_no="SF9").parcel("S2")["reason"]
    assert Life().take("PersonForgotten", forgotten()).state is None


# --- several parcels of one order ---


def test_an_order_s_parcels_are_told_one_after_another() -> None:
    life = Life().begun(shipped("S1"), shipped("S2"), shipped("S3"))
    assert life.phases() == ["REQUESTED", "WAITING", "WAITING"]
    assert life.parcel("S2")["reason"] == "shipment S1 is told first"

    life.answer("RETRYABLE")
    assert life.phases() == ["RETRYING", "WAITING", "WAITING"], "a platform may want the first parcel first"
    assert life.tick(FIVE_MINUTES_MS).answer().phases() == ["WRITTEN", "REQUESTED", "WAITING"]
    assert life.answer("NUMBER_WRONG").phases() == ["WRITTEN", "DEAD", "REQUESTED"]


def test_a_parcel_that_was_given_up_leaves_its_place_to_the_next() -> None:
    life = Life().begun(shipped("S1"), shipped("S2"), shipped("S3")).answer("NUMBER_WRONG").answer().answer()
    assert [request["parcel_no"] for request in life.requests] == [1, 1, 2]

    life.take("WritebackCommand", command())
    assert life.requests[-1]["parcel_no"] == 3


def test_a_waiting_parcel_holds_up_no_other() -> None:
    life = Life().take("Order", order()).take("Shipped", shipped("S1", "GZ"))
    assert life.take("Shipped", shipped("S2", lines=[line("1")])).phases() == ["WAITING", "REQUESTED"]


def test_a_shipment_told_twice_is_one_parcel() -> None:
    life = Life().begun()
    before = life.state
    assert life.take("Shipped", shipped(number="SF-OTHER")).state is before


def test_the_same_number_for_the_same_goods_is_told_once() -> None:
    life = Life().begun(shipped("S1", number="SF7"), shipped("S2", number="sf７ ")).answer()
    assert (life.phases(), len(life.requests)) == (["WRITTEN", "WRITTEN"], 1)
    assert life.parcel("S2")["reason"] == "its number was told with shipment S1"


def test_the_same_number_for_other_goods_is_told_again() -> None:
    first, second = shipped("S1", number="SF7", lines=[line("1")]), shipped("S2", number="SF7", lines=[line("2", 1)])
    life = Life().begun(first, second).answer()
    assert life.phases() == ["WRITTEN", "REQUESTED"]


def test_merged_orders_are_told_each_for_itself() -> None:
    one, other = Life().begun(shipped(number="SF7")), Life()
    other.take("Order", order(order_id="taobao:2")).take("OrderAllocated", allocated(order_id="taobao:2"))
    other.take("Shipped", {**shipped(number="SF7"), "order_id": "taobao:2"})
    assert [life.requests[0]["order_no"] for life in (one, other)] == ["1", "2"]


def test_an_order_has_only_so_many_parcels() -> None:
    life = Life().begun(*(shipped(f"S{number}") for number in range(PARCELS_MAX)))
    with pytest.raises(TooManyParcels, match="can have no more"):
        life.take("Shipped", shipped("one too many"))


# --- operators ---


def test_a_redrive_begins_attempts_anew_with_what_was_corrected() -> None:
    life = Life().begun().answer("NUMBER_WRONG").take("WritebackCommand", command(carrier="YTO", tracking_no="YT1"))

    request = life.requests[-1]
    assert (request["request_id"], request["attempt"], request["by"]) == ("S1#2", 1, "li")
    assert (request["carrier"], request["tracking_no"]) == ("YTO", "YT1")
    for _ in range(2):
        life.answer("RETRYABLE").tick(FIVE_MINUTES_MS)
    assert life.answer("RETRYABLE").phases() == ["DEAD"]


def test_a_command_read_twice_has_no_further_effect() -> None:
    life = Life().begun().answer("NUMBER_WRONG").take("WritebackCommand", command()).answer("NUMBER_WRONG")
    before = life.state
    assert life.take("WritebackCommand", command()).state is before


def test_only_so_many_commands_are_remembered() -> None:
    life = Life().begun().answer("NUMBER_WRONG")
    for number in range(COMMANDS_MAX + 5):
        life.take("WritebackCommand", command(command_id=f"C{number}")).answer("NUMBER_WRONG")
    assert len(life.state["commands"]) == COMMANDS_MAX


def test_a_platform_s_long_words_are_cut() -> None:
    assert len(Life().begun().answer("RETRYABLE", reason="<html>" * 1_000).parcel()["reason"]) == REASON_MAX


def test_a_redrive_while_the_answer_is_awaited_asks_no_second_time() -> None:
    life = Life().begun().take("WritebackCommand", command())
    assert (life.phases(), len(life.requests)) == (["REQUESTED"], 1)
    assert "answer to its request is awaited" in life.statuses[-1]["reason"]


def test_a_redrive_does_not_wait_for_the_retry() -> None:
    life = Life().begun().answer("RETRYABLE").take("WritebackCommand", command())
    assert (life.phases(), life.requests[-1]["attempt"]) == (["REQUESTED"], 1)


def test_a_redriven_parcel_of_a_cancelled_order_is_dead_again_and_says_so() -> None:
    life = Life().begun(status="CANCELLED").take("WritebackCommand", command())
    assert (life.phases(), len(life.dead), life.statuses[-1]["phase"]) == (["DEAD"], 2, "DEAD")


def test_an_abandoned_parcel_is_ended_and_the_next_one_told() -> None:
    life = Life().begun(shipped("S1"), shipped("S2")).take("WritebackCommand", command("ABANDON"))
    assert life.phases() == ["ABANDONED", "REQUESTED"]

    life.take("WritebackCommand", command("REDRIVE", command_id="C2")).tick(100 * HOUR_MS)
    assert life.parcel()["phase"] == "ABANDONED"
    assert {warning["shipment_id"] for warning in life.warnings} == {"S2"}


def test_an_abandoned_parcel_that_the_platform_took_is_written() -> None:
    life = Life().begun().take("WritebackCommand", command("ABANDON"))
    life.take("WritebackResult", result(life.requests[0], "SHIPPED"))
    assert life.phases() == ["WRITTEN"]


@pytest.mark.parametrize(("name", "record"), [("WritebackCommand", command(shipment="S9"))])
def test_a_record_about_an_unknown_parcel_is_set_aside(name: str, record: Any) -> None:
    with pytest.raises(NoSuchParcel, match="no shipment 'S9'"):
        Life().begun().take(name, record)
    stray = {"request_id": "S9#1", "order_id": "taobao:1", "shipment_id": "S9", "carrier": "", "tracking_no": ""}
    with pytest.raises(NoSuchParcel, match="no shipment 'S9'"):
        Life().begun().take("WritebackResult", result(stray))


# --- deadlines ---


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_the_order_s_own_deadline_wins_over_the_channel_s(channel: str) -> None:
    default = (
        Life().take("Order", order(order_id=f"{channel}:1")).take("OrderAllocated", allocated(order_id=f"{channel}:1"))
    )
    default.take("Shipped", {**shipped(), "order_id": f"{channel}:1"})
    assert default.requests[0]["ship_by_ms"] == AT_MS + CHANNELS[channel].ship_within_ms

    assert Life().begun(ship_by_ms=AT_MS + 7).requests[0]["ship_by_ms"] == AT_MS + 7


def test_without_a_time_of_payment_the_deadline_counts_from_the_order_s_placing() -> None:
    life = Life().begun(paid_at_ms=None)
    assert life.requests[0]["ship_by_ms"] == order()["placed_at_ms"] + CHANNELS["taobao"].ship_within_ms


def test_what_is_due_together_goes_out_by_time_left() -> None:
    requests = [Life().begun(ship_by_ms=AT_MS + hours * HOUR_MS).requests[0] for hours in (5, 1, 3)]
    assert writeback.by_time_left(requests) == [requests[1], requests[2], requests[0]]


def test_a_deadline_that_is_near_is_told_once() -> None:
    life = Life().begun(status="HOLD", ship_by_ms=AT_MS + 10 * HOUR_MS)
    assert due_ms(life.state, life.rules) == AT_MS + 8 * HOUR_MS
    life.tick(7 * HOUR_MS)
    assert not life.warnings

    life.tick(HOUR_MS).tick(HOUR_MS).tick(HOUR_MS)
    (warning,) = life.warnings
    assert (warning["shipment_id"], warning["phase"]) == ("S1", "WAITING")
    assert "refund_open" in warning["reason"]
    assert due_ms(life.state, life.rules) is None


def test_a_dead_parcel_s_deadline_is_told_too() -> None:
    assert Life().begun().answer("NUMBER_WRONG").tick(47 * HOUR_MS).warnings


def test_a_parcel_that_left_late_is_given_a_minute_before_it_is_warned_of() -> None:
    life = Life().begun(ship_by_ms=AT_MS - HOUR_MS)
    assert not life.tick(MINUTE_MS - 10).warnings
    assert life.tick(10).warnings


def test_an_order_s_next_time_is_the_earliest_of_its_parcels() -> None:
    assert due_ms(None, Rules()) is None
    life = Life().begun().answer("RETRYABLE")
    assert due_ms(life.state, life.rules) == life.at_ms + FIVE_MINUTES_MS
    assert due_ms(life.tick(FIVE_MINUTES_MS).answer().state, life.rules) is None
