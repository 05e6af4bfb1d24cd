"""Table 4, scale: cost per order, memory and disk as the state grows to 10^7 keys; then workers and partitions.

State is made by the dedup stage itself: a job decides N orders, is stopped in order, and is started again on its disk with more orders
waiting (every 25th of them a repeat of one far back in the state). These are timed, from a tenth of them on. A small state would have
become a large one by the second round, so it is made anew for each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial

from streams.engine import Options
from tests.bench import stage
from tests.bench.measure import Bench, Spread, interleaved
from tests.bench.peers import PEERS, PENSTOCK, STREAMS
from tests.bench.report import Goal, Report, spread, spread_json

KEYS, KEYS_QUICK = (100_000, 1_000_000, 10_000_000), (1_000, 5_000)
#: Orders that are timed on top of the state.
TIMED, TIMED_QUICK = 300_000, 2_000
#: Orders of the second table, which begins with nothing.
ORDERS, ORDERS_QUICK = 600_000, 3_000
#: (workers, partitions); the first is what the others are compared with.
LAYOUTS = ((1, 4), (2, 4), (1, 16), (2, 16), (1, 64), (2, 64))
_PARTITIONS = 4


class Grown:
    """A job with a state of ``keys`` keys: each round times some orders more on it."""

    def __init__(self, name: str, keys: int, timed: int, brokers: str, bench: Bench) -> None:
        self._name, self._keys, self._timed, self._brokers, self._bench = name, keys, timed, brokers, bench
        self._job: stage.Job | None = None

    def round(self) -> dict[str, float]:
        # Rounds may add a fifth to the state; then it is another state.
        if self._job is None or self._job.given.orders + self._timed > 1.2 * (self._keys + self._timed):
            self.close()
            self._job = self._filled()
        job = self._job
        start = job.given.records
        job.given = job.given.extended(self._timed)
        with job.start() as worker:
            figures = job.follow([worker], start)
            # At rest, after what was timed: memory that stays, not a moment's.
            time.sleep(1.0)
            resident = worker.rss_mib()
        found = stage.per_order(figures, self._timed)
        return {**found, "resident_mib": resident, "disk_mib": job.disk_mib()}

    def _filled(self) -> stage.Job:
        given = stage.Input.published(self._brokers, self._keys, _PARTITIONS)
        job = stage.Job(PEERS[self._name], given, self._bench.folder)
        with job.start() as worker:
            job.follow([worker])
        return job

    def close(self) -> None:
        if self._job is not None:
            self._job.__exit__(None, None, None)
            self._job = None


def run(bench: Bench) -> Iterable[Report]:
    with bench.broker("scale") as brokers:
        yield by_keys(bench, brokers)
        yield by_layout(bench, brokers)


def by_keys(bench: Bench, brokers: str) -> Report:
    """10^5, 10^6, 10^7 keys, Penstock and Kafka Streams."""
    timed = TIMED_QUICK if bench.quick else TIMED
    contestants: dict[str, Callable[[], Mapping[str, float]]] = {}
    sizes = KEYS_QUICK if bench.quick else KEYS
    with ExitStack() as stack:
        for keys in sizes:
            for name in (PENSTOCK, STREAMS):
                grown = Grown(name, keys, timed, brokers, bench)
                stack.callback(grown.close)
                contestants[f"{name}, {keys:,} keys"] = grown.round
        figures = interleaved(contestants, bench, "scale")
    return keys_report(figures, sizes, timed)


def keys_report(figures: Mapping[str, Mapping[str, Spread]], sizes: tuple[int, ...], timed: int) -> Report:
    rows = [
        (
            name,
            spread(found["orders_s"]),
            spread(found["cpu_s_million"], 1),
            f"{found['resident_mib'].median:,.0f}",
            f"{found['rss_mib'].high:,.0f}",
            f"{found['disk_mib'].median:,.0f}",
        )
        for name, found in figures.items()
    ]
    small, large = (figures[f"{PENSTOCK}, {keys:,} keys"] for keys in (sizes[0], sizes[-1]))
    options = Options()
    caches_mib = (options.block_cache_bytes + 3 * options.write_buffer_bytes) / 2**20
    grown_mib = large["resident_mib"].median - small["resident_mib"].median
    goals = [
        Goal.at_most(
            f"time per order, {sizes[0]:,} -> {sizes[-1]:,} keys <= 1.3 x",
            small["orders_s"].median / large["orders_s"].median,
            1.3,
        ),
        Goal(
            f"memory flat: what {sizes[-1] // sizes[0]} x the keys add is within the configured caches ({caches_mib:.0f} MiB)",
            f"{grown_mib:+,.0f} MiB",
            grown_mib <= caches_mib,
        ),
    ]
    cpu = large["cpu_s_million"].median / max(small["cpu_s_million"].median, 0.01)
    notes = [
        f"{timed:,} orders timed on top of the state, which was decided, stopped, and started again on its disk.",
        f"Penstock's CPU per order grows {cpu:.2f} x over these sizes. Disk: all files of the job's folder, logs included.",
    ]
    columns = ("", "orders/s", "CPU s per million", "MiB at rest", "MiB at most", "disk MiB")
    return Report("scale_keys", "4a. Scale: keys of state", columns, rows, _json(figures), goals, notes)


def by_layout(bench: Bench, brokers: str) -> Report:
    """1 and 2 workers on 4, 16 and 64 partitions, Penstock, from nothing."""
    orders = ORDERS_QUICK if bench.quick else ORDERS
    layouts = LAYOUTS[:2] if bench.quick else LAYOUTS
    inputs = {count: stage.Input.published(brokers, orders, count) for count in sorted({count for _, count in layouts})}
    contestants: dict[str, Callable[[], Mapping[str, float]]] = {
        f"{workers} worker{'s' * (workers > 1)}, {count} partitions": partial(
            stage.run, PEERS[PENSTOCK], inputs[count], bench.folder, workers
        )
        for workers, count in layouts
    }
    figures = interleaved(contestants, bench, "scale")
    base = next(iter(figures.values()))["orders_s"].median
    rows = [
        (
            name,
            spread(found["orders_s"]),
            spread(found["cpu_s_million"], 1),
            f"{found['rss_mib'].high:,.0f}",
            f"{found['orders_s'].median / base:.2f} x",
        )
        for name, found in figures.items()
    ]
    notes = [
        "Two workers and the broker share this machine's cores; workers that join while the input is there also move partitions.",
    ]
    columns = (PENSTOCK, "orders/s", "CPU s per million", "MiB at most, all workers", "ratio")
    return Report("scale_layout", "4b. Scale: workers and partitions", columns, rows, _json(figures), notes=notes)


def _json(figures: Mapping[str, Mapping[str, Spread]]) -> dict[str, dict[str, object]]:
    return {name: {figure: spread_json(value) for figure, value in found.items()} for name, found in figures.items()}
