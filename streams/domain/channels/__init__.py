"""The channels: which mapper reads whose raw order, until when its platform must know a number. One more is one module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from . import douyin, jd, pdd, shopify, taobao
from .snapshot import Mapper, Snapshot


class Channel(NamedTuple):
    """What a channel's module has. ``ship_within_ms``: from payment (or placing) on, where an order names no deadline of its own."""

    read: Mapper
    ship_within_ms: int


CHANNELS: Mapping[str, Channel] = {
    "taobao": Channel(taobao.read, taobao.SHIP_WITHIN_MS),
    "jd": Channel(jd.read, jd.SHIP_WITHIN_MS),
    "pdd": Channel(pdd.read, pdd.SHIP_WITHIN_MS),
    "douyin": Channel(douyin.read, douyin.SHIP_WITHIN_MS),
    "shopify": Channel(shopify.read, shopify.SHIP_WITHIN_MS),
}
MAPPERS: dict[str, Mapper] = {name: channel.read for name, channel in CHANNELS.items()}

__all__ = ["CHANNELS", "MAPPERS", "Channel", "Mapper", "Snapshot"]
