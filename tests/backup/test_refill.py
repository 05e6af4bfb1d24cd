"""Logs with markers, undone transactions and cut beginnings, written once more: every record at its offset, and nothing beside."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from streams.backup.records import Record, kept
from streams.backup.refill import Refill
from streams.engine.shards import TP
from tests.replay.conftest import PARTITIONS, Bench, bench, here

__all__ = ["bench", "here"]


def log(bench: Bench, topic: str) -> dict[TP, list[Record]]:
    found: dict[TP, list[Record]] = {(topic, p): [] for p in range(PARTITIONS)}
    for message in bench.read(topic):
        found[topic, int(message.partition() or 0)].append(kept(message))
    return found


def again(bench: Bench, source: dict[TP, list[Record]], ends: dict[int, int]) -> dict[TP, list[Record]]:
    target = bench.topic("again")

    def each(records: list[Record]) -> Iterator[Record]:
        yield from records

    logs = {(target, tp[1]): (each(records), ends[tp[1]], True) for tp, records in source.items()}
    Refill(bench.settings, logs).run(lambda count: None)
    return log(bench, target)


def test_records_stand_where_they_stood(bench: Bench) -> None:
    topic = bench.source(900)
    source, ends = log(bench, topic), bench.cluster.ends(topic)
    assert any(a.offset + 1 < b.offset for rs in source.values() for a, b in pairwise(rs)), "no gap"
    target = again(bench, source, ends)
    assert {tp[1]: rs for tp, rs in target.items()} == {tp[1]: rs for tp, rs in source.items()}
    name = next(iter(target))[0]
    for p, end in bench.cluster.ends(name).items():
        assert ends[p] <= end <= ends[p] + 1
