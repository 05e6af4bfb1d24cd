"""Taobao's simulator: pages that move, messages that come again, parcels that count once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from connectors.generator.sale import Stage
from connectors.generator.shapes import taobao as shape
from connectors.platforms.taobao import Taobao
from connectors.shops import Shop
from connectors.simulators.clock import local
from connectors.simulators.simulator import Options
from connectors.simulators.taobao import TaobaoSimulator
from connectors.simulators.top import PATH
from tests.connectors.simulators.calls import Client, now_text, top_params
from tests.connectors.simulators.sales import sale

SEND = "taobao.logistics.offline.send"
PACKAGES = "alibaba.ascp.logistics.offline.send"
RESEND = "taobao.logistics.consign.resend"
FULL = "taobao.trade.fullinfo.get"
YTO = {"company_code": "YTO", "out_sid": "YT0000000000001"}


def doc(serial: int = 1, stage: Stage = "paid", pieces: tuple[int, ...] = (2, 1)) -> dict[str, Any]:
    return shape.snapshot(sale("taobao", serial, pieces), stage, 0)


def tid(serial: int = 1) -> str:
    return shape.order_no(sale("taobao", serial))


def oid(line: int, serial: int = 1) -> str:
    return shape.line_no(sale("taobao", serial), line)


@dataclass
class Rig:
    taobao: TaobaoSimulator
    client: Client
    shop: Shop

    async def call(self, method: str, **params: Any) -> Any:
        return await self.client.top(self.shop, method, **params)

    async def place(self, *docs: dict[str, Any]) -> None:
        await self.client.place(self.shop, *docs)


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[Rig]:
    async with TaobaoSimulator(Options(**options)) as taobao, Client(taobao.url, PATH) as client:
        yield Rig(taobao, client, taobao.shops["taobao-home"])


def run(test: Callable[[Rig], Awaitable[None]], **options: Any) -> None:
    async def go() -> None:
        async with running(**options) as rig:
            await test(rig)

    asyncio.run(go())


# -- reading --


def test_a_trade_comes_with_the_wanted_fields_alone_its_oaid_with_the_receiver_s() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        trade = (await rig.call(FULL, tid=tid(), fields="tid,status,oaid,orders.oid"))["trade"]
        assert trade.keys() == {"tid", "status", "orders"}
        assert trade["tid"] == 2300000000000001000
        every = "receiver_name,receiver_address,created,receiver_mobile,receiver_phone,oaid"
        trade = (await rig.call(FULL, tid=tid(), fields=every))["trade"]
        assert trade["oaid"]
        assert "*" in trade["receiver_name"]

    run(test)


def test_the_platform_s_clock_dates_a_change() -> None:
    async def test(rig: Rig) -> None:
        placed = await rig.client.place(rig.shop, doc())
        trade = (await rig.call(FULL, tid=tid(), fields="modified"))["trade"]
        assert trade["modified"] == local(placed[0]["changed_at_ms"])

    run(test)


async def page(rig: Rig, window: dict[str, str], number: int) -> list[int]:
    params = {**window, "fields": "tid", "page_no": number, "page_size": 10}
    answer = await rig.call("taobao.trades.sold.increment.get", **params)
    return [row["tid"] for row in answer.get("trades", {"trade": []})["trade"]]


async def fifty(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Fifty orders, changed a second apart in a closed window; further changes come after it."""
    start_ms = rig.taobao.clock.now_ms() - 100_000
    seconds = iter(range(1000))
    monkeypatch.setattr(rig.taobao.clock, "now_ms", lambda: start_ms + next(seconds) * 1000)
    for serial in range(1, 51):
        rig.taobao.place(rig.shop.shop, doc(serial))
    return {"start_modified": local(start_ms), "end_modified": local(start_ms + 49_000)}


