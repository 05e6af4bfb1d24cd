"""Items of ``penstock.quarantine`` and ``sink.refused``: messages that an agent could not digest, records that a store refused.

open        it stands where it was put
redriven    its original bytes were sent to the topic they came from, or applied to the sink again
discarded   a person decided against it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast, get_args

from confluent_kafka import Message as KafkaMessage

from schemas.records import AuditEntry
from schemas.topics import QUARANTINE, SINK_REFUSED
from streams.aside.fenced import Closing, Message
from streams.aside.paging import Page, page
from streams.aside.places import Place
from streams.aside.trail import DROPPED, REDRIVEN, STATES, trail
from streams.aside.whole import whole
from streams.engine.aside import FOR_GROUP
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.ops.sinks import Record

#: The first is meant when a name says no topic.
TOPICS = (QUARANTINE, SINK_REFUSED)

State = Literal["open", "redriven", "discarded"]
STATE_NAMES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Item:
    """One message set aside."""

    place: Place
    #: When it was set aside.
    at_ms: int
    key: bytes | None
    #: None until it is asked for (``with_messages``), too.
    value: bytes | None
    #: As written beside it: topic, partition, offset, timestamp, error, at, the group or the sink that refused it; of a reference,
    #: bytes and sha256.
    headers: Mapping[str, str] = field(default_factory=dict)
    state: State = "open"
    #: What was done to it, oldest first.
    trail: Sequence[AuditEntry] = ()

    @property
    def origin(self) -> Place | None:
        """Where it came from; None when its headers don't say."""
        topic, partition, offset = (self.headers.get(name, "") for name in ("topic", "partition", "offset"))
        if not (topic and partition.isdigit() and offset.isdigit()):
            return None
        return Place(topic, int(partition), int(offset))

    @property
    def error(self) -> str:
        return self.headers.get("error", "")

    @property
    def kind(self) -> str:
        """What the error is called."""
        return self.error.partition(":")[0] or "unknown"

    @property
    def sink(self) -> str:
        """Which sink refused it; empty for the engine's."""
        return self.headers.get("sink", "") if self.place.topic == SINK_REFUSED else ""

    @property
    def record(self) -> Record:
        """As it stood in its topic. Raises ValueError when its headers don't say where."""
        if self.origin is None:
            raise ValueError(f"{self.place} does not say where it came from")
        timestamp = self.headers.get("timestamp", "")
        return Record(*self.origin, int(timestamp) if timestamp.isdigit() else self.at_ms, self.key, self.value)

    @property
    def is_reference(self) -> bool:
        """Its record was too large for quarantine: it stands where it stood, and only there (see ``origin.py``)."""
        return "sha256" in self.headers

    @property
    def group(self) -> str:
        """The consumer group whose agent could not digest it; empty when it does not say."""
        return self.headers.get("group", "")

    def redriving(self, by: Actor, because: str, correlation_id: str, *, send: bool, group: str = "") -> Closing:
        """The entry that says it was redriven, and with ``send`` its message to the topic it came from.

        ``group``: the one consumer group that is to decide it; the topic's other readers have had it. Empty: all of them.
        """
        entry = self._entry(REDRIVEN, by, because, correlation_id)
        if not send or self.origin is None:
            return Closing(self.place, entry)
        # By its key and not its partition: that is how the topic's other messages got theirs.
        headers = [("redriven-from", str(self.place).encode())]
        if group:
            headers.append((FOR_GROUP, group.encode()))
        return Closing(self.place, entry, Message(self.origin.topic, self.key, self.value, tuple(headers)))

    def discarding(self, by: Actor, because: str, correlation_id: str) -> Closing:
        """The entry that closes it without anything being done."""
        return Closing(self.place, self._entry(DROPPED, by, because, correlation_id))

    def _entry(self, action: str, by: Actor, because: str, correlation_id: str) -> AuditEntry:
        # Not the error's text: it may quote what it found.
        details = {"record": self.place, "from": self.origin or "", "error": self.kind, "sink": self.sink}
        return audit.entry(
            action, str(self.place), by=by, reason=because, correlation_id=correlation_id, details=details
        )


@dataclass(frozen=True)
class Wanted:
    """Which items; empty says all."""

    topic: str = ""
    error: str = ""
    sink: str = ""
    since_ms: int | None = None
    until_ms: int | None = None

    def fits(self, item: Item) -> bool:
        """Whatever its state. ``topic`` is the one it came from, ``error`` any part of the error's text."""
        origin = item.origin
        return (
            (not self.topic or (origin is not None and origin.topic == self.topic))
            and self.error.lower() in item.error.lower()
            and self.sink in ("", item.sink)
            and (self.since_ms is None or item.at_ms >= self.since_ms)
            and (self.until_ms is None or item.at_ms < self.until_ms)
        )


def items(cluster: Cluster, wanted: Wanted | None = None) -> list[Item]:
    """The items wanted with their present state, oldest first. However much is in quarantine, no message is kept in memory."""
    light = (replace(item, value=None) for item in _wanted(cluster, wanted))
    return sorted(light, key=lambda item: (item.at_ms, item.place))


def named(cluster: Cluster, places: Collection[Place]) -> dict[Place, Item]:
    """Those of the items at these places that there are, with their present state and without their messages."""
    return {item.place: item for item in items(cluster) if item.place in places}


def with_messages(cluster: Cluster, chosen: Sequence[Item]) -> Iterator[Item]:
    """The items in their order with their messages, of which few are in memory at a time. Raises ClusterError."""
    return whole(cluster, chosen, lambda item, message: replace(item, value=message.value()))


def listed(
    cluster: Cluster, wanted: Wanted, states: Container[State] = ("open",), *, limit: int = 100, after: str = ""
) -> Page[Item]:
    """A page of the items wanted that are in one of the states, without their messages. Raises BadCursor, ValueError, ClusterError."""
    found = [item for item in items(cluster, wanted) if item.state in states]
    return page(found, kinds(found), limit, after, *TOPICS)


def _wanted(cluster: Cluster, wanted: Wanted | None) -> Iterator[Item]:
    entries = trail(cluster)
    every = (item for topic in TOPICS for item in _read(cluster, topic, entries))
    return (item for item in every if wanted is None or wanted.fits(item))


def kinds(chosen: Iterable[Item]) -> Counter[str]:
    """Error's name -> items."""
    return Counter(item.kind for item in chosen)


def _read(cluster: Cluster, topic: str, entries: Mapping[str, Sequence[AuditEntry]]) -> Iterator[Item]:
    for message in cluster.read(topic):
        place = Place(topic, cast(int, message.partition()), cast(int, message.offset()))
        done = entries.get(str(place), ())
        state = cast(State, STATES[done[-1]["action"]]) if done else "open"
        yield Item(place, message.timestamp()[1], message.key(), message.value(), _headers(message), state, tuple(done))


def _headers(message: KafkaMessage) -> dict[str, str]:
    headers = cast(Sequence[tuple[str, bytes | None]], message.headers() or ())
    return {name: (value or b"").decode("utf-8", "replace") for name, value in headers}
