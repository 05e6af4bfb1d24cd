"""The time of the log: what it is, who goes by it, and what becomes of a host whose clock is far from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic

from streams.engine.admin import LOG_TIME, Admin
from streams.engine.errors import Misconfigured
from streams.engine.log_clock import LogClock, skew_ms, told
from streams.engine.options import Options
from streams.engine.restore import Restorer
from streams.engine.store import Checkpoint, Store
from tests.conftest import Unique
from tests.engine.harness import Rig, expected, orders, rig
from tests.engine.test_probes import Probed
from tests.patience import PATIENCE_S

HOUR_MS = 3_600_000
SHARD = ("seen", 0)


@pytest.mark.parametrize(
    ("before_ms", "written_ms", "after_ms", "skew"),
    [
        (100, 100, 100, 0),
        (100, 150, 9_000, 0),  # the answer was long under way: nothing speaks against this clock
        (100, 40, 160, 60),
        (100, 190, 160, -30),
        (100, 100 - 25 * HOUR_MS, 101, 25 * HOUR_MS),
        (100, 50, 20, 50),  # set back while the line was under way
    ],
)
def test_a_clock_is_wrong_by_what_no_delay_explains(before_ms: int, written_ms: int, after_ms: int, skew: int) -> None:
    assert skew_ms(before_ms, written_ms, after_ms) == skew


@pytest.mark.parametrize(
    ("ahead_ms", "words"),
    [(61_000, "61.0 s ahead of"), (-25 * HOUR_MS, "25.0 h behind"), (9_600 * HOUR_MS, "400.0 d ahead of")],
)
def test_how_wrong_it_is_is_told_in_words(ahead_ms: int, words: str) -> None:
    assert told(ahead_ms) == words


@pytest.mark.parametrize(
    ("dated_h", "kept"), [(0, True), (-11.9, True), (11.9, True), (-12.1, False), (12.1, False), (24 * 400, False)]
)
def test_state_is_as_old_as_the_log_says(tmp_path: Path, dated_h: float, kept: bool) -> None:
    store = Store(tmp_path, Options())
    now_ms = 1_767_232_800_000
    store.write({SHARD: {b"key": b"1"}}, {SHARD: Checkpoint(7, now_ms + int(dated_h * HOUR_MS))})
    clock: Any = SimpleNamespace(now_ms=lambda: now_ms)
    restorer = Restorer("nowhere:1", store, {}, clock, Options())
    assert restorer._start(("seen-changelog", 0), SHARD, (0, 9), {}) == (7 if kept else 0)
    assert (store.checkpoint(SHARD) is not None) == kept
    store.close()


@pytest.fixture
def it(kafka: str, unique: Unique, tmp_path: Path) -> Iterator[Rig]:
    with rig(kafka, unique(), tmp_path, partitions=2) as opened:
        (tmp_path / "ahead").write_text("0")
        yield opened


def ticks(it: Rig) -> list[tuple[int, int]]:
    """The time each tick told, and the time at which the log got it."""
    return [(int(message.value()), message.timestamp()[1]) for message in it.read(f"{it.app_id}-ticks")]


def test_a_wrong_clock_is_told_once_and_gives_no_ticks_until_it_is_right(it: Rig, tmp_path: Path) -> None:
    topic = NewTopic(f"{it.app_id}-ticks", 1, 1, config={"message.timestamp.type": "LogAppendTime"})
    admin = AdminClient({"bootstrap.servers": it.brokers})
    admin.create_topics([topic])[topic.topic].result(30)
    it.feed(orders(300, seed=2))
    probed, ahead = Probed(tmp_path / "port"), tmp_path / "ahead"
    ahead.write_text(str(25 * HOUR_MS))
    worker = it.start(CLOCK_AHEAD=ahead, TICK_S=0.2, METRICS_FILE=probed.file)
    # It decides what comes as any other does.
    it.wait_for(expected(it.read(f"{it.app_id}-in")))
    probed.until("ready", 200, "25.0 h ahead of the broker's, more than 60 s: nothing is proposed by time")
    time.sleep(6.0)  # another line is written meanwhile
    assert ticks(it) == []
    assert it.log().count("25.0 h ahead of the broker's") == 1
    ahead.write_text("-30000")
    deadline = time.monotonic() + PATIENCE_S
    while "agree again" not in it.log():
        assert time.monotonic() < deadline, it.log()
        time.sleep(0.3)
    assert "ahead of" not in probed.ask("ready")[1]
    time.sleep(2.0)
    it.stop(worker)
    # By the log's time, not by the host's, which is half a minute behind.
    late_ms = [logged_ms - at_ms for at_ms, logged_ms in ticks(it)]
    assert late_ms and min(late_ms) >= 0 and max(late_ms) < 15_000, late_ms


def test_a_clock_that_is_ahead_rebuilds_no_state(it: Rig, tmp_path: Path) -> None:
    it.feed(orders(200, seed=3))
    first = it.start(CLOCK_AHEAD=tmp_path / "ahead")
    it.wait_for(expected(it.read(f"{it.app_id}-in")))
    it.stop(first)
    (tmp_path / "ahead").write_text(str(9_600 * HOUR_MS))
    it.feed(orders(200, seed=4))
    it.start(CLOCK_AHEAD=tmp_path / "ahead")
    it.wait_for(expected(it.read(f"{it.app_id}-in")))
    assert "400.0 d ahead" in it.log() and "is rebuilt" not in it.log()


def test_topics_that_bore_the_hosts_time_bear_the_logs(it: Rig) -> None:
    mine = [f"{it.app_id}-clock", f"{it.app_id}-seen-changelog"]
    it.create(mine[0], partitions=1)
    it.create(mine[1])
    it.feed(orders(20, seed=5))
    it.start()
    it.wait_for(expected(it.read(f"{it.app_id}-in")))
    admin = AdminClient({"bootstrap.servers": it.brokers})
    for asked in admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic) for topic in mine]).values():
        assert asked.result(20)["message.timestamp.type"].value == "LogAppendTime"


def test_a_topics_setting_that_is_not_in_force_yet_is_waited_for(it: Rig) -> None:
    it.create(topic := f"{it.app_id}-soon-a-clock", partitions=1)
    clock = LogClock(it.brokers, topic, Options())
    clock.ask()
    asked_ms = time.time_ns() // 1_000_000
    setting = threading.Timer(0.5, Admin(it.brokers, Options()).hold, ([topic], LOG_TIME))
    setting.start()
    try:
        clock.start()
        assert clock.now_ms() > asked_ms and not clock.doubt
    finally:
        clock.stop()
        setting.join()


def test_a_topic_that_does_not_bear_the_logs_time_is_no_clock(it: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.engine.log_clock._IN_FORCE_S", 0.5)
    it.create(topic := f"{it.app_id}-no-clock", partitions=1)
    clock = LogClock(it.brokers, topic, Options())
    with pytest.raises(Misconfigured, match=rf"{topic} does not bear the log's time: set message.timestamp.type="):
        clock.start()
