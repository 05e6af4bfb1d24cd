"""The demo's database: it dies half-way through, the sink waits and heals by itself, and at the end the tables are held against the topics.

1. Started, with empty tables, before the first order; the sink is a process of its own.
2. Half-way: SIGKILL to the whole server. Orders flow on; the sink's lag grows.
3. A quarter of the orders later: started again. The sink drains.
4. Nothing waits any more: every table against a fold of the topics, every position against its log's end.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress

from rich.console import RenderableType

from connectors.postgres import PostgresSink
from deploy.local import LocalPostgres
from deploy.local.process import free_ports
from schemas.terminal import Terminal, Text, styled
from schemas.texts import said, word
from streams.demo.tables import Comparison, compare
from streams.ops.cluster import Cluster, ClusterError
from streams.ops.logs import as_text
from streams.ops.processes import SinkProcess
from streams.settings import Settings

_DRAIN_S = 180.0
_LOOK_S = 0.25


class Database:
    """``postgres`` runs and is migrated; ``settings.database_url`` is its address."""

    def __init__(self, settings: Settings, postgres: LocalPostgres, out: Terminal) -> None:
        self._cluster = Cluster(settings)
        self._postgres = postgres
        self._out = out
        self._sink = SinkProcess(settings, "postgres", free_ports(1)[0])
        self._killed_at: float | None = None
        self._back: threading.Thread | None = None
        self._stopped = threading.Event()
        self._watch = threading.Thread(target=self._look, name="demo-database", daemon=True)
        self._shown: RenderableType = ""
        self._lag: float | None = None
        self._lag_max = 0.0

    def start(self) -> None:
        """The sink begins."""
        self._sink.start()
        self._watch.start()

    def figures(self) -> RenderableType:
        """What the screen shows of it."""
        return self._shown

    def at(self, sent: int, total: int) -> None:
        """So many events have been published: is it time?"""
        if self._killed_at is None and sent >= total // 2:
            self._killed_at = time.monotonic()
            self._postgres.kill()
            self._out.print(
                styled("[red]event {:,}: Postgres is killed with SIGKILL[/]; orders flow on, the sink waits", sent)
            )
        elif self._killed_at is not None and self._back is None and sent >= total * 3 // 4:
            self._bring_back(sent)

    def drain(self, stopped: threading.Event) -> None:
        """Until nothing waits for the database. Raises ClusterError when that takes too long."""
        if self._killed_at is not None and self._back is None:
            self._bring_back(None)
        if self._back is not None:
            self._back.join()
        deadline = time.monotonic() + _DRAIN_S
        while not stopped.is_set() and not (
            self._sink.metric("sink_up") == 1 and self._sink.metric("sink_lag_records") == 0
        ):
            if time.monotonic() > deadline:
                raise ClusterError(f"the sink has not caught up within {_DRAIN_S:.0f} s; its log: {self._sink.log}")
            time.sleep(_LOOK_S)

    def stop(self) -> int:
        """The sink leaves; its exit code."""
        self._stopped.set()
        if self._watch.ident:
            self._watch.join()
        if self._back is not None:
            self._back.join()
        return self._sink.stop()

    def judge(self) -> bool:
        """Compares tables and topics and says so; the sink must be at the end."""
        for line in self._said():
            self._out.print(Text(line, "dim"), soft_wrap=True)
        found: Comparison = asyncio.run(compare(self._cluster, self._postgres.url, PostgresSink.topics))
        good = not found.differences
        phases = ", ".join(f"{count:,} {word(phase)}" for phase, count in sorted(found.phases.items()))
        self._out.print(
            f"tables: {found.rows.total():,} rows compared with {found.records:,} records of {len(PostgresSink.topics)} topics:",
            Text(said("no difference"), "green")
            if good
            else Text(said(f"{len(found.differences)} differences"), "red"),
        )
        self._out.print(
            f"  orders {found.rows['orders']:,} ({phases}), allocations {found.rows['allocations']:,}, "
            f"stock balances {found.rows['stock']:,}; every position is its log's end",
            highlight=False,
        )
        for difference in found.differences:
            self._out.print(Text(said(f"  {difference}"), "red"), soft_wrap=True)
        return good

    def _bring_back(self, sent: int | None) -> None:
        self._back = threading.Thread(target=self._restart, args=(sent,), name="demo-restart", daemon=True)
        self._back.start()

    def _restart(self, sent: int | None) -> None:
        waiting = int(self._lag or 0)
        self._postgres.start()
        away_s = time.monotonic() - (self._killed_at or 0.0)
        if sent is None:
            self._out.print(
                styled("[green]Postgres is back after {:.1f} s[/]; {:,} offsets wait for it", away_s, waiting)
            )
        else:
            at = (sent, away_s, waiting)
            self._out.print(
                styled("[green]event {:,}: Postgres is back after {:.1f} s[/]; {:,} offsets wait for it", *at)
            )
        self._announce_drained()

    def _announce_drained(self) -> None:
        begun = time.monotonic()
        while not self._stopped.is_set() and time.monotonic() - begun < _DRAIN_S:
            # Orders go on arriving: what is in hand at any moment of ordinary work is no backlog.
            if self._sink.metric("sink_up") == 1 and (self._lag or 0) < self._lag_max / 20:
                self._out.print(styled("[green]the sink has drained[/] {:.1f} s later", time.monotonic() - begun))
                return
            time.sleep(_LOOK_S)

    def _look(self) -> None:
        while not self._stopped.wait(_LOOK_S):
            for line in self._sink.check():
                self._out.print(Text(said(line), "yellow"))
            lag, seconds, up = (self._sink.metric(f"sink_{name}") for name in ("lag_records", "lag_seconds", "up"))
            if lag is None or seconds is None:
                continue
            self._lag, self._lag_max = lag, max(self._lag_max, lag)
            state = Text(word("up"), "green") if up else Text(word("away"), "red")
            oldest = self._sink.metric("sink_outage_seconds") or 0.0
            shown = [styled("[dim]database[/] "), state, styled("   [dim]sink lag[/] [bold]{:,.0f} offsets[/]", lag)]
            if not up:
                shown.append(styled("   [dim]away for[/] [bold]{:,.0f} s[/]", oldest))
            self._shown = Text().join(shown)

    def _said(self) -> list[str]:
        """What the sink itself has said of the outage."""
        with suppress(FileNotFoundError):
            lines = map(as_text, self._sink.log.read_text(errors="replace").splitlines())
            return [line for line in lines if " paused: " in line or " resumed after " in line]
        return []
