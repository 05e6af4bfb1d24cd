"""A parcel commits what it carries, and nothing else; the rest stays reserved, is given back or is planned again."""

from __future__ import annotations

import pytest

from tests.domain.allocation.saga import NOTHING, Saga, allocated, backordered, two_warehouses
from tests.domain.make import level, line, operator, parcel_line, view

WHOLE = "taobao:1/1.1/1/HZ"


def test_a_parcel_of_a_part_commits_that_part_and_the_rest_stays_reserved() -> None:
    saga = allocated(line("MUG", 3)).parcel(parcel_line("MUG", 1))
    commit = saga.commands[0][1]
    assert (commit["reservation_id"], commit["quantity"], commit["rest_id"]) == (WHOLE, 1, f"{WHOLE}/rest")
    assert saga.parts() == [("HZ", 1, "COMMITTED"), ("HZ", 2, "GRANTED")]
    assert (saga.state["phase"], saga.statuses) == ("ALLOCATED", [])

    saga.parcel(parcel_line("MUG", 2), shipment_id="s2")
    commit = saga.commands[0][1]
    assert (commit["reservation_id"], commit["quantity"], commit["rest_id"]) == (f"{WHOLE}/rest", None, "")
    assert saga.statuses == [("SHIPPED", "every part was shipped")]


def test_a_parcel_is_taken_once() -> None:
    saga = allocated(line("MUG", 3)).parcel(parcel_line("MUG", 1))
    assert saga.parcel(parcel_line("MUG", 1)).silent()


def test_the_rest_is_given_back_when_it_is_cancelled() -> None:
    saga = allocated(line("MUG", 2)).parcel(parcel_line("MUG", 1))
    saga.order(line("MUG", 2, cancelled_quantity=1, shipped_quantity=1), version=2, status="SHIPPED")

    assert [(name, sent["reservation_id"]) for name, sent in saga.commands] == [("Release", f"{WHOLE}/rest")]
    assert saga.decided() == ["AllocationReleased"]
    assert saga.statuses == [("SHIPPED", "every part was shipped")]


def test_the_rest_is_planned_again_when_its_reservation_ends() -> None:
    saga = allocated(line("MUG", 3)).parcel(parcel_line("MUG", 1)).resolve("EXPIRED", 1)
    assert saga.units() == [("Reserve", "HZ", 2)]
    assert saga.events[0][1]["reservation_ids"] == [f"{WHOLE}/rest"]


def test_a_parcel_whose_reservation_had_expired_is_taken_off_the_shelf_and_its_rest_planned_again() -> None:
    saga = allocated(line("MUG", 3)).parcel(parcel_line("MUG", 1))
    # The expiry was read before the Commit: the answer to that one follows, and says the same.
    assert saga.resolve("EXPIRED").silent()

    saga.resolve("ALREADY_EXPIRED")
    assert saga.units() == [("Adjust", "HZ", -1), ("Reserve", "HZ", 2)]
    assert saga.commands[0][1]["command_id"] == f"{WHOLE}/left"
    assert saga.troubles == ["parcel_without_reservation"]


def test_a_line_that_two_warehouses_hold_is_met_at_the_one_whose_parcel_it_is() -> None:
    saga = Saga(view({"MUG": [level("GZ", 1), level("HZ", 2)]})).order(line("MUG", 3)).grant()
    saga.parcel(parcel_line("MUG", 1), warehouse="GZ")
    assert saga.units() == [("Commit", "GZ", None)]
    assert saga.state["phase"] == "ALLOCATED"


def test_a_warehouse_that_knows_no_lines_names_the_sku() -> None:
    saga = allocated(line("MUG", 2), line("POT", 1, "2")).parcel(parcel_line("POT", 1, line_no=""))
    assert saga.sent() == [("Commit", "POT", "HZ")]


@pytest.mark.parametrize(
    ("carried", "warehouse", "trouble"),
    [
        (parcel_line("MUG", 1, "9"), "HZ", "parcel_unknown_line"),
        (parcel_line("POT", 1), "HZ", "parcel_unknown_line"),
        (parcel_line("MUG", 1), "GZ", "parcel_wrong_warehouse"),
        (parcel_line("MUG", 5), "HZ", "parcel_too_many"),
    ],
)
def test_what_nobody_asked_for_is_told_and_moves_nothing(
    carried: dict[str, object], warehouse: str, trouble: str
) -> None:
    saga = allocated(line("MUG", 2)).parcel(carried, warehouse=warehouse)

    assert saga.troubles == [trouble]
    too_many = trouble == "parcel_too_many"
    assert saga.units() == ([("Commit", "HZ", None)] if too_many else [])
    # Too many: what was asked for is committed, and the three others are said.
    assert ("3 x MUG" in saga.statuses[0][1]) == too_many


def test_a_parcel_with_lines_before_its_order_waits_for_the_reservation() -> None:
    saga = Saga().parcel(parcel_line("MUG", 1), warehouse="GZ").order(line("MUG", 2))
    assert saga.sent() == [("Reserve", "MUG", "GZ")]

    saga.grant()
    assert saga.units() == [("Commit", "GZ", 1)]
    assert saga.parts() == [("GZ", 1, "COMMITTED"), ("GZ", 1, "GRANTED")]
    assert [phase for phase, _ in saga.statuses] == ["ALLOCATED"]


def test_a_parcel_during_reserving_is_met_with_the_allocation() -> None:
    saga = Saga().order(line("MUG", 2)).parcel(parcel_line("MUG", 2))
    assert saga.silent()
    assert saga.grant().units() == [("Commit", "HZ", None)]
    assert saga.state["phase"] == "SHIPPED"


