"""Do the tables say what the topics say? A fold of its own, which knows the tables' documented meaning and not the sink's code.

Of every table the columns that carry its meaning are compared, row by row; a row that is missing, is too many, or stands there twice is a
difference, and so is a position that is not the log's end. Personal data is compared, and never named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from confluent_kafka import Message

from schemas.codec import CODEC
from streams.ops.cluster import Cluster

Key = tuple[Any, ...]
Rows = dict[Key, Key]

#: Table -> columns of its key, columns compared.
_COLUMNS: dict[str, tuple[str, str]] = {
    "orders": (
        "order_id",
        "channel, shop, order_no, version, platform_status, currency, total_minor, province, city, source_topic, "
        "source_partition, source_offset, log_partition, log_offset",
    ),
    "order_receivers": ("order_id", "name, phone, district, town, address, postal_code, oaid"),
    "order_lines": (
        "order_id, line_no",
        "sku, title, quantity, unit_price_minor, shipped_quantity, cancelled_quantity, log_offset",
    ),
    "order_status": ("order_id", "phase, reason, order_version, log_partition, log_offset"),
    "order_events": ("log_topic, log_partition, log_offset", "order_id, kind"),
    "reservations": ("reservation_id", "order_id, sku, warehouse, quantity, state, log_partition, log_offset"),
    "allocations": ("order_id, attempt", "decision, order_version, rounds, log_partition, log_offset"),
    "allocation_parts": ("order_id, attempt, reservation_id", "line_no, sku, warehouse, quantity, collect_minor"),
    "backorders": ("order_id, attempt, sku", "shortfall"),
    "allocation_releases": ("order_id, attempt", "reason, reservation_ids, log_offset"),
    "stock": ("sku, warehouse", "on_hand, reserved, safety_stock, open, version, log_partition, log_offset"),
    "pools": ("sku", "document, pool, cap, sold, frozen, waiting, closed, log_partition, log_offset"),
    "pool_alerts": ("log_partition, log_offset", "sku, pool, kind, cap, sold, frozen, waiting"),
    "stock_answers": ("log_partition, log_offset", "command_id, sku, warehouse, answer"),
    "stock_alerts": ("log_partition, log_offset", "sku, warehouse, kind, sellable"),
    "duplicates": ("source_topic, source_partition, source_offset", "order_id, kind, log_partition, log_offset"),
    "review_queue": ("record", "order_id, channel, codes, source_topic, source_partition, source_offset"),
    "review_originals": ("record", "event"),
    "shipments": ("order_id, shipment_id", "warehouse, carrier, tracking_no"),
    "warehouses": ("warehouse", "name, province, enabled, priority, version"),
    "audit": ("entry_id", "done_by, action, subject, outcome"),
    "health_checks": ("log_partition, log_offset", "interface, healthy"),
    "writebacks": ("order_id, shipment_id", "phase, carrier, tracking_no, requests, log_partition, log_offset"),
    "deliveries": ("order_id, delivery_id", "warehouse, phase, attempt, log_partition, log_offset"),
    "listings": ("sku, place", "shop, phase, wanted, told, seen, log_partition, log_offset"),
    "dead_writebacks": ("order_id, shipment_id", "outcome, attempts, log_partition, log_offset"),
}
_SHOWN = 5


@dataclass
class Comparison:
    """What was compared, and what differs (empty: nothing)."""

    rows: Counter[str] = field(default_factory=Counter)
    #: Orders by the phase that the table says.
    phases: Counter[str] = field(default_factory=Counter)
    records: int = 0
    differences: list[str] = field(default_factory=list)


class Fold:
    """What the tables should hold, record by record."""

    def __init__(self) -> None:
        self.tables: dict[str, Rows] = {name: {} for name in _COLUMNS}
        #: What belongs to a parent is replaced with it: (table, parent) -> keys.
        self._children: dict[tuple[str, Key], list[Key]] = {}

    def add(self, name: str, r: Mapping[str, Any], topic: str, partition: int, offset: int) -> None:
        """Takes in one record; a partition's records come in order."""
        log = (partition, offset)
        match name:
            case "Order":
                self._order(r, log)
            case "OrderStatusChanged" if r["refused"]:
                pass
            case "OrderStatusChanged":
                self._put("order_status", (r["order_id"],), (r["status"], r["reason"], r["order_version"], *log))
            case "Reserved" | "ReservationRejected":
                self._reservation(r, "RESERVED" if name == "Reserved" else "REJECTED", log)
            # What has no warehouse is frozen in a pool, and no reservation yet.
            case "PoolServed" if r["warehouse"]:
                self._reservation(r, "RESERVED", log)
                return
            case "ReservationResolved" if r["answer"] in ("COMMITTED", "RELEASED", "EXPIRED") and r["warehouse"]:
                self._reservation(r, r["answer"], log)
                return
            case "OrderAllocated" | "OrderBackordered":
                self._decision(name, r, log)
            case "AllocationReleased":
                released = (r["reason"], list(r["reservation_ids"]), offset)
                self._put("allocation_releases", (r["order_id"], r["attempt"]), released)
            case "Availability":
                for x in r["levels"]:
                    balance = (x["on_hand"], x["reserved"], x["safety_stock"], x["open"], r["version"], *log)
                    self._put("stock", (r["sku"], x["warehouse"]), balance)
                if (pool := r["pool"]) is not None:
                    its = (
                        pool["document"],
                        pool["name"],
                        *(pool[x] for x in ("cap", "sold", "frozen", "waiting", "closed")),
                    )
                    self._put("pools", (r["sku"],), (*its, *log))
            case "PoolAlert":
                counts = (r[x] for x in ("cap", "sold", "frozen", "waiting"))
                self._put("pool_alerts", log, (r["sku"], r["pool"], r["kind"], *counts))
            case "StockCommandAnswered":
                self._put("stock_answers", log, (r["command_id"], r["sku"], r["warehouse"], r["answer"]))
            case "StockAlert":
                self._put("stock_alerts", log, (r["sku"], r["warehouse"], r["kind"], r["sellable"]))
            case "Duplicate":
                self._put("duplicates", _source(r), (r["order_id"], r["kind"], *log))
            case "Review":
                record = (f"{topic}/{partition}@{offset}",)
                codes = [reason["code"] for reason in r["reasons"]]
                self._put("review_queue", record, (r["order_id"], r["channel"], codes, *_source(r)))
                self._put("review_originals", record, (r["event"],))
            case "Shipped":
                parcel = (r["warehouse"], r["carrier"], r["tracking_no"])
                self._put("shipments", (r["order_id"], r["shipment_id"]), parcel)
            case "Warehouse":
                its = (r["name"], r["province"], r["enabled"], r["priority"], r["version"])
                self._put("warehouses", (r["warehouse"],), its)
            case "AuditEntry":
                self._put("audit", (r["entry_id"],), (r["by"], r["action"], r["subject"], r["outcome"]))
            case "HealthCheck":
                self._put("health_checks", log, (r["interface"], r["healthy"]))
            case "WritebackChanged":
                stands = (r["phase"], r["carrier"], r["tracking_no"], r["requests"])
                self._put("writebacks", (r["order_id"], r["shipment_id"]), (*stands, *log))
            case "WritebackDead":
                self._put("dead_writebacks", (r["order_id"], r["shipment_id"]), (r["outcome"], r["attempts"], *log))
            case "DeliveryChanged":
                delivery = (r["warehouse"], r["phase"], r["attempt"], *log)
                self._put("deliveries", (r["order_id"], r["delivery_id"]), delivery)
            case "Listings":
                fields = ("phase", "wanted", "told", "seen")
                shown = {
                    (r["sku"], x["place"]["place"]): (x["place"]["shop"], *(x[f] for f in fields), *log)
                    for x in r["listed"]
                }
                self._replace("listings", (r["sku"],), shown)
        if name in _EVENTS:
            self._put("order_events", (topic, *log), (r["order_id"], name))

    def _put(self, table: str, key: Key, row: Key) -> None:
        self.tables[table][key] = row

    def _replace(self, table: str, parent: Key, rows: Rows) -> None:
        for key in self._children.pop((table, parent), ()):
            del self.tables[table][key]
        self.tables[table].update(rows)
        self._children[table, parent] = list(rows)

    def _order(self, r: Mapping[str, Any], log: Key) -> None:
        key, to = (r["order_id"],), r["receiver"]
        row = (r["channel"], r["shop"], r["order_no"], r["version"], r["status"], r["currency"], r["total_minor"])
        self._put("orders", key, (*row, to["province"], to["city"], *_source(r), *log))
        who = tuple(to[x] for x in ("name", "phone", "district", "town", "address", "postal_code", "oaid"))
        self._put("order_receivers", key, who)
        fields = ("sku", "title", "quantity", "unit_price_minor", "shipped_quantity", "cancelled_quantity")
        lines = {(*key, x["line_no"]): (*(x[f] for f in fields), log[1]) for x in r["lines"]}
        self._replace("order_lines", key, lines)

    def _reservation(self, r: Mapping[str, Any], state: str, log: Key) -> None:
        row = (r["order_id"], r["sku"], r["warehouse"], r["quantity"], state, *log)
        self._put("reservations", (r["reservation_id"],), row)

    def _decision(self, name: str, r: Mapping[str, Any], log: Key) -> None:
        key = (r["order_id"], r["attempt"])
        parts = r.get("parts", ())
        missing = r.get("missing", ())
        decision = "ALLOCATED" if name == "OrderAllocated" else "BACKORDERED"
        self._put("allocations", key, (decision, r["order_version"], r["rounds"], *log))
        fields = ("line_no", "sku", "warehouse", "quantity", "collect_minor")
        rows = {(*key, x["reservation_id"]): tuple(x[f] for f in fields) for x in parts}
        self._replace("allocation_parts", key, rows)
        self._replace("backorders", key, {(*key, x["sku"]): (x["shortfall"],) for x in missing})


