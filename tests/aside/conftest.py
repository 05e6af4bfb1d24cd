"""A shop in which things have gone wrong: yesterday's release had a bug, and today's worker runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from connectors.generator import warehouses
from deploy.local import LocalKafka
from schemas.topics import QUARANTINE
from streams.ops.cluster import Cluster
from streams.ops.workers import Workers
from streams.settings import Settings
from tests.integration.conftest import SELDOM, TAOBAO_EVENTS, Shop, envelope, receipt, trade, until
from tests.patience import PATIENCE_S

#: Orders that yesterday's worker could not digest; sound as such.
FAILED = ("2300000000000000113", "2300000000000000213")
#: Bytes that no worker ever digests.
GARBAGE = {"taobao:garbage-1": b"\x00garbage", "taobao:garbage-2": b"{}"}


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One worker, 1,000 GOOD at hz1, and in quarantine what yesterday's worker left there."""
    data = tmp_path_factory.mktemp("penstock")
    with LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=data, fetch=SELDOM)
        it = Shop(settings, Cluster(settings), Workers(settings, 1), "")
        it.cluster.create_topics()
        it.cluster.publish(
            [
                *(("config.warehouses", w["warehouse"], "Warehouse", w) for w in warehouses()),
                ("inventory.commands", "GOOD", "Receive", receipt("GOOD", 1_000, "first/GOOD")),
            ]
        )
        yesterday(it)
        it.workers.start()
        try:
            it.settled()
            yield it
            assert it.workers.stop() == [0], it.workers.log(0).read_text()[-3000:]
        finally:
            it.workers.stop()


def yesterday(shop: Shop) -> None:
    """Runs the release with the bug until what it cannot digest is in quarantine."""
    for number in FAILED:
        shop.send(TAOBAO_EVENTS, f"taobao:{number}", envelope(number, trade(number, "GOOD")))
    for key, value in GARBAGE.items():
        shop.send(TAOBAO_EVENTS, key, value)
    command = [sys.executable, "-m", "tests.aside.yesterdays_worker", "worker"]
    with (shop.settings.data / "yesterday.log").open("wb") as log:
        # A worker that does not end on SIGTERM is asked, with SIGABRT, where each of its threads stands.
        env = {**os.environ, **shop.settings.to_env(), "PYTHONFAULTHANDLER": "1"}
        worker = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        wanted = len(FAILED) + len(GARBAGE)
        until(lambda: len(shop.messages(QUARANTINE)), lambda n: n == wanted, "it is in quarantine")
        worker.terminate()
        try:
            assert worker.wait(PATIENCE_S) == 0
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGABRT)
            worker.wait(30)
            said = (shop.settings.data / "yesterday.log").read_text(errors="replace")
            raise AssertionError(f"the worker did not end within a minute of SIGTERM:\n{said[-20_000:]}") from None
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
