"""Taobao and Tmall: ``taobao.item.quantity.update``, the whole number (type 1) of one SKU. Source: the reference; codes: public clients.

An item that is reduced at payment has in its number what unpaid orders keep (``with_hold_quantity``), and refuses one below that. Its
place is ``held``: what is kept is read and added. One that is reduced at the order has the plain number.
"""

from __future__ import annotations

import msgspec

from connectors.endings import CallError, Refused, Unavailable
from connectors.platforms.taobao import Taobao
from schemas.records import ListingPlace

from .answers import Meaning, explained
from .base import Asked

_BELOW_HELD = "isv.error-inventory-invalid-item-quantity-tmall"
MEANINGS = {
    "isv.item-not-exist:invalid-numIid-or-iid-tmall": Meaning("REFUSED", "item: the num_iid of an item of this shop"),
    "isv.item-is-delete:invalid-numIid-or-iid-tmall": Meaning("REFUSED", "item: it was deleted there, take it out"),
    "isv.item-quantity-item-update-service-error-tmall": Meaning(
        "REFUSED", "variant: the item has SKUs, name the sku_id"
    ),
    "isv.sku-not-exist": Meaning("REFUSED", "variant: the sku_id of a SKU of this item"),
}


class _Number(msgspec.Struct):
    """Of a SKU (quantity) or an item (num)."""

    quantity: int | None = None
    num: int | None = None
    with_hold_quantity: int = 0


class _Sku(msgspec.Struct):
    """The answer about a SKU."""

    sku: _Number


class _Item(msgspec.Struct):
    """The answer about an item."""

    item: _Number


class _Updated(msgspec.Struct):
    """The answer to an update; what it shows of the item is not looked at."""

    item: msgspec.Raw


_sku, _item, _updated = msgspec.json.Decoder(_Sku), msgspec.json.Decoder(_Item), msgspec.json.Decoder(_Updated)


class TaobaoStock(Taobao):
    """One shop's stock."""

    async def put(self, asked: Asked) -> bool:
        place, quantity = asked.place, asked.quantity
        if place["held"]:
            shown, kept = await self._number(place)
            if shown - kept == quantity:
                return False
            quantity += kept
        params = {"num_iid": place["item"], "quantity": str(quantity), "type": "1"}
        if place["variant"]:
            params["sku_id"] = place["variant"]
        try:
            with explained(MEANINGS):
                reply = await self._call("taobao.item.quantity.update", params, effect=True)
                self._read(reply, self._answer(reply), _updated, "the item")
        except CallError as exc:
            if exc.code != _BELOW_HELD:
                raise
            if place["held"]:
                raise Unavailable(f"{exc}: unpaid orders keep more by now", exc.code, exc.said) from None
            why = "held: it is reduced at payment, and is not to be below what unpaid orders keep: set held = true"
            raise Refused(f"{exc}: {why}", exc.code, exc.said) from None
        return True

    async def shown(self, place: ListingPlace) -> int:
        quantity, kept = await self._number(place)
        return quantity - kept if place["held"] else quantity

    async def _number(self, place: ListingPlace) -> tuple[int, int]:
        """The platform's number, and what of it unpaid orders keep."""
        params = {"num_iid": place["item"]}
        with explained(MEANINGS):
            if place["variant"]:
                asked = {**params, "sku_id": place["variant"], "fields": "sku_id,quantity,with_hold_quantity"}
                reply = await self._call("taobao.item.sku.get", asked, effect=False)
                found = self._read(reply, self._answer(reply), _sku, "the SKU").sku
            else:
                asked = {**params, "fields": "num_iid,num,with_hold_quantity"}
                reply = await self._call("taobao.item.seller.get", asked, effect=False)
                found = self._read(reply, self._answer(reply), _item, "the item").item
        number = found.quantity if place["variant"] else found.num
        if number is None:
            raise self._unreadable(reply, "no quantity")
        return number, found.with_hold_quantity
