"""Orders flow through real workers into a real Postgres, which goes away again and again; then its tables are held against the topics.

1. A broker, a database behind a proxy, workers, the sink as its own process.
2. The orders in equal parts; in each but the last the database goes away, at a moment drawn from the seed, for a time drawn from it.
   Every outage must be seen by the sink, and must be over once it is mended.
3. Until the workers have decided everything and the sink has no lag.
4. The tables against a fold of the topics, positions against the log's ends, the sink's own account of its outages.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.generator import RawEvent
from connectors.postgres import PostgresSink
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka, LocalPostgres
from deploy.local.process import free_ports
from schemas.codec import CODEC
from schemas.topics import channel_topic
from streams.demo.observer import SHIPPED_PERCENT, percentile_of, shipments
from streams.demo.source import Source, generated
from streams.demo.tables import Comparison, compare
from streams.ops.cluster import Cluster, Publisher
from streams.ops.processes import SinkProcess
from streams.ops.workers import Workers
from streams.settings import Settings
from tests.connectors.outages.faults import AT_RANDOM, FAULTS, TIMEOUT_S, Scene
from tests.connectors.outages.proxy import Proxy


@dataclass(frozen=True)
class Plan:
    """``outages``: names of FAULTS, in their order."""

    orders: int
    seed: int
    outages: Sequence[str]
    workers: int = 2
    #: Generous: a machine five times as slow must not fail.
    patience_s: float = 180.0
    batch: int = 1_000


@dataclass
class Outcome:
    """What was seen."""

    comparison: Comparison
    events: int
    #: (kind, seconds from the moment it was inflicted to the moment the sink was up again)
    outages: list[tuple[str, float]]
    paused: int
    resumed: int
    sink_code: int
    seconds: float
    waited_max: int
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """For people."""
        compared, kinds = self.comparison, Counter(kind for kind, _ in self.outages)
        rows = ", ".join(f"{table} {count:,}" for table, count in compared.rows.items() if count)
        return [
            f"{self.events:,} events, {compared.records:,} records in the topics, {self.seconds:,.0f} s",
            f"{len(self.outages)} outages: " + ", ".join(f"{count} x {kind}" for kind, count in kinds.items()),
            f"longest until the sink was up again: {max((s for _, s in self.outages), default=0):.1f} s; "
            f"most offsets that waited: {self.waited_max:,}; the sink paused {self.paused} times and resumed {self.resumed} times",
            f"{compared.rows.total():,} rows compared: {rows}",
            f"differences between tables and topics: {len(compared.differences)}",
            *(f"  {difference}" for difference in compared.differences),
            *(f"problem: {problem}" for problem in self.problems),
        ]


def drawn(orders: int, count: int, seed: int, *, each: bool) -> Plan:
    """``count`` outages drawn from the seed; ``each``: and every kind once, in an order drawn from it."""
    chance = random.Random(seed)
    outages = [chance.choice(AT_RANDOM) for _ in range(count)] + (list(FAULTS) if each else [])
    chance.shuffle(outages)
    return Plan(orders, seed, outages)


def run(plan: Plan, data: Path, say: Callable[[str], None]) -> Outcome:
    """Everything it starts is stopped when it returns."""
    started = time.monotonic()
    # 1. What there is
    with LocalKafka(data / "kafka") as kafka, LocalPostgres(data / "postgres") as postgres:
        proxy = Proxy(postgres.port)
        url = postgres.url.replace(f":{postgres.port}/", f":{proxy.port}/")
        settings = Settings(brokers=kafka.bootstrap, data=data, database_url=url)
        asyncio.run(migrate(postgres.url))
        options = ("--timeout", str(TIMEOUT_S), "--batch", str(plan.batch))
        sink = SinkProcess(settings, "postgres", free_ports(1)[0], options)
        scene = Scene(postgres, proxy, sink, patience_s=plan.patience_s)
        crew = Workers(settings, plan.workers)
        try:
            trial = _Trial(plan, settings, scene, crew, say)
            trial.prepare()
            # 2. Orders and outages
            outages = trial.flow()
            # 3. Rest
            trial.settle()
            # 4. Judge
            tally = asyncio.run(compare(trial.cluster, postgres.url, PostgresSink.topics))
            code = sink.stop()
        finally:
            crew.stop()
            sink.stop()
            proxy.close()
            if scene.holder is not None:
                scene.holder.kill()
                scene.holder.communicate()
        log = sink.log.read_text(errors="replace")
        problems = [] if code == 0 else [f"the sink ended with code {code}: {log[-500:]}"]
        return Outcome(
            comparison=tally,
            events=len(trial.source.events),
            outages=outages,
            paused=log.count(" paused: "),
            resumed=log.count(" resumed after "),
            sink_code=code,
            seconds=time.monotonic() - started,
            waited_max=trial.waited_max,
            problems=problems,
        )


class _Trial:
    def __init__(self, plan: Plan, settings: Settings, scene: Scene, crew: Workers, say: Callable[[str], None]) -> None:
        self._plan = plan
        self._settings = settings
        self._scene = scene
        self._crew = crew
        self._say = say
        self._chance = random.Random(plan.seed)
        scene.beat = self._beat
        self._beats = 0
        self._began_ms = time.time_ns() // 1_000_000
        self.cluster = Cluster(settings)
        self._publisher = Publisher(settings)
        self.source: Source = generated(plan.orders, plan.seed, time.time_ns() // 1_000_000)
        self.waited_max = 0

    def prepare(self) -> None:
        """Topics, stock, workers; every SKU's balance is known."""
        self.cluster.create_topics()
        self.cluster.publish(self.source.world())
        self._crew.start()
        self._scene.sink.start()
        wanted = set(self.source.skus)
        self._until(lambda: wanted <= {m.key().decode() for m in self.cluster.read("inventory.availability")}, "stock")
        self._until(lambda: self._scene.sink.metric("sink_up") == 1, "the sink is up")

    def flow(self) -> list[tuple[str, float]]:
        """Publishes the orders; returns each outage's kind and length."""
        parts, outages = self._parts(), []
        for part, kind in zip(parts, self._plan.outages, strict=False):
            self._publish(part)
            self._ship_some()
            time.sleep(self._chance.uniform(0, 0.7))
            outages.append((kind, self._outage(kind)))
            self._say(f"{len(outages):3} of {len(self._plan.outages)}: {kind}: {outages[-1][1]:.1f} s")
        self._publish(parts[-1])
        return outages

    def settle(self) -> None:
        """Nothing is left to decide, and nothing waits for the database."""
        self._until(self.cluster.at_rest, "everything is decided", 600 + self._plan.orders / 50)
        self._until(self._caught_up, "the sink has no lag", 600)

    def _outage(self, kind: str) -> float:
        fault, sink, begun = FAULTS[kind], self._scene.sink, time.monotonic()
        fault.inflict(self._scene)
        # The sink has to want something of the database to see that it is away.
        if not fault.heals:
            self._until(lambda: self._beat() and sink.metric("sink_up") in (0, None), f"the sink sees: {kind}")
            time.sleep(self._chance.uniform(0, 1.5))
            self.waited_max = max(self.waited_max, int(sink.metric("sink_lag_records") or 0))
        fault.mend(self._scene)
        self._until(lambda: sink.metric("sink_up") == 1, f"the sink is up again after: {kind}")
        self._beat()
        self._until(self._all_beats_are_in, f"what comes after is in the table: {kind}")
        return time.monotonic() - begun

    def _all_beats_are_in(self) -> bool:
        return self._scene.ask("SELECT count(*) FROM health_checks") == self._beats

    def _beat(self) -> bool:
        """A record of a topic that the workers have no part in: something to do for the sink, however fast it was."""
        self._beats += 1
        check = {
            "interface": "outages",
            "kind": "beat",
            # The table's key: two are never of one time.
            "checked_at_ms": self._began_ms + self._beats,
            "healthy": True,
            "changed": False,
            "took_ms": 0,
            "error": "",
        }
        self._publisher.send("health.checks", "outages", CODEC.encode("HealthCheck", check))
        self._publisher.flush()
        return True

    def _parts(self) -> list[Sequence[RawEvent]]:
        events, count = self.source.events, len(self._plan.outages) + 1
        size = -(-len(events) // count)
        return [events[i * size : (i + 1) * size] for i in range(count)]

    def _publish(self, events: Sequence[RawEvent]) -> None:
        for raw in events:
            event = {**raw.event, "received_at_ms": time.time_ns() // 1_000_000}
            self._publisher.send(channel_topic(event["channel"]), raw.key, CODEC.encode("ChannelEvent", event))
        self._publisher.flush()

    def _ship_some(self) -> None:
        """The warehouses ship part of what is allocated by now: reservations are committed, orders change once more."""
        now_ms = time.time_ns() // 1_000_000
        for message in self.cluster.read("allocations", last=200):
            name, record = CODEC.decode(message.value() or b"")
            if name == "OrderAllocated" and percentile_of(record["order_id"]) < SHIPPED_PERCENT:
                for parcel in shipments(record, now_ms):
                    self._publisher.send("shipments", parcel["order_id"], CODEC.encode("Shipped", parcel))
        self._publisher.flush()

    def _caught_up(self) -> bool:
        return self._scene.sink.metric("sink_lag_records") == 0

    def _until(self, fits: Callable[[], object], what: str, timeout_s: float | None = None) -> None:
        deadline = time.monotonic() + (timeout_s or self._plan.patience_s)
        while not fits():
            if time.monotonic() > deadline:
                log = self._scene.sink.log.read_text(errors="replace")[-2_000:]
                raise AssertionError(f"not within its time: {what}; seed {self._plan.seed}; the sink's log:\n{log}")
            time.sleep(0.1)
