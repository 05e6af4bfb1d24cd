"""One run: a hub and its edge as real processes, platforms that fail, processes that are killed; then the judgement."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.generator import catalogue, warehouses
from deploy.local import broker
from schemas.codec import CODEC
from schemas.topics import CHANNELS, channel_topic
from streams.demo.edge import Edge
from streams.demo.market import Market, publish_stock
from streams.demo.trade import trade
from streams.ops.cluster import Cluster, ClusterError
from streams.ops.workers import Workers
from streams.settings import Settings
from tests.chaos_edge.judge import Seen, Verdict, judge, only_reconciliation
from tests.chaos_edge.mutants import MUTANTS

#: A fifth of the calls fail before they are carried out, a twentieth of the answers never arrive.
FAULTS = {
    "errors": 0.12,
    "resets": 0.05,
    "throttle": 0.03,
    "lost_answers": 0.05,
    "duplicate_pushes": 0.1,
    "reorder_pushes": 0.1,
    "lost_pushes": 0.03,
}
#: As many attempts as it may take while a fifth fails; a second apart.
RETRY = "RETRYABLE=10:1"
#: The platforms' gaps between two deliveries of a push, shortened: Douyin and Shopify repeat within minutes.
RETRY_SCALE = "0.05"
PROCESSES = ("gateway", "dispatcher", "writeback")
_SKUS = 40
_GAP_S = 3.0
_PICK_S = 1.5
_READY_S = 120.0
_TOPICS = (
    *(channel_topic(channel) for channel in CHANNELS),
    *("orders", "orders.review", "orders.duplicates", "shipments", "audit"),
    *("writeback.requests", "writeback.results", "writeback.status"),
)


@dataclass(frozen=True)
class Plan:
    """``kills``: of gateway, dispatcher and writeback worker in all, over the time the orders take and a while after."""

    orders: int
    rate: float
    kills: int
    seed: int
    every_s: float = 5.0
    lost_pushes: bool = True
    mutant: str = ""
    settle_s: float = 240.0


@dataclass
class Outcome:
    """What a run came to."""

    plan: Plan
    verdict: Verdict
    orders: int
    changes: int
    kills: Counter[str]
    faults: Counter[str]
    found_late: Counter[str]
    retried: int
    seconds: float
    in_time: bool
    notes: list[str] = field(default_factory=list)

    @property
    def caught(self) -> bool:
        """A mutant's run found what it must."""
        return any(self.verdict.findings.get(kind) for kind in MUTANTS[self.plan.mutant][2])


class Killer:
    """SIGKILL to one process after another, each started again at once."""

    def __init__(self, edge: Edge, plan: Plan, say: Callable[[str], None]) -> None:
        self._edge = edge
        self._plan = plan
        self._say = say
        self._random = random.Random(f"kills/{plan.seed}")
        self._stopped = threading.Event()
        self.kills: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait(self, timeout_s: float) -> None:
        """Until all were made."""
        self._thread.join(timeout_s)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        for number in range(self._plan.kills):
            if self._stopped.wait(self._random.uniform(0.4, 1.6) * self._plan.every_s):
                return
            # In turn, so that each gets its share; when, is chance.
            name = PROCESSES[number % len(PROCESSES)]
            self._say(f"kill {number + 1} of {self._plan.kills}: {name}")
            if name == "writeback":
                self._edge.writeback.kill(0)
            else:
                process = getattr(self._edge, name)
                process.kill()
                process.start()
            self.kills[name] += 1


