"""A store that is not where it was left: told at once, in every way it can come about, and gone on with from where it is."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from streams.ops.groups import Groups
from streams.ops.sinks import Partition, SinkMisfit, SinkUnavailable
from streams.settings import Settings
from tests.conftest import Unique
from tests.connectors.driver_rig import Driven, Rig, Shelf, Store, driven, until


@pytest.fixture
def rig(kafka: str, unique: Unique) -> Rig:
    return Rig(kafka, unique("topic"), unique("group"))


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, "connectors.driver")
    return caplog


def told(said: pytest.LogCaptureFixture, word: str) -> list[str]:
    return [record.getMessage() for record in said.records if f"was set {word}" in record.getMessage()]


def values(first: int, count: int) -> list[bytes | None]:
    return [b"%d" % n for n in range(first, first + count)]


def backup(store: Store) -> Store:
    return Store(list(store.rows), dict(store.positions))


def put_back(store: Store, to: Store) -> None:
    store.rows[:], store.positions = to.rows, dict(to.positions)


async def drained(it: Driven, store: Store, rig: Rig) -> None:
    await until(lambda: store.positions == rig.ends(), "the store has what the log has")
    await until(lambda: it.driver.lacking == 0, "and lacks nothing it had")


@pytest.mark.parametrize(("to", "busy"), [("a backup", False), ("nothing", True)])
def test_a_store_that_is_set_back_under_a_sink_is_told_of_and_filled_again(
    rig: Rig, said: pytest.LogCaptureFixture, busy: bool, to: str
) -> None:
    store = Store()

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options(look_s=0.2)) as it:
            rig.send(values(0, 100))
            rig.send(values(500, 50), partition=1)
            await drained(it, store, rig)
            old = backup(store) if to == "a backup" else Store()
            rig.send(values(100, 100))
            await drained(it, store, rig)
            before, after = store.positions[Partition(rig.topic, 0)], old.positions.get(Partition(rig.topic, 0), 0)
            # Nothing more ever comes in partition 0: no flush of its records can tell.
            put_back(store, old)
            if busy:
                rig.send(values(550, 50), partition=1)
            await until(lambda: told(said, "back"), "it is told")
            await drained(it, store, rig)
            (line,) = [line for line in told(said, "back") if f"{rig.topic}/0" in line]
            assert f"from offset {before} to {after}:" in line
            lost = it.metric("sink_displaced_offsets_total", topic=rig.topic, direction="back")
            assert lost == before - after if to == "a backup" else lost > before
            assert it.metric("sink_displaced_timestamp_seconds", direction="back") > 0

    asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent)


def test_a_store_that_was_set_back_while_no_sink_ran_is_told_of_by_the_next(
    rig: Rig, said: pytest.LogCaptureFixture
) -> None:
    store = Store()

    async def live(count: int) -> None:
        async with driven(Shelf(store, rig.topic), rig.options()) as it:
            await drained(it, store, rig)
            await until(lambda: rig.shown() == rig.ends(), "it is shown")
            assert len(told(said, "back")) == count

    rig.send(values(0, 20))
    asyncio.run(live(0))
    # One that starts again where it was says nothing.
    asyncio.run(live(0))
    old = backup(store)
    rig.send(values(20, 20))
    asyncio.run(live(0))
    put_back(store, old)
    asyncio.run(live(1))
    assert sorted(store.rows) == sorted(rig.sent)


def test_whoever_looks_at_the_group_sees_that_it_is_set_back_until_it_is_filled(rig: Rig, tmp_path: Path) -> None:
    store = Store()
    sink = Shelf(store, rig.topic)
    rig.send(values(0, 20))
    groups = Groups(Settings(brokers=rig.brokers, data=tmp_path))

    def notes() -> list[str]:
        return list(groups.notes(rig.group, [(rig.topic, 0), (rig.topic, 1)]).values())

    async def live() -> None:
        async with driven(sink, rig.options(look_s=0.2)) as it:
            await drained(it, store, rig)
            await until(lambda: rig.shown() == rig.ends(), "it is shown")
            assert notes() == []
            at = store.positions[Partition(rig.topic, 0)]
            sink.next_faults.extend([SinkUnavailable("away")] * 3)
            put_back(store, Store())
            await until(lambda: notes() == [f"set back: was at {at}"], "it is noted")
            await until(lambda: it.driver.lacking == at, "it lacks all it had")
            await drained(it, store, rig)
            await until(lambda: notes() == [], "nothing is noted any more")

    try:
        asyncio.run(live())
    finally:
        groups.close()


def test_what_the_log_has_dropped_of_a_store_set_back_is_counted_as_missing(
    rig: Rig, said: pytest.LogCaptureFixture
) -> None:
    store = Store()
    tp = Partition(rig.topic, 0)
    admin = AdminClient({"bootstrap.servers": rig.brokers})
    rig.send(values(0, 20))

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options(look_s=0.2)) as it:
            await drained(it, store, rig)
            admin.delete_records([TopicPartition(*tp, 5)])[TopicPartition(*tp)].result(60)
            put_back(store, Store())
            await drained(it, store, rig)
            assert it.metric("sink_missing_records_total", topic=rig.topic) == 5

    asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent[5:])


def test_a_store_set_forward_names_what_it_lacks(rig: Rig, said: pytest.LogCaptureFixture) -> None:
    store = Store()
    tp = Partition(rig.topic, 0)
    sink = Shelf(store, rig.topic)
    rig.send(values(0, 20))

    async def live() -> None:
        async with driven(sink, rig.options(look_s=0.2)) as it:
            await drained(it, store, rig)
            at = store.positions[tp]
            sink.down = "away"
            await until(lambda: it.metric("sink_up") == 0, "an idle sink sees that its store is away")
            rig.send(values(20, 20))
            store.positions[tp] = at + 7
            sink.down = ""
            await until(lambda: store.positions == rig.ends(), "it goes on")
            (line,) = told(said, "forward")
            assert f"{rig.topic}/0 from offset {at} to {at + 7}, not by this sink" in line
            assert f"the records of offsets {at} to {at + 6} are missing" in line
            assert it.metric("sink_displaced_offsets_total", direction="forward") == 7

    asyncio.run(live())
    assert len(store.rows) == len(rig.sent) - 7


def test_a_store_set_forward_beyond_the_log_stops_the_sink(rig: Rig) -> None:
    store = Store()
    rig.send(values(0, 3))

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options(look_s=0.2)) as it:
            await drained(it, store, rig)
            store.positions[Partition(rig.topic, 0)] = 5_000
            await until(it.task.done, "it ends")

    with pytest.raises(SinkMisfit, match="up to offset 5,000, but the log ends at 4"):
        asyncio.run(live())


def test_a_rebalance_is_no_reason_to_say_so(rig: Rig, said: pytest.LogCaptureFixture) -> None:
    store = Store()

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options(look_s=0.2)) as one:
            rig.send(values(0, 50))
            rig.send(values(50, 50), partition=1)
            await drained(one, store, rig)
            async with driven(Shelf(store, rig.topic), rig.options(look_s=0.2)) as two:
                await until(lambda: two.metric("sink_assigned_partitions") == 1, "they share")
                rig.send(values(100, 50))
                rig.send(values(150, 50), partition=1)
                await drained(two, store, rig)
            await until(lambda: one.metric("sink_assigned_partitions") == 2, "one has all again")
            rig.send(values(200, 50), partition=1)
            await drained(one, store, rig)

    asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent)
    assert told(said, "back") == told(said, "forward") == []
