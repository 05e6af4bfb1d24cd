"""PDD's simulator: signatures, paging, shipping, limits, and the message socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMessageTypeError, WSServerHandshakeError
from yarl import URL

from connectors.generator.shapes import pdd as shape
from connectors.platforms.signing import pdd as sign
from connectors.platforms.signing import pdd_messages_path
from connectors.shops import Shop
from connectors.simulators.faults import Rates
from connectors.simulators.pdd import PddSimulator
from connectors.simulators.pdd_limits import Limit, Limits
from connectors.simulators.pdd_shipping import PddError
from connectors.simulators.registry import simulator
from connectors.simulators.simulator import Options
from tests.connectors.simulators.sales import sale

SHOP = "pdd-home"
SF = {"logistics_id": "44", "tracking_number": "SF0000000000001"}


class Caller:
    """Signs and calls as a merchant's app does."""

    def __init__(self, sim: PddSimulator, session: aiohttp.ClientSession) -> None:
        self.sim, self.session, self.shop = sim, session, sim.shops[SHOP]

    def signed(self, type_: str, **params: Any) -> dict[str, str]:
        form = {
            "type": type_,
            "client_id": self.shop.app_key,
            "access_token": self.shop.token,
            "timestamp": str(int(time.time())),
            "data_type": "JSON",
            **{name: str(value) for name, value in params.items()},
        }
        return {**form, "sign": sign(self.shop.secret, form)}

    async def post(self, form: dict[str, str]) -> Any:
        async with self.session.post(f"{self.sim.url}/api/router", data=form) as answer:
            assert answer.status == 200
            return await answer.json()

    async def __call__(self, type_: str, **params: Any) -> Any:
        return await self.post(self.signed(type_, **params))

    async def send(self, order: str, **params: Any) -> Any:
        return await self("pdd.logistics.online.send", order_sn=order, **{**SF, **params})


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[tuple[PddSimulator, Caller]]:
    async with simulator("pdd", Options(**options)) as sim, aiohttp.ClientSession() as session:
        assert isinstance(sim, PddSimulator)
        yield sim, Caller(sim, session)


def code(answer: Any) -> tuple[int, str]:
    error = answer["error_response"]
    return error["error_code"], error["sub_msg"]


def test_calls_that_are_tampered_with_stale_or_of_another_are_refused() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            form = call.signed("pdd.logistics.companies.get")
            assert "logistics_companies_get_response" in await call.post(form)
            assert code(await call.post({**form, "page": "2"}))[0] == 20004
            assert code(await call.post({**form, "access_token": "other"}))[0] == 10019
            assert code(await call.post({**form, "client_id": "other"}))[0] == 10016
            assert code(await call.post({**form, "type": "pdd.nothing"}))[0] == 10017
            call.shop = Shop(**{**vars(call.shop), "secret": "other"})
            assert code(await call("pdd.logistics.companies.get"))[0] == 20004
            call.shop = sim.shops[SHOP]
            old = {**call.signed("pdd.logistics.companies.get"), "timestamp": "1700000000"}
            assert code(await call.post({**old, "sign": sign(call.shop.secret, old)}))[0] == 10001
            endless = {**old, "timestamp": "9" * 5000}
            assert code(await call.post({**endless, "sign": sign(call.shop.secret, endless)}))[0] == 10001
            assert sim.counts.bad_signatures == 2

    asyncio.run(run())


def test_the_receiver_is_shown_as_ciphertext_and_only_while_the_order_is_to_be_shipped() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            order = sim.place(SHOP, shape.snapshot(sale("pdd"), "paid", 0)).order_no

            async def phone() -> str:
                answer = await call("pdd.order.information.get", order_sn=order)
                return str(answer["order_info_get_response"]["order_info"]["receiver_phone"])

            assert (await phone()).startswith("$")
            assert (await call.send(order))["logistics_online_send_response"]["is_success"] is True
            assert await phone() == ""

    asyncio.run(run())


def test_an_increment_is_read_from_its_last_page_and_no_longer_than_half_an_hour() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            numbers = [sim.place(SHOP, shape.snapshot(sale("pdd", n), "paid", 0)).order_no for n in range(1, 6)]
            sim.place("pdd-outlet", shape.snapshot(sale("pdd", 9), "paid", 0))
            now = int(time.time())
            span = {"start_updated_at": now - 600, "end_updated_at": now + 5}

            async def page(**params: Any) -> Any:
                answer = await call("pdd.order.number.list.increment.get", **{**span, "page_size": 2, **params})
                return answer["order_sn_increment_get_response"]

            assert (await page())["total_count"] == 5
            pages = [[row["order_sn"] for row in (await page(page=n))["order_sn_list"]] for n in (3, 2, 1)]
            assert pages == [numbers[:1], numbers[2:0:-1], numbers[:2:-1]]
            more = [await page(page=n, use_has_next="true") for n in (1, 3)]
            assert [(m["has_next"], "total_count" in m) for m in more] == [(True, False), (False, False)]
            assert (await page(order_status=2))["total_count"] == 0
            long = {"start_updated_at": now - 1801, "end_updated_at": now}
            assert code(await call("pdd.order.number.list.increment.get", **long))[0] == 10001
            assert code(await call("pdd.order.number.list.increment.get", **span, page_size=101))[0] == 10001

    asyncio.run(run())


