"""Listing: what each shop shows of a SKU's stock, and that it shows it."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.records import Listings
from streams.agents.timed import Timed
from streams.agents.wire import received, send
from streams.domain.listing.decide import decide, wake
from streams.domain.listing.state import due_ms
from streams.domain.listing.step import Decision
from streams.engine import Batch, Table


class ListingAgent:
    """Tables: ``listings`` by SKU, listed or not; ``listings_due`` by the time at which one is to be looked at next."""

    def __init__(self, listings: Table, listings_due: Table) -> None:
        self._table: Timed[Listings] = Timed(listings, listings_due, due_ms)

    def on_batch(self, batch: Batch) -> None:
        """Decodes the events, decides each on its SKU's state, stores, sends."""
        events = list(received(batch))
        before = self._table.states.get_many(event["sku"].encode() for _, event, _ in events)
        states, decisions = dict(before), []
        for name, event, at_ms in events:
            key = event["sku"].encode()
            decision = decide(states.get(key), name, event, at_ms)
            states[key] = decision.state
            decisions.append(decision)
        self._table.store(before, states)
        self._send(batch, decisions)

    def on_tick(self, batch: Batch) -> None:
        """Looks at the SKUs whose time has come: what was to wait, what is to be tried again, sales that begin or end."""
        before = self._table.take_due(batch.at_ms)
        decisions = {key: wake(state, batch.at_ms) for key, state in before.items()}
        self._table.store(before, {key: decision.state for key, decision in decisions.items()})
        self._send(batch, decisions.values())

    def _send(self, batch: Batch, decisions: Iterable[Decision]) -> None:
        standing: dict[str, Listings] = {}
        for decision in decisions:
            for request in decision.requests:
                send(batch, "listing.requests", request["sku"], "ListingRequest", request)
            for dead in decision.dead:
                send(batch, "listing.dead", dead["sku"], "ListingDead", dead)
            for part in decision.parts:
                send(batch, "listing.commands", part["sku"], "PartStock", part)
            if decision.status is not None:
                standing[decision.status["sku"]] = decision.status
        # Where it stands is asked, not how it came there: one record for all that a batch did to a SKU.
        for sku, status in standing.items():
            send(batch, "listing.status", sku, "Listings", status)
