"""Lag of stages and sinks on a real broker: known input, known positions. No test here shares a topic with another."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, Producer, TopicPartition

from streams.engine.asking import patiently
from streams.ops.groups import Group, Groups
from streams.ops.lag import Lag, LagMeter
from streams.settings import Settings
from streams.topology import TOPOLOGY, WHERE_WANTED
from tests.dates import dated_by_producers
from tests.patience import PATIENCE_S

HOUR_MS = 3_600_000
TOPIC = "shipments"


class Log:
    """Writes to one topic as the engine does, in transactions, and commits positions as a reader does."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self.settings, self.topic = settings, topic
        dated_by_producers(settings.brokers, [topic])
        self.producer = Producer(
            {"bootstrap.servers": settings.brokers, "transactional.id": f"test-{topic}", "log_level": 0}
        )
        self.producer.init_transactions(30)
        self.now_ms = time.time_ns() // 1_000_000

    def write(self, partition: int, *ages_ms: int, undo: bool = False) -> None:
        """One transaction with a record of each age; a marker follows them."""
        self.producer.begin_transaction()
        self.add(partition, *ages_ms)
        if undo:
            self.producer.abort_transaction(30)
        else:
            self.producer.commit_transaction(30)

    def add(self, partition: int, *ages_ms: int) -> None:
        for age_ms in ages_ms:
            self.producer.produce(self.topic, b"x", b"k", partition=partition, timestamp=self.now_ms - age_ms)
        assert self.producer.flush(30) == 0

    def commit(self, group: str, **offsets: int) -> None:
        """Positions of a group, by p0, p1..."""
        consumer = Consumer({"bootstrap.servers": self.settings.brokers, "group.id": group, "log_level": 0})
        try:
            tps = [TopicPartition(self.topic, int(p[1:]), offset) for p, offset in offsets.items()]
            # A broker that has just started doesn't know yet which groups it coordinates.
            patiently(lambda: consumer.commit(offsets=tps, asynchronous=False), PATIENCE_S)
        finally:
            consumer.close()


def of(lags: list[Lag], reader: str, topic: str) -> Lag:
    (found,) = (lag for lag in lags if (lag.reader, lag.topic) == (reader, topic))
    return found


def test_a_stage_is_as_far_behind_as_its_oldest_undecided_record(settings: Settings) -> None:
    log = Log(settings, TOPIC)
    with LagMeter(settings) as meter:
        before = meter.measure().stages
        assert of(before, "allocation", TOPIC) == Lag("allocation", TOPIC, 0, 0, 0, 4, 0)

        # Nobody has begun: all of it is to be decided, from the log's start.
        log.write(0, 3 * HOUR_MS, 2 * HOUR_MS, HOUR_MS)
        log.write(1, HOUR_MS)
        lag = of(meter.measure().stages, "allocation", TOPIC)
        assert (lag.records, lag.behind, lag.partitions) == (4, 2, 4)
        assert 3 * 3600 <= lag.seconds < 3 * 3600 + 600

        # The group stops after two: the third has waited for an hour, and the other partition's only one as well.
        log.commit("penstock", p0=2)
        lag = of(meter.measure().stages, "allocation", TOPIC)
        assert (lag.records, lag.behind) == (2, 2)
        assert 3600 <= lag.seconds < 3600 + 600

        # A stage that stands still falls behind by the second.
        time.sleep(1.1)
        assert of(meter.measure().stages, "allocation", TOPIC).seconds >= lag.seconds + 1

        # Decided to the last record: what stands behind it are markers, now and the next time.
        log.commit("penstock", p0=3, p1=1)
        for _ in range(2):
            assert of(meter.measure().stages, "allocation", TOPIC) == Lag("allocation", TOPIC, 0, 0, 0, 4, 0)

        # What an undone transaction wrote is nobody's work; what an open one writes is not there yet.
        log.write(0, HOUR_MS, undo=True)
        log.producer.begin_transaction()
        log.add(1, HOUR_MS)
        assert of(meter.measure().stages, "allocation", TOPIC).records == 0
        log.producer.commit_transaction(30)
        lag = of(meter.measure().stages, "allocation", TOPIC)
        assert (lag.records, lag.behind) == (1, 1)
        log.commit("penstock", p1=3)

        # Every edge of the topology has been measured; the others have heard nothing of this one.
        after = meter.measure().stages
        begun = [stage for stage in TOPOLOGY if stage.group not in WHERE_WANTED]
        assert [(lag.reader, lag.topic) for lag in after] == [(s.name, topic) for s in begun for topic in s.reads]
        others = [lag.records for lag in after if lag.topic != TOPIC]
        assert others == [lag.records for lag in before if lag.topic != TOPIC]
        # Another group reads the same topic at its own pace: it has not begun, and has all of it before it.
        assert of(after, "writeback", TOPIC).records == 5


