"""Five platforms, there and back, step by step.

1. Simulated platforms, gateway, the writeback's worker and the dispatcher start, each a process.
2. Buyers place, pay, change and cancel orders at the platforms. Pushes (and, for JD, polls) bring them in; they are accepted and allocated;
   warehouses ship; the tracking numbers go back. One call in a hundred fails, and a few pushes never arrive.
3. ``penstock reconcile --once`` finds what no push told, and asks payments and shipments back; what it found goes the same way.
4. What came of it, platform by platform, held against what the platforms themselves show.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from connectors.generator import catalogue, demand, initial_stock
from schemas.codec import CODEC
from schemas.topics import CHANNELS
from streams.cluster import Cluster, ClusterError
from streams.demo.edge import Edge, environment
from streams.demo.edge_tally import EdgeTally, percentile, shipped_twice_or_not
from streams.demo.platforms import Platforms
from streams.demo.trade import trade
from streams.demo.warehouses import Warehouses
from streams.demo.watch import Watch
from streams.settings import Settings

TOPICS = ("orders", "orders.review", "allocations", "writeback.status", "writeback.dead")
#: One call in a hundred fails, one way or another.
FAULTS = {
    "errors": 0.004,
    "resets": 0.002,
    "lost_answers": 0.002,
    "throttle": 0.002,
    "duplicate_pushes": 0.01,
    "reorder_pushes": 0.01,
    "lost_pushes": 0.005,
}
#: Instead of the 5 minutes that pass between two attempts in earnest.
RETRY = "RETRYABLE=3:2"
#: Far from the serials of the orders that are published without a platform.
FIRST_SERIAL = 5_000_000
_SEED_SHIFT = 7_919
_SKUS = 60
_RATE = 60.0
_GAP_S = 2.5
_PICK_S = 3.0
_QUIET_S = 2.5
_SETTLE_S = 90.0
_RECONCILE_S = 90.0


class RoundTrip:
    """One run against a hub whose workers decide; ``orders`` at the platforms."""

    def __init__(self, settings: Settings, orders: int, seed: int, out: Console, stopped: threading.Event) -> None:
        self.edge = Edge(settings, RETRY)
        self._settings = settings
        self._orders = orders
        self._seed = seed + _SEED_SHIFT
        self._items = catalogue(_SKUS, self._seed)
        self._out = out
        self._stopped = stopped
        self._tally = EdgeTally()
        self._warehouses = Warehouses(settings, _PICK_S, self._tally.left_warehouse)
        self._watch = Watch(settings, TOPICS, self._take)
        self._reconciled: dict[str, dict[str, int]] = {}
        self._confirmed: dict[str, int] = {}

    def publish_stock(self, cluster: Cluster) -> list[str]:
        """Enough of every SKU that these orders ask for; returns the SKUs."""
        commands = list(initial_stock(demand(self._items, 2 * self._orders), self._seed, _now_ms()))
        cluster.publish(("inventory.commands", c.record["sku"], c.name, c.record) for c in commands)
        return sorted({c.record["sku"] for c in commands})

    def run(self) -> bool:
        """True when the platforms show every parcel once and nothing placed there is missing here."""
        self._watch.start()
        self._warehouses.start()
        platforms = Platforms(self.edge.shops)
        platforms.faults(FAULTS)
        try:
            with Live(console=self._out, refresh_per_second=4, get_renderable=self._progress):
                self._trade(platforms)
                self._settle(lambda: not self._warehouses.picking and not self._tally.underway())
                self._reconcile()
                self._settle(lambda: not (self._tally.missing() or self._warehouses.picking or self._tally.underway()))
        finally:
            self._warehouses.stop()
            self._watch.stop()
        if self._stopped.is_set():
            return True
        platforms.faults({})
        return self._report(platforms)

    def _trade(self, platforms: Platforms) -> None:
        changes = trade(self._orders, self._seed, self._items, _now_ms(), _RATE, _GAP_S, FIRST_SERIAL)
        begun, at = time.monotonic(), 0
        while at < len(changes) and not self._stopped.is_set():
            elapsed = time.monotonic() - begun
            due: dict[str, list[tuple[str, dict]]] = {}  # type: ignore[type-arg]
            while at < len(changes) and changes[at].due_s <= elapsed:
                it = changes[at]
                due.setdefault(it.channel, []).append((it.shop, it.payload))
                at += 1
            for channel, orders in due.items():
                for placed in platforms.place(channel, orders):
                    self._tally.placed(channel, placed.order_no, placed.changed_at_ms)
            time.sleep(0.1)

    def _settle(self, done: object) -> None:
        """Until it is done, or nothing has moved for a while (what is missing then was lost on its way)."""
        assert callable(done)
        deadline = time.monotonic() + _SETTLE_S
        while not self._stopped.is_set() and time.monotonic() < deadline:
            for line in self.edge.check():
                self._out.print(f"[yellow]{line}[/]")
            if time.monotonic() - self._watch.heard_at > _QUIET_S and done():
                return
            time.sleep(0.1)

    def _reconcile(self) -> None:
        if self._stopped.is_set():
            return
        self._tally.reconciling()
        command = [
            sys.executable,
            "-m",
            "streams.cli",
            "reconcile",
            "--once",
            "--json",
            "--settle",
            "1",
            "--lookback",
            "1",
        ]
        command += ["--calls", "200", "--confirm", "50"]
        done = subprocess.run(
            command,
            env=environment(self.edge.settings),
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=_RECONCILE_S,
            check=False,
        )
        if not done.stdout.strip():
            raise ClusterError(f"penstock reconcile ended with code {done.returncode}: {done.stderr[-2000:]}")
        found = json.loads(done.stdout.splitlines()[-1])
        for shop in found["shops"]:
            figures = self._reconciled.setdefault(shop["channel"], {"listed": 0, "found": 0, "drift": 0})
            for name in figures:
                figures[name] += shop[name]
            if shop["error"]:
                self._out.print(f"[yellow]{shop['channel']}/{shop['shop']} was not reconciled: {shop['error']}[/]")
        self._confirmed = found["confirmed"]

    def _take(self, topic: str, value: bytes | None, _: int) -> None:
        if value is None:
            return
        name, record = CODEC.decode(value)
        self._tally.take(name, record)
        if name == "OrderAllocated":
            self._warehouses.allocated(record)
        elif name == "AllocationReleased":
            self._warehouses.released(record)

    def _progress(self) -> Text:
        tally = self._tally
        figures = {
            "at the platforms": sum(map(len, tally.orders.values())),
            "accepted": sum(map(len, tally.accepted.values())),
            "allocated": sum(map(len, tally.allocated.values())),
            "parcels shipped": len(tally.shipped),
            "written back": len(tally.written()),
            "dead": len(tally.dead),
        }
        return Text.from_markup("   ".join(f"[dim]{name}[/] [bold]{n:,}[/]" for name, n in list(figures.items())))

    def _report(self, platforms: Platforms) -> bool:
        tally, out, wrong = self._tally, self._out, []
        table = Table("platform", title="Five platforms, there and back", title_justify="left", box=SIMPLE_HEAD)
        for column in (
            *("orders", "changes", "pushed", "accepted", "p99 s", "found later"),
            *("parcels", "written back", "retried", "dead", "mean s", "success"),
        ):
            table.add_column(column, justify="right")
        at_platform = 0
        for channel in CHANNELS:
            shown = platforms.orders(channel)
            wrong += shipped_twice_or_not(tally, channel, shown)
            at_platform += sum(len(it["shipments"]) for it in shown.values())
            table.add_row(channel, *self._figures(channel, platforms.counts(channel)))
        out.print()
        out.print(table)
        out.print(
            "[dim]pushed: messages the hub confirmed, those of its own shipments included (JD has no push: it is polled); p99 s: from "
            "the change at the platform to the order accepted; found later: changes that only reconciliation told; mean s: from the "
            f"warehouse to the platform's yes. Two attempts are 2 s apart here (PENSTOCK_WRITEBACK_RETRY={RETRY}), in earnest 5 minutes.[/]",
        )
        self._print_dead()
        missing = tally.missing()
        wrong += [f"{order_id}: a change at the platform is missing in the hub" for order_id in missing]
        confirmed = self._confirmed
        out.print(
            f"key events asked back at the platforms: {confirmed.get('agrees', 0):,} agree, "
            f"{confirmed.get('differs', 0):,} differ, {confirmed.get('unanswered', 0):,} unanswered"
        )
        good = not wrong
        out.print(
            f"at the platforms: {at_platform:,} parcels stand at their orders, {len(tally.written()):,} were told by the hub: "
            + ("[green]each once, no change is missing[/]" if good else f"[red]{len(wrong)} are wrong[/]")
        )
        for line in wrong[:10]:
            out.print(f"  [red]{line}[/]", soft_wrap=True)
        return good

    def _figures(self, channel: str, counts: dict[str, int]) -> list[str]:
        tally = self._tally
        mine = [it for it in tally.phases.values() if it["channel"] == channel]
        written = len(tally.written(channel))
        dead = sum(1 for it in tally.dead.values() if it["channel"] == channel)
        p99 = percentile(tally.latencies_s[channel], 99)
        waits = tally.writeback_s[channel]
        return [
            f"{len(tally.orders[channel]):,}",
            f"{tally.changes[channel]:,}",
            f"{counts['pushes_acked']:,}" if counts["pushes_acked"] else "polled",
            f"{len(tally.accepted[channel]):,}",
            f"{p99:.2f}" if p99 is not None else "-",
            f"{self._reconciled.get(channel, {}).get('found', 0):,}",
            f"{len(mine):,}",
            f"{written:,}",
            f"{len(tally.retried[channel]):,}",
            f"{dead:,}",
            f"{sum(waits) / len(waits):.2f}" if waits else "-",
            f"{100 * written / len(mine):.1f} %" if mine else "-",
        ]

    def _print_dead(self) -> None:
        if not self._tally.dead:
            return
        self._out.print("[bold]Given up, for a person[/] (penstock writeback list --dead)")
        for it in list(self._tally.dead.values())[:10]:
            self._out.print(f"  {it['order_id']}: {it['outcome']}: {it['reason']}", highlight=False, soft_wrap=True)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
