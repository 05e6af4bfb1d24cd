"""A row of a shop in every table that has a scope, each of whose texts bears the shop's mark: where it shows, somebody saw the row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg

from connectors.postgres.scopes import SCOPES
from schemas.codec import CODEC

_COLUMNS = """
SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
#: Where only some values make sense, or shape.
_FIXED = {
    "channel": "taobao",
    "currency": "CNY",
    "phase": "HELD",
    "state": "open",
    "decision": "BACKORDERED",
    "trace": '{"rounds": [{"round": 1, "considered": [], "rejected": []}]}',
    "forms": "{}",
    "details": "{}",
}
#: And where a table's are others.
_OWN = {
    ("writebacks", "phase"): "DEAD",
    ("deliveries", "phase"): "DEAD",
    ("listings", "phase"): "DEAD",
    ("tasks", "state"): "OPEN",
    ("tasks", "kind"): "APPROVE",
    ("tasks", "text"): "",
}
_BY_TYPE: dict[str, Any] = {
    "integer": 1,
    "bigint": 1,
    "boolean": True,
    "timestamp with time zone": AT,
}


def order_id(shop: str) -> str:
    """Of the shop's order."""
    return f"taobao:{shop}-1"


def record(shop: str, number: int = 1) -> str:
    """Of what the shop has in review."""
    return f"orders.review/{sum(shop.encode())}@{number}"


def task_id(shop: str) -> str:
    """Of what the shop's order is asked."""
    return f"{shop}-1 task_id"


def event(mark: str) -> bytes:
    """A channel event that bears a mark, as it stands in review."""
    fields = {"channel": "taobao", "shop": mark.rpartition("-")[0], "order_no": mark, "kind": "order", "event_id": mark}
    times = {"occurred_at_ms": 1, "received_at_ms": 1}
    return CODEC.encode(
        "ChannelEvent", {**fields, **times, "content_type": "application/json", "payload": mark.encode()}
    )


async def fill(connection: asyncpg.Connection, shop: str, *, at: datetime = AT, number: int = 1) -> None:
    """Puts them in. A ``number`` of its own makes further ones."""
    for table in sorted(SCOPES):
        columns = await connection.fetch(_COLUMNS, table)
        values = [_value(table, row["attname"], row["type"], shop, at, number) for row in columns]
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        names = ", ".join(row["attname"] for row in columns)
        await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *values)


def _value(table: str, name: str, type_: str, shop: str, at: datetime, number: int) -> Any:
    mark = f"{shop}-{number}"
    if name == "shop":
        return shop
    if name in ("order_id", "subject"):
        return f"taobao:{mark}"
    if name == "record":
        return record(shop, number)
    if (table, name) in _OWN:
        return _OWN[table, name]
    if name in _FIXED:
        return _FIXED[name]
    match type_:
        case "text":
            return f"{mark} {name}"
        case "text[]":
            return [f"{mark} {name}"]
        case "jsonb":
            return (
                f'[{{"code": "unknown_sku", "field": "{mark}", "value": "{mark}", "fix": "{mark}"}}]'
                if name == "reasons"
                else f'{{"{name}": "{mark}"}}'
            )
        case "bytea":
            return event(mark)
        case "timestamp with time zone":
            return at
        case _ if name == "log_offset" or name == "source_offset":
            return number * 1_000 + sum(shop.encode())
        case _:
            return _BY_TYPE[type_]
