"""Douyin: ``/sku/syncStock``, the whole number of one SKU, with an ``idempotent_id``. Source: the official SDK and its codes.

That the id was used before means that the call was carried out; the platform's advice to take another id would do it twice. Whether
``stock_num`` has in it what orders occupy (``prehold_stock_num``) is not known: a place that is ``held`` says so, and that is added.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from connectors.platforms.calling import as_number
from connectors.platforms.douyin import Douyin
from schemas.records import ListingPlace

from .answers import AlreadyDone, Meaning, explained
from .base import Asked

_GONE = Meaning("REFUSED", "item, variant: product_id and sku_id of this shop; it is not there, or was deleted")
MEANINGS = {
    **dict.fromkeys(("40010", "2010021", "-20002"), Meaning("DONE")),
    **dict.fromkeys(("40004", "2010401"), Meaning("UNAVAILABLE")),
    **dict.fromkeys(("4", "5", "2010042"), _GONE),
    **dict.fromkeys(("2010045", "-20008"), Meaning("HELD", "it is in an activity there")),
    "2010041": Meaning("HELD", "it is in review there"),
    **dict.fromkeys(
        ("2010043", "2010005", "2010330"),
        Meaning("REFUSED", "item: the platform has banned it, or the shop: see there"),
    ),
    "-20011": Meaning("REFUSED", "variant: its stock is linked with other goods there"),
}


class _Stock(msgspec.Struct):
    """A SKU's numbers."""

    stock_num: int
    prehold_stock_num: int = 0


_stock = msgspec.json.Decoder(_Stock)


class DouyinStock(Douyin):
    """One shop's stock."""

    async def put(self, asked: Asked) -> bool:
        place, quantity = asked.place, asked.quantity
        if place["held"]:
            found = await self._numbers(place)
            if found.stock_num - found.prehold_stock_num == quantity:
                return False
            quantity += found.prehold_stock_num
        params = {
            **_sku(place),
            "product_id": as_number(place["item"]),
            "stock_num": quantity,
            "incremental": False,
            "idempotent_id": hashlib.sha256(f"{asked.key}:{quantity}".encode()).hexdigest()[:32],
        }
        try:
            with explained(MEANINGS):
                await self._call("/sku/syncStock", params, effect=True)
        except AlreadyDone:
            return True
        return True

    async def shown(self, place: ListingPlace) -> int:
        found = await self._numbers(place)
        return found.stock_num - found.prehold_stock_num if place["held"] else found.stock_num

    async def _numbers(self, place: ListingPlace) -> _Stock:
        with explained(MEANINGS):
            reply, parts = await self._call("/sku/stockNum", _sku(place), effect=False)
            return self._read(reply, parts.get("data"), _stock, "stock_num")


def _sku(place: ListingPlace) -> dict[str, Any]:
    where = {"out_warehouse_id": place["location"]} if place["location"] else {}
    return {"sku_id": as_number(place["variant"]), **where}
