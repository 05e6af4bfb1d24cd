"""The edge of a hub with everything real: Kafka, all platforms' simulators, and the gateway as a process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from connectors.generator import generate
from connectors.shops import Shops, load
from connectors.simulators.run import Simulators
from connectors.simulators.simulator import Options
from deploy.local import LocalKafka
from deploy.local.process import free_ports
from schemas.codec import CODEC, CodecError
from schemas.private import private
from schemas.topics import CHANNELS, QUARANTINE, channel_topic
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.patience import PATIENCE_S

T = TypeVar("T")
Orders = dict[str, dict[str, Any]]

#: Where the gateway puts what it is told.
TOPICS = (*(channel_topic(channel) for channel in CHANNELS), "channel.notices", "logistics.traces", QUARANTINE)

#: Who tells of parcels, beside the platforms.
WAREHOUSE_SYSTEM = """
[[warehouse_system]]
name = "hz-wms"
secret = "hush"
"""


class Entry(NamedTuple):
    """A record in Kafka; in quarantine the record is its headers."""

    topic: str
    key: str
    record: Any


class Log:
    """All that stands in ``TOPICS``."""

    def __init__(self, brokers: str, partitions: int) -> None:
        self._brokers = brokers
        self._at = {(topic, n): 0 for topic in TOPICS for n in range(1 if topic == QUARANTINE else partitions)}
        self._consumer = self._reader()
        self._read: list[Entry] = []

    def read(self) -> list[Entry]:
        """All of it up to now."""
        ends = {tp: self._end(tp) for tp in self._at}
        while any(self._at[tp] < ends[tp] for tp in ends):
            for message in self._consumer.consume(1_000, 0.05):
                if message.error() is not None:
                    continue  # A broker that comes back says this and that; what is missing is missed.
                topic, key = str(message.topic()), (message.key() or b"").decode()
                self._at[topic, message.partition() or 0] = (message.offset() or 0) + 1
                self._read.append(Entry(topic, key, _record(message)))
        return self._read

    def _reader(self) -> Consumer:
        """A client that goes on where we are."""
        consumer = Consumer(
            {"bootstrap.servers": self._brokers, "group.id": "look", "log_level": 0, "fetch.wait.max.ms": 20}
        )
        consumer.assign([TopicPartition(*tp, offset) for tp, offset in self._at.items()])
        return consumer

    def _end(self, tp: tuple[str, int]) -> int:
        """Asks again while the broker comes back."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return int(self._consumer.get_watermark_offsets(TopicPartition(*tp), timeout=5)[1])
            except KafkaException as exc:
                assert time.monotonic() < deadline, exc
                time.sleep(0.2)
                # A client that was told "no such partition" while the broker came back may believe it for minutes: a new one asks.
                self._consumer.close()
                self._consumer = self._reader()

    def close(self) -> None:
        self._consumer.close()


def _record(message: Message) -> Any:
    if message.topic() == QUARANTINE:
        return dict(message.headers() or ())
    try:
        return CODEC.decode(message.value() or b"")[1]
    except CodecError:
        # A test put it there.
        return None


