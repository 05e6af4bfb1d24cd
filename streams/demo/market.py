"""A market at work: buyers change orders at simulated platforms, warehouses ship what is allocated, and every step is counted."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.generator import Item, demand, initial_stock
from schemas.codec import CODEC
from streams.demo.edge import Edge, environment
from streams.demo.edge_tally import EdgeTally
from streams.demo.platforms import Platforms
from streams.demo.trade import Change
from streams.demo.warehouses import Warehouses
from streams.demo.watch import Watch
from streams.ops.cluster import Cluster, ClusterError
from streams.ops.groups import Groups
from streams.settings import Settings
from streams.topology import group_id

TOPICS = ("orders", "orders.review", "allocations", "writeback.status", "writeback.dead")
_NOTICES = "channel.notices"
_RECONCILE_S = 180.0


class Market:
    """Opened when the hub's workers and the edge run. ``pick_s``: from allocation to leaving the warehouse."""

    def __init__(self, settings: Settings, edge: Edge, pick_s: float) -> None:
        self._edge = edge
        self._app_id = settings.app_id
        self._cluster = Cluster(settings)
        self._groups = Groups(settings)
        self.tally = EdgeTally()
        self.warehouses = Warehouses(settings, pick_s, self.tally.left_warehouse)
        self._watch = Watch(settings, TOPICS, self._take)
        self.platforms = Platforms(edge.shops)

    def open(self) -> None:
        """Watches and ships from now on."""
        self._watch.start()
        self.warehouses.start()

    def close(self) -> None:
        """Raises what went wrong while it watched."""
        self._groups.close()
        self.warehouses.stop()
        self._watch.stop()

    def place(self, changes: Sequence[Change], stopped: threading.Event) -> None:
        """Each change at its moment; returns after the last."""
        begun, at = time.monotonic(), 0
        while at < len(changes) and not stopped.is_set():
            elapsed = time.monotonic() - begun
            due: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
            while at < len(changes) and changes[at].due_s <= elapsed:
                it = changes[at]
                due.setdefault(it.channel, []).append((it.shop, it.payload))
                at += 1
            for channel, orders in due.items():
                for placed in self.platforms.place(channel, orders):
                    self.tally.placed(channel, placed.order_no, placed.changed_at_ms)
            time.sleep(0.1)

    def settle(self, done: Callable[[], bool], quiet_s: float, within_s: float, stopped: threading.Event) -> bool:
        """Until it is done and nothing has moved for ``quiet_s``; False: not in time."""
        deadline = time.monotonic() + within_s
        while not stopped.is_set():
            if time.monotonic() - self._watch.heard_at > quiet_s and done():
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    @property
    def under_way(self) -> int:
        """Orders being picked, and parcels whose numbers are on their way back."""
        return self.warehouses.picking + self.tally.underway()

    @property
    def unread(self) -> int:
        """What the platforms have still to push, and notices of orders that the gateway has still to read."""
        pushes: int = sum(self.platforms.counts(channel)["pushes_pending"] for channel in self.platforms.urls)
        ends = self._cluster.ends(_NOTICES)
        done = self._groups.committed(group_id(self._app_id, "fetcher"), [(_NOTICES, p) for p in ends])
        return pushes + sum(end - done.get((_NOTICES, p), 0) for p, end in ends.items())

    def reconcile(self, *options: str) -> dict[str, Any]:
        """``penstock reconcile --once`` with these options: what it says. Raises ClusterError."""
        self.tally.reconciling()
        command = [sys.executable, "-m", "streams.cli", "reconcile", "--once", "--json", *options]
        done = subprocess.run(
            command,
            env=environment(self._edge.settings),
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=_RECONCILE_S,
            check=False,
        )
        if not done.stdout.strip():
            raise ClusterError(f"penstock reconcile ended with code {done.returncode}: {done.stderr[-2000:]}")
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said

    def _take(self, topic: str, value: bytes | None, _: int) -> None:
        if value is None:
            return
        name, record = CODEC.decode(value)
        self.tally.take(name, record)
        if name == "OrderAllocated":
            self.warehouses.allocated(record)
        elif name == "AllocationReleased":
            self.warehouses.released(record)


def publish_stock(cluster: Cluster, items: Sequence[Item], orders: int, seed: int) -> list[str]:
    """Enough of every SKU that these orders ask for; returns the SKUs."""
    commands = list(initial_stock(demand(list(items), 2 * orders), seed, time.time_ns() // 1_000_000))
    cluster.publish(("inventory.commands", c.record["sku"], c.name, c.record) for c in commands)
    return sorted({c.record["sku"] for c in commands})
