"""Orders of one receiver whose goods a warehouse packs as one parcel: what it is told, and how its number comes to each of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.warehouse.make import CODE, Life, allocated, order, parcel, part, released, report, unit

SECOND = "taobao:2"
PARCEL = "taobao.1.M"
MERGED = {"code": PARCEL, "orders": ["taobao:1", SECOND]}


class Both:
    """Two orders of one parcel, each with its owner; what one passes on the other reads."""

    def __init__(self) -> None:
        self.lives = {each: Life() for each in MERGED["orders"]}
        for order_id, life in self.lives.items():
            number = order_id.partition(":")[2]
            life.on("Order", {**order(order_id=order_id), "order_no": number})
            its = part(reservation_id=f"{order_id}/1.1/1/HZ1")
            life.on("OrderAllocated", allocated(its, order_id=order_id, merged=MERGED))
            life.answer()

    def told(self, order_id: str, **facts: Any) -> None:
        passed = [report(order_id=order_id, **facts)]
        while passed:
            each = passed.pop()
            passed += self.lives[each["order_id"]].on("WarehouseReport", each).passed_on

    def phases(self) -> list[str]:
        return [life.state["deliveries"][-1]["phase"] for life in self.lives.values()]

    def numbers(self) -> list[list[str]]:
        return [[it["tracking_no"] for it in life.shipped] for life in self.lives.values()]


def test_each_delivery_order_names_the_parcel_and_its_orders() -> None:
    both = Both()
    assert [life.requests[0]["merged"] for life in both.lives.values()] == [MERGED, MERGED]
    assert [life.requests[0]["delivery_id"] for life in both.lives.values()] == [CODE, "taobao.2.1.HZ1"]


def test_its_number_told_once_is_each_ones_number() -> None:
    both = Both()
    for _ in range(2):
        both.told("taobao:1", delivery_id=PARCEL, parcels=[parcel("YT1")])
    assert both.numbers() == [["YT1"], ["YT1"]]
    assert both.phases() == ["SHIPPED", "SHIPPED"]
    assert [it["order_id"] for life in both.lives.values() for it in life.shipped] == MERGED["orders"]
    assert all(it["lines"] for life in both.lives.values() for it in life.shipped)
    assert [life.aside() for life in both.lives.values()] == [[], []]


def test_its_number_told_by_each_delivery_order_is_told_once_each() -> None:
    both = Both()
    both.told("taobao:1", delivery_id=CODE, parcels=[parcel("YT1")])
    assert both.numbers() == [["YT1"], []]
    both.told(SECOND, delivery_id="taobao.2.1.HZ1", parcels=[parcel("YT1")])
    assert both.numbers() == [["YT1"], ["YT1"]]


def test_who_was_taken_back_before_is_not_in_it() -> None:
    both = Both()
    life = both.lives[SECOND]
    life.on("AllocationReleased", {**released(part(reservation_id=f"{SECOND}/1.1/1/HZ1")), "order_id": SECOND})
    life.answer()
    both.told("taobao:1", delivery_id=PARCEL, parcels=[parcel("YT1")])
    assert both.numbers() == [["YT1"], []]
    assert life.aside() == ["cancelled"]


@pytest.mark.parametrize(
    "facts",
    [
        {"parcels": [parcel("YT1"), parcel("YT2")]},
        {"parcels": [parcel("YT1", MUG=2)]},
        {"parcels": [parcel("YT1")], "units": [unit("MUG", 3)]},
    ],
)
def test_whose_goods_are_where_must_be_told(facts: Any) -> None:
    both = Both()
    both.told("taobao:1", delivery_id=PARCEL, **facts)
    assert both.numbers() == [[], []]
    assert both.lives["taobao:1"].aside() == ["content_unknown"]
    assert both.phases() == ["CREATED", "CREATED"]


def test_what_stays_when_some_of_it_is_taken_back_is_packed_by_itself() -> None:
    life = Life()
    life.on("Order", order())
    life.on("OrderAllocated", allocated(merged=MERGED))
    life.answer()
    life.on("AllocationReleased", released(part()))
    life.answer()
    assert [it["merged"] for it in life.requests if it["action"] == "CREATE"] == [MERGED, None]
