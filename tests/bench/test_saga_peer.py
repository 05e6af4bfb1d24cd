"""The peer of the whole path is right: its topics keep the promise, and it decides as Penstock does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.demo.source import Source
from tests.bench import java_records, whole_path
from tests.bench.saga_outcomes import Final, Outcomes, with_plenty
from tests.bench.saga_peers import PENSTOCK, kafka_streams
from tests.bench.saga_rig import SagaRig, encoded

ORDERS = 300
#: Two or three brokers and as many workers are started: on a busy machine that takes its time.
pytestmark = [pytest.mark.long, pytest.mark.timeout(1_200)]


def orders(seed: int) -> Source:
    """With stock of what is sold only: taking in the rest would be most of the test's time."""
    source = whole_path.ordinary(ORDERS, seed)
    sold = b"".join(raw.event["payload"] for raw in source.events)
    return source._replace(stock=[each for each in source.stock if each.record["sku"].encode() in sold])


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SagaRig]:
    """Kafka Streams has decided orders of every kind, with stock that runs short."""
    source = orders(11)
    with SagaRig(tmp_path_factory.mktemp("saga"), kafka_streams(100), source) as rig:
        rig.publish(encoded(source.events))
        rig.wait_until_decided()
        yield rig


def test_its_topics_keep_the_promise(rig: SagaRig) -> None:
    verdict = rig.verify()
    assert verdict.violation_counts == {}
    counts = verdict.channels.values()
    assert sum(count["events"] for count in counts) == len(rig.source.events)
    # The input asks for every outcome, or the comparison below would show little.
    for outcome in ("accepted", "duplicate", "review"):
        assert sum(count.get(outcome, 0) for count in counts) > 0
    assert verdict.phases["ALLOCATED"] > ORDERS / 2
    assert verdict.phases["BACKORDERED"] and verdict.phases["CANCELLED"] and verdict.phases["HELD"]
    assert verdict.stock["REJECTED"] and verdict.stock["RELEASED"]


def test_it_decides_as_penstock_does(tmp_path: Path) -> None:
    source = with_plenty(orders(12))
    streams, penstock = (whole_path.decisions(peer, source, tmp_path) for peer in (kafka_streams(100), PENSTOCK))
    assert len(streams.events) == len(source.events)
    assert sum(1 for final in streams.orders.values() if final.sends) > ORDERS / 2
    assert streams.differences(penstock) == []


def test_a_difference_is_named() -> None:
    place, allocated = ("channel.jd.events", 0, 7), Final("ALLOCATED", 5, (("1", "TS-RED", "hz1", 2),), ())
    one = Outcomes({place: ("accepted", "jd:1", 5)}, {"jd:1": allocated})
    assert one.differences(Outcomes(dict(one.events), dict(one.orders))) == []
    elsewhere = allocated._replace(sends=(("1", "TS-RED", "gz1", 2),))
    (line,) = one.differences(Outcomes(one.events, {"jd:1": elsewhere}))
    assert "jd:1" in line and "hz1" in line and "gz1" in line
    (line,) = one.differences(Outcomes({}, one.orders))
    assert "channel.jd.events" in line


def test_its_records_are_those_of_the_schemas() -> None:
    written = {path.name: path.read_text() for path in java_records.FOLDER.glob("*.java")}
    # The only one written by hand.
    del written["Message.java"]
    assert written == java_records.sources(), "run python -m tests.bench.java_records"
