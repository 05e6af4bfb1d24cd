"""Intake in the shadow: each channel event's one outcome, compared with the one that is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from confluent_kafka import Message

from schemas.codec import CODEC, CodecError
from schemas.topics import CHANNELS, channel_topic
from streams.agents.intake import TOPICS
from streams.agents.wire import RecordCodec
from streams.aside.places import Place
from streams.domain.channels.payload import shown
from streams.domain.channels.settings import ChannelSettings
from streams.domain.intake.dedup import Decision, dedup
from streams.domain.intake.reading import NotAChannelEvent, read_event
from streams.engine.store import Store
from streams.replay.shadow.reading import Recordings, place_of
from streams.replay.shadow.report import Report
from streams.replay.shadow.tables import ShadowTable
from streams.replay.shadow.views import Views

STAGE = "intake"
CHANNEL_TOPICS = tuple(map(channel_topic, CHANNELS))
OUTCOMES = tuple(TOPICS.values())
TOPICS_READ = (*CHANNEL_TOPICS, *OUTCOMES)
_RECORDED = ("recorded outcomes", 0)


class Known:
    """What intake knew. SKUs: all that ever had stock, without those that a review says were unknown at that moment."""

    def __init__(self, views: Views, settings: ChannelSettings) -> None:
        self._ever = views.stocked
        self.bundles = views.bundles
        self.settings = settings
        self.unseen: frozenset[str] = frozenset()

    def __contains__(self, sku: object) -> bool:
        return sku in self._ever and shown(str(sku)) not in self.unseen


class Outcome(NamedTuple):
    """A recorded one."""

    place: Place
    value: bytes


def rebuild(
    store: Store, logs: Recordings, quarantined: set[Place], views: Views, settings: ChannelSettings, report: Report
) -> None:
    """Every event of the channel topics."""
    _load(store, logs, report)
    known, seen = Known(views, settings), ShadowTable(store, "seen", RecordCodec("Seen"))
    unseen_at: dict[Place, frozenset[str]] = {}
    for messages in logs.inputs(CHANNEL_TOPICS):
        recorded = _recorded(store, messages)
        for message in messages:
            place = place_of(message)
            outcome = recorded.get(place)
            seen.partition = logs.cut.shard(place.partition)
            key, decision = b"", None
            if not logs.misplaced(message):
                key, decision = _decide(message, outcome, seen, known, unseen_at)
            _compare(place, message, outcome, decision, logs, quarantined, report)
            if decision is not None and decision.seen is not None:
                seen.put_many({key: decision.seen})
        store.write({_RECORDED: {_packed(place): None for place in recorded}}, {})
    report.notes["events judged before intake had seen stock of a SKU that is known by now"] += len(unseen_at)
    for raw, value in store.scan(_RECORDED):
        cause, outcome = _unpacked(raw), _outcome(value)
        if logs.cut.is_due(*cause):
            report.differs(STAGE, outcome.place, "", f"is said to come of {cause}, and no such event is there")


def _load(store: Store, logs: Recordings, report: Report) -> None:
    """Recorded outcomes by the place of their event."""
    for messages in logs.batches(OUTCOMES):
        changes: dict[bytes, bytes | None] = {}
        sources: list[tuple[bytes, Message]] = []
        for message in messages:
            try:
                _, record = CODEC.decode(message.value() or b"")
                source = _packed(Place(*(record["source"][f] for f in ("topic", "partition", "offset"))))
            except (CodecError, KeyError) as exc:
                report.differs(STAGE, place_of(message), _text(message.key()), f"is no outcome of an event: {exc}")
                continue
            sources.append((source, message))
        there = store.get_many(_RECORDED, [source for source, _ in sources])
        for (source, message), before in zip(sources, there, strict=True):
            if before is not None or source in changes:
                first = _outcome(before or changes[source] or b"").place
                report.differs(
                    STAGE,
                    place_of(message),
                    _text(message.key()),
                    f"{_unpacked(source)} has an outcome at {first} already",
                )
                continue
            place = place_of(message)
            changes[source] = _packed(place) + b"\n" + (message.value() or b"")
        store.write({_RECORDED: changes}, {})


def _recorded(store: Store, messages: Sequence[Message]) -> dict[Place, Outcome]:
    places = [place_of(m) for m in messages]
    found = store.get_many(_RECORDED, [_packed(place) for place in places])
    return {place: _outcome(raw) for place, raw in zip(places, found, strict=True) if raw is not None}


def _decide(
    message: Message, outcome: Outcome | None, seen: ShadowTable, known: Known, unseen_at: dict[Place, frozenset[str]]
) -> tuple[bytes, Decision | None]:
    """The recorded outcome, if what was known then can lead to it; else what follows from all that is known. None: indigestible.

    Before it stands the key of its entry in ``seen``.
    """
    place, first, key = place_of(message), None, b""
    # Which shops could be read from their platforms then, only the record says.
    name, record = CODEC.decode(outcome.value) if outcome is not None else ("", {})
    reads_again = name == "Duplicate" and record["read_again"]
    for unseen, bundles in product(_views(outcome, unseen_at), known.bundles(int(message.timestamp()[1]))):
        known.unseen = unseen
        try:
            reading = read_event(
                message.value(), message.key(), _source(place), known, settings=known.settings, bundles=bundles
            )
        except (NotAChannelEvent, CodecError):
            return b"", None
        key = reading.key.encode()
        decision = dedup(reading, seen.get_many([key]).get(key), reads_again)
        first = first or decision
        if outcome is not None and CODEC.encode(decision.name, decision.record) == outcome.value:
            if unseen:
                unseen_at[place] = unseen
            return key, decision
    return key, first


def _views(outcome: Outcome | None, unseen_at: Mapping[Place, frozenset[str]]) -> Iterator[frozenset[str]]:
    """What intake may not have seen at that moment, the likely first."""
    name, record = CODEC.decode(outcome.value) if outcome is not None else ("", {})
    if name == "Review":
        yield frozenset(reason["value"] for reason in record["reasons"] if reason["code"] == "unknown_sku")
    if name == "Duplicate":
        # A review that was repeated: its SKUs may still have been unknown.
        first = record["first_source"]
        before = unseen_at.get(Place(first["topic"], first["partition"], first["offset"]))
        if before:
            yield before
    yield frozenset()


def _compare(
    place: Place,
    message: Message,
    outcome: Outcome | None,
    decision: Decision | None,
    logs: Recordings,
    quarantined: set[Place],
    report: Report,
) -> None:
    key, due = _text(message.key()), logs.cut.is_due(*place)
    if decision is None:
        if outcome is not None:
            report.differs(STAGE, outcome.place, key, f"comes of {place}, which cannot be read")
        elif due and place not in quarantined:
            report.differs(STAGE, place, key, "cannot be read, and is not in quarantine")
        else:
            report.agreed[STAGE] += 1
    elif outcome is None:
        if due:
            where = "is in quarantine" if place in quarantined else "has no outcome"
            report.differs(STAGE, place, key, f"{where}; recomputed: {decision.name} on {TOPICS[decision.name]}")
    elif CODEC.encode(decision.name, decision.record) != outcome.value or TOPICS[decision.name] != outcome.place.topic:
        name, record = CODEC.decode(outcome.value)
        text = f"comes of {place}; recomputed: {_difference(name, record, decision)}"
        report.differs(STAGE, outcome.place, key, text)
    else:
        report.agreed[STAGE] += 1


def _difference(name: str, record: Mapping[str, Any], decision: Decision) -> str:
    if name != decision.name:
        return f"{decision.name}, recorded: {name}"
    fields = [field for field, value in decision.record.items() if record.get(field) != value]
    return f"{name} with other {', '.join(fields) or 'bytes'}"


def _source(place: Place) -> Any:
    return {"topic": place.topic, "partition": place.partition, "offset": place.offset}


def _text(key: Any) -> str:
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else str(key or "")


def _packed(place: Place) -> bytes:
    return f"{place.topic}/{place.partition}@{place.offset}".encode()


def _unpacked(raw: bytes) -> Place:
    topic, _, rest = raw.decode().rpartition("/")
    partition, _, offset = rest.partition("@")
    return Place(topic, int(partition), int(offset))


def _outcome(raw: bytes) -> Outcome:
    place, _, value = raw.partition(b"\n")
    return Outcome(_unpacked(place), value)
