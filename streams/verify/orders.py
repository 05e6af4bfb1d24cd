"""Every accepted order is decided, once; what its status says is what was decided."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from streams.verify.entry import Entry, pack, unpack
from streams.verify.findings import Findings

NONE, ALLOCATED, BACKORDERED, RELEASED = "none", "OrderAllocated", "OrderBackordered", "AllocationReleased"

# Where an order may be at rest, by what its platform last showed. An operator may cancel any of them; a shipped one
# stays shipped.
RESTING_PHASES = {
    "UNPAID": {"UNPAID", "CANCELLED", "SHIPPED"},
    "PAID": {"ALLOCATED", "BACKORDERED", "HELD", "CANCELLED", "SHIPPED", "ELSEWHERE"},
    "HOLD": {"HELD", "ALLOCATED", "BACKORDERED", "CANCELLED", "SHIPPED", "ELSEWHERE"},
    "SHIPPED": {"SHIPPED", "ALLOCATED", "CANCELLED", "ELSEWHERE"},
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
    "ELSEWHERE": {NONE, RELEASED},
}
# What an order's status has told of, as bits: parcels and the shelf, what came back.
PARCEL_TROUBLE, RETURN_TROUBLE = 1, 2
_TROUBLES = {"parcel_": PARCEL_TROUBLE, "return_": RETURN_TROUBLE, "stock_": PARCEL_TROUBLE | RETURN_TROUBLE}
#: After any other time.
NEVER_MS = 1 << 62


class Line(NamedTuple):
    """Units of a line that are this merchant's to send: now, and the most of any version; and those always shown as sent."""

    line_no: str
    sku: str
    now: int
    most: int
    always_sent: int


class Order:
    """One order as its topics tell it. Slots and interned strings: there may be millions."""

    __slots__ = (
        "attempt",
        "decided_at",
        "decided_by",
        "decision",
        "decision_version",
        "first_ms",
        "first_version",
        "has_left",
        "is_refunded",
        "is_shown_sent",
        "lines",
        "order_id",
        "parts",
        "phase",
        "placed_at",
        "placed_ms",
        "shipped_ms",
        "status",
        "told",
        "units_least",
        "units_most",
        "version",
    )

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        self.version = self.first_version = -1
        self.status = ""
        self.units_least = 0
        self.units_most = 0
        self.lines: tuple[Line, ...] = ()
        self.is_shown_sent = self.has_left = self.is_refunded = False
        self.told = 0
        # In the log: its first version, its first parcel.
        self.first_ms, self.shipped_ms = 0, NEVER_MS
        self.placed_at: int | None = None
        self.placed_ms = 0
        self.phase = ""
        # The last decision, its attempt, and the reservations that a standing allocation holds (id hash, units).
        self.decision = NONE
        self.attempt = 0
        self.decision_version = -1
        self.decided_at = 0
        # The version of the rules that planned it first; None: the built-in rule.
        self.decided_by: int | None = None
        self.parts: tuple[tuple[int, int], ...] = ()


