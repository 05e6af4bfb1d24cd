"""Douyin: a sale as `/order/orderDetail` shows it (the bare shop_order_detail). Fen, unix seconds, ciphertext."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sale import Sale, SaleLine, Stage, masked, token

FIRST = 4_900_000_000_000_000_000
STATUS = {"unpaid": 1, "held": 105, "paid": 2, "shipped": 3, "cancelled": 4}


def order_no(sale: Sale) -> str:
    return str(FIRST + sale.serial * 1000)


def line_no(sale: Sale, index: int) -> str:
    """The id of the index-th line, from 1; a single line has the order's."""
    return str(FIRST + sale.serial * 1000 + (index if len(sale.lines) > 1 else 0))


def snapshot(sale: Sale, stage: Stage, modified_ms: int) -> dict[str, Any]:
    """The `shop_order_detail` of this sale. A single line shares the order's id; line statuses are texts."""
    buyer, number = sale.buyer, FIRST + sale.serial * 1000
    status = STATUS[stage]
    paid = stage != "unpaid" and sale.paid_at_ms > 0
    deadline = sale.placed_at_ms // 1000 + 48 * 3600
    name, phone = token(str(number), "name"), token(str(number), "phone")
    return {
        "order_id": str(number),
        "shop_id": 7_000_001,
        "shop_name": sale.shop,
        "order_status": status,
        "main_status": status,
        "order_type": 0,
        "create_time": sale.placed_at_ms // 1000,
        "pay_time": sale.paid_at_ms // 1000 if paid else 0,
        "update_time": modified_ms // 1000,
        "ship_time": modified_ms // 1000 if stage == "shipped" else 0,
        "finish_time": 0,
        "exp_ship_time": deadline,
        "order_expire_time": 1800,
        "order_amount": sale.goods_fen + sale.postage_fen,
        "pay_amount": sale.payment_fen,
        "post_amount": sale.postage_fen,
        "promotion_amount": sale.discount_fen,
        "modify_amount": 0,
        "pay_type": 1,
        "buyer_words": sale.buyer_note,
        "seller_words": sale.seller_note,
        "seller_remark_stars": 0,
        "encrypt_post_receiver": f"##{name}*{token(name)}#1##",
        "mask_post_receiver": masked(buyer.name),
        "encrypt_post_tel": f"$${phone}*{token(phone)}$1$$",
        "mask_post_tel": f"{buyer.phone[:3]}****{buyer.phone[-4:]}",
        "post_addr": {
            "province": {"id": "1", "name": buyer.province + buyer.province_suffix},
            "city": {"id": "2", "name": buyer.city},
            "town": {"id": "3", "name": buyer.district},
            "street": {"id": "4", "name": buyer.street},
            "encrypt_detail": f"##{token(str(number), buyer.detail)}*{token(name, buyer.detail)}#1##",
        },
        "logistics_info": [],
        "address_tag_ui": [],
        "sku_order_list": [
            _line(line, line_no(sale, index), number, str(status), deadline)
            for index, line in enumerate(sale.lines, start=1)
        ],
    }


def _line(line: SaleLine, own_id: str, order: int, status: str, deadline: int) -> dict[str, Any]:
    return {
        "order_id": own_id,
        "parent_order_id": str(order),
        "product_id": 3_600_000_000_000_000_000 + line.number,
        "product_name": line.title,
        "sku_id": 1_700_000_000_000_000 + line.number,
        "code": line.sku,
        "out_sku_id": 0,
        "out_product_id": 0,
        "spec": [{"name": "规格", "value": line.variant}],
        "item_num": line.quantity,
        "origin_amount": line.fen,
        "pay_amount": line.fen * line.quantity,
        "order_status": status,
        "exp_ship_time": deadline,
        "pre_sale_type": 0,
        "given_product_type": "FREE" if line.gift else "MASTER",
        "need_serial_number": False,
        "inventory_list": [],
        "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
    }


def returned(doc: dict[str, Any], pieces: Mapping[str, int] | None, at_ms: int) -> bool:
    """A finished after-sale of type 0 on whole lines; None: the first line. False if the order cannot show it."""
    lines = doc["sku_order_list"]
    chosen = {lines[0]["order_id"]: lines[0]["item_num"]} if pieces is None else dict(pieces)
    if any(chosen.get(line["order_id"], line["item_num"]) != line["item_num"] for line in lines):
        return False
    doc.update(order_status=3, main_status=3, update_time=at_ms // 1000, ship_time=doc["ship_time"] or at_ms // 1000)
    for line in lines:
        line["order_status"] = "3"
        if line["order_id"] in chosen:
            line["after_sale_info"] = {"after_sale_status": 12, "after_sale_type": 0, "refund_status": 3}
    return True
