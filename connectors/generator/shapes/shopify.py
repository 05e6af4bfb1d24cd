"""Shopify: a sale as an orders webhook shows it. Nothing is encrypted; the only channel with currency and country."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..sale import Sale, SaleLine, Stage, yuan

FIRST = 820_000_000_000_000
FIRST_LINE = 830_000_000_000_000_000


def order_no(sale: Sale) -> str:
    return str(FIRST + sale.serial)


def line_no(sale: Sale, index: int) -> str:
    """The id of the index-th line, from 1."""
    return str(FIRST_LINE + sale.serial * 1000 + index)


def iso(at_ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(at_ms // 1000 + 8 * 3600))


def snapshot(sale: Sale, stage: Stage, modified_ms: int) -> dict[str, Any]:
    """The order of the webhook. `extra` lines (postage sold as a line, gift cards) need no shipping."""
    buyer, chinese = sale.buyer, sale.buyer.country == "CN"
    number = FIRST + sale.serial
    paid = stage != "unpaid" and sale.paid_at_ms > 0
    lines = [*((line, True) for line in sale.lines), *((line, False) for line in sale.extra)]
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Order/{number}",
        "name": f"#{1000 + sale.serial % 1_000_000}",
        "created_at": iso(sale.placed_at_ms),
        "updated_at": iso(modified_ms),
        "processed_at": iso(sale.paid_at_ms) if paid else None,
        "cancelled_at": iso(modified_ms) if stage == "cancelled" else None,
        "cancel_reason": "customer" if stage == "cancelled" else None,
        # A held order: Shopify sends a test order to the same webhook.
        "test": stage == "held",
        "currency": sale.currency,
        "total_price": yuan(sale.payment_fen + sum(line.fen * line.quantity for line in sale.extra)),
        "subtotal_price": yuan(sale.goods_fen),
        "total_discounts": yuan(sale.discount_fen),
        "financial_status": "paid" if paid else "pending",
        "fulfillment_status": "fulfilled" if stage == "shipped" else None,
        "note": sale.buyer_note or None,
        "tags": sale.seller_note,
        "email": f"buyer{sale.serial}@example.com",
        "line_items": [
            _line(line, int(line_no(sale, index)), ships) for index, (line, ships) in enumerate(lines, start=1)
        ],
        "shipping_address": {
            "name": buyer.english_name,
            "phone": buyer.phone,
            "country_code": buyer.country,
            "province": buyer.english_province,
            "city": buyer.english_city,
            "address1": buyer.detail if chinese else f"{1 + sale.serial % 200} Demo Road",
            "address2": buyer.street if chinese else None,
            "zip": buyer.zip,
        },
        "refunds": [],
    }


def _line(line: SaleLine, own_id: int, ships: bool) -> dict[str, Any]:
    return {
        "id": own_id,
        "variant_id": 840_000_000_000_000 + line.number,
        "product_id": 850_000_000_000_000 + line.number,
        "product_exists": True,
        "sku": line.sku,
        "title": line.title,
        "variant_title": line.variant or None,
        "quantity": line.quantity,
        "fulfillable_quantity": max(0, line.quantity),  # a write-off has a quantity below 0, never this
        "price": yuan(line.fen),
        "total_discount": "0.00",
        "requires_shipping": ships,
        "gift_card": False,
    }


def returned(doc: dict[str, Any], pieces: Mapping[str, int] | None, at_ms: int) -> bool:
    """A refund with returned pieces on top of earlier ones; None: one piece of the first line."""
    chosen = {str(doc["line_items"][0]["id"]): 1} if pieces is None else dict(pieces)
    doc["refunds"].append(
        {
            "id": FIRST + at_ms % 10**12,
            "created_at": iso(at_ms),
            "refund_line_items": [
                {"line_item_id": int(line_no), "quantity": quantity, "restock_type": "return"}
                for line_no, quantity in chosen.items()
            ],
        }
    )
    doc.update(updated_at=iso(at_ms), fulfillment_status="fulfilled", financial_status="partially_refunded")
    return True
