"""After-sales of generated orders, as each platform shows them: asked for, and carried out."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]


def asked(channel: str, order_no: str, order: Doc, done: bool = False) -> Doc:
    """The platform's detail of a refund (Shopify: a return) of the order's first line, open or done."""
    return _MADE[channel](order_no, order, done)


def _taobao(order_no: str, order: Doc, done: bool) -> Doc:
    inner = order.get("trade_fullinfo_get_response")
    trade = order if inner is None else inner["trade"]
    line = trade["orders"]["order"][0]
    return {
        "refund_id": f"9{order_no[-12:]}",
        "tid": trade["tid"],
        "oid": line["oid"],
        "num": line["num"],
        "outer_id": line.get("outer_sku_id", ""),
        "status": "SUCCESS" if done else "WAIT_SELLER_AGREE",
        "order_status": "WAIT_SELLER_SEND_GOODS",
        "good_status": "BUYER_NOT_RECEIVED",
        "has_good_return": False,
        "dispute_type": "REFUND",
        "refund_fee": "1.00",
        "total_fee": "2.00",
        "reason": "快递/物流一直未送到",
        "created": trade["created"],
    }


def _douyin(order_no: str, order: Doc, done: bool) -> Doc:
    line = order["sku_order_list"][0]
    of = {
        "sku_order_id": line["order_id"],
        "shop_sku_code": line["code"],
        "item_quantity": line["item_num"],
        "after_sale_item_count": line["item_num"],
        "pay_amount": 200,
    }
    info = {
        "after_sale_id": int(f"7{order_no[-12:]}"),
        "after_sale_type": 2,
        "after_sale_status": 12 if done else 6,
        "refund_status": 3 if done else 1,
        "refund_total_amount": 200,
        "apply_time": order["create_time"],
        "reason": "不想要了",
        "reason_code": 5,
        "got_pkg": 0,
    }
    return {
        "order_info": {"shop_order_id": int(order_no), "sku_order_infos": [of]},
        "process_info": {"after_sale_info": info},
    }


def _pdd(order_no: str, order: Doc, done: bool) -> Doc:
    info = order["order_info_get_response"]["order_info"]
    item = info["item_list"][0]
    return {
        "id": int(f"8{order_no[-9:]}"),
        "order_sn": order_no,
        "after_sales_type": 1,
        "after_sales_status": 10 if done else 2,
        "after_sales_reason": "其他",
        "sku_id": str(item["sku_id"]),
        "goods_number": item["goods_count"],
        "order_amount": 200,
        "refund_amount": 200,
        "shipping_status": 0,
        "user_shipping_status": "0",
    }


def _jd(order_no: str, order: Doc, done: bool) -> Doc:
    return {
        "id": int(f"5{order_no[-9:]}"),
        "orderId": int(order_no),
        "applyRefundSum": 200,
        "status": 3 if done else 0,
        "reason": "不想要了",
        "systemId": 28,
    }


def _shopify(order_no: str, order: Doc, done: bool) -> Doc:
    line = order["line_items"][0]
    return {
        "id": f"gid://shopify/Return/4{order_no[-9:]}",
        "status": "CLOSED" if done else "OPEN",
        "order": {"id": f"gid://shopify/Order/{order_no}"},
        "returnLineItems": {
            "nodes": [
                {
                    "quantity": 1,
                    "returnReason": "OTHER",
                    "returnReasonNote": "too late",
                    "returnReasonDefinition": {"handle": "arrived-late", "name": "Arrived late"},
                    "fulfillmentLineItem": {"lineItem": {"id": f"gid://shopify/LineItem/{line['id']}"}},
                }
            ]
        },
    }


_MADE = {"taobao": _taobao, "douyin": _douyin, "pdd": _pdd, "jd": _jd, "shopify": _shopify}