def test_a_group_that_not_everybody_wants_is_behind_once_it_has_begun(settings: Settings) -> None:
    log = Log(settings, "warehouse.reports")
    log.write(0, HOUR_MS, HOUR_MS)
    with LagMeter(settings) as meter:
        assert [lag for lag in meter.measure().stages if lag.reader == "warehouse"] == []
        log.commit("penstock-warehouse", p0=1)
        assert of(meter.measure().stages, "warehouse", log.topic).records == 1


def test_a_long_remainder_is_the_difference_of_offsets(settings: Settings) -> None:
    log = Log(settings, "orders.decisions")
    log.write(2, *[HOUR_MS] * 1_000)
    with LagMeter(settings) as meter:
        assert of(meter.measure().stages, "allocation", log.topic).records == 1_001  # with the marker
        log.commit("penstock", p2=990)
        assert of(meter.measure().stages, "allocation", log.topic).records == 10


def test_sinks_are_found_by_their_groups(settings: Settings) -> None:
    log = Log(settings, "inventory.alerts")
    log.write(0, 2 * HOUR_MS, HOUR_MS)
    log.write(3, 0)
    with LagMeter(settings) as meter:
        assert meter.measure().sinks == []
        log.commit("penstock-sink-postgres", p0=1, p3=1)
        log.commit("penstock-sink-files", p0=2)
        lags = meter.measure().sinks
        assert [(lag.reader, lag.topic) for lag in lags] == [("files", log.topic), ("postgres", log.topic)]
        files, postgres = lags
        # One on the same topic is not behind where the other is.
        assert (postgres.records, postgres.behind) == (1, 1)
        assert 3600 <= postgres.seconds < 3600 + 600
        assert (files.records, files.behind) == (1, 1)
        assert files.seconds < 600
    groups = Groups(settings)
    assert groups.sinks() == ["files", "postgres"]
    assert groups.describe("penstock-sink-files", "nobody") == [
        Group("penstock-sink-files", "EMPTY", ()),
        Group("nobody", "DEAD", ()),
    ]


def test_records_deleted_before_they_were_taken_are_no_lag_but_gone(settings: Settings) -> None:
    log = Log(settings, "inventory.results")
    log.write(0, 2 * HOUR_MS, 2 * HOUR_MS, HOUR_MS)
    log.commit("penstock", p0=1)
    admin = Groups(settings).admin  # held until it has answered
    admin.delete_records([TopicPartition(log.topic, 0, 2)])[TopicPartition(log.topic, 0)].result(30)
    with LagMeter(settings) as meter:
        lag = of(meter.measure().stages, "allocation", log.topic)
        # Who has not begun has missed nothing.
        assert {lag.gone for lag in meter.measure().stages if lag.topic != log.topic} == {0}
    assert (lag.records, lag.gone) == (1, 1)
    assert 3600 <= lag.seconds < 3600 + 600


def test_a_connector_that_has_begun_is_told_beside_the_stages(settings: Settings) -> None:
    log = Log(settings, "channel.notices")
    log.write(0, HOUR_MS, HOUR_MS)
    with LagMeter(settings) as meter:
        assert "fetcher" not in {lag.reader for lag in meter.measure().stages}
        log.commit("penstock-fetcher", p0=1)
        lag = of(meter.measure().stages, "fetcher", log.topic)
        assert (lag.records, lag.behind) == (1, 1)
        assert lag.seconds >= 3600
