"""Interfaces that fail and heal: one look, and the watch around the clock with its metric, its history and its log."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from prometheus_client import CollectorRegistry

from deploy.local.process import free_ports
from schemas.records import HealthCheck
from streams.monitor.checks import check
from streams.monitor.health import Health, last_checks
from streams.monitor.interfaces import Interface, Interfaces, Kind
from streams.monitor.metrics import HubMetrics
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.monitor.conftest import Web
from tests.patience import PATIENCE_S


def look(kind: Kind, target: str, timeout_s: float = 30.0, was_healthy: bool | None = None) -> HealthCheck:
    return asyncio.run(check(Interface("it", kind, target, timeout_s), {}, was_healthy))


@contextmanager
def silent() -> Iterator[int]:
    """The port of somebody who takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as it:
        yield it.getsockname()[1]


@pytest.mark.parametrize(
    ("status", "error"), [(200, ""), (204, ""), (404, "answers with status 404"), (503, "answers with status 503")]
)
def test_http_is_well_below_400(web: Web, status: int, error: str) -> None:
    web.status = status
    done = look("http", f"http://user:s3cret@127.0.0.1:{web.port}/health?token=s3cret")
    assert (done["interface"], done["kind"], done["healthy"], done["error"]) == ("it", "http", not error, error)
    assert abs(done["checked_at_ms"] - time.time() * 1000) < 600_000
    assert "s3cret" not in json.dumps(done)


def test_who_says_nothing_has_failed_when_the_time_is_up(web: Web) -> None:
    web.status = 0
    done = look("http", f"http://127.0.0.1:{web.port}/", timeout_s=0.3)
    assert (done["healthy"], done["error"]) == (False, "no answer within 0.3 s")
    assert done["took_ms"] >= 300
    with silent() as port:
        assert look("postgres", f"postgresql://u:s3cret@127.0.0.1:{port}/x", 0.3)["error"] == "no answer within 0.3 s"
        assert look("tcp", f"127.0.0.1:{port}")["healthy"]


def test_nobody_there(web: Web) -> None:
    port = free_ports(1)[0]
    assert look("tcp", f"127.0.0.1:{port}")["error"] == "Connection refused"
    assert look("http", f"http://127.0.0.1:{port}/?token=s3cret")["error"] == "Connection refused"
    assert look("postgres", f"postgresql://u:s3cret@127.0.0.1:{port}/x")["error"] == "Connection refused"
    assert look("http", "http://no-such-host.invalid/?token=s3cret")["error"] == "its host's name is not known"
    # A web server is no database, and a database no web server: said without what they answered.
    done = look("postgres", f"postgresql://u:s3cret@127.0.0.1:{web.port}/x?sslmode=disable", 1)
    assert not done["healthy"]
    assert "s3cret" not in done["error"]


def test_kafka(settings: Settings) -> None:
    assert look("kafka", settings.brokers)["healthy"]
    done = look("kafka", f"127.0.0.1:{free_ports(1)[0]}", timeout_s=1)
    assert not done["healthy"]


def test_a_change_is_a_change_from_the_look_before(web: Web) -> None:
    url = f"http://127.0.0.1:{web.port}/"
    assert look("http", url)["changed"]
    assert not look("http", url, was_healthy=True)["changed"]
    web.status = 500
    assert look("http", url, was_healthy=True)["changed"]


def test_an_interface_fails_and_heals_under_watch(
    settings: Settings, web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "streams.monitor.health")
    cluster = Cluster(settings)
    registry = CollectorRegistry()
    url = f"http://u:s3cret@127.0.0.1:{web.port}/"
    watched = Interfaces(0.2, (Interface("channel.watched", "http", url), Interface("slow", "http", url, 0.1)))

    def up(name: str = "channel.watched") -> float | None:
        return registry.get_sample_value("hub_interface_up", {"interface": name})

    def history() -> list[tuple[bool, bool, str]]:
        kept = [it for it in checks_of(cluster, "channel.watched") if it["changed"]]
        return [(it["healthy"], it["changed"], it["error"]) for it in kept]

    async def watch() -> None:
        health = asyncio.create_task(Health(settings, watched, HubMetrics(registry)).run())
        try:
            await until(lambda: up() == 1 and len(history()) == 1)
            web.status = 503
            await until(lambda: up() == 0 and len(history()) == 2)
            web.status = 200
            await until(lambda: up() == 1 and len(history()) == 3)
        finally:
            health.cancel()
            await asyncio.gather(health, return_exceptions=True)

    asyncio.run(watch())
    assert history() == [(True, True, ""), (False, True, "answers with status 503"), (True, True, "")]
    # Every look is in the history; the newest is where it stands.
    everything = checks_of(cluster, "channel.watched")
    assert len(everything) > 3
    assert last_checks(cluster)["channel.watched"] == everything[-1]
    lines = [record.getMessage() for record in caplog.records if getattr(record, "interface", "") == "channel.watched"]
    assert lines == [
        "interface channel.watched answers",
        "interface channel.watched fails: answers with status 503",
        "interface channel.watched answers again",
    ]
    assert "s3cret" not in caplog.text

    # A monitor that is started again knows how it stood: no news is told twice.
    caplog.clear()

    async def again() -> None:
        before = len(checks_of(cluster, "channel.watched"))
        health = asyncio.create_task(Health(settings, watched, HubMetrics(CollectorRegistry())).run())
        await until(lambda: len(checks_of(cluster, "channel.watched")) > before)
        health.cancel()
        await asyncio.gather(health, return_exceptions=True)

    asyncio.run(again())
    assert len(history()) == 3
    assert "channel.watched" not in caplog.text


def checks_of(cluster: Cluster, interface: str) -> list[HealthCheck]:
    from schemas.codec import CODEC

    messages = cluster.read("health.checks", key=interface)
    return [CODEC.decode(m.value())[1] for m in messages]  # type: ignore[misc]


async def until(fits: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not await asyncio.to_thread(fits):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