def test_whoever_pages_from_first_to_last_loses_an_order_when_another_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(rig: Rig) -> None:
        window = await fifty(rig, monkeypatch)
        seen: set[int] = set()
        for number in range(1, 6):
            seen.update(await page(rig, window, number))
            # The latest of the window moves out of it: all others move up by one.
            rig.taobao.place(rig.shop.shop, doc(51 - number))
        moved = {int(tid(51 - number)) for number in range(1, 6)}
        lost = {int(tid(serial)) for serial in range(1, 51)} - seen - moved
        assert len(lost) == 4

    run(test)


def test_the_client_which_pages_from_last_to_first_loses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(rig: Rig) -> None:
        await fifty(rig, monkeypatch)
        (shop, *_) = rig.taobao.shop_entries()
        monkeypatch.setattr(Taobao, "page_max", 10)
        start_ms = rig.taobao.orders.get(tid(1)).changed_at_ms  # type: ignore[union-attr]
        seen: list[str] = []
        async with Taobao(shop) as client:
            moving = 50
            async for rows in client.changed(start_ms, start_ms + 49_000):
                seen.extend(row.order_no for row in rows)
                rig.taobao.place(rig.shop.shop, doc(moving))
                moving -= 1
        assert moving == 45
        moved = {tid(serial) for serial in range(46, 51)}
        assert {tid(serial) for serial in range(1, 51)} - set(seen) <= moved

    run(test)


def test_a_window_is_counted_or_says_whether_there_is_more() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(*(doc(serial) for serial in range(1, 24)))
        window = {
            "fields": "tid,modified,receiver_name,orders",
            "start_modified": now_text(-60),
            "end_modified": now_text(60),
        }
        name = "taobao.trades.sold.increment.get"
        counted = await rig.call(name, **window, page_size=10)
        assert counted["total_results"] == 23
        # A row is partial: no receiver.
        assert counted["trades"]["trade"][0].keys() == {"tid", "modified", "orders"}
        pages = [await rig.call(name, **window, page_size=10, page_no=n, use_has_next="true") for n in (1, 2, 3, 4)]
        assert [page["has_next"] for page in pages] == [True, True, False, False]
        assert [len(page.get("trades", {"trade": ()})["trade"]) for page in pages] == [10, 10, 3, 0]
        assert "total_results" not in pages[0]

    run(test)


def test_unusual_types_come_only_when_they_are_asked_for() -> None:
    async def test(rig: Rig) -> None:
        odd = doc(2)
        odd["trade_fullinfo_get_response"]["trade"]["type"] = "tmall_i18n"
        await rig.place(doc(1), odd, doc(3, "unpaid"))
        window = {"fields": "tid", "start_modified": now_text(-60), "end_modified": now_text(60)}
        name = "taobao.trades.sold.increment.get"
        assert (await rig.call(name, **window))["total_results"] == 2
        assert (await rig.call(name, **window, type="tmall_i18n"))["total_results"] == 1
        assert (await rig.call(name, **window, status="WAIT_BUYER_PAY"))["total_results"] == 1

    run(test)


# -- messages --


async def consumed(rig: Rig) -> list[Any]:
    answer = await rig.call("taobao.tmc.messages.consume", quantity=200)
    messages: list[Any] = answer.get("messages", {"tmc_message": []})["tmc_message"]
    return messages


async def confirmed(rig: Rig, messages: list[Any]) -> None:
    idents = ",".join(str(message["id"]) for message in messages)
    assert (await rig.call("taobao.tmc.messages.confirm", s_message_ids=idents))["is_success"] is True


