"""The workers of a run: processes that are killed, stopped, armed, and brought back by whoever tends them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: A worker that ends by itself is not brought back sooner than this after its start.
_PAUSE_S = 1.0


class Crew:
    """Workers by slot; a slot owns a folder of state. Used from one thread, which calls ``tend`` while it waits.

    Attributes:
        kills: SIGKILLs carried out, by where: "random", or the step of the cycle.
        ended: workers that ended without being told to, by exit code.
    """

    def __init__(self, app: str, data: Path, env: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._app, self._data, self._env, self._say = app, data, dict(env), say
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._armed: dict[int, Mapping[str, str]] = {}
        self._started: dict[int, float] = {}
        #: Slots that nobody brings back for now.
        self.down: set[int] = set()
        self.kills: Counter[str] = Counter()
        self.ended: Counter[int] = Counter()

    @property
    def slots(self) -> list[int]:
        return sorted(self._processes)

    def pid(self, slot: int) -> int:
        return self._processes[slot].pid

    def folder(self, slot: int) -> Path:
        return self._data / str(slot)

    def log(self, slot: int) -> str:
        path = self._data / f"worker-{slot}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self, slot: int, **arms: str) -> None:
        """Starts the slot's worker, armed with these environment variables."""
        self.down.discard(slot)
        self._data.mkdir(parents=True, exist_ok=True)
        self.folder(slot).mkdir(exist_ok=True)
        self._metrics_file(slot).unlink(missing_ok=True)
        own = {"DATADIR": str(self.folder(slot)), "METRICS_FILE": str(self._metrics_file(slot))}
        command = [sys.executable, "-m", "tests.chaos.worker", self._app, "--slot", str(slot)]
        with (self._data / f"worker-{slot}.log").open("ab") as log:
            self._processes[slot] = subprocess.Popen(
                command,
                env={**os.environ, "PYTHONPATH": str(ROOT), **self._env, **own, **arms},
                stdout=log,
                stderr=log,
                cwd=ROOT,
                # In a session of its own: Ctrl-C is for the harness, which stops them in order.
                start_new_session=True,
            )
        self._armed[slot] = arms
        self._started[slot] = time.monotonic()

    def kill(self, slot: int) -> None:
        """SIGKILL now; the slot stays down until it is started."""
        self.down.add(slot)
        process = self._processes[slot]
        if process.poll() is None:
            process.kill()
            process.wait()
            self.kills["random"] += 1
        else:
            self._count_end(slot, process.returncode)

    def all_up(self) -> bool:
        """Every worker runs and has had partitions."""
        return all((self.metric(slot, "engine_rebalances_total") or 0) > 0 for slot in self.slots)

    def died(self, slot: int) -> bool:
        return self._processes[slot].poll() is not None

    def tend(self) -> None:
        """Brings back those that have ended."""
        for slot, process in list(self._processes.items()):
            code = process.poll()
            if code is None or slot in self.down or time.monotonic() - self._started[slot] < _PAUSE_S:
                continue
            self._count_end(slot, code)
            self.start(slot)

    def _count_end(self, slot: int, code: int) -> None:
        step = self._armed[slot].get("KILL_AT", "").partition(":")[0]
        if code == -signal.SIGKILL and step:
            self.kills[step] += 1
        else:
            self.ended[code] += 1
            self._say(f"worker {slot} ended with code {code} by itself: {self._last_line(slot)}")

    def remove(self, slot: int, timeout_s: float = 90.0) -> int:
        """SIGTERM, and out of the crew; returns the exit code."""
        self.signal(slot, signal.SIGTERM)
        return self._ended(slot, timeout_s)

    def _ended(self, slot: int, timeout_s: float) -> int:
        process = self._processes.pop(slot)
        self.down.discard(slot)
        try:
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def signal(self, slot: int, number: signal.Signals) -> None:
        if self._processes[slot].poll() is None:
            self._processes[slot].send_signal(number)

    def is_stopped(self, slot: int) -> bool:
        """Whether a signal has stopped it (the kernel's letter T)."""
        try:
            stat = Path(f"/proc/{self._processes[slot].pid}/stat").read_text()
        except FileNotFoundError:
            return False
        return stat.rpartition(")")[2].split()[0] == "T"

    def metric(self, slot: int, name: str) -> float | None:
        """The sum over a metric's labels; None when the worker does not answer."""
        try:
            port = int(self._metrics_file(slot).read_text())
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2.0) as answer:
                lines = answer.read().decode().splitlines()
        except (OSError, ValueError):
            return None
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    def lose_folder(self, slot: int) -> None:
        """The slot's local state is gone. While its worker is down."""
        shutil.rmtree(self.folder(slot), ignore_errors=True)

    def stop(self) -> dict[int, int]:
        """SIGTERM to all, in order; slot -> exit code."""
        for slot in self.slots:
            # Once: a second one would catch Python on its way out, without a handler.
            self.signal(slot, signal.SIGTERM)
        return {slot: self._ended(slot, 90.0) for slot in self.slots}

    def end(self) -> None:
        """SIGKILL to whatever is left."""
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()

    def _metrics_file(self, slot: int) -> Path:
        return self._data / f"metrics-{slot}.port"

    def _last_line(self, slot: int) -> str:
        lines = [line for line in self.log(slot).splitlines() if "the worker stops" in line or "Error" in line]
        return lines[-1][-200:] if lines else "it says nothing"
