"""A record whose key belongs to another partition is no one's to decide where it stands: its owner's state is elsewhere."""

from __future__ import annotations

from pathlib import Path

from aiokafka.partitioner import murmur2
from confluent_kafka import Producer

from streams.engine.partitions import partition_of, partitions_of
from tests.conftest import Unique
from tests.engine.harness import expected, orders, rig


def test_partitions_are_java_s() -> None:
    keys = [
        b"",
        b"a",
        b"ab",
        b"abc",
        b"abcd",
        b"\0",
        b"a\0b",
        "订单:17".encode(),
        *(b"taobao:%d" % (n * 7919) for n in range(2_000)),
    ]
    for count in (1, 2, 7, 12, 1_000):
        java = [(murmur2(key) & 0x7FFFFFFF) % count for key in keys]
        assert partitions_of(keys, count) == java == [partition_of(key, count) for key in keys]


def test_it_goes_to_quarantine_with_that_reason_and_nothing_else_does(
    kafka: str, unique: Unique, tmp_path: Path
) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        records = orders(400, seed=31)
        it.feed(records)
        # As a client of librdkafka sends that was not told which partitioner: a copy of each, and some without a key.
        other = Producer({"bootstrap.servers": kafka})
        for key, value in records:
            other.produce(f"{it.app_id}-in", key=key, value=value)
        for number in range(20):
            other.produce(f"{it.app_id}-in", value=b"poison%d" % number)
        assert other.flush(30) == 0
        it.start()
        read = it.read(f"{it.app_id}-in")
        misplaced = [m for m in read if m.key() is not None and partition_of(m.key(), 4) != m.partition()]
        assert 100 < len(misplaced) < 400
        want = expected([m for m in read if m not in misplaced])
        it.wait_for(want)
        assert it.decided() == want
        reasons = {}
        for message in it.read(f"{it.app_id}.quarantine"):
            headers = {name: value.decode() for name, value in message.headers()}
            reasons[int(headers["partition"]), int(headers["offset"])] = message.key(), headers["error"]
        assert reasons == {
            (m.partition(), m.offset()): (
                m.key(),
                f"WrongPartition: its key belongs to partition {partition_of(m.key(), 4)} of 4: "
                "its producer needs Java's partitioner, murmur2",
            )
            if m in misplaced
            # Without a key it belongs nowhere else: its agent judges it.
            else (None, "TypeError: can't concat NoneType to bytes")
            for m in read
            if m in misplaced or m.key() is None
        }
