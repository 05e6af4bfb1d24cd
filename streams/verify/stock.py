"""The stock's own book: every command replayed in the order of the log, with the answer it was given.

Answers stand in another topic, by another key: a command waits in its partition's queue until its answer is read.
Answers of one command id stay in the order they were given: a command that was sent twice takes them in turn.
"""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Container, Mapping
from typing import Any

from schemas.topics import QUARANTINE
from streams.verify.balances import COMMITTED, EXPIRED, REJECTED, RELEASED, RESERVED, Level, Reservation
from streams.verify.ending import Ending
from streams.verify.entry import Entry, pack, unpack
from streams.verify.findings import Findings
from streams.verify.orders import Orders
from streams.verify.pools import Pools
from streams.verify.units import COMMANDS, RESULTS, Units

UNANSWERED = frozenset(("AwaitStock", "ForgetStock"))

Answer = tuple[str, int, int]
"""What it says, its quantity, where it stands (packed)."""

# What a waiting command keeps of its record.
_KEPT = (
    "command_id",
    "reservation_id",
    "order_id",
    "sku",
    "warehouse",
    "quantity",
    "delta",
    "expires_at_ms",
    "rest_id",
    "to",
    "requested_at_ms",
    "pool",
    "channel",
    "hard",
    "placed_at_ms",
)


