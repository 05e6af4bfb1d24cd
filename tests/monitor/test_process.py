"""penstock monitor, status, lag and check as processes, over topics whose content is known."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from confluent_kafka import Consumer
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from schemas.codec import CODEC
from schemas.terminal import Terminal
from schemas.topics import QUARANTINE
from streams.cli.status import lag_tables, screen
from streams.engine import Metrics
from streams.engine.admin import CLOCK_TOPIC, Admin
from streams.engine.options import Options
from streams.monitor import overview
from streams.monitor.overview import Watcher
from streams.ops import audit
from streams.ops.cluster import Cluster, Publisher
from streams.ops.groups import Group, Member
from streams.ops.http import serve
from streams.ops.lag import Lag, Lags
from streams.settings import Settings
from tests.integration.conftest import penstock, penstock_alone
from tests.monitor.conftest import Web
from tests.monitor.test_counting import golden
from tests.patience import PATIENCE_S
from tests.people import person

HOUR_MS = 3_600_000


class Running:
    """The monitor's process, and what it serves."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process, self.log = process, log
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://localhost:(\d+)/metrics; (\d+) interfaces", line)
        assert found, line + log.read_text()
        self.port, self.interfaces = int(found[1]), int(found[2])

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def metrics(self) -> dict[str, float]:
        """By name and label values: ``hub_interface_up kafka``."""
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return {" ".join([s.name, *s.labels.values()]): s.value for family in families for s in family.samples}

    def until(self, **wanted: float) -> dict[str, float]:
        """Waits until these metrics (``hub_`` and ``__`` for the blanks left out) have these values."""
        named = {"hub_" + name.replace("__", " "): value for name, value in wanted.items()}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            seen = self.metrics()
            if all(seen.get(name) == value for name, value in named.items()):
                return seen
            assert time.monotonic() < deadline, ({n: seen.get(n) for n in named}, named, self.log.read_text()[-2000:])
            time.sleep(0.2)

    def ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while (answer := self.get("/ready"))[0] != 200:
            assert time.monotonic() < deadline, (answer, self.log.read_text()[-2000:])
            time.sleep(0.1)


@contextmanager
def monitor(settings: Settings, folder: Path, **env: str) -> Iterator[Running]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    log = folder / "monitor.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", "monitor", "--port", "0"],
            env={**clean, **settings.to_env(), **env},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    with process:
        try:
            yield Running(process, log)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0, log.read_text()
        finally:
            # Before anybody waits for its end.
            if process.poll() is None:
                process.kill()


def publish(settings: Settings, *records: tuple[str, str, bytes]) -> None:
    with Publisher(settings) as publisher:
        for topic, key, value in records:
            publisher.send(topic, key, value)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def event(late: bool) -> tuple[str, str, bytes]:
    at_ms = now_ms()
    fields = {"channel": "jd", "occurred_at_ms": at_ms - (60_000 if late else 0), "received_at_ms": at_ms}
    return "channel.jd.events", "jd:1", golden("ChannelEvent", **fields)


def balance(reserved: int) -> tuple[str, str, bytes]:
    level = {"warehouse": "hz1", "on_hand": 5, "reserved": reserved, "safety_stock": 0, "open": True}
    record = {"sku": "MUG", "version": reserved, "levels": [level], "pool": None}
    return "inventory.availability", "MUG", CODEC.encode("Availability", record)


def resubmitted(settings: Settings, offset: int, partition: int) -> None:
    record = f"orders.review/{partition}@{offset}"
    audit.publish(
        Cluster(settings), [audit.entry("review.resubmitted", "jd:1", by=person("li"), details={"record": record})]
    )


