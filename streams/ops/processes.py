"""A process of the hub on this machine: started, brought back when it dies, stopped; it does not outlive its starter."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from schemas.private import private, private_folder
from streams.ops import leash
from streams.ops.supervisor import how
from streams.settings import Settings

#: One that dies sooner than this after its start is not brought back at once.
_SETTLED_S = 5.0
_STOP_S = 30.0


class HubProcess:
    """``penstock COMMAND...`` with ``settings``; its log, called after ``name``, is under ``settings.data``."""

    #: What runs the command: another program in a test of broken ones.
    program: Sequence[str] = ("-m", "streams.cli")
    #: At SIGUSR1 it prints where its threads stand.
    tells_threads = False

    def __init__(self, settings: Settings, name: str, command: Sequence[str], metrics_port: int = 0) -> None:
        self._settings = settings
        self.name = name
        self._command = command
        #: Where it serves its metrics; 0: nowhere.
        self.port = metrics_port
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self.log = settings.data / f"{name.replace(' ', '-')}.log"

    @property
    def pid(self) -> int | None:
        """Of the last start; None before the first."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Starts it; whether what it needs is there is its own business."""
        private_folder(self._settings.data)
        command = [sys.executable, *self.program, *self._command]
        with open(self.log, "ab", opener=private) as log:
            # In a session of its own: Ctrl-C is for the parent, which stops it in order.
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **self._settings.to_env(), **leash.named()},
                pass_fds=(leash.tied(),),
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
                start_new_session=True,
            )
        self._started = time.monotonic()

    def exit_code(self) -> int | None:
        """How it has ended, negative for a signal; None while it runs, and before its first start."""
        return self._process.poll() if self._process is not None else None

    def revive(self) -> None:
        """As ``start``."""
        self.start()

    def check(self) -> list[str]:
        """Brings it back when it has died; says so in a line."""
        code = self.exit_code()
        if code is None or time.monotonic() - self._started < _SETTLED_S:
            return []
        self.start()
        return [f"{self.name} {how(code)} and is started again; its log: {self.log}"]

    def kill(self) -> None:
        """SIGKILL; it stays down until it is started."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """SIGTERM, SIGKILL when it does not end; returns its exit code."""
        self.ask_to_stop()
        return self.ended()

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """Waits until it has ended, and kills it when it does not; returns its exit code."""
        if self._process is None:
            return 0
        try:
            return self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            if self.tells_threads:
                # Its log then says where they stand.
                self._process.send_signal(signal.SIGUSR1)
                time.sleep(1.0)
            self._process.kill()
            return self._process.wait()

    def metric(self, name: str) -> float | None:
        """The sum over a metric's series; None when it does not answer (yet)."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=2.0) as answer:
                text = answer.read().decode()
        except OSError:
            return None
        values = re.findall(rf"^{re.escape(name)}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        return sum(map(float, values)) if values else None


class ConsoleProcess(HubProcess):
    """``penstock console`` with ``settings``, for this machine alone."""

    def __init__(self, settings: Settings, port: int) -> None:
        super().__init__(settings, "console", ("console", "--host", "127.0.0.1", "--port", str(port)))
        #: Of its first page.
        self.url = f"http://127.0.0.1:{port}"


class SinkProcess(HubProcess):
    """``penstock sink NAME`` with ``settings``; its log is under ``settings.data``."""

    def __init__(self, settings: Settings, name: str, metrics_port: int = 0, options: Sequence[str] = ()) -> None:
        command = ("sink", name, "--metrics-port", str(metrics_port), *options)
        super().__init__(settings, f"sink {name}", command, metrics_port)
