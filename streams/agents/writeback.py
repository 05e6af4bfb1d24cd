"""Writeback: tracking numbers of parcels that left, to be told to the orders' platforms."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.records import Writeback
from streams.agents.timed import Timed
from streams.agents.wire import received, send
from streams.domain.writeback.decide import by_time_left, decide, wake
from streams.domain.writeback.policy import Rules
from streams.domain.writeback.state import due_ms
from streams.domain.writeback.step import Decision
from streams.engine import Batch, Table

#: On ``allocations`` for others: what was not allocated does not leave.
NOT_FOR_PARCELS = frozenset({"OrderBackordered", "AllocationReleased"})


class WritebackAgent:
    """Tables: ``writebacks`` by order id; ``writeback_due`` by the time at which an order is to be looked at next."""

    def __init__(self, writebacks: Table, writeback_due: Table, rules: Rules) -> None:
        self._table: Timed[Writeback] = Timed(writebacks, writeback_due, lambda state: due_ms(state, rules))
        self._rules = rules

    def on_batch(self, batch: Batch) -> None:
        """Decodes the events, decides each on its order's state, stores, sends."""
        events = [event for event in received(batch) if event[0] not in NOT_FOR_PARCELS]
        before = self._table.states.get_many(event["order_id"].encode() for _, event, _ in events)
        states, decisions = dict(before), []
        for name, event, at_ms in events:
            key = event["order_id"].encode()
            decision = decide(states.get(key), name, event, self._rules, at_ms)
            states[key] = decision.state
            decisions.append(decision)
        self._table.store(before, states)
        self._send(batch, decisions)

    def on_tick(self, batch: Batch) -> None:
        """Looks at the orders whose time has come: retries that are due, deadlines that are near."""
        before = self._table.take_due(batch.at_ms)
        decisions = {key: wake(state, self._rules, batch.at_ms) for key, state in before.items()}
        self._table.store(before, {key: decision.state for key, decision in decisions.items()})
        self._send(batch, decisions.values())

    def _send(self, batch: Batch, decisions: Iterable[Decision]) -> None:
        decisions = list(decisions)
        for request in by_time_left(request for decision in decisions for request in decision.requests):
            send(batch, "writeback.requests", request["order_id"], "WritebackRequest", request)
        for decision in decisions:
            for name, status in decision.statuses:
                send(batch, "writeback.status", status["order_id"], name, status)
            for dead in decision.dead:
                send(batch, "writeback.dead", dead["order_id"], "WritebackDead", dead)
