"""What a cycle has decided and not yet committed: table writes, messages to send, input offsets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: (table name, partition)
Shard = tuple[str, int]

#: Overlay value of a deleted key.
DELETED: Any = type("Deleted", (), {"__repr__": lambda self: "DELETED"})()


def timer_of(tp: tuple[str, int]) -> tuple[str, int]:
    """A partition's ticks, in the form of a partition: they may stand still while its records get on."""
    return f"timer of {tp[0]}", tp[1]


class Work:
    """Buffers of one cycle, or of one attempt inside it.

    Nothing leaves memory before the cycle's transaction: an attempt that fails is dropped, and there is nothing to undo.
    """

    __slots__ = ("changelog", "messages", "offsets", "records", "singles", "starts", "ticks", "values")

    def __init__(self) -> None:
        #: Overlay: what table reads see, per shard: key bytes -> value (or DELETED).
        self.values: dict[Shard, dict[bytes, Any]] = {}
        #: The same writes as bytes (None deletes): the changelog and the store get these. One entry a key: the last write wins.
        self.changelog: dict[Shard, dict[bytes, bytes | None]] = {}
        #: Messages per topic, in librdkafka's batch form.
        self.messages: dict[str, list[dict[str, Any]]] = {}
        #: (topic, message) of those that the batch form has no room for: with a partition of their own, or headers.
        self.singles: list[tuple[str, dict[str, Any]]] = []
        #: (topic, partition) -> offset of its first record.
        self.starts: dict[tuple[str, int], int] = {}
        #: (topic, partition) -> next offset to read.
        self.offsets: dict[tuple[str, int], int] = {}
        #: Topic -> number of input records.
        self.records: dict[str, int] = {}
        #: Partitions that were told the time, as ``timer_of``.
        self.ticks: set[tuple[str, int]] = set()

    def __bool__(self) -> bool:
        return bool(self.offsets or self.messages or self.singles or self.changelog)

    @property
    def concerns(self) -> dict[tuple[str, int], int]:
        """Whose progress this is, and from which offset on; -1 for a timer's."""
        return {**self.starts, **dict.fromkeys(self.ticks, -1)}

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes]] | None = None,
        timestamp_ms: int | None = None,
    ) -> None:
        """Adds one message; the partition is the key's murmur2 hash when not given."""
        message: dict[str, Any] = {"key": key, "value": value}
        if timestamp_ms is not None:
            message["timestamp"] = timestamp_ms
        if partition is not None or headers:
            if partition is not None:
                message["partition"] = partition
            if headers:
                message["headers"] = list(headers)
            self.singles.append((topic, message))
            return
        try:
            self.messages[topic].append(message)
        except KeyError:
            self.messages[topic] = [message]

    def put(self, shard: Shard, values: Mapping[bytes, Any], raw: Mapping[bytes, bytes | None]) -> None:
        """Writes to a table's overlay; ``values`` and ``raw`` have the same keys."""
        if shard in self.values:
            self.values[shard].update(values)
            self.changelog[shard].update(raw)
        else:
            self.values[shard] = dict(values)
            self.changelog[shard] = dict(raw)

    def absorb(self, attempt: Work) -> None:
        """Takes over what a successful attempt has buffered."""
        for shard, values in attempt.values.items():
            self.put(shard, values, attempt.changelog[shard])
        for topic, messages in attempt.messages.items():
            if topic in self.messages:
                self.messages[topic] += messages
            else:
                self.messages[topic] = messages
        self.singles += attempt.singles
        self.offsets.update(attempt.offsets)
