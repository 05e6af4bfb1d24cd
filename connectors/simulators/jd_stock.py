"""JD's stock: ``jingdong.ware.stock.sku.set``, and a question whose form is a guess of ours, as the client's. Source: JOS's SDK.

``stockNum`` has in it what orders have booked (a slot's ``held``). A ``stockRfId`` that was used is answered as the first time.
"""

from __future__ import annotations

from typing import Any

from connectors.shops import Shop
from connectors.simulators.jos import Answer, Method, Params
from connectors.simulators.shelf import Shelf


class Stock:
    """The calls, on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def methods(self) -> dict[str, Method]:
        """Name -> API."""
        return {
            "jingdong.ware.stock.sku.set": Method(self._set, ("req",)),
            "jingdong.ware.stock.sku.query": Method(self._query, ("req",)),
        }

    def _set(self, shop: Shop, params: Params) -> Answer:
        req, results = params["req"], []
        key = (shop.shop, str(req.get("stockRfId", "")))
        if key in self._shelf.keys:
            return Answer({"returnType": self._shelf.keys[key][1]})
        for row in req.get("skuStocks", ()):
            slot = self._shelf.of_variant(shop.shop, str(row.get("skuId")), str(row.get("storeId", "")))
            if slot is None:
                return _failure("sku_not_found", "SKU不存在")
            if row["stockNum"] < 0:
                return _failure("stock_negative", "库存不能为负数")
            self._shelf.put(slot, row["stockNum"], key[1])
            results.append({"data": row["skuId"], "success": True, "message": ""})
        found = {"success": True, "obj": {"updateStockResult": results}}
        self._shelf.keys[key] = req, found
        return Answer({"returnType": found})

    def _query(self, shop: Shop, params: Params) -> Answer:
        req, rows = params["req"], []
        for sku in req.get("skuIds", ()):
            slot = self._shelf.of_variant(shop.shop, str(sku), str(req.get("storeId", "")))
            if slot is not None:
                rows.append({"skuId": sku, "stockNum": slot.quantity, "orderBookingNum": slot.held, "appBookingNum": 0})
        return Answer({"returnType": {"success": True, "obj": rows}})


def _failure(code: str, words: str) -> Answer:
    said: dict[str, Any] = {"success": False, "errorCode": code, "chineseErrCode": words, "englishErrCode": code}
    return Answer({"returnType": said}, code)
