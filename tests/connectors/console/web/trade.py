"""A day's trade in the database: generated orders of five channels, decided by the live stages in memory, written by the real sink."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.generator import catalogue, demand, generate, initial_stock, warehouses
from connectors.postgres import PostgresSink
from schemas.topics import channel_topic
from streams.ops.sinks import Partition, Record, Span
from streams.replay.trial.hub import Hub
from streams.settings import Settings

#: 2026-11-30 08:00 in Shanghai.
AT_MS = 1_795_996_800_000
_SKUS = 40


class Recorded(Hub):
    """Keeps each record as it stands in its topic, for the sink."""

    def __init__(self) -> None:
        super().__init__(Settings.from_env({}), set())
        self.now_ms = AT_MS
        self.records: list[Record] = []

    def _send(self, topic: str, key: bytes, value: bytes) -> None:
        super()._send(topic, key, value)
        if topic in PostgresSink.topics:
            self.records.append(Record(topic, 0, self._offsets[topic], self.now_ms, key, value))


def traded(orders: int, seed: int) -> list[Record]:
    """What stands in the sink's topics when all of them are decided: some split, short, held, cancelled, in review or twice there."""
    hub = Recorded()
    for warehouse in warehouses():
        hub.put("config.warehouses", warehouse["warehouse"], "Warehouse", warehouse)
    items = catalogue(_SKUS, seed)
    for command in initial_stock(demand(items, orders), seed, AT_MS):
        hub.put("inventory.commands", command.record["sku"], command.name, command.record)
    hub.run(hub.now_ms)
    for raw in generate(orders, seed, start_ms=AT_MS, items=items, malformed_rate=0.08, situations=0.1):
        hub.now_ms = raw.event["received_at_ms"]
        hub.put(channel_topic(raw.event["channel"]), raw.key, "ChannelEvent", raw.event)
        hub.run(hub.now_ms)
    _shipped(hub, every=3)
    _audited(hub)
    hub.settle(hub.now_ms)
    return hub.records


def _audited(hub: Recorded) -> None:
    """What people did: to some orders, and to what is of none."""
    orders = [record["order_id"] for _, name, record in hub.told if name == "OrderAllocated"]
    did = [
        *(("order.hold", order_id, "买家要改地址") for order_id in orders[:12]),
        *(("personal.read", order_id, "") for order_id in orders[12:20]),
        ("config.applied", "config:freight/main", "summer prices"),
        ("access.granted", "user:li", "joins customer service"),
        ("session.refused", "user:li", ""),
    ]
    for n, (action, subject, reason) in enumerate(did):
        entry = {
            **{
                "entry_id": f"entry-{n}",
                "correlation_id": f"entry-{n}",
                "at_ms": hub.now_ms + n * 60_000,
                "by": "wang",
            },
            **{"action": action, "subject": subject, "reason": reason, "outcome": "done", "details": {}, "said": ""},
        }
        if action == "access.granted":
            entry["details"] = {"role": "service", "kind": "department", "place": "east"}
        if action == "session.refused":
            entry["outcome"] = "wrong_password"
        hub.put("audit", subject, "AuditEntry", entry)
    hub.run(hub.now_ms)


def _shipped(hub: Recorded, every: int) -> None:
    """Of every so many allocated orders all parts leave, each warehouse's in a parcel of its own."""
    allocated = [record for _, name, record in hub.told if name == "OrderAllocated"]
    for allocation in allocated[::every]:
        for warehouse in {part["warehouse"] for part in allocation["parts"]}:
            order_id = allocation["order_id"]
            parcel = {
                "shipment_id": f"{order_id}/{warehouse}",
                "order_id": order_id,
                "warehouse": warehouse,
                "carrier": "SF",
                "tracking_no": f"SF{len(hub.records):013}",
                "shipped_at_ms": hub.now_ms,
                "lines": [],
            }
            hub.put("shipments", order_id, "Shipped", parcel)
            if len(hub.records) % 4 == 0:
                hub.put("writeback.status", order_id, "WritebackChanged", _dead(allocation, parcel))
    hub.run(hub.now_ms)


def _dead(allocation: Mapping[str, Any], parcel: Mapping[str, Any]) -> dict[str, Any]:
    """Its platform took the number three times for a wrong one."""
    return {
        **{name: parcel[name] for name in ("order_id", "shipment_id", "warehouse", "carrier", "tracking_no")},
        **{"channel": allocation["channel"], "shop": allocation["shop"], "phase": "DEAD", "attempt": 3, "requests": 3},
        **{"outcome": "NUMBER_WRONG", "code": "E1", "reason": "", "ship_by_ms": AT_MS, "next_at_ms": None},
        **{"shipped_at_ms": parcel["shipped_at_ms"], "held_since_ms": None, "at_ms": parcel["shipped_at_ms"]},
    }


async def written(url: str, records: Iterable[Record]) -> None:
    """Flushed by the sink in one go."""
    sink = PostgresSink(url)
    await sink.setup()
    batch = list(records)
    refused = sink.accept(await sink.prepare(batch))
    assert not refused, refused
    ends: dict[Partition, int] = {}
    for record in batch:
        ends[Partition(record.topic, record.partition)] = record.offset + 1
    await sink.flush({partition: Span(0, end) for partition, end in ends.items()})
    await sink.close()
