"""The whole path judged: by the independent verifier, by the pure domain over the same logs, and by an undisturbed run.

What is compared with the undisturbed run, and what is not:
- every outcome of intake, byte for byte (it holds nothing of time: the connector's stamp is part of the input);
- of every order, in ``plenty``: its last phase, and of the allocation that stands the attempt and each part (line, SKU, warehouse,
  quantity, reservation);
- not ``decided_at_ms`` and ``at_ms`` (the log's clock), nor the trace (it quotes balances of that moment), nor ``order_version``: an
  update that asks for the same goods does not begin a new attempt, so the allocation names it only if it came before the answers. Nor
  how many allocations an order had on its way: a cancellation that overtakes the answers leaves no allocation to release. Nor whether an
  order that its platform shows as sent was sent by others or waits for its warehouse's word: it goes by which of the two was first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from schemas.codec import CODEC
from schemas.topics import CHANNELS, QUARANTINE, channel_topic
from streams.verify import verify
from tests.chaos.checks.finding import Logged, Place, Violation, read, shown
from tests.chaos.checks.folds import Intake, digestible, intake, inventory_of
from tests.chaos.checks.state import State, check_state, compare

OUTCOMES = ("orders", "aftersales", "orders.review", "orders.duplicates")
_CHANNEL_TOPICS = tuple(map(channel_topic, CHANNELS))
#: Topics that outsiders write to as well: their indigestible records belong into quarantine.
_FED = ("shipments", "orders.decisions")


class Final(NamedTuple):
    """What has become of an order."""

    phase: str
    attempt: int
    parts: tuple[tuple[Any, ...], ...]
    #: The last record that says so. Not compared.
    place: Place = ("order.status", -1, -1)

    def same(self, other: Final | None) -> bool:
        return other is not None and (self[:-1] == other[:-1] or {self._kind, other._kind} == _SHOWN_AS_SENT)

    @property
    def _kind(self) -> str:
        return f"{self.phase}, withdrawn" if not self.attempt else self.phase


#: The platform shows an order as sent: before a warehouse was asked others sent it, and afterwards its word is waited for.
_SHOWN_AS_SENT = {"SHIPPED, withdrawn", "ALLOCATED"}


class Calm(NamedTuple):
    """The undisturbed run's decisions."""

    outcomes: dict[tuple[str, str], list[bytes]]
    finals: dict[str, Final]


def decisions(brokers: str, folders: Sequence[Path] = ()) -> Calm:
    """What the run at ``brokers`` has decided."""
    outcomes: dict[tuple[str, str], list[bytes]] = {}
    for record in read(brokers, OUTCOMES):
        outcomes.setdefault((record.topic, shown(record.key)), []).append(record.value or b"")
    return Calm(outcomes, _finals(read(brokers, ("allocations", "order.status"))))


def judge(
    brokers: str,
    folders: Iterable[Path],
    group: str,
    partitions: int,
    changelogs: Mapping[str, str],
    calm: Calm | None,
    plenty: bool,
) -> list[Violation]:
    """All checks of a run at rest whose workers have stopped."""
    # 1. The promise, by the independent verifier: lost, doubled, oversold, conservation
    report = verify(brokers, group=group, settled=True)
    found = [Violation(f"verify:{v.kind}", v.topic, v.partition, v.offset, v.key, v.text) for v in report.violations]
    # 2. Local state against the changelog
    state, wrong = check_state(brokers, folders, changelogs, partitions)
    found += wrong
    # 3. Outcomes and state against the pure domain over the input topics
    known_skus = {shown(r.key) for r in read(brokers, ("inventory.availability",))}
    taken = intake(read(brokers, _CHANNEL_TOPICS), known_skus)
    made = read(brokers, OUTCOMES)
    found += _compare_outcomes(made, taken)
    found += compare("seen_not_from_input", _whole(state, "seen"), taken.seen, "channel.*.events", _source)
    found += _check_inventory(brokers, state, taken.indigestible)
    finals = _finals(read(brokers, ("allocations", "order.status")))
    found += _compare_order_state(_whole(state, "order_state"), finals)
    # 4. The undisturbed run
    if calm is not None:
        found += _compare_calm(made, calm)
        found += _compare_finals(finals, calm.finals) if plenty else []
    return found


