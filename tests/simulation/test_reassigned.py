"""Partitions that are taken away while their state is being restored, and come back: they are not ready before it is complete."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from schemas.codec import CODEC
from tests.domain.make import stock
from tests.simulation.clients import Clients
from tests.simulation.clock import SimLoop
from tests.simulation.group import Group, SimSource
from tests.simulation.kafka import Broker
from tests.simulation.worker import INPUTS, PARTITIONS, Slot, changelogs, simulated

ONE = {(topic, 1) for topic in INPUTS}
ONE_HELD = {*ONE, *((topic, 1) for topic in changelogs())}
ALL = {(topic, p) for topic, _ in ONE_HELD for p in range(PARTITIONS)}

Moves = Callable[[SimSource], Awaitable[None]]


async def taken_and_partly_given_back(source: SimSource) -> None:
    """As the classic protocol does in a storm of joining workers."""
    await source.be_given(ALL, 2)
    await source.give_up(lost=False)
    await source.be_given(ONE_HELD, 3)


async def partly_taken(source: SimSource) -> None:
    """As the new protocol does: what stays is not mentioned."""
    await source.be_given(ALL, 2)
    await source._listener.on_revoked(sorted(ALL - ONE_HELD), False)


@pytest.mark.parametrize("moves", [taken_and_partly_given_back, partly_taken])
def test_a_restore_cut_short_is_not_taken_for_complete(moves: Moves) -> None:
    loop = SimLoop(Random(1))
    broker = Broker(loop, Random(1), PARTITIONS, lambda entries: None)
    group = Group(broker, Random(1))
    changelog = next(topic for topic, table in changelogs().items() if table == "stock")
    key = next(sku for sku in (b"A", b"B", b"C", b"D", b"E") if broker.partition_of(changelog, sku)[1] == 1)

    async def move() -> None:
        slot.start()
        await asyncio.sleep(1.0)
        assert slot.source is not None and slot.life is not None and slot.life.cycle is not None
        await slot.source.give_up(lost=False)
        # Another worker had the partition meanwhile.
        broker.publish(changelog, key, CODEC.encode("Stock", stock(sku=key.decode())))
        await moves(slot.source)
        await asyncio.sleep(1.0)
        assert slot.life.cycle.holding.ready == ONE
        assert key in slot.disk.items.get(("stock", 1), {}), "ready, and its state is not what its changelog says"

    with simulated(loop, group, Random(1), Clients(broker, lambda: None)):
        slot = Slot(0, loop, broker, group, Random(1))
        try:
            loop.run_until_complete(move())
        finally:
            assert slot.life is not None
            slot.life.crash()
            loop.finish()