def test_the_monitor_counts_what_it_sees_and_knows_what_stands_after_a_restart(
    settings: Settings, tmp_path: Path, web: Web
) -> None:
    interfaces = tmp_path / "interfaces.toml"
    interfaces.write_text(
        f'interval_s = 0.5\n[[interface]]\nname = "shop"\nkind = "http"\nurl = "http://u:s3cret@127.0.0.1:{web.port}/"\n'
    )
    # Before it starts: a late event, an item in review and a quarantined one.
    publish(
        settings,
        event(late=True),
        ("orders.review", "jd:1", golden("Review", channel="jd")),
        (QUARANTINE, "x", b"anything"),
    )
    (in_review,) = list(Cluster(settings).read("orders.review"))

    with monitor(settings, tmp_path, PENSTOCK_INTERFACES=str(interfaces)) as it:
        assert it.interfaces == 2
        it.ready()
        assert json.loads(it.get("/live")[1])["live"] is True
        seen = it.until(review_backlog=1, quarantined_records=1, interface_up__shop=1, interface_up__kafka=1)
        assert seen["hub_sync_timeliness_ratio"] == 0
        assert seen["hub_channel_events_total jd"] == 0
        assert (seen["hub_oversold_skus"], seen["hub_workers"]) == (0, 0)
        assert seen["hub_stage_lag_records intake channel.jd.events"] == 1

        took = [
            ("allocations", "jd:1", golden("OrderAllocated", attempt=1, received_at_ms=now_ms() - 2 * HOUR_MS)),
            ("orders", "jd:1", golden("Order")),
            ("orders.duplicates", "jd:1", golden("Duplicate")),
        ]
        publish(settings, event(late=False), event(late=False), event(late=False), *took, balance(6))
        web.status = 500
        seen = it.until(
            channel_events_total__jd=3,
            channel_outcomes_total__jd__accepted=1,
            channel_outcomes_total__jd__duplicate=1,
            decisions_total__jd__allocated=1,
            decision_latency_seconds_count__jd=1,
            oversold_skus=1,
            interface_up__shop=0,
            sync_timeliness_ratio=0.75,
        )
        assert 2 * 3600 <= seen["hub_processing_mean_seconds"] < 2 * 3600 + 600
        assert seen["hub_channel_outcomes_total jd review"] == 0
        assert seen["hub_review_oldest_seconds"] > 0

        web.status = 200
        publish(settings, balance(5))
        resubmitted(settings, in_review.offset() or 0, in_review.partition() or 0)
        it.until(oversold_skus=0, review_backlog=0, review_oldest_seconds=0, interface_up__shop=1)
        assert it.metrics()["hub_oversells_total"] == 1
    log = [json.loads(line) for line in it.log.read_text().splitlines()]
    assert [line["message"] for line in log if line.get("interface") == "shop"] == [
        "interface shop answers",
        "interface shop fails: answers with status 500",
        "interface shop answers again",
    ]
    assert "s3cret" not in it.log.read_text()

    # Started again: counters are a new process's, what stands and the KPIs are as they were.
    with monitor(settings, tmp_path) as it:
        it.ready()
        seen = it.until(review_backlog=0, quarantined_records=1, oversold_skus=0, sync_timeliness_ratio=0.75)
        assert seen["hub_channel_events_total jd"] == 0
        assert seen["hub_decision_latency_seconds_count jd"] == 0
        assert 2 * 3600 <= seen["hub_processing_mean_seconds"] < 2 * 3600 + 600
        publish(settings, event(late=False))
        it.until(channel_events_total__jd=1, sync_timeliness_ratio=0.8)


def test_status_shows_the_whole_hub(settings: Settings) -> None:
    looked_at = {"interface": "carrier", "kind": "tcp", "checked_at_ms": now_ms(), "healthy": False, "changed": True}
    publish(
        settings,
        ("health.checks", "carrier", CODEC.encode("HealthCheck", {**looked_at, "took_ms": 7, "error": "refused"})),
        ("orders.review", "jd:2", golden("Review", channel="jd")),
        ("sink.refused", "x", b"anything"),
        ("channel.pdd.events", "pdd:1", b"anything"),
    )
    wrong = {"host": "vm-7", "ahead_s": pytest.approx(-90_000, abs=5)}
    Admin(settings.brokers, Options()).create("penstock-clock", 1, 1, CLOCK_TOPIC)
    publish(
        settings,
        ("penstock-clock", "vm-7/12", str(now_ms() - 90_000_000).encode()),
        ("penstock-clock", "vm-7/13", str(now_ms()).encode()),
        ("penstock-clock", "vm-8/12", str(now_ms() + 59_000).encode()),
    )
    done = penstock("status", "--json", **settings.to_env())
    assert (done.returncode, done.stderr) == (0, "")
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["brokers"] == [settings.brokers]
    assert seen["workers"]["members"] == []
    assert (seen["sink_refused"], seen["oversold"], seen["restoring"]) == (1, 0, None)
    assert seen["review_backlog"] >= 1
    assert seen["wrong_clocks"] == [wrong]
    assert {it["interface"]: it["error"] for it in seen["checks"]}["carrier"] == "refused"
    (pdd,) = (lag for lag in seen["stages"] if lag["topic"] == "channel.pdd.events")
    assert (pdd["reader"], pdd["records"], pdd["behind"], pdd["partitions"]) == ("intake", 1, 1, 4)
    assert pdd["seconds"] > 0

    with Watcher(Cluster(settings)) as watcher:
        looked = watcher.look()
        # A second look reads on from the first.
        publish(settings, ("sink.refused", "x", b"anything"))
        assert watcher.look().sink_refused == 2
    # Of what other tests have had deleted from their topics this one knows nothing.
    whole = looked._replace(missing={}, gone={})
    for columns in (80, 140):
        shown = io.StringIO()
        Console(width=columns, file=shown).print(screen(whole))
        text = shown.getvalue()
        assert max(map(len, text.splitlines())) <= columns
        for said in (
            "none",
            "in review",
            "1 refused by sinks",
            "intake",
            "allocation",
            "inventory",
            "carrier",
            "vm-7 is 25.0 h",
        ):
            assert said in text
        assert "deleted unread" not in text
    lost = whole._replace(missing={"orders": 600}, gone={("intake", "channel.jd.events"): 7})
    shown = io.StringIO()
    Console(width=140, file=shown).print(screen(lost))
    assert "deleted unread: 600 offsets of orders, 7 of channel.jd.events ahead of intake" in shown.getvalue()


