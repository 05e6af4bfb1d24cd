"""What the platforms were told is true, whatever dies: nothing accepted is lost, and nothing is called accepted that was not taken."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import pytest

from schemas.topics import CHANNELS
from tests.connectors.channels.edge import Edge, Orders, until
from tests.connectors.channels.pushes import Case, good


@contextmanager
def frozen_kafka(edge: Edge) -> Iterator[None]:
    """The broker is there and says nothing."""
    pid = edge.kafka.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def push(edge: Edge, case: Case) -> tuple[int, float]:
    """(status, seconds it took); status 0: no answer."""
    request = urllib.request.Request(edge.gateway.url + case.path, case.body, case.headers, method="POST")
    began = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status = answer.status
    except urllib.error.HTTPError as exc:
        with exc:
            status = exc.code
    except OSError:
        status = 0
    return status, time.monotonic() - began


def place_everywhere(edge: Edge, count: int) -> dict[str, Orders]:
    placed = {channel: edge.orders(channel, count) for channel in CHANNELS}
    for channel, orders in placed.items():
        edge.place(channel, orders.values())
    return placed


def all_arrive(edge: Edge, here: int, placed: dict[str, Orders]) -> None:
    """Every order of every channel has its event."""
    for channel, orders in placed.items():
        until(
            lambda channel=channel: edge.events(here, channel).keys(),  # type: ignore[misc]
            f"all of {channel}",
            lambda found, orders=orders: found >= orders.keys(),  # type: ignore[misc]
        )


def test_kafka_away(edge: Edge) -> None:
    """No false success; what Douyin and Kuaidi100 were told is accepted outlives a ``kill -9`` on the gateway's disk."""
    here = edge.here()
    cases = list(islice(good(edge.shops, 77), 12))
    acked = {channel: edge.counts(channel)["pushes_acked"] for channel in CHANNELS}
    with frozen_kafka(edge):
        placed = place_everywhere(edge, 5)
        answers = [(case, *push(edge, case)) for case in cases]
        for case, status, _ in answers:
            # Shopify sends again what it hears no success for; the others may not.
            assert status == (503 if case.path.startswith("/push/shopify") else 200), case.path
        status, why = edge.gateway.get("/ready")
        assert (status, "Kafka" in why or "on disk" in why) == (503, True), why
        assert edge.gateway.metric("gateway_spooled_records") > 0
        assert edge.gateway.get("/live")[0] == 200
        for channel in ("taobao", "pdd", "shopify"):
            assert edge.counts(channel)["pushes_acked"] == acked[channel], f"{channel} was told a success that is none"
        edge.gateway.kill()
        edge.gateway.start()
        # Kafka is not back, and pushes are taken again.
        douyin = next(case for case in cases if case.path.startswith("/push/douyin"))
        assert push(edge, douyin)[0] == 200
    all_arrive(edge, here, placed)
    accepted = {record for case, status, _ in answers if status == 200 for record in case.records}
    until(
        lambda: {(entry.topic, entry.key) for entry in edge.since(here)},
        "what was accepted on disk is in Kafka",
        lambda found: found >= accepted,
    )
    until(lambda: edge.gateway.metric("gateway_spooled_records"), "nothing waits on disk", lambda waiting: waiting == 0)
    until(lambda: edge.gateway.get("/ready"), "it is ready", lambda ready: ready[0] == 200)


def test_sigterm_while_pushes_are_under_way(edge: Edge) -> None:
    """It ends well, nothing that it answered with success is missing, and what it refused comes again."""
    here = edge.here()
    placed = place_everywhere(edge, 60)
    edge.gateway.terminate()
    assert edge.gateway.wait() == 0, edge.gateway.log.read_text()[-3000:]
    edge.gateway.start()
    all_arrive(edge, here, placed)


@pytest.mark.long
def test_kill_9_again_and_again(edge: Edge) -> None:
    """Every order that changed at its platform arrives in the end."""
    here = edge.here()
    placed: dict[str, Orders] = {channel: {} for channel in CHANNELS}
    for pause_s in (0.02, 0.3, 1.0):
        for channel, orders in place_everywhere(edge, 40).items():
            placed[channel] |= orders
        time.sleep(pause_s)
        edge.gateway.kill()
        edge.gateway.start()
    all_arrive(edge, here, placed)
