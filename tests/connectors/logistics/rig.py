"""Five simulated platforms and the providers over real HTTP, a real Kafka, and `penstock writeback run` as a process of its own.

The hub's topics have fixed names: a test's group begins where the log ends when the test begins, and reads answers from there on.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.generator.shapes import SHAPES
from connectors.simulators.faults import Rates
from connectors.simulators.run import Simulators
from connectors.simulators.simulator import ChannelSimulator, Options
from schemas.codec import CODEC
from schemas.records import WritebackRequest
from schemas.topics import CHANNELS
from streams.domain.channels import MAPPERS
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.connectors.logistics.make import request
from tests.connectors.simulators.sales import sale
from tests.patience import PATIENCE_S

T = TypeVar("T")

REQUESTS = "writeback.requests"
#: Quick to try again and to close a breaker, so that a test is short.
LIMITS = """
[default]
calls = [500, 1]
open_s = 0.3
settle_s = 0.1
again_s = 0.1
[pdd]
calls = [500, 1]
[shopify]
calls = [500, 1]
[shop."jd-pop"]
concurrent = 1
"""


@dataclass
class Rig:
    """What a test does, and what it sees."""

    settings: Settings
    cluster: Cluster
    simulators: Simulators
    folder: Path
    starts: dict[str, dict[int, int]]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def platform(self, channel: str) -> ChannelSimulator:
        found = self.simulators.running(channel)
        assert isinstance(found, ChannelSimulator)
        return found

    def faults(self, **rates: float) -> None:
        """Of every platform."""
        for channel in CHANNELS:
            self.platform(channel).faults.rates = Rates(**rates)

    def order(self, channel: str, serial: int, pieces: tuple[int, ...] = (2, 1), **changes: Any) -> WritebackRequest:
        """An order stands at its platform; returns a request that tells a parcel with all of it."""
        sold = sale(channel, serial, pieces)
        doc = SHAPES[channel].snapshot(sold, "paid", 1_767_232_860_000)
        order = self.platform(channel).place(sold.shop, doc)
        # As the hub reads it, but for the amounts, which are of no interest here.
        known = MAPPERS[channel](doc, []).lines
        lines = [{"line_no": each["line_no"], "sku": each["sku"], "quantity": each["quantity"]} for each in known]
        return request(
            channel=channel,
            shop=changes.pop("shop", sold.shop),
            order_no=order.order_no,
            lines=changes.pop("lines", lines),
            tracking_no=changes.pop("tracking_no", f"YT{CHANNELS.index(channel)}{serial:012d}"),
            carrier=changes.pop("carrier", "YTO"),
            warehouse=changes.pop("warehouse", "hz1"),
            **changes,
        )

    async def send(self, requests: Sequence[WritebackRequest]) -> None:
        rows = [(REQUESTS, it["order_id"], "WritebackRequest", it) for it in requests]
        await asyncio.to_thread(self.cluster.publish, rows)

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """One more process."""
        limits = self.folder / "limits.toml"
        if not limits.exists():
            limits.write_text(LIMITS)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        name = f"run-{len(self.processes)}"
        with (self.folder / f"{name}.out").open("wb") as out, (self.folder / f"{name}.err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "writeback", "run", "--limits", str(limits), *options],
                env={**clean, **self.settings.to_env()},
                stdout=out,
                stderr=err,
            )
        self.processes.append(process)
        return process

    async def stop(self, process: subprocess.Popen[bytes]) -> int:
        process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(process.wait, PATIENCE_S)

    def read(self, topic: str) -> list[dict[str, Any]]:
        """What has come since the test began."""
        found = []
        for message in self.cluster.read(topic):
            if message.offset() >= self.starts[topic].get(message.partition(), 0):
                found.append(CODEC.decode(message.value())[1])
        return found

    async def answered(self, requests: Sequence[WritebackRequest]) -> dict[tuple[str, str], dict[str, Any]]:
        """Waits until each request has its result; (order, request id) -> result. Each has one alone."""
        wanted = {(it["order_id"], it["request_id"]) for it in requests}

        def results() -> list[dict[str, Any]]:
            return [r for r in self.read("writeback.results") if (r["order_id"], r["request_id"]) in wanted]

        found = await self.until(results, lambda them: len(them) >= len(wanted), "every request has its result")
        by_request = {(it["order_id"], it["request_id"]): it for it in found}
        assert len(found) == len(by_request) == len(wanted), f"a request has more than one result: {found}"
        return by_request

    async def until(self, look: Callable[[], Any], fits: Callable[[Any], bool], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while not fits(seen := await asyncio.to_thread(look)):
            for n, process in enumerate(self.processes):
                log = (self.folder / f"run-{n}.err").read_text()
                assert process.poll() in (None, 0, -signal.SIGKILL), f"a process has ended: {log[-3000:]}"
            assert time.monotonic() < deadline, f"not in time: {what}; seen last: {len(seen)} of them"
            await asyncio.sleep(0.2)
        return seen

    def audit(self, *actions: str) -> list[dict[str, Any]]:
        """Entries of this test's orders, by action."""
        return [it for it in self.read("audit") if it["action"] in {f"writeback.{action}" for action in actions}]

    def left(self) -> int:
        """Requests that a successor would read again."""
        ends = self.cluster.ends(REQUESTS)
        group = Consumer(
            {
                "bootstrap.servers": self.settings.brokers,
                "group.id": f"{self.settings.app_id}-dispatch",
                "isolation.level": "read_committed",
            }
        )
        committed = group.committed([TopicPartition(REQUESTS, p) for p in ends], timeout=30)
        group.close()
        return sum(ends[tp.partition] - tp.offset for tp in committed)

    def shipped(self, channel: str) -> Mapping[str, Any]:
        """Order number -> the platform's order."""
        return {order.order_no: order for order in self.platform(channel).orders}


@asynccontextmanager
async def rig(kafka: str, folder: Path, app_id: str, gateway: str = "") -> AsyncIterator[Rig]:
    """All of it; every process started is ended."""
    async with Simulators(Options(seed=11, gateway=gateway)) as simulators:
        shops = folder / "shops.toml"
        shops.write_text(simulators.shops_toml, "utf-8")
        # The least a broker allows: how long a killed process is waited for.
        kafka_too = {"session.timeout.ms": "6000"}
        settings = Settings(brokers=kafka, data=folder, app_id=app_id, shops=shops, kafka=kafka_too)
        cluster = Cluster(settings)
        await asyncio.to_thread(cluster.create_topics)
        starts = await asyncio.to_thread(_begin, cluster, settings)
        it = Rig(settings, cluster, simulators, folder, starts)
        try:
            yield it
        finally:
            for process in it.processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def _begin(cluster: Cluster, settings: Settings) -> dict[str, dict[int, int]]:
    starts = {topic: _ends(cluster, topic) for topic in (REQUESTS, "writeback.results", "audit")}
    group = Consumer(
        {"bootstrap.servers": settings.brokers, "group.id": f"{settings.app_id}-dispatch", "enable.auto.commit": False}
    )
    offsets = [TopicPartition(REQUESTS, p, at) for p, at in starts[REQUESTS].items()]
    _patiently(lambda: group.commit(offsets=offsets, asynchronous=False))
    group.close()
    return starts


def _ends(cluster: Cluster, topic: str) -> dict[int, int]:
    def found() -> dict[int, int]:
        ends = cluster.ends(topic)
        assert ends, topic
        return ends

    return _patiently(found)


def _patiently(ask: Callable[[], T]) -> T:
    """A broker or a topic that has just begun to be has no leader, and no coordinator, for a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except (KafkaException, AssertionError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)
