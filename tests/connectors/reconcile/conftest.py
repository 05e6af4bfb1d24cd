"""A hub without workers on a broker of its own: intake's own functions judge what came, when a test says so; and simulated platforms."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from connectors.generator.stream import compact, raw_event
from connectors.shops import Shop, Shops
from connectors.simulators.faults import Rates
from connectors.simulators.registry import simulator
from connectors.simulators.simulator import ChannelSimulator, Options
from deploy.local import LocalKafka
from schemas.codec import CODEC
from schemas.topics import CHANNELS, channel_topic
from streams.agents.intake import TOPICS
from streams.domain.intake.dedup import dedup
from streams.domain.intake.reading import read_event
from streams.engine.record import Record
from streams.monitor.reader import Course, Reader
from streams.ops.cluster import Cluster, Publisher
from streams.settings import Settings
from tests.connectors.simulators.sales import sale


@pytest.fixture(scope="package")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with LocalKafka(tmp_path_factory.mktemp("reconcile") / "kafka") as kafka:
        Cluster(Settings(brokers=kafka.bootstrap, data=Path())).create_topics()
        yield kafka.bootstrap


class Anything:
    """Every SKU is known."""

    def __contains__(self, _: object) -> bool:
        return True


@dataclass
class Hub:
    """``judge`` lets intake decide about all channel events that came since the last time."""

    settings: Settings
    cluster: Cluster

    def __post_init__(self) -> None:
        self._seen: dict[str, Any] = {}
        self._publisher = Publisher(self.settings)
        course = Course(tuple(map(channel_topic, CHANNELS)), lambda record, _: self._decide(record))
        self._reader = Reader(self.settings, [course])
        self._out: list[tuple[str, str, str, Any]] = []
        self._reader.start()

    def close(self) -> None:
        self._reader.close()

    def publish(self, records: Iterable[tuple[str, str, str, Any]]) -> None:
        """(topic, key, record name, record)."""
        for topic, key, name, record in records:
            self._publisher.send(topic, key, CODEC.encode(name, record))
        self._publisher.flush()

    def judge(self) -> None:
        self._reader.catch_up()
        # It has been to the end once: what came since is there as soon as it is asked for.
        while self._reader.poll(0.3):
            pass
        self.publish(self._out)
        self._out.clear()

    def _decide(self, record: Record) -> None:
        source = {"topic": record.topic(), "partition": record.partition(), "offset": record.offset()}
        reading = read_event(record.value(), record.key(), source, Anything())
        decision = dedup(reading, self._seen.get(reading.key))
        if decision.seen is not None:
            self._seen[reading.key] = decision.seen
        home = TOPICS[decision.name]
        self._out.append((home, reading.order_id, decision.name, decision.record))

    def accepted(self, order_id: str) -> str | None:
        """The status last accepted."""
        orders = [CODEC.decode(m.value())[1] for m in self.cluster.read("orders", key=order_id)]
        return orders[-1]["status"] if orders else None

    def checks(self, of: Market, about: str) -> list[dict[str, Any]]:
        """What was put on record of a market."""
        found = (CODEC.decode(m.value())[1] for m in self.cluster.read("channel.checks"))
        wanted = (of.channel, of.shop.shop, about)
        return [it for it in found if (it["channel"], it["shop"], it["about"]) == wanted]


@pytest.fixture
def hub(brokers: str, tmp_path: Path) -> Iterator[Hub]:
    settings = Settings(brokers=brokers, data=tmp_path)
    it = Hub(settings, Cluster(settings))
    yield it
    it.close()


def dated_as(old: Any, new: Any) -> Any:
    """A document with the times of its last change of another one of the same form."""
    if not isinstance(new, dict):
        return new
    kept = ("modified", "updated_at", "update_time")
    return {name: old[name] if name in kept else dated_as(old.get(name), value) for name, value in new.items()}


@dataclass
class Market:
    """One simulated platform, its first shop under a name of this test alone."""

    simulator: ChannelSimulator
    shop: Shop
    known_as: str

    @property
    def channel(self) -> str:
        return self.simulator.name

    @property
    def shops(self) -> Shops:
        return Shops((self.shop,))

    def shows(self, serial: int, stage: str, pieces: tuple[int, ...] = (2,)) -> str:
        """An order of this serial stands at this stage there from now on; returns its number."""
        it = sale(self.simulator.name, serial, pieces)
        event = raw_event(it, stage, it.placed_at_ms, 0, "new").event  # type: ignore[arg-type]
        return self.simulator.place(self.known_as, json.loads(event["payload"])).order_no

    def edits(self, serial: int, order_no: str, pieces: tuple[int, ...]) -> None:
        """The order has so many pieces from now on, and is dated as before."""
        order = self.simulator.orders.get(order_no)
        assert order is not None
        it = sale(self.simulator.name, serial, pieces)
        event = raw_event(it, "paid", it.placed_at_ms, 0, "new").event
        order.doc = dated_as(order.doc, json.loads(event["payload"]))

    def push(self, hub: Hub, order_no: str) -> None:
        """What a push that arrives brings: the snapshot as it is now."""
        order = self.simulator.orders.get(order_no)
        assert order is not None
        event = {
            "channel": self.simulator.name,
            "shop": self.shop.shop,
            "order_no": order_no,
            "kind": "order",
            "event_id": f"push-{order_no}-{order.change_no}",
            "occurred_at_ms": order.changed_at_ms,
            "received_at_ms": order.changed_at_ms,
            "content_type": "application/json",
            "payload": compact(order.doc),
        }
        key = f"{self.simulator.name}:{order_no}"
        hub.publish([(channel_topic(self.simulator.name), key, "ChannelEvent", event)])


@asynccontextmanager
async def market(channel: str, name: str, rates: Rates | None = None) -> AsyncIterator[Market]:
    """The platform with these faults; its first shop goes by ``name`` in the hub."""
    async with AsyncExitStack() as stack:
        it = simulator(channel, Options(faults=rates or Rates()))
        await stack.enter_async_context(it)
        assert isinstance(it, ChannelSimulator)
        entry = it.shop_entries()[0]
        yield Market(it, replace(entry, shop=name), entry.shop)


def shops_toml(it: Market) -> str:
    """The shops file of this market alone."""
    entry = {name: value for name, value in asdict(it.shop).items() if value}
    return tomli_w.dumps({"shop": [entry]})


def named(name: str) -> str:
    """Short enough for a shop, and nobody else's."""
    return name[-30:].strip("-")
