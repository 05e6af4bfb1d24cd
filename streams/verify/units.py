"""An order's units: what it has to send, what left the shelf, what parcels carried, what came back.

Each is told in a topic of its own, by another hand: the platform (`orders`), the hub (`inventory.commands`), the
warehouses (`shipments`, `returns`). When nothing is under way they must agree, or `order.status` must have told of it:

    left the shelf       = carried by parcels             per order, warehouse, SKU; where parcels say what is in them
    left + standing     <= to send                        per order, SKU
    back on sale         = received, fit for sale         per order, warehouse, SKU; and not before it was received: by the time of the
                                                          receipt, or of the parcel that a receipt which was read first had waited for
    reserved             only of lines that this merchant sends
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.topics import QUARANTINE
from streams.verify.balances import RESERVED, Reservation
from streams.verify.cuts import SKEW_MS
from streams.verify.entry import Entry, pack, unpack
from streams.verify.findings import Findings
from streams.verify.orders import PARCEL_TROUBLE, RETURN_TROUBLE, Order, Orders
from streams.verify.parcels import SHIPMENTS

RETURNS = "returns"
COMMANDS, RESULTS = "inventory.commands", "inventory.results"
#: What explains a difference may stand in any of them.
_EXPLAINING = (SHIPMENTS, RETURNS, COMMANDS, RESULTS, "order.status", QUARANTINE)

At = tuple[Order, str, str]
"""Order, warehouse, SKU."""


class _Restock(NamedTuple):
    at: At
    units: int
    #: The log's time of what led to it.
    caused_ms: int
    place: int
    #: By the rule of a first version, that put back what a platform showed as returned.
    is_old: bool


class Units:
    """Fed with parcels, receipts, and with what the stock's book has seen done; judged at the end. What agrees is forgotten."""

    def __init__(self, findings: Findings, decided: Mapping[tuple[str, int], int], orders: Orders) -> None:
        self._findings = findings
        self._cuts = findings.cuts
        self._decided = decided
        self._orders = orders
        self._undecided = 0
        #: Carried by parcels, less what left the shelf; only what is not even.
        self._carried: Counter[At] = Counter()
        self._left: Counter[tuple[Order, str]] = Counter()
        #: Who shipped without saying what.
        self._unsaid: set[tuple[Order, str]] = set()
        self._shipments: set[int] = set()
        #: Orders' parcels by the log's time.
        self._left_at: set[int] = set()
        #: Received and fit for sale, and since when.
        self._received: Counter[At] = Counter()
        self._received_ms: dict[At, int] = {}
        self._receipts: set[tuple[str, str]] = set()
        self._restocks: list[_Restock] = []

    def on_shipped(self, entry: Entry) -> None:
        """A parcel left; one that is told of again is the same one."""
        self._note_undecided(entry)
        record = entry.record
        order, warehouse = self._orders.of(record["order_id"]), sys.intern(record["warehouse"])
        number = hash((record["order_id"], record["shipment_id"]))
        if number in self._shipments:
            return
        self._shipments.add(number)
        self._left_at.add(hash((record["order_id"], entry.at_ms)))
        order.shipped_ms = min(order.shipped_ms, entry.at_ms)
        if not record["lines"]:
            self._unsaid.add((order, warehouse))
        for line in record["lines"]:
            self._count((order, warehouse, sys.intern(line["sku"])), line["quantity"])

    def on_returned(self, entry: Entry) -> None:
        """A warehouse has counted what came back."""
        self._note_undecided(entry)
        record = entry.record
        if (record["order_id"], record["return_id"]) in self._receipts:
            return
        self._receipts.add((record["order_id"], record["return_id"]))
        for line in record["lines"]:
            if line["grade"] == "SELLABLE":
                at = self._orders.of(record["order_id"]), sys.intern(record["warehouse"]), sys.intern(line["sku"])
                self._received[at] += line["quantity"]
                self._received_ms[at] = min(self._received_ms.get(at, entry.at_ms), entry.at_ms)

    def took(self, order: Order, warehouse: str, sku: str, units: int) -> None:
        """A Commit, or an Adjust of the order's, took units off the shelf."""
        order.has_left = True
        self._left[order, sku] += units
        self._count((order, warehouse, sku), -units)

    def restocked(self, command: Entry) -> None:
        """A Restock put units back on the shelf."""
        record = command.record
        at = self._orders.of(record["order_id"]), record["warehouse"], record["sku"]
        place, caused_ms = pack(command.partition, command.offset), record["requested_at_ms"]
        # Its id named a line, where today's names the SKU.
        is_old = not record["command_id"].rpartition("/")[0].endswith(f"/{record['sku']}")
        self._restocks.append(_Restock(at, record["quantity"], caused_ms, place, is_old))

    def in_flight(self) -> int:
        """Parcels and receipts that nobody has read yet."""
        return self._undecided

    def finish(self, reservations: Iterable[Reservation]) -> None:
        """Judges each order; nothing is under way."""
        standing: Counter[tuple[Order, str]] = Counter()
        for each in reservations:
            self._check_sender(each)
            if each.state == RESERVED:
                standing[each.order, each.level.sku] += each.quantity
        self._check_shelf()
        self._check_sent(standing)
        self._check_returns()

    def _note_undecided(self, entry: Entry) -> None:
        decided = self._decided.get((entry.topic, entry.partition))
        if decided is not None and entry.offset >= decided:
            self._undecided += 1

    def _count(self, at: At, units: int) -> None:
        self._carried[at] += units
        if not self._carried[at]:
            del self._carried[at]

    def _check_sender(self, reservation: Reservation) -> None:
        order, sku = reservation.order, reservation.level.sku
        if order.placed_at is None or not reservation.quantity:
            return
        if not any(line.sku == sku and line.most for line in order.lines):
            text = f"{reservation.quantity} x {sku} were asked for, of which nothing is this merchant's to send"
            self._say("reserved_for_others", order, text, "orders")

    def _check_shelf(self) -> None:
        for (order, warehouse, sku), more in self._carried.items():
            if order.placed_at is None or (more > 0 and order.told & PARCEL_TROUBLE):
                continue
            if more < 0 and (order, warehouse) in self._unsaid:
                continue
            if more > 0:
                text = f"{more} x {sku} left with parcels from {warehouse}; they stay on its shelf, and nobody was told"
            else:
                text = f"{-more} x {sku} were taken off the shelf of {warehouse}; no parcel carried them"
            self._say("shelf_differs", order, text, *_EXPLAINING)

    def _check_sent(self, standing: Counter[tuple[Order, str]]) -> None:
        left = self._left.copy()
        for (order, _, sku), more in self._carried.items():
            left[order, sku] += max(0, more)
        for order, sku in left.keys() | standing.keys():
            if order.placed_at is None or order.told & PARCEL_TROUBLE:
                continue
            lines = [line for line in order.lines if line.sku == sku]
            # What others had sent before any warehouse here was asked; a parcel told of before its order may be that.
            early = order.shipped_ms <= order.first_ms + SKEW_MS
            others = 0 if early else sum(line.always_sent for line in lines)
            most = sum(line.most for line in lines) - others
            gone, held = left[order, sku], standing[order, sku]
            if held and len(lines) == 1 and not order.is_shown_sent:
                most = max(gone, lines[0].now - others)
            if gone + held > most and lines:
                text = f"{gone} x {sku} left and {held} are reserved, where {max(0, most)} are to be sent in all"
                self._say("sent_twice", order, text, "orders", *_EXPLAINING)

    def _check_returns(self) -> None:
        waiting = self._received.copy()
        for restock in self._restocks:
            waiting[restock.at] -= restock.units
            since_ms = self._received_ms.get(restock.at)
            in_time = since_ms is not None and (
                restock.caused_ms >= since_ms or hash((restock.at[0].order_id, restock.caused_ms)) in self._left_at
            )
            if in_time and waiting[restock.at] >= 0:
                continue
            if self._cuts.is_cut(RETURNS) or self._cuts.is_cut(SHIPMENTS) or restock.is_old:
                self._findings.leave("sold_before_received")
                continue
            order, warehouse, sku = restock.at
            text = f"{restock.units} x {sku} of {order.order_id} went back to sale at {warehouse}; it had not received them"
            self._findings.add("sold_before_received", COMMANDS, *unpack(restock.place), sku, text)
        for (order, warehouse, sku), units in waiting.items():
            if units > 0 and order.placed_at is not None and not order.told & RETURN_TROUBLE:
                text = (
                    f"{units} x {sku} came back to {warehouse} fit for sale and are not on its shelf; nobody was told"
                )
                self._say("received_unsold", order, text, *_EXPLAINING)

    def _say(self, kind: str, order: Order, text: str, *topics: str) -> None:
        """A violation, unless one of these topics is cut: what is gone may have been what explains it."""
        if any(map(self._cuts.is_cut, topics)):
            self._findings.leave(kind)
        else:
            self._findings.add(kind, "orders", *unpack(order.placed_at or 0), order.order_id, text)
