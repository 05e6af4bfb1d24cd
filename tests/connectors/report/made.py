"""Two weeks of rows by chance, as the sink would have written them, and what they come to, counted the slow way."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from connectors.report.figures import Measured
from connectors.report.weeks import Week, named

CHINA = ZoneInfo("Asia/Shanghai")
WEEK = named("2026-W47")
SHOPS = {"taobao": ("tb-1", "tb-2"), "jd": ("jd-1",), "shopify": ("us",)}
CLASSES = ("NOT_RECEIVED", "LATE", "LOST", "DAMAGED", "WRONG_PARCEL", "GOODS", "BUYER", "OTHER")
CODES = ("unknown_sku", "no_address", "bad_encoding")


class Row(NamedTuple):
    """One record that a figure may count: of a KPI its part, of an exception its reason."""

    what: str
    at: datetime
    channel: str
    shop: str
    part: float
    code: str = ""
    weight: int = 1


class History(NamedTuple):
    """Tables' rows, and the same as the figures' records."""

    tables: dict[str, list[dict[str, Any]]]
    rows: list[Row]


def history(random: Random, orders: int) -> History:
    """From three days before the week before to three days after the week."""
    begins = datetime(2026, 11, 6, tzinfo=CHINA)
    tables: dict[str, list[dict[str, Any]]] = {}
    rows: list[Row] = []
    for number in range(orders):
        channel = random.choice(list(SHOPS))
        shop = random.choice(SHOPS[channel])
        order_id = f"{channel}:{number}"
        log = {"log_partition": number % 8, "log_offset": number}
        changed = begins + timedelta(seconds=random.randrange(20 * 86_400), milliseconds=random.randrange(1_000))
        late_ms = random.choice((0, 800, 4_999, 5_000, 5_001, 90_000))
        received = changed + timedelta(milliseconds=late_ms)
        logged = received + timedelta(milliseconds=40)
        about = {"order_id": order_id, "channel": channel, "shop": shop}

        def put(table: str, row: dict[str, Any]) -> None:
            tables.setdefault(table, []).append(row)

        def event(kind: str, at: datetime, topic: str, about: Any = about, log: Any = log, **more: Any) -> None:
            put("order_events", {**about, "kind": kind, "at": at, "logged_at": at, "log_topic": topic, **log, **more})

        put("orders", {**_order(order_id, channel, shop, changed, received), **log})
        event("Order", received, "orders", order_version=int(changed.timestamp() * 1000), logged_at=logged)
        rows.append(Row("sync timeliness", logged, channel, shop, late_ms <= 5_000))
        if random.random() < 0.1:
            event("OrderStatusChanged", logged, "order.status", status="HELD", reason="buyer's wish")
            rows.append(Row("held", logged, channel, shop, 1))
            put(
                "order_status",
                {**about, "phase": "HELD", "reason": "x", "order_version": 1, "changed_at": logged, **log},
            )
        if random.random() < 0.8:
            decision = random.choice(("ALLOCATED", "ALLOCATED", "BACKORDERED"))
            decided = received + timedelta(seconds=random.randrange(4_000))
            trace, pieces = _sent(random)
            if decision == "ALLOCATED":
                for at, (warehouse, quantity, is_first) in enumerate(pieces):
                    part = {
                        "reservation_id": str(at),
                        "line_no": "1",
                        "sku": "A",
                        "warehouse": warehouse,
                        "quantity": quantity,
                    }
                    put("allocation_parts", {"order_id": order_id, "attempt": 1, "shop": shop, **part, **log})
                    elsewhere = 0 if is_first else quantity
                    if is_first is not None:
                        rows.append(Row("cross-warehouse", decided, channel, shop, elsewhere, "", quantity))
            attempt = {"attempt": 1, "decision": decision, "received_at": received, "decided_at": decided}
            put("allocations", {**about, "order_version": 1, "rounds": 1, **attempt, **log, "trace": trace})
            event(f"Order{decision.capitalize()}", decided, "allocations")
            rows.append(Row("mean processing", decided, channel, shop, (decided - received).total_seconds()))
            if decision == "BACKORDERED":
                rows.append(Row("no stock", decided, channel, shop, 1))
                # Tried again and short again: neither a first decision, nor another order.
                again = {**attempt, "attempt": 2, "decided_at": decided + timedelta(hours=1)}
                other = {"log_partition": 9, "log_offset": number}
                put("allocations", {**about, "order_version": 1, "rounds": 1, "trace": "{}", **again, **other})
                event("OrderBackordered", decided + timedelta(hours=1), "allocations", log=other)
        if random.random() < 0.6:
            shipped = received + timedelta(hours=random.randrange(60))
            parcel = {"shipment_id": "s", "warehouse": "hz1", "carrier": "SF", "tracking_no": "SF1"}
            put("shipments", {"order_id": order_id, **parcel, "shipped_at": shipped, **log})
            blames = random.random() < 0.3
            cause = random.choice(CLASSES)
            rows.append(Row("logistics after-sales", shipped, channel, shop, blames and cause in CLASSES[:5]))
            if blames:
                put("aftersales", {**_aftersale(about, cause, shipped + timedelta(days=9)), **log})
            ended = shipped + timedelta(minutes=random.randrange(40))
            phase = random.choice(("WRITTEN", "WRITTEN", "WRITTEN", "DEAD"))
            step = {"kind": "WritebackChanged", "at": ended, "logged_at": ended, "log_topic": "writeback.status"}
            put("writeback_events", {**about, "shipment_id": "s", **step, "status": phase, **log})
            rows.append(Row("writeback success", ended, channel, shop, phase == "WRITTEN"))
            if phase == "DEAD":
                code, outcome = random.choice(("", "isv.x")), random.choice(("REFUSED", "RETRYABLE"))
                dead = {
                    "attempts": 3,
                    "outcome": outcome,
                    "code": code,
                    "reason": "r",
                    "ship_by": ended,
                    "died_at": ended,
                }
                put("dead_writebacks", {**about, **parcel, "order_no": "1", **dead, **log})
                rows.append(Row("writeback", ended, channel, shop, 1, code or outcome))
        if random.random() < 0.15:
            code = random.choice(CODES)
            review = {"record": f"orders.review/0@{number}", "codes": [code, "another"], "received_at": received}
            put("review_queue", {**about, **review})
            rows.append(Row("review", received, channel, shop, 1, code))
    for number in range(12):
        at = begins + timedelta(days=number, hours=5)
        put_at = {"refused_at": at, "sqlstate": "22003", "error": "e"}
        tables.setdefault("refused_rows", []).append(
            {"topic": "orders", "partition": 0, "log_offset": number, **put_at}
        )
        rows.append(Row("refused row", at, "", "", 1, "22003"))
    return History(tables, rows)


def measured(history: History, kpi: str, week: Week, *, channel: str = "", shops: tuple[str, ...] = ()) -> Measured:
    begins, *_, ends = week.midnights(CHINA)
    parts = [
        (row.part, row.weight)
        for row in history.rows
        if row.what == kpi
        and begins <= row.at < ends
        and channel in ("", row.channel)
        and (not shops or row.shop in shops)
    ]
    return Measured(float(sum(part for part, _ in parts)), sum(weight for _, weight in parts))


def counted(history: History, week: Week, shops: tuple[str, ...] = ()) -> Counter[tuple[Any, ...]]:
    """(day, kind, code, channel, shop) -> so many."""
    kinds = ("review", "writeback", "no stock", "held", "refused row")
    return Counter(
        (row.at.astimezone(CHINA).date(), row.what, row.code, row.channel, row.shop)
        for row in history.rows
        if row.what in kinds and row.at.astimezone(CHINA).date() in week.days and (not shops or row.shop in shops)
    )


async def fill(url: str, tables: dict[str, list[dict[str, Any]]]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for name, rows in tables.items():
            columns = sorted({column for row in rows for column in row})
            records = [[row.get(column) for column in columns] for row in rows]
            places = ", ".join(f"${at}" for at in range(1, len(columns) + 1))
            await connection.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({places})", records)
    finally:
        await connection.close()


def _sent(random: Random) -> tuple[str, list[tuple[str, int, bool | None]]]:
    """A decision's trace, and (warehouse, pieces, whether it is the first choice; None: that is not known) of its parts."""
    first, second, other = random.sample(["hz1", "gz1", "bj1", "cd1"], 3)
    quantity = random.randrange(1, 5)
    kind = random.choice(("first", "second", "split", "unknown", "before"))
    if kind in ("unknown", "before"):
        parts: list[tuple[str, int, bool | None]] = [(first, quantity, None)]
    else:
        parts = [(first, quantity, True)] if kind != "second" else []
        parts += [(second, quantity, False)] if kind != "first" else []
    # Before it was kept the trace did not have it.
    known = {} if kind == "before" else {"first_choice": None if kind == "unknown" else first}
    # What a later round would have is no matter: it goes by what the others lacked by then.
    later = {"round": 2, "considered": [], "rejected": [], "first_choice": other}
    return json.dumps({"rounds": [{"round": 1, "considered": [], "rejected": [], **known}, later]}), parts


def _order(order_id: str, channel: str, shop: str, changed: datetime, received: datetime) -> dict[str, Any]:
    return {
        **{"order_id": order_id, "channel": channel, "shop": shop, "order_no": order_id.partition(":")[2]},
        **{"version": int(changed.timestamp() * 1000), "platform_status": "PAID", "currency": "CNY", "total_minor": 1},
        **{"placed_at": changed, "country": "CN", "province": "浙江", "city": "杭州", "received_at": received},
        **{"source_topic": "t", "source_partition": 0, "source_offset": 0},
    }


def _aftersale(about: dict[str, Any], cause: str, at: datetime) -> dict[str, Any]:
    return {
        **about,
        **{"aftersale_id": "a", "order_no": "1", "version": 1, "kind": "REFUND", "state": "OPEN", "platform_state": ""},
        **{"currency": "CNY", "lines": "[]", "reason_code": "", "reason_class": cause, "tracking_no": ""},
        **{"asked_at": at, "received_at": at.astimezone(UTC)},
        **{"source_topic": "t", "source_partition": 0, "source_offset": 0},
    }
