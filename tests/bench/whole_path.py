"""Table 2, the whole path: raw channel event to allocation, exactly once, by Penstock and by the same saga in Kafka Streams.

    python -m tests.bench.whole_path [--orders 60000] [--rounds 3] [--commit-ms 100,1000] [--threads 1]

One worker each, one at a time, on a broker of its own, on the same generated events (updates, cancellations, holds, duplicates, spoilt
ones) and stock that runs short. Rounds are interleaved. Of each run:
1. The first part of the events is on the topics before the contestant starts: "cold", from its first commit to its last decision.
2. The rest comes at once to the same process, warm by now: the figures, from the first event sent to the last decision.
3. `penstock verify` judges its topics, whoever wrote them; one violation fails the benchmark.

Once before the rounds all of them decide the same orders with ample stock, where no decision depends on who comes first: what became of
every event and of every order must be equal.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from streams.demo.source import Source, generated
from tests.bench.measure import Bench, ContestantDied, Spread, interleaved
from tests.bench.report import Goal, Report, console, spread, spread_json
from tests.bench.saga_outcomes import Outcomes, with_plenty
from tests.bench.saga_peers import PENSTOCK, SagaPeer, kafka_streams
from tests.bench.saga_rig import SagaRig, encoded

ORDERS, ORDERS_QUICK = 60_000, 600
#: How many of them are compared one by one.
ORDERS_COMPARED, ORDERS_COMPARED_QUICK = 20_000, 400
#: Share of the events that come first.
WARM_UP = 0.4
SEED = 3
START_MS = 1_760_000_000_000
#: Kafka Streams' default under exactly-once, and what its guide to throughput makes of it: fewer, larger transactions.
COMMIT_MS = (100, 1_000)


class WrongDecisions(ContestantDied):
    """A contestant's topics break the promise, or two contestants differ where they must not."""


def contestants(commit_ms: Iterable[int] = COMMIT_MS, threads: Iterable[int] = (1,)) -> list[SagaPeer]:
    return [PENSTOCK, *(kafka_streams(each, count) for count in threads for each in commit_ms)]


def ordinary(orders: int, seed: int) -> Source:
    """Orders of the kinds that the peer knows the rules of."""
    return generated(orders, seed, START_MS, situations=0)


def run(bench: Bench, orders: int | None = None, peers: Sequence[SagaPeer] = ()) -> Iterable[Report]:
    """The table. Raises WrongDecisions when the contestants' decisions are not what they must be."""
    peers = peers or contestants()
    orders = orders or (ORDERS_QUICK if bench.quick else ORDERS)
    compared = compare(bench, peers, ORDERS_COMPARED_QUICK if bench.quick else min(orders, ORDERS_COMPARED))
    source = ordinary(orders, SEED)
    runs: dict[str, Callable[[], Mapping[str, float]]] = {
        peer.name: partial(timed, peer, source, orders, bench.folder) for peer in peers
    }
    yield report(orders, interleaved(runs, bench, "whole path"), compared)


def compare(bench: Bench, peers: Sequence[SagaPeer], orders: int) -> str:
    """Lets all decide the same orders; what was compared, in words. Raises WrongDecisions."""
    source = with_plenty(ordinary(orders, SEED + 1))
    # Kafka Streams once: how often it commits is no part of its decisions.
    first, second = (decisions(peer, source, bench.folder) for peer in (peers[0], peers[-1]))
    if differences := first.differences(second):
        told = "\n  ".join(differences)
        raise WrongDecisions(f"{peers[0].name} and {peers[-1].name} decide differently:\n  {told}")
    return (
        f"Same decisions: {len(first.events):,} events with their outcome and reasons, and {len(first.orders):,} orders with their"
        f" warehouses, were compared between {peers[0].name} and {peers[-1].name}: no difference."
    )


def decisions(peer: SagaPeer, source: Source, folder: Path) -> Outcomes:
    """What the contestant makes of these events, verified."""
    with SagaRig(folder, peer, source) as rig:
        rig.publish(encoded(source.events))
        rig.wait_until_decided()
        check(rig)
        return rig.outcomes()


def timed(peer: SagaPeer, source: Source, orders: int, folder: Path) -> dict[str, float]:
    """One run from nothing: orders/s, CPU and memory."""
    events = encoded(source.events)
    first, rest = events[: int(len(events) * WARM_UP)], events[int(len(events) * WARM_UP) :]
    with SagaRig(folder, peer, source) as rig:
        # 1. Cold
        rig.stop()
        rig.publish(first)
        rig.start()
        started = rig.wait_until_moving()
        rig.wait_until_decided()
        cold_s = rig.decided_at() - started
        # 2. Warm
        cpu_s, started = rig.child.cpu_s(), time.time()
        rig.publish(rest)
        rig.wait_until_decided()
        seconds, cpu_s = rig.decided_at() - started, rig.child.cpu_s() - cpu_s
        peak = rig.child.peak_rss_mib()
        # 3. Judged
        check(rig)
    share = len(rest) / len(events)
    return {
        "orders_s": orders * share / seconds,
        "events_s": len(rest) / seconds,
        "cold_orders_s": orders * (1 - share) / cold_s,
        "cpu_s_million": cpu_s / (orders * share) * 1e6,
        "rss_mib": peak,
    }


def check(rig: SagaRig) -> None:
    """Raises WrongDecisions unless the topics keep the promise."""
    verdict = rig.verify()
    if not verdict.ok:
        found = ", ".join(f"{count:,} x {kind}" for kind, count in verdict.violation_counts.items())
        raise WrongDecisions(f"{rig.peer.name}: penstock verify finds {found}; the first: {verdict.violations[0]}")


def report(orders: int, figures: Mapping[str, Mapping[str, Spread]], compared: str) -> Report:
    medians = {name: found["orders_s"].median for name, found in figures.items()}
    rivals = [name for name in figures if name != PENSTOCK.name]
    best = max(rivals, key=medians.__getitem__)
    rows = [
        (
            name,
            spread(found["orders_s"]),
            f"{found['events_s'].median:,.0f}",
            spread(found["cpu_s_million"]),
            spread(found["cold_orders_s"]),
            f"{found['rss_mib'].high:,.0f}",
            f"{medians[name] / medians[best]:.2f} x",
        )
        for name, found in figures.items()
    ]
    ratio = medians[PENSTOCK.name] / medians[best] if PENSTOCK.name in medians else None
    columns = ("", "orders/s", "events/s", "CPU s per million", "cold orders/s", "MiB", "ratio")
    notes = [
        f"{orders:,} orders. Ratio: to {best}, the better setting of Kafka Streams (commit.interval.ms in its name).",
        compared,
        "penstock verify found 0 violations in every run of either.",
    ]
    data = {name: {figure: spread_json(value) for figure, value in found.items()} for name, found in figures.items()}
    goal = Goal.at_least(">= 1.0 x the same saga in Kafka Streams exactly_once_v2", ratio, 1.0)
    return Report("whole_path", "2. Whole path, one worker, exactly once", columns, rows, data, [goal], notes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--commit-ms",
        default=",".join(map(str, COMMIT_MS)),
        help="commit.interval.ms of Kafka Streams, each a contestant (%(default)s)",
    )
    parser.add_argument(
        "--threads", default="1", help="num.stream.threads, each a contestant; Penstock has one worker (%(default)s)"
    )
    args = parser.parse_args()
    peers = contestants(map(int, args.commit_ms.split(",")), [int(each) for each in args.threads.split(",")])
    out = console()
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        try:
            for table in run(Bench(out, Path(folder), args.rounds), args.orders, peers):
                table.show(out)
        except ContestantDied as error:
            raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
