"""Messages of items that are worked on, read again by their places: of however many items, a few are in memory at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from confluent_kafka import Message as KafkaMessage

from streams.aside.places import Standing
from streams.ops.cluster import Cluster, ClusterError

#: Items whose messages are in memory together: a message has a megabyte at the most.
PART = 100

T = TypeVar("T", bound=Standing)


def whole(cluster: Cluster, items: Sequence[T], put: Callable[[T, KafkaMessage], T]) -> Iterator[T]:
    """The items in their order, each with what ``put`` takes from its message. Raises ClusterError, also for one that is gone meanwhile."""
    for start in range(0, len(items), PART):
        part = items[start : start + PART]
        places: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for item in part:
            places[item.place.topic][item.place.partition].add(item.place.offset)
        found = {
            (topic, message.partition() or 0, message.offset() or 0): message
            for topic, its in places.items()
            for message in cluster.those(topic, its)
        }
        for item in part:
            message = found.pop(item.place[:], None)
            if message is None:
                raise ClusterError(f"{item.place} is not there any more: its topic has dropped it")
            yield put(item, message)
