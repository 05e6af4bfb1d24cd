"""A sixth channel works to the end by what the README says alone: an order is pushed, decided, shipped, and its number written back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.local import LocalKafka
from deploy.local.process import free_ports
from schemas.codec import CODEC
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.connectors.channels.edge import until
from tests.connectors.sixth import add
from tests.patience import PATIENCE_S

TRADE = {
    "tid": "E2026",
    "status": "WAIT_SEND",
    "created": "2026-11-28 10:00:00",
    "pay_time": "2026-11-28 10:01:00",
    "update_time": "2026-11-28 10:01:00",
    "payment": "99.00",
    "receiver": {
        **{"name": "王小明", "phone": "13800000000", "province": "浙江省", "city": "杭州市"},
        **{"district": "余杭区", "address": "文一西路 1 号"},
    },
    "items": [{"oid": "1", "sku": "TS-RED", "title": "T恤", "num": 2, "price": "49.50"}],
}
REFUND = {
    **{"refund_id": "R1", "tid": "E2026", "status": "ASKED", "amount": "10.00", "reason": "质量问题"},
    **{"created": "2026-11-28 12:00:00", "update_time": "2026-11-28 12:00:00"},
}


@dataclass
class Hub:
    """The copy, on a broker of its own."""

    folder: Path
    env: dict[str, str]
    cluster: Cluster
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, *args: str, codes: tuple[int, ...] = (0,)) -> str:
        """What a command printed; it ends with one of these."""
        done = subprocess.run(
            [sys.executable, "-m", "streams.cli", *args],
            **{"cwd": self.folder, "env": self.env, "capture_output": True, "text": True, "timeout": PATIENCE_S},
        )
        assert done.returncode in codes, done
        return str(done.stdout)

    def start(self, *args: str) -> None:
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            command = [sys.executable, "-m", "streams.cli", *args]
            self.processes.append(subprocess.Popen(command, cwd=self.folder, env=self.env, stdout=log, stderr=log))

    def check(self) -> None:
        for number, process in enumerate(self.processes):
            assert process.poll() is None, (self.folder / f"{number}.log").read_text()[-3000:]

    def stop(self) -> list[int]:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        return [process.wait(PATIENCE_S) for process in self.processes]

    def records(self, topic: str) -> list[Any]:
        return [CODEC.decode(value)[1] for m in self.cluster.read(topic) if (value := m.value()) is not None]

    def until(self, look: Any, what: str) -> Any:
        return until(look, what, look_at=self.check)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    folder = tmp_path / "hub"
    add(folder)
    with LocalKafka(tmp_path / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=tmp_path / "data", partitions=2, shops=folder / "shops.toml")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        env = {**clean, **settings.to_env(), "PYTHONPATH": str(folder)}
        it = Hub(folder, env, Cluster(settings))
        try:
            yield it
        finally:
            for process in it.processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def ask(url: str, body: object = None) -> Any:
    raw = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, raw), timeout=60) as answer:
        return json.loads(answer.read())


@pytest.mark.long
def test_a_parcel_of_the_readmes_channel_is_written_back(hub: Hub) -> None:
    hub.run("topics", "create")
    hub.run("warehouse", "set", "hz1", "--province", "浙江")
    dictionary = (hub.folder / "connectors/logistics/carriers/carriers.toml").read_text("utf-8")
    version = tomllib.loads(dictionary)["version"]
    ours = dictionary.replace(f'"{version}"', '"ours"').replace('taobao = "SF"', 'taobao = "SF"\nyouzan = "7"')
    (hub.folder / "ours.toml").write_text(ours, "utf-8")
    assert "SF.youzan:" in hub.run("carriers", "update", "ours.toml", "--yes")
    ports = free_ports(2)
    gateway = f"http://127.0.0.1:{ports[0]}"
    hub.start("simulate", "--only", "youzan", "--gateway", gateway, "--shops-file", "shops.toml")
    hub.until((hub.folder / "shops.toml").exists, "the platform is there")
    (shop,) = tomllib.loads((hub.folder / "shops.toml").read_text())["shop"]
    hub.start("worker", "--slot", "0")
    hub.start("worker", "--group", "writeback", "--slot", "0")
    hub.run("stock", "receive", "TS-RED", "10", "--warehouse", "hz1", "--no-wait")
    # An order of a SKU that nobody has heard of is one for review.
    hub.until(lambda: hub.records("inventory.availability"), "the SKU is known")
    hub.start("gateway", "--port", str(ports[0]))
    hub.start("writeback", "run", "--port", str(ports[1]))
    assert ask(f"{shop['url']}/_sim/orders", {"orders": [{"shop": shop["shop"], "payload": TRADE}]})
    # Pushed, and again until the gateway was there to take it.
    hub.until(
        lambda: [it for it in hub.records("order.status") if it["status"] == "ALLOCATED"], "the order has its decision"
    )
    parcel = ("youzan:E2026", "--warehouse", "hz1", "--carrier", "顺丰", "--tracking-no", "SF0000000000001")
    hub.run("order", "ship", *parcel, "--yes", "--no-wait")
    at = f"{shop['url']}/_sim/orders/E2026"
    told = hub.until(lambda: ask(at)["shipments"], "the platform has the number")
    assert [(it["tracking_no"], it["carrier"]) for it in told] == [("SF0000000000001", "7")]
    # What it does not push is found; the platform's own word on the parcel is no news.
    ask(f"{shop['url']}/_sim/aftersales", {"aftersales": [{"shop": shop["shop"], "payload": REFUND}]})
    hub.run("reconcile", "--once", "--settle", "0")
    sales = hub.until(lambda: hub.records("aftersales"), "the refund is known")
    assert [(it["order_id"], it["state"], it["amount_minor"]) for it in sales] == [("youzan:E2026", "OPEN", 1000)]
    # What writes by itself: who is due when, and whether it answers.
    (due,) = {it["ship_by_ms"] for it in hub.records("writeback.requests")}
    assert due == hub.records("orders")[0]["paid_at_ms"] + 48 * 3_600_000
    # Another may be too busy to answer.
    checks = {it["interface"]: it["healthy"] for it in json.loads(hub.run("check", "--json", codes=(0, 1)))}
    assert checks[f"channel.youzan.{shop['shop']}"] is True
    assert "0 violations" in hub.run("verify")
    assert hub.stop() == [0] * len(hub.processes)
