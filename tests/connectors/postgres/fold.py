"""What the tables must hold after some records: plain dicts, folded one record at a time, and written without a look at the sink.

``expected(records)`` and ``stored(connection)`` give the same shape: {table: {key: {column: value}}}, times in ms, JSON as values.
Each partition's records in the order of their offsets; partitions in any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import asyncpg

from schemas.codec import CODEC
from schemas.topics import FORGOTTEN
from streams.ops.sinks import Record

Tables = dict[str, dict[tuple[Any, ...], dict[str, Any]]]

KEYS = {
    "orders": ("order_id",),
    "order_receivers": ("order_id",),
    "order_lines": ("order_id", "line_no"),
    "order_status": ("order_id",),
    "order_events": ("log_topic", "log_partition", "log_offset"),
    "reservations": ("reservation_id",),
    "allocations": ("order_id", "attempt"),
    "allocation_parts": ("order_id", "attempt", "reservation_id"),
    "backorders": ("order_id", "attempt", "sku"),
    "allocation_releases": ("order_id", "attempt"),
    "compared_decisions": ("at", "order_id", "attempt", "role"),
    "stock": ("sku", "warehouse"),
    "stock_answers": ("log_partition", "log_offset"),
    "stock_alerts": ("log_partition", "log_offset"),
    "pools": ("sku",),
    "pool_alerts": ("log_partition", "log_offset"),
    "tasks": ("task_id",),
    "duplicates": ("received_at", "source_topic", "source_partition", "source_offset"),
    "review_queue": ("record",),
    "review_originals": ("record",),
    "shipments": ("order_id", "shipment_id"),
    "aftersales": ("order_id", "aftersale_id"),
    "aftersale_reasons": ("order_id", "aftersale_id"),
    "returned_goods": ("order_id", "return_id", "position"),
    "bundles": ("sku",),
    "warehouses": ("warehouse",),
    "forgotten_persons": ("order_id",),
    "audit": ("at", "entry_id"),
    "health_checks": ("checked_at", "interface"),
    "writebacks": ("order_id", "shipment_id"),
    "writeback_events": ("log_topic", "log_partition", "log_offset"),
    "dead_writebacks": ("order_id", "shipment_id"),
    "deliveries": ("order_id", "delivery_id"),
    "delivery_events": ("log_topic", "log_partition", "log_offset"),
    "listed_skus": ("sku",),
    "listings": ("sku", "place"),
    "channel_checks": ("checked_at", "check_id"),
    "logistics_traces": ("occurred_at", "trace_id"),
}
_STATES = {"review.resubmitted": "resubmitted", "review.discarded": "discarded"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def expected(records: Iterable[Record]) -> Tables:
    """The tables' content."""
    folded = _Fold()
    for record in records:
        name, fields = CODEC.decode(record.value or b"")
        getattr(folded, name)(fields, record)
    for name, state in folded.states.items():
        row = folded.tables["review_queue"].setdefault((name,), dict.fromkeys(_REVIEW) | {"record": name})
        row.update(state)
    return folded.tables


async def stored(connection: asyncpg.Connection) -> Tables:
    """What is there."""
    return {
        table: {
            tuple(row[column] for column in key): row
            for row in [_plain(found) for found in await connection.fetch(f"SELECT * FROM {table}")]
        }
        for table, key in KEYS.items()
    }


def _plain(row: Any) -> dict[str, Any]:
    plain = dict(row)
    for column, value in plain.items():
        if isinstance(value, datetime):
            plain[column] = round((value - _EPOCH).total_seconds() * 1000)
        elif (
            column
            in (
                "trace",
                "stands_trace",
                "tried_trace",
                "attributes",
                "reasons",
                "details",
                "forms",
                "lines",
                "parts",
                "quotas",
            )
            and value is not None
        ):
            plain[column] = json.loads(value)
    return plain


