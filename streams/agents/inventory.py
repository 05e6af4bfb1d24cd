"""Inventory: the single writer of each SKU's balance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from schemas.records import Reservation
from streams.agents.wire import received, send
from streams.domain.expiry import due, expire_command, expiry_key
from streams.domain.inventory.decide import availability, decide, prior_key, rest_key, result_key
from streams.domain.inventory.serving import Turns
from streams.domain.inventory.turns import FROZEN, WAITING, reservation_in, turn_key, turns_of

if TYPE_CHECKING:
    # Faust takes longer to import than a trial to run.
    from streams.engine import Batch, Table

#: Reservations of a pool that are read at a time.
_TURNS_AT_ONCE = 100


class Inventory:
    """Tables: ``stock`` by SKU, ``reservations`` by id, ``applied`` by command id, ``expiries`` by time and reservation id,
    ``pool_turns`` by SKU, kind, turn and reservation id.
    """

    def __init__(self, stock: Table, reservations: Table, applied: Table, expiries: Table, pool_turns: Table) -> None:
        self._stock = stock
        self._priors = {"reservations": reservations, "applied": applied}
        self._expiries = expiries
        self._turns = pool_turns

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
            turns = self._in_turn(command["sku"], written["reservations"])
            decision = decide(stocks.get(sku), name, command, prior, at_ms, rest_known, turns)
            if decision.stock is not None:
                stocks[sku] = changed[sku] = decision.stock
            if decision.applied is not None:
                known[table][key] = written[table][key] = decision.applied
            for reservation in (decision.reservation, decision.rest, *decision.others):
                if reservation is not None:
                    self._keep(reservation, known["reservations"], written["reservations"])
            for result, record in decision.results:
                send(batch, "inventory.results", result_key(record), result, record)
            for alert in decision.alerts:
                send(batch, "inventory.alerts", alert["sku"], "StockAlert", alert)
            for told in decision.pool_alerts:
                send(batch, "inventory.alerts", told["sku"], "PoolAlert", told)

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

    def _keep(self, after: Reservation, known: dict[bytes, Any], written: dict[bytes, Any]) -> None:
        """Keeps the indexes to what is still reserved, and to who is in a pool."""
        key = after["reservation_id"].encode()
        before = known.get(key)
        if before is None and after["pool"] is not None:
            # One that came further with another's command.
            before = self._priors["reservations"].get_many([key]).get(key)
        known[key] = written[key] = after
        for index, was, now in (
            (self._expiries, before and _expiry(before), _expiry(after)),
            (self._turns, before and turn_key(before), turn_key(after)),
        ):
            if was is not None and was != now:
                index.delete(was)
            if now is not None and was != now:
                index.put_many({now: None})

    def _in_turn(self, sku: str, written: Mapping[bytes, Any]) -> Turns:
        """Who is in a SKU's pool: looked up when it is asked for."""

        def of(kind: bytes) -> Iterator[Reservation]:
            start = turns_of(sku, kind)
            keys = (key for key, _ in self._turns.range(start, start + b"\xff" * 9))
            while some := [reservation_in(key, sku) for key in islice(keys, _TURNS_AT_ONCE)]:
                stored = self._priors["reservations"].get_many(key for key in some if key not in written)
                yield from (written[key] if key in written else stored[key] for key in some)

        return Turns(lambda: of(FROZEN), lambda: of(WAITING))


def _expiry(reservation: Reservation) -> bytes | None:
    """When it is looked at; None: never."""
    expires_at_ms = reservation["expires_at_ms"]
    if expires_at_ms is None or reservation["state"] != "RESERVED":
        return None
    return expiry_key(expires_at_ms, reservation["reservation_id"])
