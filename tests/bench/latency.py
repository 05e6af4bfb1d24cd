"""Table 3, latency from order to allocation: what a downstream reader of committed records sees, at given rates.

    python -m tests.bench.latency [--rates 100,500,2000] [--rounds 3] [--seconds 20] [--commit-ms 100]

One worker each, on a broker of its own. Orders come at the rate from a generator that waits for nobody (with their updates, duplicates
and spoilt ones there are 1.3 times as many events); each event bears the time at which it was due, so that a wait before it was sent
counts. An order's latency is from there to its first decision, allocated or backordered, as a consumer in another process sees it: four
transactions. Each run begins with a warm-up at the same rate, which is not counted.

A rate is held when the latency does not grow while it lasts; one that is not held has no percentiles, since they depend on the duration.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from schemas.codec import CODEC
from schemas.topics import channel_topic
from streams.demo.source import generated
from streams.ops.cluster import Publisher
from tests.bench.measure import Bench, ContestantDied, Spread, interleaved
from tests.bench.report import Goal, Report, console, spread, spread_json
from tests.bench.saga_observer import Observer, Seen
from tests.bench.saga_peers import PENSTOCK, SagaPeer, kafka_streams
from tests.bench.saga_rig import SagaRig

RATES, RATES_QUICK = (100, 500, 2_000), (50,)
SECONDS, SECONDS_QUICK = 20.0, 4.0
#: Before what is counted: caches, and the just-in-time compiler's first steps.
WARM_UP_S, WARM_UP_QUICK_S = 15.0, 2.0
#: Kafka Streams' default under exactly-once, which the design's goal names.
COMMIT_MS = 100
SEED = 5
#: The rate of the design's goal, and the goal.
GOAL_RATE, GOAL_P99_MS = 500, 200.0
PERCENTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


def run(
    bench: Bench,
    rates: Sequence[int] = (),
    seconds: float | None = None,
    peers: Sequence[SagaPeer] = (PENSTOCK, kafka_streams(COMMIT_MS)),
) -> Iterable[Report]:
    """The table."""
    rates = rates or (RATES_QUICK if bench.quick else RATES)
    seconds = seconds or (SECONDS_QUICK if bench.quick else SECONDS)
    warm_up_s = WARM_UP_QUICK_S if bench.quick else WARM_UP_S
    figures = {}
    for rate in rates:
        runs = {peer.name: partial(timed, peer, rate, warm_up_s, seconds, bench.folder) for peer in peers}
        figures[rate] = interleaved(runs, bench, f"latency, {rate:,} orders/s")
    yield report(figures, seconds)


def timed(peer: SagaPeer, rate: int, warm_up_s: float, seconds: float, folder: Path) -> dict[str, float]:
    """Percentiles in ms of one run, and whether the rate was held (1 or 0)."""
    source = generated(int(rate * (warm_up_s + seconds)), SEED, 1_760_000_000_000)
    with SagaRig(folder, peer, source) as rig, Observer(rig.settings) as observer:
        # The views that decisions are planned on are fed from topics, and may be a moment behind the last balance.
        time.sleep(1.0)
        counted_from_ms = publish(rig, len(source.events) / (warm_up_s + seconds)) + warm_up_s * 1000
        rig.wait_until_decided()
        # The observer reads what was committed last.
        time.sleep(1.0)
        rig.child.check()
    return percentiles([each for each in observer.seen if each.due_ms >= counted_from_ms])


def publish(rig: SagaRig, events_s: float) -> float:
    """Sends all events of the source at this rate; when the first was due (ms since the epoch)."""
    started = time.time()
    with Publisher(rig.settings) as publisher:
        for sent, raw in enumerate(rig.source.events):
            due = started + sent / events_s
            if (early := due - time.time()) > 0:
                time.sleep(early)
            value = CODEC.encode("ChannelEvent", {**raw.event, "received_at_ms": int(due * 1000)})
            publisher.send(channel_topic(raw.event["channel"]), raw.key, value)
    return started * 1000


def percentiles(seen: Sequence[Seen]) -> dict[str, float]:
    """Of the first decisions, by name; and ``held``.

    Raises:
        ContestantDied: there are too few to speak of.
    """
    if len(seen) < 20:
        raise ContestantDied(f"only {len(seen)} decisions were seen while it was measured")
    latencies = sorted(each.latency_ms for each in seen)
    found = {name: latencies[min(len(latencies) - 1, int(len(latencies) * part))] for name, part in PERCENTILES.items()}
    by_due = sorted(seen)
    fifth = max(1, len(by_due) // 5)
    first, last = (statistics.median(s.latency_ms for s in some) for some in (by_due[:fifth], by_due[-fifth:]))
    # Growing: by half a second over the run, and to twice of what it was. A backlog does both within seconds.
    return {**found, "held": float(not (last > first + 500 and last > 2 * first)), "decisions": float(len(seen))}


def report(figures: Mapping[int, Mapping[str, Mapping[str, Spread]]], seconds: float) -> Report:
    rows = []
    for rate, found in figures.items():
        for name, figure in found.items():
            cells = [spread(figure[each]) for each in PERCENTILES]
            if not held(figure):
                cells = ["not held: backlog grows", "", ""]
            rows.append((f"{rate:,}", name, *cells))
    notes = [
        f"ms from when an event was due to its order's first decision, {seconds:.0f} s at each rate after a warm-up;"
        " the median of the rounds, lowest and highest."
    ]
    data = {
        str(rate): {
            name: {**{each: spread_json(value) for each, value in figure.items()}, "held": held(figure)}
            for name, figure in found.items()
        }
        for rate, found in figures.items()
    }
    columns = ("orders/s", "", *PERCENTILES)
    return Report("latency", "3. Latency, order to allocation", columns, rows, data, goals(figures), notes)


def held(figure: Mapping[str, Spread]) -> bool:
    """In most of the rounds."""
    return figure["held"].median >= 1.0


def goals(figures: Mapping[int, Mapping[str, Mapping[str, Spread]]]) -> list[Goal]:
    """Those of the design; both are about one rate."""
    found = figures.get(GOAL_RATE, {})
    p99 = {name: figure["p99"].median if held(figure) else float("inf") for name, figure in found.items()}
    rival = kafka_streams(COMMIT_MS).name
    what = f"p99 at {GOAL_RATE} orders/s below {rival}"
    if PENSTOCK.name not in p99:
        return [Goal(what, "not measured", None)]
    own = p99[PENSTOCK.name]
    below = Goal(what, f"{own:,.0f} ms / {p99[rival]:,.0f} ms", own < p99[rival]) if rival in p99 else None
    limit = Goal(f"p99 at {GOAL_RATE} orders/s <= {GOAL_P99_MS:.0f} ms", f"{own:,.0f} ms", own <= GOAL_P99_MS)
    return [below or Goal(what, "not measured", None), limit]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default=",".join(map(str, RATES)), help="orders/s (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="counted at each rate (%(default)s)")
    parser.add_argument(
        "--commit-ms",
        default=str(COMMIT_MS),
        help="commit.interval.ms of Kafka Streams, each a contestant (%(default)s)",
    )
    args = parser.parse_args()
    peers = [PENSTOCK, *(kafka_streams(int(each)) for each in args.commit_ms.split(","))]
    out = console()
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        try:
            rates = [int(each) for each in args.rates.split(",")]
            for table in run(Bench(out, Path(folder), args.rounds), rates, args.seconds, peers):
                table.show(out)
        except ContestantDied as error:
            raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
