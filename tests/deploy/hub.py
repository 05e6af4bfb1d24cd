"""A small hub of real processes: Kafka, Postgres, a worker, the sink, the monitor, and one channel's endpoint."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from connectors.generator import catalogue, demand, generate, initial_stock, warehouses
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka, LocalPostgres
from deploy.local.process import free_ports
from schemas.codec import CODEC
from schemas.records import WritebackChanged
from schemas.topics import channel_topic
from streams.demo.source import Source
from streams.ops.cluster import Cluster, Publisher
from streams.settings import Settings
from tests.deploy.watch import until
from tests.patience import PATIENCE_S

#: More than are sold while a test looks.
_ORDERS, _SEED = 5_000, 3


class Process:
    """A penstock command that runs until it is ended, with its metrics at ``address``."""

    def __init__(self, log: Path, settings: Settings, *command: str, **env: str) -> None:
        self.log = log
        port = free_ports(1)[0]
        self.address = f"127.0.0.1:{port}"
        arguments = [part.format(port=port) for part in command]
        self._command = [sys.executable, "-m", "streams.cli", *arguments]
        self._env = {**os.environ, **settings.to_env(), **env, "PENSTOCK_METRICS_PORT": str(port)}
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._env, stdout=log, stderr=log)

    def metrics(self) -> str:
        """What it serves; empty while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=5) as answer:
                return str(answer.read(), "utf-8")
        except OSError:
            return ""

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(number)
        try:
            self._process.wait(PATIENCE_S)
        finally:
            self._process.kill()


class Channel(ThreadingHTTPServer):
    """A channel's endpoint: answers 200, or 503 while ``broken``."""

    broken = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Answer(BaseHTTPRequestHandler):
    server: Channel

    def do_GET(self) -> None:
        self.send_response(503 if self.server.broken else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output is the test's."""


@dataclass
class Hub:
    """What the tests do to it."""

    settings: Settings
    postgres: LocalPostgres
    worker: Process
    sink: Process
    monitor: Process
    channel: Channel

    @property
    def targets(self) -> dict[str, list[str]]:
        """What Prometheus is to scrape, by job."""
        return {
            "penstock-worker": [self.worker.address],
            "penstock-sink": [self.sink.address],
            "penstock-monitor": [self.monitor.address],
        }

    def open(self) -> None:
        """Returns when warehouses and stock are taken in and all processes are at work; a message that makes an agent fail is there too."""
        cluster, source = Cluster(self.settings), _source()
        cluster.publish(source.world())
        wanted = {sku.encode() for sku in source.skus}
        until(
            lambda: wanted <= {message.key() for message in cluster.read("inventory.availability")},
            120,
            lambda: f"stock is not taken in; the worker says: {self.worker.log.read_text()[-2000:]}",
        )
        with Publisher(self.settings) as publisher:
            publisher.send(channel_topic("jd"), "jd:1", b"no order")
        for process, line in ((self.sink, "sink_up{"), (self.monitor, "hub_workers 1.0")):
            until(lambda p=process, x=line: x in p.metrics(), 120, process.log.read_text)  # type: ignore[misc]

    @contextmanager
    def trading(self) -> Iterator[None]:
        """Orders of five channels come in, repeats and faulty ones among them, until the end of the block."""
        over = threading.Event()
        seller = threading.Thread(target=self._sell, args=(over,))
        seller.start()
        try:
            yield
        finally:
            over.set()
            seller.join()

    def _sell(self, over: threading.Event) -> None:
        with Publisher(self.settings) as publisher:
            for raw in _source().events:
                if over.wait(0.02):
                    return
                now_ms = _now_ms()
                event = {**raw.event, "occurred_at_ms": now_ms - 200, "received_at_ms": now_ms}
                publisher.send(raw.topic, raw.key, CODEC.encode("ChannelEvent", event))
                for told in _written_back(raw.key, now_ms):
                    publisher.send("writeback.status", raw.key, CODEC.encode("WritebackChanged", told))


def _source() -> Source:
    """A shop with few goods: its stock is soon taken in."""
    items, now_ms = catalogue(50, _SEED), _now_ms()
    events = list(generate(_ORDERS, _SEED, start_ms=now_ms, items=items))
    stock = list(initial_stock(demand(items, _ORDERS), _SEED, now_ms))
    return Source("a small shop", events, warehouses(), stock)


def _written_back(order_id: str, now_ms: int) -> tuple[WritebackChanged, WritebackChanged]:
    """What the writeback's stage says of a parcel whose number it asks a platform to take, and which does."""
    written: WritebackChanged = {
        "order_id": order_id,
        "channel": order_id.partition(":")[0],
        "shop": "a small shop",
        "shipment_id": f"{order_id}/{now_ms}",
        "warehouse": "hz1",
        "carrier": "SF",
        "tracking_no": f"SF{now_ms}",
        "phase": "WRITTEN",
        "attempt": 1,
        "requests": 1,
        "outcome": "SHIPPED",
        "code": "",
        "reason": "",
        "ship_by_ms": now_ms + 86_400_000,
        "shipped_at_ms": now_ms - 1_000,
        "next_at_ms": None,
        "held_since_ms": None,
        "at_ms": now_ms,
    }
    return {**written, "phase": "REQUESTED", "outcome": None}, written


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def running_hub(folder: Path) -> Iterator[Hub]:
    with ExitStack() as stack:
        kafka = stack.enter_context(LocalKafka(folder / "kafka"))
        postgres = stack.enter_context(LocalPostgres(folder / "postgres", settings={"fsync": "off"}))
        asyncio.run(migrate(postgres.url))
        settings = Settings(kafka.bootstrap, folder, partitions=2, database_url=postgres.url)
        Cluster(settings).create_topics()
        channel = Channel()
        stack.callback(channel.close)
        interfaces = folder / "interfaces.toml"
        url = f"http://127.0.0.1:{channel.server_port}/"
        interfaces.write_text(f'interval_s = 1\n[[interface]]\nname = "channel.jd"\nkind = "http"\nurl = "{url}"\n')

        def process(name: str, *command: str, **env: str) -> Process:
            it = Process(folder / f"{name}.log", settings, *command, **env)
            stack.callback(it.end)
            return it

        yield Hub(
            settings,
            postgres,
            process("worker", "worker"),
            process("sink", "sink", "postgres", "--metrics-port", "{port}"),
            process("monitor", "monitor", PENSTOCK_INTERFACES=str(interfaces)),
            channel,
        )
