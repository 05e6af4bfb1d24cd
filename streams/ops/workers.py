"""Worker processes on this machine: started, brought back when they die, stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from streams.settings import Settings

#: A worker that dies sooner than this after its start is not brought back at once.
_SETTLED_S = 5.0
_STOP_S = 30.0


class Workers:
    """``count`` workers of a group, each with its own folder of state and its own log under ``settings.data``."""

    def __init__(self, settings: Settings, count: int, group: str = "decisions") -> None:
        self._settings = settings
        self._count = count
        self._group = group
        self._name = "worker" if group == "decisions" else f"{group}-worker"
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._started: dict[int, float] = {}

    def start(self) -> None:
        """Starts all."""
        for slot in range(self._count):
            self._start(slot)

    def check(self) -> list[str]:
        """Brings back workers that have died; returns a line for each."""
        lines = []
        for slot, process in list(self._processes.items()):
            code = process.poll()
            if code is not None and time.monotonic() - self._started[slot] > _SETTLED_S:
                lines.append(
                    f"{self._name} {slot} ended with code {code} and is started again; its log: {self.log(slot)}"
                )
                self._start(slot)
        return lines

    def pids(self) -> list[int]:
        """Process ids of those that run."""
        return [p.pid for p in self._processes.values() if p.poll() is None]

    def kill(self, slot: int) -> None:
        """SIGKILL, and a new one on the same folder."""
        self._processes[slot].kill()
        self._processes[slot].wait()
        self._start(slot)

    def stop(self) -> list[int]:
        """SIGTERM to all, SIGKILL to those that do not end; returns their exit codes."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        codes = []
        for process in self._processes.values():
            try:
                codes.append(process.wait(_STOP_S))
            except subprocess.TimeoutExpired:
                # Its log then says where its threads stand.
                process.send_signal(signal.SIGUSR1)
                time.sleep(1.0)
                process.kill()
                codes.append(process.wait())
        return codes

    def log(self, slot: int) -> Path:
        """What a worker prints."""
        return self._settings.data / f"{self._name}-{slot}.log"

    def _start(self, slot: int) -> None:
        settings = self._settings
        settings.data.mkdir(parents=True, exist_ok=True)
        port = settings.metrics_port + slot if settings.metrics_port else 0
        env = {**os.environ, **replace(settings, metrics_port=port).to_env()}
        command = [sys.executable, "-m", "streams.cli", "worker", "--slot", str(slot), "--group", self._group]
        with self.log(slot).open("ab") as log:
            # In a session of its own: Ctrl-C is for the parent, which stops the workers in order.
            self._processes[slot] = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        self._started[slot] = time.monotonic()