class Orders:
    """Fed with `orders`, `allocations` and `order.status`, each in the order of its log; judged at the end."""

    def __init__(self, findings: Findings, decided: Mapping[tuple[str, int], int]) -> None:
        self._findings = findings
        self._cuts = findings.cuts
        self._decided = decided
        self.by_id: dict[str, Order] = {}
        #: Decisions after an allocation that was not taken back, with its attempt and parts: right only if all of it had left.
        self.followed: list[tuple[Entry, int, tuple[tuple[int, int], ...]]] = []
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
        if order.version < 0:
            order.first_ms, order.first_version = entry.at_ms, record["version"]
        order.lines = tuple(_lines(order, record))
        order.version = record["version"]
        order.status = sys.intern(record["status"])
        ours = [line for line in record["lines"] if line["sent_by"] == "MERCHANT"]
        order.units_most = sum(max(0, line["quantity"] - line["cancelled_quantity"]) for line in ours)
        # Closing what was shown as sent calls nothing back: it stays so, whatever the closed order shows.
        closed = record["status"] == "CANCELLED" or any(line["cancelled_quantity"] for line in ours)
        shown_sent = any(line["shipped_quantity"] for line in ours) or record["status"] == "SHIPPED"
        order.is_shown_sent = shown_sent or (order.is_shown_sent and closed)
        # What the platform shows as sent may be in the allocation that stands: or others sent it.
        order.units_least = 0 if order.is_shown_sent else order.units_most
        order.placed_at = pack(entry.partition, entry.offset)
        order.placed_ms = entry.at_ms

    def on_aftersale(self, entry: Entry) -> None:
        """Goods may be paid back before they are sent: then an order's allocation has fewer units than the order."""
        if entry.record["state"] == "DONE":
            self.of(entry.record["order_id"]).is_refunded = True

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
        order, record = self.of(entry.record["order_id"]), entry.record
        order.phase = sys.intern(record["status"])
        for kind, bit in _TROUBLES.items():
            if record["trouble"].startswith(kind):
                order.told |= bit

    def _decide(self, entry: Entry) -> Order:
        record = entry.record
        order = self.of(record["order_id"])
        self.decisions[entry.name] += 1
        if record["attempt"] <= order.attempt:
            text = f"{entry.name} for attempt {record['attempt']}, attempt {order.attempt} is decided already"
            self._add("order_decided_twice", entry, text)
        if order.decision == ALLOCATED:
            self.followed.append((entry._replace(record={"attempt": record["attempt"]}), order.attempt, order.parts))
        order.attempt = max(order.attempt, record["attempt"])
        order.decision = sys.intern(entry.name)
        order.decision_version = record["order_version"]
        order.decided_by = _version_of(record["trace"])
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
        elif order.phase == "ALLOCATED" and order.status == "CANCELLED" and order.is_shown_sent:
            pass  # Shown as sent, too: the warehouse's word is awaited.
        elif order.phase == "ALLOCATED" and order.status == "CANCELLED" and self._version_is_gone(order):
            self._findings.leave("status_contradicts")  # It may have shown it as sent.
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
        # What left before, or is paid back, is not in it.
        least = 0 if order.has_left or order.is_refunded else order.units_least
        if not least <= units <= order.units_most:
            text = f"{units} units are allocated, version {order.version} of the order has {order.units_most}"
            self._add_decided("allocation_incomplete", order, text)

    def decision_may_be_gone(self, order: Order) -> bool:
        """Nothing is known of a decision, and the log of decisions begins later than its order may have."""
        if order.decision != NONE:
            return False
        if order.placed_at is None:
            return self._cuts.is_cut("allocations")
        return self._cuts.is_cut("allocations", unpack(order.placed_at)[0])

    def _version_is_gone(self, order: Order) -> bool:
        """Whether what was decided stands on a version that the log no longer has."""
        return 0 <= order.decision_version < order.first_version and self._cuts.is_cut(
            "orders", unpack(order.placed_at or 0)[0]
        )

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


def _lines(order: Order, record: Mapping[str, Any]) -> Iterable[Line]:
    """The lines of a newer version, with what is known of them from before; those that it shows no more stay."""
    known = {(line.line_no, line.sku): line for line in order.lines}
    for each in record["lines"]:
        key = sys.intern(each["line_no"]), sys.intern(each["sku"])
        now = max(0, each["quantity"] - each["cancelled_quantity"]) if each["sent_by"] == "MERCHANT" else 0
        sent = now if record["status"] == "SHIPPED" else min(now, each["shipped_quantity"])
        old = known.pop(key, None)
        if old is not None:
            yield Line(*key, now, max(now, old.most), min(sent, old.always_sent))
        else:
            # A line that came later may have been sent as another one.
            yield Line(*key, now, now, sent if order.version < 0 else 0)
    for old in known.values():
        yield old._replace(now=0, always_sent=0)


def _version_of(trace: Mapping[str, Any]) -> int | None:
    by_rules = trace["rounds"][0]["by_rules"] if trace["rounds"] else None
    return None if by_rules is None else int(by_rules["decided_by"]["version"])