def planned_anew_and_sent() -> Saga:
    """Allocated at HZ, then changed and asked for anew; HZ has sent what it was asked for at first."""
    saga = allocated(line("MUG", 2)).order(line("MUG", 3), version=2)
    assert (saga.parts(), saga.state["phase"]) == ([("HZ", 2, "RELEASED"), ("HZ", 3, "ASKED")], "RESERVING")
    assert saga.parcel(parcel_line("MUG", 2)).silent()
    return saga


def test_a_parcel_that_waited_for_a_round_in_vain_is_taken_off_the_shelf_and_told() -> None:
    saga = planned_anew_and_sent()
    saga.view = view(NOTHING)
    saga.reject()
    assert [(sent["warehouse"], sent["delta"]) for name, sent in saga.commands if name == "Adjust"] == [("HZ", -2)]
    assert saga.troubles == ["parcel_after_release"]
    assert saga.state["phase"] == "BACKORDERED" and not saga.state["parcels"]
    # The one that did not leave is waited for.
    assert [(name, sent["quantity"]) for name, sent in saga.commands if name == "AwaitStock"][-1] == ("AwaitStock", 1)


@pytest.mark.parametrize("status", ["HOLD", "UNPAID", "CANCELLED"])
def test_a_parcel_that_waited_for_a_round_is_taken_off_the_shelf_when_the_order_stops(status: str) -> None:
    saga = planned_anew_and_sent().order(line("MUG", 3), version=3, status=status)
    assert ("Adjust", "HZ", -2) in saga.units()
    assert "parcel_after_release" in saga.troubles
    assert [part for part in saga.parts() if part[2] == "COMMITTED"] == [("HZ", 2, "COMMITTED")]
    assert not saga.state["parcels"]


def test_a_parcel_that_waited_for_a_round_is_taken_off_the_shelf_when_others_send_the_order() -> None:
    saga = planned_anew_and_sent().order(line("MUG", 3, sent_by="SUPPLIER"), version=3)
    assert ("Adjust", "HZ", -2) in saga.units() and saga.troubles


@pytest.mark.parametrize("status", ["HOLD", "UNPAID", "CANCELLED", "PAID"])
def test_a_parcel_that_comes_before_its_order_is_told_when_nothing_is_asked_for_it(status: str) -> None:
    saga = Saga(view(NOTHING)).parcel(parcel_line("MUG", 2)).order(line("MUG", 2), status=status)
    assert saga.troubles and all(trouble.startswith("parcel_") for trouble in saga.troubles)
    assert [parcel["shipment_id"] for parcel in saga.state["parcels"]] == ["s1"]
    # Once: what is told is told.
    assert not saga.order(line("MUG", 2), version=2, status=status).troubles


def test_a_parcel_that_left_before_the_cancellation_was_known_is_taken_off_the_shelf() -> None:
    saga = allocated(line("MUG", 2)).order(version=2, status="CANCELLED").parcel(parcel_line("MUG", 2))

    assert saga.units() == [("Adjust", "HZ", -2)]
    assert saga.commands[0][1]["command_id"] == "taobao:1/left/s1/1/MUG"
    assert saga.statuses == [("CANCELLED", "shipped from HZ after it was cancelled")]
    assert saga.parts() == [("HZ", 2, "COMMITTED")]


def test_a_parcel_of_what_was_planned_anew_meanwhile_is_not_sent_a_second_time() -> None:
    saga = allocated(line("MUG", 2)).order(line("MUG", 2), version=2, province="广东省").grant()
    assert saga.parts() == [("HZ", 2, "RELEASED"), ("GZ", 2, "GRANTED")]

    saga.parcel(parcel_line("MUG", 2))
    assert saga.units() == [("Adjust", "HZ", -2), ("Release", "GZ", None)]
    assert saga.statuses[-1] == ("SHIPPED", "every part was shipped")
    assert saga.troubles == ["parcel_after_release"]


def test_what_the_shelf_does_not_have_is_told() -> None:
    saga = allocated(line("MUG", 2)).order(version=2, status="CANCELLED").parcel(parcel_line("MUG", 2))
    refused = {
        **{name: saga.commands[0][1][name] for name in ("command_id", "order_id", "sku", "warehouse")},
        "answer": "REFUSED",
        "reason": "on hand would be -1",
        "at_ms": 1,
    }
    saga.tell("StockCommandAnswered", refused)
    assert saga.troubles == ["stock_refused"]
    assert "on hand would be -1" in saga.statuses[0][1]
    assert saga.tell("StockCommandAnswered", {**refused, "answer": "APPLIED"}).silent()


def test_a_parcel_met_nothing_before_the_order_ended_and_is_not_met_when_it_opens_again() -> None:
    saga = backordered(line("MUG", 1)).parcel(warehouse="GZ").order(version=2, status="SHIPPED")
    assert saga.statuses[0] == ("BACKORDERED", "shipped from GZ, and nothing was reserved for it")
    assert saga.state["phase"] == "SHIPPED"

    saga.view = view({"POT": [level("GZ", 5)]})
    saga.order(line("MUG", 1, shipped_quantity=1), line("POT", 1, "2"), version=3).grant()
    assert saga.parts() == [("GZ", 1, "GRANTED")]


def test_an_operators_cancellation_gives_back_only_what_no_parcel_carried() -> None:
    saga = two_warehouses().parcel(parcel_line("MUG", 1)).tell("OperatorDecision", operator("CANCEL"))
    assert sorted(sent["reservation_id"] for _, sent in saga.commands) == [
        "taobao:1/1.1/1/HZ/rest",
        "taobao:1/1.1/2/GZ",
    ]