def test_a_change_is_a_message_of_its_topic() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc(1, "unpaid"))
        await rig.place(doc(1, "paid"))
        await rig.place(doc(1, "paid"))
        refunding = doc(1, "paid")
        refunding["trade_fullinfo_get_response"]["trade"]["orders"]["order"][1]["refund_status"] = "WAIT_SELLER_AGREE"
        await rig.place(refunding, doc(1, "cancelled"))
        messages = await consumed(rig)
        assert [message["topic"] for message in messages] == [
            "taobao_trade_TradeCreate",
            "taobao_trade_TradeBuyerPay",
            "taobao_trade_TradeChanged",
            "taobao_refund_RefundCreated",
            "taobao_trade_TradeClose",
        ]
        first, refund = messages[0], json.loads(messages[3]["content"])
        assert (first["user_id"], first["pub_app_key"]) == (int(rig.shop.seller), rig.shop.app_key)
        assert json.loads(first["content"])["tid"] == int(tid())
        assert refund["oid"] == int(oid(2))
        assert len({message["id"] for message in messages}) == 5 and first["id"] > 2**53

    run(test)


def test_messages_come_again_until_they_are_confirmed() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc(1), doc(2))
        first = await consumed(rig)
        assert await consumed(rig) == []
        await confirmed(rig, first[:1])
        rig.taobao.clock.offset_ms += 61_000
        again = await consumed(rig)
        assert again == first[1:]
        await confirmed(rig, again)
        rig.taobao.clock.offset_ms += 61_000
        assert await consumed(rig) == []
        counts = await rig.client.counts()
        assert (counts["pushes"], counts["pushes_acked"], counts["pushes_retried"]) == (3, 2, 1)
        assert counts["pushes_pending"] == 0

    run(test)


def test_a_message_goes_to_the_app_of_its_shop_alone() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc(1))
        other = rig.taobao.shops["tmall-flagship"]
        assert "messages" not in await rig.client.top(other, "taobao.tmc.messages.consume")
        assert len(await consumed(rig)) == 1

    run(test)


def test_lost_and_doubled_messages() -> None:
    async def test(rig: Rig) -> None:
        await rig.client.control("PUT", "/_sim/faults", {"lost_pushes": 1})
        await rig.place(doc(1))
        assert await consumed(rig) == []
        await rig.client.control("PUT", "/_sim/faults", {"duplicate_pushes": 1})
        await rig.place(doc(2))
        first, second = await consumed(rig)
        assert first == second

    run(test)


# -- shipping --


def test_shipping_a_trade_shows_it_as_shipped_and_moves_it() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc(1), doc(2))
        assert (await rig.call(SEND, tid=tid(), **YTO))["shipping"] == {"is_success": True}
        trade = (await rig.call(FULL, tid=tid(), fields="status,orders,modified,consign_time"))["trade"]
        assert trade["status"] == "WAIT_BUYER_CONFIRM_GOODS" and trade["consign_time"]
        for line in trade["orders"]["order"]:
            assert (line["status"], line["invoice_no"]) == ("WAIT_BUYER_CONFIRM_GOODS", YTO["out_sid"])
            assert line["logistics_company"] == "圆通速递"
        assert (await consumed(rig))[-1]["topic"] == "taobao_trade_TradeSellerShip"
        shown = await rig.client.order(tid())
        assert (shown["ship_calls"], shown["ship_effects"]) == (1, 1)
        assert [(s["tracking_no"], s["carrier"]) for s in shown["shipments"]] == [(YTO["out_sid"], "YTO")]
        assert shown["changed_at_ms"] >= (await rig.client.order(tid(2)))["changed_at_ms"]

    run(test)


def refused(answer: Any, suffix: str) -> None:
    assert answer["sub_code"].rpartition(":")[2] == suffix, answer
    assert (answer["code"], answer["msg"]) == (15, "Remote service error")


