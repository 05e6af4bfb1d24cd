"""Goods are sellable again when a warehouse has received them: once, where they are, and no more than have left."""

from __future__ import annotations

from tests.domain.allocation.saga import Saga, allocated
from tests.domain.make import AT_MS, level, line, parcel_line, view


def test_what_came_back_fit_goes_back_to_sale_where_it_is_each_receipt_once() -> None:
    saga = allocated(line("MUG", 3)).parcel().came_back(parcel_line("MUG", 2), warehouse="GZ")
    assert saga.commands == [
        (
            "Restock",
            {
                "command_id": "taobao:1/return/r1/MUG/2",
                "order_id": "taobao:1",
                "sku": "MUG",
                "warehouse": "GZ",
                "quantity": 2,
                "requested_at_ms": AT_MS,
            },
        )
    ]
    assert saga.came_back(parcel_line("MUG", 2), warehouse="GZ").silent()
    assert saga.came_back(parcel_line("MUG", 1), return_id="r2").units() == [("Restock", "HZ", 1)]
    assert saga.state["phase"] == "SHIPPED"


def test_what_is_not_fit_is_accounted_for_and_not_sold() -> None:
    saga = allocated(line("MUG", 2)).parcel()
    saga.came_back({**parcel_line("MUG", 1), "grade": "DEFECTIVE"}, parcel_line("MUG", 1))
    assert saga.units() == [("Restock", "HZ", 1)]
    assert saga.state["lines"][0]["restocked_quantity"] == 2
    assert saga.came_back(parcel_line("MUG", 1), return_id="r2").troubles == ["return_too_many"]


def test_a_warehouse_that_knows_the_sku_alone_gives_back_to_all_its_lines() -> None:
    saga = allocated(line("MUG", 1), line("MUG", 2, "gift")).parcel()
    saga.came_back(parcel_line("MUG", 3, line_no=""))
    assert saga.units() == [("Restock", "HZ", 3)]
    assert [each["restocked_quantity"] for each in saga.state["lines"]] == [1, 2]


def test_more_than_has_left_is_told_and_what_has_left_goes_back() -> None:
    saga = allocated(line("MUG", 2)).parcel(parcel_line("MUG", 1)).came_back(parcel_line("MUG", 2))
    assert (saga.units(), saga.troubles) == ([("Restock", "HZ", 1)], ["return_too_many"])
    # Its parcel is read later.
    saga.parcel(parcel_line("MUG", 1), shipment_id="s2")
    assert saga.units() == [("Commit", "HZ", None), ("Restock", "HZ", 1)]
    assert saga.commands[1][1]["command_id"] == "taobao:1/return/r1/MUG/2"


def test_nothing_is_guessed_about_what_the_order_has_not() -> None:
    saga = allocated(line("MUG", 2)).parcel().came_back(parcel_line("POT", 1), parcel_line("MUG", 1, "9"))
    assert (saga.sent(), saga.troubles) == ([], ["return_unknown", "return_unknown"])


def test_a_receipt_before_its_order_and_its_parcel_waits_for_them() -> None:
    saga = Saga().came_back(parcel_line("MUG", 1))
    assert saga.silent()
    saga.order(line("MUG", 2)).grant().parcel()
    assert saga.units() == [("Commit", "HZ", None), ("Restock", "HZ", 1)]


def test_what_others_send_does_not_come_back_to_this_shelf() -> None:
    saga = Saga().order(line("MUG", 2, sent_by="SUPPLIER", shipped_quantity=2), status="SHIPPED")
    assert saga.came_back(parcel_line("MUG", 1)).sent() == []
    assert saga.troubles == ["return_too_many"]


def test_what_the_platform_shows_as_come_back_is_not_sold_before_it_is_received() -> None:
    saga = Saga(view({"MUG": [level("HZ", 9)]})).order(line("MUG", 2)).grant().parcel()
    assert saga.order(line("MUG", 2, shipped_quantity=2, returned_quantity=2), version=2, status="SHIPPED").sent() == []
