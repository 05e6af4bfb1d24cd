"""Taobao and Tmall: a sale as `taobao.trade.fullinfo.get` shows it. Receiver fields masked, with an `oaid`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sale import Sale, SaleLine, Stage, local, masked, token, yuan

FIRST = 2_300_000_000_000_000_000
STATUS = {
    "unpaid": "WAIT_BUYER_PAY",
    "held": "PAID_FORBID_CONSIGN",
    "paid": "WAIT_SELLER_SEND_GOODS",
    "shipped": "WAIT_BUYER_CONFIRM_GOODS",
    "cancelled": "TRADE_CLOSED",
}


def order_no(sale: Sale) -> str:
    return str(FIRST + sale.serial * 1000)


def line_no(sale: Sale, index: int) -> str:
    """The id of the index-th line, from 1."""
    return str(FIRST + sale.serial * 1000 + index)


def snapshot(sale: Sale, stage: Stage, modified_ms: int) -> dict[str, Any]:
    """The `trade_fullinfo_get_response` of this sale at this stage."""
    buyer = sale.buyer
    tid = FIRST + sale.serial * 1000
    status = "TRADE_CLOSED_BY_TAOBAO" if stage == "cancelled" and not sale.paid_at_ms else STATUS[stage]
    trade: dict[str, Any] = {
        "tid": tid,
        "status": status,
        "type": "guarantee_trade",
        "created": local(sale.placed_at_ms),
        "modified": local(modified_ms),
        "payment": yuan(sale.payment_fen),
        "post_fee": yuan(sale.postage_fen),
        "total_fee": yuan(sale.goods_fen),
        "discount_fee": yuan(sale.discount_fen),
        "adjust_fee": "0.00",
        "buyer_nick": f"{buyer.name[:1]}**",
        "buyer_open_uid": token("uid", str(tid)),
        "buyer_message": sale.buyer_note,
        "seller_memo": sale.seller_note,
        "seller_flag": 0,
        "receiver_name": masked(buyer.name),
        "receiver_mobile": f"{buyer.phone}-{sale.serial % 10_000:04d}",
        "receiver_phone": "",
        "receiver_state": buyer.province + buyer.province_suffix,
        "receiver_city": buyer.city,
        "receiver_district": buyer.district,
        "receiver_town": buyer.street,
        "receiver_address": f"{buyer.street}{masked(buyer.detail)}",
        "receiver_zip": buyer.zip,
        "oaid": token("oaid", str(tid)),
        "shipping_type": "express",
        "trade_from": "WAP,WAP",
        "delivery_time": local(sale.placed_at_ms + 48 * 3_600_000),
        "orders": {
            "order": [_line(line, int(line_no(sale, index)), status) for index, line in enumerate(sale.lines, start=1)]
        },
        "promotion_details": {"promotion_detail": []},
        "service_tags": {"logistics_tag": []},
    }
    if stage != "unpaid" and sale.paid_at_ms:
        trade["pay_time"] = local(sale.paid_at_ms)
    if stage == "shipped":
        _sent(trade, modified_ms)
    return {"trade_fullinfo_get_response": {"trade": trade}}


def _line(line: SaleLine, oid: int, status: str) -> dict[str, Any]:
    return {
        "oid": oid,
        "num_iid": 600_000_000_000 + line.number,
        "sku_id": 5_000_000_000_000 + line.number,
        "outer_iid": line.sku.rsplit("-", 1)[0],
        "outer_sku_id": line.sku,
        "title": line.title,
        "sku_properties_name": f"规格:{line.variant}" if line.variant else "",
        "num": line.quantity,
        "price": yuan(line.fen),
        "payment": yuan(line.fen * line.quantity),
        "total_fee": yuan(line.fen * line.quantity),
        "discount_fee": "0.00",
        "adjust_fee": "0.00",
        "divide_order_fee": yuan(line.fen * line.quantity),
        "status": status,
        "refund_status": "NO_REFUND",
        "is_oversold": False,
        "is_free_gift": line.gift,
    }


def _sent(trade: dict[str, Any], at_ms: int) -> None:
    trade["consign_time"] = local(at_ms)
    trade["status"] = STATUS["shipped"]
    for line in trade["orders"]["order"]:
        line.update(consign_time=local(at_ms), status=STATUS["shipped"])


def returned(doc: dict[str, Any], pieces: Mapping[str, int] | None, at_ms: int) -> bool:
    """Mark lines as refunded after shipping, whole lines only; None: the first line.

    False if the trade cannot show it.
    """
    trade = doc["trade_fullinfo_get_response"]["trade"]
    lines = trade["orders"]["order"]
    chosen = {str(lines[0]["oid"]): lines[0]["num"]} if pieces is None else dict(pieces)
    if any(chosen.get(str(line["oid"]), line["num"]) != line["num"] for line in lines):
        return False
    _sent(trade, at_ms)
    trade["modified"] = local(at_ms)
    for line in lines:
        if str(line["oid"]) in chosen:
            line.update(refund_status="SUCCESS", status="TRADE_CLOSED")
    return True
