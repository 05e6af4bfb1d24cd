"""A worker: the real cycle, tables, transactor and restorer with the real agents, on the simulated clients.

What is not the engine's own code here: its clients (``kafka.py``), its fetching thread (``group.py``), RocksDB (``store.py``), Faust's
streams between the cycle and an agent (the batch is handed over by a call) and the thread of a view.
"""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextvars import copy_context
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest import mock

from prometheus_client import CollectorRegistry

import streams.agents.wire
import streams.engine.cycle
import streams.engine.delivery
import streams.engine.guard
import streams.engine.log_clock
import streams.engine.restore
import streams.engine.transaction
from schemas.codec import CODEC
from streams.agents.allocation import Allocation, Surroundings
from streams.agents.comparing import Comparisons
from streams.agents.flowbook import Flowbook
from streams.agents.intake import Intake
from streams.agents.inventory import Inventory
from streams.agents.merging import Merging
from streams.agents.rulebook import Rulebook
from streams.agents.wire import Sent
from streams.app import build
from streams.engine import Batch, Batches, Metrics, Options
from streams.engine.cycle import Cycle
from streams.engine.delivery import Courier
from streams.engine.footing import Footing
from streams.engine.log_clock import ASK_S, LogClock
from streams.engine.ties import Identity
from streams.engine.work import Work
from streams.settings import Settings
from streams.topology import outside, stages
from tests.simulation.clients import Clients
from tests.simulation.clock import Crash, SimLoop, time_of, worker_now
from tests.simulation.group import Group, SimSource
from tests.simulation.kafka import TP, Broker
from tests.simulation.store import Disk, MemoryStore

PARTITIONS = 2
INPUTS = tuple(topic for stage in stages("decisions") for topic in stage.reads)
_TICKS_S = {"inventory": 1.0, "allocation": 10.0}
METRICS = Metrics(CollectorRegistry())


class Life:
    """One incarnation of a worker, from its start to its end or its crash."""

    def __init__(self, name: str, loop: SimLoop) -> None:
        self.name, self.loop = name, loop
        self.alive = True
        #: Has ended in order.
        self.over = False
        self.tasks: set[Any] = set()
        self.cycle: Cycle | None = None
        self.failure: Exception | None = None
        #: Crashes on the n-th entry into a step from now on: (step, n).
        self.armed: tuple[str, int] | None = None

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> Any:
        """A task of this worker: it ends with it."""
        context = copy_context()
        context.run(worker_now.set, self)
        return self.loop.create_task(coroutine, context=context)

    def on_step(self, name: str) -> None:
        if not self.alive:
            raise Crash
        if self.armed is not None and self.armed[0] == name:
            self.armed = (name, self.armed[1] - 1)
            if self.armed[1] <= 0:
                self.crash()
                raise Crash

    def crash(self) -> None:
        self.alive = False
        for task in self.tasks:
            task.cancel()


class View(Mapping[str, Any]):
    """Stands in for ``engine.Replica``: takes over what is new at ``refresh``, and now and then only later."""

    def __init__(self, broker: Broker, rng: Random, topic: str, lateness: float) -> None:
        self.topic, self._broker, self._rng, self._lateness = topic, broker, rng, lateness
        self.on_change: Callable[[str, Any, Any], None] | None = None
        self._values: dict[str, Any] = {}
        self._positions: dict[TP, int] = {}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def refresh(self) -> None:
        late = self._rng.random() < self._lateness
        for partition in range(self._broker.partitions):
            tp = (self.topic, partition)
            records, position = self._broker.read(tp, self._positions.get(tp, 0), 1_000)
            # A view may be late about how much there is; that a SKU exists it has known since the start.
            if late and all(record.key().decode() in self._values for record in records):
                continue
            self._positions[tp] = position
            for record in records:
                key, new = record.key().decode(), CODEC.decode(record.value())[1]
                old, self._values[key] = self._values.get(key), new
                if self.on_change is not None:
                    self.on_change(key, old, new)

    def stop(self) -> None: ...


class SimFooting(Footing):
    """Topics are what they are here: nobody deletes one."""

    def identity_of(self, topic: str) -> Identity:
        return Identity(f"id-of-{topic}", PARTITIONS)


class DirectCourier(Courier):
    """The engine's courier, without Faust's streams on the way."""

    def route(self, counts: Mapping[str, int]) -> list[str]:
        self._counts = dict(counts)
        return sorted(topic for channel in self._app.topics for topic in channel.topics)

    async def _attempt(self, tp: TP, records: Any, at_ms: int) -> Work:
        with self._attempting(tp[1]) as attempt:
            batch = Batch(*tp, records, at_ms, attempt)
            agent = self._app.agents[tp[0]]
            if records:
                agent.on_batch(batch)
            else:
                agent.on_tick(batch)
        return attempt


class SimLogClock(LogClock):
    """The engine's own, without its thread."""

    def __init__(self, loop: SimLoop, *args: Any) -> None:
        super().__init__(*args)
        self._loop, self._life = loop, worker_now.get()

    def _go_on(self) -> None:
        self._loop.at(ASK_S, self._ask_again)

    def _ask_again(self) -> None:
        if not self._stopping.is_set() and (self._life is None or self._life.alive):
            self.ask()
            self._go_on()


