"""Table 5, restore: the dedup table rebuilt from its changelog after the disk was lost, and a restart after ``kill -9`` with the disk kept.

    1. Fill     each contestant decides the whole input once, so that its changelog and its state hold as many keys.
    2. Kill     more orders come; at the first sign that it works on them it is killed, at once, wherever it is.
    3. Restart  on the same disk: what it reads of its changelog before it goes on, and how long that takes.
    4. Rebuild  stopped in order, its folder removed, started again.

Steps 2 to 4 are repeated in each round. The time is the contestant's own account: Penstock's log line, Kafka Streams' restore listener
(first shard's start to last shard's end). Neither has the start of the process, nor the wait for the group (a killed member is
missed after its session timeout, 10 s for both) in it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack

from tests.bench.measure import Bench, Child, ContestantDied, Spread, interleaved
from tests.bench.peers import PEERS, PENSTOCK, STREAMS
from tests.bench.report import Goal, Report, spread, spread_json
from tests.bench.stage import Input, Job

PARTITIONS = 4
KEYS, KEYS_QUICK = (100_000, 1_200_000), (2_000,)
#: Orders that come before each kill, as a share of the keys, and at the least.
MORE, MORE_MIN = 0.02, 2_000
_PATIENCE_S = 240.0
#: Kafka Streams misses a killed member after 45 s if not told otherwise, Penstock after 10 s.
ENV = {PENSTOCK: {}, STREAMS: {"SESSION_TIMEOUT_MS": "10000"}}


class Filled:
    """One contestant with its state: what a round does with it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        with job.start() as worker:
            job.follow([worker])

    def round(self) -> dict[str, float]:
        job = self.job
        before = job.given.records
        job.given = job.given.extended(max(MORE_MIN, int(job.given.orders * MORE)))
        with job.start() as worker:
            _until(worker, lambda: job.done() > before)
            worker.kill()
        with job.start() as worker:
            restart = self._restored(worker)
            job.follow([worker])
        job.wipe()
        with job.start() as worker:
            rebuild = self._restored(worker)
        return {
            "restart_records": restart[0],
            "restart_s": restart[1],
            "rebuild_records": rebuild[0],
            "rebuild_s": rebuild[1],
            "rebuild_records_s": rebuild[0] / max(rebuild[1], 1e-3),
        }

    def _restored(self, worker: Child) -> tuple[int, float]:
        """Records read and seconds taken, as soon as the worker says that it is through."""
        read = penstock_said if self.job.peer.name == PENSTOCK else streams_said
        _until(worker, lambda: read(worker.log.read_text(errors="replace")) is not None)
        said = read(worker.log.read_text(errors="replace"))
        assert said is not None
        return said


def penstock_said(log: str) -> tuple[int, float] | None:
    """From the engine's line ``restored 4 shards, 1000 records, 0.12 s``."""
    found = re.findall(r"restored (\d+) shards, (\d+) records, ([\d.]+) s", log)
    # Shards come with their partitions, in more than one assignment if the group so decides.
    if sum(int(shards) for shards, _, _ in found) < PARTITIONS:
        return None
    return sum(int(records) for _, records, _ in found), sum(float(seconds) for _, _, seconds in found)


def streams_said(log: str) -> tuple[int, float] | None:
    """From the listener's lines ``restoring PARTITION RECORDS MS`` and ``restored PARTITION RECORDS MS``."""
    begun = [int(ms) for ms in re.findall(r"^restoring \d+ \d+ (\d+)$", log, re.M)]
    ended = [(int(records), int(ms)) for records, ms in re.findall(r"^restored \d+ (\d+) (\d+)$", log, re.M)]
    if not re.search(r"^state REBALANCING RUNNING", log, re.M) or len(ended) < len(begun):
        return None
    if not begun:
        return 0, 0.0
    return sum(records for records, _ in ended), (max(ms for _, ms in ended) - min(begun)) / 1000


def _until(worker: Child, true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not true():
        worker.check()
        if time.monotonic() > deadline:
            raise ContestantDied(f"nothing restored for {_PATIENCE_S:.0f} s. Its last lines:\n{worker.last_lines()}")
        time.sleep(0.01)


def run(bench: Bench) -> Iterable[Report]:
    with bench.broker("restore") as brokers, ExitStack() as stack:
        contestants: dict[str, Callable[[], Mapping[str, float]]] = {}
        for keys in KEYS_QUICK if bench.quick else KEYS:
            for name in (PENSTOCK, STREAMS):
                title = f"{name}, {keys:,} keys"
                with bench.console.status(f"filling {title}"):
                    given = Input.published(brokers, keys, PARTITIONS)
                    job = stack.enter_context(Job(PEERS[name], given, bench.folder, ENV[name]))
                    contestants[title] = Filled(job).round
        figures = interleaved(contestants, bench, "restore")
    yield report(figures)


def report(figures: Mapping[str, Mapping[str, Spread]]) -> Report:
    rows = [
        (
            name,
            f"{found['rebuild_records'].median:,.0f}",
            spread(found["rebuild_s"], 2),
            spread(found["rebuild_records_s"]),
            f"{found['restart_records'].median:,.0f}",
            spread(found["restart_s"], 2),
        )
        for name, found in figures.items()
    ]
    penstock = [found for name, found in figures.items() if name.startswith(PENSTOCK)]
    streams = [found for name, found in figures.items() if name.startswith(STREAMS)]
    rate = penstock[-1]["rebuild_records_s"].median
    slowest = max(found["restart_s"].high for found in penstock)
    goals = [
        Goal("rebuild >= 300,000 records/s", f"{rate:,.0f} records/s", rate >= 300_000),
        Goal("restart with the disk kept < 1 s, whatever the size", f"{slowest:.2f} s at the most", slowest < 1.0),
    ]
    notes = [
        f"Rebuild: {rate / streams[-1]['rebuild_records_s'].median:.2f} x Kafka Streams at the largest size.",
    ]
    columns = ("", "rebuild: records", "s", "records/s", "after kill -9: records", "s")
    data = {name: {figure: spread_json(value) for figure, value in found.items()} for name, found in figures.items()}
    return Report("restore", "5. Restore", columns, rows, data, goals, notes)
