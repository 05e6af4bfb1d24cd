"""Five platforms, there and back, step by step.

1. Simulated platforms, gateway, the writeback's worker and the dispatcher start, each a process.
2. Buyers place, pay, change and cancel orders at the platforms. Pushes (and, for JD, polls) bring them in; they are accepted and allocated;
   warehouses ship; the tracking numbers go back. One call in a hundred fails, and a few pushes never arrive.
3. ``penstock reconcile --once`` finds what no push told, and asks payments and shipments back; what it found goes the same way.
4. What came of it, platform by platform, held against what the platforms themselves show.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.live import Live

from connectors.generator import catalogue
from connectors.platforms.times import now_ms
from schemas.table import Table
from schemas.terminal import Terminal, Text, styled
from schemas.texts import said, word
from schemas.topics import CHANNELS
from streams.demo.edge import Edge
from streams.demo.edge_tally import EdgeTally, percentile, shipped_twice_or_not
from streams.demo.market import Market, publish_stock
from streams.demo.platforms import Platforms
from streams.demo.trade import trade
from streams.ops.cluster import Cluster
from streams.settings import Settings

#: One call in a hundred fails, one way or another.
FAULTS = {
    "errors": 0.005,
    "resets": 0.003,
    "lost_answers": 0.002,
    "duplicate_pushes": 0.01,
    "reorder_pushes": 0.01,
    "lost_pushes": 0.005,
}
#: Instead of the 5 minutes that pass between two attempts in earnest.
RETRY = "RETRYABLE=3:2"
#: Platforms push again after a minute, or later: a twentieth of that here.
RETRY_SCALE = "0.05"
#: Far from the serials of the orders that are published without a platform.
FIRST_SERIAL = 5_000_000
_SEED_SHIFT = 7_919
_SKUS = 60
_RATE = 60.0
_GAP_S = 2.5
_PICK_S = 3.0
_QUIET_S = 2.5
_SETTLE_S = 90.0


class RoundTrip:
    """One run against a hub whose workers decide; ``orders`` at the platforms."""

    def __init__(self, settings: Settings, orders: int, seed: int, out: Terminal, stopped: threading.Event) -> None:
        self.edge = Edge(settings, RETRY, {"--retry-scale": RETRY_SCALE})
        self._settings = settings
        self._orders = orders
        self._seed = seed + _SEED_SHIFT
        self._items = catalogue(_SKUS, self._seed)
        self._out = out
        self._stopped = stopped
        self._tally = EdgeTally()
        #: Channel -> changes that only reconciliation found.
        self._found: Counter[str] = Counter()
        self._confirmed: dict[str, int] = {}

    def publish_stock(self, cluster: Cluster) -> list[str]:
        """Enough of every SKU that these orders ask for; returns the SKUs."""
        return publish_stock(cluster, self._items, self._orders, self._seed)

    def run(self) -> bool:
        """True when the platforms show every parcel once and nothing placed there is missing here."""
        self._market = market = Market(self._settings, self.edge, _PICK_S)
        tally = self._tally = market.tally
        market.platforms.faults(FAULTS)
        changes = trade(self._orders, self._seed, self._items, now_ms(), _RATE, _GAP_S, FIRST_SERIAL)
        market.open()
        try:
            with Live(console=self._out, refresh_per_second=4, get_renderable=self._progress):
                market.place(changes, self._stopped)
                self._settle(lambda: not (market.under_way or market.unread))
                self._reconcile(market)
                self._settle(lambda: not (tally.missing() or market.under_way))
        finally:
            market.close()
        if self._stopped.is_set():
            return True
        market.platforms.faults({})
        return self._report(market.platforms)

    def _settle(self, done: Callable[[], bool]) -> None:
        """What does not come in time was lost on its way, and shows in the report."""

        def and_all_run() -> bool:
            for line in self.edge.check():
                self._out.print(Text(said(line), "yellow"))
            return done()

        self._market.settle(and_all_run, _QUIET_S, _SETTLE_S, self._stopped)

    def _reconcile(self, market: Market) -> None:
        if self._stopped.is_set():
            return
        answer = market.reconcile("--settle", "4", "--lookback", "1", "--calls", "200", "--confirm", "50")
        for shop in answer["shops"]:
            self._found[shop["channel"]] += shop["found"]
            if shop["error"]:
                self._out.print(
                    Text(said(f"{shop['channel']}/{shop['shop']} was not reconciled: {shop['error']}"), "yellow")
                )
        self._confirmed = answer["confirmed"]

    def _progress(self) -> RenderableType:
        tally = self._tally
        figures = {
            "at the platforms": sum(map(len, tally.orders.values())),
            "accepted": sum(map(len, tally.accepted.values())),
            "allocated": sum(map(len, tally.allocated.values())),
            "parcels shipped": len(tally.shipped),
            "written back": len(tally.written()),
            "dead": len(tally.dead),
        }
        return Text("   ").join(styled("[dim]{}[/] [bold]{:,}[/]", word(name), n) for name, n in figures.items())

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
            Text(
                said(
                    "pushed: messages the hub confirmed, those of its own shipments included (JD has no push: it is polled); p99 s: from "
                    "the change at the platform to the order accepted; found later: changes that only reconciliation told; mean s: from "
                    "the warehouse to the platform's yes. "
                    f"Two attempts are 2 s apart here (PENSTOCK_WRITEBACK_RETRY={RETRY}), 5 minutes in earnest; pushes are repeated after "
                    "a twentieth of the platforms' times."
                ),
                "dim",
            )
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
            f"at the platforms: {at_platform:,} parcels stand at their orders, {len(tally.written()):,} were told by the hub:",
            Text(said("each once, no change is missing"), "green")
            if good
            else Text(said(f"{len(wrong)} are wrong"), "red"),
        )
        for line in wrong[:10]:
            out.print(Text(said(f"  {line}"), "red"), soft_wrap=True)
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
            f"{counts['pushes_acked']:,}" if counts["pushes_acked"] else word("polled"),
            f"{len(tally.accepted[channel]):,}",
            f"{p99:.2f}" if p99 is not None else "-",
            f"{self._found[channel]:,}",
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
        self._out.print(styled("[bold]Given up, for a person[/] (penstock writeback list --phase dead)"))
        for it in list(self._tally.dead.values())[:10]:
            self._out.print(f"  {it['order_id']}: {word(it['outcome'])}: {said(it['reason'])}", soft_wrap=True)