_REVIEW = (
    *("record", "order_id", "channel", "shop", "order_no", "codes", "reasons", "received_at", "source_topic"),
    *("source_partition", "source_offset", "log_partition", "log_offset"),
)
_OPEN = {"state": "open", "state_at": None, "state_by": None, "state_reason": None, "state_entry": None}


class _Fold:
    """A method for each type of record."""

    def __init__(self) -> None:
        self.tables: Tables = {table: {} for table in KEYS}
        self.states: dict[str, dict[str, Any]] = {}

    def put(self, table: str, r: Record, /, **row: Any) -> None:
        row |= {"log_partition": r.partition, "log_offset": r.offset}
        self.tables[table][tuple(row[column] for column in KEYS[table])] = row

    def drop(self, table: str, **owner: Any) -> None:
        rows = self.tables[table]
        for key in [k for k, row in rows.items() if owner.items() <= row.items()]:
            del rows[key]

    def event(self, record: Record, fields: dict[str, Any], kind: str, at: int, **more: Any) -> None:
        empty = dict.fromkeys(("shop", "status", "reason", "order_version", "about", "done_by"))
        self.put(
            "order_events",
            record,
            **{**empty, **more},
            logged_at=record.timestamp_ms,
            log_topic=record.topic,
            order_id=fields["order_id"],
            channel=fields["order_id"].split(":")[0],
            kind=kind,
            at=at,
        )

    def Order(self, f: dict[str, Any], r: Record) -> None:
        to = f["receiver"]
        same = ("order_id", "channel", "shop", "order_no", "version", "hold_reason", "currency", "total_minor")
        self.put(
            "orders",
            r,
            **{name: f[name] for name in same},
            platform_status=f["status"],
            placed_at=f["placed_at_ms"],
            paid_at=f["paid_at_ms"],
            ship_by=f["ship_by_ms"],
            not_before=f["not_before_ms"],
            collect_minor=f["collect_minor"],
            received_at=f["received_at_ms"],
            **{name: to[name] for name in ("country", "province", "city")},
            **{f"source_{name}": f["source"][name] for name in ("topic", "partition", "offset")},
        )
        personal = (
            "name",
            "phone",
            "district",
            "town",
            "address",
            "postal_code",
            "oaid",
            "company",
            "phone_extension",
            "forms",
        )
        self.put(
            "order_receivers",
            r,
            order_id=f["order_id"],
            shop=f["shop"],
            attributes=f["attributes"],
            **{name: to[name] for name in personal},
        )
        self.drop("order_lines", order_id=f["order_id"])
        for position, line in enumerate(f["lines"]):
            self.put("order_lines", r, order_id=f["order_id"], shop=f["shop"], position=position, **line)
        more = {"shop": f["shop"], "status": f["status"], "order_version": f["version"]}
        self.event(r, f, "Order", f["received_at_ms"], **more)

    def Duplicate(self, f: dict[str, Any], r: Record) -> None:
        self.put(
            "duplicates",
            r,
            **{name: f[name] for name in ("order_id", "channel", "kind", "version")},
            received_at=f["received_at_ms"],
            **{f"source_{name}": f["source"][name] for name in ("topic", "partition", "offset")},
            **{f"first_{name}": f["first_source"][name] for name in ("topic", "partition", "offset")},
        )

    def Review(self, f: dict[str, Any], r: Record) -> None:
        name = f"orders.review/{r.partition}@{r.offset}"
        self.put(
            "review_queue",
            r,
            record=name,
            **{column: f[column] for column in ("order_id", "channel", "shop", "order_no", "reasons")},
            codes=[reason["code"] for reason in f["reasons"]],
            received_at=f["received_at_ms"],
            **{f"source_{column}": f["source"][column] for column in ("topic", "partition", "offset")},
            **_OPEN,
        )
        self.put("review_originals", r, record=name, shop=f["shop"], event=f["event"])

    def OperatorDecision(self, f: dict[str, Any], r: Record) -> None:
        more = {"status": f["action"], "reason": f["reason"], "about": f["decision_id"], "done_by": f["by"]}
        self.event(r, f, "OperatorDecision", f["decided_at_ms"], **more)

    def Shipped(self, f: dict[str, Any], r: Record) -> None:
        same = ("order_id", "shipment_id", "warehouse", "carrier", "tracking_no")
        self.put("shipments", r, **{name: f[name] for name in same}, shipped_at=f["shipped_at_ms"])
        self.event(r, f, "Shipped", f["shipped_at_ms"], status=f["warehouse"], about=f["shipment_id"])

    def AfterSale(self, f: dict[str, Any], r: Record) -> None:
        apart = ("fingerprint", "reason", "source", "asked_at_ms", "received_at_ms")
        self.put(
            "aftersales",
            r,
            **{name: value for name, value in f.items() if name not in apart},
            asked_at=f["asked_at_ms"],
            received_at=f["received_at_ms"],
            **{f"source_{name}": f["source"][name] for name in ("topic", "partition", "offset")},
        )
        key = {name: f[name] for name in ("order_id", "aftersale_id", "shop")}
        self.put("aftersale_reasons", r, **key, reason=f["reason"])

    def ReturnReceived(self, f: dict[str, Any], r: Record) -> None:
        same = {name: f[name] for name in ("order_id", "return_id", "shipment_id", "warehouse")}
        for position, line in enumerate(f["lines"]):
            self.put("returned_goods", r, **same, **line, position=position, received_at=f["received_at_ms"])

    def Bundle(self, f: dict[str, Any], r: Record) -> None:
        self.put("bundles", r, **f)

    def reservation(self, f: dict[str, Any], r: Record, state: str) -> None:
        same = ("reservation_id", "order_id", "sku", "warehouse", "quantity", "command_id")
        more = {"state": state, "shortfall": f.get("shortfall"), "changed_at": f["at_ms"]}
        self.put("reservations", r, **{name: f[name] for name in same}, **more)

    def Reserved(self, f: dict[str, Any], r: Record) -> None:
        self.reservation(f, r, "RESERVED")

    def ReservationRejected(self, f: dict[str, Any], r: Record) -> None:
        self.reservation(f, r, "REJECTED")

    def ReservationResolved(self, f: dict[str, Any], r: Record) -> None:
        if f["answer"].startswith("ALREADY_") or f["answer"] == "NEVER_RESERVED" or f["warehouse"] == "":
            self.event(r, f, "ReservationResolved", f["at_ms"], status=f["answer"], about=f["reservation_id"])
        else:
            self.reservation(f, r, f["answer"])

    def StockArrived(self, f: dict[str, Any], r: Record) -> None:
        self.event(r, f, "StockArrived", f["at_ms"], about=f["sku"])

    def StockCommandAnswered(self, f: dict[str, Any], r: Record) -> None:
        same = {name: f[name] for name in ("command_id", "sku", "warehouse", "answer", "reason")}
        order_id = f["order_id"] if f["order_id"] != "" else None
        self.put("stock_answers", r, **same, order_id=order_id, at=f["at_ms"], logged_at=r.timestamp_ms)

    def Availability(self, f: dict[str, Any], r: Record) -> None:
        for level in f["levels"]:
            free = level["on_hand"] - level["reserved"] - level["safety_stock"]
            sellable = max(free, 0) if level["open"] else 0
            self.put("stock", r, sku=f["sku"], version=f["version"], sellable=sellable, **level)

        if (pool := f["pool"]) is not None:
            same = {name: pool[name] for name in ("document", "cap", "sold", "frozen", "waiting", "closed")}
            bounds = {"sale_from": pool["from_ms"], "sale_until": pool["until_ms"]}
            more = {"pool": pool["name"], "quotas": pool["parts"]}
            self.put("pools", r, sku=f["sku"], version=f["version"], **same, **bounds, **more)

    def FreezeAnswered(self, f: dict[str, Any], r: Record) -> None:
        told = f["told"]
        reason = f"{told['pool']}: {told['sold']} of {told['cap']}" if told["pool"] != "" else None
        about = f["reservation_id"]
        self.event(r, f, "FreezeAnswered", f["at_ms"], status=f["answer"], reason=reason, about=about)

    def PoolServed(self, f: dict[str, Any], r: Record) -> None:
        if f["warehouse"] != "":
            self.reservation({**f, "command_id": f["reservation_id"]}, r, "RESERVED")
        else:
            about = f["reservation_id"]
            self.event(r, f, "PoolServed", f["at_ms"], status="FROZEN", reason=f["pool"], about=about)

    def PoolAlert(self, f: dict[str, Any], r: Record) -> None:
        same = {name: f[name] for name in ("sku", "pool", "kind", "cap", "sold", "frozen", "waiting", "reason")}
        self.put("pool_alerts", r, **same, at=f["at_ms"], logged_at=r.timestamp_ms)

    def StockAlert(self, f: dict[str, Any], r: Record) -> None:
        same = {name: f[name] for name in ("sku", "warehouse", "kind", "sellable", "safety_stock")}
        self.put("stock_alerts", r, **same, at=f["at_ms"], logged_at=r.timestamp_ms)

    def decision(self, f: dict[str, Any], r: Record, decision: str, reason: str | None) -> None:
        same = ("order_id", "attempt", "channel", "shop", "order_version", "rounds", "trace")
        times = {"received_at": f["received_at_ms"], "decided_at": f["decided_at_ms"]}
        self.put(
            "allocations",
            r,
            **{name: f[name] for name in same},
            **times,
            decision=decision,
            reason=reason,
            collect_minor=f.get("collect_minor"),
        )
        for children in ("allocation_parts", "backorders"):
            self.drop(children, order_id=f["order_id"], attempt=f["attempt"])

    def OrderAllocated(self, f: dict[str, Any], r: Record) -> None:
        self.decision(f, r, "ALLOCATED", None)
        for part in f["parts"]:
            self.put("allocation_parts", r, order_id=f["order_id"], attempt=f["attempt"], shop=f["shop"], **part)
        more = {"shop": f["shop"], "order_version": f["order_version"]}
        self.event(r, f, "OrderAllocated", f["decided_at_ms"], **more)

    def OrderBackordered(self, f: dict[str, Any], r: Record) -> None:
        self.decision(f, r, "BACKORDERED", f["reason"])
        for missing in f["missing"]:
            self.put(
                "backorders",
                r,
                **{name: f[name] for name in ("order_id", "attempt", "shop")},
                decided_at=f["decided_at_ms"],
                **missing,
            )
        more = {"shop": f["shop"], "order_version": f["order_version"], "reason": f["reason"]}
        self.event(r, f, "OrderBackordered", f["decided_at_ms"], **more)

    def DecisionCompared(self, f: dict[str, Any], r: Record) -> None:
        sides = {f"{side}_{name}": value for side in ("stands", "tried") for name, value in f[side].items()}
        same = {name: value for name, value in f.items() if name not in ("stands", "tried", "trial_ms", "at_ms")}
        self.put("compared_decisions", r, **same, **sides, at=f["at_ms"], trial_began=f["trial_ms"] or None)

    def Task(self, f: dict[str, Any], r: Record) -> None:
        same = {name: value for name, value in f.items() if name not in ("version", "by") and not name.endswith("_ms")}
        times = {name.removesuffix("_ms"): f[name] for name in ("opened_at_ms", "due_at_ms", "at_ms")}
        self.put("tasks", r, **same, **times, flow_version=f["version"], told_by=f["by"])

    def AllocationReleased(self, f: dict[str, Any], r: Record) -> None:
        same = ("order_id", "attempt", "channel", "shop", "reason", "reservation_ids")
        self.put("allocation_releases", r, **{name: f[name] for name in same}, decided_at=f["decided_at_ms"])
        self.event(r, f, "AllocationReleased", f["decided_at_ms"], shop=f["shop"], reason=f["reason"])

    def OrderStatusChanged(self, f: dict[str, Any], r: Record) -> None:
        same = ("order_id", "channel", "shop", "reason", "order_version")
        if not f["refused"]:
            self.put("order_status", r, **{name: f[name] for name in same}, phase=f["status"], changed_at=f["at_ms"])
        more = {"shop": f["shop"], "status": f["status"], "order_version": f["order_version"]}
        self.event(r, f, "OrderStatusChanged", f["at_ms"], **more, reason=f["reason"] if f["reason"] else None)

    def Warehouse(self, f: dict[str, Any], r: Record) -> None:
        self.put("warehouses", r, **f)

    def PersonForgotten(self, f: dict[str, Any], r: Record) -> None:
        if r.topic != FORGOTTEN:
            self.event(r, f, "PersonForgotten", f["forgotten_at_ms"], reason=f["reason"], done_by=f["by"])
            return
        named = {"order_id": f["order_id"], "done_by": f["by"], "reason": f["reason"]}
        self.put("forgotten_persons", r, **named, forgotten_at=f["forgotten_at_ms"])

    def AuditEntry(self, f: dict[str, Any], r: Record) -> None:
        same = ("entry_id", "correlation_id", "action", "subject", "reason", "outcome", "details")
        self.put("audit", r, **{name: f[name] for name in same}, at=f["at_ms"], done_by=f["by"])
        if f["action"] in _STATES and f["outcome"] == "done" and "record" in f["details"]:
            name, old = f["details"]["record"], self.states.get(f["details"]["record"])
            if old is None or (old["state_at"], old["state_entry"]) <= (f["at_ms"], f["entry_id"]):
                self.states[name] = {
                    "state": _STATES[f["action"]],
                    "state_at": f["at_ms"],
                    "state_by": f["by"],
                    "state_reason": f["reason"],
                    "state_entry": f["entry_id"],
                }

    def HealthCheck(self, f: dict[str, Any], r: Record) -> None:
        same = ("interface", "kind", "healthy", "changed", "took_ms", "error")
        self.put("health_checks", r, **{name: f[name] for name in same}, checked_at=f["checked_at_ms"])

    def WritebackChanged(self, f: dict[str, Any], r: Record) -> None:
        same = ("order_id", "shipment_id", "channel", "shop", "warehouse", "carrier", "tracking_no", "phase", "attempt")
        same += ("requests", "outcome", "code", "reason")
        times = {"ship_by": f["ship_by_ms"], "shipped_at": f["shipped_at_ms"], "next_at": f["next_at_ms"]}
        self.put("writebacks", r, **{name: f[name] for name in same}, **times, changed_at=f["at_ms"])
        self.step(f, r, "WritebackChanged", f["at_ms"], status=f["phase"])

    def WritebackDeadlineNear(self, f: dict[str, Any], r: Record) -> None:
        self.step(f, r, "WritebackDeadlineNear", f["at_ms"], status=f["phase"])

    def WritebackRequest(self, f: dict[str, Any], r: Record) -> None:
        self.step(f, r, "WritebackRequest", f["requested_at_ms"], done_by=f["by"])

    def WritebackResult(self, f: dict[str, Any], r: Record) -> None:
        self.step(f, r, "WritebackResult", f["at_ms"], status=f["outcome"])

    def WritebackCommand(self, f: dict[str, Any], r: Record) -> None:
        self.step(f, r, "WritebackCommand", f["decided_at_ms"], status=f["action"], done_by=f["by"])

    def step(self, f: dict[str, Any], r: Record, kind: str, at: int, **more: Any) -> None:
        told = ("shop", "request_id", "attempt", "code", "reason", "carrier", "tracking_no")
        row = {"status": None, "done_by": None} | {name: f.get(name) for name in told} | more
        row |= {name: None for name in ("code", "reason", "carrier", "tracking_no") if row[name] == ""}
        row |= {"order_id": f["order_id"], "shipment_id": f["shipment_id"], "kind": kind, "at": at}
        where = {"logged_at": r.timestamp_ms, "log_topic": r.topic, "channel": f["order_id"].split(":")[0]}
        self.put("writeback_events", r, **row, **where)

    def WritebackDead(self, f: dict[str, Any], r: Record) -> None:
        row = {name: value for name, value in f.items() if not name.endswith("_ms")}
        self.put("dead_writebacks", r, **row, ship_by=f["ship_by_ms"], died_at=f["at_ms"])

    def DeliveryChanged(self, f: dict[str, Any], r: Record) -> None:
        row = {name: value for name, value in f.items() if not name.endswith("_ms")}
        times = {"ship_by": f["ship_by_ms"], "next_at": f["next_at_ms"], "changed_at": f["at_ms"]}
        self.put("deliveries", r, **row, **times)
        self.told(f, r, "DeliveryChanged", f["at_ms"], status=f["phase"])

    def DeliveryRequest(self, f: dict[str, Any], r: Record) -> None:
        self.told(f, r, "DeliveryRequest", f["requested_at_ms"], status=f["action"], done_by=f["by"])

    def DeliveryResult(self, f: dict[str, Any], r: Record) -> None:
        self.told(f, r, "DeliveryResult", f["at_ms"], status=f["outcome"])

    def DeliveryCommand(self, f: dict[str, Any], r: Record) -> None:
        self.told(f, r, "DeliveryCommand", f["decided_at_ms"], status=f["action"], done_by=f["by"])

    def DeliveryDead(self, f: dict[str, Any], r: Record) -> None:
        self.told(f, r, "DeliveryDead", f["at_ms"], status=f["outcome"], attempt=f["attempts"])

    def ReportSetAside(self, f: dict[str, Any], r: Record) -> None:
        more = {"status": f["kind"], "request_id": f["report_id"], "done_by": f["system"]}
        self.told(f, r, "ReportSetAside", f["at_ms"], **more)

    def told(self, f: dict[str, Any], r: Record, kind: str, at: int, **more: Any) -> None:
        row = {name: f.get(name) for name in ("order_id", "shop", "delivery_id", "request_id", "attempt")}
        row |= {name: f.get(name) if f.get(name) != "" else None for name in ("code", "reason")}
        row |= {"done_by": None, "kind": kind, "at": at} | more
        self.put("delivery_events", r, **row, logged_at=r.timestamp_ms, log_topic=r.topic)

    def Listings(self, f: dict[str, Any], r: Record) -> None:
        self.put("listed_skus", r, sku=f["sku"], places=len(f["listed"]))
        self.drop("listings", sku=f["sku"])
        where = ("place", "channel", "shop", "item", "variant", "location")
        same = ("phase", "open", "wanted", "told", "seen", "differs", "attempt", "outcome", "code", "reason")
        for it in f["listed"]:
            times = {name: it[f"{name}_ms"] for name in ("changed_at", "next_at")}
            never = {name: None if it[f"{name}_ms"] == 0 else it[f"{name}_ms"] for name in ("told_at", "seen_at")}
            row = {name: it["place"][name] for name in where} | {name: it[name] for name in same}
            self.put("listings", r, sku=f["sku"], **row, **times, **never)

    def ChannelCheck(self, f: dict[str, Any], r: Record) -> None:
        row = {name: value for name, value in f.items() if not name.endswith("_ms")}
        self.put("channel_checks", r, **row, checked_at=f["at_ms"], occurred_at=f["occurred_at_ms"])

    def LogisticsTrace(self, f: dict[str, Any], r: Record) -> None:
        row = {name: value for name, value in f.items() if not name.endswith("_ms")}
        self.put("logistics_traces", r, **row, occurred_at=f["occurred_at_ms"], received_at=f["received_at_ms"])
