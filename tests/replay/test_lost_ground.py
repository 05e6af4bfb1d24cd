"""Changelogs deleted after a day's trade and written anew, from the worker's copy and from the input: the same state, and nothing twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.topics import CHANNELS, channel_topic
from streams.agents.wire import RecordCodec
from streams.engine.options import Options
from streams.engine.restore import Restorer
from streams.engine.store import Store
from streams.ops.cluster import Publisher
from streams.ops.standing import ground_of
from streams.ops.workers import Workers
from tests.deploy.runbook import FOLDER, Shell, commands
from tests.integration.conftest import receipt, until
from tests.replay.conftest import Here
from tests.replay.trade import Trade, again

State = dict[str, dict[tuple[int, bytes], bytes]]
STATES = RecordCodec("OrderState")
WHY = ("--because", "the broker lost a disk", "--yes")


@pytest.fixture(scope="module")
def trade(trade: Trade, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    """A copy of this file's own: its topics are deleted, its offsets set. What is decided again on purpose comes last."""
    with again(trade, tmp_path_factory.mktemp("lost")) as it:
        yield it


class Now:
    def now_ms(self) -> int:
        return 0


def kept(trade: Trade, path: Path) -> State:
    """What a store has, by table."""
    store = Store(path, Options())
    found = {
        table: {(p, key): value for p in range(trade.settings.partitions) for key, value in store.scan((table, p))}
        for table in ground_of(trade.settings, "decisions").changelogs
    }
    store.close()
    return found


def on_record(trade: Trade, path: Path) -> State:
    """What the changelogs say, read by a worker without anything of its own."""
    store = Store(path, Options())
    changelogs = ground_of(trade.settings, "decisions").changelogs
    # One that was never written has nothing to be rebuilt from: the next worker creates it.
    there = [table for table, changelog in changelogs.items() if trade.cluster.has(changelog)]
    shards = [(table, p) for table in there for p in range(trade.settings.partitions)]
    Restorer(trade.settings.brokers, store, changelogs, Now(), Options()).catch_up(
        shards, lambda *_: None, lambda: False
    )
    store.close()
    return kept(trade, path)


def gone(trade: Trade, *topics: str) -> None:
    admin = AdminClient({"bootstrap.servers": trade.settings.brokers, "log_level": 0})
    for future in admin.delete_topics(list(topics)).values():
        future.result(30)
    until(lambda: set(topics).isdisjoint(admin.list_topics(timeout=20).topics), bool, "they are gone")


def offsets(trade: Trade, topic: str, offset: int) -> None:
    admin = AdminClient({"bootstrap.servers": trade.settings.brokers, "log_level": 0})
    tps = [TopicPartition(topic, p, offset) for p in range(trade.settings.partitions)]
    asked = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(trade.settings.app_id, tps)])
    assert all(tp.error is None for tp in asked[trade.settings.app_id].result(30).topic_partitions)


def told_again(trade: Trade) -> tuple[int, int]:
    """A delivery, and every event once more, to a real worker: orders accepted before and after."""
    trade.cluster.publish([("inventory.commands", "NEW", "Receive", receipt("NEW", 1, f"{uuid4()}"))])
    before = len(list(trade.cluster.read("orders")))
    events = {(topic, m.key(), m.value()) for topic in map(channel_topic, CHANNELS) for m in trade.cluster.read(topic)}
    workers = Workers(trade.settings, 1)
    workers.start()
    try:
        with Publisher(trade.settings) as publisher:
            for topic, key, value in events:
                publisher.send(topic, key.decode() if isinstance(key, bytes) else key, value)
        until(trade.cluster.at_rest, bool, "all is decided")
        assert workers.stop() == [0], workers.log(0).read_text()[-2000:]
    finally:
        workers.stop()
    return before, len(list(trade.cluster.read("orders")))


@pytest.mark.long
def test_everything_fits_after_a_day(trade: Trade, here: Here) -> None:
    done = here(trade.settings, "state", "check")
    assert (done.code, done.stdout) == (0, "changelogs, offsets and topics belong together\n"), done.stderr
    again = here(trade.settings, "state", "rebuild-changelog", "--from", "local", *WHY)
    assert again.stdout == "no changelog has lost anything\n"


