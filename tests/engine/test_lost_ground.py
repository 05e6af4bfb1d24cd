"""A changelog, an input or the group's offsets are not what they were: the worker says so and stops, and its local copy stays.

``unmoved`` is the proof: what stands in the output afterwards is what stood there before.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from streams.engine.options import Options
from streams.engine.store import Store
from tests.conftest import Unique
from tests.engine.harness import Rig, expected, orders, rig
from tests.patience import PATIENCE_S

PARTITIONS = 2


@pytest.fixture
def it(kafka: str, unique: Unique, tmp_path: Path) -> Iterator[Rig]:
    """An app that has decided something, and is stopped."""
    with rig(kafka, unique(), tmp_path, PARTITIONS) as made:
        made.feed(orders(400, seed=3))
        worker = made.start(WATCH_S=1)
        made.wait_for(expected(made.read(f"{made.app_id}-in")))
        assert made.stop(worker) == 0, made.log()
        yield made


def admin(it: Rig) -> AdminClient:
    return AdminClient({"bootstrap.servers": it.brokers})


def changelog(it: Rig) -> str:
    return f"{it.app_id}-seen-changelog"


def deleted(it: Rig, topic: str) -> None:
    client = admin(it)
    client.delete_topics([topic])[topic].result(30)
    deadline = time.monotonic() + PATIENCE_S
    while topic in client.list_topics(timeout=20).topics:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def anew(it: Rig, topic: str, partitions: int = PARTITIONS) -> None:
    deleted(it, topic)
    client = admin(it)
    client.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1)])[topic].result(30)


def grown(it: Rig, *topics: str) -> None:
    client = admin(it)
    for future in client.create_partitions([NewPartitions(t, PARTITIONS + 1) for t in topics]).values():
        future.result(30)


def offsets(it: Rig, offset: int) -> None:
    tps = [TopicPartition(f"{it.app_id}-in", p, offset) for p in range(PARTITIONS)]
    client = admin(it)
    asked = client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(it.app_id, tps)])
    for tp in asked[it.app_id].result(30).topic_partitions:
        assert tp.error is None, tp.error


def offsets_deleted(it: Rig) -> None:
    client = admin(it)
    client.delete_consumer_groups([it.app_id])[it.app_id].result(30)


LOSSES: dict[str, tuple[Callable[[Rig], None], str]] = {
    "changelog deleted": (lambda it: deleted(it, changelog(it)), "seen-changelog/0 was deleted"),
    "changelog made anew": (lambda it: anew(it, changelog(it)), "seen-changelog/0 was deleted and made anew"),
    "input made anew": (
        lambda it: anew(it, f"{it.app_id}-in"),
        "the group has no offset, and the state of 'counts' has",
    ),
    "offsets set back": (
        lambda it: offsets(it, 0),
        "the group has offset 0, and the state of 'counts' has decided up to",
    ),
    "offsets set on": (lambda it: offsets(it, 300), "the group has offset 300, and the state of 'counts' has decided"),
    "offsets deleted": (offsets_deleted, "the group has no offset, and the state of 'counts' has decided up to"),
    "partitions added to all": (
        lambda it: grown(it, f"{it.app_id}-in", changelog(it), f"{it.app_id}-counts-changelog"),
        f"-in had {PARTITIONS} partitions and has {PARTITIONS + 1}",
    ),
    "partitions added to one": (lambda it: grown(it, f"{it.app_id}-in"), "need the same number of partitions"),
}


@pytest.mark.parametrize(
    ("loss", "disk"),
    [(loss, "its own disk") for loss in LOSSES]
    + [(loss, "an empty disk") for loss in ("changelog deleted", "offsets set back")],
)
def test_a_worker_does_not_start_on_what_it_was_not_told_of(it: Rig, loss: str, disk: str) -> None:
    lose, says = LOSSES[loss]
    before = it.decided()
    if loss == "offsets set on":
        it.feed(orders(1_000, seed=4))
        before = it.decided()
    lose(it)
    copy = it.folder / "worker-0" / "state"
    if disk == "an empty disk":
        shutil.rmtree(it.folder / "worker-0")
    assert it.start().wait(PATIENCE_S) != 0, it.log()
    assert says in it.log()
    assert it.decided() == before, "nothing was decided"
    if disk == "its own disk":
        store = Store(copy, Options())
        assert sum(1 for p in range(PARTITIONS) for _ in store.scan(("seen", p))) > 300, "the copy is whole"
        store.close()


@pytest.mark.parametrize(
    ("lose", "says"),
    [
        (lambda it: anew(it, changelog(it)), "seen-changelog was deleted"),
        (lambda it: anew(it, f"{it.app_id}-in"), "-in was deleted"),
        (lambda it: grown(it, f"{it.app_id}-in"), f"-in had {PARTITIONS} partitions and has {PARTITIONS + 1}"),
    ],
    ids=["changelog made anew", "input made anew", "partitions added"],
)
def test_a_running_worker_notices_and_stops(it: Rig, lose: Callable[[Rig], None], says: str) -> None:
    worker = it.start(WATCH_S=1)
    deadline = time.monotonic() + PATIENCE_S
    while not it.members():
        assert time.monotonic() < deadline and worker.poll() is None, it.log()
        time.sleep(0.2)
    time.sleep(2.0)
    lose(it)
    assert worker.wait(PATIENCE_S) != 0
    assert says in it.log()


def test_versions_that_know_no_ties_hand_over_and_take_over(kafka: str, unique: Unique, tmp_path: Path) -> None:
    """An upgrade, back, and forth again; each on the disk of the one before."""
    with rig(kafka, unique(), tmp_path, PARTITIONS) as it:
        for number, tieless in enumerate(("yes", "", "yes", "")):
            it.feed(orders(300 * (number + 1), seed=5))
            worker = it.start(TIELESS=tieless)
            want = expected(it.read(f"{it.app_id}-in"))
            it.wait_for(want)
            assert it.stop(worker) == 0, it.log()
            assert it.decided() == want
