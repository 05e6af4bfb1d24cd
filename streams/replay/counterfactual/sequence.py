"""A period run once more by one rule, on a ledger of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from streams.domain.routing.rules.compiling import Rules
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.facts import Facts, warehouse_facts, with_tables
from streams.domain.routing.rules.trace import Decision
from streams.domain.routing.tables.reckoning import Tables
from streams.replay.counterfactual.happened import GivenBack, Happened, Left, Moved, Planned, WarehousesSet
from streams.replay.counterfactual.ledger import Ledger

#: Orders that wait for one SKU and are tried again when some of it comes in.
_AGAIN_MAX = 1_000


class Went(NamedTuple):
    """What became of an order when it was last planned, and on what."""

    facts: Facts
    decision: Decision


class Ran(NamedTuple):
    """By order id, in the order in which they first came; and pieces that the record took from what was promised."""

    orders: dict[str, Went]
    cut_short: int


def run(rules: Rules, happened: Happened, advance: Callable[[int], None], tables: Tables | None = None) -> Ran:
    """Lead the ledger by what happened, and decide by the rules. ``advance`` is told how many events were gone through."""
    return _Course(rules, happened, tables).run(happened, advance)


class _Course:
    def __init__(self, rules: Rules, happened: Happened, tables: Tables | None) -> None:
        self._rules, self._tables = rules, tables
        self._ledger = Ledger(happened.balances)
        self._warehouses = happened.warehouses
        self._orders: dict[str, Went] = {}
        #: SKU -> orders that wait for it, the first first.
        self._waiting: dict[str, dict[str, Planned]] = {}
        #: Order id -> the queues that it stands in.
        self._queues: dict[str, list[str]] = {}
        self._now_ms = 0

    def run(self, happened: Happened, advance: Callable[[int], None]) -> Ran:
        for number, (at_ms, event) in enumerate(happened.events, start=1):
            self._now_ms = at_ms
            match event:
                case Planned():
                    self._plan(event)
                case GivenBack(order_id=order_id):
                    self._leave_queues(order_id)
                    self._come_in(self._ledger.release(order_id))
                case Left(order_id=order_id, warehouse=warehouse, lines=lines):
                    self._leave_queues(order_id)
                    self._ledger.ship(order_id, warehouse, lines)
                case Moved(name=name, command=command):
                    self._come_in(self._ledger.stock(name, command))
                case WarehousesSet(warehouses=warehouses):
                    self._warehouses = warehouses
            if number % 1_000 == 0:
                advance(1_000)
        advance(len(happened.events) % 1_000)
        return Ran(self._orders, self._ledger.cut_short)

    def _plan(self, planned: Planned) -> None:
        """Reserve what an order needs, or let it wait where it waits already, or at the end."""
        order_id = planned.order_id
        if self._ledger.holds(order_id):
            return
        lines = planned.order.lines
        skus = list(dict.fromkeys([line.sku for line in lines]))
        levels, load = self._ledger.levels(skus), self._ledger.load
        stand = warehouse_facts(skus, levels, self._warehouses, load, planned.place, planned.country)
        facts = Facts(planned.order, stand, self._now_ms, {"order": planned.version})
        if self._tables is not None:
            facts = with_tables(facts, self._tables, {})
        decision = decide(self._rules, facts)
        self._orders[order_id] = Went(facts, decision)
        if decision.parts:
            self._ledger.reserve(order_id, decision.parts)
            self._leave_queues(order_id)
            return
        for sku in decision.unplaced:
            queue = self._waiting.setdefault(sku, {})
            if order_id not in queue:
                self._queues.setdefault(order_id, []).append(sku)
            queue[order_id] = planned

    def _come_in(self, skus: list[str]) -> None:
        """Who waited longest is tried first, as long as there is anything of it."""
        for sku in skus:
            for planned in list(self._waiting.get(sku, {}).values())[:_AGAIN_MAX]:
                if not self._ledger.sellable(sku):
                    break
                self._plan(planned)

    def _leave_queues(self, order_id: str) -> None:
        for sku in self._queues.pop(order_id, ()):
            del self._waiting[sku][order_id]
