"""Smallest sound raw orders of the five platforms, and what a mapper makes of a changed one."""

from __future__ import annotations

import copy
import json
from typing import Any

from schemas.records import Reason
from streams.domain.channels import MAPPERS, Snapshot
from streams.domain.channels.payload import read_object
from streams.domain.channels.settings import DEFAULT, ChannelSettings

Doc = dict[str, Any]

# 2026-01-01 10:00:00 at GMT+8.
TEN_O_CLOCK_MS = 1_767_232_800_000

TAOBAO: Doc = {
    "tid": 2300000000000000001,
    "status": "WAIT_SELLER_SEND_GOODS",
    "type": "guarantee_trade",
    "created": "2026-01-01 09:59:00",
    "pay_time": "2026-01-01 10:00:00",
    "modified": "2026-01-01 10:00:00",
    "payment": "99.00",
    "receiver_name": "测**",
    "receiver_mobile": "13800000000-1234",
    "receiver_state": "浙江省",
    "receiver_city": "杭州市",
    "receiver_district": "西湖区",
    "receiver_address": "文三路***",
    "receiver_zip": "310000",
    "oaid": "oaid-1",
    "orders": {
        "order": [
            {
                "oid": 2300000000000000002,
                "outer_iid": "ITEM-A",
                "outer_sku_id": "SKU-A",
                "title": "测试商品",
                "num": 2,
                "price": "54.50",
                "status": "WAIT_SELLER_SEND_GOODS",
                "refund_status": "NO_REFUND",
            }
        ]
    },
}
JD: Doc = {
    "orderId": "300000000001",
    "orderType": "22",
    "payType": "4",
    "orderState": "WAIT_SELLER_STOCK_OUT",
    "orderSellerPrice": "99.00",
    "orderPayment": "99.00",
    "freightPrice": "0.00",
    "orderStartTime": "2026-01-01 10:00:00",
    "paymentConfirmTime": "2026-01-01 10:01:00",
    "orderEndTime": "0001-01-01 00:00:00",
    "modified": "2026-01-01 10:01:00",
    "consigneeInfo": {
        "fullname": "测试甲",
        "mobile": "ENC",
        "province": "浙江",
        "city": "杭州市",
        "county": "西湖区",
        "fullAddress": "ENC",
    },
    "itemInfoList": [
        {
            "skuId": "50001",
            "outerSkuId": "SKU-A",
            "skuName": "测试商品",
            "jdPrice": "54.50",
            "itemTotal": "2",
            "wareId": "40001",
        }
    ],
}
PDD: Doc = {
    "order_sn": "260101-000000000000001",
    "order_status": 1,
    "confirm_status": 1,
    "group_status": 1,
    "refund_status": 1,
    "risk_control_status": 0,
    "trade_type": 0,
    "is_lucky_flag": 1,
    "created_time": "2026-01-01 09:59:00",
    "pay_time": "2026-01-01 10:00:00",
    "updated_at": "2026-01-01 10:00:00",
    "last_ship_time": "2026-01-03 10:00:00",
    "pay_amount": 99.5,
    "province": "浙江省",
    "city": "杭州市",
    "town": "西湖区",
    "receiver_name": "~bmFtZQ==~1~1~~",
    "receiver_phone": "$1$cGhvbmU=$1$",
    "receiver_address": "~YWRkcmVzcw==~1~1~~",
    "item_list": [
        {
            "goods_id": 1,
            "sku_id": 1500000000001,
            "outer_goods_id": "ITEM-A",
            "outer_id": "SKU-A",
            "goods_name": "测试商品",
            "goods_spec": "红色",
            "goods_count": 2,
            "goods_price": 49.75,
        }
    ],
    "gift_list": [],
}
DOUYIN: Doc = {
    "order_id": "4900000000000000001",
    "order_status": 2,
    "main_status": 2,
    "order_type": 0,
    "create_time": 1767232740,
    "pay_time": 1767232800,
    "update_time": 1767232800,
    "exp_ship_time": 1767405600,
    "order_expire_time": 1800,
    "pay_amount": 9900,
    "encrypt_post_receiver": "##bg==*bg==#1##",
    "encrypt_post_tel": "$$dA==*dA==$1$$",
    "post_addr": {
        "province": {"id": "33", "name": "浙江省"},
        "city": {"id": "3301", "name": "杭州市"},
        "town": {"id": "330106", "name": "西湖区"},
        "street": {"id": "1", "name": "北山街道"},
        "encrypt_detail": "##ZA==*ZA==#1##",
    },
    "sku_order_list": [
        {
            "order_id": "4900000000000000001",
            "parent_order_id": "4900000000000000001",
            "product_name": "测试商品",
            "code": "SKU-A",
            "item_num": 2,
            "origin_amount": 4950,
            "order_status": "2",
            "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
        }
    ],
}
SHOPIFY: Doc = {
    "id": 820000000000001,
    "name": "#1001",
    "created_at": "2026-01-01T10:00:00+08:00",
    "updated_at": "2026-01-01T10:00:05+08:00",
    "cancelled_at": None,
    "test": False,
    "currency": "CNY",
    "total_price": "99.00",
    "financial_status": "paid",
    "fulfillment_status": None,
    "note": None,
    "tags": "",
    "line_items": [
        {
            "id": 830000000000001,
            "sku": "SKU-A",
            "variant_id": 840000000000001,
            "product_id": 850000000000001,
            "title": "Demo",
            "quantity": 2,
            "fulfillable_quantity": 2,
            "price": "49.50",
            "requires_shipping": True,
        }
    ],
    "shipping_address": {
        "name": "Test Buyer",
        "phone": "13800000000",
        "country_code": "CN",
        "province": "Zhejiang",
        "city": "Hangzhou",
        "address1": "1 Demo Road",
        "address2": None,
        "zip": "310000",
    },
}
SOUND: dict[str, Doc] = {"taobao": TAOBAO, "jd": JD, "pdd": PDD, "douyin": DOUYIN, "shopify": SHOPIFY}
ORDER_NO = {
    "taobao": "2300000000000000001",
    "jd": "300000000001",
    "pdd": "260101-000000000000001",
    "douyin": "4900000000000000001",
    "shopify": "820000000000001",
}


def changed(doc: Doc, **fields: Any) -> Doc:
    """A deep copy with other fields on top; a field set to `...` is taken out."""
    copied = copy.deepcopy(doc)
    for name, value in fields.items():
        if value is ...:
            del copied[name]
        else:
            copied[name] = value
    return copied


def read(channel: str, doc: Doc, settings: ChannelSettings = DEFAULT) -> tuple[Snapshot, list[Reason]]:
    """The document through JSON bytes and the channel's mapper."""
    reasons: list[Reason] = []
    parsed = read_object(json.dumps(doc).encode(), reasons)
    assert parsed is not None, reasons
    return MAPPERS[channel](parsed, reasons, settings), reasons


def sound(channel: str, doc: Doc) -> Snapshot:
    """The snapshot of a document in which nothing is wrong."""
    snapshot, reasons = read(channel, doc)
    assert reasons == []
    return snapshot


def codes(channel: str, doc: Doc) -> list[tuple[str, str]]:
    """Code and field of every reason against the document."""
    return [(reason["code"], reason["field"]) for reason in read(channel, doc)[1]]
