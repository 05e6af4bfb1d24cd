"""A day's trade in the database: generated orders of five channels, decided by the live stages in memory, written by the real sink."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.generator import catalogue, demand, generate, initial_stock, warehouses
from connectors.postgres import PostgresSink
from schemas.records import ListingOutcome, ListingPhase, ListingPlace
from schemas.topics import channel_topic
from streams.domain.listing.state import begun, place_of, unlisted
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
    told_to_warehouses(hub, every=2)
    shown(hub, [item.sku for item in items])
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


#: How delivery orders stand: phase, the system's word, and what it answered last: outcome, code, reason.
_STANDS = (
    ("CREATED", "PICK", "DONE", "", ""),
    ("DEAD", "", "REFUSED", "S003", "receiver is not kept any more: send it by hand, and abandon it here"),
    ("SHIPPED", "DELIVERED", "DONE", "", ""),
    ("DEAD", "", "REFUSED", "S003", "receiver is not kept any more: send it by hand, and abandon it here"),
    ("RETRYING", "", "RETRYABLE", "", "deliveryorder.create was answered with 502: a fault of the system"),
    ("TOO_LATE", "PACKAGE", "TOO_LATE", "", "the warehouse can't take it back any more"),
    ("ELSEWHERE", "", None, "", ""),
    ("DEAD", "", "RETRYABLE", "", "deliveryorder.create was answered with 502: a fault of the system"),
)


def told_to_warehouses(hub: Recorded, every: int) -> None:
    """What the systems were told of every so many allocated orders, each answer before where it led."""
    allocated = [record for _, name, record in hub.told if name == "OrderAllocated"]
    for n, allocation in enumerate(allocated[::every]):
        phase, progress, outcome, code, reason = _STANDS[n % len(_STANDS)]
        order_id, warehouse = allocation["order_id"], allocation["parts"][0]["warehouse"]
        which = {"order_id": order_id, "delivery_id": f"{order_id.replace(':', '.')}.1.{warehouse}"}
        said = {"outcome": outcome, "code": code, "reason": reason, "at_ms": hub.now_ms + n * 1_000}
        if outcome is not None:
            action = "CANCEL" if phase == "TOO_LATE" else "CREATE"
            asked = {"request_id": f"{which['delivery_id']}#1", "action": action, "wms_id": ""}
            hub.put("warehouse.results", order_id, "DeliveryResult", {**which, **asked, **said})
        where = {"channel": allocation["channel"], "shop": allocation["shop"], "warehouse": warehouse}
        stands = {"phase": phase, "progress": progress, "attempt": 3 if phase == "DEAD" else 1}
        times = {"ship_by_ms": AT_MS + n * 3_600_000, "next_at_ms": None}
        hub.put("warehouse.status", order_id, "DeliveryChanged", {**which, **where, **stands, **said, **times})
    hub.run(hub.now_ms)


#: What shops show: phase, told, seen, the last outcome, code, reason.
_SHOWS: tuple[tuple[ListingPhase, int | None, int | None, ListingOutcome | None, str, str], ...] = (
    ("SHOWN", 24, 24, "DONE", "", ""),
    ("DEAD", 31, None, "REFUSED", "isv.item-not-exist", "the platform has no such item"),
    ("RETRYING", 40, None, "RETRYABLE", "isp.top-remote-connection-timeout", "stock.update was answered with 504"),
    ("SHOWN", 24, 27, "DONE", "", ""),
    ("UNKNOWN", None, None, None, "", ""),
    ("DEAD", 26, None, "HELD", "50002", "the item is in an activity"),
)


def shown(hub: Recorded, skus: list[str]) -> None:
    """Each SKU in the shops of two channels."""
    shops = sorted({(record["channel"], record["shop"]) for _, name, record in hub.told if name == "OrderAllocated"})
    for n, sku in enumerate(skus):
        listed = []
        for at, (channel, shop) in enumerate((shops[n % len(shops)], shops[(n + 1) % len(shops)])):
            phase, told, seen, outcome, code, reason = _SHOWS[(n + at) % len(_SHOWS)]
            item, variant = f"60000000{n:04}", f"51000000{n:04}"
            place: ListingPlace = {
                **{"place": place_of(channel, shop, item, variant, ""), "channel": channel, "shop": shop},
                **{"item": item, "variant": variant, "location": "", "warehouses": [], "share": 10_000, "buffer": 0},
                **{"cap": None, "close_at": 2, "open_at": 5, "every_ms": 0, "held": False},
            }
            its = {"phase": phase, "wanted": 24, "told": told, "told_at_ms": AT_MS if told else 0, "seen": seen}
            its |= {"differs": (seen or 0) - (told or 0) if seen else 0, "outcome": outcome, "code": code}
            its |= {"attempt": 3 if phase == "DEAD" else 1, "reason": reason, "seen_at_ms": AT_MS if seen else 0}
            listed.append({**begun(place, AT_MS + n * 60_000), **its})
        hub.put("listing.status", sku, "Listings", {**unlisted(sku), "listed": listed})
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
