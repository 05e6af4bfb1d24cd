"""A world in memory: the two deciders, the logs between them, and the truth they are held against.

    logs      one FIFO per (topic, key), as a Kafka partition keeps the order of one key and nothing more
    steps     a seeded choice of the next log to read; now and then the record stays and is read again (a duplicate)
    view      availability reaches the allocation late, through a log of its own
    truth     what must hold at every step, and when the logs have run dry (`truth.py`)

Each record goes through its bytes, so that what is sent is what its schema allows.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from schemas.codec import CODEC
from streams.domain.allocation import decide as allocation
from streams.domain.allocation.companions import active
from streams.domain.allocation.step import AllocationDecision, View
from streams.domain.expiry import due, expire_command, expiry_key
from streams.domain.flow.book import FlowBook
from streams.domain.inventory import decide as inventory
from streams.domain.inventory.serving import Turns, is_frozen, waits
from streams.domain.inventory.stock import StockDecision
from streams.domain.merging import decide as merging
from tests.simulation.truth import Truth, Violation

Log = tuple[str, str]

__all__ = ["Violation", "World"]

ORDER_TOPICS = ("orders", "aftersales", "results", "shipments", "returns", "decisions")


class World(Truth):
    """The state of everything, moved on by `step`.

    :param duplicates: chance that a record is read once more later.
    :param retries: whether backorders are tried again by time.
    :param flows: the flow that orders follow; `pace`: ms that a step may take.
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
        flows: FlowBook | None = None,
        pace: int = 50,
        decide_stock: Callable[..., StockDecision] = inventory.decide,
        decide_order: Callable[..., AllocationDecision] = allocation.decide,
        decide_group: Callable[..., merging.Decision] = merging.decide,
        wake_group: Callable[..., merging.Decision] = merging.wake,
    ) -> None:
        super().__init__(seed, "python -m pytest tests/properties/test_saga.py -k seed", repeats=duplicates > 0)
        self.rng = Random(seed)
        self.warehouses = warehouses
        self.duplicates = duplicates
        self.reservation_ttl_ms = reservation_ttl_ms
        self.retries = retries
        self.decide_stock = decide_stock
        self.decide_order = decide_order
        self.decide_group, self.wake_group = decide_group, wake_group
        self.flows, self.pace = flows, pace
        self.groups: dict[str, Any] = {}
        # How much later than everything else the view learns; a world's own habit.
        self.lateness = self.rng.choice((0, 1, 6))
        self.now_ms = 1_700_000_000_000
        self.logs: dict[Log, deque[bytes]] = {}
        self.expiry: list[bytes] = []
        self.known: dict[str, Any] = {}
        self.later: list[tuple[int, Log, bytes]] = []

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
        self.now_ms += self.rng.randrange(1, self.pace)
        if self.flows is not None and self.rng.random() < 0.2:
            self._tick_together()
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
        elif topic == "merging":
            self._grouped(key, self.decide_group(self.groups.get(key), record, self.now_ms))
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
        rest_known = inventory.rest_key(command) in self.reservations
        decision = self.decide_stock(before, name, command, prior, self.now_ms, rest_known, *self._in_turn(sku))
        if decision.stock is not None:
            self.stock[sku] = decision.stock
        if decision.reservation is not None:
            self._keep_reservation(decision.reservation)
        if decision.rest is not None:
            self._keep_reservation(decision.rest)
        for reservation in decision.others:
            self._keep_reservation(reservation)
        if decision.applied is not None:
            self.applied[decision.applied["command_id"]] = decision.applied
        for result, record in decision.results:
            if result == "StockCommandAnswered":
                self.count(name, command, record)
            if record["order_id"]:
                self.send("results", inventory.result_key(record), result, record)
            if result == "ReservationResolved" and record["answer"] == "COMMITTED":
                self.commit(record)
        available = inventory.availability(before, decision.stock)
        if available is not None:
            self.send("availability", sku, "Availability", available)
        self.check_stock_of(sku)

    def _in_turn(self, sku: str) -> tuple[Turns, ...]:
        """Who is in the SKU's pool, where it has one."""

        def those(which: Callable[[Any], bool]) -> list[Any]:
            found = [each for each in self.reservations.values() if each["sku"] == sku and which(each)]
            return sorted(found, key=lambda each: (each["pool"]["turn"], each["reservation_id"]))

        if sku not in self.pools:
            return ()
        return (Turns(lambda: those(is_frozen), lambda: those(waits)),)

    def _keep_reservation(self, reservation: Any) -> None:
        self.reservations[reservation["reservation_id"]] = reservation
        if reservation["state"] == "RESERVED" and reservation["expires_at_ms"] is not None:
            insort(self.expiry, expiry_key(reservation["expires_at_ms"], reservation["reservation_id"]))

    def _learn(self, record: dict[str, Any]) -> None:
        known = self.known.get(record["sku"])
        if known is None or known["version"] < record["version"]:
            self.known[record["sku"]] = record

    def _allocation(self, order_id: str, name: str, record: dict[str, Any]) -> None:
        self.read(order_id, name, record)
        decision = self.decide_order(self.orders.get(order_id), name, record, self.view(), self.now_ms)
        if decision.state is not None:
            CODEC.encode("OrderState", decision.state)
            self.orders[order_id] = decision.state
        for command, fields in decision.commands:
            self.send("commands", fields["sku"], command, fields)
        for status in decision.statuses:
            CODEC.encode("OrderStatusChanged", status)
            self.said(status)
        for event, fields in decision.events:
            CODEC.encode(event, fields)
            self.decided(order_id, event, fields)
        for request in decision.merging:
            self.send("merging", request["group"], "MergeRequest", request)

    def _grouped(self, group: str, decision: merging.Decision) -> None:
        if decision.state is None:
            self.groups.pop(group, None)
        else:
            CODEC.encode("MergeGroup", decision.state)
            self.groups[group] = decision.state
        for answer in decision.answers:
            self.send("merged", answer["order_id"], "MergeAnswer", answer)

    def view(self) -> View:
        """What the allocation knows now: late, but never of the future."""
        load: dict[str, int] = {}
        for known in self.known.values():
            for level in known["levels"]:
                load[level["warehouse"]] = load.get(level["warehouse"], 0) + level["reserved"]
        return View(self._levels, self.warehouses, load, self.reservation_ttl_ms, pool=self._pool, flows=self.flows)

    def _pool(self, sku: str) -> Any:
        known = self.known.get(sku)
        return known["pool"] if known else None

    def _levels(self, sku: str) -> Any:
        known = self.known.get(sku)
        return known["levels"] if known else ()

    def tick(self) -> None:
        """What the timers propose: expiry of what is due, and retries in a world that has them."""
        for reservation_id in due(self.expiry, self.now_ms):
            command = expire_command(self.reservations[reservation_id], self.now_ms)
            self.send("commands", command["sku"], "Expire", command)
        del self.expiry[: sum(1 for _ in due(self.expiry, self.now_ms))]
        if self.retries:
            self.retry()
        if self.flows is not None:
            self._tick_together()

    def _tick_together(self) -> None:
        """Windows that are over, and orders whose own time is."""
        for group, state in list(self.groups.items()):
            if (merging.due_ms(state) or 0) <= self.now_ms:
                self._grouped(group, self.wake_group(state, self.now_ms))
        for order_id, state in self.orders.items():
            for name, record in allocation.its_time_has_come(state, self.now_ms):
                self.send("decisions", order_id, name, record)

    def wait_out(self) -> None:
        """Time passes until nobody can be waiting for companions any more."""
        self.drain()
        for _ in range(4):
            self.now_ms += 30_000
            self.tick()
            self.drain()
        for order_id, state in self.orders.items():
            if active(state) is not None:
                self.fail(f"{order_id} still waits for companions: {state['merge']}")
        if self.groups:
            self.fail(f"groups of which everybody has gone: {self.groups}")

    def retry(self) -> None:
        """Another try for every backorder."""
        for state in list(self.orders.values()):
            for name, command in allocation.retry(state, self.now_ms):
                self.send("commands", command["sku"], name, command)
