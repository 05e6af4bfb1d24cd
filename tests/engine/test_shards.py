"""A shard has one owner, whatever topics the members of a group read; and no checkpoint passes what somebody else has written."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from confluent_kafka import Producer
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.shards import TP, lacking, parts_of, shards_of
from tests.chaos.checks.state import check_state
from tests.chaos.topics import changelog
from tests.conftest import Unique
from tests.engine.harness import Rig, expected, orders, rig

TABLES = [
    SimpleNamespace(name="seen", sources=("a", "b")),
    SimpleNamespace(name="stock", sources=("c",)),
    SimpleNamespace(name="any", sources=()),
]
CHANGELOGS = {table.name: f"{table.name}-changelog" for table in TABLES}


def test_a_shard_is_its_sources_and_its_changelog() -> None:
    parts = parts_of(TABLES, ("a", "b", "c"), CHANGELOGS)
    assert parts["seen"] == {"a", "b", "seen-changelog"}
    assert parts["any"] == {"a", "b", "c", "any-changelog"}
    assert shards_of(TABLES, [("a", 1), ("c", 0)]) == {("seen", 1), ("any", 1), ("stock", 0), ("any", 0)}


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        pytest.param("", {}, id="nothing is held"),
        pytest.param("a1 b1 log1", {}, id="whole"),
        pytest.param("a1 b1 log1 a2 b2 log2", {}, id="two of them"),
        pytest.param("a1 b1", {"a1": "log1", "b1": "log1"}, id="its changelog is with another"),
        pytest.param("log1", {"log1": "a1 b1"}, id="the changelog alone"),
        pytest.param("b2 a1 b1 log1", {"b2": "a2 log2"}, id="a part of the next"),
        pytest.param("x1 a1 b1 log1", {}, id="what belongs to no table"),
    ],
)
def test_what_is_missing_beside_a_part_of_a_shard(held: str, missing: dict[str, str]) -> None:
    def named(text: str) -> set[TP]:
        return {(word[:-1], int(word[-1])) for word in text.split()}

    want = {tp: named(others) for one, others in missing.items() for tp in named(one)}
    assert lacking({"seen": {"a", "b", "log"}}, named(held)) == want


TOPICS = ("a", "b", "c", "d")
SUBSCRIPTION = st.sets(st.sampled_from(TOPICS), min_size=1)


@given(st.lists(SUBSCRIPTION, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_no_shard_is_whole_twice_however_partitions_are_given_out(subscriptions, chance) -> None:
    held: list[set[TP]] = [set() for _ in subscriptions]
    for topic in (*TOPICS, "log"):
        readers = [n for n, topics in enumerate(subscriptions) if topic in topics or topic == "log"]
        for number in range(3):
            if readers:
                held[chance.choice(readers)].add((topic, number))
    worked_on: list[TP] = []
    for topics, mine in zip(subscriptions, held, strict=True):
        missing = lacking({"table": {*topics, "log"}}, mine)
        worked_on += {("table", number) for topic, number in mine - missing.keys() if topic != "log"}
    assert len(worked_on) == len(set(worked_on)), "two members work on one shard"


def waits(it: Rig, slot: int) -> bool:
    return f"{it.app_id}-more" in it.log(slot) and " waits: " in it.log(slot)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_version_that_reads_one_topic_more_waits_for_shards_that_an_older_one_has(
    kafka: str, unique: Unique, tmp_path: Path, protocol: str
) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.create(f"{it.app_id}-more")
        old = it.start(slot=0, GROUP_PROTOCOL=protocol)
        records = orders(900, seed=5)
        it.feed(records[:300])
        it.wait_for(expected(it.read(f"{it.app_id}-in")))
        new = it.start(slot=1, MORE="1", GROUP_PROTOCOL=protocol)
        it.until(lambda: waits(it, 1), "the new one waits", slot=1)
        # Decided by both, each its shards; what is told again later tells what they remember.
        it.feed(records[300:600])
        it.wait_for(expected(it.read(f"{it.app_id}-in")))
        it.feed(records[:600], topic="more")
        assert it.stop(old) == 0, it.log(0)
        it.feed(records)
        want = expected(it.read(f"{it.app_id}-in"))
        it.wait_for(want)
        it.wait_until_read("more")
        assert it.decided() == want
        assert it.stop(new, 60) == 0, it.log(1)
        assert not wrong_state(it)


def test_what_somebody_else_wrote_to_a_changelog_is_read_before_the_checkpoint_passes_it(
    kafka: str, unique: Unique, tmp_path: Path
) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        worker = it.start()
        records = orders(300, seed=6)
        it.feed(records[:100])
        it.wait_for(expected(it.read(f"{it.app_id}-in")))
        stranger = Producer({"bootstrap.servers": kafka})
        for partition in range(it.partitions):
            for number in range(3):
                stranger.produce(changelog(it.app_id, "seen"), b"theirs%d" % number, b"7", partition=partition)
        assert stranger.flush(30) == 0
        it.feed(records[100:])
        want = expected(it.read(f"{it.app_id}-in"))
        it.wait_for(want)
        assert it.decided() == want
        assert it.stop(worker, 60) == 0, it.log()
        assert not wrong_state(it)
        assert "3 offsets from" in it.log() or "4 offsets from" in it.log(), it.log()


def wrong_state(it: Rig) -> list[object]:
    """What the workers' stores and the changelogs say differently."""
    tables = {table: changelog(it.app_id, table) for table in ("seen", "counts")}
    return list(check_state(it.brokers, it.folder.glob("worker-[0-9]"), tables, it.partitions)[1])
