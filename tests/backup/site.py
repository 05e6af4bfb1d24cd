"""A site is lost in the middle of a trade, and comes back from its backup.

1. A hub with its tables takes in orders; every so often a backup is taken, while it works.
2. Half-way: broker, database, workers and sink are killed at once, and their disks are gone.
3. Another site, with nothing on it: the newest backup is restored, workers and sink begin.
4. What came after the backup is named; the platforms show it once more, in their order, and what had not come yet follows.
5. At rest: the proof by the topics, and the tables against the topics.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from connectors.generator import catalogue, demand, generate, initial_stock, warehouses
from connectors.postgres import PostgresSink
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka, LocalPostgres
from deploy.local.process import free_ports
from schemas.codec import CODEC
from schemas.topics import CHANNELS, channel_topic
from streams.demo.tables import Comparison, compare
from streams.ops.cluster import Cluster, Publisher
from streams.ops.processes import SinkProcess
from streams.ops.workers import Workers
from streams.settings import Settings
from streams.verify import verify
from streams.verify.report import Report
from tests.command_line import in_process
from tests.integration.conftest import until

_SKUS, _SEED, _START_MS = 500, 11, 1_767_232_800_000
_REST_S = 3_600.0

Event = tuple[str, str, bytes]
"""Topic, key, value."""


@dataclass
class Outcome:
    """``in_flight``: events of the dead site that no backup has, and by which orders."""

    backups: int
    sent: int
    kept: int
    in_flight: int
    orders_in_flight: list[str]
    back_s: float
    rest_s: float
    report: Report
    tables: Comparison

    @property
    def good(self) -> bool:
        return self.report.ok and not self.tables.differences

    def lines(self) -> list[str]:
        named = ", ".join(self.orders_in_flight[:10]) + (", ..." if len(self.orders_in_flight) > 10 else "")
        return [
            f"backups taken while orders came in: {self.backups}",
            f"events told to the site that was lost: {self.sent:,}; in its last backup: {self.kept:,}",
            f"in flight: {self.in_flight:,} events of {len(self.orders_in_flight):,} orders ({named})",
            f"from the loss to workers and sink at work elsewhere: {self.back_s:.1f} s; all decided and stored after {self.rest_s:.0f} s",
            f"verify: {self.report.violation_counts or 0} violations, {self.report.records:,} records",
            f"tables: {self.tables.rows.total():,} rows, {len(self.tables.differences)} differences",
            *(f"  {each}" for each in self.tables.differences),
        ]


class Site(NamedTuple):
    """What can be lost."""

    settings: Settings
    kafka: LocalKafka
    postgres: LocalPostgres
    workers: Workers
    sink: SinkProcess

    def lose(self) -> None:
        """All at once; no disk is left."""
        for slot in range(2):
            self.workers.kill(slot)
        self.kafka.kill()
        self.postgres.kill()
        self.sink.kill()
        shutil.rmtree(self.settings.data)


@contextmanager
def site(data: Path, settings: Settings) -> Iterator[Site]:
    """Nothing runs on it yet but an empty broker and an empty database."""
    data.mkdir(parents=True)
    kafka, postgres = LocalKafka(data / "kafka"), LocalPostgres(data / "postgres")
    kafka.start()
    postgres.start()
    here = replace(settings, brokers=kafka.bootstrap, data=data, database_url=postgres.url)
    it = Site(here, kafka, postgres, Workers(here, 2), SinkProcess(here, "postgres", free_ports(1)[0]))
    try:
        yield it
    finally:
        it.workers.stop()
        it.sink.stop()
        for server in (kafka, postgres):
            if server.data_dir.exists():
                server.stop()


def run(orders: int, every_s: float, rate: float, data: Path, say: Callable[[str], None]) -> Outcome:
    """Everything it starts is stopped when it returns. ``rate``: events a second; ``every_s``: between two backups."""
    items = catalogue(_SKUS, _SEED)
    events = [
        (e.topic, e.key, CODEC.encode("ChannelEvent", e.event))
        for e in generate(orders, _SEED, start_ms=_START_MS, items=items)
    ]
    key = data / "key"
    key.write_text(os.urandom(32).hex())
    common = Settings(brokers="", data=data, partitions=4, backup=data / "elsewhere", backup_key=f"file:{key}")
    half = len(events) // 2
    with site(data / "lost", common) as lost:
        asyncio.run(migrate(lost.settings.database_url))
        cluster = Cluster(lost.settings)
        cluster.create_topics()
        cluster.publish([("config.warehouses", w["warehouse"], "Warehouse", w) for w in warehouses()])
        stock = initial_stock(demand(items, orders), _SEED, _START_MS)
        cluster.publish([("inventory.commands", c.record["sku"], c.name, c.record) for c in stock])
        lost.workers.start()
        lost.sink.start()
        until(cluster.at_rest, bool, "the stock is taken in", _REST_S)
        sending = Thread(target=_sent, args=(lost.settings, events[:half], rate))
        sending.start()
        backups = 0
        while sending.is_alive() or not backups:
            say(_penstock(lost.settings, "backup", "run"))
            backups += 1
            sending.join(every_s)
        sending.join()
        lost_at = time.monotonic()
        lost.lose()
        say(f"the site is lost, {half:,} of {len(events):,} events in")
    with site(data / "other", common) as other:
        say(_penstock(other.settings, "backup", "restore", "--because", "the site is lost", "--yes"))
        other.workers.start()
        other.sink.start()
        back_s = time.monotonic() - lost_at
        cluster = Cluster(other.settings)
        kept = Counter[Event]()
        for topic in map(channel_topic, CHANNELS):
            kept.update((topic, (m.key() or b"").decode(), m.value() or b"") for m in cluster.read(topic))  # type: ignore[union-attr]
        flying = list((Counter(events[:half]) - kept).elements())
        _sent(other.settings, [*(e for e in events[:half] if e in set(flying)), *events[half:]], rate)
        until(cluster.at_rest, bool, "all is decided", _REST_S)
        drained: Callable[[], Any] = lambda: (other.sink.metric("sink_up"), other.sink.metric("sink_lag_records"))  # noqa: E731
        until(drained, lambda it: it == (1, 0), "all is stored", _REST_S)
        return Outcome(
            backups=backups,
            sent=half,
            kept=kept.total(),
            in_flight=len(flying),
            orders_in_flight=sorted({key for _, key, _ in flying}),
            back_s=back_s,
            rest_s=time.monotonic() - lost_at,
            report=verify(other.settings.brokers, settled=True),
            tables=asyncio.run(compare(cluster, other.settings.database_url, PostgresSink.topics)),
        )


def _sent(settings: Settings, events: list[Event], rate: float) -> None:
    begun = time.monotonic()
    with Publisher(settings) as publisher:
        for count, (topic, key, value) in enumerate(events):
            publisher.send(topic, key, value)
            if (early := begun + count / rate - time.monotonic()) > 0.05:
                time.sleep(early)


def _penstock(settings: Settings, *args: str) -> str:
    done = in_process(args, settings.to_env(), alone=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()
