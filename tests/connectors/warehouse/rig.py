"""A hub's side of the warehouse with everything real: Kafka, a stage's worker, `penstock delivery run`, the gateway, and a WMS that signs.

What allocation says is written straight to its topics; `test_whole_path.py` has the whole hub.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.shops import Wms, load
from connectors.simulators.run import Simulators
from connectors.simulators.simulator import Options
from deploy.local.process import free_ports
from schemas.codec import CODEC
from schemas.private import private
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.connectors.channels.edge import Loop
from tests.domain.make import AT_MS
from tests.domain.warehouse import make
from tests.patience import PATIENCE_S

#: Quick to try again and to close a breaker, so that a test is short.
LIMITS = "[default]\ncalls = [500, 1]\nopen_s = 0.3\nsettle_s = 0.1\nagain_s = 0.1\n"
WAREHOUSE = "hz1"


@dataclass
class Rig:
    """What a test does, and what it sees."""

    settings: Settings
    cluster: Cluster
    urls: Mapping[str, str]
    account: Wms
    folder: Path
    gateway_port: int
    kafka_pid: int = 0
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        return self.start_module(name, "-m", "streams.cli", *command)

    def start_module(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PENSTOCK_")}
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                env={**clean, **self.settings.to_env()},
                stdout=log,
                stderr=log,
            )
        self.processes[name] = process
        return process

    def start_all(self) -> None:
        self.start("worker", "worker", "--group", "warehouse")
        self.start_dispatch()
        self.start_gateway()

    def start_dispatch(self, name: str = "dispatch") -> subprocess.Popen[bytes]:
        limits = self.folder / "limits.toml"
        limits.write_text(LIMITS)
        return self.start(name, "delivery", "run", "--limits", str(limits), "--log-level", "info")

    def start_gateway(self) -> None:
        self.start("gateway", "gateway", "--port", str(self.gateway_port))
        self.until(lambda: self.get(f"{self.gateway}/live"), bool, "the gateway lives")

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    def control(self, method: str, path: str, body: object = None, at: str = "qimen") -> dict[str, Any]:
        raw = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.urls[at] + path, raw, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def get(self, url: str) -> str:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        request = urllib.request.Request(self.gateway + path, body, dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as exc:
            with exc:
                return exc.code, exc.read()

    def deliveries(self) -> dict[str, Any]:
        found: dict[str, Any] = self.control("GET", "/_sim/deliveries")["deliveries"]
        return found

    def order(self, number: str, **facts: Any) -> str:
        """An order is read and allocated; returns the code of its delivery order."""
        order_id = f"taobao:{number}"
        order = make.order(order_id=order_id, **facts)
        parts = [
            {**each, "warehouse": WAREHOUSE, "reservation_id": each["reservation_id"].replace(make.ORDER, order_id)}
            for each in make.BOTH
        ]
        allocation = make.allocated(*parts, order_id=order_id, decided_at_ms=AT_MS)
        self.cluster.publish(
            [("orders", order_id, "Order", order), ("allocations", order_id, "OrderAllocated", allocation)]
        )
        return f"taobao.{number}.1.{WAREHOUSE}"

    def release(self, number: str) -> None:
        order_id = f"taobao:{number}"
        parts = [{**each, "reservation_id": each["reservation_id"].replace(make.ORDER, order_id)} for each in make.BOTH]
        self.cluster.publish(
            [("allocations", order_id, "AllocationReleased", {**make.released(*parts), "order_id": order_id})]
        )

    def read(self, topic: str, number: str = "") -> list[tuple[str, dict[str, Any]]]:
        """(name, record) of what stands there, of one order or of all."""
        key = f"taobao:{number}" if number else None
        return [CODEC.decode(message.value() or b"") for message in self.cluster.read(topic, key=key)]

    def phase(self, number: str) -> str:
        """Where the order's newest delivery order stands."""
        found = [str(record["phase"]) for _, record in self.read("warehouse.status", number)]
        return found[-1] if found else ""

    def penstock(self, *command: str) -> str:
        """One command, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "streams.cli", *command],
            env={**os.environ, **self.settings.to_env()},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def until(
        self, look: Callable[[], Any], fits: Callable[[Any], Any], what: str, within_s: float = PATIENCE_S
    ) -> Any:
        deadline = time.monotonic() + within_s
        while not fits(seen := look()):
            for name, process in self.processes.items():
                log = (self.folder / f"{name}.log").read_text()[-3000:]
                assert process.poll() in (None, -signal.SIGKILL, -signal.SIGTERM), f"{name} has ended: {log}"
            assert time.monotonic() < deadline, f"not in time: {what}; seen last: {seen}; {self.logs()}"
            time.sleep(0.1)
        return seen

    def logs(self) -> str:
        return "\n".join(f"{p.name}: {p.read_text()[-1500:]}" for p in sorted(self.folder.glob("*.log")))


@contextmanager
def rig(
    kafka: str, folder: Path, app_id: str = "hub", extra: str = "", platforms: tuple[str, ...] = (), **settings: Any
) -> Iterator[Rig]:
    """All of it, nothing of it running but the system and platforms; every process started is ended."""
    loop = Loop()
    port = free_ports(1)[0]
    simulators = Simulators(
        Options(seed=11, gateway=f"http://127.0.0.1:{port}", retry_scale=0.005), ("qimen", *platforms)
    )
    loop.run(simulators.__aenter__())
    try:
        shops = folder / "shops.toml"
        os.close(private(str(shops), os.O_WRONLY | os.O_CREAT))
        shops.write_text(simulators.shops_toml + extra, "utf-8")
        # The least a broker allows: how long a killed process is waited for.
        own = Settings(
            brokers=kafka,
            data=folder / "data",
            app_id=app_id,
            shops=shops,
            kafka={"session.timeout.ms": "6000"},
            partitions=2,
            metrics_port=0,
            **settings,
        )
        cluster = Cluster(own)
        cluster.create_topics()
        account = next(it for it in load(shops).wms if it.kind == "qimen")
        it = Rig(own, cluster, simulators.urls, account, folder, port)
        try:
            yield it
        finally:
            for process in it.processes.values():
                if process.poll() is None:
                    process.kill()
                process.wait()
    finally:
        loop.run(simulators.__aexit__(None, None, None))
        loop.close()
