"""A shop that is open: a broker of its own, since Penstock's topic names are fixed, and two real workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from confluent_kafka import Message, Producer

from connectors.generator import warehouses
from deploy.local import LocalKafka
from deploy.local.process import free_ports, is_free
from schemas.codec import CODEC
from schemas.topics import channel_topic
from streams.engine.partitions import partition_of
from streams.ops.cluster import Cluster, Publisher
from streams.ops.workers import Workers
from streams.settings import Settings
from tests.command_line import in_process
from tests.domain.raw_orders import TAOBAO, changed
from tests.patience import PATIENCE_S

T = TypeVar("T")

#: SKUs that no generated order asks for, each for one test: pieces at the warehouse hz1.
PIECES = {
    **{"BAD": 100, "CORRECTED": 10, "LATE": 1, "CANCELLED": 10, "SHIPPED": 10, "TWICE": 10, "MASKED": 10},
    "WRITTEN": 100,
    "HAND": 1_000,
}
#: A number of the shop's own range, for orders of the tests.
FIRST_NO = 2_300_000_000_900_000_000
TAOBAO_EVENTS = channel_topic("taobao")
#: For hubs that stand and wait for most of their time: workers ask the broker 10 times a second, not 50, and have a record at once.
SELDOM = {"wait.max.ms": "100", "min.bytes": "1"}


@dataclass
class Shop:
    """What the tests do to it and see of it."""

    settings: Settings
    cluster: Cluster
    workers: Workers
    #: What ``penstock topics create`` printed.
    created: str
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(FIRST_NO, FIRST_NO + 10_000)))

    def order_no(self) -> str:
        return str(next(self._numbers))

    def penstock(self, *args: str, typed: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
        here = {"PENSTOCK_BROKERS": self.settings.brokers, "PENSTOCK_DATA": str(self.settings.data)}
        return penstock(*args, typed=typed, **here, **environment)

    def place(self, order_no: str, sku: str, quantity: int = 2, **fields: Any) -> str:
        """A Taobao order of one line is published; returns its id."""
        order_id = f"taobao:{order_no}"
        self.send(TAOBAO_EVENTS, order_id, envelope(order_no, trade(order_no, sku, quantity, **fields)))
        return order_id

    def send(self, topic: str, key: str | None, value: bytes | None) -> None:
        with Publisher(self.settings) as publisher:
            publisher.send(topic, key, value)

    def misplace(self, topic: str, key: str, value: bytes) -> None:
        """Sends to another partition than the key's, as a client with a partitioner of its own."""
        count = self.settings.partitions
        producer = Producer({"bootstrap.servers": self.settings.brokers})
        producer.produce(
            topic, key=key.encode(), value=value, partition=(partition_of(key.encode(), count) + 1) % count
        )
        assert producer.flush(30) == 0

    def records(self, topic: str, key: str | None = None) -> list[tuple[str, Any]]:
        """(record name, record) of what stands in a topic."""
        return [CODEC.decode(value) for m in self.cluster.read(topic, key=key) if (value := m.value()) is not None]

    def messages(self, topic: str) -> list[Message]:
        return list(self.cluster.read(topic))

    def statuses(self, order_id: str) -> list[str]:
        return [record["status"] for _, record in self.records("order.status", order_id)]

    def becomes(self, order_id: str, status: str) -> list[str]:
        """Waits until the order's last status is this; returns all it had."""
        return until(lambda: self.statuses(order_id), lambda found: found[-1:] == [status], f"{order_id} is {status}")

    def level(self, sku: str, warehouse: str = "hz1") -> tuple[int, int]:
        """(on hand, reserved) as last published."""
        *_, (_, last) = self.records("inventory.availability", sku)
        return next((x["on_hand"], x["reserved"]) for x in last["levels"] if x["warehouse"] == warehouse)

    def settled(self, timeout_s: float = PATIENCE_S) -> None:
        """Waits until the workers have nothing left to decide."""
        until(self.cluster.at_rest, lambda resting: resting, "everything is decided", timeout_s)

    def metrics_url(self, slot: int) -> str:
        return f"http://127.0.0.1:{self.settings.metrics_port + slot}/metrics"

    def logs(self) -> str:
        return "\n".join(self.workers.log(slot).read_text()[-3000:] for slot in range(2))