class Loop:
    """An event loop in a thread of its own: for what must go on while a test waits."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulators", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class GatewayProcess:
    """``penstock gateway`` with these settings, on a port that it keeps."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = settings.data / "gateway.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns when it takes pushes."""
        with open(self.log, "ab", opener=private) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "gateway", "--port", str(self.port), "--host", "127.0.0.1"],
                env={**os.environ, **self._settings.to_env()},
                stdout=log,
                stderr=log,
            )
        until(lambda: self.get("/live")[0] == 200, "the gateway lives", look_at=self.check)

    def check(self) -> None:
        assert self._process is not None and self._process.poll() is None, self.log.read_text()[-3000:]

    def kill(self) -> None:
        """As a machine that loses its power."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def terminate(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Its exit code."""
        assert self._process is not None
        return self._process.wait(PATIENCE_S)

    def stop(self) -> int:
        if self._process is None or self._process.poll() is not None:
            return 0
        self.terminate()
        return self.wait()

    def get(self, path: str) -> tuple[int, str]:
        """(status, body); (0, "") when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as exc:
            with exc:
                return exc.code, exc.read().decode()
        except OSError:
            return 0, ""

    def spooled(self) -> int:
        """How many pushes it has put on disk, ever: Kafka did not confirm them in time."""
        lines = (line for line in self.get("/metrics")[1].splitlines() if line.startswith("gateway_pushes_total{"))
        return sum(int(float(line.rpartition(" ")[2])) for line in lines if 'answer="spooled"' in line)

    def metric(self, name: str) -> float:
        """The sum over the series that begin with this."""
        lines = (line for line in self.get("/metrics")[1].splitlines() if line.startswith(name))
        return sum(float(line.rpartition(" ")[2]) for line in lines)


@dataclass
class Edge:
    """What the tests do to it and see of it."""

    settings: Settings
    kafka: LocalKafka
    gateway: GatewayProcess
    simulators: Simulators
    shops: Shops
    log: Log
    _serial: int = 0

    def orders(self, channel: str, count: int) -> Orders:
        """Orders of the channel as they are when they are paid, none placed before: number -> snapshot."""
        found: Orders = {}
        while len(found) < count:
            self._serial += 1_000
            events = generate(
                count * 8, 7, start_ms=now_ms(), malformed_rate=0, duplicate_rate=0, first_serial=self._serial
            )
            self._serial += count * 8
            paid = (e for e in events if e.event["channel"] == channel and "-paid-" in e.event["event_id"])
            for event in paid:
                if len(found) < count:
                    found[event.event["order_no"]] = {
                        "shop": event.event["shop"],
                        "payload": json.loads(event.event["payload"]),
                    }
        return found

    def place(self, channel: str, orders: Iterable[dict[str, Any]]) -> dict[str, int]:
        """At the platform; number -> when it changed there, ms."""
        answer = self.control(channel, "POST", "/_sim/orders", {"orders": list(orders)})
        return {order["order_no"]: order["changed_at_ms"] for order in answer["orders"]}

    def faults(self, channel: str, **rates: float) -> None:
        self.control(channel, "PUT", "/_sim/faults", rates)

    def counts(self, channel: str) -> dict[str, Any]:
        return self.control(channel, "GET", "/_sim/counts")

    def control(self, channel: str, method: str, path: str, body: object = None) -> dict[str, Any]:
        raw = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.simulators.urls[channel] + path, raw, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def form(self, provider: str, path: str, **fields: str) -> dict[str, Any]:
        """A call of a provider's API that takes a form."""
        with urllib.request.urlopen(
            self.simulators.urls[provider] + path, urlencode(fields).encode(), timeout=60
        ) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def here(self) -> int:
        """How many records there are by now: ``since`` goes on from there."""
        return len(self.log.read())

    def since(self, here: int) -> list[Entry]:
        """What came since."""
        return self.log.read()[here:]

    def events(self, here: int, channel: str) -> dict[str, list[Any]]:
        """Order number -> its events since."""
        found: dict[str, list[Any]] = {}
        for entry in self.since(here):
            if entry.topic == channel_topic(channel):
                found.setdefault(entry.record["order_no"], []).append(entry.record)
        return found


def told_in_log(edge: Edge) -> list[str]:
    """Secrets and personal data that stand in the gateway's log."""
    log = edge.gateway.log.read_text()
    secrets = [value for shop in edge.shops.shops for value in (shop.secret, shop.token)]
    secrets += [value for it in edge.shops.logistics for value in (it.secret, it.salt, it.key)]
    secrets += [it.secret for it in edge.shops.warehouse_systems]
    return [value for value in (*secrets, "receiver", "mobile") if value and value in log]


def make(kafka: LocalKafka, data: Path, loop: Loop, retry_scale: float = 0.005) -> Edge:
    """Everything but the gateway's start; ``close`` it."""
    settings = Settings(brokers=kafka.bootstrap, data=data, partitions=2, shops=data / "shops.toml")
    Cluster(settings).create_topics()
    gateway = GatewayProcess(settings)
    simulators = loop.run(Simulators(Options(gateway=gateway.url, retry_scale=retry_scale)).__aenter__())
    assert settings.shops is not None
    settings.shops.write_text(simulators.shops_toml + WAREHOUSE_SYSTEM)
    return Edge(settings, kafka, gateway, simulators, load(settings.shops), Log(settings.brokers, settings.partitions))


def until(
    look: Callable[[], T],
    what: str,
    fits: Callable[[T], bool] = bool,
    timeout_s: float = PATIENCE_S,
    look_at: Callable[[], None] | None = None,
) -> T:
    """Looks again and again until it fits."""
    deadline = time.monotonic() + timeout_s
    while not fits(seen := look()):
        if look_at is not None:
            look_at()
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}; seen last: {str(seen)[:500]}"
        time.sleep(0.05)
    return seen


def now_ms() -> int:
    return time.time_ns() // 1_000_000
