"""A worker that is told to stop between two deliveries stops: what it hands to nobody, it doesn't wait for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from streams.engine import Batches, Metrics, Options
from streams.engine.delivery import Courier
from streams.engine.errors import Stopped
from streams.engine.refusals import Refusals
from streams.engine.work import Work


class Channel:
    """A topic whose stream reads nothing any more."""

    topics = ("orders",)
    schema = Batches()

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()

    async def decode(self, message: Any, propagate: bool) -> Any:
        return message


@contextlib.contextmanager
def attempting(partition: int) -> Iterator[Work]:
    yield Work()


def test_a_delivery_after_the_stop_is_not_waited_for() -> None:
    async def stopped() -> None:
        app = SimpleNamespace(conf=SimpleNamespace(id="app"), topics=[Channel()], consumer_generation_id=1)
        courier = Courier(app, attempting, Refusals(10), Options(), Metrics(CollectorRegistry()))
        courier.route({"orders": 2})
        # Between two partitions' ticks: none is under way.
        courier.give_up(Stopped())
        with pytest.raises(Stopped):
            await asyncio.wait_for(courier.tick(Work(), ("orders", 1), 1), 5.0)

    asyncio.run(stopped())
