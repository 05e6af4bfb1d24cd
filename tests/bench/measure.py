"""Measuring contestants fairly: interleaved rounds, medians with their spread, CPU and memory of whole process trees.

What a table needs of it:

    figures = interleaved({"penstock": run_penstock, "kafka streams": run_streams}, bench)   # each returns {"rate": ..., "cpu_s": ...}
    figures["penstock"]["rate"].median / .low / .high                                       # a Spread over the rounds

    with Child(command, env, log) as child:      # a process group of its own; ends with the block, SIGTERM then SIGKILL
        child.check()                            # raises ContestantDied with the log's last lines when it has ended
        child.cpu_s(), child.peak_rss_mib()      # of the process and its descendants, so far

Every round runs every contestant once, and each round begins with another one, so that a machine that gets slower (or a broker that
gets fuller) is no contestant's disadvantage.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local import broker

ROOT = Path(__file__).resolve().parents[2]
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_STOP_S = 30.0


class ContestantDied(Exception):
    """A contestant's process ended while it was measured; carries the last lines it printed."""


@dataclass(frozen=True)
class Spread:
    """One figure over the rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)


@dataclass(frozen=True)
class Bench:
    """How a run of the benchmark was asked for: what every table gets.

    Attributes:
        rounds: interleaved rounds of each table.
        quick: tiny sizes that prove that the table can be computed; the figures mean nothing.
        folder: for state and brokers; removed at the end.
    """

    console: Console
    folder: Path
    rounds: int = 3
    quick: bool = False

    @contextmanager
    def broker(self, name: str) -> Iterator[str]:
        """The address of a broker of the table's own, or of the one that PENSTOCK_BROKERS names."""
        with broker(self.folder / f"{name}-kafka", console=self.console) as bootstrap:
            yield bootstrap


def interleaved(
    contestants: Mapping[str, Callable[[], Mapping[str, float]]], bench: Bench, title: str
) -> dict[str, dict[str, Spread]]:
    """Runs every contestant ``bench.rounds`` times; their figures by contestant and name."""
    names, found = list(contestants), {name: [] for name in contestants}  # type: dict[str, list[Mapping[str, float]]]
    columns = (TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=bench.console, transient=True) as progress:
        bar = progress.add_task(title, total=bench.rounds * len(names))
        for number in range(bench.rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                progress.update(bar, description=f"{title}, round {number + 1}: {name}")
                found[name].append(contestants[name]())
                progress.advance(bar)
    return {
        name: {figure: Spread(tuple(run[figure] for run in runs)) for figure in runs[0]} for name, runs in found.items()
    }


class Child:
    """A contestant's process, its output in ``log``."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._name = " ".join(command)[-120:]
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **env},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                # Ctrl-C in the terminal is for the benchmark, which ends its contestants in its turn.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """Raises ContestantDied when the process has ended."""
        if (code := self._process.poll()) is not None:
            raise ContestantDied(f"{self._name} ended with code {code}. Its last lines:\n{self.last_lines()}")

    def last_lines(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def cpu_s(self) -> float:
        """User and system time so far of the process, its living descendants, and those it has waited for."""
        ticks = 0
        for pid in _tree(self.pid):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            ticks += sum(map(int, fields[11:15]))
        return ticks / _TICKS_PER_S

    def rss_mib(self) -> float:
        """Resident memory now, of the process and its descendants."""
        return self._memory("VmRSS:")

    def peak_rss_mib(self) -> float:
        """The sum of the highest that each process of the tree ever had."""
        return self._memory("VmHWM:")

    def kill(self) -> None:
        """SIGKILL to the process and its descendants."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for what is still there after half a minute. Stopping twice is no error."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
        finally:
            self.kill()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _signal(self, which: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, which)

    def _memory(self, field: str) -> float:
        kib = 0
        for pid in _tree(self.pid):
            try:
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            except (FileNotFoundError, ProcessLookupError):
                continue
            kib += sum(int(line.split()[1]) for line in lines if line.startswith(field))
        return kib / 1024


def _tree(pid: int) -> list[int]:
    """The process and its living descendants."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        try:
            for thread in Path(f"/proc/{found[-1]}/task").iterdir():
                todo += map(int, (thread / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
