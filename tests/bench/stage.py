"""One timed run of the dedup stage by one contestant.

The clock starts when the first tenth of the input is through, as its offsets (or its output) show it, and stops when all of it is:
starting, joining the group, restoring, and a just-in-time compiler's first steps are nobody's disadvantage. CPU is counted over the same
span and includes whatever runs in the contestant's process tree.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from tests.bench import topics
from tests.bench.measure import Child, ContestantDied
from tests.bench.peers import Peer

#: Share of the input that is through when the clock starts.
WARM_UP = 0.1
_LOOK_EVERY_S = 0.05
#: Generous: a contestant that hangs must be named, a slow machine must not fail.
_SILENCE_MAX_S = 240.0


class WrongOutput(ContestantDied):
    """A contestant's output is not what the input calls for."""


@dataclass(frozen=True)
class Input:
    """A topic of orders: ``orders`` distinct keys in ``records`` records."""

    brokers: str
    topic: str
    partitions: int
    orders: int
    records: int

    @classmethod
    def published(cls, brokers: str, orders: int, partitions: int) -> Input:
        topic = f"bench-{uuid.uuid4().hex[:8]}-in"
        topics.create(brokers, [topic], partitions)
        return cls(brokers, topic, partitions, orders, topics.publish(brokers, topic, orders))

    def extended(self, orders: int) -> Input:
        """The same topic with so many new orders more."""
        records = topics.publish(self.brokers, self.topic, orders, start=self.orders)
        return replace(self, orders=self.orders + orders, records=self.records + records)


class Job:
    """One contestant's application: its name, topics and folder, over any number of starts. A context manager: it leaves nothing behind."""

    def __init__(self, peer: Peer, given: Input, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.peer, self.given = peer, given
        self.name = f"bench-{uuid.uuid4().hex[:8]}"
        self.sink, self.home = f"{self.name}-out", folder / self.name
        self._env = {**peer.env, **(env or {})}
        # The second is for the plain loop, which has no changelog of its own making.
        topics.create(given.brokers, [self.sink, f"{self.sink}-changelog"], given.partitions)
        self.home.mkdir(parents=True)
        self._progress = topics.Progress(given.brokers, self.name, given.topic, self.sink, given.partitions)

    def start(self, worker: int = 0) -> Child:
        """A worker of the application; each has a folder of its own, kept over its restarts."""
        given, data = self.given, self.home / f"data-{worker}"
        env = {
            "BROKERS": given.brokers,
            "APP_ID": self.name,
            "DATADIR": str(data),
            "SOURCE": given.topic,
            "SINK": self.sink,
        }
        env |= {"PARTITIONS": str(given.partitions), **self._env}
        return Child(self.peer.command(data), env, self.home / f"worker-{worker}.log")

    def wipe(self, worker: int = 0) -> None:
        """Its disk is lost."""
        shutil.rmtree(self.home / f"data-{worker}")

    def disk_mib(self) -> float:
        """What its state takes on disk."""
        files = (path for path in self.home.rglob("*") if path.is_file())
        return sum(path.stat().st_blocks for path in files) * 512 / 2**20

    def done(self) -> float:
        """How many records of the input are through."""
        if self.peer.transactional:
            return self._progress.committed()
        return self._progress.emitted() / self.given.orders * self.given.records

    def follow(self, workers: Sequence[Child], start: float = 0.0) -> dict[str, float]:
        """Until all of the input from record ``start`` on is through; its seconds, CPU seconds, and the workers' memory in MiB.

        Raises:
            ContestantDied: one ended, or there was no progress for minutes.
        """
        total = self.given.records
        begun = heard = time.monotonic()
        first: tuple[float, float, float] | None = None
        last = 0.0
        while (done := self.done()) < total:
            for worker in workers:
                worker.check()
            now = time.monotonic()
            if done > last:
                last, heard = done, now
            elif now - heard > _SILENCE_MAX_S:
                raise ContestantDied(
                    f"no progress for {_SILENCE_MAX_S:.0f} s at {done:,.0f} of {total:,} records\n{workers[0].last_lines()}"
                )
            if first is None and done >= start + WARM_UP * (total - start):
                first = (now, done, _cpu_s(workers))
            time.sleep(_LOOK_EVERY_S)
        # So little input that nothing was seen between its start and its end: the start counts too, as in a quick run it may.
        first = first or (begun, start, 0.0)
        rest = (total - first[1]) / (total - start)
        return {
            "seconds": (time.monotonic() - first[0]) / rest,
            "cpu_s": (_cpu_s(workers) - first[2]) / rest,
            "rss_mib": sum(worker.peak_rss_mib() for worker in workers),
        }

    def check_output(self) -> None:
        """Raises WrongOutput unless every key came out, and once: in an undisturbed run that holds for every peer."""
        found = topics.count_keys(self.given.brokers, self.sink, self.given.partitions)
        twice = sum(1 for count in found.values() if count > 1)
        if len(found) != self.given.orders or twice:
            raise WrongOutput(
                f"{self.peer.name}: {len(found):,} keys of {self.given.orders:,} came out, {twice:,} of them more than once"
            )

    def __enter__(self) -> Job:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._progress.close()
        topics.delete(self.given.brokers, self.name)
        shutil.rmtree(self.home, ignore_errors=True)


def run(peer: Peer, given: Input, folder: Path, workers: int = 1) -> dict[str, float]:
    """Orders/s, CPU seconds per million orders and peak memory of one run from nothing; its output is checked afterwards.

    Raises:
        ContestantDied: it ended or hung.
        WrongOutput: a key is missing, or comes twice.
    """
    with Job(peer, given, folder) as job:
        with ExitStack() as stack:
            figures = job.follow([stack.enter_context(job.start(worker)) for worker in range(workers)])
        job.check_output()
    return per_order(figures, given.orders)


def per_order(figures: Mapping[str, float], orders: int) -> dict[str, float]:
    """What ``follow`` found, in terms of orders."""
    return {
        "orders_s": orders / figures["seconds"],
        "cpu_s_million": figures["cpu_s"] / orders * 1e6,
        "rss_mib": figures["rss_mib"],
    }


def _cpu_s(workers: Sequence[Child]) -> float:
    return sum(worker.cpu_s() for worker in workers)
