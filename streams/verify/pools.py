"""Pools as the verifier keeps them: what is sold of a SKU before it is there, by whom, in which turn.

An interpreter of its own, as plain as can be: two lists a SKU, searched from the front. After each command it finds who must have come
further, and holds that against what the inventory told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from streams.verify.balances import REJECTED, RESERVED, Level, Reservation
from streams.verify.entry import Entry

_NAME = "name"

Say = Callable[[str, Entry, str], None]


class Place:
    """What a reservation has of a pool. ``drawn``: part -> pieces; empty where it waits, and beyond the cap."""

    __slots__ = ("channel", "drawn", "hard", "reservation", "reservation_id", "sale")

    def __init__(self, reservation_id: str, reservation: Reservation, sale: str, channel: str, hard: bool) -> None:
        self.reservation_id, self.reservation = reservation_id, reservation
        self.sale, self.channel, self.hard = sale, channel, hard
        self.drawn: dict[str, int] = {}


class Pool:
    """One SKU's."""

    def __init__(self, sku: str) -> None:
        self.sku = sku
        #: As the document has it; None: there was never one.
        self.set: Mapping[str, Any] | None = None
        self.units: dict[str, int] = {}
        self.sold: Counter[str] = Counter()
        self.frozen: list[Place] = []
        self.waiting: list[Place] = []
        #: Reserved counts what is frozen; there is no shelf.
        self.nowhere = Level(sku, "")
        self.shelves: list[Level] = []
        self.is_sound = True

    def chain(self, channel: str) -> list[str]:
        for each in self.set["chains"] if self.set is not None else ():
            if each["channel"] == channel:
                return list(each["parts"])
        return []

    def take(self, channel: str, quantity: int, barred: Iterable[str]) -> dict[str, int] | None:
        """Pieces by part, along the chain; None: there are not enough."""
        drawn: dict[str, int] = {}
        for part in self.chain(channel):
            here = 0 if part in barred else min(quantity, self.units.get(part, 0) - self.sold[part])
            if here > 0:
                drawn[part], quantity = here, quantity - here
        return None if quantity else drawn

    def barred(self) -> set[str]:
        """Parts that somebody waits for."""
        return {part for each in self.waiting for part in self.chain(each.channel)}

    def most(self, channel: str) -> int:
        return sum(self.units.get(part, 0) for part in self.chain(channel))


