"""``penstock status`` and ``penstock lag``: one screen, live, that fits 80 columns."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Annotated, TypeVar

import typer
from rich.console import Group as Lines
from rich.console import RenderableType
from rich.live import Live

from schemas.records import HealthCheck
from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said, word
from streams.cli.common import JsonFlag, connected, out, print_json
from streams.domain.routing.crossing import CROSS_WAREHOUSE_TARGET, Crossing
from streams.engine.log_clock import told
from streams.monitor import overview
from streams.monitor.overview import Overview, Sink, Watcher
from streams.ops.clocks import Clock
from streams.ops.cluster import ClusterError
from streams.ops.groups import Group
from streams.ops.lag import Lag, LagMeter, Lags
from streams.ops.moments import local
from streams.ops.rights import own_topics

Once = Annotated[bool, typer.Option("--once", help="Show it once and end; so it is where nobody looks (a pipe).")]
Every = Annotated[float, typer.Option(min=0.5, help="Seconds between two looks.")]

T = TypeVar("T")

#: From when on a lag is shown as one.
_LATE_S = 60.0
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def lag(once: Once = False, every: Every = 2.0, as_json: JsonFlag = False) -> None:
    """How far behind every stage and sink is, topic by topic: in records, and in the age of the oldest."""
    settings = connected().settings
    if as_json:
        with LagMeter(settings) as meter:
            lags = meter.measure()
        print_json({name: [it._asdict() for it in found] for name, found in lags._asdict().items()})
    else:
        _shown(lambda: LagMeter(settings), lambda meter: lag_tables(meter.measure()), once, every)


def status(once: Once = False, every: Every = 2.0, as_json: JsonFlag = False) -> None:
    """The whole hub on one screen: brokers, workers, lag, sinks, what is set aside, interfaces."""
    cluster = connected()
    cluster.create_topics(own_topics("operator", cluster.settings))
    if as_json:
        with Watcher(cluster) as watcher:
            print_json(overview.as_json(watcher.look()))
    else:
        _shown(lambda: Watcher(cluster), lambda watcher: screen(watcher.look()), once, every)


def _shown(
    connect: Callable[[], AbstractContextManager[T]], look: Callable[[T], RenderableType], once: bool, every_s: float
) -> None:
    """Once, or until Ctrl-C: then a cluster that goes away is shown as such, and looked for with new connections."""
    if once or not out.is_terminal:
        with connect() as eye:
            out.print(look(eye))
        return
    last: RenderableType = ""
    with Live(console=out, screen=True, auto_refresh=False) as live:
        while True:
            try:
                with connect() as eye:
                    while True:
                        last = look(eye)
                        live.update(last, refresh=True)
                        time.sleep(every_s)
            except ClusterError as exc:
                live.update(
                    Lines(Text(said(f"{exc}; below is what was seen last"), "bold red"), "", last), refresh=True
                )
                time.sleep(every_s)


def lag_tables(lags: Lags) -> RenderableType:
    parts: list[RenderableType] = [_lag_table("stage", lags.stages)]
    parts += ["", _lag_table("sink", lags.sinks) if lags.sinks else Text(said("no sink has run yet"), "dim")]
    return Lines(*parts)


def _lag_table(kind: str, lags: Iterable[Lag]) -> Table:
    shown = list(lags)
    gone = any(it.gone for it in shown)
    table = _table(kind, "topic", right=("records behind", "oldest", "partitions behind", *(("gone",) if gone else ())))
    for column in table.columns:
        # A word a line: names of topics are long, and all must fit 80 columns.
        column.header = Lines(*str(column.header).split(" "))
    for it in shown:
        style = "bold red" if it.gone else _style(it.seconds) if it.records else "dim"
        behind = f"{it.behind} {word('of')} {it.partitions}"
        lost = (f"{it.gone:,}",) if gone else ()
        table.add_row(it.reader, it.topic, f"{it.records:,}", _age(it.seconds), behind, *lost, style=style)
    return table


def screen(seen: Overview) -> RenderableType:
    """What ``penstock status`` shows."""
    return Lines(
        Text.assemble(("Penstock", "bold"), f"  {local(seen.at_ms)}"),
        "",
        _facts(seen),
        "",
        _stages(seen.stages),
        "",
        _sinks(seen.sinks),
        "",
        _checks(seen.checks, seen.at_ms),
    )


def _facts(seen: Overview) -> Table:
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column()
    facts.add_row(word("brokers"), f"{len(seen.brokers)}: {', '.join(seen.brokers)}")
    facts.add_row(word("workers"), _group(seen.workers))
    if seen.restoring:
        facts.add_row(word("restore"), Text(", ".join(f"{share:.0%}" for share in seen.restoring), "yellow"))
    oldest = f", the oldest for {_age(seen.review_oldest_seconds)}" if seen.review_backlog else ""
    facts.add_row(word("clocks"), _clocks(seen.wrong_clocks))
    if seen.missing or seen.gone:
        facts.add_row(word("lost"), Text(said(_lost(seen)), "bold red"))
    facts.add_row(
        word("in review"), Text(f"{seen.review_backlog:,}{said(oldest)}", "yellow" if seen.review_backlog else "")
    )
    set_aside = f"{seen.quarantined:,} in quarantine, {seen.sink_refused:,} refused by sinks"
    facts.add_row(word("set aside"), Text(said(set_aside), "red" if seen.quarantined or seen.sink_refused else ""))
    if seen.misfits:
        more = f" (and {len(seen.misfits) - 1} more: penstock state check)" if len(seen.misfits) > 1 else ""
        facts.add_row(word("ground"), Text(f"{said(str(seen.misfits[0]))}{said(more)}", "bold red"))
    facts.add_row(word("writeback"), _writebacks(seen))
    facts.add_row(word("cross-warehouse"), _crossing(seen.cross_warehouse))
    oversold = f"{seen.oversold:,} SKUs oversold" if seen.oversold else "0 <= reserved <= on hand everywhere"
    facts.add_row(word("stock"), Text(said(oversold), "bold red" if seen.oversold else ""))
    return facts


def _lost(seen: Overview) -> str:
    """What retention deleted unread: passed over already, and still to be."""
    passed = [f"{count:,} offsets of {topic}" for topic, count in sorted((seen.missing or {}).items())]
    ahead = [f"{count:,} of {topic} ahead of {reader}" for (reader, topic), count in sorted(seen.gone.items())]
    return f"deleted unread: {', '.join([*passed, *ahead])}"


def _writebacks(seen: Overview) -> Text:
    """Parcels that are neither written back nor abandoned: red when somebody must look."""
    if not seen.writebacks:
        return Text(said("nothing open"))
    counts = ", ".join(f"{seen.writebacks[phase]:,} {word(phase.lower())}" for phase in sorted(seen.writebacks))
    late = f"; {seen.writebacks_near:,} near or past their deadline" if seen.writebacks_near else ""
    return Text(f"{counts}{said(late)}", "red" if late or "DEAD" in seen.writebacks else "")


def _crossing(it: Crossing) -> Text:
    """Both kinds, and the mission's figure: red above its target."""
    if it.share is None:
        return Text(said("nothing was allocated in the last hour"))
    shown = (
        f"{it.share:.1%} of {it.pieces:,} pieces in the last hour: {it.elsewhere:,} sent from elsewhere, {it.moved:,} moved "
        f"(target: {CROSS_WAREHOUSE_TARGET:.0%} at most)"
    )
    return Text(said(shown), "red" if it.share > CROSS_WAREHOUSE_TARGET else "")


