"""The promise: killed at any step, the same decisions as a run that was never killed, byte for byte and in the same order."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, NewTopic

from streams.engine.source import generation
from tests.conftest import Unique
from tests.engine.harness import Rig, expected, orders, rig
from tests.patience import PATIENCE_S

#: Every point of the cycle at which a worker can die, as the engine names them.
STEPS = (
    "fetched",
    "decided",
    "begin",
    "produce-changelog",
    "produce",
    "offsets",
    "commit",
    "committed",
    "apply",
    "applied",
)


def decided_as_if_undisturbed(it: Rig) -> None:
    want = expected(it.read(f"{it.app_id}-in"))
    it.wait_for(want)
    assert it.decided() == want


#: The others' deaths are simulated by the thousand beside these: see tests/simulation.
SHORT = ("decided", "produce", "committed")


@pytest.mark.parametrize(
    "step", [step if step in SHORT else pytest.param(step, marks=pytest.mark.long) for step in STEPS]
)
def test_killed_at_a_step_of_the_cycle(kafka: str, unique: Unique, tmp_path: Path, step: str) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(3_000, seed=1))
        assert it.start(KILL_AT=f"{step}:4").wait(PATIENCE_S) == -9, it.log()
        it.start()
        decided_as_if_undisturbed(it)


def test_killed_while_restoring_a_lost_disk(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(3_000, seed=2))
        first = it.start()
        decided_as_if_undisturbed(it)
        assert it.stop(first) == 0, it.log()
        it.feed(orders(4_000, seed=2))
        assert it.start(slot=1, KILL_AT="restore:1").wait(PATIENCE_S) == -9, it.log(1)
        it.start(slot=1)
        decided_as_if_undisturbed(it)


def test_killed_during_a_rebalance(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(4_000, seed=3))
        first = it.start(slot=0, KILL_AT="revoked:1", PAUSE_S=0.05)
        it.until(it.works, "the first one works")
        it.start(slot=1)
        assert first.wait(PATIENCE_S) == -9, it.log()
        decided_as_if_undisturbed(it)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_two_workers_killed_at_random(kafka: str, unique: Unique, tmp_path: Path, protocol: str) -> None:
    seed = 7
    chance = random.Random(seed)
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(12_000, seed=seed))
        workers = [it.start(slot, GROUP_PROTOCOL=protocol, PAUSE_S=0.02) for slot in range(2)]
        for _ in range(4):
            time.sleep(chance.uniform(1.5, 3.0))
            slot = chance.randrange(2)
            workers[slot].kill()
            workers[slot].wait()
            workers[slot] = it.start(slot, GROUP_PROTOCOL=protocol, PAUSE_S=0.02)
        decided_as_if_undisturbed(it)


def test_a_worker_that_slept_through_its_session_is_fenced(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(6_000, seed=4))
        sleeper = it.start(slot=0, PAUSE_S=0.05)
        it.until(it.works, "it works")
        sleeper.send_signal(signal.SIGSTOP)
        slept_from = sum(map(len, it.decided().values()))
        it.start(slot=1, PAUSE_S=0.01)
        # Past its session and its transaction: only then the other gets its partitions.
        it.until(lambda: sum(map(len, it.decided().values())) > slept_from, "the other goes on", slot=1)
        sleeper.send_signal(signal.SIGCONT)
        decided_as_if_undisturbed(it)
        # What the sleeper may still try comes before it joins anew.
        it.until(lambda: it.members() == 2, "the sleeper is back")
        decided_as_if_undisturbed(it)


def test_sigterm_finishes_the_cycle_and_leaves_the_group(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(4_000, seed=5))
        first = it.start(PAUSE_S=0.02)
        it.until(it.works, "it works")
        assert it.members() == 1
        assert it.stop(first) == 0, it.log()
        assert it.members() == 0, "it has left the group, not merely gone silent"
        it.start(slot=1)
        decided_as_if_undisturbed(it)


def test_the_generation_is_read_from_the_groups_metadata(kafka: str, unique: Unique) -> None:
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": unique(), "auto.offset.reset": "earliest"})
    try:
        assert generation(consumer.consumer_group_metadata()) == -1, "in no group yet"
        topic = unique()
        admin = AdminClient({"bootstrap.servers": kafka})
        admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(20)
        consumer.subscribe([topic])
        deadline = time.monotonic() + PATIENCE_S
        while not consumer.assignment() and time.monotonic() < deadline:
            consumer.poll(0.1)
        assert generation(consumer.consumer_group_metadata()) == 1, "the group's first generation"
    finally:
        consumer.close()