class Pools:
    """``reservations``: the book's, of any kind; ``say``: tells of a violation by a command."""

    def __init__(self, reservations: dict[int, Reservation], say: Say) -> None:
        self._reservations = reservations
        self._say = say
        self._by_sku: dict[str, Pool] = {}
        self.places: dict[int, Place] = {}
        #: (reservation, warehouse) -> pieces that must have come further, less those that were told of.
        self._served: Counter[tuple[str, str]] = Counter()
        self._last: dict[str, Entry] = {}

    def of(self, sku: str) -> Pool:
        pool = self._by_sku.get(sku)
        if pool is None:
            pool = self._by_sku[sku] = Pool(sku)
        return pool

    def told(self, record: Mapping[str, Any]) -> None:
        """The inventory told that a reservation came further."""
        self._served[record["reservation_id"], record["warehouse"]] -= record["quantity"]

    def set(self, command: Entry) -> None:
        """A document became the live one, and was not refused."""
        wanted = command.record["pool"]
        pool = self.of(command.record["sku"])
        if pool.set is None or pool.set[_NAME] != wanted[_NAME]:
            pool.sold = Counter()
        pool.set = wanted
        pool.units = {part[_NAME]: part["units"] for part in wanted["parts"]}

    def freeze(self, command: Entry, answer: str, order: Any, place: int) -> None:
        """A line asked for pieces, or that those it has be kept for good."""
        record = command.record
        key = hash(record["reservation_id"])
        known = self.places.get(key)
        if known is not None or key in self._reservations:
            self._again(command, answer, known, self._reservations[key])
            return
        pool = self.of(record["sku"])
        drawn = pool.take(record["channel"], record["quantity"], pool.barred())
        expected = "NO_POOL" if not _is_of(pool, record) else "POOL_EXHAUSTED" if drawn is None else "FROZEN"
        if answer != expected:
            self._say("answer_wrong", command, f"{answer} for {record['quantity']} pieces, where {expected} holds")
        state = RESERVED if answer == "FROZEN" else REJECTED
        quantity = 0 if answer == "NO_POOL" else record["quantity"]
        reservation = Reservation(order, pool.nowhere, quantity, state, place)
        self._reservations[key] = reservation
        if answer == "NO_POOL" or pool.set is None:
            return
        its = Place(record["reservation_id"], reservation, pool.set[_NAME], record["channel"], record["hard"])
        self.places[key] = its
        if answer == "FROZEN":
            self._freeze(pool, its, drawn or {next(iter(pool.units), ""): quantity}, command.at_ms)
        else:
            pool.waiting.append(its)

    def _again(self, command: Entry, answer: str, known: Place | None, reservation: Reservation) -> None:
        pool = self.of(command.record["sku"])
        if known is not None and known in pool.waiting:
            expected = "POOL_EXHAUSTED"
        elif reservation.state == RESERVED:
            expected = "FROZEN"
        else:
            expected = "ALREADY_RESOLVED" if known is not None or answer != "NO_POOL" else "NO_POOL"
        if answer != expected:
            self._say("answer_wrong", command, f"asked again for what is {reservation.state}, it was answered {answer}")
        if known is not None and command.record["hard"] and expected in ("FROZEN", "POOL_EXHAUSTED"):
            known.hard, reservation.expires_at_ms = True, None

    def resolved(self, reservation_id: str, units: int, rest_id: str, *, is_sent: bool) -> None:
        """So many of its pieces are given back, or sent; the others are another reservation's."""
        its = self.places[hash(reservation_id)]
        pool = self.of(its.reservation.level.sku)
        others = _cut(its.drawn, units)
        rest = self._reservations.get(hash(rest_id)) if rest_id and hash(rest_id) not in self.places else None
        if not is_sent and pool.set is not None and pool.set[_NAME] == its.sale:
            pool.sold.subtract(its.drawn)
            if rest is None:
                pool.sold.subtract(others)
        if its in pool.frozen:
            at = pool.frozen.index(its)
            pool.frozen[at : at + 1] = self._rest(its, rest_id, rest, others)
        elif rest is not None:
            self._rest(its, rest_id, rest, others)

    def _rest(self, its: Place, rest_id: str, rest: Reservation | None, drawn: dict[str, int]) -> list[Place]:
        if rest is None:
            return []
        other = Place(rest_id, rest, its.sale, its.channel, its.hard)
        other.drawn = drawn
        self.places[hash(rest_id)] = other
        return [other]

    def given_up(self, reservation_id: str) -> None:
        """Who waits, if it does, waits no more."""
        its = self.places.get(hash(reservation_id))
        pool = self.of(its.reservation.level.sku) if its is not None else None
        if its is not None and pool is not None and its in pool.waiting:
            pool.waiting.remove(its)

    def settle(self, command: Entry) -> None:
        """After a command: who comes further, and whether the pool is sound."""
        pool = self._by_sku.get(command.record["sku"])
        if pool is None or pool.set is None:
            return
        self._last[pool.sku] = command
        while pool.frozen and any(level.sellable for level in pool.shelves):
            self._give(pool, pool.frozen[0])
        self._let_in(pool, command)
        # Who has goods bars nobody any more.
        while self._goods_to_waiting(pool, command):
            self._let_in(pool, command)
        self._check(pool, command)

    def _let_in(self, pool: Pool, command: Entry) -> None:
        barred: set[str] = set()
        for its in list(pool.waiting):
            if all(units <= pool.sold[part] or part in barred for part, units in pool.units.items()):
                break
            drawn = pool.take(its.channel, its.reservation.quantity, barred)
            if drawn is not None:
                pool.waiting.remove(its)
                self._served[its.reservation_id, ""] += its.reservation.quantity
                self._freeze(pool, its, drawn, command.at_ms)
                self._give(pool, its)
            elif its.reservation.quantity <= pool.most(its.channel):
                barred |= set(pool.chain(its.channel))

    def _goods_to_waiting(self, pool: Pool, command: Entry) -> bool:
        had = False
        while pool.waiting and not pool.frozen:
            its = pool.waiting[0]
            if sum(level.sellable for level in pool.shelves) < its.reservation.quantity:
                break
            pool.waiting.remove(its)
            self._freeze(pool, its, {}, command.at_ms)
            self._give(pool, its)
            had = True
        return had

    def _freeze(self, pool: Pool, its: Place, drawn: dict[str, int], at_ms: int) -> None:
        its.drawn = drawn
        pool.sold.update(drawn)
        pool.frozen.append(its)
        soft_ms = pool.set["soft_ms"] if pool.set is not None else None
        its.reservation.state, its.reservation.level = RESERVED, pool.nowhere
        its.reservation.expires_at_ms = None if its.hard or soft_ms is None else at_ms + soft_ms
        pool.nowhere.reserved += its.reservation.quantity

    def _give(self, pool: Pool, its: Place) -> None:
        while True:
            wanted = its.reservation.quantity
            shelves = sorted(pool.shelves, key=lambda level: (-min(level.sellable, wanted), level.warehouse))
            if not shelves or not shelves[0].sellable:
                return
            shelf, units = shelves[0], min(wanted, shelves[0].sellable)
            at = pool.frozen.index(its)
            others = _cut(its.drawn, units)
            pool.nowhere.reserved -= units
            shelf.reserved += units
            self._served[its.reservation_id, shelf.warehouse] += units
            known = its.reservation
            known.level, known.quantity = shelf, units
            if units == wanted:
                del pool.frozen[at]
                return
            rest_id = f"{its.reservation_id}/goods"
            rest = Reservation(known.order, pool.nowhere, wanted - units, RESERVED, known.place, known.expires_at_ms)
            self._reservations[hash(rest_id)] = rest
            (its,) = self._rest(its, rest_id, rest, others)
            pool.frozen[at] = its

    def _check(self, pool: Pool, command: Entry) -> None:
        cap = pool.set["cap"] if pool.set is not None else 0
        frozen = sum(each.reservation.quantity for each in pool.frozen)
        sold = sum(pool.sold.values())
        over = [f"{part} {pool.sold[part]} of {units}" for part, units in pool.units.items() if pool.sold[part] > units]
        # Another sale's goods may be on their way still: what is frozen is bound by what is sold of one sale alone.
        is_sound = frozen >= 0 and 0 <= sold <= cap and not over and frozen == pool.nowhere.reserved
        if pool.is_sound and not is_sound:
            text = f"{frozen} frozen, {sold} sold, the cap is {cap} {'; '.join(over)}".rstrip()
            self._say("pool_oversold", command, f"{pool.sku} after {command.name}: {text}")
        pool.is_sound = is_sound

    def finish(self, published: Mapping[str, Entry]) -> None:
        """Nothing is under way: what must have come further was told, and the figures are published."""
        for (reservation_id, warehouse), units in self._served.items():
            its = self.places.get(hash(reservation_id))
            command = self._last.get(its.reservation.level.sku) if its is not None else None
            if units and command is not None:
                where = warehouse or "the pool"
                text = f"{reservation_id} at {where}: {abs(units)} pieces {'were not told of' if units > 0 else 'too many were told of'}"
                self._say("pool_served_differs", command, text)
        for sku, pool in self._by_sku.items():
            said = published.get(sku)
            if pool.set is None or said is None or sku not in self._last:
                continue
            told = said.record.get("pool") or {}
            mine = pool.set["cap"], sum(pool.sold.values()), pool.nowhere.reserved, len(pool.waiting)
            theirs = tuple(told.get(name) for name in ("cap", "sold", "frozen", "waiting"))
            if theirs != mine:
                text = f"the pool of {sku} is said to be {theirs}, the commands lead to {mine} (cap, sold, frozen, waiting)"
                self._say("availability_differs", self._last[sku], text)


def _is_of(pool: Pool, record: Mapping[str, Any]) -> bool:
    its = pool.set
    if its is None or its["closed"]:
        return False
    in_time = its["from_ms"] <= record["placed_at_ms"] < its["until_ms"]
    return bool(in_time and 0 < record["quantity"] <= pool.most(record["channel"]))


def _cut(drawn: dict[str, int], units: int) -> dict[str, int]:
    """Leaves so many of the pieces, those drawn last; returns the others."""
    others: dict[str, int] = {}
    for part in list(reversed(drawn)):
        here = min(units, drawn[part])
        units -= here
        if drawn[part] > here:
            others = {part: drawn[part] - here, **others}
        if here:
            drawn[part] = here
        else:
            del drawn[part]
    return others
