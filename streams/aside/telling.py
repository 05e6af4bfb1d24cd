"""What a person tells the hub in a warehouse's or an operator's place: a decision, a parcel, a receipt, a command about stock.

1. Take the transactional id of the key's lane (``fenced``), and look whether the topic has something of that id already: the same is not
   sent again, something else under its id is refused.
2. Send records and audit entries in one transaction: neither is there without the other.
3. Wait until the workers have decided them, and read what they answered.

The answer is the stage's own: of an order the statuses that bear the id as their cause, of stock the StockCommandAnswered. What the stage
says nothing about, though it has decided it, took effect without a word (a part of an order has left). Of a receiver two stages decide:
intake, which may find that it comes too late, and then allocation, which never says nothing.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, NamedTuple, cast
from zlib import crc32

from schemas.codec import CODEC, CodecError
from schemas.records import AuditEntry
from schemas.topics import QUARANTINE, TOPICS
from streams.aside.fenced import Closing, Message, Overtaken, fenced
from streams.aside.places import Place
from streams.domain.allocation.decide import TOLD, cause_of
from streams.ops.cluster import Cluster
from streams.ops.groups import Groups
from streams.topology import group_id

#: What may differ in a repetition: who says it again, when, and of a receiver on which event of the order it was seen.
_BESIDES = frozenset(("by", "decided_at_ms", "shipped_at_ms", "received_at_ms", "requested_at_ms", "of", "event"))
#: What is of one key goes by one of so many transactional ids: scripts that tell of different orders don't get in each other's way.
_LANES = 16
#: Other operators' commands that may come in between before this one gives up.
_TRIES = 10
#: What one transaction has written is seen partition by partition: an answer is there within this time of the position.
_SEEN_S = 2.0
_LOOK_S = 0.1

#: What people say of receivers, and where intake records what has no effect.
CORRECTED, DUPLICATES = "ReceiverCorrected", "orders.duplicates"
#: An order's key, and the id.
Name = tuple[str, str]


class Telling(NamedTuple):
    """One record, with the entry that says who sends it and why."""

    topic: str
    record_name: str
    record: Mapping[str, Any]
    entry: AuditEntry

    @property
    def key(self) -> str:
        """Whose it is: an order's or a SKU's."""
        return str(self.record[TOPICS[self.topic].key])

    @property
    def id(self) -> str:
        """Its own id, of which there is one a key."""
        return id_of(self.record_name, self.record)


class Sent(NamedTuple):
    """What became of a telling in step 2. ``conflict``: its id stands for something else already, and it was not sent."""

    telling: Telling
    repeated: bool = False
    conflict: str = ""


class Answer(NamedTuple):
    """What the workers made of it. ``troubled``: it took effect, and contradicts what was known; ``undecided``: not in time."""

    word: Literal["applied", "troubled", "refused", "undecided"]
    why: str = ""


def id_of(record_name: str, record: Mapping[str, Any]) -> str:
    """The id that a record of this kind bears."""
    return str(record[_field(record_name)])


def new_id() -> str:
    """For what its teller gave none."""
    return f"cli/{uuid.uuid4()}"


def tell(cluster: Cluster, tellings: Sequence[Telling]) -> list[Sent]:
    """Steps 1 and 2; in the order given.

    Raises:
        ClusterError: the broker is away, or other commands take over again and again.
    """
    lanes: dict[str, list[Telling]] = {}
    for each in tellings:
        lanes.setdefault(f"-{crc32(each.key.encode()) % _LANES}", []).append(each)
    # Side by side: most of a transaction is waiting for the broker.
    with ThreadPoolExecutor(_LANES) as tellers:
        each_lane = tellers.map(lambda lane: iter(_tell(cluster, lane, lanes[lane])), lanes)
        done = dict(zip(lanes, each_lane, strict=True))
    return [next(done[f"-{crc32(each.key.encode()) % _LANES}"]) for each in tellings]


def _tell(cluster: Cluster, lane: str, tellings: Sequence[Telling]) -> list[Sent]:
    for tries in range(1, _TRIES + 1):
        try:
            with fenced(cluster, lane) as operator:
                sent = _judged(tellings, known(cluster, tellings))
                closings = [_closing(each.telling) for each in sent if not each.repeated and not each.conflict]
                for _ in operator.close(closings):
                    pass
                return sent
        except Overtaken:
            if tries == _TRIES:
                raise
            # What was committed before that is found to be there.
            time.sleep(random.uniform(0, 0.2 * tries))
    raise AssertionError("unreachable")


def known(cluster: Cluster, tellings: Sequence[Telling]) -> dict[tuple[str, *Name], tuple[Place, Mapping[str, Any]]]:
    """(topic, key, id) -> where the first of that id stands, and what it is, of those that are there already."""
    found: dict[tuple[str, *Name], tuple[Place, Mapping[str, Any]]] = {}
    wanted = {(each.topic, each.key, each.id) for each in tellings}
    for topic in sorted({each.topic for each in tellings}):
        for message in cluster.read(topic, keys={each.key for each in tellings if each.topic == topic}):
            try:
                name, record = CODEC.decode(message.value() or b"")
            except CodecError:
                # In quarantine by now, and nobody's repetition.
                continue
            if (field := _field(name)) not in record:
                continue
            which = topic, str(record[TOPICS[topic].key]), str(record[field])
            if which in wanted:
                place = Place(topic, cast(int, message.partition()), cast(int, message.offset()))
                found.setdefault(which, (place, {"": name, **record}))
    return found


def answers(cluster: Cluster, tellings: Sequence[Telling], within_s: float) -> dict[Name, Answer]:
    """Step 3, of what was sent or is there: (key, id) -> its answer."""
    deadline = time.monotonic() + within_s
    places = {(key, its): place for (_, key, its), (place, _) in known(cluster, tellings).items()}
    decided = _decided(cluster, places, deadline)
    found: dict[Name, Answer] = {}
    seen_by = time.monotonic() + _SEEN_S
    of_receivers = {(each.key, each.id) for each in tellings if each.record_name == CORRECTED}
    while len(found) < len(decided):
        found = {name: answer for name, answer in _said(cluster, tellings, places).items() if name in decided}
        awaited = any(name in of_receivers and name not in found for name in decided)
        if time.monotonic() > (deadline if awaited else seen_by):
            break
        if len(found) < len(decided):
            time.sleep(_LOOK_S)
    silent = {name: places[name] for name in decided if name not in found}
    found |= _without_a_word(cluster, silent)
    late = {name for name in silent if name in of_receivers and found[name].word == "applied"}
    return found | {name: Answer("undecided") for name in places if name not in found or name in late}


def _field(record_name: str) -> str:
    """The field that holds its id: a command's, of all that is not about an order."""
    return TOLD.get(record_name, "command_id")


