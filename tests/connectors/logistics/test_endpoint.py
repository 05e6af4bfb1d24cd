"""When an endpoint may be called: the platform's wish, the breaker, the rate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiolimiter import AsyncLimiter

from connectors.logistics.endpoint import Endpoint
from connectors.logistics.limits import LimitsBook
from connectors.logistics.progress import Progress
from connectors.platforms.base import PlatformError, Refused, Throttled, Unavailable
from streams.settings import InvalidSetting


class Answers:
    """An endpoint that ends each call as it is told to."""

    def __init__(self, tmp_path: Path, figures: str = "") -> None:
        path = tmp_path / "limits.toml"
        path.write_text(f"[default]\ncalls = [1000, 1]\nfailures = 3\nopen_s = 0.3\n{figures}")
        self.states: list[bool] = []
        limits = LimitsBook(path).of("taobao", "home")
        self.endpoint = Endpoint("taobao/home", limits, AsyncLimiter(1000, 1), self.states.append)
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
            with pytest.raises(PlatformError):
                await self.call(Unavailable("away"))


def test_a_breaker_opens_after_failures_in_a_row_and_one_call_tries_it(tmp_path: Path) -> None:
    async def run() -> None:
        it = Answers(tmp_path)
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


def test_while_one_call_tries_the_others_wait_and_a_failure_opens_it_again(tmp_path: Path) -> None:
    async def run() -> None:
        it = Answers(tmp_path)
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


def test_a_trial_that_is_given_up_leaves_the_way_free(tmp_path: Path) -> None:
    async def run() -> None:
        it = Answers(tmp_path)
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


def test_a_no_is_an_answer_and_a_throttled_platform_is_left_alone(tmp_path: Path) -> None:
    async def run() -> None:
        it = Answers(tmp_path)
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


def test_limits_are_layered(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[default]\nsettle_s = 7\n[pdd]\nconcurrent = 3\n[shop."pdd-home"]\ncalls = [2, 1]\n')
    book = LimitsBook(path)
    assert (book.of("pdd", "pdd-home").calls, book.of("pdd", "pdd-other").calls) == ((2, 1), (100, 1))
    assert (book.of("pdd", "pdd-home").concurrent, book.of("jd", "jd-pop").concurrent) == (3, 8)
    assert {book.of(name).settle_s for name in ("pdd", "jd", "cainiao")} == {7}
    assert LimitsBook().of("pdd").platform == (5000, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[default", "is not TOML"),
        ("[ebay]\n", "'ebay' is not known"),
        ("[pdd]\nspeed = 1\n", "[pdd]: 'speed' is not known"),
        ("[pdd]\ncalls = 5\n", "[pdd]: calls is 5: [calls, seconds]"),
        ("[pdd]\ncalls = [0, 1]\n", "calls is [0, 1]"),
        ("[pdd]\nconcurrent = 0\n", "concurrent is 0: a whole number, at least 1"),
        ("[pdd]\nfailures = 1.5\n", "failures is 1.5"),
        ('[shop."x"]\nopen_s = -1\n', '[shop."x"]: open_s is -1: a number, at least 0'),
    ],
)
def test_wrong_limits_are_told_with_their_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InvalidSetting) as told:
        LimitsBook(path)
    assert says in str(told.value)


def test_a_successor_begins_before_the_first_unfinished_request() -> None:
    it = Progress(10, 10)
    for offset in (10, 11, 13):
        it.begin(offset)
    assert it.position() == 10
    assert it.position({11}) == 10
    assert it.position({10}) == 11
    assert it.position({10, 11}) == 13
    it.finish({11})
    assert it.position({10}) == 13
    it.finish({10, 13})
    assert it.position() == 14
    it.reach(16)  # markers at the end
    assert it.position() == 16
    it.begin(16)
    assert it.position() == 16
