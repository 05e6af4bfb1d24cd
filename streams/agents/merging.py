"""Merging: who waits for whom among orders of one receiver, and what becomes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from schemas.records import MergeGroup
from streams.agents.timed import Timed
from streams.agents.wire import received, send
from streams.domain.merging.decide import Decision, decide, due_ms, wake

if TYPE_CHECKING:
    # Faust takes longer to import than a trial to run.
    from streams.engine import Batch, Table


class Merging:
    """Tables: ``merging`` by merge group; ``merging_due`` by the time at which one is to be looked at next.

    ``on_told``: how many orders were told what (PLAN, GO, ALONE, LEFT).
    """

    def __init__(self, merging: Table, merging_due: Table, on_told: Callable[[str, int], None]) -> None:
        self._table: Timed[MergeGroup] = Timed(merging, merging_due, due_ms)
        self._on_told = on_told

    def on_batch(self, batch: Batch) -> None:
        """Decodes what orders tell, decides each on its group's state, stores, sends."""
        requests = list(received(batch))
        before = self._table.states.get_many(request["group"].encode() for _, request, _ in requests)
        states: dict[bytes, MergeGroup | None] = dict(before)
        decisions = []
        for _, request, at_ms in requests:
            key = request["group"].encode()
            decision = decide(states.get(key), request, at_ms)
            states[key] = decision.state
            decisions.append(decision)
        self._table.store(before, states)
        self._send(batch, decisions)

    def on_tick(self, batch: Batch) -> None:
        """Looks at the groups whose windows are over."""
        before = self._table.take_due(batch.at_ms)
        decisions = {key: wake(state, batch.at_ms) for key, state in before.items()}
        self._table.store(before, {key: decision.state for key, decision in decisions.items()})
        self._send(batch, decisions.values())

    def _send(self, batch: Batch, decisions: Iterable[Decision]) -> None:
        told: Counter[str] = Counter()
        for decision in decisions:
            for answer in decision.answers:
                send(batch, "merging.answers", answer["order_id"], "MergeAnswer", answer)
                told[answer["kind"]] += 1
        for kind, count in told.items():
            self._on_told(kind, count)
