"""Hand-made logs: a small shop's topics, written record by record, to be fed to the verifier's model."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from schemas.codec import CODEC
from streams.verify import Entry, Model, Report
from tests.domain import make

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

    def add(self, topic: str, key: str, name: str, /, **fields: Any) -> Entry:
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
        self,
        version: int = 1,
        status: str = "PAID",
        quantity: int = 2,
        order_id: str = ORDER,
        line: dict[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        """``line``: what its only line has beside its quantity."""
        shown = {**make.line(SKU, quantity), **(line or {})}
        source = fields.pop("source", None) or self.event()
        made = make.order(shown, version=version, status=status, order_id=order_id, source=source, **fields)
        self.add("orders", order_id, "Order", **made)

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
        fields = {
            "order_id": ORDER,
            "channel": "taobao",
            "kind": "EXACT",
            "version": 1,
            "received_at_ms": 1,
            "aftersale_id": "",
            "read_again": False,
        }
        self.add("orders.duplicates", ORDER, "Duplicate", **fields, first_source=first, source=source)

    def quarantine(self, source: dict[str, Any], value: bytes | None = b"raw", **headers: str) -> None:
        known = {**{name: str(text) for name, text in source.items()}, "error": "NotAvro: garbage"}
        self.add_raw("penstock.quarantine", value, {**known, **headers})

    # --- what the allocation writes ---

    def status(self, phase: str, order_id: str = ORDER, trouble: str = "") -> None:
        fields = {"order_id": order_id, "channel": "taobao", "shop": "s", "reason": "", "order_version": 1, "at_ms": 1}
        fields |= {"trouble": trouble, "cause": "", "refused": False}
        self.add("order.status", order_id, "OrderStatusChanged", **fields, status=phase)

    def allocated(self, attempt: int = 1, quantity: int = 2, order_id: str = ORDER, version: int = 1) -> None:
        part = {"reservation_id": rid(attempt, order_id), "line_no": "1", "sku": SKU, "warehouse": WAREHOUSE}
        fields = decision(order_id, attempt, version)
        self.add(
            "allocations",
            order_id,
            "OrderAllocated",
            **fields,
            parts=[{**part, "quantity": quantity, "collect_minor": None, "carrier": None}],
            collect_minor=None,
            merged=None,
        )

    def compared(
        self, attempt: int = 1, role: str = "SHADOW", effect: str = "STANDS", version: int | None = None
    ) -> None:
        """``version``: of what stands; 7 is tried."""
        fields = {"order_id": ORDER, "channel": "taobao", "shop": "s", "order_version": 1, "attempt": attempt}
        fields |= {"document": "rules/default", "role": role, "trial_ms": None, "effect": effect, "currency": "CNY"}
        side = {"outcome": "BACKORDERED", "warehouses": [], "freight_minor": None, "arrival_minutes": None}
        side |= {"backordered": 2, "over_capacity": 0, "below_safety": 0, "error": "", "micros": 9, "trace": None}
        sides = {"stands": {**side, "version": version}, "tried": {**side, "version": 7}}
        self.add("decisions.compared", ORDER, "DecisionCompared", **fields, **sides, equal=True, at_ms=1)

    def flow(self, persons: int = 2) -> None:
        """A version of a flow whose node ``lead`` asks leads, and whose node ``look`` holds."""
        nodes = [{"do": "approve", "name": "lead", "role": "lead", "persons": persons}, {"do": "hold", "name": "look"}]
        fields = {"document": "flows/default@1", "kind": "flows", "name": "default", "version": 1, "digest": ""}
        text = json.dumps({"nodes": nodes})
        self.add(
            "config.documents", "flows/default@1", "ConfigDocument", **fields, text=text, note="", at_ms=1, by="li"
        )

    def task(self, state: str = "OPEN", *votes: str, node: str = "lead", **fields: Any) -> None:
        """What node ``lead`` or ``look`` asks, and where it stands."""
        about = {"task_id": f"{ORDER}/{node}#1", "order_id": ORDER, "channel": "taobao", "shop": "s", "state": state}
        about |= {
            "kind": "HOLD" if node == "look" else "APPROVE",
            "document": "flows/default",
            "version": 1,
            "node": node,
        }
        about |= dict.fromkeys(("reason", "by", "text", "not_by", "claimed_by", "answered_by", "because"), "")
        about |= {"role": "" if node == "look" else "lead", "persons": 2, "votes": list(votes)}
        self.add("tasks", ORDER, "Task", **{**about, "opened_at_ms": 1, "due_at_ms": None, "at_ms": 1, **fields})

    def backordered(self, attempt: int = 1, order_id: str = ORDER) -> None:
        fields = decision(order_id, attempt, 1)
        self.add("allocations", order_id, "OrderBackordered", **fields, missing=[], reason="out_of_stock")

    def released(self, attempt: int = 1) -> None:
        fields = {"order_id": ORDER, "channel": "taobao", "shop": "s", "attempt": attempt, "decided_at_ms": 1}
        self.add("allocations", ORDER, "AllocationReleased", **fields, reason="cancelled", reservation_ids=[])

    # --- what warehouses write ---

    def shipped(
        self,
        quantity: int | None = 2,
        shipment_id: str = "S1",
        order_id: str = ORDER,
        sku: str = SKU,
        line_no: str = "1",
    ) -> None:
        """A parcel; without a quantity it does not say what is in it."""
        lines = [make.parcel_line(sku, quantity, line_no)] if quantity else []
        self.add("shipments", order_id, "Shipped", **make.shipped(WAREHOUSE, shipment_id, order_id, lines))

    def came_back(self, quantity: int = 1, grade: str = "SELLABLE", return_id: str = "R1") -> None:
        line = {**make.parcel_line(SKU, quantity, ""), "grade": grade}
        self.add("returns", ORDER, "ReturnReceived", **make.came_back(line, warehouse=WAREHOUSE, return_id=return_id))

    # --- commands and their answers ---

    def counted(self, name: str, command_id: str, caused_ms: int = 0, **fields: Any) -> None:
        """A Restock or an Adjust for the order, applied."""
        about = {"command_id": command_id, "order_id": ORDER, "sku": SKU, "warehouse": WAREHOUSE}
        self.add("inventory.commands", SKU, name, **about, requested_at_ms=caused_ms, **fields)
        answered = {"answer": "APPLIED", "reason": "", "at_ms": 1}
        self.add("inventory.results", ORDER, "StockCommandAnswered", **about, **answered)

    def restock(self, quantity: int = 1, caused_ms: int = 0, return_id: str = "R1") -> None:
        self.counted("Restock", f"{ORDER}/return/{return_id}/{SKU}/{quantity}", caused_ms, quantity=quantity)

    def take_off(self, quantity: int) -> None:
        self.counted("Adjust", f"{ORDER}/left/S1/1/{SKU}", delta=-quantity, reason="shipped without a reservation")

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

    def transfer(self, quantity: int, to: str, *balances: tuple[str, int, int]) -> None:
        """Moved to another warehouse; what is published then: warehouse, on hand, reserved of each."""
        about = {"command_id": f"moved-to-{to}", "sku": SKU, "warehouse": WAREHOUSE}
        self.add("inventory.commands", SKU, "Transfer", **about, to=to, quantity=quantity, requested_at_ms=1)
        answered = {"order_id": "", "answer": "APPLIED", "reason": "", "at_ms": 1}
        self.add("inventory.results", SKU, "StockCommandAnswered", **about, **answered)
        levels = [
            {"warehouse": name, "on_hand": on_hand, "reserved": reserved, "safety_stock": 0, "open": True}
            for name, on_hand, reserved in balances
        ]
        self.add("inventory.availability", SKU, "Availability", sku=SKU, version=2, levels=levels, pool=None)

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
        rest: bool = False,
    ) -> None:
        """``rest``: of more units; the others stay reserved."""
        about = self.about(attempt, order_id, name.lower())
        reason = {"reason": "cancelled"} if name == "Release" else {}
        part = {"quantity": quantity if rest else None, "rest_id": f"{rid(attempt, order_id)}/rest" if rest else ""}
        self.add(
            "inventory.commands", SKU, name, **about, **({} if name == "Expire" else part), requested_at_ms=1, **reason
        )
        if answer:
            self.add(
                "inventory.results", order_id, "ReservationResolved", **about, quantity=quantity, answer=answer, at_ms=1
            )

    def planned(self, quantity: int = 2, attempt: int = 1, version: int = 1) -> None:
        """Reserved, and allocated."""
        self.reserve(quantity, attempt=attempt)
        self.allocated(attempt, quantity, version=version)
        self.status("ALLOCATED")

    def taken(self, on_hand: int = 8, attempt: int = 1) -> None:
        """A parcel is taken off the shelf, on which so many stay; the order is shipped."""
        self.resolve("Commit", "COMMITTED", attempt=attempt)
        self.status("SHIPPED")
        self.available(on_hand, 0)

    def available(self, on_hand: int, reserved: int, safety_stock: int = 0) -> None:
        level = {
            "warehouse": WAREHOUSE,
            "on_hand": on_hand,
            "reserved": reserved,
            "safety_stock": safety_stock,
            "open": True,
        }
        self.add("inventory.availability", SKU, "Availability", sku=SKU, version=1, levels=[level], pool=None)

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


def shipped_order() -> Logs:
    """The same, sent in one parcel."""
    logs = allocated_order()
    logs.shipped()
    logs.taken()
    return logs


def allocated_order() -> Logs:
    """One paid order for 2 of 10 units, allocated."""
    logs = Logs()
    logs.receive()
    logs.order()
    logs.planned()
    logs.available(10, 2)
    return logs
