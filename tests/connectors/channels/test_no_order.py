"""What a platform tells that is no order: taken, so that it is not sent again for ever; what names an order has it read again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from multidict import CIMultiDict

from connectors.channels import pdd, taobao
from connectors.channels.base import Malformed, Outgoing, Push, Stale
from connectors.channels.douyin import DouyinWebhook
from connectors.channels.shopify import ShopifyWebhook
from connectors.shops import Shop
from schemas.codec import CODEC
from schemas.topics import QUARANTINE

NOW_MS = 1_790_000_000_000
ORDER = 820000000000001
SHOPIFY = Shop("shopify", "tea", "https://x.example", secret="s", seller="tea.example")
DOUYIN = Shop("douyin", "tea", "https://x.example", app_key="k", secret="s", seller="7000001")
TAOBAO = Shop("taobao", "tea", "https://x.example", seller="100000001")
PDD = Shop("pdd", "tea", "https://x.example", seller="9")


def pushed(topic: str, body: Any) -> list[Outgoing]:
    headers = CIMultiDict({"x-shopify-topic": topic, "x-shopify-event-id": "e1"})
    return list(ShopifyWebhook(SHOPIFY).read(Push(headers, json.dumps(body).encode(), NOW_MS)))


def told(found: list[Outgoing]) -> list[dict[str, Any]]:
    """The notices, all of which stand under their order."""
    out = [(record, CODEC.decode(record.value)[1]) for record in found if record.topic == "channel.notices"]
    assert all(record["shop"] == "tea" and record["order_id"] == it.key for it, record in out)
    return [record for _, record in out]


def notices(found: list[Outgoing]) -> list[tuple[str, str]]:
    """Order and kind of each that asks for an order to be read."""
    return [(record["order_id"], record["kind"]) for record in told(found) if not record["aftersale_id"]]


def sales(found: list[Outgoing]) -> list[str]:
    """The after-sales that are to be read."""
    return [record["aftersale_id"] for record in told(found) if record["aftersale_id"]]


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        (
            "orders/edited",
            {"order_edit": {"id": 7891, "order_id": ORDER, "line_items": {"additions": [], "removals": []}}},
        ),
        ("orders/risk_assessment_changed", {"provider_id": 1, "order_id": ORDER}),
        ("orders/delete", {"id": ORDER}),
        ("orders/shopify_protect_eligibility_changed", {"order_id": ORDER, "eligibility_status": "pending"}),
        ("orders/updated", {"id": ORDER, "name": "#1001"}),
        ("refunds/create", {"id": 5, "order_id": ORDER, "refund_line_items": []}),
        ("fulfillments/create", {"id": 5, "order_id": str(ORDER), "line_items": [{"id": 1}]}),
        ("returns/approve", {"id": 5, "order": {"id": ORDER, "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}"}}),
        ("returns/update", {"return": {"id": 5, "order": {"id": f"gid://shopify/Order/{ORDER}"}}}),
        ("some/day", {"order_id": ORDER}),
    ],
)
def test_shopify_has_an_order_read_again_that_a_topic_names(topic: str, body: Any) -> None:
    assert notices(pushed(topic, body)) == [(f"shopify:{ORDER}", topic)]


GID = {"admin_graphql_api_id": f"gid://shopify/Order/{ORDER}"}
SAMPLE = {
    "id": 820982911946154508,
    "created_at": "2021-12-31T19:00:00-05:00",
    "updated_at": "2021-12-31T19:00:00-05:00",
}


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/create", {**SAMPLE, "test": True}),
        ("orders/create", {**SAMPLE, "test": True, "line_items": [{"id": 1}]}),
        # As some versions show it: without the mark.
        ("orders/updated", {**SAMPLE, "line_items": [{"id": 1}]}),
        ("orders/updated", {**SAMPLE, "id": 7, "test": True, "line_items": [{"id": 1}]}),
        ("orders/updated", {}),
        ("orders/edited", {"order_edit": {"id": 7891, "order_id": None}}),
        ("products/update", {"id": ORDER, "title": "Mug"}),
        ("draft_orders/update", {"id": 5, "order_id": None}),
        ("fulfillment_orders/placed_on_hold", {"fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/1"}}),
        ("shop/redact", {"shop_id": 1, "shop_domain": "tea.example"}),
        ("", {"id": ORDER}),
    ],
)
def test_shopify_s_topics_that_name_no_order_are_taken_and_nothing_comes_of_them(topic: str, body: Any) -> None:
    assert pushed(topic, body) == []


def test_a_whole_order_is_one_as_before_and_is_not_replayed_later() -> None:
    order = {**GID, "id": ORDER, "line_items": [], "updated_at": "2026-09-21T12:00:00Z", "test": True}
    (found,) = pushed("orders/updated", order)
    assert (found.topic, found.key) == ("channel.shopify.events", f"shopify:{ORDER}")
    with pytest.raises(Stale):
        pushed("orders/updated", {**order, "test": False, "updated_at": "2021-12-31T19:00:00-05:00"})
    for nobody in (None, "", True, "a b"):
        with pytest.raises(Malformed):
            pushed("orders/updated", {**order, "id": nobody})


@pytest.mark.parametrize(
    "topic", ["orders/updated", "products/update", "returns/update", "refunds/create", "", "anything"]
)
def test_what_a_push_of_shopify_is_its_body_says_and_no_topic(topic: str) -> None:
    """The topic is not signed: whoever caught a push can send it again under another one."""
    dated = "2026-09-21T12:00:00Z"
    whole = pushed(topic, {**GID, "id": ORDER, "line_items": [{"id": 1}], "updated_at": dated})
    assert [(it.topic, it.key) for it in whole] == [("channel.shopify.events", f"shopify:{ORDER}")]
    refund = pushed(topic, {"id": 5, "order_id": ORDER, "refund_line_items": [], "created_at": dated})
    assert refund[0].topic == "channel.shopify.events"
    of_others: list[Any] = [
        {"admin_graphql_api_id": "gid://shopify/DraftOrder/7", "id": 7, "line_items": [{"id": 1}], "updated_at": dated},
        {"admin_graphql_api_id": "gid://shopify/Product/7", "id": 7, "updated_at": dated},
    ]
    for body in of_others:
        assert pushed(topic, body) == []
    # A cart, a checkout: nothing in them says what they are, so an order of that number is asked for, and not believed.
    assert all(it.topic == "channel.notices" for it in pushed(topic, {"id": 7, "line_items": [], "updated_at": dated}))
    fulfilled = {"admin_graphql_api_id": "gid://shopify/Fulfillment/7", "id": 7, "order_id": ORDER, "line_items": []}
    assert notices(pushed(topic, {**fulfilled, "updated_at": dated})) == [(f"shopify:{ORDER}", topic)]


@pytest.mark.parametrize("undated", [{}, {"updated_at": None}, {"updated_at": "soon"}])
def test_an_order_of_shopify_that_is_not_dated_is_read_from_the_platform(undated: dict[str, Any]) -> None:
    """Believed, it could be replayed for ever."""
    found = pushed("orders/updated", {**GID, "id": ORDER, "line_items": [], **undated})
    assert notices(found) == [(f"shopify:{ORDER}", "orders/updated")]


def douyin(*messages: Any) -> list[Outgoing]:
    push = Push(CIMultiDict(), json.dumps(messages).encode(), NOW_MS)
    return list(DouyinWebhook(DOUYIN).read(push))


def message(tag: str, **data: Any) -> dict[str, Any]:
    return {"tag": tag, "msg_id": "m", "data": json.dumps({"shop_id": 7000001, **data})}


def test_douyin_s_tags_that_name_no_order_are_taken_beside_those_that_do() -> None:
    others = [
        message("0"),
        message("400", product_id=1),
        message("126", p_id=""),
        message("209"),
        {"tag": "0", "msg_id": "0", "data": "2026-01-01 10:00:00"},
    ]
    assert douyin(*others) == []
    found = douyin(*others, message("208", p_id=4900000000000000001, aftersale_id=1), message("126", p_id="49"))
    assert notices(found) == [("douyin:4900000000000000001", "208"), ("douyin:49", "126")]


@pytest.mark.parametrize(
    ("topic", "content", "order"),
    [
        ("taobao_trade_TradeChanged", {"tid": 23}, True),
        ("taobao_refund_RefundCreated", {"tid": 23, "refund_id": 9}, True),
        ("tmall_refund_RefundCreate", {"tid": 23, "refund_id": 9}, True),
        ("taobao_trade_TradeRated", {"oid": 23}, False),
        ("taobao_refund_RefundTimeoutRemind", {"refund_id": 9, "tid": None}, False),
        ("taobao_item_ItemZeroStock", {"num_iid": 1}, False),
        ("taobao_unheard_Of", {}, False),
    ],
)
def test_taobao_s_messages_that_name_no_trade_are_confirmed(topic: str, content: Any, order: bool) -> None:
    told = {"id": 1, "topic": topic, "user_id": 100000001, "content": json.dumps(content)}
    found = taobao._read([told], {"100000001": TAOBAO}, NOW_MS)[0]
    assert notices(found) == ([("taobao:23", topic)] if order else [])


@pytest.mark.parametrize(
    ("kind", "content", "order"),
    [
        ("pdd_trade_TradeConfirmed", {"tid": "2-1"}, True),
        ("pdd_refund_RefundCreated", {"tid": "2-1", "refund_id": 9}, True),
        ("pdd_trade_TradeMemoModified", {"mall_id": 9}, False),
        ("pdd_goods_GoodsOffShelf", {"goods_id": 1}, False),
        ("pdd_unheard_Of", {}, False),
    ],
)
def test_pdd_s_frames_that_name_no_order_are_acknowledged(kind: str, content: Any, order: bool) -> None:
    frame = {"id": 1, "message": {"type": kind, "mallID": 9, "content": json.dumps(content)}}
    found = pdd._read([frame], PDD, NOW_MS)[0]
    assert notices(found) == ([("pdd:2-1", kind)] if order else [])


def test_what_can_not_be_read_is_still_set_aside() -> None:
    told = {"id": 1, "topic": "taobao_trade_TradeChanged", "user_id": 100000001, "content": "{"}
    assert [out.topic for out in taobao._read([told], {"100000001": TAOBAO}, NOW_MS)[0]] == [QUARANTINE]
    frame = {"id": 1, "message": {"type": "pdd_trade_TradeConfirmed", "mallID": 9, "content": "[]"}}
    assert [out.topic for out in pdd._read([frame], PDD, NOW_MS)[0]] == [QUARANTINE]
    with pytest.raises(Malformed):
        douyin({"tag": "101", "data": "{"})


@pytest.mark.parametrize(
    ("found", "ident"),
    [
        (pushed("returns/approve", {"id": 5, "order": {"id": ORDER}}), ["Return/5"]),
        (pushed("returns/update", {"return": {"id": "gid://shopify/Return/5", "order": {"id": ORDER}}}), ["Return/5"]),
        # It does not say which: the pull finds it.
        (pushed("returns/process", {"order": {"id": ORDER}}), []),
        (pushed("orders/edited", {"order_edit": {"id": 5, "order_id": ORDER}}), []),
        (douyin(message("206", p_id=49, aftersale_id=7)), ["7"]),
        (douyin(message("227", p_id=49)), []),
        # What a message of an order says of an after-sale is that order's.
        (douyin(message("106", p_id=49, aftersale_id=7)), []),
    ],
)
def test_what_tells_of_an_after_sale_has_it_read_beside_its_order(found: list[Outgoing], ident: list[str]) -> None:
    assert sales(found) == ident
    assert len(notices(found)) == 1


def test_messages_of_refunds_name_them() -> None:
    content = json.dumps({"tid": 23, "refund_id": 9})
    for topic in ("taobao_refund_RefundSuccess", "tmall_refund_RefundSucceed"):
        message_ = {"id": 1, "topic": topic, "user_id": 100000001, "content": content}
        assert sales(taobao._read([message_], {"100000001": TAOBAO}, NOW_MS)[0]) == ["9"]
    trade = {"id": 1, "topic": "taobao_trade_TradeClose", "user_id": 100000001, "content": content}
    assert sales(taobao._read([trade], {"100000001": TAOBAO}, NOW_MS)[0]) == []
    frame = {"id": 1, "message": {"type": "pdd_refund_RefundClosed", "mallID": 9, "content": content}}
    assert sales(pdd._read([frame], PDD, NOW_MS)[0]) == ["9"]


def test_a_refund_of_shopify_is_shown_whole() -> None:
    refund = {"id": 5, "order_id": ORDER, "created_at": "2026-09-21T12:00:00Z", "refund_line_items": []}
    found = pushed("refunds/create", refund)
    (shown,) = [CODEC.decode(it.value)[1] for it in found if it.topic == "channel.shopify.events"]
    assert (shown["kind"], shown["order_no"]) == ("aftersale", str(ORDER))
    assert json.loads(shown["payload"]) == refund
    assert sales(found) == [] and len(notices(found)) == 1
    with pytest.raises(Stale):
        pushed("refunds/create", {**refund, "created_at": "2021-12-31T19:00:00-05:00"})


@pytest.mark.parametrize("ident", ["a b", [], {"a": 1}, True])
def test_an_id_that_is_none_is_said(ident: Any) -> None:
    with pytest.raises(Malformed, match="none of 1 messages"):
        douyin(message("206", p_id=49, aftersale_id=ident or "a b"))


def test_what_makes_two_records_is_one_message() -> None:
    """Of a refund both it and its order are read: what is counted as ignored are messages, not what they lack in records."""
    refund = {"topic": "taobao_refund_RefundCreated", "user_id": 100000001, "content": '{"tid":23,"refund_id":9}'}
    other = {"topic": "taobao_item_ItemZeroStock", "user_id": 100000001, "content": "{}"}
    found, ignored = taobao._read([refund, other, refund], {"100000001": TAOBAO}, NOW_MS)
    assert (len(found), ignored) == (4, 1)
    frame = {"id": 1, "message": {"type": "pdd_refund_RefundClosed", "mallID": 9, "content": refund["content"]}}
    idle = {"id": 2, "message": {"type": "pdd_goods_GoodsOffShelf", "mallID": 9, "content": "{}"}}
    found, ignored = pdd._read([frame, idle], PDD, NOW_MS)
    assert (len(found), ignored) == (2, 1)
