"""The five channels: which mapper reads whose raw order. A new platform is one module and one line here."""

from __future__ import annotations

from . import douyin, jd, pdd, shopify, taobao
from .snapshot import Mapper, Snapshot

MAPPERS: dict[str, Mapper] = {
    "taobao": taobao.read,
    "jd": jd.read,
    "pdd": pdd.read,
    "douyin": douyin.read,
    "shopify": shopify.read,
}

__all__ = ["MAPPERS", "Mapper", "Snapshot"]