def run(plan: Plan, folder: Path, say: Callable[[str], None] = lambda _: None) -> Outcome:
    """Raises ClusterError when something does not come up."""
    begun = time.monotonic()
    with broker(folder / "kafka") as at:
        settings = Settings(brokers=at, data=folder / "data", app_id=f"edge-{plan.seed}")
        cluster = Cluster(settings)
        cluster.create_topics()
        items = catalogue(_SKUS, plan.seed)
        cluster.publish(("config.warehouses", w["warehouse"], "Warehouse", w) for w in warehouses())
        skus = publish_stock(cluster, items, 2 * plan.orders, plan.seed)
        crew, edge = (
            Workers(settings, 1),
            Edge(settings, RETRY, {"--retry-scale": RETRY_SCALE, "--seed": str(plan.seed)}),
        )
        if plan.mutant:
            broken = getattr(edge, MUTANTS[plan.mutant][1])
            broken.program = ("-m", "tests.chaos_edge.mutants", plan.mutant)
        try:
            crew.start()
            edge.start()
            _ready(cluster, set(skus), crew)
            changes = trade(plan.orders, plan.seed, items, time.time_ns() // 1_000_000, plan.rate, _GAP_S)
            return _play(plan, settings, edge, changes, say, begun)
        finally:
            edge.stop()
            crew.stop()


def _play(
    plan: Plan, settings: Settings, edge: Edge, changes: list[Any], say: Callable[[str], None], begun: float
) -> Outcome:
    stopped = threading.Event()
    market, killer = Market(settings, edge, _PICK_S), Killer(edge, plan, say)
    faults = FAULTS if plan.lost_pushes else {**FAULTS, "lost_pushes": 0.0}
    market.platforms.faults(faults)
    market.open()
    try:
        killer.start()
        market.place(changes, stopped)
        say(f"{len(changes)} changes are at the platforms; kills go on")
        killer.wait(plan.kills * plan.every_s * 2 + 60)

        def at_rest() -> bool:
            edge.check()
            return not market.under_way and not market.unread

        in_time = market.settle(at_rest, 3.0, plan.settle_s, stopped)
        say(f"{len(market.tally.missing())} changes are missing, {market.under_way} parcels under way: reconciliation")
        for _ in range(4):
            said = market.reconcile("--settle", "4", "--lookback", "1", "--calls", "100", "--confirm", "20")
            in_time = market.settle(at_rest, 3.0, plan.settle_s, stopped) and in_time
            if not any(shop["error"] or shop["found"] for shop in said["shops"]):
                break
    finally:
        killer.stop()
        market.close()
    market.platforms.faults({})
    seen = _seen(settings, market)
    found_late = Counter({channel: len(orders) for channel, orders in only_reconciliation(seen).items()})
    retried = sum(map(len, market.tally.retried.values()))
    faults_seen = sum((Counter(c["faults"]) for c in seen.counts.values()), Counter[str]())
    orders = sum(map(len, seen.orders.values()))
    return Outcome(
        *(plan, judge(seen), orders, len(changes), killer.kills, faults_seen, found_late, retried),
        seconds=time.monotonic() - begun,
        in_time=in_time,
    )


def _seen(settings: Settings, market: Market) -> Seen:
    topics: dict[str, list[Any]] = defaultdict(list)
    cluster = Cluster(settings)
    for topic in _TOPICS:
        for message in cluster.read(topic):
            name, record = CODEC.decode(message.value() or b"")
            if name == "ChannelEvent":
                place = {"topic": topic, "partition": message.partition(), "offset": message.offset()}
                record = {key: record[key] for key in ("event_id", "channel", "order_no")} | {"source": place}
            topics[name].append(record)
    channels = list(market.platforms.urls)
    orders = {channel: market.platforms.orders(channel) for channel in channels}
    return Seen(orders, {channel: market.platforms.counts(channel) for channel in channels}, topics)


def _ready(cluster: Cluster, skus: set[str], crew: Workers) -> None:
    deadline = time.monotonic() + _READY_S
    while not skus <= {m.key().decode() for m in cluster.read("inventory.availability")}:
        if time.monotonic() > deadline or not crew.pids():
            raise ClusterError(
                f"the worker did not take in the stock; its log ends:\n{crew.log(0).read_text()[-2000:]}"
            )
        time.sleep(0.3)
