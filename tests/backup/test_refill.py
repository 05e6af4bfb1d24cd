"""Logs with markers, undone transactions and cut beginnings, written once more: every record at its offset, and nothing beside."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from streams.backup.records import Record, kept
from streams.backup.refill import Refill
from streams.engine.admin import Admin
from streams.engine.options import Options
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
    alike(bench, source, target, ends)


def alike(bench: Bench, source: dict[TP, list[Record]], target: dict[TP, list[Record]], ends: dict[int, int]) -> None:
    assert {tp[1]: rs for tp, rs in target.items()} == {tp[1]: rs for tp, rs in source.items()}
    name = next(iter(target))[0]
    for p, end in bench.cluster.ends(name).items():
        assert ends[p] <= end <= ends[p] + 1


@pytest.mark.parametrize(("run", "fill"), [(1, 1), (7, 5), (2_000, 20_000)])
def test_a_transaction_that_has_been_open_for_long_ends_in_gaps(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, run: int, fill: int
) -> None:
    """As if each had been: it is undone and begun anew over and over, in the midst of runs and of gaps."""
    for name, value in {"_OPEN_S": 0.0, "_RUN": run, "_FILL": fill}.items():
        monkeypatch.setattr(f"streams.backup.refill.{name}", value)
    topic = bench.source(300)
    source, ends = log(bench, topic), bench.cluster.ends(topic)
    alike(bench, source, again(bench, source, ends), ends)


def test_a_log_that_retention_has_cut_begins_where_it_began(bench: Bench) -> None:
    topic = bench.source(300)
    ends = bench.cluster.ends(topic)
    cuts = {0: 50, 1: ends[1]}
    for partition, offset in cuts.items():
        bench.forget_before(topic, partition, offset)
    source = log(bench, topic)
    target = again(bench, source, ends)
    alike(bench, source, target, ends)
    name, admin = next(iter(target))[0], Admin(bench.settings.brokers, Options())
    admin.cut({(name, partition): offset for partition, offset in cuts.items()})
    assert admin.begins(target) == {(name, p): cuts.get(p, 0) for p in range(PARTITIONS)}
    alike(bench, source, log(bench, name), ends)
