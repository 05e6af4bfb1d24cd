"""Pinduoduo: ``pdd.goods.quantity.update``, the whole number (update_type 1). Source: the reference; what is asked, from public clients.

Goods on a resource slot cannot be lowered: that is no failure that heals by trying, and waits (HELD). The code of that is not published: it
is known by its words.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connectors.endings import Refused
from connectors.platforms.calling import true
from connectors.platforms.pdd import Pdd
from schemas.records import ListingPlace

from .answers import explained
from .base import Asked


class _Success(msgspec.Struct):
    """The answer to an update."""

    is_success: bool | str | int | None = None


class _Sku(msgspec.Struct):
    """One of an item's."""

    sku_id: int | str
    quantity: int


class _Goods(msgspec.Struct):
    """An item."""

    sku_list: Sequence[_Sku]


_success, _goods = msgspec.json.Decoder(_Success), msgspec.json.Decoder(_Goods)


class PddStock(Pdd):
    """One shop's stock."""

    async def put(self, asked: Asked) -> bool:
        place = asked.place
        params = {
            "goods_id": place["item"],
            "sku_id": place["variant"],
            "quantity": str(asked.quantity),
            "update_type": "1",
        }
        with explained({}):
            reply = await self._call("pdd.goods.quantity.update", params, effect=True)
            result = self._read(reply, self._answer(reply), _success, "the result")
        if not true(result.is_success):
            raise self._unreadable(reply, "is_success is false, and no code")
        return True

    async def shown(self, place: ListingPlace) -> int:
        with explained({}):
            reply = await self._call("pdd.goods.detail.get", {"goods_id": place["item"]}, effect=False)
            goods = self._read(reply, self._answer(reply), _goods, "sku_list")
        for sku in goods.sku_list:
            if str(sku.sku_id) == place["variant"]:
                return sku.quantity
        raise Refused(f"pdd has no SKU {place['variant']} of {place['item']}: item, variant: goods_id and sku_id")
