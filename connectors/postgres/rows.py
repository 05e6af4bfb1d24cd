"""A record of a topic as rows of tables: pure, so that a replay gives the same rows, and tested without a database.

``rows_of`` is a table of functions, one a record type; each gives (table, row) pairs, a row's values in the order of
``tables.py``. A record that cannot be a row raises Unfit: with field, value and fix, for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.postgres.aftersale_rows import AFTERSALE_ROWS
from connectors.postgres.compared_rows import compared
from connectors.postgres.edge_rows import EDGE_ROWS
from connectors.postgres.nul import refuse_nul
from connectors.postgres.pool_rows import pool_alert, pool_of
from connectors.postgres.row import FIXED_AT_SOURCE, Place, Row, Rows, Unfit, no_repetition, place_of
from connectors.postgres.row import moment as _at
from connectors.postgres.row import moment_or_none as _at_or_none
from connectors.postgres.tables import BIG, TABLES
from connectors.postgres.task_rows import task
from schemas.json_text import compact
from schemas.topics import FORGOTTEN, TOPICS

__all__ = ["ROWS", "Place", "Row", "Rows", "Unfit", "out_of_range", "place_of", "rows_of"]

#: What moves a review out of the queue, by the action of an audit entry that was done.
_REVIEW_STATES = {"review.resubmitted": "resubmitted", "review.discarded": "discarded"}


def rows_of(name: str, record: dict[str, Any], place: Place, *, zero_byte: bool = True) -> Rows:
    """The rows of one record of type ``name``, at least one. ``zero_byte``: whether its message has any; without, no text has NUL.

    Raises Unfit: its type has no row form on that topic, or a value cannot be stored.
    """
    make = ROWS.get(name)
    if make is None or name not in TOPICS[place.topic].records:
        raise Unfit(f"{name} is no record of {place.topic}: the sink has no rows for it; {FIXED_AT_SOURCE}")
    rows = make(record, place)
    if not zero_byte:
        return rows
    texts = "".join([value for _, row in rows for value in row if value.__class__ is str])
    if "\0" in texts or "\\u0000" in texts or name in _LISTS:
        for table, row in rows:
            refuse_nul(table, row)
    return rows


def out_of_range(rows: Rows) -> str | None:
    """Says which number its column cannot hold; None when all fit. For a record that was refused, to say why."""
    for table, row in rows:
        for column, value in zip(TABLES[table].columns, row, strict=True):
            bits = 64 if column in BIG else 32
            if value.__class__ is int and not -(1 << bits - 1) <= value < 1 << bits - 1:
                return f"{table}.{column} is {value}: expected a whole number of {bits} bits; {FIXED_AT_SOURCE}"
    return None


def _order(r: dict[str, Any], p: Place) -> Rows:
    to, source, log = r["receiver"], r["source"], (p.partition, p.offset)
    order_id, shop, lines = r["order_id"], r["shop"], r["lines"]
    received_at = _at("Order.received_at_ms", r["received_at_ms"])
    no_repetition("Order.lines", "line_no", lines)
    order = (
        *(order_id, r["channel"], shop, r["order_no"], r["version"], r["status"], r["hold_reason"], r["currency"]),
        *(r["total_minor"], _at("Order.placed_at_ms", r["placed_at_ms"])),
        *(_at_or_none("Order.paid_at_ms", r["paid_at_ms"]), _at_or_none("Order.ship_by_ms", r["ship_by_ms"])),
        *(_at_or_none("Order.not_before_ms", r["not_before_ms"]), r["collect_minor"]),
        *(to["country"], to["province"], to["city"], received_at),
        *(source["topic"], source["partition"], source["offset"], *log),
    )
    receiver = (
        *(order_id, shop, to["name"], to["phone"], to["district"], to["town"], to["address"], to["postal_code"]),
        *(to["oaid"], to["company"], to["phone_extension"], _json(to["forms"]), _json(r["attributes"]), *log),
    )
    return [
        ("orders", order),
        ("order_receivers", receiver),
        *[("order_lines", _line(order_id, shop, position, line, log)) for position, line in enumerate(lines)],
        _event(p, r, "Order", received_at, shop=shop, status=r["status"], version=r["version"]),
    ]


def _line(order_id: str, shop: str, position: int, line: dict[str, Any], log: tuple[int, int]) -> Row:
    return (
        *(order_id, line["line_no"], position, shop, line["sku"], line["title"], line["quantity"]),
        *(line["unit_price_minor"], line["returned_quantity"], line["shipped_quantity"], line["cancelled_quantity"]),
        *(line["asked_back_quantity"], line["sent_by"], line["sender"], line["bundle_line_no"], *log),
    )


def _duplicate(r: dict[str, Any], p: Place) -> Rows:
    source, first = r["source"], r["first_source"]
    received_at = _at("Duplicate.received_at_ms", r["received_at_ms"])
    row = (
        received_at,
        *(source["topic"], source["partition"], source["offset"]),
        *(r["order_id"], r["channel"], r["kind"], r["version"]),
        *(first["topic"], first["partition"], first["offset"]),
        *(p.partition, p.offset),
    )
    return [("duplicates", row)]


def _review(r: dict[str, Any], p: Place) -> Rows:
    source, name = r["source"], f"{p.topic}/{p.partition}@{p.offset}"
    row = (
        *(name, r["order_id"], r["channel"], r["shop"], r["order_no"]),
        [reason["code"] for reason in r["reasons"]],
        _json(r["reasons"]),
        _at("Review.received_at_ms", r["received_at_ms"]),
        *(source["topic"], source["partition"], source["offset"]),
        *(p.partition, p.offset),
    )
    original = (name, r["shop"], r["event"], p.partition, p.offset)
    return [("review_queue", row), ("review_originals", original)]


def _operator_decision(r: dict[str, Any], p: Place) -> Rows:
    at = _at("OperatorDecision.decided_at_ms", r["decided_at_ms"])
    return [
        _event(
            *(p, r, "OperatorDecision", at),
            status=r["action"],
            reason=r["reason"],
            about=r["decision_id"],
            done_by=r["by"],
        )
    ]


def _shipped(r: dict[str, Any], p: Place) -> Rows:
    at = _at("Shipped.shipped_at_ms", r["shipped_at_ms"])
    row = (
        *(r["order_id"], r["shipment_id"], r["warehouse"], r["carrier"], r["tracking_no"], at),
        *(p.partition, p.offset),
    )
    return [("shipments", row), _event(p, r, "Shipped", at, status=r["warehouse"], about=r["shipment_id"])]


def _reserved(r: dict[str, Any], p: Place) -> Rows:
    return [("reservations", _reservation(r, p, "RESERVED", None, _at("Reserved.at_ms", r["at_ms"])))]


def _rejected(r: dict[str, Any], p: Place) -> Rows:
    at = _at("ReservationRejected.at_ms", r["at_ms"])
    return [("reservations", _reservation(r, p, "REJECTED", r["shortfall"], at))]


def _resolved(r: dict[str, Any], p: Place) -> Rows:
    at, answer = _at("ReservationResolved.at_ms", r["at_ms"]), r["answer"]
    # What was frozen in a pool and had no goods yet was no reservation at a warehouse.
    if answer in ("COMMITTED", "RELEASED", "EXPIRED") and r["warehouse"]:
        return [("reservation_ends", _reservation(r, p, answer, None, at))]
    return [_event(p, r, "ReservationResolved", at, status=answer, about=r["reservation_id"])]


def _stock_arrived(r: dict[str, Any], p: Place) -> Rows:
    return [_event(p, r, "StockArrived", _at("StockArrived.at_ms", r["at_ms"]), about=r["sku"])]


def _stock_answer(r: dict[str, Any], p: Place) -> Rows:
    row = (
        *(p.logged_at, p.partition, p.offset, r["command_id"], r["order_id"] or None, r["sku"], r["warehouse"]),
        *(r["answer"], r["reason"], _at("StockCommandAnswered.at_ms", r["at_ms"])),
    )
    return [("stock_answers", row)]


def _availability(r: dict[str, Any], p: Place) -> Rows:
    sku, version, levels = r["sku"], r["version"], r["levels"]
    if not levels and r["pool"] is None:
        raise Unfit(f"Availability.levels of {sku!r} is empty: expected a balance; {FIXED_AT_SOURCE}")
    no_repetition("Availability.levels", "warehouse", levels)
    return [
        *pool_of(r, p),
        *(
            (
                "stock",
                (
                    *(sku, level["warehouse"], version, level["on_hand"], level["reserved"]),
                    *(level["safety_stock"], level["open"], p.partition, p.offset),
                ),
            )
            for level in levels
        ),
    ]


def _freeze_answered(r: dict[str, Any], p: Place) -> Rows:
    at, told = _at("FreezeAnswered.at_ms", r["at_ms"]), r["told"]
    figures = f"{told['pool']}: {told['sold']} of {told['cap']}" if told["pool"] else None
    about = r["reservation_id"]
    return [_event(p, r, "FreezeAnswered", at, status=r["answer"], reason=figures, about=about)]


def _pool_served(r: dict[str, Any], p: Place) -> Rows:
    at = _at("PoolServed.at_ms", r["at_ms"])
    if r["warehouse"]:
        # None asked for it: it is the pool's own.
        return [("reservations", _reservation({**r, "command_id": r["reservation_id"]}, p, "RESERVED", None, at))]
    return [_event(p, r, "PoolServed", at, status="FROZEN", reason=r["pool"], about=r["reservation_id"])]


def _stock_alert(r: dict[str, Any], p: Place) -> Rows:
    row = (
        *(p.logged_at, p.partition, p.offset, r["sku"], r["warehouse"], r["kind"], r["sellable"]),
        *(r["safety_stock"], _at("StockAlert.at_ms", r["at_ms"])),
    )
    return [("stock_alerts", row)]


def _allocated(r: dict[str, Any], p: Place) -> Rows:
    order_id, attempt, shop = r["order_id"], r["attempt"], r["shop"]
    at = _at("OrderAllocated.decided_at_ms", r["decided_at_ms"])
    no_repetition("OrderAllocated.parts", "reservation_id", r["parts"])
    return [
        _allocation(r, p, "ALLOCATED", None, at),
        *[
            (
                "allocation_parts",
                (
                    *(order_id, attempt, part["reservation_id"], shop, part["line_no"], part["sku"]),
                    *(part["warehouse"], part["quantity"], part["collect_minor"], part["carrier"]),
                    *(p.partition, p.offset),
                ),
            )
            for part in r["parts"]
        ],
        _event(p, r, "OrderAllocated", at, shop=shop, version=r["order_version"]),
    ]


def _backordered(r: dict[str, Any], p: Place) -> Rows:
    order_id, attempt, shop, reason = r["order_id"], r["attempt"], r["shop"], r["reason"]
    at = _at("OrderBackordered.decided_at_ms", r["decided_at_ms"])
    no_repetition("OrderBackordered.missing", "sku", r["missing"])
    return [
        _allocation(r, p, "BACKORDERED", reason, at),
        *[
            ("backorders", (order_id, attempt, m["sku"], shop, m["shortfall"], at, p.partition, p.offset))
            for m in r["missing"]
        ],
        _event(p, r, "OrderBackordered", at, shop=shop, version=r["order_version"], reason=reason),
    ]


def _released(r: dict[str, Any], p: Place) -> Rows:
    at = _at("AllocationReleased.decided_at_ms", r["decided_at_ms"])
    row = (
        *(r["order_id"], r["attempt"], r["channel"], r["shop"], r["reason"], list(r["reservation_ids"]), at),
        *(p.partition, p.offset),
    )
    return [
        ("allocation_releases", row),
        _event(p, r, "AllocationReleased", at, shop=r["shop"], reason=r["reason"]),
    ]


def _status(r: dict[str, Any], p: Place) -> Rows:
    at = _at("OrderStatusChanged.at_ms", r["at_ms"])
    shop, phase, reason, version = r["shop"], r["status"], r["reason"], r["order_version"]
    row = (r["order_id"], r["channel"], shop, phase, reason, version, at, p.partition, p.offset)
    event = _event(p, r, "OrderStatusChanged", at, shop=shop, status=phase, version=version, reason=reason or None)
    # What was refused happened, and changed nothing.
    return [event] if r["refused"] else [("order_status", row), event]


def _warehouse(r: dict[str, Any], p: Place) -> Rows:
    row = (
        *(r["warehouse"], r["name"], r["province"], r["latitude"], r["longitude"], r["max_open_units"]),
        *(r["enabled"], r["priority"], r["version"], p.partition, p.offset),
    )
    return [("warehouses", row)]


def _bundle(r: dict[str, Any], p: Place) -> Rows:
    return [("bundles", (r["sku"], _json(r["parts"]), r["version"], p.partition, p.offset))]


def _forgotten(r: dict[str, Any], p: Place) -> Rows:
    at = _at("PersonForgotten.forgotten_at_ms", r["forgotten_at_ms"])
    if p.topic != FORGOTTEN:
        # To the workers that own its states: the order's history alone.
        return [_event(p, r, "PersonForgotten", at, reason=r["reason"], done_by=r["by"])]
    return [("forgotten_persons", (r["order_id"], r["by"], r["reason"], at, p.partition, p.offset))]


def _audit(r: dict[str, Any], p: Place) -> Rows:
    at, details = _at("AuditEntry.at_ms", r["at_ms"]), r["details"]
    row = (
        *(at, r["entry_id"], r["correlation_id"], r["by"], r["action"], r["subject"], r["reason"], r["outcome"]),
        *(_json(details), p.partition, p.offset),
    )
    rows: Rows = [("audit", row)]
    state = _REVIEW_STATES.get(r["action"])
    if state is not None and r["outcome"] == "done" and details.get("record"):
        rows.append(("review_states", (details["record"], state, at, r["by"], r["reason"], r["entry_id"])))
    return rows


def _health_check(r: dict[str, Any], p: Place) -> Rows:
    row = (
        *(_at("HealthCheck.checked_at_ms", r["checked_at_ms"]), r["interface"], r["kind"], r["healthy"]),
        *(r["changed"], r["took_ms"], r["error"], p.partition, p.offset),
    )
    return [("health_checks", row)]


ROWS: dict[str, Callable[[dict[str, Any], Place], Rows]] = {
    "Order": _order,
    "Duplicate": _duplicate,
    "Review": _review,
    "OperatorDecision": _operator_decision,
    "Shipped": _shipped,
    "Reserved": _reserved,
    "ReservationRejected": _rejected,
    "ReservationResolved": _resolved,
    "StockArrived": _stock_arrived,
    "StockCommandAnswered": _stock_answer,
    "Availability": _availability,
    "StockAlert": _stock_alert,
    "FreezeAnswered": _freeze_answered,
    "PoolServed": _pool_served,
    "PoolAlert": pool_alert,
    "OrderAllocated": _allocated,
    "OrderBackordered": _backordered,
    "AllocationReleased": _released,
    "DecisionCompared": compared,
    "OrderStatusChanged": _status,
    "Task": task,
    "Warehouse": _warehouse,
    "PersonForgotten": _forgotten,
    "AuditEntry": _audit,
    "HealthCheck": _health_check,
    "Bundle": _bundle,
    **AFTERSALE_ROWS,
    **EDGE_ROWS,
}

#: Their rows hold lists of text, which the quick look for NUL does not see.
_LISTS = frozenset({"Review", "AllocationReleased", "DecisionCompared", "Task"})


def _event(
    place: Place,
    record: dict[str, Any],
    kind: str,
    at: datetime,
    *,
    shop: str | None = None,
    status: str | None = None,
    reason: str | None = None,
    version: int | None = None,
    about: str | None = None,
    done_by: str | None = None,
) -> tuple[str, Row]:
    order_id = record["order_id"]
    # The order id begins with the channel; not every record has a field of its own for it.
    channel = order_id.partition(":")[0]
    row = (
        *(place.logged_at, place.topic, place.partition, place.offset, order_id, channel, shop, kind, at),
        *(status, reason, version, about, done_by),
    )
    return "order_events", row


def _reservation(record: dict[str, Any], place: Place, state: str, shortfall: int | None, at: datetime) -> Row:
    return (
        *(record["reservation_id"], record["order_id"], record["sku"], record["warehouse"], record["quantity"]),
        *(state, shortfall, at, record["command_id"], place.partition, place.offset),
    )


def _allocation(
    record: dict[str, Any], place: Place, decision: str, reason: str | None, at: datetime
) -> tuple[str, Row]:
    row = (
        *(record["order_id"], record["attempt"], record["channel"], record["shop"], record["order_version"]),
        *(decision, record["rounds"], reason, _json(record["trace"])),
        _at("received_at_ms", record["received_at_ms"]),
        *(at, record.get("collect_minor"), place.partition, place.offset),
    )
    return "allocations", row


def _json(value: Any) -> str:
    return compact(value).decode()