@pytest.mark.parametrize(
    ("stage", "flags", "suffix"),
    [
        ("shipped", {}, "B04"),
        ("cancelled", {}, "B04"),
        ("unpaid", {}, "B02"),
        ("held", {}, "B02"),
        ("paid", {"top_hold": 1}, "B27"),
        ("paid", {"step_trade_status": "FRONT_PAID_FINAL_NOPAID"}, "B27"),
        ("paid", {"type": "cod"}, "B98"),
    ],
)
def test_a_trade_that_must_not_ship_is_refused(stage: Stage, flags: dict[str, Any], suffix: str) -> None:
    async def test(rig: Rig) -> None:
        placed = doc(1, stage)
        placed["trade_fullinfo_get_response"]["trade"].update(flags)
        await rig.place(placed)
        before = await rig.client.order(tid())
        refused(await rig.call(SEND, tid=tid(), **YTO), suffix)
        assert await rig.client.order(tid()) == {**before, "ship_calls": 1}

    run(test)


@pytest.mark.parametrize(
    ("params", "suffix"),
    [
        ({"out_sid": "YT12"}, "B60"),
        ({"out_sid": " "}, "B59"),
        ({"company_code": "NOBODY"}, "B52"),
        ({"tid": "1"}, "B01"),
        ({"is_split": 1, "sub_tid": "7"}, "CD22"),
    ],
)
def test_a_wrong_parcel_is_refused(params: dict[str, Any], suffix: str) -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        refused(await rig.call(SEND, **{"tid": tid(), **YTO, **params}), suffix)
        assert (await rig.client.order(tid()))["ship_effects"] == 0

    run(test)


def test_an_open_refund_keeps_its_line_back_and_a_closed_line_is_left_out() -> None:
    async def test(rig: Rig) -> None:
        for serial, refund in ((1, "WAIT_SELLER_AGREE"), (2, "SUCCESS")):
            placed = doc(serial)
            placed["trade_fullinfo_get_response"]["trade"]["orders"]["order"][1]["refund_status"] = refund
            await rig.place(placed)
        refused(await rig.call(SEND, tid=tid(1), **YTO), "B02")
        assert (await rig.call(SEND, tid=tid(1), is_split=1, sub_tid=oid(1), **YTO))["shipping"]
        number = {**YTO, "out_sid": "YT0000000000002"}
        assert (await rig.call(SEND, tid=tid(2), **number))["shipping"]
        shown = await rig.client.order(tid(2))
        assert shown["status"] == "WAIT_BUYER_CONFIRM_GOODS"
        assert shown["shipments"][0]["lines"] == [{"line_no": oid(1, 2), "quantity": 2}]

    run(test)


def test_a_number_goes_to_one_receiver() -> None:
    async def test(rig: Rig) -> None:
        merged = doc(2)
        trade, ours = merged["trade_fullinfo_get_response"]["trade"], doc(1)["trade_fullinfo_get_response"]["trade"]
        trade.update({name: value for name, value in ours.items() if name.startswith("receiver_")})
        await rig.place(doc(1), merged, doc(3))
        for serial in (1, 2):
            assert (await rig.call(SEND, tid=tid(serial), **YTO))["shipping"]
        refused(await rig.call(SEND, tid=tid(3), **YTO), "F04")

    run(test)


def packages(*parcels: tuple[str, str, int]) -> dict[str, Any]:
    """(number, line, pieces) each."""
    goods = [
        {"out_sid": number, "company_code": "YTO", "goods": [{"sub_tid": int(line), "item_type": 0, "num": pieces}]}
        for number, line, pieces in parcels
    ]
    return {"tid": tid(), "consign_type": 1, "consign_pkgs": json.dumps(goods)}


