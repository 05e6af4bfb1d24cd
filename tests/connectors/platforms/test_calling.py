"""Which error a call ends in when there is no answer that can be read: to the byte, for each platform."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import web

from connectors.endings import CallError, Throttled, Unavailable, Unsure
from connectors.platforms.client import CLIENTS
from tests.connectors.platforms.rig import RawServer, Server, connected, parcel

CHANNELS = tuple(CLIENTS)
# Shopify reads before it ships: its call that changes something is the mutation.
SHIPPING = tuple(channel for channel in CHANNELS if channel != "shopify")


async def ship(channel: str, url: str, **settings: Any) -> type[CallError]:
    async with connected(channel, url, **settings) as platform:
        with pytest.raises(CallError) as problem:
            await platform.ship(parcel("300000000001"))
        return type(problem.value)


async def read(channel: str, url: str, **settings: Any) -> set[type[CallError]]:
    kinds: set[type[CallError]] = set()
    async with connected(channel, url, **settings) as platform:
        with pytest.raises(CallError) as problem:
            await platform.order("300000000001")
        kinds.add(type(problem.value))
        with pytest.raises(CallError) as problem:
            await platform.standing("300000000001")
        kinds.add(type(problem.value))
        with pytest.raises(CallError) as problem:
            [page async for page in platform.changed(1_767_230_000_000, 1_767_230_060_000)]
        kinds.add(type(problem.value))
    return kinds


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "https://127.0.0.1:{port}", "ftp://127.0.0.1", "no url"])
def test_what_never_left_the_house_was_certainly_not_carried_out(channel: str, url: str) -> None:
    async def run() -> None:
        there = url.format(port=closed_port())
        assert await ship(channel, there) is Unavailable
        assert await read(channel, there) == {Unavailable}

    asyncio.run(run())


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_time_out_while_connecting_is_not_carried_out(channel: str) -> None:
    async def run() -> None:
        with socket.socket() as full:
            # Its queue of one is full and nobody accepts: connecting never ends.
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            port = full.getsockname()[1]
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            assert await ship(channel, f"http://127.0.0.1:{port}", connect_s=0.2, total_s=30) is Unavailable
            for one in waiting:
                one.close()

    asyncio.run(run())


ANSWERS: dict[str, bytes] = {
    "cut without a byte": b"",
    "cut within the head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "cut within the body": b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half": ',
    "no HTTP": b"what?\r\n\r\n",
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("channel", SHIPPING)
def test_a_request_that_was_sent_and_not_answered_is_unsure_for_a_shipment_and_not_for_a_read(
    channel: str, answer: str
) -> None:
    async def run() -> None:
        async with RawServer(ANSWERS[answer]) as server:
            assert await ship(channel, server.url) is Unsure
            assert server.requests == 1
            assert await read(channel, server.url) == {Unavailable}

    asyncio.run(run())


def test_an_answer_that_never_comes_is_waited_for_no_longer_than_said() -> None:
    async def run() -> None:
        async with RawServer(None) as server:
            assert await ship("taobao", server.url, total_s=0.5) is Unsure

    asyncio.run(run())


PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
UNREADABLE: dict[str, web.Response | bytes] = {
    "empty": b"",
    "an empty object": b"{}",
    "a list": b"[]",
    "null": b"null",
    "half a text": b'{"code": "0", "x": ',
    "not UTF-8": b'{"x": "\xff"}',
    "a page": PAGE,
    "another answer's name": b'{"code": 10000, "some_response": {"is_success": true}}',
}


@pytest.mark.parametrize("answer", UNREADABLE)
@pytest.mark.parametrize("channel", SHIPPING)
def test_an_answer_nobody_can_read_is_no_answer(channel: str, answer: str) -> None:
    async def run() -> None:
        async with Server(lambda _: UNREADABLE[answer]) as server:
            assert await read(channel, server.url) == {Unavailable}
            if (channel, answer) != ("douyin", "another answer's name"):  # its success is its code alone
                assert await ship(channel, server.url) is Unsure

    asyncio.run(run())


@pytest.mark.parametrize("status", [500, 502, 503, 504, 404, 302])
@pytest.mark.parametrize("channel", SHIPPING)
def test_an_error_page_of_whatever_status_is_no_answer(channel: str, status: int) -> None:
    async def run() -> None:
        async with Server(lambda _: web.Response(body=PAGE, status=status, content_type="text/html")) as server:
            assert await ship(channel, server.url) is Unsure
            assert await read(channel, server.url) == {Unavailable}

    asyncio.run(run())


@pytest.mark.parametrize("channel", CHANNELS)
def test_http_429_is_throttling_for_as_long_as_it_says(channel: str) -> None:
    async def run() -> None:
        limited = web.Response(status=429, headers={"Retry-After": "7"})
        async with Server(lambda _: web.Response(status=429, headers=limited.headers)) as server:
            async with connected(channel, server.url) as platform:
                with pytest.raises(Throttled) as throttled:
                    await platform.ship(parcel("300000000001"))
        assert throttled.value.wait_s == 7

    asyncio.run(run())


def test_connections_are_kept_and_calls_run_beside_each_other() -> None:
    async def run() -> None:
        addresses = set()

        def answer(asked: Any) -> Any:
            addresses.add(asked.peer)
            return {"trade_fullinfo_get_response": {"trade": {"tid": int(asked.form["tid"]), "modified": NOW}}}

        async with Server(answer) as server, connected("taobao", server.url, connections=3) as platform:
            for _ in range(3):
                found = await asyncio.gather(*(platform.order(str(number)) for number in range(1, 11)))
                assert [snapshot.order_no for snapshot in found] == [str(number) for number in range(1, 11)]
        assert len(addresses) == 3

    asyncio.run(run())


NOW = "2026-01-01 12:00:00"


def test_neither_secrets_nor_phone_numbers_are_in_an_error() -> None:
    async def run() -> None:
        said = "token test-token of app test-secret, receiver 13812345678\nsecond line"
        error = {"code": 15, "msg": "no", "sub_code": "isv.other", "sub_msg": said}
        async with Server(lambda _: {"error_response": error}) as server:
            async with connected("taobao", server.url) as platform:
                with pytest.raises(CallError) as problem:
                    await platform.order("1")
        assert str(problem.value) == "taobao answered taobao.trade.fullinfo.get with isv.other"
        assert "receiver 138***** second line" in problem.value.said
        assert "test-token" not in problem.value.said
        assert "test-secret" not in problem.value.said
        assert problem.value.code == "isv.other"

    asyncio.run(run())


def test_what_a_shipment_depends_on_is_read_again_but_a_shipment_is_not_sent_again() -> None:
    async def run(reads_failing: int) -> tuple[Any, list[str]]:
        asked: list[str] = []

        def answer(one: Any) -> Any:
            method = one.form["type"]
            asked.append(method)
            if method == "pdd.logistics.online.send":
                return {"error_response": {"error_code": 50001, "sub_msg": "订单已发货"}}
            if asked.count(method) <= reads_failing:
                return web.Response(status=502)
            order = {"order_sn": "1", "order_status": 2, "tracking_number": "YT0000000000001"}
            return {"order_info_get_response": {"order_info": order}}

        async with Server(answer) as server, connected("pdd", server.url) as platform:
            try:
                return (await platform.ship(parcel("1"))).outcome, asked
            except CallError as problem:
                return type(problem), asked

    read, sent = "pdd.order.information.get", "pdd.logistics.online.send"
    assert asyncio.run(run(3)) == ("ALREADY_SHIPPED", [sent, *[read] * 4])
    assert asyncio.run(run(4)) == (Unavailable, [sent, *[read] * 4])


def test_an_address_that_can_not_be_used_does_not_show_its_token() -> None:
    async def run() -> None:
        async with connected("douyin", "http://[nowhere") as platform:
            with pytest.raises(Unavailable) as problem:
                await platform.order("1")
        assert "test-token" not in str(problem.value)
        assert problem.value.__cause__ is None
        assert "nowhere" in str(problem.value)

    asyncio.run(run())


SUCCESSES = {
    "taobao": {"logistics_offline_send_response": {"shipping": {"is_success": True}}},
    "jd": {"jingdong_pop_order_shipment_responce": {"code": "0", "sopjosshipment_result": {"success": "true"}}},
    "pdd": {"logistics_online_send_response": {"is_success": True}},
    "douyin": {"code": 10000, "data": {}},
}


@pytest.mark.parametrize("channel", SHIPPING)
def test_a_success_with_an_errors_status_is_unsure_and_no_redirection_is_followed(channel: str) -> None:
    async def run() -> None:
        statuses = iter((500, 302))

        def answer(asked: Any) -> Any:
            if asked.path == "/elsewhere":
                return SUCCESSES[channel]
            return web.json_response(SUCCESSES[channel], status=next(statuses), headers={"Location": "/elsewhere"})

        async with Server(answer) as server:
            assert await ship(channel, server.url) is Unsure
            assert await ship(channel, server.url) is Unsure
            assert len(server.asked) == 2
            async with connected(channel, f"{server.url}/elsewhere") as platform:
                if channel != "douyin":  # which adds its own path
                    assert (await platform.ship(parcel("300000000001"))).outcome == "SHIPPED"

    asyncio.run(run())