def until(look: Callable[[], T], fits: Callable[[T], bool], what: str, timeout_s: float = PATIENCE_S) -> T:
    """Looks again and again; fails, with what was seen last, when it doesn't fit in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        began = time.monotonic()
        if fits(seen := look()):
            return seen
        now = time.monotonic()
        assert now < deadline, f"not within {timeout_s:.0f} s: {what}; seen last: {seen!r}"
        # As long as the look took: what is waited for needs the processor, too.
        time.sleep(max(0.1, now - began))


def penstock(*args: str, heard: bool = True, typed: str | bytes = "", **env: str) -> subprocess.CompletedProcess[str]:
    """The command line in this process, with these PENSTOCK_ settings alone. ``heard``, ``typed``: see ``in_process``."""
    return in_process(args, env, typed=typed, alone=True, heard=heard)


def penstock_alone(
    *args: str,
    within_s: float = PATIENCE_S,
    folder: Path | None = None,
    typed: str | None = None,
    stdin: int | None = None,
    **env: str,
) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own: what sets up logs, runs long or forks is no guest in another.

    ``typed``, or what the descriptor ``stdin`` has: its standard input.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", *args],
        env={**clean, **env},
        cwd=folder,
        input=typed,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=within_s,
    )


def trade(order_no: str, sku: str, quantity: int = 2, **fields: Any) -> dict[str, Any]:
    """A paid Taobao order of one line; ``fields`` are the trade's, on top."""
    line = changed(TAOBAO["orders"]["order"][0], oid=int(order_no) + 1, outer_sku_id=sku, num=quantity)
    return changed(TAOBAO, **{"tid": int(order_no), "orders": {"order": [line]}, **fields})


def envelope(order_no: str, payload: bytes | dict[str, Any], **fields: Any) -> bytes:
    """A channel event's bytes; a document is sent as JSON."""
    event = {
        "channel": "taobao",
        "shop": "tea",
        "order_no": order_no,
        "kind": "order",
        "event_id": f"{order_no}-1",
        "occurred_at_ms": 1_767_232_800_000,
        "received_at_ms": 1_767_232_800_500,
        "content_type": "application/json",
        "payload": payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode(),
        **fields,
    }
    return CODEC.encode("ChannelEvent", event)


def receipt(sku: str, quantity: int, command_id: str, warehouse: str = "hz1") -> dict[str, Any]:
    return {
        "command_id": command_id,
        "sku": sku,
        "warehouse": warehouse,
        "quantity": quantity,
        "requested_at_ms": 1_767_232_800_000,
    }


@contextmanager
def _anybody_may_read() -> Iterator[None]:
    """As the processes of a shop are started by somebody with no umask: none of them relies on it."""
    umask = os.umask(0)
    try:
        yield
    finally:
        os.umask(umask)


def _two_ports() -> int:
    """The first of two ports that are free, one behind the other."""
    return next(port for port in free_ports(50) if is_free(port + 1))


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two workers that have taken in the stock of PIECES; they run until the package's last test."""
    data = tmp_path_factory.mktemp("penstock") / "hub"
    with _anybody_may_read(), LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=data, metrics_port=_two_ports(), fetch=SELDOM)
        created = penstock("topics", "create", PENSTOCK_BROKERS=kafka.bootstrap)
        assert created.returncode == 0, created.stderr
        it = Shop(settings, Cluster(settings), Workers(settings, 2), created.stdout)
        it.cluster.publish(
            [
                *(("config.warehouses", w["warehouse"], "Warehouse", w) for w in warehouses()),
                *(("inventory.commands", s, "Receive", receipt(s, n, f"first/{s}")) for s, n in PIECES.items()),
            ]
        )
        it.workers.start()
        try:
            it.settled()
            with pytest.MonkeyPatch.context() as patched:
                # A person does not wait for as long as a machine that runs all the tests may need.
                patched.setattr("streams.cli.telling.WAIT_S", PATIENCE_S)
                yield it
            assert it.workers.stop() == [0, 0], it.logs()
        finally:
            it.workers.stop()
