"""A changelog that lost its end, offsets that somebody has set: workers with new disks refuse; an engine that doesn't look decides wrong.

What a broker does that was elected uncleanly, and can't be made to do on one machine: the end of a partition is gone, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from unittest import mock

import pytest

import streams.engine.tying
from streams.engine.errors import Untied
from tests.simulation.history import History
from tests.simulation.kafka import Broker
from tests.simulation.truth import Violation
from tests.simulation.worker import INPUTS, PARTITIONS, changelogs

SEEDS = range(8)
CHANNELS = [topic for topic in INPUTS if topic.startswith("channel.")]


def end_lost(broker: Broker, entries: int) -> None:
    """So many entries, the marker among them."""
    for topic, table in changelogs().items():
        if table == "seen":
            for partition in range(PARTITIONS):
                del broker.logs.get((topic, partition), [])[-entries:]


def moved(broker: Broker, by: int) -> None:
    for tp in [tp for tp in broker.offsets if tp[0] in CHANNELS]:
        broker.offsets[tp] = max(0, broker.offsets[tp] + by)
        broker.metadata[tp] = None


LOSSES: dict[str, Callable[[Broker], None]] = {
    "a changelog's last record": lambda broker: end_lost(broker, 2),
    "a changelog's end": lambda broker: end_lost(broker, 9),
    "all of a changelog": lambda broker: end_lost(broker, 1_000_000),
    "offsets set back": lambda broker: moved(broker, -3),
    "offsets set on": lambda broker: moved(broker, 2),
}


class Interrupted(History):
    """A shop's day; then everything stops, something is lost, and workers with new disks start while the day is told again."""

    def __init__(self, seed: int, lose: Callable[[Broker], None]) -> None:
        super().__init__(seed, disturbed=False)
        self._lose = lose
        self.accepted = (0, 0)

    async def _run(self) -> None:
        for slot in self._slots:
            slot.start()
        self._stock_up()
        for event in self.events:
            self._broker.publish(event.topic, event.key.encode(), event.value, misplaced=event.misplaced)
        await self._at_rest()
        for slot in self._slots:
            await self._leave_for_good(slot)
        before = self._orders()
        if self._lose is LOSSES["offsets set on"]:
            self._tell_again()
        self._lose(self._broker)
        for slot in self._slots:
            slot.new_disk()
            slot.start()
        self._tell_again()
        try:
            await self._at_rest()
        except Violation:
            await asyncio.sleep(5.0)
            if self._failures():
                return
            raise
        finally:
            self.accepted = before, self._orders()

    async def _leave_for_good(self, slot: object) -> None:
        life = slot.life  # type: ignore[attr-defined]
        life.cycle.stop_soon()
        while not life.over:
            await asyncio.sleep(0.05)

    def _tell_again(self) -> None:
        for event in self.events:
            if event.topic in CHANNELS:
                self._broker.publish(event.topic, event.key.encode(), event.value, misplaced=event.misplaced)

    def _orders(self) -> int:
        return sum(entry.topic() == "orders" for entry in self.committed())

    def _failures(self) -> list[Exception]:
        return [slot.life.failure for slot in self._slots if slot.life is not None and slot.life.failure is not None]


@pytest.mark.parametrize("loss", LOSSES)
def test_nobody_decides_on_lost_ground(loss: str) -> None:
    refused = 0
    for seed in SEEDS:
        history = Interrupted(seed, LOSSES[loss])
        history.run()
        for failure in history._failures():
            assert isinstance(failure, Untied), failure
            refused += 1
        if len(history._failures()) == len(history._slots):
            assert history.accepted[0] == history.accepted[1]
        else:
            assert loss == "a changelog's last record", "a worker whose shards are whole goes on"
    assert refused >= len(SEEDS)


@pytest.mark.parametrize("loss", ["a changelog's end", "all of a changelog"])
def test_an_engine_that_does_not_look_decides_twice(loss: str) -> None:
    twice = 0
    with mock.patch.object(streams.engine.tying, "of_shards", lambda *_: []):
        for seed in SEEDS:
            history = Interrupted(seed, LOSSES[loss])
            try:
                history.run()
            except Violation:
                twice += 1
            else:
                twice += history.accepted[1] > history.accepted[0]
    assert twice > len(SEEDS) // 2