def _whole(state: State, table: str) -> dict[bytes, Any]:
    """A table's records, of all partitions."""
    tables = (items for (name, _), items in state.items() if name == table)
    return {key: CODEC.decode(value)[1] for items in tables for key, value in items.items()}


def _compare_outcomes(made: Iterable[Logged], taken: Intake) -> list[Violation]:
    """Per order, each outcome once and in the order of its events."""
    found = []
    met: dict[tuple[str, str], list[Logged]] = {}
    for record in made:
        met.setdefault((record.topic, shown(record.key)), []).append(record)
    for where in met.keys() | taken.outcomes.keys():
        have, want = met.get(where, []), taken.outcomes.get(where, [])
        for record, (value, place) in zip(have, want, strict=False):
            if record.value != value:
                text = f"is not what {_named(place)} leads to"
                found.append(Violation("outcome_differs", *_place(record), where[1], text))
                break
        else:
            if len(have) > len(want):
                text = f"{len(have)} outcomes, {len(want)} events lead here"
                found.append(Violation("outcome_doubled", *_place(have[len(want)]), where[1], text))
            elif len(want) > len(have):
                text = f"nothing stands on {where[0]} for it"
                found.append(Violation("outcome_lost", *want[len(have)][1], where[1], text))
    return found


def _source(seen: Mapping[str, Any]) -> Place:
    source = seen["source"]
    return source["topic"], source["partition"], source["offset"]


def _check_inventory(brokers: str, state: State, indigestible: set[Place]) -> list[Violation]:
    folded = inventory_of(read(brokers, ("inventory.commands",)))
    found = []
    for table in ("stock", "reservations", "applied"):
        want: dict[bytes, Any] = getattr(folded, table)
        found += compare(f"{table}_not_from_commands", _whole(state, table), want, "inventory.commands")
    answered = Counter()
    last: dict[bytes, Logged] = {}
    for record in read(brokers, ("inventory.results",)):
        answered[record.value or b""] += 1
        last[record.value or b""] = record
    for value, times in (answered - folded.results).items():
        text = f"{times} more than the commands lead to: {CODEC.decode(value)[0]}"
        found.append(Violation("answer_doubled", *_place(last[value]), shown(last[value].key), text))
    for value, times in (folded.results - answered).items():
        name, record = CODEC.decode(value)
        text = f"{times} fewer than the commands lead to: {name}"
        found.append(Violation("answer_lost", "inventory.commands", -1, -1, str(record.get("command_id", "")), text))
    fed = {(r.topic, r.partition, r.offset) for r in read(brokers, _FED) if digestible(r) is None}
    return found + _check_quarantine(brokers, indigestible | folded.indigestible | fed)


def _check_quarantine(brokers: str, indigestible: set[Place]) -> list[Violation]:
    """Every indigestible record once, nothing else."""
    found = []
    met: Counter[Place] = Counter()
    for record in read(brokers, (QUARANTINE,)):
        headers = {name: value.decode() for name, value in record.headers}
        place = headers["topic"], int(headers["partition"]), int(headers["offset"])
        met[place] += 1
        if place not in indigestible or met[place] > 1:
            text = f"{_named(place)} was put aside {'again' if place in indigestible else 'though it is sound'}"
            found.append(Violation("quarantine", *_place(record), shown(record.key), f"{text}: {headers.get('error')}"))
    for place in indigestible - met.keys():
        found.append(Violation("quarantine", *place, "", "an indigestible record is not in quarantine"))
    return found


