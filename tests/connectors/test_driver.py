"""A sink's driver against a real broker: whatever befalls the store, the group or the log, each record counts once."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from connectors.driver import fetcher
from deploy.local import LocalKafka
from schemas.topics import FORGOTTEN
from streams.engine.admin import Admin
from streams.engine.options import Options as EngineOptions
from streams.ops.cluster import Cluster
from streams.ops.sinks import Partition, Record, Refused, SinkFenced, SinkMisfit, SinkUnavailable, Span
from streams.settings import Settings
from tests.conftest import Unique
from tests.connectors.driver_rig import Rig, Shelf, Store, driven, until


@pytest.fixture
def rig(kafka: str, unique: Unique) -> Rig:
    return Rig(kafka, unique("topic"), unique("group"))


class SlowShelf(Shelf):
    """Its flushes wait for ``gate``."""

    def __init__(self, store: Store, *topics: str) -> None:
        super().__init__(store, *topics)
        self.gate = asyncio.Event()
        self.prepared: list[int] = []

    async def prepare(self, batch: Sequence[Record]) -> list[Record]:
        self.prepared.append(len(batch))
        return await super().prepare(batch)

    async def flush(self, spans: Mapping[Partition, Span]) -> Sequence[Refused]:
        await self.gate.wait()
        return await super().flush(spans)


def numbered(first: int, count: int) -> list[bytes | None]:
    return [b"%d" % n for n in range(first, first + count)]


def lines(caplog: pytest.LogCaptureFixture, word: str) -> list[str]:
    return [r.getMessage() for r in caplog.records if word in r.getMessage()]


def test_lag_reaches_zero_behind_transaction_markers_and_undone_records(rig: Rig) -> None:
    rig.send(numbered(0, 700))
    rig.send(numbered(700, 5), partition=1, abort=True)
    store = Store()

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options()) as it:
            await until(lambda: store.positions == rig.ends(), "positions are at the log's end")
            rig.send(numbered(1_000, 3), abort=True)
            rig.send(numbered(2_000, 3), partition=1)
            await until(lambda: store.positions == rig.ends(), "and again, behind what was undone")
            await until(lambda: it.metric("sink_records_total", topic=rig.topic) == 703, "they are counted")
            await until(lambda: it.metric("sink_lag_records") == 0 == it.metric("sink_lag_seconds"), "no lag is left")
            await until(lambda: rig.shown() == rig.ends(), "lag tools see it too")
            assert it.metric("sink_assigned_partitions") == 2

    asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent)
    assert store.positions == rig.ends()


def test_a_store_that_goes_away_costs_time_and_no_record(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "connectors.driver")
    store = Store()
    sink = Shelf(store, rig.topic)

    async def live() -> None:
        async with driven(sink, rig.options()) as it:
            rig.send(numbered(0, 100))
            await until(lambda: len(store.rows) == 100, "the first are in")
            assert it.metric("sink_up") == 1
            sink.down = "the server has gone away"
            rig.send(numbered(100, 100))
            await until(lambda: it.metric("sink_up") == 0, "it is seen to be away")
            rig.send(numbered(200, 2_000), partition=1)
            await until(lambda: it.metric("sink_lag_records") >= 2_100, "the lag grows although nothing is fetched")
            await until(lambda: it.metric("sink_lag_seconds") > 0 < it.metric("sink_outage_seconds"), "in seconds too")
            assert len(sink.in_hand) <= 500, "no more is fetched than one batch"
            sink.down = ""
            await until(lambda: store.positions == rig.ends(), "it drains")
            await until(lambda: it.metric("sink_lag_records") == 0, "no lag is left")
            assert (it.metric("sink_up"), it.metric("sink_outage_seconds"), it.metric("sink_outages_total")) == (
                1,
                0,
                1,
            )

    asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent)
    (paused,) = lines(caplog, "paused")
    assert "the server has gone away" in paused
    (resumed,) = lines(caplog, "resumed")
    assert int(resumed.split(";")[1].split()[0].replace(",", "")) >= 2_100
    assert sink.pauses == ["the server has gone away"]
    assert sink.closed


def test_a_store_that_is_away_at_the_start_is_waited_for(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    sink = Shelf(store, rig.topic)
    sink.down = "not up yet"
    rig.send(numbered(0, 10))

    async def live() -> None:
        async with driven(sink, rig.options()) as it:
            await until(lambda: it.metric("sink_up") == 0, "it is seen to be away")
            sink.down = ""
            await until(lambda: len(store.rows) == 10, "they are in")
            await until(lambda: it.metric("sink_up") == 1, "it is seen to be back")

    asyncio.run(live())
    assert len(lines(caplog, "paused")) == len(lines(caplog, "resumed")) == 1


def test_being_told_to_stop_while_the_store_is_away_leaves_at_once(rig: Rig) -> None:
    store = Store()
    sink = Shelf(store, rig.topic)
    rig.send(numbered(0, 10))
    sink.next_faults.append(SinkUnavailable("restarting", retry_after_s=3_600))

    async def live() -> None:
        async with driven(sink, rig.options()) as it:
            await until(lambda: it.metric("sink_up") == 0, "it waits for the store")

    asyncio.run(live())
    assert (store.rows, store.positions) == ([], {})


@pytest.mark.parametrize("fenced", [False, True])
def test_the_next_batch_is_prepared_while_one_is_flushed_and_counts_once_whatever_comes_of_that(
    rig: Rig, fenced: bool
) -> None:
    store = Store()
    sink = SlowShelf(store, rig.topic)
    rig.send(numbered(0, 1_600))

    async def live() -> None:
        async with driven(sink, rig.options()) as it:
            await until(lambda: sink.prepared == [500, 500], "a second one is ready while the first is flushed")
            assert (len(sink.in_hand), store.rows) == (500, [])
            if fenced:
                sink.next_faults.append(SinkFenced("another one was here"))
            sink.gate.set()
            await until(lambda: store.positions == rig.ends(), "all are in")
            assert it.metric("sink_fenced_total") == fenced

    asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent)


def test_another_driver_has_moved_a_position_so_memory_is_dropped(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    sink = Shelf(store, rig.topic)
    rig.send(numbered(0, 10))

    async def live() -> None:
        async with driven(sink, rig.options()) as it:
            await until(lambda: len(store.rows) == 10, "the first are in")
            await until(lambda: store.positions == rig.ends(), "and their marker is passed")
            tp = Partition(rig.topic, 0)
            # Someone else takes the next three.
            store.positions[tp] += 3
            rig.send(numbered(10, 10))
            await until(lambda: store.positions == rig.ends(), "it goes on where the store says")
            assert it.metric("sink_fenced_total") >= 1

    asyncio.run(live())
    others = [row for row in rig.sent if row[3] in (b"10", b"11", b"12")]
    assert sorted(store.rows + others) == sorted(rig.sent)
    assert len(lines(caplog, "it goes on where the store says")) >= 1


def test_partitions_taken_away_during_an_outage_leave_memory(rig: Rig) -> None:
    store = Store()
    first, second = Shelf(store, rig.topic), Shelf(store, rig.topic)
    rig.send(numbered(0, 50))
    rig.send(numbered(50, 50), partition=1)

    async def live() -> None:
        first.down = "only this one's connection is broken"
        async with driven(first, rig.options()) as one:
            first.down = ""
            first.next_faults.extend([SinkUnavailable("broken pipe", retry_after_s=3_600)] * 2)
            await until(lambda: len(first.in_hand) > 0 and one.metric("sink_up") == 0, "it holds a batch")
            async with driven(second, rig.options()) as two:
                await until(lambda: two.metric("sink_assigned_partitions") == 1, "the other has a partition")
                await until(lambda: one.metric("sink_assigned_partitions") == 1, "and the first one as well")
                first.next_faults.clear()
                await until(lambda: store.positions == rig.ends(), "all is in")
                rig.send(numbered(100, 50))
                rig.send(numbered(150, 50), partition=1)
                await until(lambda: store.positions == rig.ends(), "all is in")
                assert two.metric("sink_records_total") >= 50

    asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent)


def test_a_record_without_a_form_is_set_aside_even_when_the_driver_dies_before_the_flush(rig: Rig) -> None:
    store = Store()
    dying = Shelf(store, rig.topic)
    rig.send([b"good", b"unreadable", b"better"])

    async def die() -> None:
        dying.next_faults.append(RuntimeError("the process is killed here"))
        async with driven(dying, rig.options()) as it:
            await until(it.task.done, "it ends")

    with pytest.raises(RuntimeError, match="killed here"):
        asyncio.run(die())
    (told,) = rig.aside()
    assert store.positions == {}, "no position says that it is done with"
    assert told == {
        "topic": rig.topic,
        "partition": "0",
        "offset": "1",
        "timestamp": told["timestamp"],
        "error": "value is unreadable: send it again",
        "at": "",
        "sink": "shelf",
        "value": "unreadable",
    }

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options()) as it:
            await until(lambda: store.positions == rig.ends(), "the next one gets through")
            assert it.metric("sink_refused_records_total", topic=rig.topic) == 1

    asyncio.run(live())
    assert [value for *_, value in store.rows] == [b"good", b"better"]
    assert len(rig.aside()) == 2, "told again rather than lost"


def test_of_one_whose_person_is_forgotten_there_is_nothing_that_nobody_can_read(rig: Rig) -> None:
    store, gone = Store(), f"taobao:{rig.topic}"
    cluster = Cluster(Settings(brokers=rig.brokers, data=Path()))
    Admin(rig.brokers, EngineOptions()).create(FORGOTTEN, 1, 1, {"cleanup.policy": "compact"})
    record = {"order_id": gone, "by": "li", "reason": "asked for", "forgotten_at_ms": 1}
    cluster.publish([(FORGOTTEN, gone, "PersonForgotten", record)])
    rig.send([b"unreadable Zhang"], key=gone.encode())
    rig.send([b"unreadable Wang", b"good"])

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options()) as it:
            await until(lambda: store.positions == rig.ends(), "all is in")
            assert it.metric("sink_refused_records_total", topic=rig.topic) == 2

    asyncio.run(live())
    assert [(told["value"], told["error"]) for told in rig.aside()] == [
        ("", "its person is forgotten"),
        ("unreadable Wang", "value is unreadable: send it again"),
    ]


def test_a_record_that_is_too_large_for_the_topic_is_named_there(rig: Rig) -> None:
    store = Store()
    large = b"unreadable" + b"x" * (5 * 1024 * 1024)
    rig.send([b"good", large, b"better"])

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options()) as it:
            await until(lambda: store.positions == rig.ends(), "all is in")
            assert it.metric("sink_refused_records_total", topic=rig.topic) == 1

    asyncio.run(live())
    assert [value for *_, value in store.rows] == [b"good", b"better"]
    (told,) = rig.aside()
    assert (told["offset"], told["value"], told["bytes"]) == ("1", "", str(len(large)))
    assert told["sha256"] == hashlib.sha256(large).hexdigest()


def test_a_row_the_store_refuses_is_on_the_topic_before_it_commits(rig: Rig) -> None:
    store = Store()
    sink = Shelf(store, rig.topic)
    told_at_commit: list[int] = []
    rig.send([b"good", b"too wide", b"better"])

    async def live() -> None:
        async with driven(sink, rig.options()) as it:
            set_aside = sink.set_aside

            async def looked_at(refused: object) -> None:
                await set_aside(refused)  # type: ignore[arg-type]
                told_at_commit.append(len(rig.aside()))

            sink.set_aside = looked_at
            await until(lambda: store.positions == rig.ends(), "the others get through")
            await until(lambda: it.metric("sink_refused_records_total") == 1, "it is counted")

    asyncio.run(live())
    assert [value for *_, value in store.rows] == [b"good", b"better"]
    assert 1 in told_at_commit
    assert [(told["offset"], told["error"]) for told in rig.aside()] == [("1", "value is 'too wide': shorten it")]


def test_records_that_retention_deleted_are_named_counted_and_passed_over(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.send(numbered(0, 10))
    tp = Partition(rig.topic, 0)
    store = Store(positions={tp: 2})
    admin = AdminClient({"bootstrap.servers": rig.brokers})
    admin.delete_records([TopicPartition(*tp, 5)])[TopicPartition(*tp)].result(60)

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options()) as it:
            await until(lambda: store.positions == rig.ends(), "it goes on")
            assert it.metric("sink_missing_records_total", topic=rig.topic) == 3

    asyncio.run(live())
    assert [value for *_, value in store.rows] == numbered(5, 5)
    (line,) = lines(caplog, "gone from the log")
    assert f"{rig.topic}/0 offsets 2 to 4" in line and "3 records" in line


def test_retention_that_overtakes_a_running_sink_is_no_silent_jump(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    sink = Shelf(store, rig.topic)
    tp = Partition(rig.topic, 0)
    admin = AdminClient({"bootstrap.servers": rig.brokers})

    async def live() -> None:
        async with driven(sink, rig.options()) as it:
            await until(lambda: it.metric("sink_assigned_partitions") == 2, "it has begun")
            sink.down = "away for as long as Kafka keeps records"
            rig.send([b"first"])
            await until(lambda: sink.pauses, "it is paused with one record in hand")
            rig.send(numbered(0, 10))
            end = rig.ends()[tp]
            await asyncio.to_thread(
                lambda: admin.delete_records([TopicPartition(*tp, end)])[TopicPartition(*tp)].result(60)
            )
            sink.down = ""
            await until(lambda: it.metric("sink_missing_records_total") > 0, "the gap is seen")
            rig.send([b"last"])
            await until(lambda: store.positions == rig.ends(), "it goes on")

    asyncio.run(live())
    values = [value for *_, value in store.rows]
    assert (values[0], values[-1]) == (b"first", b"last")
    assert len(lines(caplog, "gone from the log")) == 1


class Forgetful:
    """A consumer that hands over, with every batch, what it has handed over before; told nothing, it is a real one."""

    def __init__(self, properties: dict[str, Any]) -> None:
        self._consumer = Consumer(properties)
        self._before: list[Any] = []

    def consume(self, count: int, timeout_s: float) -> list[Any]:
        messages = self._consumer.consume(count, timeout_s)
        records = [m for m in messages if m.error() is None]
        handed = [*self._before, *messages, *records[-3:]] if records else messages
        self._before = (self._before + records)[-50:]
        return handed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)


def test_records_from_before_the_position_are_not_stored_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher, "Consumer", Forgetful)
    rig.send(numbered(0, 700))
    store = Store()

    async def live() -> None:
        for first in (1_000, 2_000):
            rig.send(numbered(first, 300), partition=1)
            async with driven(Shelf(store, rig.topic), rig.options(batch=200)) as it:
                await until(lambda: store.positions == rig.ends(), "positions are at the log's end")
                rig.send(numbered(first + 500, 20))
                await until(lambda: store.positions == rig.ends(), "and again")
                assert it.metric("sink_stale_records_total", topic=rig.topic) >= 3

    asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent)


def test_a_position_beyond_the_log_is_another_log(rig: Rig) -> None:
    rig.send(numbered(0, 3))
    store = Store(positions={Partition(rig.topic, 0): 5_000})

    async def live() -> None:
        async with driven(Shelf(store, rig.topic), rig.options()) as it:
            await until(it.task.done, "it refuses")

    with pytest.raises(SinkMisfit, match=rf"{rig.topic}/0 up to offset 5,000, but the log ends at 4"):
        asyncio.run(live())
    assert store.rows == []


def test_a_broker_that_goes_away_is_waited_for(
    tmp_path_factory: pytest.TempPathFactory, unique: Unique, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store()
    with LocalKafka(tmp_path_factory.mktemp("kafka")) as broker:
        rig = Rig(broker.bootstrap, unique("topic"), unique("group"))
        rig.send(numbered(0, 20))

        async def live() -> None:
            async with driven(Shelf(store, rig.topic), rig.options()) as it:
                await until(lambda: len(store.rows) == 20, "the first are in")
                await asyncio.to_thread(broker.kill)
                await until(lambda: lines(caplog, "does not answer"), "it is seen to be away")
                await asyncio.to_thread(broker.start)
                await until(lambda: lines(caplog, "answers again"), "it is seen to be back")
                await asyncio.to_thread(rig.send, numbered(20, 20))
                await until(lambda: len(store.rows) == 40, "the others are in")
                assert it.metric("sink_up") == 1

        asyncio.run(live())
    assert sorted(store.rows) == sorted(rig.sent)
    assert len(lines(caplog, "does not answer")) == len(lines(caplog, "answers again")) == 1


@pytest.mark.parametrize("fault", [lambda: RuntimeError("a bug"), lambda: SinkMisfit("other tables")])
def test_what_no_waiting_mends_ends_the_driver_and_moves_nothing(rig: Rig, fault: Callable[[], Exception]) -> None:
    store = Store()
    sink = Shelf(store, rig.topic)
    sink.next_faults.append(fault())
    rig.send(numbered(0, 3))

    async def live() -> None:
        async with driven(sink, rig.options()) as it:
            await until(it.task.done, "it ends")

    with pytest.raises(type(fault())):
        asyncio.run(live())
    assert (store.rows, store.positions, sink.closed) == ([], {}, True)
