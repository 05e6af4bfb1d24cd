"""How a worker is doing, for its ``/live`` and ``/ready``. Asked from any thread.

Live: its cycle has come round within the last two minutes. An idle worker's comes round every few seconds (ticks), a busy one's with every
batch; a broker that is away holds it up for less, and is given up after ``Options.fault_patience_s``. So what is not live hangs.

Ready: its group has given it partitions, and the state of every one of them is restored, so that it is read from,
or waits for the rest of its shard.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from streams.engine.metrics import Metrics

#: Longer than any healthy wait: a transaction's time-out, a rebalance and a full batch on a slow machine together.
HANGS_S = 120.0


def live(metrics: Metrics, limit_s: float = HANGS_S) -> Callable[[], tuple[bool, str]]:
    """The probe of the worker with these metrics; its start counts as a turn."""

    def probe() -> tuple[bool, str]:
        age_s = monotonic() - metrics.turned_at
        return age_s <= limit_s, f"the cycle came round {age_s:.0f} s ago (limit {limit_s:.0f} s)"

    return probe


def ready(app: Any) -> Callable[[], tuple[bool, str]]:
    """The probe of this app's worker."""

    def probe() -> tuple[bool, str]:
        cycle = getattr(app, "engine_cycle", None)
        if cycle is None:
            return False, "starting"
        if app.should_stop:
            return False, "stopping"
        holding = cycle.holding
        assigned = holding.assigned
        if not assigned:
            return False, "no partitions: the group has given this worker none (yet)"
        # Ready all the same: they wait for workers of another version to go, and whoever replaces those waits for this one to be ready.
        split = len(holding.waiting)
        restoring = len(assigned - holding.ready) - split
        if restoring:
            return False, f"restoring the state of {restoring} of {len(assigned)} partitions"
        wait = f", {split} wait: the rest of their shards is with workers that read other topics" if split else ""
        doubt = f"; {cycle.clock.doubt}: nothing is proposed by time" if cycle.clock.doubt else ""
        return True, f"{len(assigned) - split} partitions are read from{wait}{doubt}"

    return probe
