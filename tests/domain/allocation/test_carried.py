"""States that the first version has stored are carried on, in whatever phase it left them."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_writer

from schemas.avsc import GOLDEN, fingerprint
from schemas.codec import CODEC
from tests.domain.allocation.saga import Saga
from tests.domain.make import line, operator, parcel_line

#: Fields that the first version did not have.
NEW = {
    *("status", "hold_reason", "since_ms", "not_before_ms", "ship_by_ms", "collect_minor", "receiver_mark"),
    *("cancelled_by_operator", "parcels", "returns", "aftersales", "platform_hold", "released_reasons", "receipts"),
}
NEW_OF_A_LINE = {
    *("cancelled_quantity", "shipped_quantity", "asked_back_quantity", "sent_by", "bundle_line_no"),
    "elsewhere_quantity",
}


def first_version(phase: str, **facts: Any) -> Saga:
    """A saga whose state the first version left behind, read as a worker of today reads it."""
    saga = Saga().order(line("MUG", 3)).grant()
    state = {name: value for name, value in saga.state.items() if name not in NEW}
    lines = [{name: value for name, value in each.items() if name not in NEW_OF_A_LINE} for each in state["lines"]]
    state |= {"phase": phase, "lines": lines, **facts}
    saga.state = CODEC.decode(_as_first_version(state))[1]
    return saga


def _as_first_version(state: dict[str, Any]) -> bytes:
    schema = json.loads((GOLDEN / "OrderState.v1.avsc").read_text("utf-8"))
    out = BytesIO()
    out.write(b"\xc3\x01" + fingerprint(schema))
    schemaless_writer(out, parse_schema(schema), state)
    return out.getvalue()


def parts(state: str, quantity: int = 3) -> list[dict[str, Any]]:
    reservation = {"reservation_id": "taobao:1/1.1/1/HZ", "line_no": "1", "sku": "MUG", "warehouse": "HZ"}
    return [{**reservation, "quantity": quantity, "state": state}]


def lines(**facts: int) -> list[dict[str, Any]]:
    return [{"line_no": "1", "sku": "MUG", "quantity": 3, "returned_quantity": 0, "restocked_quantity": 0, **facts}]


def test_what_was_refunded_before_it_was_sent_is_not_sent_and_its_parcel_ships_the_order() -> None:
    refunded = lines(returned_quantity=1, restocked_quantity=1)
    saga = first_version("ALLOCATED", lines=refunded, parts=parts("GRANTED", 2))
    assert saga.order(line("MUG", 3, cancelled_quantity=1), version=2).silent()
    assert saga.parcel().statuses == [("SHIPPED", "every part was shipped")]


@pytest.mark.parametrize(
    ("phase", "held", "status"),
    [
        ("UNPAID", [], "PAID"),
        ("HELD", [], "PAID"),
        ("RESERVING", parts("ASKED"), "PAID"),
        ("ALLOCATED", parts("GRANTED"), "PAID"),
        ("BACKORDERED", [], "PAID"),
    ],
)
def test_an_open_order_goes_on(phase: str, held: list[Any], status: str) -> None:
    saga = first_version(phase, parts=held, waiting=["MUG"] if phase == "BACKORDERED" else [])
    saga.order(line("MUG", 3), version=2, status=status)
    if phase in ("UNPAID", "HELD"):
        assert saga.units() == [("Reserve", "HZ", 3)]
    else:
        assert saga.silent()
    saga.order(version=3, status="CANCELLED")
    assert saga.state["phase"] == "CANCELLED"
    assert not [part for part in saga.state["parts"] if part["state"] in ("ASKED", "GRANTED")]


def test_a_warehouse_that_had_shipped_too_early_is_still_met() -> None:
    early: dict[str, Any] = {"shipped_warehouses": ["HZ"], "shipments": ["s1"]}
    saga = first_version("RESERVING", parts=parts("ASKED"), trace={"rounds": []}, **early)
    saga.grant()
    assert saga.units() == [("Commit", "HZ", None)]
    assert saga.state["shipped_warehouses"] == []

    waiting = first_version("UNPAID", order_version=-1, lines=[], parts=[], shipped_warehouses=["GZ"])
    assert waiting.order(line("MUG", 3)).sent() == [("Reserve", "MUG", "GZ")]


def test_a_shipped_order_stays_shipped_and_takes_back_what_it_had_sent() -> None:
    sent = first_version("SHIPPED", lines=lines(returned_quantity=1, restocked_quantity=1), parts=parts("COMMITTED"))
    assert sent.order(line("MUG", 3), version=2).silent()
    # One of three was on the shelf again by then.
    assert sent.came_back(parcel_line("MUG", 3)).units() == [("Restock", "HZ", 2)]

    elsewhere = first_version("SHIPPED", lines=lines(restocked_quantity=3), parts=[])
    assert elsewhere.order(line("MUG", 3, shipped_quantity=3), version=2, status="SHIPPED").silent()


def test_a_cancelled_order_that_is_paid_is_held_for_nobody_knows_who_had_cancelled_it() -> None:
    saga = first_version("CANCELLED", lines=lines(restocked_quantity=3), parts=parts("RELEASED"))
    assert saga.order(line("MUG", 3), version=2).statuses == [("HELD", "paid_after_cancelled")]


def test_an_order_that_was_cancelled_before_it_arrived_was_by_an_operator() -> None:
    saga = first_version("CANCELLED", order_version=-1, lines=[], parts=[])
    assert saga.order(line("MUG", 3)).statuses == [("CANCELLED", "cancelled by an operator before it arrived")]
    assert saga.order(line("MUG", 4), version=2).troubles == ["paid_after_cancelled"]


def test_a_hold_that_was_released_is_not_held_again_for_what_it_had_been_released_from() -> None:
    saga = first_version("ALLOCATED", parts=parts("GRANTED"), hold_released=True)
    assert saga.order(line("MUG", 3), version=2, status="HOLD", hold_reason="address").silent()
    held = first_version("HELD", parts=[])
    assert held.tell("OperatorDecision", operator("RELEASE_HOLD")).units() == [("Reserve", "HZ", 3)]


def test_another_province_is_another_receiver_and_the_rest_is_not_known() -> None:
    saga = first_version("ALLOCATED", parts=parts("GRANTED"))
    assert saga.order(line("MUG", 3), version=2, address="天河路 2 号").silent()
    moved = first_version("ALLOCATED", parts=parts("GRANTED"))
    assert moved.order(line("MUG", 3), version=2, province="广东省").sent()[1] == ("Reserve", "MUG", "GZ")
