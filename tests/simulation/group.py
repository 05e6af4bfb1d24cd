"""The consumer group: who reads what, and the source of records that stands in for the engine's own (which lives on a thread).

A rebalance is the classic one: everyone gives up everything, the generation goes up, partitions are dealt anew; or, cooperative, each gives
up what goes to another and is told of nothing else. Each topic is dealt among those who subscribe to it. A member can be expelled without
noticing; until it does it goes on reading and deciding what is no longer its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextvars import Context
from random import Random
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard
from streams.engine.inflow import Inflow
from streams.engine.options import Options
from streams.engine.ties import Commit
from tests.simulation.clients import Clients
from tests.simulation.clock import SimLoop
from tests.simulation.kafka import TP, Broker

_SETTLING_S = 30.0


class Group:
    """Deals partitions to members; a partition number goes to one member, of all topics that the same members read."""

    def __init__(self, broker: Broker, rng: Random, cooperative: bool = False) -> None:
        self.broker, self.rng, self.cooperative = broker, rng, cooperative
        self.sources: list[SimSource] = []
        self._rebalancing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def join(self, source: SimSource) -> None:
        self.sources.append(source)
        self.rebalance()

    def remove(self, source: SimSource) -> None:
        """It has died, left, or been silent for too long."""
        if source in self.sources:
            self.sources.remove(source)
            self.broker.members.pop(source.member, None)
            self.rebalance()

    def rebalance(self) -> None:
        # The coordinator's, whoever has joined or left: it goes on when that one dies.
        task = asyncio.get_running_loop().create_task(self._rebalance(), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _rebalance(self) -> None:
        async with self._rebalancing:
            await asyncio.sleep(self.rng.choice((0.001, 0.05)))
            dealt = self._dealt()
            for source in list(self.sources):
                keeps = dealt[source] if self.cooperative else set()
                await source.give_up(lost=False, keeps=keeps)
            broker = self.broker
            broker.generation += 1
            broker.members = {source.member: broker.generation for source in self.sources}
            for source in list(self.sources):
                await source.be_given(dealt.get(source, set()), broker.generation)

    def _dealt(self) -> dict[SimSource, set[TP]]:
        members = self.rng.sample(self.sources, len(self.sources))
        dealt: dict[SimSource, set[TP]] = {source: set() for source in members}
        for topic in sorted({topic for source in members for topic in source.topics}):
            readers = [source for source in members if topic in source.topics]
            for number in range(self.broker.partitions):
                dealt[readers[number % len(readers)]].add((topic, number))
        return dealt


class SimSource:
    """``streams.engine.source.Source`` without its thread: fetches ahead through its guard, never beyond what is visible."""

    def __init__(
        self, group: Group, loop: SimLoop, rng: Random, life: Any, listener: Any, clients: Clients, options: Options
    ) -> None:
        self._group, self._broker, self._loop, self._rng = group, group.broker, loop, rng
        self._life, self._listener = life, listener
        self.member = life.name
        self.topics: list[str] = []
        self.ends: dict[TP, int] = {}
        self._assigned: set[TP] = set()
        self._client = clients.member()
        self._guard = Guard(self._client, {})
        #: Partitions that are read from.
        self._read: set[TP] = set()
        self._batch = options.batch_size_max
        self._inflow = Inflow(options.outside, self._batch, options.transaction_timeout_ms / 1000)
        self._arrived = asyncio.Event()
        self._rewinding = self._pumping = self._giving_up = False
        self._metadata = (self.member, -1)

    # -- for the cycle

    def subscribe(self, topics: Iterable[str], held: Iterable[str] = ()) -> None:
        self.topics = sorted({*topics, *held})
        self._broker.watchers.append(self._soon)
        self._group.join(self)

    async def wait(self, timeout_s: float | None) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            pass

    def take(self, most: int | None = None) -> tuple[list[Any], Any]:
        messages = [] if self._rewinding else self._inflow.take(most)
        if self._rewinding or not self._inflow.ready():
            self._arrived.clear()
        self._soon()
        return messages, self._metadata

    def wake(self) -> None:
        self._arrived.set()

    def discard(self, partitions: Iterable[TP]) -> None:
        self._inflow.forget(set(partitions))

    def suspend(self, partitions: Iterable[TP]) -> None:
        self._stop_reading(set(partitions))

    def resume(self, partitions: Iterable[TP]) -> None:
        self._place(sorted(set(partitions) & self._assigned - self._read))
        self._soon()

    def wait_until_stable(self, partitions: Iterable[TP]) -> dict[TP, Commit]:
        partitions = list(partitions)
        deadline = self._loop.time() + _SETTLING_S
        while not self._broker.is_stable(partitions):
            if self._loop.time() > deadline:
                raise KafkaFault("the committed offsets are still about to change")
            self._loop.pass_time(0.01)
        offsets, metadata = self._broker.offsets, self._broker.metadata
        return {tp: Commit.of(offsets.get(tp, -1001), metadata.get(tp)) for tp in partitions}

    def rewind(self) -> None:
        self._rewinding = True
        self._soon()

    async def stop(self) -> None:
        self._broker.watchers.remove(self._soon)
        await self.give_up(lost=False)
        self._group.remove(self)

    # -- for the group

    async def give_up(self, lost: bool, keeps: Collection[TP] = ()) -> None:
        """Everything it has but these; a worker that dies meanwhile keeps nobody waiting."""
        # As the engine's own source, whose thread waits in the callback: nothing is fetched in the meantime.
        self._giving_up = True
        gone = self._assigned - set(keeps)
        if self._life.alive and gone:
            task = self._life.spawn(self._listener.on_revoked(sorted(gone), lost))
            await asyncio.wait([task])
        self._stop_reading(gone)
        self._assigned -= gone
        self._giving_up = False
        self._soon()

    async def be_given(self, partitions: set[TP], generation: int) -> None:
        """All that it has from now on; it is told what is new."""
        self._metadata = (self.member, generation)
        new, self._assigned = partitions - self._assigned, set(partitions)
        if self._life.alive and new:
            await asyncio.wait([self._life.spawn(self._listener.on_assigned(sorted(new)))])

    async def notice(self) -> None:
        """That the group has moved on without it: it comes back as a new member."""
        await self.give_up(lost=True)
        self._group.join(self)

    # -- fetching

    def _soon(self) -> None:
        if not self._pumping and self._life.alive:
            self._pumping = True
            self._loop.call_later(self._rng.choice((0.0005, 0.003, 0.02)), self._pump)

    def _pump(self) -> None:
        self._pumping = False
        if not self._life.alive or self._giving_up:
            return
        if self._rewinding:
            if not self._broker.is_stable(self._assigned):
                self._loop.call_later(0.01, self._soon)
                return
            self._client.resume(self._inflow.clear())
            self._place(sorted(self._read))
            self._rewinding = False
        room = max(0, self._batch - self._inflow.ready())
        fetched = self._guard.take(room, 0.0) if room else []
        self._inflow.add(fetched, sum(map(self._client.lag, self._inflow.own())), self._loop.time())
        change = self._inflow.change()
        self._client.pause(change.pause)
        self._client.resume(change.resume)
        if self._inflow.ready():
            self._arrived.set()
        elif self._client.has_more() or self._inflow:
            self._soon()

    def _stop_reading(self, partitions: set[TP]) -> None:
        self._inflow.leave(partitions)
        self._guard.forget([TopicPartition(*tp) for tp in sorted(partitions)])
        self._client.leave(partitions)
        self._read -= partitions

    def _place(self, partitions: Sequence[TP]) -> None:
        for tp in partitions:
            self._guard.seek(TopicPartition(*tp, self._broker.offsets.get(tp, OFFSET_BEGINNING)))
            self._read.add(tp)
        self._inflow.read(partitions)
