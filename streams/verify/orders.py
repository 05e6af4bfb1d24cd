"""Every accepted order is decided, once; what its status says is what was decided."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping

from streams.verify.entry import Entry, pack, unpack
from streams.verify.findings import Findings

NONE, ALLOCATED, BACKORDERED, RELEASED = "none", "OrderAllocated", "OrderBackordered", "AllocationReleased"

# Where an order may be at rest, by what its platform last showed. An operator may cancel any of them; a shipped one
# stays shipped.
RESTING_PHASES = {
    "UNPAID": {"UNPAID", "CANCELLED", "SHIPPED"},
    "PAID": {"ALLOCATED", "BACKORDERED", "HELD", "CANCELLED", "SHIPPED"},
    "HOLD": {"HELD", "ALLOCATED", "BACKORDERED", "CANCELLED", "SHIPPED"},
    "SHIPPED": {"SHIPPED", "ALLOCATED", "CANCELLED"},
    "CANCELLED": {"CANCELLED", "SHIPPED"},
}
# The last decision that goes with a phase at rest.
STANDING = {
    "ALLOCATED": {ALLOCATED},
    "BACKORDERED": {BACKORDERED},
    "SHIPPED": {NONE, ALLOCATED, RELEASED},
    "UNPAID": {NONE, RELEASED},
    "HELD": {NONE, RELEASED},
    "CANCELLED": {NONE, RELEASED},
}


class Order:
    """One order as its topics tell it. Slots and interned strings: there may be millions."""

    __slots__ = (
        "attempt",
        "decided_at",
        "decision",
        "decision_version",
        "order_id",
        "parts",
        "phase",
        "placed_at",
        "placed_ms",
        "status",
        "units_least",
        "units_most",
        "version",
    )

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        self.version = -1
        self.status = ""
        self.units_least = 0
        self.units_most = 0
        self.placed_at: int | None = None
        self.placed_ms = 0
        self.phase = ""
        # The last decision, its attempt, and the reservations that a standing allocation holds (id hash, units).
        self.decision = NONE
        self.attempt = 0
        self.decision_version = -1
        self.decided_at = 0
        self.parts: tuple[tuple[int, int], ...] = ()


class Orders:
    """Fed with `orders`, `allocations` and `order.status`, each in the order of its log; judged at the end."""

    def __init__(self, findings: Findings, decided: Mapping[tuple[str, int], int]) -> None:
        self._findings = findings
        self._cuts = findings.cuts
        self._decided = decided
        self.by_id: dict[str, Order] = {}
        self.decisions: Counter[str] = Counter()
        self.phases: Counter[str] = Counter()

    def of(self, order_id: str) -> Order:
        """What is known of an order; made when it is first heard of."""
        order = self.by_id.get(order_id)
        if order is None:
            order = self.by_id[order_id] = Order(order_id)
        return order

    def on_order(self, entry: Entry) -> None:
        record = entry.record
        order = self.of(record["order_id"])
        if record["version"] <= order.version:
            text = f"version {record['version']} was accepted after version {order.version}"
            self._add("order_accepted_twice", entry, text)
            return
        order.version = record["version"]
        order.status = sys.intern(record["status"])
        order.units_least = sum(max(0, line["quantity"] - line["returned_quantity"]) for line in record["lines"])
        # What came back after the platform saw it shipped had to be sent; what was refunded before, had not.
        shipped = record["status"] == "SHIPPED"
        order.units_most = sum(line["quantity"] for line in record["lines"]) if shipped else order.units_least
        order.placed_at = pack(entry.partition, entry.offset)
        order.placed_ms = entry.at_ms

    def on_allocated(self, entry: Entry) -> None:
        order = self._decide(entry)
        order.parts = tuple((hash(part["reservation_id"]), part["quantity"]) for part in entry.record["parts"])

    def on_backordered(self, entry: Entry) -> None:
        self._decide(entry).parts = ()

    def on_released(self, entry: Entry) -> None:
        order = self.of(entry.record["order_id"])
        self.decisions[entry.name] += 1
        order.decision, order.parts = RELEASED, ()
        order.decided_at = pack(entry.partition, entry.offset)

    def on_status(self, entry: Entry) -> None:
        self.of(entry.record["order_id"]).phase = sys.intern(entry.record["status"])

    def _decide(self, entry: Entry) -> Order:
        record = entry.record
        order = self.of(record["order_id"])
        self.decisions[entry.name] += 1
        if record["attempt"] <= order.attempt:
            text = f"{entry.name} for attempt {record['attempt']}, attempt {order.attempt} is decided already"
            self._add("order_decided_twice", entry, text)
        if order.decision == ALLOCATED:
            text = (
                f"{entry.name} for attempt {record['attempt']} while the allocation of attempt {order.attempt} stands"
            )
            self._add("allocated_while_allocated", entry, text)
        order.attempt = max(order.attempt, record["attempt"])
        order.decision = sys.intern(entry.name)
        order.decision_version = record["order_version"]
        order.decided_at = pack(entry.partition, entry.offset)
        return order

    def unfinished(self) -> tuple[int, int]:
        """(accepted orders without a status that is not gone, orders that still wait for answers)."""
        orders = self.by_id.values()
        without = sum(1 for o in orders if o.placed_at is not None and not o.phase and not self._status_may_be_gone(o))
        return without, sum(1 for order in orders if order.phase == "RESERVING")

    def finish(self, at_rest: bool) -> None:
        """Judges each order. ``at_rest``: nothing is under way any more, so the topics must agree with each other."""
        for order in self.by_id.values():
            if order.placed_at is None:
                # Only heard of: its Order was lost, or an operator or a warehouse knows it from elsewhere.
                if order.decision == NONE:
                    continue
                if self._cuts.is_cut("orders", unpack(order.decided_at)[0]):
                    self._findings.leave("status_contradicts")
                else:
                    self._add_decided("status_contradicts", order, "it was decided, but never accepted")
                continue
            self.phases[order.phase or "undecided"] += 1
            if at_rest or self._is_due(order.placed_at):
                self._judge(order, at_rest)

    def _judge(self, order: Order, at_rest: bool) -> None:
        if not order.phase and self._status_may_be_gone(order):
            self._findings.leave("order_undecided")
        elif not order.phase:
            self._add_placed("order_undecided", order, f"it was accepted ({order.status}) and has no status")
        elif not at_rest:
            return
        elif order.phase == "RESERVING":
            self._add_placed("still_reserving", order, f"attempt {order.attempt + 1} or later waits for answers")
        elif order.phase not in RESTING_PHASES[order.status]:
            text = f"its platform shows it {order.status}, its status is {order.phase}"
            self._add_placed("status_contradicts", order, text)
        elif order.decision not in STANDING[order.phase] and self.decision_may_be_gone(order):
            self._findings.leave("status_contradicts")
        elif order.decision not in STANDING[order.phase]:
            text = f"its status is {order.phase}, its last decision is {order.decision}"
            self._add_placed("status_contradicts", order, text)

    def check_quantities(self, order: Order, committed: Iterable[bool]) -> None:
        """The allocation that stands has the units of the order version it was made for."""
        # A later version may have changed nothing the allocation is about; what was shipped before is not in it.
        if order.decision_version != order.version or any(committed):
            return
        units = sum(quantity for _, quantity in order.parts)
        if not order.units_least <= units <= order.units_most:
            text = f"{units} units are allocated, version {order.version} of the order has {order.units_most}"
            self._add_decided("allocation_incomplete", order, text)

    def decision_may_be_gone(self, order: Order) -> bool:
        """Nothing is known of a decision, and the log of decisions begins later than its order may have."""
        if order.decision != NONE:
            return False
        if order.placed_at is None:
            return self._cuts.is_cut("allocations")
        return self._cuts.is_cut("allocations", unpack(order.placed_at)[0])

    def stands_in_doubt(self, order: Order) -> bool:
        """What it holds may have been said where the logs are gone."""
        status_gone = not order.phase and self._cuts.is_cut("order.status")
        return status_gone or self.decision_may_be_gone(order)

    def _status_may_be_gone(self, order: Order) -> bool:
        partition = unpack(order.placed_at or 0)[0]
        return bool(self._cuts) and self._cuts.may_hold("order.status", order.placed_ms, partition)

    def _is_due(self, place: int) -> bool:
        partition, offset = unpack(place)
        return offset < self._decided.get(("orders", partition), 0)

    def _add(self, kind: str, entry: Entry, text: str) -> None:
        self._findings.add(kind, entry.topic, entry.partition, entry.offset, entry.key, text)

    def _add_placed(self, kind: str, order: Order, text: str) -> None:
        self._findings.add(kind, "orders", *unpack(order.placed_at or 0), order.order_id, text)

    def _add_decided(self, kind: str, order: Order, text: str) -> None:
        self._findings.add(kind, "allocations", *unpack(order.decided_at), order.order_id, text)
