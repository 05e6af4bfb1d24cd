"""What a simulated broker's committed transactions tell of the shop, checked as they come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.codec import CODEC
from tests.simulation.kafka import Entry
from tests.simulation.store import Disk
from tests.simulation.truth import Truth, Violation
from tests.simulation.worker import changelogs

AGAIN = "python -m pytest tests/simulation -k seed"
_OUTCOMES = ("orders", "orders.review", "orders.duplicates")
_TOLD_IN = {
    *("orders", "shipments", "returns", "allocations", "order.status"),
    *("inventory.commands", "inventory.results"),
}


class Told(Truth):
    """The truth as the committed transactions tell it."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, AGAIN, repeats=False)
        self._tables = changelogs()
        self._commands: dict[str, tuple[str, Any]] = {}
        #: Changelogs as they were committed: shard -> (offset, key, value).
        self.changes: dict[tuple[str, int], list[tuple[int, bytes, bytes | None]]] = {}
        #: What intake made of each order's events, on each of the topics: a cycle keeps the order of one topic only.
        self.outcomes: dict[tuple[str, bytes], list[bytes]] = {}
        #: Their keys.
        self.quarantined: list[str] = []
        self.violation: Violation | None = None

    def observe(self, entries: Iterable[Entry]) -> None:
        """One transaction. What is wrong with it is kept for whoever asks: the broker, which tells of it, goes on."""
        if self.violation is None:
            try:
                self._observe(entries)
            except Violation as exc:
                self.violation = exc

    def _observe(self, entries: Iterable[Entry]) -> None:
        self.steps += 1
        touched: dict[str, None] = {}
        for entry in entries:
            topic = entry.topic()
            if topic in self._tables:
                self._observe_change(self._tables[topic], entry, touched)
            elif topic in _OUTCOMES:
                self.outcomes.setdefault((topic, entry.key()), []).append(entry.value())
            elif topic == "penstock.quarantine":
                self.quarantined.append(entry.key().decode())
            if topic in _TOLD_IN:
                self._observe_record(topic, *CODEC.decode(entry.value()))
        for sku in touched:
            self.check_stock_of(sku)

    def _observe_change(self, table: str, entry: Entry, touched: dict[str, None]) -> None:
        self.changes.setdefault((table, entry.partition()), []).append((entry.offset(), entry.key(), entry.value()))
        kept = {"stock": self.stock, "reservations": self.reservations, "order_state": self.orders}.get(table)
        if kept is not None:
            record = CODEC.decode(entry.value())[1]
            kept[entry.key().decode()] = record
            if table != "order_state":
                touched[record["sku"]] = None
            if table == "reservations" and record["state"] == "EXPIRED":
                self._check_time(record, entry)

    def _observe_record(self, topic: str, name: str, record: Any) -> None:
        if topic in ("orders", "shipments", "returns"):
            self.read(record["order_id"], name, record)
        elif topic == "allocations":
            self.decided(record["order_id"], name, record)
        elif topic == "order.status":
            self.said(record)
        elif topic == "inventory.commands":
            self._commands[record["command_id"]] = name, record
        elif name == "StockCommandAnswered":
            self.count(*self._commands[record["command_id"]], record)
        elif name == "ReservationResolved" and record["answer"] == "COMMITTED":
            self.commit(record)

    def _check_time(self, reservation: Any, entry: Entry) -> None:
        """Nothing expires before its time, whatever a host's clock says."""
        early_ms = reservation["expires_at_ms"] - entry.timestamp()[1]
        if early_ms > 0:
            self.fail(f"{reservation['reservation_id']} has expired {early_ms} ms before its time")

    def check_disk(self, who: str, disk: Disk) -> None:
        """Never ahead of the changelog, and exactly as far as its checkpoint says."""
        for shard in disk.items.keys() | disk.checkpoints.keys():
            checkpoint = disk.checkpoints.get(shard)
            end = checkpoint.next_offset if checkpoint is not None else 0
            told: dict[bytes, bytes] = {}
            for offset, key, value in sorted(self.changes.get(shard, ()), key=lambda change: change[0]):
                if offset >= end:
                    break
                if value is None:
                    told.pop(key, None)
                else:
                    told[key] = value
            if told != disk.items.get(shard, {}):
                self.fail(f"{who}: {shard} on disk is not what its changelog says up to offset {end}")

    def ends(self) -> dict[str, tuple[Any, ...]]:
        """How each order stands, but for where it ships from: that depends on who came first."""
        return {
            order_id: (state["phase"], state["order_version"], sorted(_granted(state).items()))
            for order_id, state in self.orders.items()
        }


def _granted(state: Any) -> dict[str, int]:
    units: dict[str, int] = {}
    for part in state["parts"]:
        if part["state"] == "GRANTED":
            units[part["sku"]] = units.get(part["sku"], 0) + part["quantity"]
    return units
