"""Inventory: the single writer of each SKU's balance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from schemas.records import Reservation
from streams.agents.wire import received, send
from streams.domain.expiry import due, expire_command, expiry_key
from streams.domain.inventory.decide import availability, decide, prior_key, rest_key, result_key

if TYPE_CHECKING:
    # Faust takes longer to import than a trial to run.
    from streams.engine import Batch, Table


class Inventory:
    """Tables: ``stock`` by SKU, ``reservations`` by id, ``applied`` by command id, ``expiries`` by time and reservation id."""

    def __init__(self, stock: Table, reservations: Table, applied: Table, expiries: Table) -> None:
        self._stock = stock
        self._priors = {"reservations": reservations, "applied": applied}
        self._expiries = expiries

    def on_batch(self, batch: Batch) -> None:
        """Decodes the commands, decides each on its SKU's balance, stores, sends."""
        commands = list(received(batch))
        before = self._stock.get_many(c["sku"].encode() for _, c, _ in commands)
        stocks, changed = dict(before), {}
        known = self._known(commands)
        written: dict[str, dict[bytes, Any]] = {"reservations": {}, "applied": {}}

        for name, command, at_ms in commands:
            sku = command["sku"].encode()
            place = prior_key(name, command)
            table, key = (place[0], place[1].encode()) if place else ("", b"")
            prior = known[table].get(key) if place else None
            rest_known = rest_key(command).encode() in known["reservations"]
            decision = decide(stocks.get(sku), name, command, prior, at_ms, rest_known)
            if decision.stock is not None:
                stocks[sku] = changed[sku] = decision.stock
            outcome = decision.reservation or decision.applied
            if outcome is not None:
                known[table][key] = written[table][key] = outcome
            if decision.reservation is not None:
                self._index(decision.reservation)
            if decision.rest is not None:
                key = decision.rest["reservation_id"].encode()
                known["reservations"][key] = written["reservations"][key] = decision.rest
                self._index(decision.rest)
            for result, record in decision.results:
                send(batch, "inventory.results", result_key(record), result, record)
            for alert in decision.alerts:
                send(batch, "inventory.alerts", alert["sku"], "StockAlert", alert)

        self._stock.put_many(changed)
        for table, items in written.items():
            self._priors[table].put_many(items)
        # The view is of balances, not of steps: one record for all that a batch did to a SKU.
        for sku, stock in changed.items():
            seen = availability(before.get(sku), stock)
            if seen is not None:
                send(batch, "inventory.availability", seen["sku"], "Availability", seen)

    def on_tick(self, batch: Batch) -> None:
        """Proposes to expire what is due: the command goes into the log and is decided when it is read from there."""
        keys = (key for key, _ in self._expiries.range(stop=expiry_key(batch.at_ms + 1, "")))
        reservation_ids = (reservation_id.encode() for reservation_id in due(keys, batch.at_ms))
        for reservation in self._priors["reservations"].get_many(reservation_ids).values():
            command = expire_command(reservation, batch.at_ms)
            send(batch, "inventory.commands", command["sku"], "Expire", command)

    def _known(self, commands: Iterable[tuple[str, Any, int]]) -> dict[str, dict[bytes, Any]]:
        keys: dict[str, list[bytes]] = {"reservations": [], "applied": []}
        for name, command, _ in commands:
            place = prior_key(name, command)
            if place is not None:
                keys[place[0]].append(place[1].encode())
            if rest := rest_key(command):
                keys["reservations"].append(rest.encode())
        return {table: self._priors[table].get_many(wanted) for table, wanted in keys.items()}

    def _index(self, reservation: Reservation) -> None:
        """Keeps the index of expiries to what is still reserved."""
        expires_at_ms = reservation["expires_at_ms"]
        if expires_at_ms is None:
            return
        key = expiry_key(expires_at_ms, reservation["reservation_id"])
        if reservation["state"] == "RESERVED":
            self._expiries.put_many({key: None})
        else:
            self._expiries.delete(key)
