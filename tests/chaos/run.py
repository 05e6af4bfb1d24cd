"""One run: a Kafka and workers of its own, the input, the faults laid along it, the verdict."""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from deploy.local import LocalKafka
from tests.chaos.checks.finding import Violation
from tests.chaos.crew import Crew
from tests.chaos.feed import Feed, Sent

#: Times are generous: a run on a busy machine is slow, and not wrong.
_READY_S = 300.0
SETTLE_S = 900.0
_START_S = 2.0

#: Set: whoever waits stops waiting, and cleans up.
STOPPING = threading.Event()


class Workload(Protocol):
    """What a run is about: input, app, checks."""

    name: str
    app: str
    app_id: str
    orders: int
    partitions: int
    #: Topics that the workers read.
    inputs: int
    records: Sequence[Sent]

    @property
    def changelogs(self) -> dict[str, str]: ...
    def env(self, brokers: str, data: Path) -> dict[str, str]: ...
    def prepare(self, brokers: str) -> None: ...
    def start_helpers(self, brokers: str) -> None: ...
    def stop_helpers(self) -> None: ...
    def ready(self, brokers: str) -> bool: ...
    def at_rest(self, brokers: str) -> bool: ...
    def judge(self, brokers: str, folders: Iterable[Path], calm: Any = None) -> list[Violation]: ...


class Act(NamedTuple):
    """A fault of the schedule, with what it needs to know: ``kill`` at ``commit``."""

    fault: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.fault}:{self.detail}" if self.detail else self.fault


@dataclass
class Verdict:
    """What a run has shown."""

    name: str
    orders: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    #: Faults carried out.
    faults: Counter[str] = field(default_factory=Counter)
    #: What was seen of the faults: transactions fenced, workers that ended by themselves, partitions compacted.
    seen: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def checks(self) -> dict[str, int]:
        """Check -> number of violations."""
        return dict(Counter(v.check for v in self.violations))


class Run:
    """The stage of one run; faults act on ``broker``, ``crew`` and wait with ``wait``."""

    def __init__(
        self,
        workload: Workload,
        seed: int,
        say: Callable[[str], None],
        *,
        workers: int = 2,
        mutant: str = "",
        env: dict[str, str] | None = None,
        settle_s: float = SETTLE_S,
        keep: bool = False,
    ) -> None:
        self.workload, self.seed, self.mutant = workload, seed, mutant
        #: Whether the folder of a run with violations stays: broker, state, logs.
        self.keep = keep
        self.chance = random.Random(f"run/{workload.name}/{seed}")
        self.folder = Path(tempfile.mkdtemp(prefix=f"chaos-{workload.name}-"))
        self.broker = LocalKafka(self.folder / "kafka")
        self.verdict = Verdict(workload.name, workload.orders)
        self._say, self._workers, self._env, self._settle_s = say, workers, env or {}, settle_s
        self.began = time.monotonic()
        self.crew: Crew
        self.feed: Feed

    def say(self, text: str) -> None:
        self._say(f"{self.workload.name} {time.monotonic() - self.began:5.0f} s  {text}")

    def perform(
        self,
        acts: Sequence[Act],
        faults: Any,
        calm: Any = None,
        after: Callable[[str, list[Path]], Any] | None = None,
    ) -> Any:
        """Plays the schedule, settles, stops, judges into ``verdict``; returns what ``after`` makes of the end."""
        try:
            with self.broker:
                result = self._perform(acts, faults, calm, after)
        finally:
            if self.keep and self.verdict.violations:
                self.say(f"kept: {self.folder}")
            else:
                shutil.rmtree(self.folder, ignore_errors=True)
        self.verdict.seconds = time.monotonic() - self.began
        return result

    def _perform(
        self, acts: Sequence[Act], faults: Any, calm: Any, after: Callable[[str, list[Path]], Any] | None
    ) -> Any:
        brokers, work = self.broker.bootstrap, self.workload
        # 1. The stage
        work.prepare(brokers)
        env = {**work.env(brokers, self.folder), "MUTANT": self.mutant, **self._env}
        self.crew = Crew(work.app, self.folder, env, self.say)
        try:
            for slot in range(self._workers):
                self.crew.start(slot)
            if not self.wait(lambda: self.crew.all_up() and work.ready(brokers), _READY_S):
                raise RuntimeError(f"the workers did not become ready; the log of one:\n{self.crew.log(0)[-3000:]}")
            work.start_helpers(brokers)
            self.feed = Feed(brokers, work.records)
            try:
                # 2. The faults
                for number, act in enumerate(acts, start=1):
                    self.feed.open(number / (len(acts) + 1), over_s=_START_S)
                    self.say(f"{self.feed.sent:,}/{len(work.records):,} sent; {number}/{len(acts)} {act}")
                    faults[act.fault].inject(self, act.detail)
                    self.verdict.faults[act.fault] += 1
                # 3. The rest of the input, until nothing is under way
                self.feed.open(1.0, over_s=0.0)
                self._settle()
            finally:
                self.feed.stop()
                work.stop_helpers()
            # 4. The workers stop; what they leave is judged
            folders = [p for p in self.folder.iterdir() if p.is_dir() and (p / "state").is_dir()]
            # One that is only just starting would die of the signal.
            self.wait(self.crew.all_up, _READY_S)
            codes = self.crew.stop()
            for slot, code in codes.items():
                if code != 0:
                    self.violate("unclean_end", f"worker {slot} ended with code {code} on SIGTERM")
            self.verdict.kills += self.crew.kills
            self.verdict.seen["ended by themselves"] += sum(self.crew.ended.values())
            self.say("judging")
            self.verdict.violations += work.judge(brokers, folders, calm)
            return after(brokers, folders) if after is not None else None
        finally:
            self.crew.end()
            self._unmount()

    @property
    def inputs(self) -> int:
        """Partitions that the group shares out."""
        return self.workload.inputs * self.workload.partitions

    def wait(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Tends the crew meanwhile; False when it was not done in time."""
        deadline = time.monotonic() + timeout_s
        while not done():
            if STOPPING.is_set():
                raise RuntimeError("interrupted")
            if time.monotonic() > deadline:
                return False
            self.crew.tend()
            time.sleep(0.1)
        return True

    def sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() >= until, seconds + 1)

    def violate(self, check: str, text: str) -> None:
        self.verdict.violations.append(Violation(check, "", -1, -1, "", text))
        self.say(f"VIOLATION {check}: {text}")

    def _settle(self) -> None:
        brokers = self.broker.bootstrap
        if not self.wait(self.feed.done, self._settle_s):
            raise RuntimeError(f"the input could not be published; the broker's log:\n{self.broker.last_lines()}")
        self.say("all is sent; settling")
        if not self.wait(lambda: self.workload.at_rest(brokers), self._settle_s):
            self.violate("not_settled", f"input is still undecided after {self._settle_s:.0f} s")

    def _unmount(self) -> None:
        from tests.chaos.faults import unmount_all

        unmount_all(self.folder)
