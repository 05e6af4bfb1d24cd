"""The demo, step by step.

1. Topics, warehouses, stock; the merchant's rules and tables (``documents.py``).
2. Workers, and the console beside them (``console.py``); until every SKU's availability is known.
3. Five platforms, there and back (``roundtrip.py``): orders placed at simulated platforms come in, ship, and their numbers go back. Then
   the edge is stopped: no platform knows the orders of the next step.
4. Raw orders of five channels are published; large ones of two shops wait for persons, who answer (``people.py``); allocated ones are
   shipped in part, and of those some come back, some are exchanged, of some money goes back.
   Some are of a sale before its goods are there (``presale.py``). Two versions of the rules are tried meanwhile (``canary.py``).
   Half-way the database is killed, and brought back later (``database.py``).
5. Until nothing is under way, and nothing waits for the database.
6. What happened, for a merchant; the trace of one order; the verdict of the independent verifier; the database's
   tables against the topics.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.live import Live

from connectors.generator import RawEvent
from deploy.local import LocalPostgres
from schemas.codec import CODEC
from schemas.records import ChannelEvent
from schemas.terminal import Terminal, Text, styled
from schemas.texts import said
from schemas.topics import channel_topic
from streams.demo import documents
from streams.demo.canary import Canaries
from streams.demo.console import DemoConsole
from streams.demo.database import Database
from streams.demo.observer import Observer, afterwards
from streams.demo.people import ROLES, People
from streams.demo.presale import SKU, Presale
from streams.demo.roundtrip import RoundTrip
from streams.demo.screen import Screen, print_tables
from streams.demo.situations import Situations
from streams.demo.source import Source, from_file, generated, happens
from streams.demo.tally import Tally
from streams.ops.cluster import Cluster, ClusterError, Publisher
from streams.ops.history import Happening, history
from streams.ops.workers import Workers
from streams.settings import Settings

_READY_S = 240.0
_SETTLE_S = 180.0
_QUIET_S = 1.5


@dataclass(frozen=True)
class Plan:
    """What the demo is asked to do."""

    file: Path | None
    count: int
    rate: float
    workers: int
    seed: int
    kills: int
    #: Orders placed at simulated platforms; 0: none.
    round_trip: int = 0


class Demo:
    """One run against the cluster at ``settings.brokers``.

    Args:
        show: prints what happened to one order, as ``penstock order show`` does.
        prove: verifies and prints the report, as ``penstock verify`` does; True when no violation was found.
        compare: prints what the versions of the rules that were tried did, as ``penstock rules compare`` does; asks the database.
    """

    def __init__(
        self,
        settings: Settings,
        plan: Plan,
        out: Terminal,
        stopped: threading.Event,
        postgres: LocalPostgres | None,
        console: DemoConsole | None,
        show: Callable[[str, list[Happening]], None],
        prove: Callable[[Cluster], bool],
        compare: Callable[[], None],
    ) -> None:
        self._database = Database(settings, postgres, out) if postgres is not None else None
        settings = replace(settings, rules=documents.RULES, flow=documents.FLOW, roles=ROLES)
        self._console = console
        self._settings = settings
        self._plan = plan
        self._out = out
        self._stopped = stopped
        self._show = show
        self._prove = prove
        self._compare = compare
        self._cluster = Cluster(settings)
        self._tally = Tally()
        self._crew = Workers(settings, plan.workers)
        self._people = People(settings)
        self._presale = Presale(plan.seed, _now_ms())
        self._source = self._prepare()
        self._situations = Situations(self._source.events)
        self._canaries = Canaries(settings, len({event.key for event in self._source.events}), out)
        self._trip = RoundTrip(settings, plan.round_trip, plan.seed, out, stopped) if plan.round_trip else None
        #: Events of orders to which something happens once they are shipped.
        self._to_happen: dict[str, RawEvent] = {}
        self._later = Publisher(settings)

    def run(self) -> bool:
        """True when the verifier finds no violation; a run that is stopped is not judged."""
        skus = self._set_the_stage()
        there_and_back = True
        try:
            self._crew.start()
            self._people.start()
            self._canaries.start_monitor()
            if self._database is not None:
                self._database.start()
            if self._console is not None:
                self._console.start()
            if self._trip is not None:
                self._trip.edge.start()
            self._wait_until_ready(skus)
            if self._trip is not None:
                there_and_back = self._trip.run()
                self._trip.edge.stop()
            observer = Observer(self._settings, self._tally, self._go_on)
            observer.start()
            self._canaries.begin()
            screen = Screen(self._tally, len(self._source.events))
            if self._database is not None:
                screen.database = self._database.figures
            with Live(screen, console=self._out, refresh_per_second=5):
                took_s = self._publish(screen)
                self._wait_until_settled(screen, observer)
                self._canaries.settle(self._stopped)
                # What they say would be on record in the log and not yet in the tables that are compared with it.
                self._canaries.stop()
                if self._console is not None:
                    self._console.stop()
                if self._database is not None:
                    self._database.drain(self._stopped)
            observer.stop()
            self._people.stop()
        finally:
            if self._console is not None:
                self._console.stop()
            if self._trip is not None:
                self._trip.edge.stop()
            codes = self._crew.stop()
            if self._database is not None:
                codes.append(self._database.stop())
            self._canaries.stop()
        if self._stopped.is_set():
            self._out.print("stopped before the end")
            return True
        self._report(took_s, codes)
        good = self._prove(self._cluster)
        return (self._database is None or self._database.judge()) and good and there_and_back

    def _prepare(self) -> Source:
        plan = self._plan
        source = from_file(plan.file, plan.seed) if plan.file else generated(plan.count, plan.seed, _now_ms())
        return source._replace(events=self._presale.among(source.events))

    def _set_the_stage(self) -> set[str]:
        """Returns the SKUs that there will be stock of."""
        self._cluster.create_topics()
        source = self._source
        self._out.print(
            f"{len(source.events):,} events of {source.title}; {len(source.skus):,} SKUs in {len(source.warehouses)} warehouses; "
            f"{self._plan.workers} workers on Kafka at {self._settings.brokers}"
        )
        self._cluster.publish(source.world())
        live = documents.set_up(self._cluster)
        self._out.print(styled("decided by [bold]{}[/], with {}", live[-1], ", ".join(live[:-1])), soft_wrap=True)
        return {SKU, *source.skus, *(self._trip.publish_stock(self._cluster) if self._trip is not None else ())}

    def _wait_until_ready(self, wanted: set[str]) -> None:
        """Workers run and every SKU's balance has been published."""
        with self._out.status("workers start, stock is taken in"):
            deadline = time.monotonic() + _READY_S
            while time.monotonic() < deadline and not self._stopped.is_set():
                if len(self._crew.pids()) < self._plan.workers:
                    raise ClusterError(
                        f"a worker ended at its start; its log:\n{self._crew.log(0).read_text()[-2000:]}"
                    )
                known = {(m.key() or b"").decode() for m in self._cluster.read("inventory.availability")}
                if wanted <= known and self._cluster.at_rest():
                    return
                time.sleep(0.5)
        if not self._stopped.is_set():
            raise ClusterError(
                f"the workers did not take in the stock within {_READY_S:.0f} s; their logs: {self._crew.log(0)}"
            )

    def _publish(self, screen: Screen) -> float:
        """Sends all events at the asked rate; returns the seconds it took."""
        rate, started = self._plan.rate, time.monotonic()
        kills = self._kill_times()
        hold_at = len(self._source.events) * 3 // 5
        with Publisher(self._settings) as publisher:
            for sent, event in enumerate(self._source.events):
                if self._stopped.is_set():
                    break
                if rate and sent % 20 == 0:
                    time.sleep(max(0.0, started + sent / rate - time.monotonic()))
                if kills and sent >= kills[0]:
                    kills.pop(0)
                    self._kill_one(screen, sent)
                if self._database is not None:
                    self._database.at(sent, len(self._source.events))
                self._presale.at(self._cluster, sent, len(self._source.events))
                if sent == hold_at:
                    publisher.flush()
                    self._canaries.hold_back(self._stopped)
                self._send(publisher, event)
        return time.monotonic() - started

    def _send(self, publisher: Publisher, raw: RawEvent) -> None:
        if raw.note in ("new", "update") and afterwards(raw.key):
            self._to_happen[raw.key] = raw
        # The connector's stamp is the start of the order's latency: it is given when the event leaves our hands.
        event: ChannelEvent = {**raw.event, "received_at_ms": _now_ms()}
        publisher.send(channel_topic(event["channel"]), raw.key, CODEC.encode("ChannelEvent", event))
        self._tally.published[event["channel"]] += 1

    def _go_on(self, order_id: str) -> None:
        """What happens to a shipped order of those chosen, as its channel tells it."""
        ordered = self._to_happen.pop(order_id, None)
        for raw in happens(afterwards(order_id), ordered, _now_ms()) if ordered is not None else ():
            self._send(self._later, raw)

    def _kill_times(self) -> list[int]:
        chance = random.Random(self._plan.seed)
        return sorted(chance.randrange(len(self._source.events)) for _ in range(self._plan.kills))

    def _kill_one(self, screen: Screen, sent: int) -> None:
        slot = random.Random(sent).randrange(self._plan.workers)
        self._crew.kill(slot)
        screen.note = Text(said(f"worker {slot} was killed with SIGKILL at event {sent:,} and started again"), "yellow")

    def _wait_until_settled(self, screen: Screen, observer: Observer) -> None:
        """No input is left to decide and nothing new has come out for a while."""
        deadline = time.monotonic() + _SETTLE_S
        while not self._stopped.is_set():
            self._later.flush()
            for line in self._crew.check():
                screen.note = Text(said(line), "yellow")
            quiet = time.monotonic() - observer.heard_at > _QUIET_S
            if quiet and self._people.at_rest and self._cluster.at_rest():
                return
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"not settled within {_SETTLE_S:.0f} s: {self._cluster.undecided()} records are still to be decided"
                )
            time.sleep(0.3)

    def _report(self, took_s: float, codes: list[int]) -> None:
        tally, out = self._tally, self._out
        print_tables(out, tally, {w["warehouse"]: w["name"] for w in self._source.warehouses})
        self._situations.print(out, self._cluster)
        self._people.print(out)
        self._presale.print(out, self._cluster)
        self._print_trials()
        chosen = tally.replanned_order or tally.split_order or next(iter(tally.phases), "")
        if chosen:
            out.print()
            out.print(styled("[bold]What happened to one order[/] (penstock order show)"))
            self._show(chosen, history(self._cluster, chosen))
        events = sum(tally.published.values())
        p50, p99 = tally.latency_ms(50), tally.latency_ms(99)
        latency = (
            f"; order to decision p50 {p50:,.0f} ms, p99 {p99:,.0f} ms" if p50 is not None and p99 is not None else ""
        )
        out.print()
        out.print(f"{events:,} events in {took_s:.1f} s of publishing ({events / took_s:,.0f}/s){latency}")
        if self._plan.kills:
            out.print(f"{self._plan.kills} workers were killed with SIGKILL while it ran")
        if any(codes):
            out.print(Text(said(f"workers ended with codes {codes}"), "yellow"))

    def _print_trials(self) -> None:
        self._out.print()
        self._out.print(styled("[bold]Versions of the rules that were tried[/] (penstock rules compare)"))
        self._compare()
        self._canaries.print()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
