"""After-sales as platforms show them, one a form; all invented."""

from __future__ import annotations

import copy
from typing import Any

Doc = dict[str, Any]

TAOBAO: Doc = {
    "refund_id": "90000000000001",
    "tid": 2300000000000000001,
    "oid": 2300000000000000002,
    "num": 2,
    "num_iid": 600000000001,
    "outer_id": "SKU-A",
    "status": "WAIT_SELLER_AGREE",
    "good_status": "BUYER_NOT_RECEIVED",
    "has_good_return": False,
    "dispute_type": "REFUND",
    "reason": "快递/物流一直未送到",
    "desc": "",
    "refund_fee": "21.30",
    "total_fee": "21.30",
    "order_status": "WAIT_SELLER_SEND_GOODS",
    "created": "2026-01-02 12:32:20",
    "modified": "2026-01-02 12:32:21",
}
DOUYIN: Doc = {
    "order_info": {
        "shop_order_id": 4900000000000000001,
        "sku_order_infos": [
            {
                "sku_order_id": 4900000000000000002,
                "shop_sku_code": "SKU-A",
                "item_quantity": 3,
                "after_sale_item_count": 2,
                "pay_amount": 3000,
                "post_amount": 500,
            }
        ],
    },
    "process_info": {
        "after_sale_info": {
            "after_sale_id": 7000000000000000001,
            "after_sale_type": 2,
            "after_sale_status": 6,
            "refund_status": 1,
            "refund_total_amount": 2000,
            "apply_time": 1767328340,
            "update_time": 1767328341,
            "reason": "快递长时间未送达",
            "reason_code": 17,
            "got_pkg": 0,
        },
        "logistics_info": {"return": {"tracking_no": "YT1"}},
    },
}
DOUYIN_ROW: Doc = {
    "aftersale_info": {
        "aftersale_id": "7000000000000000001",
        "aftersale_type": 1,
        "aftersale_status": 6,
        "refund_status": 1,
        "refund_amount": 2130,
        "apply_time": 1767328340,
        "update_time": 1767328340,
        "got_pkg": 0,
        "reason_second_labels": [{"code": 1, "name": "物流信息停滞"}],
        "return_logistics_code": "YT2",
    },
    "text_part": {"reason_text": "快递长时间未送达"},
    "order_info": {
        "shop_order_id": "4900000000000000001",
        "related_order_info": [
            {
                "sku_order_id": "4900000000000000001",
                "item_num": 1,
                "aftersale_item_num": 1,
                "pay_amount": 2130,
                "shop_sku_code": "SKU-A",
            }
        ],
    },
}
PDD: Doc = {
    "id": 800000001,
    "order_sn": "260101-000000000000001",
    "after_sales_type": 1,
    "after_sales_status": 2,
    "after_sales_reason": "物流一直未送达",
    "remark": "",
    "sku_id": "2",
    "goods_number": 2,
    "goods_price": 1500,
    "discount_amount": 870,
    "order_amount": 2130,
    "refund_amount": 2130,
    "shipping_status": 0,
    "user_shipping_status": "1",
    "express_no": "YT3",
    "recreated_at": 1767328340000,
    "updated_time": "1767328341",
}
PDD_ROW: Doc = {
    "id": 800000001,
    "order_sn": "260101-000000000000001",
    "after_sales_type": 2,
    "after_sales_status": 2,
    "after_sale_reason": "物流一直未送达",
    "sku_id": 2,
    "outer_id": "SKU-A",
    "goods_number": "1",
    "goods_price": "21.30",
    "order_amount": "21.30",
    "refund_amount": "21.30",
    "discount_amount": "0.00",
    "user_shipping_status": "1",
    "tracking_number": "",
    "created_time": "1767328340",
    "updated_time": "1767328340",
}
JD_APPLICATION: Doc = {
    "id": 500001,
    "orderId": 300000000001,
    "applyTime": "2026-01-02 12:32:20",
    "checkTime": None,
    "applyRefundSum": 2130,
    "status": 0,
    "reason": "不想要了",
    "systemId": 28,
}
JD_SERVICE: Doc = {
    "serviceId": 700001,
    "orderId": 300000000001,
    "skuId": 900001,
    "serviceCount": 1,
    "customerExpect": 10,
    "serviceStatus": 10001,
    "questionTypeCid1": 1001,
    "questionTypeCid1Name": "物流问题",
    "questionTypeCid2": 100101,
    "questionTypeCid2Name": "商品破损",
    "applyTime": "2026-01-02 12:32:20",
    "updateTime": "2026-01-02 12:33:20",
    "expressCode": "JDX1",
}
JD_AFS: Doc = {
    "afsOrderId": "700000001",
    "orderInfo": {"orderId": "300000000001"},
    "afsOrderBaseInfo": {"applyTime": 1767328340000, "modifiedTime": 1767328341000, "afsOrderFinishTime": None},
    "afsOrderStatusInfo": {"mainStatus": 1, "subStatus": 101},
    "customerApplyInfo": {
        "customerExpect": 11,
        "applyReasonFirstCid": 1001,
        "applyReasonFirstCidDesc": "物流问题",
        "applyReasonSecondCid": 100101,
        "applyReasonSecondCidDesc": "未收到货",
    },
    "refundInfo": {"refundStatus": 0, "applyRefundAmount": "21.30", "actualRefundAmount": None},
    "waybillInfoList": [{"waybillType": 2, "waybillCode": "JDX000000000001"}],
}
SHOPIFY_REFUND: Doc = {
    "id": 900001,
    "order_id": 820000000000001,
    "created_at": "2026-01-02T12:32:20+08:00",
    "note": "arrived broken",
    "refund_line_items": [
        {"line_item_id": 1001, "quantity": 2, "restock_type": "cancel", "line_item": {"sku": "SKU-A"}},
    ],
    "transactions": [{"kind": "refund", "status": "success", "amount": "21.30", "currency": "USD"}],
}
SHOPIFY_RETURN: Doc = {
    "id": "gid://shopify/Return/1",
    "status": "OPEN",
    "createdAt": "2026-01-02T04:32:20Z",
    "order": {"id": "gid://shopify/Order/820000000000001", "updatedAt": "2026-01-02T04:33:20Z", "currencyCode": "USD"},
    "returnLineItems": {
        "nodes": [
            {
                "quantity": 1,
                "returnReason": "OTHER",
                "returnReasonDefinition": {"handle": "arrived-late", "name": "Arrived late"},
                "returnReasonNote": "came after the event",
                "fulfillmentLineItem": {"lineItem": {"id": "gid://shopify/LineItem/1001", "sku": "SKU-A"}},
            }
        ]
    },
    "exchangeLineItems": {"nodes": []},
}

#: Form -> its channel, a sound document, where the id of its order stands.
FORMS: dict[str, tuple[str, Doc]] = {
    "taobao": ("taobao", TAOBAO),
    "douyin": ("douyin", DOUYIN),
    "douyin row": ("douyin", DOUYIN_ROW),
    "pdd": ("pdd", PDD),
    "pdd row": ("pdd", PDD_ROW),
    "jd application": ("jd", JD_APPLICATION),
    "jd service": ("jd", JD_SERVICE),
    "jd after-sale order": ("jd", JD_AFS),
    "shopify refund": ("shopify", SHOPIFY_REFUND),
    "shopify return": ("shopify", SHOPIFY_RETURN),
}


def changed(doc: Doc, path: str, value: Any) -> Doc:
    """The document with another value at `a.b.0.c`; a value `...` takes the field away."""
    made = copy.deepcopy(doc)
    *way, last = path.split(".")
    place: Any = made
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return made
