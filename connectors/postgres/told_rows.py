"""What is told to warehouses' systems and to the channels' shelves, as rows. Whom a delivery order goes to is in none of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.postgres.row import Place, Row, Rows, moment, moment_or_none, no_repetition


def _changed(r: dict[str, Any], p: Place) -> Rows:
    at = moment("DeliveryChanged.at_ms", r["at_ms"])
    row = (
        *(r["order_id"], r["delivery_id"], r["channel"], r["shop"], r["warehouse"], r["phase"], r["progress"]),
        *(r["attempt"], r["outcome"], r["code"], r["reason"], moment("DeliveryChanged.ship_by_ms", r["ship_by_ms"])),
        *(moment_or_none("DeliveryChanged.next_at_ms", r["next_at_ms"]), at, p.partition, p.offset),
    )
    return [("deliveries", row), _event(p, r, "DeliveryChanged", at, r["phase"])]


def _request(r: dict[str, Any], p: Place) -> Rows:
    at = moment("DeliveryRequest.requested_at_ms", r["requested_at_ms"])
    return [_event(p, r, "DeliveryRequest", at, r["action"], done_by=r["by"])]


def _result(r: dict[str, Any], p: Place) -> Rows:
    return [_event(p, r, "DeliveryResult", moment("DeliveryResult.at_ms", r["at_ms"]), r["outcome"])]


def _command(r: dict[str, Any], p: Place) -> Rows:
    at = moment("DeliveryCommand.decided_at_ms", r["decided_at_ms"])
    return [_event(p, r, "DeliveryCommand", at, r["action"], done_by=r["by"])]


def _dead(r: dict[str, Any], p: Place) -> Rows:
    at = moment("DeliveryDead.at_ms", r["at_ms"])
    return [_event(p, {**r, "attempt": r["attempts"]}, "DeliveryDead", at, r["outcome"])]


def _set_aside(r: dict[str, Any], p: Place) -> Rows:
    at = moment("ReportSetAside.at_ms", r["at_ms"])
    return [_event(p, {**r, "request_id": r["report_id"]}, "ReportSetAside", at, r["kind"], done_by=r["system"])]


def _listings(r: dict[str, Any], p: Place) -> Rows:
    """All of a SKU's places: they come and go with it."""
    sku, listed = r["sku"], r["listed"]
    no_repetition("Listings.listed", "place", [it["place"] for it in listed])
    return [("listed_skus", (sku, len(listed), p.partition, p.offset)), *(_listed(sku, it, p) for it in listed)]


def _listed(sku: str, it: dict[str, Any], p: Place) -> tuple[str, Row]:
    place = it["place"]
    row = (
        *(sku, place["place"], place["channel"], place["shop"], place["item"], place["variant"], place["location"]),
        *(it["phase"], it["open"], it["wanted"], it["told"], it["seen"], it["differs"], it["attempt"], it["outcome"]),
        *(it["code"], it["reason"], moment("Listed.changed_at_ms", it["changed_at_ms"])),
        # 0: never.
        moment_or_none("Listed.told_at_ms", it["told_at_ms"] or None),
        moment_or_none("Listed.seen_at_ms", it["seen_at_ms"] or None),
        *(moment_or_none("Listed.next_at_ms", it["next_at_ms"]), p.partition, p.offset),
    )
    return "listings", row


TOLD_ROWS: dict[str, Callable[[dict[str, Any], Place], Rows]] = {
    "DeliveryChanged": _changed,
    "DeliveryRequest": _request,
    "DeliveryResult": _result,
    "DeliveryCommand": _command,
    "DeliveryDead": _dead,
    "ReportSetAside": _set_aside,
    "Listings": _listings,
}


def _event(
    p: Place, r: dict[str, Any], kind: str, at: datetime, status: str, *, done_by: str | None = None
) -> tuple[str, Row]:
    row = (
        *(p.logged_at, p.topic, p.partition, p.offset, r["order_id"], r.get("shop"), r["delivery_id"], kind, at),
        *(status, r.get("request_id"), r.get("attempt"), r.get("code") or None, r.get("reason") or None, done_by),
    )
    return "delivery_events", row
