"""A platform's orders: the platform's own snapshot of each, and an index by when they last changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sortedcontainers import SortedList

Doc = dict[str, Any]


@dataclass(slots=True)
class ShippedLine:
    """Pieces of a line in a parcel; ``line_no`` is the platform's id of the line."""

    line_no: str
    quantity: int


@dataclass(slots=True)
class Shipment:
    """A parcel as the platform was told it. No lines: it carries the whole order."""

    tracking_no: str
    carrier: str
    lines: list[ShippedLine]
    at_ms: int
    request_id: str = ""


@dataclass(slots=True)
class Order:
    """One order. ``doc`` is what the platform shows; it is changed in place, so it belongs to the store alone."""

    shop: str
    order_no: str
    doc: Doc
    changed_at_ms: int = 0
    #: Its place among all changes: with it, two changes of one millisecond have an order.
    change_no: int = 0
    shipments: list[Shipment] = field(default_factory=list)
    #: Calls that wanted to ship it, whatever their answer; and how many of them changed something.
    ship_calls: int = 0
    ship_effects: int = 0

    def has_shipped(self, tracking_no: str) -> bool:
        """Whether a parcel with this number was told."""
        return any(shipment.tracking_no == tracking_no for shipment in self.shipments)


class OrderStore:
    """Orders of all shops of one platform. Not thread-safe: one event loop owns it."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forgets all."""
        self._orders: dict[str, Order] = {}
        # shop -> (changed_at_ms, change_no, order_no), each order once: where it stands now.
        self._changes: dict[str, SortedList] = {}
        self._change_no = 0

    def __len__(self) -> int:
        return len(self._orders)

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders.values())

    def get(self, order_no: str) -> Order | None:
        """One order."""
        return self._orders.get(order_no)

    def put(self, order: Order, at_ms: int) -> None:
        """Creates it, or notes that it changed: it moves to the end of its shop's changes."""
        changes = self._changes.setdefault(order.shop, SortedList())
        if self._orders.get(order.order_no) is order:
            changes.remove((order.changed_at_ms, order.change_no, order.order_no))
        else:
            self._orders[order.order_no] = order
        self._change_no += 1
        order.changed_at_ms, order.change_no = at_ms, self._change_no
        changes.add((order.changed_at_ms, order.change_no, order.order_no))

    def changed(self, shop: str, start_ms: int, end_ms: int) -> Changes:
        """Orders last changed in start_ms <= t <= end_ms."""
        changes = self._changes.get(shop)
        if changes is None:
            return Changes(self._orders, (), 0, 0)
        first = changes.bisect_left((start_ms, 0, ""))
        last = changes.bisect_left((end_ms + 1, 0, ""))
        return Changes(self._orders, changes, first, max(first, last))


class Changes:
    """Orders of a window, oldest change first; a page costs its own size, however long the window."""

    def __init__(self, orders: dict[str, Order], changes: Sequence[Any], first: int, last: int) -> None:
        self._orders = orders
        self._changes = changes
        self._first = first
        self._last = last

    def __len__(self) -> int:
        return self._last - self._first

    def page(self, page_no: int, size: int, *, descending: bool) -> list[Order]:
        """Page ``page_no``, from 1; empty beyond the last."""
        skip = (page_no - 1) * size
        if descending:
            last = max(self._last - skip, self._first)
            first = max(last - size, self._first)
        else:
            first = min(self._first + skip, self._last)
            last = min(first + size, self._last)
        rows = [self._orders[row[2]] for row in self._changes[first:last]] if first < last else []
        return rows[::-1] if descending else rows
