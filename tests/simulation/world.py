"""A world in memory: the two deciders, the logs between them, and the truth they are held against.

    logs      one FIFO per (topic, key), as a Kafka partition keeps the order of one key and nothing more
    steps     a seeded choice of the next log to read; now and then the record stays and is read again (a duplicate)
    view      availability reaches the allocation late, through a log of its own
    truth     checked at every step: 0 <= reserved <= on_hand, units conserved, reserved == what reservations hold, no
              order decided twice; when the logs have run dry (`check_settled`): no reservation without its allocation

Each record goes through its bytes, so that what is sent is what its schema allows.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from schemas.codec import CODEC
from streams.domain import allocation, inventory
from streams.domain.allocation import AllocationDecision, View
from streams.domain.stock import StockDecision, check_stock, sellable_total

Log = tuple[str, str]
Record = tuple[str, dict[str, Any]]

ORDER_TOPICS = ("orders", "results", "shipments", "decisions")


class Violation(AssertionError):
    """Something that must hold does not. Says how to see it again."""


class World:
    """The state of everything, moved on by `step`.

    :param duplicates: chance that a record is read once more later.
    :param retries: whether backorders are tried again by time.
    :param decide_stock: stands in for `inventory.decide`, `decide_order` for `allocation.decide`, to break a rule.
    """

    def __init__(
        self,
        seed: int,
        warehouses: list[dict[str, Any]],
        *,
        duplicates: float = 0.0,
        reservation_ttl_ms: int | None = None,
        retries: bool = True,
        decide_stock: Callable[..., StockDecision] = inventory.decide,
        decide_order: Callable[..., AllocationDecision] = allocation.decide,
    ) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.warehouses = warehouses
        self.duplicates = duplicates
        self.reservation_ttl_ms = reservation_ttl_ms
        self.retries = retries
        self.decide_stock = decide_stock
        self.decide_order = decide_order
        # How much later than everything else the view learns; a world's own habit.
        self.lateness = self.rng.choice((0, 1, 6))
        self.now_ms = 1_700_000_000_000
        self.steps = 0
        self.logs: dict[Log, deque[bytes]] = {}
        self.stock: dict[str, Any] = {}
        self.reservations: dict[str, Any] = {}
        self.applied: dict[str, Any] = {}
        self.expiry: list[bytes] = []
        self.known: dict[str, Any] = {}
        self.orders: dict[str, Any] = {}
        self.history: dict[str, list[Record]] = {}
        self.later: list[tuple[int, Log, bytes]] = []
        self.newest: dict[str, Any] = {}
        self.on_hand: dict[tuple[str, str], int] = {}

    # --- the logs ---

    def send(self, topic: str, key: str, name: str, record: Any) -> None:
        """Append a record to the log of its key."""
        self.logs.setdefault((topic, key), deque()).append(CODEC.encode(name, record))

    def send_later(self, step: int, topic: str, key: str, name: str, record: Any) -> None:
        """Append a record once this many steps have been taken, or the logs run dry."""
        insort(self.later, (step, (topic, key), CODEC.encode(name, record)), key=lambda each: each[0])

    def arrive(self) -> None:
        """Append what is due; with nothing else to read, what comes next."""
        idle = not any(self.logs.values())
        while self.later and (idle or self.later[0][0] <= self.steps):
            _, log, data = self.later.pop(0)
            self.logs.setdefault(log, deque()).append(data)
            idle = False

    def step(self) -> bool:
        """Read one record from one log; False when all are empty."""
        self.arrive()
        waiting = [log for log, records in self.logs.items() if records]
        if not waiting:
            return False
        self.steps += 1
        self.now_ms += self.rng.randrange(1, 50)
        topic, key = log = self.rng.choice(waiting)
        for _ in range(self.lateness):
            if topic == "availability":
                topic, key = log = self.rng.choice(waiting)
        data = self.logs[log].popleft()
        if self.rng.random() < self.duplicates:
            self.logs[log].append(data)
        name, record = CODEC.decode(data)
        if topic == "commands":
            self._inventory(key, name, record)
        elif topic == "availability":
            self._learn(record)
        else:
            self._allocation(key, name, record)
        return True

    def drain(self, limit: int = 20_000) -> None:
        """Step until every log is empty."""
        end = self.steps + limit
        while self.step():
            if self.steps > end:
                self.fail(f"still moving after {limit} steps: {[log for log, records in self.logs.items() if records]}")

    # --- the two stages ---

    def _inventory(self, sku: str, name: str, command: dict[str, Any]) -> None:
        before = self.stock.get(sku)
        place = inventory.prior_key(name, command)
        prior = None
        if place is not None:
            prior = (self.reservations if place[0] == "reservations" else self.applied).get(place[1])
        decision = self.decide_stock(before, name, command, prior, self.now_ms)
        if decision.stock is not None:
            self.stock[sku] = decision.stock
        if decision.reservation is not None:
            self._keep_reservation(decision.reservation)
        if decision.applied is not None:
            self.applied[decision.applied["command_id"]] = decision.applied
        for result, record in decision.results:
            if result == "StockCommandAnswered":
                self._count(name, command, record)
            else:
                self.send("results", inventory.result_key(record), result, record)
            if result == "ReservationResolved" and record["answer"] == "COMMITTED":
                self._add_on_hand(sku, record["warehouse"], -record["quantity"])
        available = inventory.availability(before, decision.stock)
        if available is not None:
            self.send("availability", sku, "Availability", available)
        self._check_stock(sku)

    def _keep_reservation(self, reservation: Any) -> None:
        self.reservations[reservation["reservation_id"]] = reservation
        if reservation["state"] == "RESERVED" and reservation["expires_at_ms"] is not None:
            insort(self.expiry, inventory.expiry_key(reservation["expires_at_ms"], reservation["reservation_id"]))

    def _learn(self, record: dict[str, Any]) -> None:
        known = self.known.get(record["sku"])
        if known is None or known["version"] < record["version"]:
            self.known[record["sku"]] = record

    def _allocation(self, order_id: str, name: str, record: dict[str, Any]) -> None:
        if name == "Order" and record["version"] >= self.newest.get(order_id, record)["version"]:
            self.newest[order_id] = record
        decision = self.decide_order(self.orders.get(order_id), name, record, self.view(), self.now_ms)
        if decision.state is not None:
            CODEC.encode("OrderState", decision.state)
            self.orders[order_id] = decision.state
        for command, fields in decision.commands:
            self.send("commands", fields["sku"], command, fields)
        for status in decision.statuses:
            CODEC.encode("OrderStatusChanged", status)
        for event, fields in decision.events:
            CODEC.encode(event, fields)
            self._decided(order_id, event, fields)

    def view(self) -> View:
        """What the allocation knows now: late, but never of the future."""
        load: dict[str, int] = {}
        for known in self.known.values():
            for level in known["levels"]:
                load[level["warehouse"]] = load.get(level["warehouse"], 0) + level["reserved"]
        return View(self._levels, self.warehouses, load, self.reservation_ttl_ms)

    def _levels(self, sku: str) -> Any:
        known = self.known.get(sku)
        return known["levels"] if known else ()

    def tick(self) -> None:
        """What the timers propose: expiry of what is due, and retries in a world that has them."""
        for reservation_id in inventory.due(self.expiry, self.now_ms):
            command = inventory.expire_command(self.reservations[reservation_id], self.now_ms)
            self.send("commands", command["sku"], "Expire", command)
        del self.expiry[: sum(1 for _ in inventory.due(self.expiry, self.now_ms))]
        if self.retries:
            self.retry()

    def retry(self) -> None:
        """Another try for every backorder."""
        for state in list(self.orders.values()):
            for name, command in allocation.retry(state, self.now_ms):
                self.send("commands", command["sku"], name, command)

    # --- the truth ---

    def _count(self, name: str, command: dict[str, Any], answer: Any) -> None:
        if answer["answer"] == "APPLIED" and name != "SetSafetyStock":
            units = command["delta"] if name == "Adjust" else command["quantity"]
            self._add_on_hand(command["sku"], command["warehouse"], units)

    def _add_on_hand(self, sku: str, warehouse: str, units: int) -> None:
        self.on_hand[sku, warehouse] = self.on_hand.get((sku, warehouse), 0) + units

    def _decided(self, order_id: str, event: str, fields: Any) -> None:
        """A decision is announced once, and an allocation is taken back before the next is made."""
        history = self.history.setdefault(order_id, [])
        attempts = [record["attempt"] for name, record in history if name != "AllocationReleased"]
        standing = history[-1][0] if history else ""
        if event != "AllocationReleased":
            if fields["attempt"] in attempts:
                self.fail(f"{order_id}: attempt {fields['attempt']} decided twice")
            if standing == "OrderAllocated" and not self._all_resolved(history[-1][1]):
                self.fail(f"{order_id}: decided again while its allocation stands")
        history.append((event, fields))

    def _all_resolved(self, allocated: dict[str, Any]) -> bool:
        ids = {part["reservation_id"] for part in allocated["parts"]}
        return all(self.reservations[each]["state"] != "RESERVED" for each in ids)

    def _check_stock(self, sku: str) -> None:
        stock = self.stock.get(sku)
        if stock is None:
            return
        check_stock(stock)
        held: dict[str, int] = {}
        for reservation in self.reservations.values():
            if reservation["sku"] == sku and reservation["state"] == "RESERVED":
                held[reservation["warehouse"]] = held.get(reservation["warehouse"], 0) + reservation["quantity"]
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

    def check_settled(self) -> None:
        """With every log empty: allocations hold all that is reserved, each paid order has one decision that stands."""
        held: dict[tuple[str, str], int] = {}
        for order_id, state in self.orders.items():
            granted = [part for part in state["parts"] if part["state"] == "GRANTED"]
            if granted and state["phase"] != "ALLOCATED":
                self.fail(f"{order_id} is {state['phase']} and holds {granted}")
            for part in granted:
                key = part["sku"], part["warehouse"]
                held[key] = held.get(key, 0) + part["quantity"]
            self._check_decision(order_id, state)
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
        for waiting in () if self.duplicates else queue:
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
        if state["phase"] in ("CANCELLED", "HELD", "UNPAID") and standing not in ("none", "AllocationReleased"):
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
        asked = {line["line_no"]: line["quantity"] - line["returned_quantity"] for line in newest["lines"]}
        granted = dict.fromkeys(asked, 0)
        for part in state["parts"]:
            granted[part["line_no"]] += part["quantity"]
        if granted != asked:
            self.fail(f"{order_id} asks for {asked}, granted are {granted}")

    def fail(self, what: str) -> None:
        """:raises Violation: with the seed, and the command that shows it again."""
        raise Violation(
            f"step {self.steps}: {what}\n"
            f"see it again: SIM_SEED={self.seed} python -m pytest tests/properties/test_saga.py -k seed"
        )
