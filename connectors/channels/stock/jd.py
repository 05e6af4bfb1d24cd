"""JD: ``jingdong.ware.stock.sku.set``. Source: JOS's SDK; that of a question is not documented, its form here is our own guess.

``stockNum`` has in it what orders have locked: what may be ordered is ``stockNum - orderBookingNum - appBookingNum``. Both are read and
added. ``stockRfId`` makes a repetition harmless. The values of ``updateModel`` are not known: ``stock_model`` of the shops file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.endings import Refused
from connectors.platforms.calling import Reply, as_number, true
from connectors.platforms.jd import Jd
from schemas.records import ListingPlace

from .answers import Meaning, explained
from .base import Asked

MEANINGS = {"sku_not_found": Meaning("REFUSED", "variant: the skuId of a SKU of this shop")}


class _Row(msgspec.Struct):
    """One SKU's number."""

    skuId: int | str
    stockNum: int
    orderBookingNum: int = 0
    appBookingNum: int = 0
    storeId: int | str = 0


class _Shown(msgspec.Struct):
    """What is asked for."""

    success: bool | str
    obj: Sequence[_Row] = ()


class _Result(msgspec.Struct):
    """What became of one."""

    success: bool | str
    message: str | None = None


class _Results(msgspec.Struct):
    """Of all."""

    updateStockResult: Sequence[_Result]


class _Put(msgspec.Struct):
    """Of a put."""

    obj: _Results


_shown, _put = msgspec.json.Decoder(_Shown), msgspec.json.Decoder(_Put)


class JdStock(Jd):
    """One shop's stock."""

    async def put(self, asked: Asked) -> bool:
        place = asked.place
        row = await self._row(place)
        booked = row.orderBookingNum + row.appBookingNum
        if row.stockNum - booked == asked.quantity:
            return False
        number = asked.quantity + booked
        sku = {"skuId": as_number(place["variant"]), "stockNum": number, **_store(place)}
        # Another number is another request: what is booked may be another by the next attempt.
        same = hashlib.sha256(f"{asked.key}:{number}".encode()).hexdigest()[:32]
        req: dict[str, Any] = {"stockRfId": same, "skuStocks": [sku]}
        if self.shop.stock_model:
            req["updateModel"] = as_number(self.shop.stock_model)
        with explained(MEANINGS):
            reply = await self._call("jingdong.ware.stock.sku.set", {"req": req}, effect=True)
            result = self._answer(reply).get("returnType")
            self._succeeded(reply, result, "returnType")
        for each in self._read(reply, result, _put, "updateStockResult").obj.updateStockResult:
            if not true(each.success):
                said = self._words(each.message or "")
                raise Refused("jd did not take the number: see what it says, and variant", "", said)
        return True

    async def shown(self, place: ListingPlace) -> int:
        row = await self._row(place)
        return row.stockNum - row.orderBookingNum - row.appBookingNum

    async def _row(self, place: ListingPlace) -> _Row:
        req = {"skuIds": [as_number(place["variant"])], **_store(place)}
        reply, found = await self._asked(req)
        rows = [row for row in found.obj if str(row.skuId) == place["variant"]]
        if not rows:
            raise Refused(f"jd has no SKU {place['variant']}: variant: its skuId, of this shop", "sku_not_found")
        if len(rows) > 1:
            raise self._unreadable(reply, "the SKU more than once")
        return rows[0]

    async def _asked(self, req: dict[str, Any]) -> tuple[Reply, _Shown]:
        with explained(MEANINGS):
            reply = await self._call("jingdong.ware.stock.sku.query", {"req": req}, effect=False)
            result = self._answer(reply).get("returnType")
            self._succeeded(reply, result, "returnType")
        return reply, self._read(reply, result, _shown, "the SKU's stock")


def _store(place: ListingPlace) -> dict[str, Any]:
    return {"storeId": as_number(place["location"])} if place["location"] else {}
