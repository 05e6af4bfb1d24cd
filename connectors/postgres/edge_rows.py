"""The records of the edge as rows: tracking numbers on their way back, orders compared with their channels, parcels on their way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.postgres.row import Place, Row, Rows, moment, moment_or_none
from connectors.postgres.told_rows import TOLD_ROWS


def _changed(r: dict[str, Any], p: Place) -> Rows:
    at = moment("WritebackChanged.at_ms", r["at_ms"])
    row = (
        *(r["order_id"], r["shipment_id"], r["channel"], r["shop"], r["warehouse"], r["carrier"], r["tracking_no"]),
        *(r["phase"], r["attempt"], r["requests"], r["outcome"], r["code"], r["reason"]),
        moment("WritebackChanged.ship_by_ms", r["ship_by_ms"]),
        moment("WritebackChanged.shipped_at_ms", r["shipped_at_ms"]),
        moment_or_none("WritebackChanged.next_at_ms", r["next_at_ms"]),
        *(at, p.partition, p.offset),
    )
    return [("writebacks", row), _event(p, r, "WritebackChanged", at, status=r["phase"])]


def _near(r: dict[str, Any], p: Place) -> Rows:
    at = moment("WritebackDeadlineNear.at_ms", r["at_ms"])
    return [_event(p, r, "WritebackDeadlineNear", at, status=r["phase"])]


def _request(r: dict[str, Any], p: Place) -> Rows:
    at = moment("WritebackRequest.requested_at_ms", r["requested_at_ms"])
    return [_event(p, r, "WritebackRequest", at, done_by=r["by"])]


def _result(r: dict[str, Any], p: Place) -> Rows:
    at = moment("WritebackResult.at_ms", r["at_ms"])
    return [_event(p, r, "WritebackResult", at, status=r["outcome"])]


def _command(r: dict[str, Any], p: Place) -> Rows:
    at = moment("WritebackCommand.decided_at_ms", r["decided_at_ms"])
    return [_event(p, r, "WritebackCommand", at, status=r["action"], done_by=r["by"])]


def _dead(r: dict[str, Any], p: Place) -> Rows:
    row = (
        *(r["order_id"], r["shipment_id"], r["channel"], r["shop"], r["order_no"], r["warehouse"], r["carrier"]),
        *(r["tracking_no"], r["attempts"], r["outcome"], r["code"], r["reason"]),
        moment("WritebackDead.ship_by_ms", r["ship_by_ms"]),
        moment("WritebackDead.at_ms", r["at_ms"]),
        *(p.partition, p.offset),
    )
    return [("dead_writebacks", row)]


def _check(r: dict[str, Any], p: Place) -> Rows:
    row = (
        *(moment("ChannelCheck.at_ms", r["at_ms"]), r["check_id"], r["order_id"], r["channel"], r["shop"], r["about"]),
        *(r["hub_status"], r["platform_status"], r["agrees"], r["healed"], r["reason"]),
        moment("ChannelCheck.occurred_at_ms", r["occurred_at_ms"]),
        *(p.partition, p.offset),
    )
    return [("channel_checks", row)]


def _trace(r: dict[str, Any], p: Place) -> Rows:
    row = (
        *(moment("LogisticsTrace.occurred_at_ms", r["occurred_at_ms"]), r["trace_id"], r["order_id"]),
        *(r["shipment_id"], r["carrier"], r["tracking_no"], r["state"], r["text"], r["provider"]),
        moment("LogisticsTrace.received_at_ms", r["received_at_ms"]),
        *(p.partition, p.offset),
    )
    return [("logistics_traces", row)]


EDGE_ROWS: dict[str, Callable[[dict[str, Any], Place], Rows]] = {
    "WritebackChanged": _changed,
    "WritebackDeadlineNear": _near,
    "WritebackRequest": _request,
    "WritebackResult": _result,
    "WritebackCommand": _command,
    "WritebackDead": _dead,
    "ChannelCheck": _check,
    "LogisticsTrace": _trace,
    **TOLD_ROWS,
}


def _event(
    p: Place, r: dict[str, Any], kind: str, at: datetime, *, status: str | None = None, done_by: str | None = None
) -> tuple[str, Row]:
    order_id = r["order_id"]
    # The order id begins with the channel; not every record has a field of its own for it.
    channel = order_id.partition(":")[0]
    row = (
        *(p.logged_at, p.topic, p.partition, p.offset, order_id, channel, r.get("shop"), r["shipment_id"], kind, at),
        *(status, r.get("request_id"), r.get("attempt"), r.get("code") or None, r.get("reason") or None),
        *(r.get("carrier") or None, r.get("tracking_no") or None, done_by),
    )
    return "writeback_events", row
