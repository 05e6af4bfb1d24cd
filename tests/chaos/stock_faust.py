"""Stock Faust under SIGKILL: how many orders it loses and doubles.

    python -m tests.chaos.stock_faust --orders 40000 --kills 8 --seed 1

Starts a broker of its own unless PENSTOCK_BROKERS names one. The same judge as for the mutants of our engine: decisions against those of an
undisturbed run on the same input.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from confluent_kafka import Consumer, TopicPartition
from rich.progress import Progress

from deploy.local import broker
from tests.chaos.mutant_run import difference
from tests.engine.harness import Rig, expected, orders, rig

MODULE = "tests.chaos.stock_faust_app"

_PATIENCE_S = 900.0


class Toll(NamedTuple):
    """What the kills cost, in orders."""

    lost: int
    doubled: int


def lost_by_stock_faust(brokers: str, count: int, kills: int, seed: int, progress: Progress | None = None) -> Toll:
    """Feeds ``count`` records (a tenth of them repeats), kills the worker ``kills`` times while it decides, lets the last one finish.

    A kill comes at a random moment while orders are being decided, never while the worker is still starting.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, rig(brokers, f"stock-{uuid4().hex[:8]}", Path(folder)) as it:
        it.feed(orders(count, seed))
        total = sum(map(len, expected(it.read(f"{it.app_id}-in")).values()))
        task = progress.add_task("stock Faust decides", total=total) if progress else None

        def decided() -> int:
            done = _written(it)
            if progress and task is not None:
                progress.update(task, completed=done)
            return done

        for nth in range(kills):
            worker = it.start(module=MODULE)
            # Kills are spread over the run; the moment itself is chance's.
            goal = total * (nth + chance.random()) / (kills + 1)
            before = decided()
            _until(it, lambda: decided() > max(goal, before), "orders to be decided")  # noqa: B023
            time.sleep(chance.random() * 0.5)
            worker.kill()
            worker.wait()
        it.start(module=MODULE)
        last = _last_sent(it)
        _until(it, lambda: decided() and last <= {m.key() for m in it.read(f"{it.app_id}-out")}, "the end of the input")
        found = difference(expected(it.read(f"{it.app_id}-in")), it.decided())
    return Toll(found.lost, found.doubled)


def _written(it: Rig) -> int:
    """Records in the output, by its offsets."""
    consumer = Consumer({"bootstrap.servers": it.brokers, "group.id": "reader"})
    try:
        at = (TopicPartition(f"{it.app_id}-out", p) for p in range(it.partitions))
        return sum(consumer.get_watermark_offsets(p, timeout=20.0)[1] for p in at)
    finally:
        consumer.close()


def _until(it: Rig, done: object, what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not done():
        if it.workers[-1].poll() is not None:
            raise AssertionError(f"stock Faust ended with code {it.workers[-1].returncode}\n{it.log()}")
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {_PATIENCE_S:.0f} s for {what}\n{it.log()}")
        time.sleep(0.2)


def _last_sent(it: Rig) -> set[bytes]:
    """Feeds a few orders more; returns the last one of each partition: once it is decided, so is all before it that ever will be."""
    it.feed([(b"last%d" % i, b"g0") for i in range(64)])
    last: dict[int, bytes] = {}
    for message in sorted(it.read(f"{it.app_id}-in"), key=lambda m: m.offset()):
        last[message.partition()] = message.key()
    return set(last.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=40_000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    # So that worker and broker are ended on SIGTERM too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory() as folder, broker(Path(folder)) as brokers, Progress() as progress:
        toll = lost_by_stock_faust(brokers, args.orders, args.kills, args.seed, progress)
    print(
        f"stock Faust, {args.orders} orders, {args.kills} kills, seed {args.seed}: {toll.lost} lost, {toll.doubled} doubled"
    )


if __name__ == "__main__":
    main()