@pytest.mark.long
@pytest.mark.parametrize("whence", ["local", "input"])
def test_changelogs_are_written_anew_and_nothing_is_decided_twice(
    trade: Trade, here: Here, tmp_path: Path, whence: str
) -> None:
    changelogs = ground_of(trade.settings, "decisions").changelogs
    want = on_record(trade, tmp_path / "before")
    assert all(want[table] for table in ("seen", "stock", "reservations", "order_state"))
    gone(trade, *changelogs.values())
    check = here(trade.settings, "state", "check", "--json")
    assert check.code == 1
    assert {m["topic"] for m in json.loads(check.stdout)} == {c for t, c in changelogs.items() if want[t]}
    elsewhere = replace(trade.settings, data=tmp_path / "elsewhere")
    refused = here(elsewhere, "state", "rebuild-changelog", "--from", "local", *WHY)
    assert refused.code == 2 and "no folder here has one: run this where its worker ran" in refused.stderr
    done = here(trade.settings, "state", "rebuild-changelog", "--from", whence, *WHY)
    assert done.code == 0, done.stdout + done.stderr
    assert here(trade.settings, "state", "check").code == 0
    found = on_record(trade, tmp_path / "after")
    for table in want:
        if whence == "input" and table == "backlog":
            # Due at once; without the entries of orders that have since got their stock, which a tick passes over.
            states = {key: STATES.loads(raw) for (_, key), raw in want["order_state"].items()}
            waiting = {key[8:] for _, key in want[table] if states[key[8:]]["phase"] == "BACKORDERED"}
            assert {key[8:] for _, key in found[table]} == waiting
        else:
            assert found[table] == want[table], table
    before, after = told_again(trade)
    assert after == before, "orders accepted twice"


@pytest.mark.long
def test_a_copy_that_is_behind_is_not_taken_for_whole(trade: Trade, here: Here, tmp_path: Path) -> None:
    old = tmp_path / "old" / "0" / "state"
    shutil.copytree(trade.settings.data / "0" / "state", old)
    told_again(trade)
    gone(trade, ground_of(trade.settings, "decisions").changelogs["stock"])
    refused = here(
        replace(trade.settings, data=tmp_path / "old"), "state", "rebuild-changelog", "--from", "local", *WHY
    )
    assert refused.code == 2 and "that of 0 ends with transaction" in refused.stderr, refused.stderr
    assert here(trade.settings, "state", "rebuild-changelog", "--from", "local", *WHY).code == 0
    before, after = told_again(trade)
    assert after == before


@pytest.mark.long
def test_the_runbook_puts_it_right(trade: Trade, tmp_path: Path) -> None:
    gone(trade, ground_of(trade.settings, "decisions").changelogs["seen"])
    # Each act is for a case of its own: what an act before has put right, the next one leaves alone.
    shell = Shell(
        tmp_path,
        {name: value for name, value in trade.settings.to_env().items() if value},
        codes={"penstock state check": [1, 0]},
        before={"penstock state accept": lambda _: offsets(trade, channel_topic("jd"), 0)},
    )
    for command in commands((FOLDER / "lost-ground.md").read_text()):
        shell.run(command)
    said = shell.said("penstock state")
    assert "penstock-seen-changelog/0 was deleted" in said
    assert "seen: " in said and "no changelog has lost anything" in said and "offsets accepted" in said


@pytest.mark.long
@pytest.mark.parametrize("word", ["state", "group"])
def test_offsets_set_by_hand_are_accepted_as_somebody_says(trade: Trade, here: Here, word: str) -> None:
    topic = channel_topic("jd")
    offsets(trade, topic, 0)
    check = here(trade.settings, "state", "check")
    assert (
        check.code == 1
        and f"{topic}/0: the group has offset 0, and the state of 'seen' has decided up to" in check.stdout
    )
    unsaid = here(trade.settings, "state", "accept", *WHY)
    assert unsaid.code == 2 and "--offsets state goes on from where the state has decided" in unsaid.stderr
    done = here(trade.settings, "state", "accept", "--offsets", word, *WHY)
    assert done.code == 0, done.stdout + done.stderr
    assert here(trade.settings, "state", "check").code == 0
    before, after = told_again(trade)
    assert after == before, "intake meets what it has seen: duplicates"


@pytest.mark.long
def test_running_workers_are_not_worked_around(trade: Trade, here: Here) -> None:
    workers = Workers(trade.settings, 1)
    workers.start()
    try:
        until(
            lambda: here(trade.settings, "state", "accept", *WHY),
            lambda done: done.code == 2 and "has 1 workers" in done.stderr,
            "it is refused",
        )
    finally:
        workers.stop()


@pytest.mark.long
def test_an_input_made_anew_is_read_from_its_beginning(trade: Trade, here: Here) -> None:
    gone(trade, "shipments")
    trade.cluster.create_topics()
    check = here(trade.settings, "state", "check")
    assert check.code == 1 and "shipments/0: the group has no offset, and the state of" in check.stdout
    beyond = here(trade.settings, "state", "accept", "--offsets", "state", *WHY)
    assert beyond.code == 2 and "nothing is at offset" in beyond.stderr
    done = here(trade.settings, "state", "accept", "--offsets", "group", *WHY)
    assert done.code == 0 and "shipments/0: on from offset 0" in done.stdout, done.stdout + done.stderr
    assert here(trade.settings, "state", "check").code == 0
