"""Ten ways in which a channel's event is wrong, each with the reason that intake must give.

Pure: nothing is drawn here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .sale import RawEvent

Doc = dict[str, Any]

# Where each platform keeps what is spoilt: the order's object, then field names.
_ORDER: dict[str, tuple[str, ...]] = {
    "taobao": ("trade_fullinfo_get_response", "trade"),
    "jd": (),
    "pdd": ("order_info_get_response", "order_info"),
    "douyin": (),
    "shopify": (),
}
_FIELDS: dict[str, dict[str, str]] = {
    "taobao": {"status": "status", "money": "payment", "time": "modified", "quantity": "num", "sku": "outer_sku_id"},
    "jd": {
        "status": "orderState",
        "money": "orderPayment",
        "time": "modified",
        "quantity": "itemTotal",
        "sku": "outerSkuId",
    },
    "pdd": {
        "status": "order_status",
        "money": "pay_amount",
        "time": "updated_at",
        "quantity": "goods_count",
        "sku": "outer_id",
    },
    "douyin": {
        "status": "order_status",
        "money": "pay_amount",
        "time": "update_time",
        "quantity": "item_num",
        "sku": "code",
    },
    "shopify": {
        "status": "financial_status",
        "money": "total_price",
        "time": "updated_at",
        "quantity": "quantity",
        "sku": "sku",
    },
}
_LINES = {
    "taobao": "orders",
    "jd": "itemInfoList",
    "pdd": "item_list",
    "douyin": "sku_order_list",
    "shopify": "line_items",
}


def _order(channel: str, doc: Doc) -> Doc:
    for name in _ORDER[channel]:
        doc = doc[name]
    return doc


def _line(channel: str, doc: Doc) -> Doc:
    lines = _order(channel, doc)[_LINES[channel]]
    first: Doc = (lines["order"] if channel == "taobao" else lines)[0]
    return first


def _set(field: str, value: object) -> Callable[[str, Doc], None]:
    def change(channel: str, doc: Doc) -> None:
        owner = _line(channel, doc) if field in ("quantity", "sku") else _order(channel, doc)
        owner[_FIELDS[channel][field]] = value

    return change


def _drop_time(channel: str, doc: Doc) -> None:
    del _order(channel, doc)[_FIELDS[channel]["time"]]


def _drop_lines(channel: str, doc: Doc) -> None:
    _order(channel, doc)[_LINES[channel]] = "see attachment"


def _changed(change: Callable[[str, Doc], None]) -> Callable[[RawEvent], RawEvent]:
    def spoiler(raw: RawEvent) -> RawEvent:
        doc: Doc = json.loads(raw.event["payload"])
        change(raw.event["channel"], doc)
        return _with(raw, json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode())

    return spoiler


def _with(raw: RawEvent, payload: bytes) -> RawEvent:
    return raw._replace(event={**raw.event, "payload": payload})


def _cut(raw: RawEvent) -> RawEvent:
    text = raw.event["payload"].decode()
    return _with(raw, text[: len(text) * 2 // 3].encode())


def _gbk(raw: RawEvent) -> RawEvent:
    # A Chinese word for those payloads that are plain ASCII.
    text = raw.event["payload"].decode().replace('"', '"订单', 1)
    return _with(raw, text.encode("gbk"))


def _other_order(raw: RawEvent) -> RawEvent:
    order_no = f"{raw.event['order_no']}9"
    return raw._replace(
        key=f"{raw.event['channel']}:{order_no}", event={**raw.event, "order_no": order_no, "event_id": f"{order_no}-x"}
    )


# Name -> what is done to a sound event, the reason's code.
MALFORMATIONS: dict[str, tuple[Callable[[RawEvent], RawEvent], str]] = {
    "truncated_json": (_cut, "invalid_json"),
    "gbk_bytes": (_gbk, "wrong_encoding"),
    "list_instead_of_object": (lambda raw: _with(raw, b"[" + raw.event["payload"] + b"]"), "wrong_type"),
    "modified_time_missing": (_changed(_drop_time), "missing_field"),
    "lines_are_text": (_changed(_drop_lines), "wrong_type"),
    "negative_quantity": (_changed(_set("quantity", -2)), "quantity_not_positive"),
    "unknown_sku": (_changed(_set("sku", "NO-SUCH-SKU")), "unknown_sku"),
    "amount_is_words": (_changed(_set("money", "九十九元")), "invalid_money"),
    "unknown_status": (_changed(_set("status", "TELEPORTED")), "unknown_status"),
    "other_orders_payload": (_other_order, "order_no_mismatch"),
}


def spoil(name: str, raw: RawEvent) -> RawEvent:
    """The event, malformed in the named way; its note says so."""
    return MALFORMATIONS[name][0](raw)._replace(note=f"malformed:{name}")
