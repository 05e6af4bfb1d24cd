"""Table 1, the dedup stage: Penstock exactly once, its peers, and a plain loop without guarantees as the ceiling.

    python -m tests.bench.dedup [--orders 1000000] [--rounds 3] [--peers penstock,streams]

Rounds are interleaved on one broker; every contestant starts from nothing, on the same topic's bytes. A slow one gets a smaller share of
them, in a topic of its own. How a run is timed stands in stage.py, how each contestant is set up in peers.py.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from tests.bench import stage
from tests.bench.measure import Bench, Spread, interleaved
from tests.bench.peers import FAUST, PEERS, PENSTOCK, PLAIN, QUIX, STREAMS, Peer
from tests.bench.report import Goal, Report, console, spread, spread_json

PARTITIONS = 4
ORDERS, ORDERS_QUICK = 1_000_000, 3_000
#: The least a slow peer is given.
ORDERS_MIN = 2_000


def run(bench: Bench, orders: int | None = None, names: Iterable[str] = PEERS) -> Iterable[Report]:
    """The table. Peers whose packages are not there are named in a note and left out."""
    orders = orders or (ORDERS_QUICK if bench.quick else ORDERS)
    peers = [PEERS[name] for name in names if PEERS[name].is_there]
    left_out = [name for name in names if not PEERS[name].is_there]
    with bench.broker("dedup") as brokers:
        sizes = {peer.name: max(ORDERS_MIN, int(orders * peer.share)) for peer in peers}
        with bench.console.status("publishing the orders"):
            inputs = {size: stage.Input.published(brokers, size, PARTITIONS) for size in sorted(set(sizes.values()))}
        contestants: dict[str, Callable[[], Mapping[str, float]]] = {
            peer.name: partial(stage.run, peer, inputs[sizes[peer.name]], bench.folder) for peer in peers
        }
        figures = interleaved(contestants, bench, "dedup")
    yield report(peers, sizes, figures, left_out)


def report(
    peers: list[Peer], sizes: Mapping[str, int], figures: Mapping[str, Mapping[str, Spread]], left_out: list[str]
) -> Report:
    medians = {name: found["orders_s"].median for name, found in figures.items()}
    rows = [
        (
            peer.name,
            peer.guarantee,
            spread(figures[peer.name]["orders_s"]),
            spread(figures[peer.name]["cpu_s_million"], 1),
            f"{figures[peer.name]['rss_mib'].high:,.0f}",
            _ratio(medians, peer.name, STREAMS, " x"),
            f"{sizes[peer.name]:,}",
        )
        for peer in peers
    ]
    goals = [
        Goal.at_least(f">= {goal:g} x {other}", ratio(medians, PENSTOCK, other), goal)
        for other, goal in ((STREAMS, 1.0), (QUIX, 4.0), (FAUST, 25.0))
    ]
    notes = [
        "Ratio: to Kafka Streams EOSv2 (exactly_once_v2), 1 thread. ALOS: at least once. Every output was checked: each key once."
    ]
    if left_out:
        notes.append(f"Left out, since .venv-bench is not there (make bench makes it): {', '.join(left_out)}.")
    data = {
        name: {**{figure: spread_json(value) for figure, value in found.items()}, "orders": sizes[name]}
        for name, found in figures.items()
    }
    columns = ("", "guarantee", "orders/s", "CPU s per million", "MiB", "ratio", "orders")
    return Report("dedup", "1. Dedup stage", columns, rows, data, goals, notes)


def ratio(medians: Mapping[str, float], name: str, other: str) -> float | None:
    """``name``'s median in terms of ``other``'s; None when one of them did not run."""
    return medians[name] / medians[other] if medians.get(name) and medians.get(other) else None


def _ratio(medians: Mapping[str, float], name: str, other: str, unit: str) -> str:
    found = ratio(medians, name, other)
    return "" if found is None else f"{found:.2f}{unit}"


def main() -> None:
    shorts = {
        "penstock": PENSTOCK,
        "streams": STREAMS,
        "quix": QUIX,
        "faust": FAUST,
        "plain": PLAIN,
        "bytewax": "Bytewax",
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--peers", default="penstock,streams,plain", help=f"of {', '.join(shorts)}, or all (%(default)s)"
    )
    args = parser.parse_args()
    try:
        names = list(PEERS) if args.peers == "all" else [shorts[name] for name in args.peers.split(",")]
    except KeyError as unknown:
        parser.error(f"no such peer: {unknown}")
    out = console()
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        bench = Bench(out, Path(folder), args.rounds)
        for table in run(bench, args.orders, names):
            table.show(out)


if __name__ == "__main__":
    main()
