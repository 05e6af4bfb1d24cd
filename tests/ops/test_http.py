"""/metrics, /live and /ready over a real socket."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter

from streams.ops.http import CannotServe, Heartbeat, Server, serve
from streams.ops.ports import bind
from tests.patience import PATIENCE_S


class Process:
    """What the probes answer."""

    live = (True, "turns")
    ready = (False, "restoring")


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def server(process: Process) -> Iterator[Server]:
    registry = CollectorRegistry()
    Counter("sheep", "Counted", registry=registry).inc(7)
    server = serve(0, registry, live=lambda: process.live, ready=lambda: process.ready, host="127.0.0.1")
    yield server
    server.close()


def get(server: Server, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=30) as response:
            return response.status, response.read().decode()
    except HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()


def test_metrics_are_those_of_the_registry(server: Server) -> None:
    status, text = get(server, "/metrics")
    assert status == 200
    assert "sheep_total 7.0" in text


def test_probes_answer_as_the_process_stands_and_say_why(server: Server, process: Process) -> None:
    status, text = get(server, "/live")
    assert (status, json.loads(text)) == (200, {"live": True, "why": "turns"})
    status, text = get(server, "/ready")
    assert (status, json.loads(text)) == (503, {"ready": False, "why": "restoring"})
    process.ready = (True, "8 partitions")
    assert get(server, "/ready")[0] == 200


def test_a_probe_that_fails_is_bad_news_without_its_details(
    server: Server, process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    process.ready = "password"  # type: ignore[assignment]
    with caplog.at_level(logging.CRITICAL):
        status, text = get(server, "/ready")
    assert (status, json.loads(text)) == (503, {"ready": False, "why": "the probe failed: ValueError"})


def test_other_paths_are_not_found(server: Server) -> None:
    assert get(server, "/table")[0] == 404


def test_a_taken_port_is_one_clear_line(server: Server) -> None:
    well = (True, "")
    with pytest.raises(CannotServe, match=rf"127.0.0.1:{server.port}: Address already in use; set another port"):
        serve(server.port, CollectorRegistry(), live=lambda: well, ready=lambda: well, host="127.0.0.1")


def test_what_keeps_it_from_opening_is_raised_and_nobody_waits_for_it() -> None:
    async def fails(_: web.Application) -> None:
        raise OSError("its spool is gone")

    app = web.Application()
    app.on_startup.append(fails)
    with bind("serve", "127.0.0.1", 0) as listening, pytest.raises(OSError, match="its spool is gone"):
        Server(listening, app)


def test_a_closed_server_listens_no_more(process: Process) -> None:
    server = serve(0, CollectorRegistry(), live=lambda: process.live, ready=lambda: process.ready, host="127.0.0.1")
    server.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), 30).close()


def test_a_heart_that_does_not_beat_in_time_is_dead() -> None:
    assert Heartbeat("the loop", 3600)()[0]
    stopped = Heartbeat("the loop", -1)
    stopped.beat()
    assert stopped() == (False, "the loop last turned 0 s ago (limit -1 s)")


def test_a_loop_that_hangs_stops_its_heart() -> None:
    async def hang() -> tuple[tuple[bool, str], tuple[bool, str]]:
        beat = Heartbeat("the loop", 1.5)
        beating = asyncio.create_task(beat.keep())
        await asyncio.sleep(0.1)
        before = beat()
        time.sleep(1.6)
        hung = beat()
        beating.cancel()
        return before, hung

    before, hung = asyncio.run(hang())
    assert (before[0], hung[0]) == (True, False)


def test_a_process_that_ends_with_its_server_open_closes_it_before_python_is_taken_down() -> None:
    code = (
        "import atexit; from prometheus_client import CollectorRegistry; from streams.ops.http import serve; "
        "import threading; alive = lambda: [t.name for t in threading.enumerate() if t.name == 'http']; "
        "atexit.register(lambda: print('left', alive())); "
        "serve(0, CollectorRegistry(), live=lambda: (True, ''), ready=lambda: (True, '')); print('served', alive())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    # What is registered last runs first.
    assert (done.returncode, done.stdout, done.stderr) == (0, "served ['http']\nleft []\n", "")