class Slot:
    """A place for a worker: its disk outlives it. ``start`` gives it a new life."""

    def __init__(self, number: int, loop: SimLoop, broker: Broker, group: Group, rng: Random, **habits: Any) -> None:
        self.number, self._loop, self._broker, self._group, self._rng = number, loop, broker, group, rng
        self._lateness: float = habits.get("lateness", 0.0)
        self._ttl_ms: int | None = habits.get("ttl_ms")
        self._batch: int = habits.get("batch", 4_000)
        self._lives = 0
        #: How far this place's clock is ahead of the broker's.
        self.ahead_ms = 0
        #: Topics that the version of the next life has never heard of.
        self.unheard: frozenset[str] = frozenset()
        self.life: Life | None = None
        self.source: SimSource | None = None
        self.new_disk()

    def new_disk(self) -> None:
        """With the disk the worker's id is gone: the next life has another transactional id."""
        self.disk = Disk()
        self._transactional_id = f"sim-{self.number}-{self._lives}"

    def start(self) -> None:
        self._lives += 1
        self.life = life = Life(f"worker-{self.number}.{self._lives}", self._loop)
        life.spawn(self._live(life))

    def host_ms(self) -> int:
        """This place's clock."""
        return self._broker.now_ms() + self.ahead_ms

    def tables(self) -> list[Any]:
        """The engine's tables, as this slot's lives use them."""
        return list(_tables_of(self.number).tables.values())

    async def _live(self, life: Life) -> None:
        try:
            app, table_app = self._app(), _tables_of(self.number)
            options = Options(
                on_step=life.on_step,
                clock_ms=self.host_ms,
                batch_size_max=self._batch,
                outside=outside("decisions"),
                quarantine_topic="penstock.quarantine",
            )
            cycle = Cycle(app, MemoryStore(self.disk), "sim:1", self._transactional_id, options, METRICS)
            life.cycle = table_app.engine_cycle = cycle
            self.source = cycle.source
            for view in app.engine_replicas:
                view.refresh()
            cycle.clock.start()
            cycle.subscribe(dict.fromkeys(INPUTS, PARTITIONS))
            await cycle.run()
            await cycle.close()
            self.life, life.alive, life.over = None, False, True
        except Exception as exc:
            life.failure = exc

    def _app(self) -> Any:
        """What the cycle asks of a Faust app."""
        built = _tables_of(self.number)
        tables = built.tables
        for stage in stages("decisions"):
            for name in stage.tables:
                tables[name].sources = self._heard_of(stage.reads)
        warehouses = View(self._broker, self._rng, "config.warehouses", 0.0)
        availability = View(self._broker, self._rng, "inventory.availability", self._lateness)
        flowbook = Flowbook("flows/default", "default", {}, {})
        surroundings = Surroundings(availability, warehouses, Rulebook("rules/default", {}, {}), flowbook)
        availability.on_change = surroundings.on_availability
        agents = {
            "intake": Intake(tables["seen"], known_skus=availability),
            "allocation": Allocation(
                tables["order_state"], tables["backlog"], surroundings, self._ttl_ms, Comparisons()
            ),
            "inventory": Inventory(
                *(tables[name] for name in ("stock", "reservations", "applied", "expiries", "pool_turns"))
            ),
            "merging": Merging(tables["merging"], tables["merging_due"], lambda kind, count: None),
        }
        life = self.life

        async def crash(exc: Exception) -> None:
            if life is not None:
                life.failure = exc

        return SimpleNamespace(
            conf=SimpleNamespace(id="penstock"),
            tables=tables,
            topics=[
                SimpleNamespace(
                    topics=self._heard_of(s.reads), schema=Batches(tick_s=_TICKS_S.get(s.name))
                )  # as streams.app has them
                for s in stages("decisions")
            ],
            agents={topic: agents[stage.name] for stage in stages("decisions") for topic in stage.reads},
            engine_replicas=[warehouses, availability],
            crash=crash,
        )

    def _heard_of(self, topics: Iterable[str]) -> tuple[str, ...]:
        return tuple(topic for topic in topics if topic not in self.unheard)


@functools.cache
def _tables_of(slot: int) -> Any:
    """The real app's tables, built once a slot: a life's state is in its cycle and its store."""
    return build(Settings(brokers="sim:1", data=Path(tempfile.gettempdir()), partitions=PARTITIONS), worker=str(slot))


def changelogs() -> dict[str, str]:
    """Changelog topic -> table name."""
    names: dict[str, str] = _tables_of(0).tables.changelog_names
    return {topic: table for table, topic in names.items()}


@contextlib.contextmanager
def simulated(loop: SimLoop, group: Group, rng: Random, clients: Clients) -> Iterator[None]:
    """The engine's modules make simulated clients, and read the loop's clock."""

    def source(bootstrap: str, group_id: str, options: Options, listener: Any, told: Any) -> SimSource:
        return SimSource(group, loop, rng, worker_now.get(), listener, clients, options)

    time = time_of(loop)
    with contextlib.ExitStack() as stack:
        for module, name, stand_in in (
            # A history of its own knows nothing of what another one sent.
            (streams.agents.wire, "SENT", Sent()),
            (streams.engine.cycle, "Source", source),
            (streams.engine.cycle, "Courier", DirectCourier),
            (streams.engine.cycle, "Footing", SimFooting),
            (streams.engine.cycle, "LogClock", functools.partial(SimLogClock, loop)),
            (streams.engine.cycle, "time", time),
            (streams.engine.delivery, "time", time),
            (streams.engine.restore, "time", time),
            (streams.engine.log_clock, "time", time),
            (streams.engine.log_clock, "Producer", clients.plain_producer),
            (streams.engine.guard, "time", time),
            (streams.engine.guard, "Consumer", clients.consumer),
            (streams.engine.restore, "Consumer", clients.reader),
            (streams.engine.transaction, "Producer", clients.producer),
        ):
            stack.enter_context(mock.patch.object(module, name, stand_in))
        yield
