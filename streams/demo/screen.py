"""The demo's picture: live figures while it runs, a merchant's tables at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.table import Table
from schemas.terminal import Terminal, Text, styled
from schemas.texts import said, with_code, word
from schemas.topics import CHANNELS
from streams.demo.tally import Tally


class Screen:
    """Rendered anew each time it is shown; reads the tally that another thread feeds."""

    def __init__(self, tally: Tally, total: int) -> None:
        self._tally = tally
        self._total = total
        self._progress = Progress(
            TextColumn(said("events published")), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        )
        self._task = self._progress.add_task("", total=total)
        self._seen: tuple[float, int] = (time.monotonic(), 0)
        self._per_second = 0.0
        self.note: RenderableType = ""
        #: Says how the database is; asked at each look.
        self.database: Callable[[], RenderableType] = str

    def __rich__(self) -> RenderableType:
        t = self._tally
        published = sum(t.published.values())
        # Returns come on top of what the source has.
        self._progress.update(self._task, completed=published, total=max(published, self._total))
        self._measure_rate()
        done = [
            ("in", published),
            ("accepted", t.outcomes["accepted"]),
            ("duplicate", t.outcomes["duplicate"]),
            ("review", t.outcomes["review"]),
            ("allocated", t.outcomes["allocated"]),
            ("split", t.outcomes["split"]),
            ("backordered", t.outcomes["backordered"]),
        ]
        gap = Text("   ")
        figures = gap.join(styled("[dim]{}[/] [bold]{:,}[/]", word(name), count) for name, count in done)
        p50, p99 = t.latency_ms(50), t.latency_ms(99)
        speed = [styled("[dim]events/s[/] [bold]{:,.0f}[/]", self._per_second)]
        if p50 is not None and p99 is not None:
            speed.append(styled("[dim]latency p50[/] [bold]{:,.0f} ms[/]   [dim]p99[/] [bold]{:,.0f} ms[/]", p50, p99))
        lines: list[RenderableType] = [figures, gap.join(speed), self.database(), self.note]
        return Group(self._progress, *(line for line in lines if line))

    def _measure_rate(self) -> None:
        t = self._tally
        now, done = time.monotonic(), t.outcomes["accepted"] + t.outcomes["duplicate"] + t.outcomes["review"]
        since, before = self._seen
        if now - since > 1.0:
            self._per_second = (done - before) / (now - since)
            self._seen = (now, done)


def print_tables(out: Terminal, tally: Tally, warehouses: dict[str, str]) -> None:
    """Per channel, per warehouse, why orders are in review, where orders stand."""
    out.print()
    out.print(_channels(tally))
    out.print()
    out.print(_warehouses(tally, warehouses))
    out.print()
    if tally.by_strategy:
        out.print(_strategies(tally))
        out.print()
    out.print(_review(tally))
    out.print()
    out.print(_phases(tally))


def _channels(tally: Tally) -> Table:
    columns = ("accepted", "duplicate", "review", "allocated", "split", "backordered")
    table = Table(
        "channel", title="Per channel (events; an order may have several)", title_justify="left", box=SIMPLE_HEAD
    )
    for column in ("in", *columns):
        table.add_column(column, justify="right")
    for channel in CHANNELS:
        row = [tally.published[channel], *(tally.by_channel[channel, c] for c in columns)]
        table.add_row(channel, *(f"{n:,}" for n in row))
    sums = [sum(tally.published.values()), *(tally.outcomes[c] for c in columns)]
    table.add_section()
    table.add_row(word("all"), *(f"{n:,}" for n in sums))
    return table


def _warehouses(tally: Tally, names: dict[str, str]) -> Table:
    table = Table("warehouse", "name", title="Per warehouse", title_justify="left", box=SIMPLE_HEAD)
    for column in ("orders", "lines", "pieces"):
        table.add_column(column, justify="right")
    for warehouse, name in sorted(names.items()):
        figures = (tally.by_warehouse[warehouse, figure] for figure in ("orders", "parts", "pieces"))
        table.add_row(warehouse, name, *(f"{n:,}" for n in figures))
    return table


def _strategies(tally: Tally) -> Table:
    """What each strategy of the rules decided; carriers by how many parcels they were chosen for."""
    table = Table("strategy", title="What the rules decided", title_justify="left", box=SIMPLE_HEAD)
    for column in ("orders", "parcels"):
        table.add_column(column, justify="right")
    table.add_column("carriers", overflow="fold")
    counts: dict[str, Counter[str]] = {}
    for (strategy, figure), count in tally.by_strategy.items():
        counts.setdefault(strategy, Counter())[figure] = count
    for strategy, its in sorted(counts.items(), key=lambda each: -each[1]["orders"]):
        orders, parcels = its.pop("orders"), its.pop("parcels")
        carriers = ", ".join(f"{carrier or word('none')} {count:,}" for carrier, count in its.most_common())
        table.add_row(Text(strategy), f"{orders:,}", f"{parcels:,}", carriers)
    return table


def _review(tally: Tally) -> Table:
    table = Table(
        "reason",
        title="Why orders are in review (an order may have several reasons)",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    table.add_column("found", justify="right")
    table.add_column("for example", overflow="fold")
    for code, count in tally.reasons.most_common():
        first = tally.reason_examples[code]
        example = f"{said(first['field'])} {word('is')} {first['value']}: {said(first['fix'])}"
        table.add_row(with_code(code), f"{count:,}", Text(example))
    return table


def _phases(tally: Tally) -> Table:
    table = Table("orders now", title="Where the orders stand", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("count", justify="right")
    for phase in ("ALLOCATED", "SHIPPED", "BACKORDERED", "HELD", "UNPAID", "CANCELLED", "ELSEWHERE", "RESERVING"):
        table.add_row(word(phase), f"{tally.in_phase(phase):,}")
    table.add_section()
    for kind, count in sorted(tally.alerts.items()):
        table.add_row(word(kind), f"{count:,}")
    table.add_row(word("quarantined"), f"{tally.quarantined:,}")
    return table
