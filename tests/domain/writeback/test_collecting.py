"""What the parcels of an order collect: what its allocation shares, to the last minor unit, once."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.writebacks import Life, allocated, command, line, order, shipped

COD = {"collect_minor": 10_000, "currency": "CNY"}


def told(life: Life) -> list[tuple[str, int | None]]:
    return [(it["shipment_id"], it["parcel_collect_minor"]) for it in life.requests]


def in_two(first: int = 6_667, second: int = 3_333) -> Any:
    return allocated(
        ("HZ", {**line("1"), "collect_minor": first}),
        ("GZ", {**line("2", 1), "collect_minor": second}),
    )


def test_each_parcel_collects_its_share_and_all_of_them_the_whole() -> None:
    life = Life().take("Order", order(**COD)).take("OrderAllocated", in_two())
    for shipment, units in (("S1", 1), ("S2", 1)):
        life.take("Shipped", shipped(shipment, number="", lines=[line("1", units)])).answer(tracking_no=shipment)
    life.take("Shipped", shipped("S3", "GZ", number=""))
    assert told(life) == [("S1", 3_333), ("S2", 3_334), ("S3", 3_333)]
    assert {it["collect_minor"] for it in life.requests} == {10_000}


def test_a_parcel_read_before_its_allocation_waits_for_what_it_is_to_collect() -> None:
    life = Life().take("Order", order(**COD)).take("Shipped", shipped(number="", lines=[line("1")]))
    assert not life.requests and "what its carrier is to collect is not known" in life.parcel()["reason"]
    assert told(life.take("OrderAllocated", in_two())) == [("S1", 6_667)]


def test_a_parcel_with_a_number_waits_for_nothing_and_takes_its_share_all_the_same() -> None:
    life = Life().take("Order", order(**COD)).take("OrderAllocated", in_two())
    life.take("Shipped", shipped("S1", lines=[line("1", 1)])).answer()
    assert told(life.take("Shipped", shipped("S2", number="", lines=[line("1", 1)])))[1] == ("S2", 3_334)


def test_a_share_stands_however_often_it_is_asked_for_and_whatever_is_planned_anew() -> None:
    life = Life().take("Order", order(**COD)).take("OrderAllocated", in_two())
    life.take("Shipped", shipped(number="")).answer("REQUEST_WRONG")
    again = allocated(("GZ", {**line("2", 1), "collect_minor": 1_000}), attempt=2)
    life.take("OrderAllocated", again).take("WritebackCommand", command())
    assert told(life) == [("S1", 6_667), ("S1", 6_667)]


def test_units_that_no_allocation_shares_collect_what_nobody_knows() -> None:
    life = Life().take("Order", order(**COD)).take("OrderAllocated", in_two())
    assert told(life.take("Shipped", shipped(number="", lines=[line("2", 1)]))) == [("S1", None)]


def test_an_allocation_of_an_earlier_version_shares_nothing() -> None:
    assert told(Life().begun(shipped(number=""), **COD)) == [("S1", None)]


@given(st.integers(0, 100_000), st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_parcels_of_one_line_collect_its_amount_exactly(amount: int, parcels: list[int]) -> None:
    of_line = {**line("1", sum(parcels)), "collect_minor": amount}
    life = Life().take("Order", order(**COD)).take("OrderAllocated", allocated(("HZ", of_line)))
    for number, units in enumerate(parcels):
        life.take("Shipped", shipped(f"S{number}", lines=[line("1", units)])).answer()
    amounts = [share or 0 for _, share in told(life)]
    assert sum(amounts) == amount and min(amounts) >= 0
