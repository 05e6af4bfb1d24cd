"""A record as librdkafka hands it over, and how they are parted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Record(Protocol):
    """A record as librdkafka hands it over (confluent_kafka.Message, without the cases that only its events have)."""

    def topic(self) -> str: ...

    def partition(self) -> int: ...

    def offset(self) -> int: ...

    def key(self) -> bytes: ...

    def value(self) -> bytes | None: ...

    def timestamp(self) -> tuple[int, int]:
        """(kind, ms since the epoch)."""

    def headers(self) -> list[tuple[str, bytes]] | None: ...

    def error(self) -> Any:
        """None for a record; the consumer's events (end of partition, trouble) come as records with an error."""


def by_partition(messages: Sequence[Record]) -> list[tuple[tuple[str, int], list[Record]]]:
    """Records by topic and partition, the groups in a fixed order, so that a cycle's decisions depend only on what it fetched."""
    groups: dict[tuple[str, int], list[Record]] = {}
    for message in messages:
        tp = (message.topic(), message.partition())
        try:
            groups[tp].append(message)
        except KeyError:
            groups[tp] = [message]
    return sorted(groups.items())