def _judged(
    tellings: Iterable[Telling], there: Mapping[tuple[str, *Name], tuple[Place, Mapping[str, Any]]]
) -> list[Sent]:
    first = {which: _essence(record) for which, (_, record) in there.items()}
    sent = []
    for each in tellings:
        which = each.topic, each.key, each.id
        essence = _essence({"": each.record_name, **each.record})
        if which not in first:
            first[which] = essence
            sent.append(Sent(each))
        elif first[which] == essence:
            sent.append(Sent(each, repeated=True))
        else:
            differs = sorted(field for field in essence if essence[field] != first[which].get(field))
            sent.append(Sent(each, conflict=f"{each.id} is there already, with another {differs[0] or 'meaning'}"))
    return sent


def _essence(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as CODEC would give it back, without what may differ."""
    return {field: value for field, value in record.items() if field not in _BESIDES}


def _closing(telling: Telling) -> Closing:
    message = Message(telling.topic, telling.key.encode(), CODEC.encode(telling.record_name, telling.record))
    return Closing(None, telling.entry, message)


def _decided(cluster: Cluster, places: Mapping[Name, Place], deadline: float) -> set[Name]:
    """Those that the workers' group has gone past before the deadline."""
    groups, group = Groups(cluster.settings), group_id(cluster.settings.app_id, "decisions")
    wanted = {(place.topic, place.partition) for place in places.values()}
    try:
        while True:
            committed = groups.committed(group, wanted) if wanted else {}
            done = {name for name, place in places.items() if committed.get(place[:2], 0) > place.offset}
            if len(done) == len(places) or time.monotonic() > deadline:
                return done
            time.sleep(_LOOK_S)
    finally:
        groups.close()


def _said(cluster: Cluster, tellings: Sequence[Telling], places: Mapping[Name, Place]) -> dict[Name, Answer]:
    """What the stages have said of them so far."""
    found = _too_late(cluster, tellings, places)
    of_stock = [each for each in tellings if each.topic == "inventory.commands"]
    of_orders = [each for each in tellings if each.topic != "inventory.commands"]
    for topic, asked in (("inventory.results", of_stock), ("order.status", of_orders)):
        wanted = {(each.key, each.id) for each in asked}
        causes = {(each.key, cause_of(each.record_name, each.record)): (each.key, each.id) for each in asked}
        for message in cluster.read(topic, keys={each.key for each in asked}) if asked else ():
            try:
                name, record = CODEC.decode(message.value() or b"")
            except CodecError:
                continue
            if name == "StockCommandAnswered" and (which := (record["sku"], record["command_id"])) in wanted:
                # The first answer is the command's own; what follows answers repetitions.
                found.setdefault(which, Answer(*_of_stock(record)))
            elif name == "OrderStatusChanged" and (its := causes.get((record["order_id"], record["cause"]))):
                found[its] = _and(found.get(its), record)
    return found


def _too_late(cluster: Cluster, tellings: Sequence[Telling], places: Mapping[Name, Place]) -> dict[Name, Answer]:
    """Of receivers what intake has found to have no effect."""
    asked = {
        places[name]: name
        for each in tellings
        if each.record_name == CORRECTED
        if (name := (each.key, each.id)) in places
    }
    found: dict[Name, Answer] = {}
    for message in cluster.read(DUPLICATES, keys={key for key, _ in asked.values()}) if asked else ():
        try:
            _, record = CODEC.decode(message.value() or b"")
        except CodecError:
            continue
        source = record["source"]
        its = asked.get(Place(source["topic"], source["partition"], source["offset"]))
        if its is not None and record["kind"] == "STALE":
            found[its] = Answer(
                "refused", "its platform has shown it anew meanwhile, or somebody else corrected it: look again"
            )
    return found


def _of_stock(record: Mapping[str, Any]) -> tuple[Literal["applied", "refused"], str]:
    return ("refused", record["reason"]) if record["answer"] == "REFUSED" else ("applied", "")


def _and(before: Answer | None, status: Mapping[str, Any]) -> Answer:
    """What one more status of the same cause says."""
    if status["refused"]:
        return Answer("refused", status["reason"])
    says = f"{status['status']}: {status['reason']}" if status["reason"] else status["status"]
    troubled = bool(status["trouble"]) or (before is not None and before.word == "troubled")
    return Answer("troubled" if troubled else "applied", "; ".join(filter(None, (before.why if before else "", says))))


def _without_a_word(cluster: Cluster, places: Mapping[Name, Place]) -> dict[Name, Answer]:
    """Decided, and nothing was said of it: it took effect, unless it stands in quarantine."""
    found = dict.fromkeys(places, Answer("applied"))
    if not places:
        return found
    by_place = {place: name for name, place in places.items()}
    for message in cluster.read(QUARANTINE):
        said = {name: (value or b"").decode("utf-8", "replace") for name, value in cast(Any, message.headers() or ())}
        at = Place(said.get("topic", ""), int(said.get("partition") or -1), int(said.get("offset") or -1))
        if at in by_place:
            found[by_place[at]] = Answer("refused", f"in quarantine: {said.get('error', '')}")
    return found
