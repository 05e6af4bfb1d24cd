"""A server as a child process with a folder of its own: started, stopped and killed from Python, found again by who comes later.

What stands in the folder, NAME being the server's:
    NAME.lock   locked by the server's processes themselves, so it is free exactly when none of them runs here
    NAME.json   process id and ports of the last start; the ports are taken again at the next one
    NAME.log    what the server printed since its last start
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
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deploy.local.config import HOST
from deploy.local.errors import PortTaken
from schemas.private import private

STOP_TIMEOUT_S = 20.0
LAST_LINES = 15
# Below the range systems give to outgoing connections: while the server is down, a client that keeps reconnecting to a
# port of that range may get this very port as its own, connect to itself, and keep the server from coming back.
PORTS = range(20_000, 32_000)
# Reads its stdin to the end. Only then, which hardly ever comes, it imports what takes a third of a second.
LEASH = "import sys; sys.stdin.buffer.read(); from deploy.local.leash import stop; stop(*sys.argv[1:])"
# Servers started here that may outlive their object: kept so that one that ends doesn't stay behind as a zombie.
_children: list[subprocess.Popen[bytes]] = []


class LocalProcess(ABC):
    """One server in ``data_dir``. As a context manager it is started and stopped, and ends when this process is killed."""

    #: Names its files, and the server to ``deploy.local.leash``.
    name: str
    #: Ends it in good order.
    stop_signal = signal.SIGTERM

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir).resolve()
        self._leash: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._reviving = False

    @abstractmethod
    def start(self, detached: bool = False) -> None:
        """Starts the server and returns when it answers; ``detached``: it outlives this process."""

    @property
    def pid(self) -> int | None:
        """The running server's process id."""
        state = self.last_start()
        return state["pid"] if state and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether a server runs in this folder, whoever started it."""
        if not self.data_dir.exists():
            return False
        # Shared: two that look at once don't take each other for the server.
        lock = self.lock(LOCK_SH)
        if lock is None:
            return True
        os.close(lock)
        return False

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """In good order, and SIGKILL when it is still there after ``timeout_s``. Stopping twice is no error."""
        self._signal(self.stop_signal)
        if not self._wait_until_ended(timeout_s):
            self.kill()
        self._unleash()

    def kill(self) -> None:
        """SIGKILL, as a power cut would: nothing is flushed, nothing said. ``start`` brings it back with its data."""
        self._signal(signal.SIGKILL)
        self._wait_until_ended(STOP_TIMEOUT_S)
        self._unleash()

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.data_dir / f"{self.name}.log"

    def exit_code(self) -> int | None:
        """How the server that was started here has ended, negative for a signal; None while it runs."""
        return self._process.poll() if self._process is not None else None

    def revive(self) -> None:
        """Starts a server that has died, on its ports: who uses it knows no others. Its log goes on.

        Raises PortTaken when somebody else has one of them now, and what ``start`` raises.
        """
        # What a server has started itself may end a moment after it.
        self._wait_until_ended(STOP_TIMEOUT_S)
        self._unleash()
        before = self.last_start() or {}
        self._reviving = True
        try:
            self.start()
        finally:
            self._reviving = False
        after = self.last_start() or {}
        if taken := [port for name, port in before.items() if name != "pid" and after[name] != port]:
            self.stop()
            # The next try is for these ports again.
            self._note(before)
            raise PortTaken(f"port {taken[0]} on {HOST} is taken by another program meanwhile")

    def last_lines(self) -> str:
        """The end of the server's log."""
        with suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        return ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def lock(self, kind: int = LOCK_EX) -> int | None:
        """The folder's lock as a file descriptor, or None when a running server holds it."""
        lock = private(str(self.data_dir / f"{self.name}.lock"), os.O_RDWR | os.O_CREAT)
        for _ in range(3):
            try:
                flock(lock, kind | LOCK_NB)
                return lock
            except BlockingIOError:
                # Someone may be looking whether a server runs here: that takes no time.
                time.sleep(0.01)
        os.close(lock)
        return None

    def last_start(self) -> dict[str, int] | None:
        """Process id (``pid``) and ports of the last start; None before the first."""
        with suppress(FileNotFoundError):
            state: dict[str, int] = json.loads((self.data_dir / f"{self.name}.json").read_text())
            return state
        return None

    def launch(
        self,
        command: Sequence[str],
        lock: int,
        ports: Mapping[str, int],
        detached: bool,
        keep: Sequence[int] = (),
        **options: Any,
    ) -> None:
        """Starts the process: it inherits the lock, and ``keep``, and holds them as long as it lives; ``options`` are Popen's."""
        with open(self.log, "ab" if self._reviving else "wb", opener=private) as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock, *keep],
                cwd=self.data_dir,
                # Ctrl-C in the terminal is for the program that started the server, which stops it in its turn.
                start_new_session=True,
                **options,
            )
        _children.append(process)
        self._process = process
        self._note({"pid": process.pid, **ports})
        if not detached:
            self._leash = self._tie()

    def _note(self, state: Mapping[str, int]) -> None:
        part = self.data_dir / f"{self.name}.json.part"
        part.write_text(json.dumps(state) + "\n")
        part.replace(self.data_dir / f"{self.name}.json")

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
        if state := self.last_start():
            _collect(state["pid"])
        return True

    def _tie(self) -> subprocess.Popen[bytes]:
        """A process that stops the folder's server when the pipe from this one closes, even by SIGKILL."""
        command = [sys.executable, "-c", LEASH, self.name, str(self.data_dir)]
        root = Path(__file__).parents[2]
        return subprocess.Popen(command, stdin=subprocess.PIPE, cwd=root, start_new_session=True)

    def _unleash(self) -> None:
        if self._leash is not None and self._leash.stdin is not None:
            # There is nothing left to stop: it need not look.
            self._leash.kill()
            self._leash.wait()
            self._leash.stdin.close()
        self._leash = None


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on. Raises PortTaken when there are none."""
    free = []
    for port in random.sample(PORTS, 200):
        if is_free(port):
            free.append(port)
        if len(free) == count:
            return free
    raise PortTaken(f"No free port found between {PORTS.start} and {PORTS.stop} on {HOST}")


def is_free(port: int) -> bool:
    """Whether a server may take the port."""
    with socket.socket() as probe:
        # As servers do: connections of one killed just now are still in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Whether someone takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _collect(pid: int) -> None:
    """Reaps the ended server ``pid`` if it is a child of this process (its lock is free a moment earlier)."""
    for child in _children[:]:
        if child.pid == pid:
            child.wait()
        if child.poll() is not None:
            _children.remove(child)
