"""The five platforms' ways to say the same thing: small changes of a sound raw order.

Each function takes the channel and a payload and gives a changed copy; ``SOUND`` has 2 x SKU-A, paid at ten, nothing sent.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.domain.raw_orders import SOUND

Doc = dict[str, Any]

CHANNELS = tuple(SOUND)
#: The number of the sound order's line.
LINE = {
    "taobao": "2300000000000000002",
    "jd": "50001",
    "pdd": "1500000000001",
    "douyin": "4900000000000000001",
    "shopify": "830000000000001",
}
_TEN = datetime(2026, 1, 1, 10, tzinfo=timezone(timedelta(hours=8)))


def sound(channel: str) -> Doc:
    """Paid, to be sent: 2 x SKU-A to 杭州."""
    return copy.deepcopy(SOUND[channel])


def at(channel: str, doc: Doc, minutes: int) -> Doc:
    """Last changed so many minutes after ten."""
    moment = _TEN + timedelta(minutes=minutes)
    local = moment.strftime("%Y-%m-%d %H:%M:%S")
    field, value = {
        "taobao": ("modified", local),
        "jd": ("modified", local),
        "pdd": ("updated_at", local),
        "douyin": ("update_time", int(moment.timestamp())),
        "shopify": ("updated_at", moment.isoformat()),
    }[channel]
    return {**copy.deepcopy(doc), field: value}


def lines(channel: str, doc: Doc) -> list[Doc]:
    """The payload's own list of lines: to be changed in place."""
    found: list[Doc] = {
        "taobao": lambda: doc["orders"]["order"],
        "jd": lambda: doc["itemInfoList"],
        "pdd": lambda: doc["item_list"],
        "douyin": lambda: doc["sku_order_list"],
        "shopify": lambda: doc["line_items"],
    }[channel]()
    return found


def with_line(channel: str, doc: Doc, sku: str, pieces: int, number: int = 9) -> Doc:
    """One line more; ``number`` makes its id another one."""
    new = copy.deepcopy(doc)
    line = copy.deepcopy(lines(channel, new)[0])
    line.update(
        {
            "taobao": {"oid": 2300000000000000000 + number, "outer_sku_id": sku, "num": pieces},
            "jd": {"skuId": str(50000 + number), "outerSkuId": sku, "itemTotal": str(pieces), "skuUuid": f"u-{number}"},
            "pdd": {"sku_id": 1500000000000 + number, "outer_id": sku, "goods_count": pieces},
            "douyin": {"order_id": str(4900000000000000000 + number), "code": sku, "item_num": pieces},
            "shopify": {"id": 830000000000000 + number, "sku": sku, "quantity": pieces, "fulfillable_quantity": pieces},
        }[channel]
    )
    # Facts of the line that it was copied from are none of its own.
    for fact in ("fulfillment_status", "current_quantity", "consign_time", "skuUuid" if channel != "jd" else ""):
        line.pop(fact, None)
    if channel == "taobao":
        line.update(status="WAIT_SELLER_SEND_GOODS", refund_status="NO_REFUND")
    elif channel == "douyin":
        line.update(
            order_status="2", after_sale_info={"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0}
        )
    lines(channel, new).append(line)
    return new


def pieces(channel: str, doc: Doc, count: int) -> Doc:
    """The first line has another number of pieces, all still to be sent."""
    new = copy.deepcopy(doc)
    field = {"taobao": "num", "jd": "itemTotal", "pdd": "goods_count", "douyin": "item_num", "shopify": "quantity"}[
        channel
    ]
    line = lines(channel, new)[0]
    line[field] = str(count) if channel == "jd" else count
    if channel == "shopify":
        line["fulfillable_quantity"] = count
    return new


def sent(channel: str, doc: Doc) -> Doc:
    """The platform shows all of it as sent."""
    new = copy.deepcopy(doc)
    match channel:
        case "taobao":
            new.update(status="WAIT_BUYER_CONFIRM_GOODS", consign_time="2026-01-02 10:00:00")
            for line in lines(channel, new):
                line.update(status="WAIT_BUYER_CONFIRM_GOODS", consign_time="2026-01-02 10:00:00")
        case "jd":
            new.update(orderState="WAIT_GOODS_RECEIVE_CONFIRM", waybill="JDVA00000000001")
        case "pdd":
            new.update(order_status=2, shipping_time="2026-01-02 10:00:00")
        case "douyin":
            new.update(order_status=3, main_status=3, ship_time=1767319200)
            for line in lines(channel, new):
                line.update(order_status="3")
        case "shopify":
            new.update(fulfillment_status="fulfilled")
            for line in lines(channel, new):
                line.update(fulfillment_status="fulfilled", fulfillable_quantity=0)
    return new


def closed(channel: str, doc: Doc) -> Doc:
    """The platform closed the whole order before it was sent."""
    new = copy.deepcopy(doc)
    match channel:
        case "taobao":
            new.update(status="TRADE_CLOSED")
            for line in lines(channel, new):
                line.update(status="TRADE_CLOSED", refund_status="SUCCESS")
        case "jd":
            new.update(orderState="TRADE_CANCELED")
        case "pdd":
            new.update(confirm_status=2)
        case "douyin":
            new.update(order_status=4, main_status=4)
            for line in lines(channel, new):
                line.update(order_status="4")
        case "shopify":
            new.update(cancelled_at="2026-01-01T11:00:00+08:00", financial_status="refunded")
    return new


def unpaid(channel: str, doc: Doc) -> Doc:
    """Placed, not paid yet. JD shows no such orders."""
    new = copy.deepcopy(doc)
    match channel:
        case "taobao":
            new.update(status="WAIT_BUYER_PAY", pay_time=None)
            for line in lines(channel, new):
                line.update(status="WAIT_BUYER_PAY")
        case "pdd":
            new.update(confirm_status=0, pay_time="")
        case "douyin":
            new.update(order_status=1, main_status=1, pay_time=0)
            for line in lines(channel, new):
                line.update(order_status="1")
        case "shopify":
            new.update(financial_status="pending")
    return new


def to_guangzhou(channel: str, doc: Doc) -> Doc:
    """The receiver has moved."""
    new = copy.deepcopy(doc)
    match channel:
        case "taobao":
            new.update(
                receiver_state="广东省", receiver_city="广州市", receiver_district="天河区", receiver_address="***"
            )
        case "jd":
            new["consigneeInfo"].update(province="广东", city="广州市", county="天河区")
        case "pdd":
            new.update(province="广东省", city="广州市", town="天河区", receiver_address="~bmV3~1~1~~")
        case "douyin":
            new["post_addr"].update(
                province={"id": "44", "name": "广东省"},
                city={"id": "4401", "name": "广州市"},
                town={"id": "440106", "name": "天河区"},
                street={"id": "2", "name": "石牌街道"},
                encrypt_detail="##bmV3*bmV3#1##",
            )
        case "shopify":
            new["shipping_address"].update(province="Guangdong", city="Guangzhou", address1="2 New Road")
    return new


Change = Callable[[str, Doc], Doc]
