"""What all simulators share: the index of changes, pushes with retries, faults in their shares."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

import aiohttp
import pytest
from aiohttp import web

from connectors.simulators import registry
from connectors.simulators.counts import Counts
from connectors.simulators.faults import CALM, Faults, Rates, Scatter
from connectors.simulators.orders import Order, OrderStore
from connectors.simulators.pushing import Push, Pusher, Retries
from connectors.simulators.simulator import Options, Simulator, json_answer


def store(*numbers: str) -> OrderStore:
    orders = OrderStore()
    for at_ms, number in enumerate(numbers):
        orders.put(Order("shop", number, {}), at_ms)
    return orders


def numbers(orders: Sequence[Order]) -> str:
    return "".join(order.order_no for order in orders)


def test_pages_of_a_window_hold_each_order_once_in_both_directions() -> None:
    changes = store(*"abcdefg").changed("shop", 1, 5)
    assert len(changes) == 5
    assert [numbers(changes.page(page, 2, descending=False)) for page in (1, 2, 3, 4)] == ["bc", "de", "f", ""]
    assert [numbers(changes.page(page, 2, descending=True)) for page in (1, 2, 3, 4)] == ["fe", "dc", "b", ""]


def test_an_order_that_changes_moves_to_the_end_and_leaves_its_old_window() -> None:
    orders = store(*"abc")
    moved = orders.get("a")
    assert moved is not None
    orders.put(moved, 2)
    assert numbers(orders.changed("shop", 0, 1).page(1, 9, descending=False)) == "b"
    assert numbers(orders.changed("shop", 2, 2).page(1, 9, descending=False)) == "ca"
    assert len(orders.changed("other", 0, 9)) == 0


class Echo(Simulator):
    """The smallest platform: it counts what it carried out."""

    name = "echo"
    carried_out = 0

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post("/do", self._do)]

    def throttled(self, request: web.Request) -> web.StreamResponse:
        return json_answer({"wait": 1}, 429)

    async def _do(self, request: web.Request) -> web.Response:
        self.carried_out += 1
        return json_answer({})


async def called(url: str, times: int) -> Counter[str]:
    seen: Counter[str] = Counter()
    async with aiohttp.ClientSession() as session:
        for _ in range(times):
            try:
                async with session.post(f"{url}/do", data=b"{}") as answer:
                    seen[str(answer.status)] += 1
            except aiohttp.ClientError:
                seen["cut"] += 1
    return seen


def test_faults_come_in_their_shares_and_only_a_lost_answer_was_carried_out() -> None:
    async def run() -> tuple[Counter[str], Echo]:
        rates = Rates(errors=0.2, resets=0.1, lost_answers=0.05, throttle=0.1)
        async with Echo(Options(seed=7, faults=rates)) as echo:
            assert isinstance(echo, Echo)
            return await called(echo.url, 1000), echo

    seen, echo = asyncio.run(run())
    faults = echo.counts.faults
    assert seen["502"] == faults["errors"]
    assert seen["429"] == faults["throttle"] == echo.counts.throttled
    assert seen["cut"] == faults["resets"] + faults["lost_answers"]
    assert echo.carried_out == seen["200"] + faults["lost_answers"]
    # Shares of what reaches each step: 1000, 800, 720, 648 calls; four standard deviations either way.
    for kind, reached, share in (("errors", 1000, 0.2), ("resets", 800, 0.1), ("throttle", 720, 0.1)):
        assert abs(faults[kind] - reached * share) < 4 * (reached * share * (1 - share)) ** 0.5, kind
    assert 10 <= faults["lost_answers"] <= 58


def test_the_same_seed_fails_the_same_calls() -> None:
    async def run(seed: int) -> Counter[str]:
        async with Echo(Options(seed=seed, faults=Rates(errors=0.3, throttle=0.3))) as echo:
            return await called(echo.url, 60)

    assert asyncio.run(run(1)) == asyncio.run(run(1))


def test_controls_and_health_meet_no_faults_and_wrong_rates_are_refused() -> None:
    async def run() -> None:
        async with Echo(Options()) as echo, aiohttp.ClientSession(echo.url) as session:
            async with session.put("/_sim/faults", json={"errors": 1}) as answer:
                assert answer.status == 200
            assert await called(echo.url, 3) == {"502": 3}
            async with session.get("/health") as answer:
                assert answer.status == 200
            for wrong in ({"errors": 1.5}, {"error": 0.1}):
                async with session.put("/_sim/faults", json=wrong) as answer:
                    assert answer.status == 400
            async with session.get("/_sim/counts") as answer:
                assert (await answer.json())["faults"] == {"errors": 3}
            async with session.put("/_sim/faults", json={}) as answer:
                assert answer.status == 200
            assert await called(echo.url, 3) == {"200": 3}

    asyncio.run(run())


@asynccontextmanager
async def receiver(answers: list[int]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answers with these statuses, one after another, then 200; says what it was sent."""
    received: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        received.append(await request.read())
        return web.Response(status=answers.pop(0) if answers else 200)

    app = web.Application()
    app.add_routes([web.post("/", take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", received
    finally:
        await runner.cleanup()


def pusher(counts: Counts, gaps_s: Sequence[float]) -> Pusher:
    return Pusher(Retries(gaps_s, timeout_s=30, confirmed=lambda status, _: status == 200, scale=0.001), counts)


async def settled(pushes: Pusher) -> None:
    while pushes.pending:
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("answers", "acked", "retried", "given_up"),
    [([], 1, 0, 0), ([500, 503], 1, 2, 0), ([500] * 4, 0, 3, 1)],
    ids=["taken at once", "taken the third time", "never taken"],
)
def test_a_push_comes_again_until_it_is_confirmed_or_the_platform_gives_up(
    answers: list[int], acked: int, retried: int, given_up: int
) -> None:
    async def run() -> None:
        counts, times = Counts(), len(answers) + acked
        pushes = pusher(counts, (10, 20, 40))
        await pushes.start()
        async with receiver(list(answers)) as (url, received):
            pushes.send(Push(url, {}, b"hello"))
            await settled(pushes)
        await pushes.close()
        assert received == [b"hello"] * times
        assert (counts.pushes, counts.pushes_acked) == (times, acked)
        assert (counts.pushes_retried, counts.pushes_given_up) == (retried, given_up)

    asyncio.run(run())


def test_nobody_listening_is_a_push_to_repeat() -> None:
    async def run() -> None:
        counts = Counts()
        pushes = pusher(counts, (1,))
        await pushes.start()
        pushes.send(Push("http://127.0.0.1:1/", {}, b""))
        await settled(pushes)
        await pushes.close()
        assert (counts.pushes, counts.pushes_acked, counts.pushes_given_up) == (2, 0, 1)

    asyncio.run(run())


def scattered(rates: Rates, count: int) -> tuple[list[int], Counter[str]]:
    async def run() -> tuple[list[int], Counter[str]]:
        sent: list[int] = []
        faults = Faults(rates, Random(3), Counter())
        scatter = Scatter(faults, sent.append)
        for number in range(count):
            scatter.put(number)
        scatter.release()
        return sent, faults.seen

    return asyncio.run(run())


def test_pushes_are_lost_doubled_and_overtaken_as_counted() -> None:
    assert scattered(CALM, 50)[0] == list(range(50))
    sent, seen = scattered(Rates(lost_pushes=0.1), 400)
    assert sent == sorted(sent) and len(sent) == 400 - seen["lost_pushes"] and 16 < seen["lost_pushes"] < 64
    sent, seen = scattered(Rates(duplicate_pushes=0.1), 400)
    assert sent == sorted(sent) and len(sent) == 400 + seen["duplicate_pushes"] and seen["duplicate_pushes"] > 16
    sent, seen = scattered(Rates(reorder_pushes=0.1), 400)
    assert sorted(sent) == list(range(400)) and sent != sorted(sent) and seen["reorder_pushes"] > 16


def test_keys_are_others_at_each_start_and_the_same_within_one() -> None:
    def secret_of(options: Options) -> set[str]:
        found = [shop for name in ("taobao", "shopify") for shop in registry.simulator(name, options).shops.values()]  # type: ignore[attr-defined]
        account = registry.simulator("kuaidi100", options).account  # type: ignore[attr-defined]
        return {value for it in found for value in (it.secret, it.token)} | {account.key, account.secret, account.salt}

    once = Options(seed=3)
    assert secret_of(once) == secret_of(once)
    assert not secret_of(once) & secret_of(Options(seed=3))
    assert once.keys not in repr(once)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
        ({"Host": "localhost:{port}"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": "evil.example:{port}"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
    ],
)
def test_controls_are_for_this_machine_and_no_page_of_somebody_else(headers: dict[str, str], status: int) -> None:
    async def run() -> None:
        async with Echo(Options()) as sim, aiohttp.ClientSession() as http:
            port = sim.url.rpartition(":")[2]
            sent = {name: value.format(port=port) for name, value in headers.items()}
            async with http.get(f"{sim.url}/_sim/counts", headers=sent) as answer:
                assert answer.status == status
            async with http.put(f"{sim.url}/_sim/faults", data=b"{}", headers=sent) as answer:
                assert answer.status == status

    asyncio.run(run())
