"""What a warehouse's system tells, and what of it contradicts what it was told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.make import AT_MS
from tests.domain.warehouse.make import CODE, ORDER, Life, order, parcel, report, unit


def test_parcels_become_shipments_line_by_line() -> None:
    life = Life().created()
    life.on("WarehouseReport", report(final=False, status="PARTDELIVERED", parcels=[parcel("YT1", MUG=1)]))
    assert life.phase() == "CREATED"
    life.on("WarehouseReport", report(report_id="R-2", parcels=[parcel("YT2", MUG=1, CUP=1)]))
    assert [(it["shipment_id"], it["carrier"], it["lines"]) for it in life.shipped] == [
        (f"{CODE}:1", "YTO", [{"line_no": "1", "sku": "MUG", "quantity": 1}]),
        (
            f"{CODE}:2",
            "YTO",
            [{"line_no": "1", "sku": "MUG", "quantity": 1}, {"line_no": "2", "sku": "CUP", "quantity": 1}],
        ),
    ]
    assert (life.phase(), life.dead) == ("SHIPPED", [])


def test_a_parcel_whose_content_is_not_told_has_all_that_left() -> None:
    life = Life().created()
    life.on("WarehouseReport", report(parcels=[parcel()]))
    assert sum(line["quantity"] for line in life.shipped[0]["lines"]) == 3
    life = Life().created()
    life.on("WarehouseReport", report(parcels=[parcel()], units=[unit("MUG", 2), unit("CUP", 0)]))
    assert (life.shipped[0]["lines"], life.aside()) == ([{"line_no": "1", "sku": "MUG", "quantity": 2}], ["too_few"])


def test_told_twice_it_counts_once() -> None:
    life = Life().created()
    told = report(parcels=[parcel()])
    life.on("WarehouseReport", told)
    life.on("WarehouseReport", told)
    assert (len(life.shipped), life.dead) == (1, [])


def test_it_may_come_before_the_answer_to_its_creation() -> None:
    life = Life().created()
    fresh = Life()
    fresh.on("Order", order())
    fresh.on("OrderAllocated", {**_allocated()})
    fresh.on("WarehouseReport", report(parcels=[parcel()]))
    fresh.answer("RETRYABLE")
    assert (fresh.phase(), len(fresh.shipped), fresh.dead) == ("SHIPPED", 1, [])
    assert life.phase() == "CREATED"


def _allocated() -> dict[str, Any]:
    from tests.domain.warehouse.make import allocated

    return allocated()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"delivery_id": "taobao.1.7.HZ1", "parcels": [parcel()]}, "unknown_delivery"),
        ({"warehouse": "GZ1", "parcels": [parcel()]}, "other_warehouse"),
        ({"parcels": [parcel(POT=1)]}, "no_such_goods"),
        ({"parcels": [parcel(MUG=3)]}, "too_many"),
        ({"parcels": [parcel("YT1", MUG=2), parcel("YT2", MUG=1)]}, "too_many"),
        ({"parcels": [parcel("YT1", MUG=2), parcel("YT2")]}, "content_unknown"),
        ({"parcels": []}, "content_unknown"),
    ],
)
def test_what_contradicts_has_no_effect_and_is_set_aside(wrong: dict[str, Any], code: str) -> None:
    life = Life().created()
    life.on("WarehouseReport", report(**wrong))
    assert (life.aside(), life.shipped, life.phase()) == ([code], [], "CREATED")
    # And what is right is taken all the same.
    life.on("WarehouseReport", report(report_id="R-9", parcels=[parcel(MUG=2, CUP=1)]))
    assert life.phase() == "SHIPPED"


def test_of_an_order_nobody_knows() -> None:
    life = Life()
    life.on("WarehouseReport", report(parcels=[parcel()]))
    assert (life.aside(), life.shipped) == (["unknown_delivery"], [])


def test_another_content_under_the_same_id() -> None:
    life = Life().created()
    life.on("WarehouseReport", report(final=False, parcels=[parcel("YT1", MUG=1)]))
    life.on("WarehouseReport", report(final=False, parcels=[parcel("YT9", CUP=1)]))
    assert (len(life.shipped), life.aside()) == (1, ["contradicts_itself"])


@pytest.mark.parametrize("status", ["REJECT", "EXCEPTION", "CLOSED", "CANCELED"])
@pytest.mark.parametrize("kind", ["PROGRESS", "LEFT"])
def test_a_warehouse_that_gives_it_up_is_a_persons(status: str, kind: str) -> None:
    life = Life().created()
    life.on("WarehouseReport", report(kind, status=status))
    ((_, dead),) = life.dead
    assert (life.phase(), dead["code"]) == ("DEAD", status)


def test_progress_is_shown_and_does_no_more() -> None:
    life = Life().created()
    life.on("WarehouseReport", report("PROGRESS", status="PICK"))
    assert (life.phase(), life.statuses[-1]["progress"]) == ("CREATED", "PICK")


def test_what_came_back_may_be_sold_where_it_is_good() -> None:
    life = Life().created()
    life.on("WarehouseReport", report(parcels=[parcel()]))
    life.on("WarehouseReport", report("RETURNED", report_id="B-1", units=[unit("MUG", 1), unit("MUG", 1, "CC")]))
    (returned,) = life.returned
    assert (returned["return_id"], returned["warehouse"], returned["received_at_ms"]) == ("wms/B-1", "HZ1", AT_MS)
    assert [(it["sku"], it["quantity"], it["grade"]) for it in returned["lines"]] == [
        ("MUG", 1, "SELLABLE"),
        ("MUG", 1, "DEFECTIVE"),
    ]


@pytest.mark.parametrize(("units", "code"), [([unit("POT", 1)], "no_such_goods"), ([unit("MUG", 3)], "too_many")])
def test_goods_that_were_not_sent_do_not_come_back(units: list[dict[str, Any]], code: str) -> None:
    life = Life().created()
    life.on("WarehouseReport", report(parcels=[parcel()]))
    life.on("WarehouseReport", report("RETURNED", report_id="B-1", units=units))
    assert (life.returned, life.aside()) == ([], [code])
    other = Life()
    other.on("WarehouseReport", report("RETURNED", units=units))
    assert other.aside() == ["unknown_order"]


def test_stock_changes_once_a_sku_of_what_may_be_sold() -> None:
    life = Life()
    document = {"order_id": "wms:wms/STOCK/S-1", "delivery_id": "", "report_id": "S-1"}
    told = report("STOCK", **document, units=[unit("MUG", -2), unit("MUG", 5), unit("CUP", 9, "CC"), unit("POT", 0)])
    life.on("WarehouseReport", told)
    life.on("WarehouseReport", told)
    assert [(it["command_id"], it["sku"], it["delta"]) for it in life.adjusted] == [("wms/STOCK/S-1/MUG", "MUG", 3)]


def test_what_is_told_as_a_parcel_or_a_return_is_not_counted_twice() -> None:
    life = Life()
    units = [unit("MUG", -2, cause=f"{kind}/{ORDER}") for kind in ("JYCK", "THRK")] + [unit("MUG", 4, cause="CGRK/P")]
    life.on("WarehouseReport", report("STOCK", order_id="wms:wms/STOCK/S-1", units=units))
    assert [it["delta"] for it in life.adjusted] == [4]


def test_a_stocktake_counts_when_all_its_pages_have_come() -> None:
    life = Life()
    document = {"order_id": "wms:wms/STOCKTAKE/C-1", "delivery_id": "", "pages": 2}
    second = report("STOCKTAKE", **document, page=2, report_id="C/2", units=[unit("MUG", -1)])
    life.on("WarehouseReport", second)
    life.on("WarehouseReport", second)
    assert life.adjusted == []
    life.on("WarehouseReport", report("STOCKTAKE", **document, page=1, report_id="C/1", units=[unit("MUG", 3)]))
    assert [it["delta"] for it in life.adjusted] == [2]
