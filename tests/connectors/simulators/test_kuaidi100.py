"""Kuaidi100's simulator: signs, labels, subscriptions and the pushes of a parcel's way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest

from connectors.platforms import signing
from connectors.simulators.carriers import by_code
from connectors.simulators.kuaidi100 import Kuaidi100Simulator
from connectors.simulators.registry import simulator
from connectors.simulators.simulator import Options
from tests.connectors.simulators.receiver import Receiver

YTO = {"company": "yuantong", "number": "YT0000000000001"}
TAKEN = (200, '{"result":true,"returnCode":"200","message":"成功"}'.encode())
PERSON = {"name": "测试甲", "mobile": "13800000000", "printAddr": "浙江省杭州市西湖区测试路1号"}


class Caller:
    """Signs and calls as a merchant does."""

    def __init__(self, sim: Kuaidi100Simulator, session: aiohttp.ClientSession) -> None:
        self.sim, self.session, self.account = sim, session, sim.account

    async def post(self, path: str, **form: str) -> Any:
        async with self.session.post(self.sim.url + path, data=form) as answer:
            assert answer.status == 200
            return await answer.json()

    async def subscribe(self, param: dict[str, Any] | None = None, **parameters: str) -> Any:
        text = json.dumps({**YTO, "key": self.account.key, "parameters": parameters, **(param or {})})
        return await self.post("/poll", schema="json", param=text)

    async def label(self, t: str = "1767232800000", **param: Any) -> Any:
        asked = {"kuaidicom": "yuantong", "orderId": "o-1", "recMan": PERSON, "sendMan": PERSON, **param}
        text = json.dumps(asked)
        sign = signing.kuaidi100_label(text, "1767232800000", self.account.key, self.account.secret)
        return await self.post(
            "/printapi/printtask.do", method="eOrder", key=self.account.key, t=t, param=text, sign=sign
        )

    async def query(self, **param: str) -> Any:
        text = json.dumps({"com": YTO["company"], "num": YTO["number"], **param})
        sign = signing.kuaidi100_query(text, self.account.key, self.account.customer)
        return await self.post("/poll/query.do", customer=self.account.customer, param=text, sign=sign)


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[tuple[Kuaidi100Simulator, Caller]]:
    async with simulator("kuaidi100", Options(**options)) as sim, aiohttp.ClientSession() as session:
        assert isinstance(sim, Kuaidi100Simulator)
        sim.step_s = 0.01
        yield sim, Caller(sim, session)


@pytest.mark.parametrize("company", ["shunfeng", "yuantong", "zhongtong", "ems", "jtexpress"])
def test_a_label_has_a_number_of_its_carrier_and_the_same_order_the_same_number(company: str) -> None:
    async def run() -> None:
        async with running() as (_, call):
            first = (await call.label(kuaidicom=company))["data"]["kuaidinum"]
            assert by_code("kuaidi100")[company].takes(first)
            assert (await call.label(kuaidicom=company))["data"]["kuaidinum"] == first
            assert (await call.label(kuaidicom=company, orderId="o-2"))["data"]["kuaidinum"] != first

    asyncio.run(run())


def test_labels_are_refused_when_tampered_with_or_incomplete() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            assert (await call.label(t="1767232800001"))["returnCode"] == "503"
            assert sim.counts.bad_signatures == 1
            assert (await call.label(kuaidicom="nobody"))["returnCode"] == "701"
            incomplete = await call.label(recMan={**PERSON, "mobile": ""})
            assert (incomplete["returnCode"], incomplete["message"]) == ("400", "recMan.mobile不能为空")
            flat = {"recManName": "a", "recManMobile": "1", "recManPrintAddr": "b"}
            assert (await call.label(recMan=None, **flat))["result"] is True

    asyncio.run(run())


def test_subscriptions_are_answered_with_their_codes() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            sim.step_s = 3600
            here = {"callbackurl": "http://127.0.0.1:9/x"}
            codes = [
                (await call.subscribe({"key": "other"}, **here))["returnCode"],
                (await call.subscribe(callbackurl="nowhere"))["returnCode"],
                (await call.subscribe({"company": "nobody"}, **here))["returnCode"],
                (await call.subscribe({"company": ""}, autoCom="1", **here))["returnCode"],
                (await call.subscribe({"company": "", "number": "??????"}, autoCom="1", **here))["returnCode"],
                (await call.subscribe({"company": "shunfeng"}, **here))["returnCode"],
                (await call.subscribe({"company": "shunfeng"}, phone="0000", **here))["returnCode"],
                (await call.subscribe({"company": "shunfeng"}, phone="0000", **here))["returnCode"],
            ]
            assert codes == ["600", "700", "701", "200", "702", "700", "200", "501"]

    asyncio.run(run())


def test_a_parcels_way_is_pushed_whole_each_time_and_signed_until_it_has_arrived() -> None:
    async def run() -> None:
        async with Receiver([TAKEN]) as receiver, running() as (_, call):
            url = f"{receiver.url}/push/kuaidi100/pdd:1/s-1"
            assert (await call.subscribe(callbackurl=url, salt="pepper", resultv2="4"))["result"] is True
            params = []
            for _ in range(5):
                got = await receiver.got()
                form = {name: values[0] for name, values in parse_qs(got.body.decode()).items()}
                assert got.path == "/push/kuaidi100/pdd:1/s-1"
                assert form["sign"] == signing.kuaidi100_push(form["param"], "pepper")
                params.append(json.loads(form["param"]))
            assert [len(p["lastResult"]["data"]) for p in params] == [1, 2, 3, 4, 5]
            assert [p["status"] for p in params] == ["polling"] * 4 + ["shutdown"]
            assert [p["lastResult"]["state"] for p in params] == ["103", "1002", "1001", "5", "301"]
            newest, *older = params[-1]["lastResult"]["data"]
            assert newest["context"] == "快件已由本人签收" and older == params[-2]["lastResult"]["data"]
            shown = await call.query()
            assert (shown["state"], shown["ischeck"], len(shown["data"])) == ("3", "1", 5)
            assert (await call.subscribe(callbackurl=url))["returnCode"] == "501"

    asyncio.run(run())


def test_a_push_that_is_not_taken_comes_again_three_times() -> None:
    refused = (200, b'{"result":false,"returnCode":"500","message":"no"}')

    async def run() -> None:
        async with Receiver([refused]) as receiver, running(retry_scale=0.00001) as (sim, call):
            sim.step_s = 0
            await call.subscribe(callbackurl=receiver.url)
            while sim.counts.pushes_given_up < 5:
                await asyncio.sleep(0.01)
            assert (sim.counts.pushes, sim.counts.pushes_retried, sim.counts.pushes_acked) == (20, 15, 0)
            assert sim.pushes_pending() == 0
            # Without a salt there is no signature.
            assert b"sign=" not in (await receiver.got()).body

    asyncio.run(run())


def test_queries_are_signed_and_of_known_parcels() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            assert (await call.query())["returnCode"] == "500"
            assert (await call.query(com="shunfeng"))["returnCode"] == "408"
            assert (await call.query(num="1"))["returnCode"] == "400"
            forged = await call.post("/poll/query.do", customer=call.account.customer, param="{}", sign="0" * 32)
            assert (forged["returnCode"], sim.counts.bad_signatures) == ("503", 1)

    asyncio.run(run())


def test_its_own_writeback_to_shops_is_signed_and_taken_down() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            sent = {"shopType": "pdd", "shopId": "1", "orderNum": "o-1", "kuaidiCom": "yuantong", "kuaidiNum": "YT1"}
            for param, code in ((sent, "200"), ({**sent, "kuaidiCom": "nobody"}, "701"), ({"shopType": "x"}, "400")):
                text = json.dumps(param)
                sign = signing.kuaidi100_eshop(text, call.account.key, call.account.secret)
                answer = await call.post("/ent/logistics/send", key=call.account.key, param=text, sign=sign)
                assert answer["returnCode"] == code
            async with call.session.get(f"{sim.url}/_sim/parcels") as shown:
                assert (await shown.json())["sent"] == [sent]

    asyncio.run(run())
