"""Records of topics for the shadow, with what every stage wants to know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from confluent_kafka import Message

from schemas.codec import CODEC, CodecError
from schemas.topics import QUARANTINE, TOPICS
from streams.aside.places import Place
from streams.engine.aside import for_group
from streams.engine.partitions import partition_of
from streams.replay.log import Log, Reading, headers_of
from streams.replay.shadow.cut import Cut

_BATCH = 2_000


class Recordings:
    """The logs up to the cut. ``advance`` is told how many records were read."""

    def __init__(self, log: Log, cut: Cut, advance: Callable[[int], None]) -> None:
        self.cut = cut
        self._log = log
        self._advance = advance

    def batches(self, topics: Iterable[str]) -> Iterator[list[Message]]:
        """One topic after the other; each partition's records in their order, without those that were sent back for another group."""
        for topic in topics:
            reading = Reading(self._log, topic, self.cut.ranges(topic))
            while not reading.done:
                messages = reading.next(_BATCH)
                self._advance(len(messages))
                yield [m for m in messages if for_group(headers_of(m)) in (None, self.cut.group)]

    def misplaced(self, message: Message) -> bool:
        """It stands in another partition than its key's: no agent saw it."""
        key, count = message.key(), len(self.cut.ranges(str(message.topic())))
        return key is not None and partition_of(bytes(key), count) != message.partition()

    def inputs(self, topics: Iterable[str]) -> Iterator[list[Message]]:
        """As ``batches``: what stages read, as far as the cut wants it."""
        for messages in self.batches(topics):
            yield [m for m in messages if self.cut.is_due(*place_of(m))] if self.cut.of_state else messages

    def quarantined(self) -> set[Place]:
        """Where the messages stood that the engine set aside for the workers' group."""
        found = set()
        for messages in self.batches((QUARANTINE,)):
            for message in messages:
                headers = {name: (value or b"").decode() for name, value in headers_of(message)}
                own = headers.get("group", self.cut.group) == self.cut.group
                if own and headers.keys() >= {"topic", "partition", "offset"}:
                    found.add(Place(headers["topic"], int(headers["partition"]), int(headers["offset"])))
        return found


class Sound(NamedTuple):
    """A record that belongs where it stands."""

    name: str
    record: Mapping[str, Any]


def place_of(message: Message) -> Place:
    """Where it stands."""
    return Place(str(message.topic()), int(message.partition() or 0), int(message.offset() or 0))


def sound(message: Message) -> Sound | None:
    """The record; None for one that an agent refuses: not Avro, of another topic, under another owner's key."""
    topic = TOPICS[str(message.topic())]
    try:
        name, record = CODEC.decode(message.value() or b"")
    except CodecError:
        return None
    if name not in topic.records or message.key() is None:
        return None
    owner = record.get(topic.key) or record.get("sku") or ""
    return Sound(name, record) if message.key() == str(owner).encode() else None