class StockBook:
    """Fed with `inventory.commands`, `inventory.results`, `inventory.availability`; judged at the end."""

    def __init__(
        self, findings: Findings, decided: Mapping[tuple[str, int], int], orders: Orders, units: Units
    ) -> None:
        self._findings = findings
        self._cuts = findings.cuts
        self._account = units
        #: Partitions of commands whose balances can't be known: their log is cut, or an answer to one of them is gone.
        self._unsure = {partition for topic, partition in self._cuts.begins if topic == COMMANDS}
        self._decided = decided
        self._orders = orders
        self._queues: dict[int, deque[Entry]] = {}
        # By hash of the command id, not yet taken by their command; a tuple, because nearly every id has one answer.
        self._answers: dict[int, tuple[Answer, ...]] = {}
        self._applied: set[int] = set()
        self._published: dict[str, Entry] = {}
        self.levels: dict[tuple[str, str], Level] = {}
        self.reservations: dict[int, Reservation] = {}
        self.counts: Counter[str] = Counter()
        self.pools = Pools(self.reservations, self._add)

    def on_command(self, entry: Entry) -> None:
        self.counts["commands"] += 1
        if entry.name in UNANSWERED:
            return
        fields = {name: entry.record[name] for name in _KEPT if name in entry.record}
        queue = self._queues.setdefault(entry.partition, deque())
        queue.append(entry._replace(record=fields))
        self._replay(queue)

    def on_answer(self, entry: Entry) -> None:
        record = entry.record
        if entry.name == "PoolServed":
            self.pools.told(record)
        if "command_id" not in record:
            return
        self.counts["answers"] += 1
        answer = str(record.get("answer", entry.name))
        key = hash(record["command_id"])
        given = sys.intern(answer), record.get("quantity", 0), pack(entry.partition, entry.offset)
        self._answers[key] = (*self._answers.get(key, ()), given)

    def on_availability(self, entry: Entry) -> None:
        self._published[entry.record["sku"]] = entry

    def replay(self) -> None:
        """Replays what has its answer by now. Called now and then, so that few have to wait."""
        for queue in self._queues.values():
            self._replay(queue)

    def in_flight(self) -> int:
        """Commands that wait for their answer, or behind one that does; not for one that is gone."""
        waiting = 0
        for queue in self._queues.values():
            if queue and not (self._cuts and self._answer_may_be_gone(queue[0])):
                waiting += len(queue)
        return waiting

    def skip(self, quarantined: Container[tuple[str, int, int]]) -> None:
        """Replays past commands that are in quarantine: they have no answer and no effect."""
        self.replay()
        for queue in self._queues.values():
            while queue and (COMMANDS, queue[0].partition, queue[0].offset) in quarantined:
                queue.popleft()
                self._replay(queue)

    def finish(self, at_rest: bool, quarantined: Container[tuple[str, int, int]] = ()) -> None:
        """Judges what is left. ``at_rest``: nothing is under way any more, so every balance must come out even."""
        self.skip(quarantined)
        for partition, queue in sorted(self._queues.items()):
            decided = self._decided.get((COMMANDS, partition), 0)
            while queue and (at_rest or queue[0].offset < decided):
                command = queue.popleft()
                self._unanswered(command)
                self.skip(quarantined)
        self.counts["in flight"] = sum(map(len, self._queues.values()))
        if not self.counts["in flight"]:
            for left in self._answers.values():
                for answer, _, place in left:
                    if self._cuts.is_cut(COMMANDS):
                        self._findings.leave("answer_without_command")
                        continue
                    text = f"{answer} answers a command that is not in the log, or was answered before"
                    self._findings.add("answer_without_command", RESULTS, *unpack(place), None, text)
        ending = Ending(self._findings, self._orders, self.reservations, self._unsure, self.pools.places)
        ending.check_followed(at_rest)
        for reservation in self.reservations.values():
            self.counts[reservation.state] += 1
        if at_rest:
            ending.check_allocations()
            ending.check_reservations()
            ending.check_published(self._published, self.levels.values())
            self.pools.finish(self._published)

    def _unanswered(self, command: Entry) -> None:
        if self._answer_may_be_gone(command):
            self._unsure.add(command.partition)
            self._findings.leave("command_unanswered")
        else:
            text = f"{command.name} {command.record['command_id']} has no answer"
            self._findings.add("command_unanswered", COMMANDS, command.partition, command.offset, command.key, text)

    def _answer_may_be_gone(self, command: Entry) -> bool:
        # Answers stand by another key: in any partition. One that is in quarantine has none.
        cuts = self._cuts
        return cuts.may_hold(RESULTS, command.at_ms) or cuts.may_hold(QUARANTINE, command.at_ms)

    def _replay(self, queue: deque[Entry]) -> None:
        answers = self._answers
        while queue:
            key = hash(queue[0].record["command_id"])
            known = answers.get(key)
            if not known:
                return
            answer, *later = known
            if later:
                answers[key] = tuple(later)
            else:
                del answers[key]
            self._apply(queue.popleft(), answer[0], answer[1])

    def _apply(self, command: Entry, answer: str, quantity: int) -> None:
        record = command.record
        its = self.pools.places.get(hash(record["reservation_id"])) if "reservation_id" in record else None
        # What was frozen may have its goods by now: its owner knows where, who asked may not yet.
        level = its.reservation.level if its is not None else self._level(record["sku"], record["warehouse"])
        match command.name:
            case "Reserve":
                self._reserve(command, level, answer, quantity)
            case "Release" | "Commit" | "Expire":
                self._resolve(command, level, answer, quantity)
            case "Freeze":
                order = self._orders.of(record["order_id"])
                self.pools.freeze(command, answer, order, pack(command.partition, command.offset))
            case _:
                self._count(command, level, answer)
        if level.warehouse:
            self._check_sound(command, level)
        self.pools.settle(command)

    def _level(self, sku: str, warehouse: str) -> Level:
        if not warehouse:
            return self.pools.of(sku).nowhere
        level = self.levels.get((sku, warehouse))
        if level is None:
            level = self.levels[sku, warehouse] = Level(sku, warehouse)
            self.pools.of(sku).shelves.append(level)
        return level

    def _check_sound(self, command: Entry, level: Level) -> None:
        record = command.record
        sound = 0 <= level.reserved <= level.on_hand
        if level.is_sound and not sound:
            self._add(
                "oversold", command, f"it does not hold any more after {command.name} {record['command_id']}: {level}"
            )
        level.is_sound = sound

    def _reserve(self, command: Entry, level: Level, answer: str, quantity: int) -> None:
        record = command.record
        known = self.reservations.get(hash(record["reservation_id"]))
        if known is not None:
            self._check_repeated(command, known, answer)
            return
        if answer not in ("Reserved", "ReservationRejected"):
            self._add("answer_wrong", command, f"a new reservation was answered {answer}")
            return
        granted = answer == "Reserved"
        asked = record["quantity"]
        if quantity != asked:
            self._add("answer_wrong", command, f"{asked} units were asked for, {answer} speaks of {quantity}")
        if granted != (0 < asked <= level.sellable):
            self._add("answer_wrong", command, f"{answer} for {asked} units, {level.sellable} could be sold: {level}")
        state = RESERVED if granted else REJECTED
        if granted:
            level.reserved += asked
        place = pack(command.partition, command.offset)
        order = self._orders.of(record["order_id"])
        self.reservations[hash(record["reservation_id"])] = Reservation(
            order, level, asked, state, place, record["expires_at_ms"]
        )

    def _check_repeated(self, command: Entry, known: Reservation, answer: str) -> None:
        """A Reserve that was sent again changes nothing, and is told so."""
        again = {RESERVED: "Reserved", REJECTED: "ReservationRejected"}
        if answer != again.get(known.state, f"ALREADY_{known.state}"):
            self._add("answer_wrong", command, f"asked again for what is {known.state}, it was answered {answer}")

    def _resolve(self, command: Entry, level: Level, answer: str, quantity: int) -> None:
        record = command.record
        key = hash(record["reservation_id"])
        known = self.reservations.get(key)
        state = "never reserved" if known is None else known.state
        done = {"Release": RELEASED, "Commit": COMMITTED, "Expire": EXPIRED}[command.name]
        if command.name == "Release":
            self.pools.given_up(record["reservation_id"])
        if answer != done:
            if answer != self._unresolvable(command, known):
                self._add("answer_wrong", command, f"{command.name} of what is {state} was answered {answer}")
            elif known is None:
                # Remembered: a Reserve that comes after it takes nothing.
                order, place = self._orders.of(record["order_id"]), pack(command.partition, command.offset)
                self.reservations[key] = Reservation(order, level, 0, REJECTED, place)
        elif known is None or known.state != RESERVED:
            text = f"{record['reservation_id']} is {state} and was {answer} again"
            self._add("resolved_twice", command, text, certain=known is not None and known.state != REJECTED)
        elif quantity != self._units(record, known) or known.level is not level:
            self._add(
                "answer_wrong",
                command,
                f"{answer} {quantity} of {level}, where {known.quantity} of {known.level} were reserved",
            )
        else:
            if done == EXPIRED:
                self._check_time(command, known)
            self._leave_rest(record, known, known.quantity - quantity)
            known.state, known.quantity = done, quantity
            level.reserved -= quantity
            if key in self.pools.places:
                self.pools.resolved(
                    record["reservation_id"], quantity, record.get("rest_id", ""), is_sent=done == COMMITTED
                )
            if done == COMMITTED:
                level.on_hand -= quantity
                self._account.took(known.order, level.warehouse, level.sku, quantity)

    @staticmethod
    def _units(record: Mapping[str, Any], known: Reservation) -> int:
        """Units that a resolution is about: those it names, else all."""
        named = record.get("quantity")
        return known.quantity if named is None else int(named)

    def _leave_rest(self, record: Mapping[str, Any], known: Reservation, units: int) -> None:
        """The units that stay reserved, under an id of their own; what was resolved before it was made goes back to sale."""
        if not units:
            return
        key = hash(record["rest_id"])
        if key in self.reservations:
            known.level.reserved -= units
            return
        rest = Reservation(known.order, known.level, units, RESERVED, known.place, known.expires_at_ms)
        known.rest = self.reservations[key] = rest

    def _check_time(self, command: Entry, known: Reservation) -> None:
        due_ms = known.expires_at_ms
        if due_ms is None or command.at_ms < due_ms:
            known_as = command.record["reservation_id"]
            if due_ms is None:
                text = f"{known_as} does not expire, and was ended"
            else:
                text = f"{known_as} had {(due_ms - command.at_ms) / 1000:,.3f} s to go, and was ended"
            self._add("expired_early", command, text)

    @staticmethod
    def _unresolvable(command: Entry, known: Reservation | None) -> str:
        if known is None or known.state == REJECTED:
            return "NEVER_RESERVED"
        if known.state == RESERVED:
            # An expiry that was proposed too early is told that the reservation stands.
            return "Reserved" if command.name == "Expire" else ""
        return f"ALREADY_{known.state}"

    def _count(self, command: Entry, level: Level, answer: str) -> None:
        record = command.record
        command_key = hash(record["command_id"])
        if answer != "APPLIED":
            if answer == "ALREADY_APPLIED" and command_key not in self._applied:
                self._add("answer_wrong", command, f"{record['command_id']} was never applied, but ALREADY_APPLIED")
            return
        if command_key in self._applied:
            self._add(
                "applied_twice", command, f"{command.name} {record['command_id']} was applied before", certain=True
            )
        else:
            self._tell_units(command, level)
        self._applied.add(command_key)
        if command.name == "SetPool":
            self.pools.set(command)
        elif command.name == "SetSafetyStock":
            level.safety_stock = record["quantity"]
        elif command.name == "Transfer":
            level.on_hand -= record["quantity"]
            self._level(record["sku"], record["to"]).on_hand += record["quantity"]
        else:
            level.on_hand += record["delta"] if command.name == "Adjust" else record["quantity"]

    def _tell_units(self, command: Entry, level: Level) -> None:
        """What was counted for an order: units that had left without a reservation, or came back."""
        record = command.record
        if command.name == "Restock":
            self._account.restocked(command)
        elif command.name == "Adjust" and record["order_id"]:
            self._account.took(self._orders.of(record["order_id"]), level.warehouse, level.sku, -record["delta"])

    def _add(self, kind: str, entry: Entry, text: str, *, certain: bool = False) -> None:
        if not certain and entry.partition in self._unsure:
            self._findings.leave(kind)
            return
        self._findings.add(kind, entry.topic, entry.partition, entry.offset, entry.key, text)