#: Records that are an event of an order.
_EVENTS = frozenset(
    (
        *(
            "Order",
            "OperatorDecision",
            "Shipped",
            "StockArrived",
            "ReservationResolved",
            "FreezeAnswered",
            "PoolServed",
        ),
        *("OrderAllocated", "OrderBackordered", "AllocationReleased", "OrderStatusChanged"),
    )
)


async def compare(
    cluster: Cluster, url: str, topics: tuple[str, ...], on_topic: Callable[[str], None] = lambda _: None
) -> Comparison:
    """The tables at ``url`` against these topics, read from their beginning. For a hub at rest whose sink has come to the end."""
    result = Comparison()
    fold = Fold()
    for topic in topics:
        on_topic(topic)
        for message in cluster.read(topic):
            _feed(fold, message, topic)
            result.records += 1
    connection = await asyncpg.connect(url)
    try:
        for table, (keys, columns) in _COLUMNS.items():
            found = await connection.fetch(f"SELECT {keys}, {columns} FROM {table}")
            judge(result, table, len(keys.split(",")), [tuple(row) for row in found], fold.tables[table])
        for row in await connection.fetch("SELECT phase, count(*) FROM order_status GROUP BY phase"):
            result.phases[row["phase"]] = row["count"]
        positions = await connection.fetch(
            "SELECT topic, partition, position FROM sink_positions WHERE hub = $1", cluster.settings.app_id
        )
        refused = await connection.fetchval("SELECT count(*) FROM refused_rows")
    finally:
        await connection.close()
    stored = {(row["topic"], row["partition"]): row["position"] for row in positions}
    ends = {(topic, p): end for topic in topics for p, end in cluster.ends(topic).items() if end > 0}
    for place in sorted(stored.keys() | ends.keys()):
        if stored.get(place) != ends.get(place):
            result.differences.append(
                f"{place[0]}/{place[1]}: the store is at {stored.get(place)}, the log at {ends.get(place)}"
            )
    if refused:
        result.differences.append(f"refused_rows: {refused} records")
    return result


def _feed(fold: Fold, message: Message, topic: str) -> None:
    value = message.value()
    if value is not None:
        fold.add(*CODEC.decode(value), topic, int(message.partition() or 0), int(message.offset() or 0))


def judge(result: Comparison, table: str, keys: int, found: list[Key], expected: Rows) -> None:
    """Adds to ``result`` how the rows that were found (``keys`` columns of key first) differ from those expected."""
    result.rows[table] = len(found)
    stored = {row[:keys]: row[keys:] for row in found}
    differences = []
    if len(stored) != len(found):
        twice = [key for key, count in Counter(row[:keys] for row in found).items() if count > 1]
        differences.append(f"{table}: {len(twice)} rows stand there more than once, such as {twice[0]}")
    for what, places in (
        ("missing", expected.keys() - stored.keys()),
        ("of no record", stored.keys() - expected.keys()),
        ("other than the topic says", {k for k in expected.keys() & stored.keys() if expected[k] != stored[k]}),
    ):
        if places:
            differences.append(f"{table}: {len(places)} rows {what}, such as {sorted(map(str, places))[:_SHOWN]}")
    result.differences += differences


def _source(r: Mapping[str, Any]) -> Key:
    source = r["source"]
    return source["topic"], source["partition"], source["offset"]
