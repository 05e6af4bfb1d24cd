"""The workers' local state, as they left it, is what its changelog says; and nothing of it is ahead of the changelog."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from streams.engine.errors import StateCorrupt
from streams.engine.options import Options
from streams.engine.store import Store, open_store
from streams.engine.ties import CARRIER
from tests.chaos.checks.finding import Logged, Place, Violation, read, shown

Shard = tuple[str, int]
State = dict[Shard, dict[bytes, bytes]]


def rebuilt(records: Iterable[Logged], tables: Mapping[str, str]) -> State:
    """State as the changelogs (table name -> topic) say."""
    of_topic = {topic: table for table, topic in tables.items()}
    state: State = {}
    for record in records:
        if record.key == CARRIER:
            continue
        shard = state.setdefault((of_topic[record.topic], record.partition), {})
        if record.value is None:
            shard.pop(record.key or b"", None)
        else:
            shard[record.key or b""] = record.value
    return state


def check_state(
    brokers: str, folders: Iterable[Path], tables: Mapping[str, str], partitions: int
) -> tuple[State, list[Violation]]:
    """Compares the stopped workers' stores with the changelogs; returns the state as the changelogs say.

    A shard may lie in several folders: it has moved. The one that has followed its changelog to the end is the live one; the
    others are older, and nothing more is asked of them than not to be ahead.
    """
    records = read(brokers, tables.values())
    truth = rebuilt(records, tables)
    last = {(r.topic, r.partition): r.offset for r in records}
    highs = _highs(brokers, tables.values(), partitions)
    found: list[Violation] = []
    stores = [open_store(folder / "state", Options(), logging.getLogger("chaos")) for folder in folders]
    try:
        for table, topic in tables.items():
            for partition in range(partitions):
                found += _check_shard(
                    stores, (table, partition), topic, truth, last.get((topic, partition)), highs[topic, partition]
                )
    finally:
        for store in stores:
            with contextlib.suppress(StateCorrupt):
                store.close()
    return truth, found


def _check_shard(
    stores: Iterable[Store], shard: Shard, topic: str, truth: State, last: int | None, high: int
) -> list[Violation]:
    def wrong(check: str, offset: int, key: bytes | str, text: str) -> Violation:
        return Violation(check, topic, shard[1], offset, shown(key), text)

    found: list[Violation] = []
    live = False
    for store in stores:
        at = store.checkpoint(shard)
        if at is None:
            continue
        if at.next_offset > high:
            text = f"local state says it has read up to {at.next_offset}, the changelog ends at {high}"
            found.append(wrong("state_ahead", at.next_offset, "", text))
        if last is not None and at.next_offset <= last:
            continue
        live = True
        want = truth.get(shard, {})
        try:
            have = dict(store.scan(shard))
        except StateCorrupt:
            # A spoilt block that no record has asked for yet. It is noticed when one does, as it was here.
            continue
        for key in have.keys() - want.keys():
            found.append(wrong("state_differs", at.next_offset, key, "in local state, not in the changelog"))
        for key in want.keys() - have.keys():
            found.append(wrong("state_differs", at.next_offset, key, "in the changelog, not in local state"))
        for key in have.keys() & want.keys():
            if have[key] != want[key]:
                found.append(wrong("state_differs", at.next_offset, key, "local state and changelog differ"))
    if last is not None and not live:
        found.append(wrong("state_behind", last, "", "no worker's local state has followed the changelog to its end"))
    return found


def _highs(brokers: str, topics: Iterable[str], partitions: int) -> dict[tuple[str, int], int]:
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "chaos-reader", "log_level": 0})
    try:
        return {
            (topic, p): consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=60)[1]
            for topic in topics
            for p in range(partitions)
        }
    finally:
        consumer.close()


def compare(
    check: str,
    have: Mapping[bytes, Any],
    want: Mapping[bytes, Any],
    topic: str,
    place_of: Callable[[Any], Place] | None = None,
) -> list[Violation]:
    """Table contents rebuilt in two ways, as violations.

    Args:
        topic: where the table's keys come from.
        place_of: the record in the log that a value comes from.
    """
    found = []
    for key in have.keys() | want.keys():
        if have.get(key) != want.get(key):
            text = "missing" if key not in have else "not to be there" if key not in want else "has another value"
            place = place_of(want.get(key) or have[key]) if place_of is not None else (topic, -1, -1)
            found.append(Violation(check, *place, shown(key), f"state rebuilt from the input: {text}"))
    return found