def test_a_parcel_ships_an_order_once_and_further_ones_are_added_to_it() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            order = sim.place(SHOP, shape.snapshot(sale("pdd"), "paid", 0))
            extra = {"order_sn": order.order_no, "extra_track_type": 1}
            tracks = json.dumps([{"shipping_id": 85, "tracking_number": "YT0000000000001"}])
            early = await call("pdd.order.upload.extra.logistics", **extra, extra_track_list=tracks)
            assert "未发货" in code(early)[1]

            assert "logistics_online_send_response" in await call.send(order.order_no)
            assert "已发货" in code(await call.send(order.order_no))[1]
            for _ in range(2):
                answer = await call("pdd.order.upload.extra.logistics", **extra, extra_track_list=tracks)
                assert answer["upload_extra_logistics_response"]["success"] is True
            bad = json.dumps(
                [{"shipping_id": 85, "tracking_number": "YT0000000000002"}, {"shipping_id": 3, "tracking_number": "A1"}]
            )
            assert "停用" in code(await call("pdd.order.upload.extra.logistics", **extra, extra_track_list=bad))[1]
            assert [s.tracking_no for s in order.shipments] == ["SF0000000000001", "YT0000000000001"]
            assert (order.ship_calls, order.ship_effects) == (6, 2)
            shown = await call("pdd.order.status.get", order_sns=f"{order.order_no},unknown")
            assert shown["order_status_get_response"]["order_status_list"] == [
                {"orderSn": order.order_no, "order_status": 2, "refund_status": 1}
            ]
            info = order.doc["order_info_get_response"]["order_info"]
            assert (info["logistics_id"], info["tracking_number"]) == (44, "SF0000000000001")
            assert info["extra_delivery_list"] == [{"logistics_id": 85, "tracking_number": "YT0000000000001"}]

            assert "logistics_online_send_response" in await call.send(
                order.order_no, tracking_number="SF0000000000009", redelivery_type=2
            )
            assert (order.shipments[0].tracking_no, order.ship_effects) == ("SF0000000000009", 2)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("stage", "change", "said"),
    [
        ("unpaid", {}, "未成交"),
        ("held", {}, "风控"),
        ("cancelled", {}, "取消"),
        ("paid", {"refund_status": 3}, "售后"),
        ("paid", {"group_status": 0}, "未成交"),
        ("shipped", {}, "已发货"),
    ],
)
def test_what_must_not_be_shipped_is_refused(stage: Any, change: dict[str, int], said: str) -> None:
    async def run() -> None:
        async with running() as (sim, call):
            doc = shape.snapshot(sale("pdd"), stage, 0)
            doc["order_info_get_response"]["order_info"].update(change)
            order = sim.place(SHOP, doc)
            assert said in code(await call.send(order.order_no))[1]
            assert (order.ship_calls, order.ship_effects) == (1, 0)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("logistics_id", "number", "said"),
    [("999", "X1", "不存在"), ("3", "A123456789012", "停用"), ("85", "123", "单号规则")],
)
def test_carriers_it_does_not_have_and_numbers_that_are_not_theirs_are_refused(
    logistics_id: str, number: str, said: str
) -> None:
    async def run() -> None:
        async with running() as (sim, call):
            order = sim.place(SHOP, shape.snapshot(sale("pdd"), "paid", 0))
            answer = await call.send(order.order_no, logistics_id=logistics_id, tracking_number=number)
            assert said in code(answer)[1]
            companies = (await call("pdd.logistics.companies.get"))["logistics_companies_get_response"]
            listed = {row["id"]: row["available"] for row in companies["logistics_companies"]}
            assert (listed[85], listed[3]) == (1, 0)

    asyncio.run(run())


def test_limits_are_those_of_a_shop_and_of_all() -> None:
    now_s = [0.0]
    limits = Limits(lambda: now_s[0], {"t": (Limit(60, 2, True), Limit(1, 3, False))})
    limits.check("t", "a")
    limits.check("t", "a")
    with pytest.raises(PddError) as shop:
        limits.check("t", "a")
    now_s[0] = 1
    for other in ("b", "b", "c"):
        limits.check("t", other)
    with pytest.raises(PddError) as all_:
        limits.check("t", "c")
    assert (shop.value.code, all_.value.code) == (70031, 52101)
    now_s[0] = 60
    limits.check("t", "a")


