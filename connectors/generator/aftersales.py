"""After-sales of orders that have left, as each platform shows them: money without goods, goods for other goods.

    refund_only        all of the first line is paid back, and the buyer keeps it
    exchange           a unit of the first line comes back for another one
    price_protection   (价保) the price fell: a tenth is paid back, whether it has left or not

Every platform has the first two. Price protection is an after-sale on Douyin alone: Taobao and JD tell of theirs where no order's
after-sales are (`special_refund_type`, `price-protect-orders`), PDD and Shopify have none. What replaces an exchanged unit is a line
more of the order on Shopify, and goes with the after-sale's own waybill elsewhere: no line of the order.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from .sale import RawEvent, local
from .shapes.shopify import iso
from .stream import compact

Doc = dict[str, Any]
Kind = Literal["refund_only", "exchange", "price_protection"]
#: From when it is asked for to its end: platforms date by the second, and a later version is dated later.
_TAKES_MS = 60_000


def aftersale_events(order: RawEvent, kind: Kind, at_ms: int) -> list[RawEvent]:
    """An order's after-sale from when it is asked for to its end, in the order it is told; none where its platform has no such.

    :param order: the order's last event, of one that has left, not malformed.
    """
    doc: Doc = json.loads(order.event["payload"])
    at_ms = max(at_ms, order.event["occurred_at_ms"] + 1_000)
    told = _TELLS[order.event["channel"]].get(kind, _nothing)(doc, at_ms)
    return [_event(order, shown, at_ms + after_ms, kind, aftersale=sale) for sale, shown, after_ms in told]


Told = Iterator[tuple[bool, Doc, int]]
"""Whether it is the after-sale or the order itself, the payload, and how long after it was asked for."""


def _event(order: RawEvent, doc: Doc, at_ms: int, kind: Kind, *, aftersale: bool) -> RawEvent:
    event = order.event
    return RawEvent(
        order.key,
        {
            **event,
            "kind": "aftersale" if aftersale else event["kind"],
            "event_id": f"{event['channel']}-{event['order_no']}-{kind}-{at_ms}",
            "occurred_at_ms": at_ms,
            "received_at_ms": at_ms,
            "payload": compact(doc),
        },
        f"aftersale:{kind}",
    )


def _nothing(_: Doc, __: int) -> Told:
    yield from ()


def _asked_and_done(document: Callable[[Doc, int, bool], Doc]) -> Callable[[Doc, int], Told]:
    """Told when it is asked for, and when it is done."""

    def tell(doc: Doc, at_ms: int) -> Told:
        yield True, document(doc, at_ms, False), 0
        yield True, document(doc, at_ms, True), _TAKES_MS

    return tell


def _taobao(exchange: bool) -> Callable[[Doc, int, bool], Doc]:
    def document(doc: Doc, at_ms: int, done: bool) -> Doc:
        trade = doc["trade_fullinfo_get_response"]["trade"]
        line = trade["orders"]["order"][0]
        refund = {
            "refund_id": str(line["oid"] + 500),
            "tid": trade["tid"],
            "oid": line["oid"],
            "outer_id": line["outer_sku_id"],
            "num": 1 if exchange else line["num"],
            "status": "SUCCESS" if done else "WAIT_BUYER_RETURN_GOODS" if exchange else "WAIT_SELLER_AGREE",
            "dispute_type": "TAOBAO_EXCHANGE" if exchange else "REFUND",
            "has_good_return": exchange,
            "good_status": "BUYER_RETURNED_GOODS" if exchange else "BUYER_NOT_RECEIVED",
            "order_status": "WAIT_BUYER_CONFIRM_GOODS",
            "refund_fee": "0.00" if exchange else line["total_fee"],
            "total_fee": line["total_fee"],
            "reason": "尺码不合适" if exchange else "快递一直未送达",
            "desc": "",
            "created": local(at_ms),
            "modified": local(at_ms + done * _TAKES_MS),
        }
        return {"refund_get_response": {"refund": refund}}

    return document


def _jd(exchange: bool) -> Callable[[Doc, int, bool], Doc]:
    """A service order: after receipt."""

    def document(doc: Doc, at_ms: int, done: bool) -> Doc:
        line = doc["itemInfoList"][0]
        return {
            "serviceId": int(doc["orderId"]) + 400_000_000_000,
            "orderId": doc["orderId"],
            "skuId": line["skuId"],
            "serviceCount": 1 if exchange else int(line["itemTotal"]),
            "customerExpect": 20 if exchange else 11,
            "serviceStatus": 10010 if done else 10001,
            "questionTypeCid1Name": "商品问题",
            "questionTypeCid2Name": "尺寸不符" if exchange else "商品破损",
            "applyTime": local(at_ms),
            "updateTime": local(at_ms + done * _TAKES_MS),
        }

    return document


def _pdd(exchange: bool) -> Callable[[Doc, int, bool], Doc]:
    def document(doc: Doc, at_ms: int, done: bool) -> Doc:
        order = doc["order_info_get_response"]["order_info"]
        line, paid = order["item_list"][0], round(order["pay_amount"] * 100)
        return {
            "id": int(order["order_sn"].partition("-")[2]) + 800_000_000_000,
            "order_sn": order["order_sn"],
            "after_sales_type": 3 if exchange else 1,
            "after_sales_status": (16 if done else 14) if exchange else (10 if done else 2),
            "after_sales_reason": "颜色与描述不符" if exchange else "物流一直未送达",
            "sku_id": str(line["sku_id"]),
            "goods_number": 1 if exchange else line["goods_count"],
            "order_amount": paid,
            "refund_amount": 0 if exchange else paid,
            "shipping_status": 1,
            "user_shipping_status": "2" if exchange else "1",
            "recreated_at": at_ms,
            "updated_time": str((at_ms + done * _TAKES_MS) // 1000),
        }

    return document


def _douyin(kind: Kind) -> Callable[[Doc, int, bool], Doc]:
    type_, reason = {
        "refund_only": (1, "快递长时间未送达"),
        "exchange": (3, "尺码不合适"),
        "price_protection": (6, "商品降价"),
    }[kind]

    def document(doc: Doc, at_ms: int, done: bool) -> Doc:
        line = doc["sku_order_list"][0]
        back = {"refund_only": line["pay_amount"], "exchange": 0, "price_protection": line["pay_amount"] // 10}[kind]
        return {
            "order_info": {
                "shop_order_id": doc["order_id"],
                "sku_order_infos": [
                    {
                        "sku_order_id": line["order_id"],
                        "shop_sku_code": line["code"],
                        "item_quantity": line["item_num"],
                        "after_sale_item_count": 1 if kind == "exchange" else line["item_num"],
                        "pay_amount": line["pay_amount"],
                        "post_amount": 0,
                    }
                ],
            },
            "process_info": {
                "after_sale_info": {
                    "after_sale_id": str(int(line["order_id"]) + 500),
                    "after_sale_type": type_,
                    "after_sale_status": (14 if done else 7) if kind == "exchange" else (12 if done else 6),
                    "refund_status": 0 if kind == "exchange" else 3 if done else 1,
                    "refund_total_amount": back,
                    "reason": reason,
                    "reason_code": 0,
                    "got_pkg": int(kind != "refund_only"),
                    "apply_time": at_ms // 1000,
                    "update_time": (at_ms + done * _TAKES_MS) // 1000,
                }
            },
        }

    return document


def _goods(doc: Doc) -> Doc:
    found: Doc = next(line for line in doc["line_items"] if line["requires_shipping"] and line["quantity"] > 0)
    return found


def _shopify_refund(doc: Doc, at_ms: int) -> Told:
    """Money alone: a refund is told when it has been made."""
    line = _goods(doc)
    refund = {
        "id": doc["id"] + 100_000_000_000,
        "order_id": doc["id"],
        "created_at": iso(at_ms),
        "note": "never arrived",
        "refund_line_items": [],
        "transactions": [
            {"kind": "refund", "status": "success", "amount": line["price"], "currency": doc["currency"]},
        ],
    }
    yield True, refund, 0


def _shopify_exchange(doc: Doc, at_ms: int) -> Told:
    """A return with its exchange line, which stands in the order from then on."""
    line = _goods(doc)
    new = {**line, "id": line["id"] + 500, "quantity": 1, "fulfillable_quantity": 1}
    order = copy.deepcopy(doc)
    for each in order["line_items"]:
        each.update(fulfillment_status="fulfilled", fulfillable_quantity=0)
    order["line_items"].append(new)
    order.update(updated_at=iso(at_ms), fulfillment_status="partial")

    def returned(status: str, updated_ms: int) -> Doc:
        of = {"id": f"gid://shopify/LineItem/{line['id']}", "sku": line["sku"]}
        item = {
            "quantity": 1,
            "fulfillmentLineItem": {"lineItem": of},
            "returnReason": "SIZE_TOO_SMALL",
            "returnReasonNote": "",
        }
        return {
            "id": f"gid://shopify/Return/{doc['id'] + 100_000_000_000}",
            "status": status,
            "createdAt": iso(at_ms),
            "order": {
                "id": doc["admin_graphql_api_id"],
                "updatedAt": iso(updated_ms),
                "currencyCode": doc["currency"],
            },
            "returnLineItems": {"nodes": [item]},
            "exchangeLineItems": {"nodes": [{"id": f"gid://shopify/ExchangeLineItem/{new['id']}", "quantity": 1}]},
        }

    yield True, returned("OPEN", at_ms), 0
    yield False, order, 0
    yield True, returned("CLOSED", at_ms + _TAKES_MS), _TAKES_MS


_TELLS: Mapping[str, Mapping[Kind, Callable[[Doc, int], Told]]] = {
    "taobao": {"refund_only": _asked_and_done(_taobao(False)), "exchange": _asked_and_done(_taobao(True))},
    "jd": {"refund_only": _asked_and_done(_jd(False)), "exchange": _asked_and_done(_jd(True))},
    "pdd": {"refund_only": _asked_and_done(_pdd(False)), "exchange": _asked_and_done(_pdd(True))},
    "douyin": {
        "refund_only": _asked_and_done(_douyin("refund_only")),
        "exchange": _asked_and_done(_douyin("exchange")),
        "price_protection": _asked_and_done(_douyin("price_protection")),
    },
    "shopify": {"refund_only": _shopify_refund, "exchange": _shopify_exchange},
}
