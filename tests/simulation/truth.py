"""What must hold in any history, however it was disturbed, and what is known of one to say so.

at every step    0 <= reserved <= on_hand, units conserved, reserved == what reservations hold, no order decided twice,
                 no more committed than parcels carried, no more sold again than warehouses received
at rest          (`check_settled`) no reservation without its allocation, each order's last decision is that of its newest version,
                 what parcels carried has left the shelf of their warehouse, or an order's status has told of it
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from streams.domain.inventory.stock import check_stock, sellable_total

Record = tuple[str, dict[str, Any]]

#: Held for one of these, an order's units may be on their way: they stay reserved.
MAY_HAVE_LEFT = {"sent_unclear", "sent_contradicts"}


class Violation(AssertionError):
    """Something that must hold does not. Says how to see it again."""


class Truth:
    """The state of a shop as its records tell it, and the checks.

    :param again: the command that shows a violation again, after its `SIM_SEED=n`.
    """

    def __init__(self, seed: int, again: str, *, repeats: bool) -> None:
        self.seed = seed
        self.again = again
        # Records may be read twice: then an order that has ceased to wait may still be queued.
        self.repeats = repeats
        self.steps = 0
        self.stock: dict[str, Any] = {}
        self.reservations: dict[str, Any] = {}
        self.applied: dict[str, Any] = {}
        self.orders: dict[str, Any] = {}
        self.history: dict[str, list[Record]] = {}
        self.newest: dict[str, Any] = {}
        self.on_hand: dict[tuple[str, str], int] = {}
        #: SKUs that are sold before they are there.
        self.pools: set[str] = set()
        #: Parcels and receipts that were read, by their ids; orders with a parcel that names no lines.
        self.parcels: dict[str, dict[str, Any]] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        #: Units per (order, SKU).
        self.carried: Counter[tuple[str, str]] = Counter()
        self.received: Counter[tuple[str, str]] = Counter()
        self.committed: Counter[tuple[str, str]] = Counter()
        self.restocked: Counter[tuple[str, str]] = Counter()
        self.carried_whatever: set[str] = set()
        #: Units per (order, warehouse, SKU) that parcels carried and that are on the shelf by the hub's account.
        self.on_shelf: Counter[tuple[str, str, str]] = Counter()
        #: Orders whose status has told of a trouble with a parcel, or with counting what left.
        self.told_of: set[str] = set()
        #: Orders with an after-sale: what of them is wanted is not in their lines alone.
        self.asked_back: set[str] = set()

    def read(self, order_id: str, name: str, record: dict[str, Any]) -> None:
        """What the allocation is told, for what must follow of it."""
        match name:
            case "Order" if record["version"] >= self.newest.get(order_id, record)["version"]:
                self.newest[order_id] = record
            case "AfterSale":
                self.asked_back.add(order_id)
            case "Shipped" if record["shipment_id"] not in self.parcels:
                self.parcels[record["shipment_id"]] = record
                self._add(self.carried, order_id, record["lines"])
                for line in record["lines"]:
                    self.on_shelf[order_id, record["warehouse"], line["sku"]] += line["quantity"]
                if not record["lines"]:
                    self.carried_whatever.add(order_id)
            case "ReturnReceived" if record["return_id"] not in self.receipts:
                self.receipts[record["return_id"]] = record
                self._add(self.received, order_id, [each for each in record["lines"] if each["grade"] == "SELLABLE"])

    def _add(self, units: Counter[tuple[str, str]], order_id: str, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            units[order_id, line["sku"]] += line["quantity"]

    def commit(self, record: dict[str, Any]) -> None:
        """A reservation, or a part of one, was committed: that many pieces were in a parcel."""
        self.add_on_hand(record["sku"], record["warehouse"], -record["quantity"])
        key = record["order_id"], record["sku"]
        self.committed[key] += record["quantity"]
        self.on_shelf[record["order_id"], record["warehouse"], record["sku"]] -= record["quantity"]
        if record["order_id"] not in self.carried_whatever and self.committed[key] > self.carried[key]:
            self.fail(f"{key} has {self.committed[key]} units committed, its parcels carried {self.carried[key]}")

    def _restock(self, command: dict[str, Any]) -> None:
        key = command["order_id"], command["sku"]
        self.restocked[key] += command["quantity"]
        if self.restocked[key] > self.received[key]:
            self.fail(f"{key} has {self.restocked[key]} units on sale again, warehouses received {self.received[key]}")

    def count(self, name: str, command: dict[str, Any], answer: Any) -> None:
        if answer["answer"] == "APPLIED" and name not in ("SetSafetyStock", "SetPool"):
            units = command["delta"] if name == "Adjust" else command["quantity"]
            if name == "Restock":
                self._restock(command)
            if name == "Adjust" and command["order_id"]:
                self.on_shelf[command["order_id"], command["warehouse"], command["sku"]] += units
            self.add_on_hand(command["sku"], command["warehouse"], units)

    def said(self, status: Any) -> None:
        """What an order's status tells of."""
        if status["trouble"].startswith(("parcel_", "stock_")):
            self.told_of.add(status["order_id"])

    def add_on_hand(self, sku: str, warehouse: str, units: int) -> None:
        self.on_hand[sku, warehouse] = self.on_hand.get((sku, warehouse), 0) + units

    def decided(self, order_id: str, event: str, fields: Any) -> None:
        """A decision is announced once, and an allocation is taken back before the next is made."""
        history = self.history.setdefault(order_id, [])
        attempts = [record["attempt"] for name, record in history if name != "AllocationReleased"]
        standing = history[-1][0] if history else ""
        if event != "AllocationReleased":
            if fields["attempt"] in attempts:
                self.fail(f"{order_id}: attempt {fields['attempt']} decided twice")
            if standing == "OrderAllocated" and not self._all_resolved(order_id, history[-1][1]):
                self.fail(f"{order_id}: decided again while its allocation stands")
        history.append((event, fields))

    def _all_resolved(self, order_id: str, allocated: dict[str, Any]) -> bool:
        ids = {part["reservation_id"] for part in allocated["parts"]}
        shipped = {part["reservation_id"] for part in self.orders[order_id]["parts"] if part["state"] == "COMMITTED"}
        return all(self.reservations[each]["state"] != "RESERVED" for each in ids - shipped)

    def check_stock_of(self, sku: str) -> None:
        stock = self.stock.get(sku)
        if stock is None:
            return
        check_stock(stock)
        held: dict[str, int] = {}
        for reservation in self.reservations.values():
            if reservation["sku"] == sku and reservation["state"] == "RESERVED":
                held[reservation["warehouse"]] = held.get(reservation["warehouse"], 0) + reservation["quantity"]
        if stock["pool"] is not None:
            self._check_pool(sku, stock, held.pop("", 0))
        for level in stock["levels"]:
            warehouse = level["warehouse"]
            if level["reserved"] != held.get(warehouse, 0):
                self.fail(
                    f"{sku} at {warehouse}: reserved {level['reserved']}, reservations hold {held.get(warehouse, 0)}"
                )
            if level["on_hand"] != self.on_hand.get((sku, warehouse), 0):
                self.fail(
                    f"{sku} at {warehouse}: on hand {level['on_hand']}, counted {self.on_hand.get((sku, warehouse), 0)}"
                )

    def _check_pool(self, sku: str, stock: dict[str, Any], frozen: int) -> None:
        """What is frozen and sold, counted anew; and nobody is frozen while goods for sale lie on a shelf."""
        pool = stock["pool"]
        of_it = [each for each in self.reservations.values() if each["sku"] == sku and each["pool"] is not None]
        has = [each for each in of_it if each["state"] in ("RESERVED", "COMMITTED")]
        sold = sum(drawn["units"] for each in has for drawn in each["pool"]["drawn"])
        waiting = sum(1 for each in of_it if each["pool"]["waits"])
        if (frozen, sold, waiting) != (pool["frozen"], pool["sold"], pool["waiting"]):
            self.fail(f"{sku}: {frozen} frozen, {sold} sold, {waiting} wait by reservations, and the pool says {pool}")
        if not 0 <= frozen <= pool["sold"] <= pool["cap"]:
            self.fail(f"{sku}: {frozen} frozen, {sold} sold, the cap is {pool['cap']}")
        if frozen and sellable_total(stock["levels"]):
            self.fail(f"{sku}: {frozen} frozen while goods are for sale: {stock['levels']}")

    def _check_turns(self) -> None:
        """At rest: who is frozen or waits is so by both accounts, and an order that is over has nothing of a pool."""
        for order_id, state in self.orders.items():
            for part in state["parts"]:
                if part["pool"] is None or part["state"] not in ("ASKED", "GRANTED"):
                    continue
                known = self.reservations.get(part["reservation_id"])
                mine = part["state"] == "GRANTED", part["warehouse"], part["quantity"]
                if known is None or mine != (known["state"] == "RESERVED", known["warehouse"], known["quantity"]):
                    self.fail(f"{order_id} counts on {part}, and its SKU's owner has {known}")
        counted = {part["reservation_id"] for state in self.orders.values() for part in state["parts"]}
        for reservation in self.reservations.values():
            its = reservation["pool"]
            if its is not None and (reservation["state"] == "RESERVED" or its["waits"]):
                if reservation["reservation_id"] not in counted:
                    self.fail(f"no order counts on {reservation}")

    def check_settled(self) -> None:
        """With every log empty: allocations hold all that is reserved, each paid order has one decision that stands."""
        held: dict[tuple[str, str], int] = {}
        for order_id, state in self.orders.items():
            keeps = state["phase"] in ("HELD", "BACKORDERED")
            granted = [part for part in state["parts"] if part["state"] == "GRANTED"]
            of_sale = [part for part in granted if keeps and part["pool"] is not None]
            granted = [part for part in granted if part not in of_sale]
            shown_as_sent = sum(line["shipped_quantity"] for line in state["lines"])
            kept = state["phase"] == "HELD" and not MAY_HAVE_LEFT.isdisjoint(state["hold_reason"].split(","))
            if state["phase"] != "ALLOCATED" and not kept and sum(part["quantity"] for part in granted) > shown_as_sent:
                self.fail(f"{order_id} is {state['phase']} and holds {granted}")
            for part in (*granted, *of_sale):
                key = part["sku"], part["warehouse"]
                held[key] = held.get(key, 0) + part["quantity"]
            self._check_decision(order_id, state)
            if state["parcels"] and order_id in self.newest and order_id not in self.told_of:
                self.fail(f"{order_id} is {state['phase']} and has met nothing of {state['parcels']}; nobody was told")
        for (order_id, warehouse, sku), units in self.on_shelf.items():
            if units > 0 and order_id in self.newest and order_id not in self.told_of:
                self.fail(f"{order_id}: {units} x {sku} left {warehouse} and are on its shelf; nobody was told")
        self._check_turns()
        for sku, stock in self.stock.items():
            self._check_queue(stock)
            for level in stock["levels"]:
                key = sku, level["warehouse"]
                if level["reserved"] != held.get(key, 0):
                    self.fail(
                        f"{sku} at {level['warehouse']}: reserved {level['reserved']}, orders hold {held.get(key, 0)}"
                    )

    def _check_queue(self, stock: dict[str, Any]) -> None:
        """Nobody waits for what is there; nobody who does not wait is queued, unless records were repeated."""
        queue = stock["waiting"]
        if queue and queue[0]["quantity"] <= sellable_total(stock["levels"]):
            self.fail(f"{queue[0]} waits for {stock['sku']}, which is there: {stock['levels']}")
        for waiting in () if self.repeats else queue:
            if self.orders[waiting["order_id"]]["phase"] != "BACKORDERED":
                self.fail(f"{waiting} is in the queue for {stock['sku']} and does not wait")

    def _check_decision(self, order_id: str, state: dict[str, Any]) -> None:
        history = self.history.get(order_id, [])
        standing = history[-1][0] if history else "none"
        wanted = {"ALLOCATED": "OrderAllocated", "BACKORDERED": "OrderBackordered"}.get(state["phase"])
        if state["phase"] == "RESERVING":
            self.fail(f"{order_id} still waits for an answer: {state['parts']}")
        if wanted is not None and (standing != wanted or history[-1][1]["attempt"] != state["attempt"]):
            self.fail(f"{order_id} is {state['phase']}, its last decision is {standing}")
        self._check_content(order_id, state)
        # An allocation of which everything has left needs no taking back.
        stands = {part["state"] for part in state["parts"]} - {"RELEASED", "REJECTED"}
        gone = standing == "OrderAllocated" and stands == {"COMMITTED"}
        if (
            state["phase"] in ("CANCELLED", "HELD", "UNPAID")
            and standing not in ("none", "AllocationReleased")
            and not gone
        ):
            self.fail(f"{order_id} is {state['phase']}, but {standing} stands")

    def _check_content(self, order_id: str, state: dict[str, Any]) -> None:
        """The newest version counts, and what is reserved for it is what it asks for."""
        newest = self.newest.get(order_id)
        if newest is None:
            return
        if state["order_version"] != newest["version"]:
            self.fail(f"{order_id} stands at version {state['order_version']}, {newest['version']} was read")
        if state["phase"] != "ALLOCATED" or newest["status"] == "SHIPPED":
            return
        if any(part["state"] == "COMMITTED" for part in state["parts"]):
            return
        if order_id in self.asked_back or any(line["shipped_quantity"] for line in newest["lines"]):
            return
        ours = [line for line in newest["lines"] if line["sent_by"] == "MERCHANT"]
        asked = {line["line_no"]: line["quantity"] - line["cancelled_quantity"] for line in ours}
        granted = dict.fromkeys(asked, 0)
        for part in state["parts"]:
            if part["state"] == "GRANTED":
                granted[part["line_no"]] += part["quantity"]
        if granted != asked:
            self.fail(f"{order_id} asks for {asked}, granted are {granted}")

    def fail(self, what: str) -> None:
        """:raises Violation: with the seed, and the command that shows it again."""
        raise Violation(f"step {self.steps}: {what}\nsee it again: SIM_SEED={self.seed} {self.again}")
