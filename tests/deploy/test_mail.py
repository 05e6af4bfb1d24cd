"""From a process that fails to the mail about it, and to the mail that it has healed: everything in between is real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import LocalKafka
from tests.deploy.watch import DAYTIME, Watch, free_port, missing_programs, watching

pytestmark = pytest.mark.skipif(
    bool(missing_programs()),
    reason=f"not installed: {', '.join(missing_programs())} (Debian's packages of these names: apt-get install)",
)


class Process:
    """A penstock command that runs until it is stopped, serving metrics at ``address``."""

    def __init__(self, log: Path, *command: str, **env: str) -> None:
        self.log = log
        self._command = [sys.executable, "-m", "streams.cli", *command]
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        self._env = {**os.environ, **env, "PENSTOCK_METRICS_PORT": str(port)}
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._env, stdout=log, stderr=log)

    def end(self, number: signal.Signals) -> None:
        self._process.send_signal(number)
        self._process.wait(60)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A broker of its own, since Penstock's topic names are fixed: the environment of processes that use it."""
    folder = tmp_path_factory.mktemp("hub")
    with LocalKafka(folder / "kafka") as kafka:
        yield {"PENSTOCK_BROKERS": kafka.bootstrap, "PENSTOCK_DATA": str(folder / "data")}


@pytest.fixture(scope="module")
def worker(hub: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("worker") / "log", "worker", **hub)
    yield process
    process.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def watch(worker: Process, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    with watching(tmp_path_factory.mktemp("watch"), {"penstock-worker": [worker.address]}) as watch:
        yield watch


def test_a_worker_that_is_killed_is_mailed_and_its_return_too(worker: Process, watch: Watch) -> None:
    watch.wait_for('up{job="penstock-worker"} == 1')
    worker.end(signal.SIGKILL)

    mail = watch.mailbox.wait_for("[WARNING] The worker at")
    assert mail.to == (DAYTIME,)
    assert mail.subject == f"[WARNING] The worker at {worker.address} does not answer"
    assert "WorkerDown, warning, since 20" in mail.body
    assert "The others take its partitions over; start it again." in mail.body
    assert "What to do: deploy/runbooks/rebalance-storm.md" in mail.body

    worker.start()
    healed = watch.mailbox.wait_for("[HEALED] was: The worker at")
    assert healed.to == (DAYTIME,) and "WorkerDown has healed: 20" in healed.body
