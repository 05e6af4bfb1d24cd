"""Worker processes on this machine: started, brought back when they die, stopped together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from streams.ops.processes import HubProcess
from streams.settings import Settings


class WorkerProcess(HubProcess):
    """``penstock worker`` of a group, on the state of its slot."""

    tells_threads = True

    def __init__(self, settings: Settings, slot: int, group: str) -> None:
        port = settings.metrics_port + slot if settings.metrics_port else 0
        name = "worker" if group == "decisions" else f"{group}-worker"
        command = ("worker", "--slot", str(slot), "--group", group)
        super().__init__(replace(settings, metrics_port=port), f"{name} {slot}", command, port)


class Workers:
    """``count`` workers of a group, each with its own folder of state and its own log under ``settings.data``."""

    def __init__(self, settings: Settings, count: int, group: str = "decisions") -> None:
        self.processes = [WorkerProcess(settings, slot, group) for slot in range(count)]

    def start(self) -> None:
        """Starts all."""
        for process in self.processes:
            process.start()

    def check(self) -> list[str]:
        """Brings back workers that have died; returns a line for each."""
        return [line for process in self.processes for line in process.check()]

    def pids(self) -> list[int]:
        """Process ids of those that run."""
        return [process.pid for process in self.processes if process.pid is not None and process.exit_code() is None]

    def kill(self, slot: int) -> None:
        """SIGKILL, and a new one on the same folder."""
        self.processes[slot].kill()
        self.processes[slot].start()

    def stop(self) -> list[int]:
        """SIGTERM to all, SIGKILL to those that do not end; returns the exit codes of those that were started."""
        for process in self.processes:
            process.ask_to_stop()
        return [process.ended() for process in self.processes if process.pid is not None]

    def log(self, slot: int) -> Path:
        """What a worker prints."""
        return self.processes[slot].log
