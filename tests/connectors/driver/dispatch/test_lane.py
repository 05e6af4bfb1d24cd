"""Which of an account's requests goes next: the key that has the most urgent one, its requests in their order."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from connectors.driver.dispatch.contract import Answer
from connectors.driver.dispatch.job import Job, Request
from connectors.driver.dispatch.lane import Lane


class Clerk:
    """Notes what it is given; one at a time."""

    def __init__(self) -> None:
        self.dealt: list[str] = []
        self.endpoint: Any = SimpleNamespace(limits=SimpleNamespace(concurrent=1), available=lambda: asyncio.sleep(0))

    async def deal(self, job: Job) -> Answer:
        self.dealt.append(job.request.id)
        return Answer((), "DONE")

    def fault(self, request: Request, exc: Exception) -> Answer:
        raise exc


class Told:
    """In place of the ledger: all of it is in the log at once."""

    async def tell(self, *_: object) -> None:
        await asyncio.sleep(0)


def dealt(*requests: tuple[str, str, int]) -> list[str]:
    """(key, id, due) -> ids as they were dealt with."""

    async def run() -> list[str]:
        clerk = Clerk()
        lane = Lane("requests", "shop", clerk, lambda: None)
        for offset, (key, ident, due_ms) in enumerate(requests):
            request = Request(key, ident, ("system", "shop"), due_ms, False, None)
            lane.add(Job(request, Told(), 0, offset, False, Told()))  # type: ignore[arg-type]
        running = asyncio.create_task(lane.run())
        async with asyncio.timeout(10):
            while len(clerk.dealt) < len(requests):
                await asyncio.sleep(0)
        running.cancel()
        return clerk.dealt

    return asyncio.run(run())


def test_what_is_due_first_goes_first() -> None:
    assert dealt(("a", "a1", 3), ("b", "b1", 1), ("c", "c1", 2)) == ["b1", "c1", "a1"]


def test_what_stands_before_an_urgent_request_of_its_key_is_urgent_with_it() -> None:
    assert dealt(("a", "a1", 9), ("b", "b1", 5), ("b", "b2", 6), ("a", "a2", 1)) == ["a1", "a2", "b1", "b2"]
