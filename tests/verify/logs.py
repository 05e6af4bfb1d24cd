"""Hand-made logs: a small shop's topics, written record by record, to be fed to the verifier's model."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from schemas.codec import CODEC
from streams.verify import Entry, Model, Report

EVENTS = "channel.taobao.events"
ORDER = "taobao:1"
SKU, WAREHOUSE = "tea", "east"


class Logs:
    """Topics of one partition each. Every record goes through its bytes, so that it is one the topics could hold."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {}
        #: Records of each topic that retention has deleted.
        self.begins: dict[str, int] = {}
        #: When what is added now is written, ms.
        self.now_ms = 0
        self.decided: dict[tuple[str, int], int] = {}
        #: Topics whose records' places are judged: how many partitions they are said to have.
        self.partitions: dict[str, int] = {}

    def add(self, topic: str, key: str, name: str, **fields: Any) -> Entry:
        """Appends a decoded record."""
        record = CODEC.decode(CODEC.encode(name, fields))[1]
        return self._append(Entry(topic, 0, self.next(topic), key.encode(), name, record))

    def add_raw(self, topic: str, value: bytes | None, headers: Mapping[str, str] | None = None) -> Entry:
        """Appends a record that stays undecoded: a channel event, or one in quarantine."""
        return self._append(Entry(topic, 0, self.next(topic), ORDER.encode(), "", {}, value, headers or {}))

    def next(self, topic: str) -> int:
        return len(self.entries.get(topic, ()))

    def verify(self, at_rest: bool = True) -> Report:
        """Feeds the topics in turn, each in its order."""
        begins = {(topic, 0): begin for topic, begin in self.begins.items()}
        model = Model(self.decided, begins, self.partitions)
        for topic, entries in self.entries.items():
            for entry in entries:
                if entry.offset >= self.begins.get(topic, 0):
                    model.feed(entry)
        self.is_quiet = model.is_quiet()
        return model.finish(at_rest)

    def verify_mixed(self, seed: int) -> Report:
        """Feeds them in a random interleaving that keeps the order of each topic."""
        chance = random.Random(seed)
        model = Model(self.decided, partitions=self.partitions)
        left = [list(reversed(entries)) for entries in self.entries.values()]
        while left := [entries for entries in left if entries]:
            model.feed(chance.choice(left).pop())
        return model.finish(at_rest=True)

    def kinds(self, at_rest: bool = True) -> dict[str, int]:
        return self.verify(at_rest).violation_counts

    def _append(self, entry: Entry) -> Entry:
        entry = entry._replace(at_ms=self.now_ms)
        self.entries.setdefault(entry.topic, []).append(entry)
        return entry

    # --- what connectors write ---

    def event(self, value: bytes = b"raw") -> dict[str, Any]:
        """A channel event; returns its source."""
        entry = self.add_raw(EVENTS, value)
        return {"topic": EVENTS, "partition": 0, "offset": entry.offset}

    # --- what the intake writes ---

    def order(
        self, version: int = 1, status: str = "PAID", quantity: int = 2, order_id: str = ORDER, **fields: Any
    ) -> None:
        receiver = dict.fromkeys(
            ("name", "phone", "country", "province", "city", "district", "address", "postal_code"), ""
        )
        line = {
            "line_no": "1",
            "sku": SKU,
            "title": "",
            "quantity": quantity,
            "unit_price_minor": 1,
            "returned_quantity": 0,
        }
        order: dict[str, Any] = {
            **{"order_id": order_id, "channel": "taobao", "shop": "s", "order_no": order_id.partition(":")[2]},
            **{"version": version, "fingerprint": bytes(8), "status": status, "hold_reason": None, "currency": "CNY"},
            **{"total_minor": 1, "placed_at_ms": 1, "paid_at_ms": None, "ship_by_ms": None},
            **{"receiver": {**receiver, "oaid": None}, "lines": [line], "attributes": {}, "received_at_ms": 1},
        }
        self.add(
            "orders", order_id, "Order", **{**order, "source": fields.pop("source", None) or self.event(), **fields}
        )

    def review(self, source: dict[str, Any], event: bytes = b"raw", reasons: int = 1) -> None:
        reason = {"code": "unknown_sku", "field": "sku", "value": "x", "fix": "create it"}
        fields: dict[str, Any] = {
            "order_id": ORDER,
            "channel": "taobao",
            "shop": "s",
            "order_no": "1",
            "received_at_ms": 1,
        }
        self.add("orders.review", ORDER, "Review", **fields, reasons=[reason] * reasons, event=event, source=source)

    def duplicate(self, source: dict[str, Any], first: dict[str, Any]) -> None:
        fields = {"order_id": ORDER, "channel": "taobao", "kind": "EXACT", "version": 1, "received_at_ms": 1}
        self.add("orders.duplicates", ORDER, "Duplicate", **fields, first_source=first, source=source)

    def quarantine(self, source: dict[str, Any], value: bytes | None = b"raw", **headers: str) -> None:
        known = {**{name: str(text) for name, text in source.items()}, "error": "NotAvro: garbage"}
        self.add_raw("penstock.quarantine", value, {**known, **headers})

    # --- what the allocation writes ---

    def status(self, phase: str, order_id: str = ORDER) -> None:
        fields = {"order_id": order_id, "channel": "taobao", "shop": "s", "reason": "", "order_version": 1, "at_ms": 1}
        self.add("order.status", order_id, "OrderStatusChanged", **fields, status=phase)

    def allocated(self, attempt: int = 1, quantity: int = 2, order_id: str = ORDER, version: int = 1) -> None:
        part = {"reservation_id": rid(attempt, order_id), "line_no": "1", "sku": SKU, "warehouse": WAREHOUSE}
        fields = decision(order_id, attempt, version)
        self.add("allocations", order_id, "OrderAllocated", **fields, parts=[{**part, "quantity": quantity}])

    def backordered(self, attempt: int = 1, order_id: str = ORDER) -> None:
        fields = decision(order_id, attempt, 1)
        self.add("allocations", order_id, "OrderBackordered", **fields, missing=[], reason="out_of_stock")

    def released(self, attempt: int = 1) -> None:
        fields = {"order_id": ORDER, "channel": "taobao", "shop": "s", "attempt": attempt, "decided_at_ms": 1}
        self.add("allocations", ORDER, "AllocationReleased", **fields, reason="cancelled", reservation_ids=[])

    # --- commands and their answers ---

    def receive(self, quantity: int = 10, answer: str | None = "APPLIED", command_id: str = "r1") -> None:
        about = {"command_id": command_id, "sku": SKU, "warehouse": WAREHOUSE}
        self.add("inventory.commands", SKU, "Receive", **about, quantity=quantity, requested_at_ms=1)
        if answer:
            self.add(
                "inventory.results",
                SKU,
                "StockCommandAnswered",
                **about,
                order_id="",
                answer=answer,
                reason="",
                at_ms=1,
            )

    def reserve(
        self,
        quantity: int = 2,
        granted: bool | None = True,
        attempt: int = 1,
        order_id: str = ORDER,
        told: int | None = None,
        expires_at_ms: int | None = None,
    ) -> None:
        about = self.about(attempt, order_id, "reserve")
        asked = {"quantity": quantity, "expires_at_ms": expires_at_ms, "requested_at_ms": 1}
        self.add("inventory.commands", SKU, "Reserve", **about, **asked)
        units = quantity if told is None else told
        if granted:
            self.add("inventory.results", order_id, "Reserved", **about, quantity=units, at_ms=1)
        elif granted is not None:
            numbers: dict[str, Any] = {"quantity": units, "shortfall": 1, "levels": [], "at_ms": 1}
            self.add("inventory.results", order_id, "ReservationRejected", **about, **numbers)

    def resolve(
        self,
        name: str,
        answer: str | None,
        quantity: int = 2,
        attempt: int = 1,
        order_id: str = ORDER,
    ) -> None:
        about = self.about(attempt, order_id, name.lower())
        reason = {"reason": "cancelled"} if name == "Release" else {}
        self.add("inventory.commands", SKU, name, **about, requested_at_ms=1, **reason)
        if answer:
            self.add(
                "inventory.results", order_id, "ReservationResolved", **about, quantity=quantity, answer=answer, at_ms=1
            )

    def available(self, on_hand: int, reserved: int, safety_stock: int = 0) -> None:
        level = {
            "warehouse": WAREHOUSE,
            "on_hand": on_hand,
            "reserved": reserved,
            "safety_stock": safety_stock,
            "open": True,
        }
        self.add("inventory.availability", SKU, "Availability", sku=SKU, version=1, levels=[level])

    @staticmethod
    def about(attempt: int, order_id: str, verb: str) -> dict[str, Any]:
        reservation_id = rid(attempt, order_id)
        about = {"command_id": f"{reservation_id}/{verb}", "reservation_id": reservation_id, "order_id": order_id}
        return {**about, "sku": SKU, "warehouse": WAREHOUSE}


def rid(attempt: int = 1, order_id: str = ORDER) -> str:
    return f"{order_id}/{attempt}.1/1/{WAREHOUSE}"


def decision(order_id: str, attempt: int, version: int) -> dict[str, Any]:
    about = {"order_id": order_id, "channel": "taobao", "shop": "s", "order_version": version, "attempt": attempt}
    return {**about, "rounds": 1, "trace": {"rounds": []}, "received_at_ms": 1, "decided_at_ms": 1}


def allocated_order() -> Logs:
    """One paid order for 2 of 10 units, allocated."""
    logs = Logs()
    logs.receive()
    logs.order()
    logs.reserve()
    logs.allocated()
    logs.status("ALLOCATED")
    logs.available(10, 2)
    return logs
