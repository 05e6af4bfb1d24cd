"""After-sales: which mapper reads whose raw refund, return or exchange. A new platform is one module and one line here."""

from __future__ import annotations

from . import douyin, jd, pdd, shopify, taobao
from .sale import Sale, SaleMapper

MAPPERS: dict[str, SaleMapper] = {
    "taobao": taobao.read,
    "jd": jd.read,
    "pdd": pdd.read,
    "douyin": douyin.read,
    "shopify": shopify.read,
}

__all__ = ["MAPPERS", "Sale", "SaleMapper"]