def test_status_asks_workers_what_was_deleted_before_they_read_it(settings: Settings) -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.told.missing("orders", 600)
    metrics.restore_progress.set(0.25)
    well = (True, "")
    server = serve(0, metrics.registry, live=lambda: well, ready=lambda: well, host="127.0.0.1")
    workers = Group("penstock", "STABLE", (Member("one", "127.0.0.1", ()),))
    try:
        said = overview.said_by(replace(settings, metrics_port=server.port), workers)
        assert said is not None and said.missing == {"orders": 600} and said.restoring == [0.25]
        assert overview.said_by(settings, workers) is None
    finally:
        server.close()


def test_lag_is_told_topic_by_topic(settings: Settings) -> None:
    done = penstock("lag", "--json", **settings.to_env())
    seen = json.loads(done.stdout)
    assert seen.keys() == {"stages", "sinks"}
    assert {lag["topic"] for lag in seen["stages"]} >= {"channel.pdd.events", "orders", "inventory.commands"}
    text = penstock("lag", "--once", **settings.to_env()).stdout
    assert re.search(r"intake +channel\.jd\.events +\d", text)
    assert max(map(len, text.splitlines())) <= 80


def test_lag_fits_80_columns_whatever_it_has_to_tell() -> None:
    worst = Lag("allocation", "inventory.availability", 1_234_567, 3 * 86_400 + 4 * 3_600, 12, 12, 654_321)
    shown = io.StringIO()
    Terminal(width=140, file=shown).print(lag_tables(Lags([worst], [worst])))
    lines = shown.getvalue().splitlines()
    assert max(map(len, lines)) <= 80, lines
    assert sum(all(word in line for word in ("1,234,567", "3 d 04 h", "12 of 12", "654,321")) for line in lines) == 2
    assert re.fullmatch(r" +records +partitions *", lines[0]) and lines[1].split()[:3] == ["stage", "topic", "behind"]


def test_check_asks_everything_once_and_fails_with_what_fails(settings: Settings, tmp_path: Path, web: Web) -> None:
    interfaces = tmp_path / "interfaces.toml"
    interfaces.write_text(
        f'[[interface]]\nname = "shop"\nkind = "http"\nurl = "http://127.0.0.1:{web.port}/?token=s3cret"\n'
    )
    env = {**settings.to_env(), "PENSTOCK_INTERFACES": str(interfaces)}
    done = penstock("check", **env)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert re.search(r"kafka +kafka +yes", done.stdout)
    assert re.search(r"shop +http +yes", done.stdout)
    web.status = 503
    done = penstock("check", "--json", **env)
    assert done.returncode == 1
    found = [(it["interface"], it["healthy"], it["error"]) for it in json.loads(done.stdout)]
    assert found == [("kafka", True, ""), ("shop", False, "answers with status 503")]
    assert "s3cret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("monitor",), "PENSTOCK_INTERFACES is '/nowhere.toml': No such file or directory"),
        (("check",), "PENSTOCK_INTERFACES is '/nowhere.toml': No such file or directory"),
    ],
)
def test_wrong_settings_are_one_clear_line(settings: Settings, command: tuple[str, ...], says: str) -> None:
    done = penstock(*command, **{**settings.to_env(), "PENSTOCK_INTERFACES": "/nowhere.toml"})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_a_taken_port_is_one_clear_line(settings: Settings, web: Web) -> None:
    done = penstock_alone("monitor", "--port", str(web.port), **settings.to_env())
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"error: cannot serve metrics at 127.0.0.1:{web.port}: Address already in use; set another port\n"
    )


def test_status_shows_who_works_and_what_is_restored(settings: Settings) -> None:
    metrics = Metrics(CollectorRegistry())
    metrics.restore_progress.set(0.4)
    well = (True, "")
    worker = Consumer({"bootstrap.servers": settings.brokers, "group.id": "someones", "client.id": "first"})
    server = serve(0, metrics.registry, live=lambda: well, ready=lambda: well, host="127.0.0.1")
    try:
        worker.subscribe(["orders"])
        deadline = time.monotonic() + PATIENCE_S
        while not worker.assignment():
            assert time.monotonic() < deadline
            worker.poll(0.2)
        with Watcher(Cluster(replace(settings, app_id="someones", metrics_port=server.port))) as watcher:
            seen = watcher.look()
            (member,) = seen.workers.members
            assert (member.client, member.host) == ("first", "127.0.0.1")
            assert member.partitions == tuple(("orders", partition) for partition in range(4))
            assert seen.restoring == [0.4]
            metrics.restore_progress.set(1)
            assert watcher.look().restoring == []
    finally:
        server.close()
        worker.close()