def test_pieces_in_several_parcels() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        first, second, third = (f"YT000000000010{n}" for n in range(3))
        assert (await rig.call(PACKAGES, **packages((first, oid(1), 1))))["result"] == {"success": True}
        shown = await rig.client.order(tid())
        assert shown["status"] == "SELLER_CONSIGNED_PART"
        assert (await consumed(rig))[-1]["topic"] == "taobao_trade_TradePartlySellerShip"
        # The same parcel again: nothing more is shipped.
        refused(await rig.call(PACKAGES, **packages((first, oid(1), 1))), "B04")
        refused(await rig.call(PACKAGES, **packages((second, oid(1), 2))), "CD24")
        # One of two is wrong: none is taken.
        refused(await rig.call(PACKAGES, **packages((second, oid(1), 1), (third, oid(1), 1))), "CD24")
        assert (await rig.client.order(tid()))["shipments"] == shown["shipments"]
        done = await rig.call(PACKAGES, **packages((second, oid(1), 1), (third, oid(2), 1)))
        assert done["result"] == {"success": True}
        shown = await rig.client.order(tid())
        assert shown["status"] == "WAIT_BUYER_CONFIRM_GOODS"
        assert [s["tracking_no"] for s in shown["shipments"]] == [first, second, third]
        assert (shown["ship_calls"], shown["ship_effects"]) == (5, 2)

    run(test)


def test_another_number_for_what_is_sent() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        refused(await rig.call(RESEND, tid=tid(), **YTO), "CD19")
        await rig.call(SEND, tid=tid(), **YTO)
        refused(await rig.call(RESEND, tid=tid(), **YTO), "P07")
        refused(await rig.call(RESEND, tid=tid(), company_code="YTO", out_sid="1"), "P10")
        assert (await rig.call(RESEND, tid=tid(), company_code="SF", out_sid="SF1234567890"))["shipping"]
        (shipment,) = (await rig.client.order(tid()))["shipments"]
        assert (shipment["tracking_no"], shipment["carrier"]) == ("SF1234567890", "SF")

    run(test)


def test_each_order_ships_exactly_once_although_answers_are_lost() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(*(doc(serial) for serial in range(1, 41)))
        await rig.client.control("PUT", "/_sim/faults", {"lost_answers": 0.3, "errors": 0.1, "resets": 0.1})
        lost = 0
        for serial in range(1, 41):
            while True:
                # A session each: a client may send a repeatable call again by itself over a connection that was kept.
                try:
                    async with Client(rig.taobao.url, PATH) as client:
                        params = top_params(
                            rig.shop, SEND, tid=tid(serial), company_code="YTO", out_sid=f"YT{serial:013d}"
                        )
                        answer = await client.call(params)
                except (aiohttp.ClientError, AssertionError):
                    lost += 1
                    continue
                if "error_response" in answer:
                    refused(answer["error_response"], "B04")
                break
        assert lost > 10
        shown = (await rig.client.control("GET", "/_sim/orders"))["orders"]
        assert [order["ship_effects"] for order in shown] == [1] * 40
        assert [len(order["shipments"]) for order in shown] == [1] * 40
        assert sum(order["ship_calls"] for order in shown) > 40

    run(test, seed=5)


def test_a_later_edit_leaves_it_shipped() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        await rig.call(SEND, tid=tid(), **YTO)
        await rig.place(doc())
        assert (await rig.client.order(tid()))["status"] == "WAIT_BUYER_CONFIRM_GOODS"
        refused(await rig.call(SEND, tid=tid(), **YTO), "B04")

    run(test)


def test_throttling_says_for_how_long() -> None:
    async def test(rig: Rig) -> None:
        await rig.client.control("PUT", "/_sim/faults", {"throttle": 1})
        answer = await rig.call(FULL, tid="1", fields="tid")
        assert (answer["code"], answer["sub_code"]) == (7, "accesscontrol.limited-by-app-access-count")
        assert answer["sub_msg"].startswith("This ban will last for ")
        assert (await rig.client.counts())["throttled"] == 1

    run(test)


def test_carriers_come_with_the_form_of_their_numbers() -> None:
    async def test(rig: Rig) -> None:
        answer = await rig.call("taobao.logistics.companies.get", fields="code,reg_mail_no")
        rows = {row["code"]: row["reg_mail_no"] for row in answer["logistics_companies"]["logistics_company"]}
        assert {"SF", "ZTO", "YTO", "STO", "YUNDA", "EMS", "POSTB"} <= rows.keys()
        assert all(pattern.startswith("^") for pattern in rows.values())

    run(test)
