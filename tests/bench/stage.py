"""One timed run of the dedup stage by one contestant.

The clock starts when the first tenth of the input is through, as its offsets (or its output) show it, and stops when all of it is:
starting, joining the group, restoring, and a just-in-time compiler's first steps are nobody's disadvantage. CPU is counted over the same
span and includes whatever runs in the contestant's process tree.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

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


class Timed:
    """Follows a contestant from start to end; ``figures`` is what the clock, /proc and the offsets said."""

    def __init__(self, child: Child, done: Callable[[], float]) -> None:
        """``done`` gives the share of the input that is through."""
        self._child = child
        self._done = done

    def follow(self) -> dict[str, float]:
        """Until all is through; share per second, CPU seconds per whole input, memory in MiB.

        Raises:
            ContestantDied: it ended, or made no progress for minutes.
        """
        first: tuple[float, float, float] | None = None
        began = heard = time.monotonic()
        last = 0.0
        while True:
            self._child.check()
            share, now = self._done(), time.monotonic()
            if share > last:
                last, heard = share, now
            elif now - heard > _SILENCE_MAX_S:
                raise ContestantDied(f"no progress for {_SILENCE_MAX_S:.0f} s at {share:.0%}; log: {self._child.log}")
            if first is None and WARM_UP <= share < 1.0:
                first = (now, share, self._child.cpu_s())
            if share >= 1.0:
                break
            time.sleep(_LOOK_EVERY_S)
        if first is None:
            # So little input that nothing was seen between its start and its end: the start counts too, as a quick run's figures may.
            first = (began, 0.0, 0.0)
        rest = 1.0 - first[1]
        return {
            "seconds": (now - first[0]) / rest,
            "cpu_s": (self._child.cpu_s() - first[2]) / rest,
            "rss_mib": self._child.peak_rss_mib(),
        }


def run(
    peer: Peer, given: Input, folder: Path, env: Mapping[str, str] | None = None, check: bool = True
) -> dict[str, float]:
    """Orders/s, CPU seconds per million orders and peak memory of one run from nothing; its output is checked afterwards.

    Raises:
        ContestantDied: it ended or hung.
        WrongOutput: a key is missing, or comes twice where the guarantee excludes that.
    """
    name = f"bench-{uuid.uuid4().hex[:8]}"
    sink, home = f"{name}-out", folder / name
    # The second is for the plain loop, which has no changelog of its own making.
    topics.create(given.brokers, [sink, f"{sink}-changelog"], given.partitions)
    home.mkdir(parents=True)
    progress = topics.Progress(given.brokers, name, given.topic, sink, given.partitions)
    given_env = {"BROKERS": given.brokers, "APP_ID": name, "DATADIR": str(home), "SOURCE": given.topic, "SINK": sink}
    given_env |= {"PARTITIONS": str(given.partitions), **peer.env, **(env or {})}

    def done() -> float:
        return progress.committed() / given.records if peer.transactional else progress.emitted() / given.orders

    try:
        with Child(peer.command(home), given_env, folder / f"{name}.log") as child:
            figures = Timed(child, done).follow()
        if check:
            check_output(peer, given, sink)
    finally:
        topics.delete(given.brokers, name)
        shutil.rmtree(home, ignore_errors=True)
    return {
        "orders_s": given.orders / figures["seconds"],
        "cpu_s_million": figures["cpu_s"] / given.orders * 1e6,
        "rss_mib": figures["rss_mib"],
    }


def check_output(peer: Peer, given: Input, sink: str) -> None:
    """Raises WrongOutput unless every key came out, and once: in an undisturbed run that holds for every peer."""
    found = topics.count_keys(given.brokers, sink, given.partitions)
    twice = sum(1 for count in found.values() if count > 1)
    if len(found) != given.orders or twice:
        raise WrongOutput(
            f"{peer.name}: {len(found):,} keys of {given.orders:,} came out, {twice:,} of them more than once"
        )
