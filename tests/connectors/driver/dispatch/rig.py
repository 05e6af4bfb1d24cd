"""Three topics of a test's own on a real broker, a warehouse over HTTP, and the driver with the contract of ``receipts.py``."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from confluent_kafka import Consumer, TopicPartition

from connectors import calls
from connectors.driver.dispatch.dispatcher import Dispatcher
from connectors.driver.dispatch.metrics import CallMetrics
from schemas.codec import CODEC
from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.ops.cluster import Cluster
from streams.settings import Settings
from streams.topology import group_id
from tests.conftest import Unique
from tests.connectors.driver.dispatch.receipts import Receipts, metrics
from tests.connectors.driver.dispatch.warehouse import Warehouse
from tests.patience import PATIENCE_S
from tests.served import page

#: Bytes that nobody can read.
NO_RECORD = b"\x00no record"


class Rig:
    """What a test does, and what it sees."""

    def __init__(self, kafka: str, unique: Unique, folder: Path, warehouse: Warehouse) -> None:
        self.settings = Settings(brokers=kafka, data=folder, app_id=unique())
        self.topics = unique("requests"), unique("results"), unique("trail")
        self.group = group_id(self.settings.app_id, "receipts")
        self.warehouse = warehouse
        self.processes: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self._cluster = Cluster(self.settings)
        admin = Admin(kafka, Options())
        for topic in self.topics:
            admin.create(topic, 2, 1, {})

    async def send(self, *ids: str, sku: str = "", house: str = "hz1", quantity: int = 7) -> None:
        """A request each; keyed by ``sku``, or by an sku of its own."""
        rows = [
            (
                *(self.topics[0], sku or id.rpartition(".")[0], "Receive"),
                {
                    **{"command_id": id, "sku": sku or id.rpartition(".")[0], "warehouse": house},
                    **{"quantity": quantity, "requested_at_ms": 1_767_232_860_000},
                },
            )
            for id in ids
        ]
        await asyncio.to_thread(self._cluster.publish, rows)

    async def answers(self, *ids: str) -> dict[str, tuple[str, str]]:
        """Waits for them all: id -> answer and reason. Each has one alone."""
        found = await self.until(
            lambda: [it for it in self.read(1) if it["command_id"] in ids],
            lambda them: {it["command_id"] for it in them} == set(ids),
            f"{ids} are answered",
        )
        assert len(found) == len(ids), f"more than one answer: {found}"
        return {it["command_id"]: (it["answer"], it["reason"]) for it in found}

    def read(self, topic: int) -> list[dict[str, Any]]:
        """What is committed of the requests (0), the results (1), the trail (2); what no record is, is left out."""
        values = [m.value() or b"" for m in self._cluster.read(self.topics[topic])]
        return [CODEC.decode(value)[1] for value in values if value != NO_RECORD]

    def trail(self, id: str) -> list[tuple[str, str]]:
        """Actions and outcomes of one request, in their order."""
        entries = [it for it in self.read(2) if it["subject"] == id]
        return [(it["action"].removeprefix("receipts."), it["outcome"]) for it in entries]

    def left(self) -> int:
        """Requests that a successor would read again."""
        ends = self._cluster.ends(self.topics[0])
        asked = {
            "bootstrap.servers": self.settings.brokers,
            "group.id": self.group,
            "isolation.level": "read_committed",
        }
        group = Consumer(asked)
        committed = group.committed([TopicPartition(self.topics[0], p) for p in ends], timeout=30)
        group.close()
        return sum(ends[tp.partition] - max(0, tp.offset) for tp in committed)

    async def until(self, look: Callable[[], Any], fits: Callable[[Any], bool], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while not fits(seen := await asyncio.to_thread(look)):
            for n, process in enumerate(self.processes):
                assert process.poll() in (None, -9), (self._folder / f"run-{n}.err").read_text()[-3000:]
            assert time.monotonic() < deadline, f"not in time: {what}; seen last: {seen}"
            await asyncio.sleep(0.1)
        return seen

    @asynccontextmanager
    async def dispatching(self) -> AsyncIterator[CallMetrics]:
        """The driver at work in this process; at the end it is stopped, and must end well."""
        kafka = {"log_level": 0, "bootstrap.servers": self.settings.brokers, "session.timeout.ms": 30_000}
        own = metrics()
        async with calls.session(aiohttp.ClientTimeout(total=60)) as http:
            receipts = Receipts(self.topics, self.warehouse.url, http, own)
            dispatcher = Dispatcher(receipts, kafka, self.group, own)
            task = asyncio.create_task(dispatcher.run())
            try:
                # What was there before it began may have been sent by another.
                await self.until(lambda: dispatcher.waits, lambda why: why == "", "it has its partitions")
                yield own
            finally:
                dispatcher.stop()
                await asyncio.wait_for(task, PATIENCE_S)

    def start(self, port: int = 0) -> subprocess.Popen[bytes]:
        """The driver as a process."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        module = "tests.connectors.driver.dispatch.receipts"
        # The least a broker allows: how long a killed process is waited for.
        settings = replace(self.settings, kafka={"session.timeout.ms": "6000"})
        with (self._folder / f"run-{len(self.processes)}.err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", module, self.warehouse.url, *self.topics, str(port)],
                env={**clean, **settings.to_env()},
                stderr=err,
            )
        self.processes.append(process)
        return process

    async def ready(self, port: int) -> None:
        """Waits until a process has its partitions."""
        await self.until(lambda: page(port, "/ready"), lambda text: '"ready": true' in text, "it is ready")

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def times(warehouse: Warehouse, id: str, what: str) -> Sequence[float]:
    """When it reached the warehouse."""
    return [it.at_s for it in warehouse.log if (it.id, it.what) == (id, what)]