def _finals(records: Iterable[Logged]) -> dict[str, Final]:
    finals: dict[str, Final] = {}
    for record in records:
        name, said = CODEC.decode(record.value or b"")
        order_id = said["order_id"]
        before = finals.get(order_id, Final("", 0, ()))
        match name:
            case "OrderStatusChanged":
                after = before._replace(phase=said["status"])
            case "OrderAllocated":
                after = before._replace(
                    attempt=said["attempt"],
                    parts=tuple(sorted(map(_part, said["parts"]))),
                )
            case _:
                after = before._replace(attempt=0, parts=())
        finals[order_id] = after._replace(place=_place(record))
    return finals


#: Not its reservation: a change that meets the first answers has the goods asked for anew, one that comes after them only announces anew.
_PART = ("line_no", "sku", "warehouse", "quantity")


def _part(part: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(part[name] for name in _PART)


def _units(parts: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str, str]]:
    """Units by line, SKU and warehouse: a parcel of a part leaves its rest under another reservation."""
    units: Counter[tuple[str, str, str]] = Counter()
    for part in parts:
        units[part["line_no"], part["sku"], part["warehouse"]] += part["quantity"]
    return units


def _compare_order_state(states: Mapping[bytes, Any], finals: Mapping[str, Final]) -> list[Violation]:
    """The saga's state says what was announced."""
    found = []
    unmet = dict(finals)
    for key, state in states.items():
        final = unmet.pop(shown(key), None)
        if final is None:
            if state["order_version"] >= 0:
                found.append(_order_state(key, f"is {state['phase']}, and nothing was announced"))
            continue
        if state["phase"] != final.phase:
            found.append(_order_state(key, f"is {state['phase']}, announced {final.phase}", final.place))
        elif state["phase"] in ("ALLOCATED", "SHIPPED") and final.parts:
            held, left = (
                _units(p for p in state["parts"] if p["state"] == which) for which in ("GRANTED", "COMMITTED")
            )
            announced = _units(dict(zip(_PART, part, strict=True)) for part in final.parts)
            # Of what was announced some may have left since; what had left before is not announced again.
            unsaid = [
                each for each in held.keys() | announced.keys() if not 0 <= announced[each] - held[each] <= left[each]
            ]
            if unsaid:
                text = f"holds {dict(held)}, of it left {dict(left)}, announced were {dict(announced)}"
                found.append(_order_state(key, text, final.place))
    for order_id, final in unmet.items():
        found.append(_order_state(order_id, "was announced, and has no state", final.place))
    return found


def _order_state(key: bytes | str, text: str, place: Place = ("order.status", -1, -1)) -> Violation:
    return Violation("order_state_differs", *place, shown(key), text)


def _compare_calm(made: Iterable[Logged], calm: Calm) -> list[Violation]:
    """Every outcome of intake, byte for byte."""
    found = []
    left = {where: list(values) for where, values in calm.outcomes.items()}
    for record in made:
        values = left.get((record.topic, shown(record.key)), [])
        if not values or values.pop(0) != record.value:
            text = "the undisturbed run has another outcome here"
            found.append(Violation("differs_from_calm", *_place(record), shown(record.key), text))
    for (topic, key), values in left.items():
        if values:
            text = f"the undisturbed run has {len(values)} more outcomes"
            found.append(Violation("differs_from_calm", topic, -1, -1, key, text))
    return found


def _compare_finals(have: Mapping[str, Final], want: Mapping[str, Final]) -> list[Violation]:
    found = []
    for order_id in have.keys() | want.keys():
        mine, calm = have.get(order_id), want.get(order_id)
        if mine is None or not mine.same(calm):
            place = mine.place if mine is not None else ("order.status", -1, -1)
            found.append(Violation("decided_otherwise", *place, order_id, f"{mine}, undisturbed {calm}"))
    return found


def _place(record: Logged) -> Place:
    return record.topic, record.partition, record.offset


def _named(place: Place) -> str:
    return f"{place[0]}/{place[1]}@{place[2]}"
