"""What comes after a sale as rows: after-sales, goods that came back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.postgres.row import Place, Row, Rows, moment, moment_or_none
from schemas.json_text import compact


def _aftersale(r: dict[str, Any], p: Place) -> Rows:
    source, log = r["source"], (p.partition, p.offset)
    row = (
        *(r["order_id"], r["aftersale_id"], r["channel"], r["shop"], r["order_no"], r["version"], r["kind"]),
        *(r["state"], r["platform_state"], r["before_shipping"], r["received"], r["currency"], r["amount_minor"]),
        *(r["whole"], compact(r["lines"]).decode(), r["reason_code"], r["reason_class"], r["tracking_no"]),
        moment_or_none("AfterSale.asked_at_ms", r["asked_at_ms"]),
        moment("AfterSale.received_at_ms", r["received_at_ms"]),
        *(source["topic"], source["partition"], source["offset"], *log),
    )
    return [
        ("aftersales", row),
        ("aftersale_reasons", (r["order_id"], r["aftersale_id"], r["shop"], r["reason"], *log)),
    ]


def _return(r: dict[str, Any], p: Place) -> Rows:
    at = moment("ReturnReceived.received_at_ms", r["received_at_ms"])
    return [("returned_goods", _returned(r, line, position, (at, p))) for position, line in enumerate(r["lines"])]


def _returned(r: dict[str, Any], line: dict[str, Any], position: int, when: tuple[Any, Place]) -> Row:
    at, place = when
    return (
        *(r["order_id"], r["return_id"], position, r["shipment_id"], r["warehouse"], line["line_no"], line["sku"]),
        *(line["quantity"], line["grade"], at, place.partition, place.offset),
    )


AFTERSALE_ROWS: dict[str, Callable[[dict[str, Any], Place], Rows]] = {
    "AfterSale": _aftersale,
    "ReturnReceived": _return,
}
