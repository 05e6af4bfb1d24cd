"""Cainiao's simulator: numbers of the carrier's form, the same for the same request, until the balance is out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from connectors.shops import Shop
from connectors.simulators.cainiao import CainiaoSimulator
from connectors.simulators.carriers import by_code
from connectors.simulators.simulator import Options
from connectors.simulators.top import PATH
from tests.connectors.simulators.calls import Client

GET = "cainiao.waybill.ii.get"
NAME = "param_waybill_cloud_print_apply_new_request"

Call = Callable[..., Awaitable[Any]]


def wanted(object_id: str = "1", **changes: Any) -> dict[str, Any]:
    one = {
        "object_id": object_id,
        "order_info": {"order_channels_type": "TB", "trade_order_list": ["2300000000000001000"]},
        "package_info": {"id": object_id, "items": [{"name": "mug", "count": 1}]},
        "recipient": {"name": "测**", "oaid": "abc", "tid": 2300000000000001000, "address": ADDRESS},
        "template_url": "http://template.example/1",
    }
    return {**one, **changes}


ADDRESS = {"province": "浙江省", "city": "杭州市", "detail": "仓前街道 1 号"}


def request(*orders: dict[str, Any], **changes: Any) -> dict[str, str]:
    sender = {"name": "仓", "mobile": "13800000000", "address": ADDRESS}
    body = {"cp_code": "ZTO", "sender": sender, "trade_order_info_dtos": list(orders), **changes}
    return {NAME: json.dumps(body)}


def run(test: Callable[[Call, Client], Awaitable[None]]) -> None:
    async def go() -> None:
        async with CainiaoSimulator(Options()) as cainiao, Client(cainiao.url, PATH) as client:
            account = cainiao.account
            shop = Shop("", "", "", app_key=account.key, secret=account.secret, token=account.customer)

            async def call(method: str, **params: Any) -> Any:
                return await client.top(shop, method, **params)

            await test(call, client)

    asyncio.run(go())


def rows(answer: Any) -> list[Any]:
    found: list[Any] = answer["modules"]["waybill_cloud_print_response"]
    return found


def test_numbers_have_the_carrier_s_form_and_the_object_ids_come_back() -> None:
    async def test(call: Call, client: Client) -> None:
        seen: set[str] = set()
        for code, carrier in by_code("taobao").items():
            more = {"goods_description": "mugs"} if code == "SF" else {}
            given = rows(await call(GET, **request(wanted("a"), wanted("b"), cp_code=code, **more)))
            assert [row["object_id"] for row in given] == ["a", "b"]
            assert all(row["cp_code"] == row["real_cp_code"] == code for row in given)
            numbers = {row["waybill_code"] for row in given}
            assert all(carrier.takes(number) for number in numbers) and not numbers & seen
            assert len(numbers) == 2
            seen |= numbers

    run(test)


def test_the_same_request_gets_the_same_number_and_costs_once() -> None:
    async def test(call: Call, client: Client) -> None:
        first, again = [rows(await call(GET, **request(wanted()))) for _ in range(2)]
        assert first == again
        waybills = (await client.control("GET", "/_sim/waybills"))["waybills"]
        assert [waybill["waybill_code"] for waybill in waybills] == [first[0]["waybill_code"]]

    run(test)


def test_the_balance_runs_out_and_a_cancelled_number_gives_one_back() -> None:
    async def test(call: Call, client: Client) -> None:
        await client.control("PUT", "/_sim/balance", {"quantity": 1})
        (given,) = rows(await call(GET, **request(wanted("1"))))
        refused = await call(GET, **request(wanted("2")))
        assert refused["sub_code"] == "isv.waybill-balance-not-enough"
        cancel = {"cp_code": "ZTO", "waybill_code": given["waybill_code"]}
        for _ in range(2):
            assert (await call("cainiao.waybill.ii.cancel", **cancel))["cancel_result"] is True
        assert len(rows(await call(GET, **request(wanted("2"))))) == 1
        assert "sub_code" in await call(GET, **request(wanted("3")))
        (carrier,) = (await call("cainiao.waybill.ii.search", cp_code="ZTO"))["waybill_apply_subscription_cols"][
            "waybill_apply_subscription_info"
        ]
        (branch,) = carrier["branch_account_cols"]["waybill_branch_account"]
        assert (branch["quantity"], branch["allocated_quantity"], branch["cancel_quantity"]) == (0, 2, 1)

    run(test)


@pytest.mark.parametrize(
    ("orders", "changes", "names"),
    [
        ([], {}, "trade_order_info_dtos"),
        ([wanted(str(n)) for n in range(11)], {}, "trade_order_info_dtos"),
        ([wanted()], {"cp_code": "NOBODY"}, "cp_code"),
        ([wanted()], {"cp_code": "SF"}, "goods_description"),
        ([wanted()], {"sender": {"name": "仓", "address": ADDRESS}}, "sender"),
        ([wanted(package_info={"items": []})], {}, "package_info.items"),
        ([wanted("a"), wanted("A")], {}, "package_info.id"),
        ([wanted(order_info={"order_channels_type": "TB", "trade_order_list": ["a b"]})], {}, "trade_order_list"),
        ([wanted(recipient={"name": "测", "address": ADDRESS})], {}, "recipient"),
        ([wanted(recipient={"name": "测", "address": ADDRESS, "oaid": "x"})], {}, "recipient.tid"),
        ([{"object_id": "1"}], {}, NAME),
    ],
)
def test_a_request_that_lacks_something_is_refused(
    orders: list[dict[str, Any]], changes: dict[str, Any], names: str
) -> None:
    async def test(call: Call, client: Client) -> None:
        answer = await call(GET, **request(*orders, **changes))
        assert (answer["code"], answer["sub_code"]) == (41, f"isv.invalid-parameter:{names}")
        assert (await client.control("GET", "/_sim/waybills"))["waybills"] == []

    run(test)
