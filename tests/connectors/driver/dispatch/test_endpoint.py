"""When an endpoint may be called: the platform's wish, the breaker, the rate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiolimiter import AsyncLimiter

from connectors.driver.dispatch.endpoint import Endpoint
from connectors.driver.dispatch.limits import Limits
from connectors.endings import CallError, Throttled, Unavailable
from connectors.platforms.base import Refused

LIMITS = Limits(
    calls=(1_000, 1), platform=(1_000, 1), concurrent=8, failures=3, open_s=0.3, settle_s=0.1, tries=3, again_s=0.1
)


class Answers:
    """An endpoint that ends each call as it is told to."""

    def __init__(self) -> None:
        self.states: list[bool] = []
        self.endpoint = Endpoint("taobao/home", LIMITS, AsyncLimiter(1000, 1), self.states.append)
        self.calls = 0

    async def call(self, ends: Exception | None = None, during: Callable[[], Awaitable[None]] | None = None) -> None:
        async def what() -> None:
            self.calls += 1
            if during is not None:
                await during()
            if ends is not None:
                raise ends

        async with self.endpoint.turn() as turn:
            await turn.call(what)

    async def fail(self, times: int) -> None:
        for _ in range(times):
            with pytest.raises(CallError):
                await self.call(Unavailable("away"))


def test_a_breaker_opens_after_failures_in_a_row_and_one_call_tries_it() -> None:
    async def run() -> None:
        it = Answers()
        await it.fail(2)
        await it.call()
        await it.fail(2)
        assert it.states == []
        await it.fail(1)
        assert it.states == [True] and it.endpoint.is_open
        waiting = [asyncio.create_task(it.call()) for _ in range(5)]
        await asyncio.sleep(0)
        assert it.calls == 6  # none goes while it is open
        await asyncio.gather(*waiting)
        assert it.states == [True, False]
        assert it.calls == 11

    asyncio.run(run())


def test_while_one_call_tries_the_others_wait_and_a_failure_opens_it_again() -> None:
    async def run() -> None:
        it = Answers()
        await it.fail(3)
        seen: list[int] = []
        under_way, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            under_way.set()
            await go_on.wait()

        trying = asyncio.create_task(it.call(Unavailable("still away"), slow))
        await under_way.wait()
        others = [asyncio.create_task(it.call()) for _ in range(3)]
        await asyncio.sleep(0.05)
        seen.append(it.calls)
        go_on.set()
        with pytest.raises(Unavailable):
            await trying
        assert it.endpoint.is_open
        await asyncio.gather(*others)
        assert seen == [4]
        assert not it.endpoint.is_open

    asyncio.run(run())


def test_a_trial_that_is_given_up_leaves_the_way_free() -> None:
    async def run() -> None:
        it = Answers()
        await it.fail(3)
        entered = asyncio.Event()

        async def never_calls() -> None:
            async with it.endpoint.turn():
                entered.set()
                await asyncio.Event().wait()

        trying = asyncio.create_task(never_calls())
        await entered.wait()
        other = asyncio.create_task(it.call())
        trying.cancel()
        await asyncio.wait_for(other, 30)
        assert not it.endpoint.is_open

    asyncio.run(run())


def test_a_no_is_an_answer_and_a_throttled_platform_is_left_alone() -> None:
    async def run() -> None:
        it = Answers()
        for _ in range(5):
            with pytest.raises(Refused):
                await it.call(Refused("NUMBER_WRONG", "no"))
        assert not it.endpoint.is_open
        loop = asyncio.get_running_loop()
        with pytest.raises(Throttled):
            await it.call(Throttled("too often", 0.4))
        began = loop.time()
        await it.call()
        assert loop.time() - began >= 0.35
        assert not it.endpoint.is_open

    asyncio.run(run())


def test_calls_that_were_throttled_together_meet_one_limit_and_where_no_wait_is_named_it_is_a_second() -> None:
    async def run() -> None:
        it = Answers()
        loop = asyncio.get_running_loop()
        slowly = asyncio.create_task(it.call(Throttled("too often", None), lambda: asyncio.sleep(0.6)))
        await asyncio.sleep(0)
        began = loop.time()
        with pytest.raises(Throttled):
            await it.call(Throttled("too often", None))
        with pytest.raises(Throttled):
            await slowly
        await it.call()
        # Not a second after the later one.
        assert 0.95 <= loop.time() - began < 1.5

    asyncio.run(run())
