"""One shop's lane: an order's parcels are told in different seconds, as its platform dates it; other orders don't wait for that."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from connectors.logistics.lane import Lane
from connectors.logistics.progress import Assignment
from connectors.logistics.submission import Answer, Job
from tests.connectors.logistics.make import request


class Told:
    """Says yes to everything, and remembers when."""

    shopkeeper = None

    def __init__(self) -> None:
        self.at: list[tuple[str, float]] = []

    async def submit(self, job: Job) -> Answer:
        self.at.append((job.request["request_id"], time.monotonic()))
        return Answer("SHIPPED", "", "", "SF", "SF1")


def test_two_parcels_of_an_order_are_told_in_different_seconds() -> None:
    async def scenario() -> None:
        told = Told()
        lane = Lane("taobao/home", told, None, lambda: None)  # type: ignore[arg-type]
        running = asyncio.create_task(lane.run())
        assignment = Assignment(None, {})
        for number, (order, shipment) in enumerate((("taobao:1", "a"), ("taobao:1", "b"), ("taobao:2", "c"))):
            asked: Any = request(order_id=order, shipment_id=shipment)
            lane.add(Job(asked, assignment, 0, number, False))
        while len(told.at) < 3:
            await asyncio.sleep(0.01)
        at = dict(told.at)
        # Platforms date by the second: two changes in one would be one version with two contents.
        assert at["b#1"] - at["a#1"] > 1.0
        assert at["c#1"] < at["b#1"]
        # Nothing is left under way, and giving up what is over does not wait.
        await lane.give_up(assignment, 60)
        running.cancel()

    asyncio.run(scenario())