def test_throttling_and_pages_of_a_proxy_come_as_faults() -> None:
    async def run() -> None:
        async with running(faults=Rates(throttle=1)) as (sim, call):
            assert code(await call("pdd.logistics.companies.get"))[0] in (70031, 52101)
            sim.faults.rates = Rates(errors=1)
            seen = set()
            for _ in range(4):
                async with call.session.post(f"{sim.url}/api/router", data={}) as answer:
                    seen.add((answer.status, answer.content_type))
            assert seen == {(200, "text/html"), (502, "text/html")}

    asyncio.run(run())


@asynccontextmanager
async def connected(sim: PddSimulator, call: Caller, ms: int | None = None) -> AsyncIterator[Any]:
    path = pdd_messages_path(call.shop.app_key, ms or int(time.time() * 1000), call.shop.secret)
    async with call.session.ws_connect(URL(sim.url.replace("http", "ws", 1) + path, encoded=True)) as socket:
        yield socket


async def frame(socket: Any) -> Any:
    return json.loads(await socket.receive_str(timeout=60))


def ack(got: Any, id_: Any = None) -> str:
    message = got["message"]
    echo = {"sendTime": got["sendTime"], "type": message["type"], "mallID": message["mallID"]}
    return json.dumps({"id": id_ or got["id"], "commandType": "Ack", "time": got["time"], **echo})


def test_a_message_comes_again_until_its_exact_id_is_acknowledged() -> None:
    async def run() -> None:
        async with running(retry_scale=0.01) as (sim, call):
            order = sim.place(SHOP, shape.snapshot(sale("pdd"), "paid", 0)).order_no
            async with connected(sim, call) as socket:
                first = await frame(socket)
                assert first["id"] > 2**53 and first["commandType"] == "Common"
                assert first["message"]["type"] == "pdd_trade_TradeConfirmed"
                assert json.loads(first["message"]["content"])["tid"] == order
                assert first["message"]["mallID"] == int(sim.shops[SHOP].seller)
                # Through a float the id becomes that of another frame.
                await socket.send_str(ack(first, int(float(first["id"]))))
                second = await frame(socket)
                assert (second["id"], second["message"]) == (first["id"], first["message"])
            async with connected(sim, call) as socket:
                third = await frame(socket)
                assert third["id"] == first["id"]
                await socket.send_str(ack(third))
                await socket.send_str(json.dumps({"commandType": "HeartBeat"}))
                while (await frame(socket))["commandType"] != "HeartBeat":
                    pass
                assert (sim.pushes_pending(), sim.counts.pushes_acked) == (0, 1)
                assert sim.counts.pushes_retried >= 2

    asyncio.run(run())


def test_messages_tell_of_payment_review_shipping_and_refunds_and_go_to_their_own_shop() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            sim.place("pdd-outlet", shape.snapshot(sale("pdd", 7), "paid", 0))
            for serial, stages in enumerate((("unpaid", "paid"), ("held", "paid"), ("paid", "cancelled")), start=1):
                for stage in stages:
                    sim.place(SHOP, shape.snapshot(sale("pdd", serial), stage, 0))
            await call.send(shape.order_no(sale("pdd", 1)))
            async with connected(sim, call) as socket:
                got = [await frame(socket) for _ in range(5)]
            assert [(json.loads(g["message"]["content"])["tid"][-1], g["message"]["type"][4:]) for g in got] == [
                ("1", "trade_TradeConfirmed"),
                ("2", "trade_TradeConfirmed"),
                ("3", "trade_TradeConfirmed"),
                ("3", "refund_RefundAgreeAgreement"),
                ("1", "trade_TradeSellerShip"),
            ]

    asyncio.run(run())


def test_a_socket_with_a_wrong_or_old_digest_is_refused() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            with pytest.raises(WSServerHandshakeError) as stale:
                async with connected(sim, call, ms=1_700_000_000_000):
                    pass
            call.shop = Shop(**{**vars(call.shop), "secret": "forged"})
            with pytest.raises(WSServerHandshakeError) as forged:
                async with connected(sim, call):
                    pass
            assert (stale.value.status, forged.value.status) == (403, 403)
            assert sim.counts.bad_signatures == 1

    asyncio.run(run())


def test_a_cut_connection_loses_no_message() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            sim.place(SHOP, shape.snapshot(sale("pdd"), "paid", 0))
            async with connected(sim, call) as socket:
                first = await frame(socket)
                sim.faults.rates = Rates(resets=1)
                await socket.send_str(json.dumps({"commandType": "HeartBeat"}))
                with pytest.raises(WSMessageTypeError):
                    while True:
                        await frame(socket)
            sim.faults.rates = Rates()
            async with connected(sim, call) as socket:
                assert (await frame(socket))["id"] == first["id"]

    asyncio.run(run())