def _group(group: Group) -> Text:
    if not group.members:
        return Text(word("none"), "bold red")
    each = ", ".join(f"{member.host} {word('has')} {len(member.partitions)}" for member in group.members)
    state = "" if group.state == "STABLE" else f" ({group.state.lower().replace('_', ' ')})"
    return Text(f"{len(group.members)}{state}; {word('partitions')}: {each}", "" if not state else "yellow")


def _clocks(wrong: list[Clock]) -> Text:
    if not wrong:
        return Text(said("all hosts' agree with the broker's"))
    each = ", ".join(f"{it.host} is {told(int(it.ahead_s * 1000))} the broker's" for it in wrong)
    return Text(said(f"{each}: what is due by time is not proposed there"), "bold red")


def _stages(lags: list[Lag]) -> Table:
    table = _table("stage", right=("records behind", "oldest"))
    records: Counter[str] = Counter()
    seconds: dict[str, float] = {}
    for it in lags:
        records[it.reader] += it.records
        seconds[it.reader] = max(seconds.get(it.reader, 0.0), it.seconds)
    for name, oldest_s in seconds.items():
        table.add_row(name, f"{records[name]:,}", _age(oldest_s), style=_style(oldest_s))
    return table


def _sinks(sinks: list[Sink]) -> RenderableType:
    if not sinks:
        return Text(said("no sink has run yet"), "dim")
    table = _table("sink", "state", right=("records behind", "oldest"))
    for sink in sinks:
        members = len(sink.group.members)
        late = sink.seconds > _LATE_S
        # The broker can't tell a sink whose store is away from one that is slow: its own metrics do.
        state = said(("behind" if late else "keeps up") if members else "stopped")
        if sink.set_back:
            state += said(f", set back in {sink.set_back} partitions")
        style = "bold red" if not members else _style(sink.seconds)
        table.add_row(sink.name, state, f"{sink.records:,}", _age(sink.seconds), style=style)
    return table


def _checks(checks: list[HealthCheck], now_ms: int) -> RenderableType:
    if not checks:
        return Text(said("no interface has been checked yet: penstock monitor does"), "dim")
    table = _table("interface", "answers", right=("ms", "asked"))
    table.add_column("why not")
    for it in checks:
        answers = word("yes" if it["healthy"] else "no")
        ago = _age(max(0, now_ms - it["checked_at_ms"]) / 1000) + said(" ago")
        style = "" if it["healthy"] else "bold red"
        table.add_row(Text(it["interface"]), answers, f"{it['took_ms']:,}", ago, Text(said(it["error"])), style=style)
    return table


def _table(*left: str, right: Iterable[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in left:
        table.add_column(name, no_wrap=True)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _style(seconds: float) -> str:
    return "yellow" if seconds > _LATE_S else ""


def _age(seconds: float) -> str:
    """Two units at the most: 4.2 s, 3 min 05 s, 7 h 12 min, 3 d 04 h."""
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s" if seconds else "-"
    whole = int(seconds)
    if whole < _HOUR_S:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // 60:02} min"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S:02} h"
