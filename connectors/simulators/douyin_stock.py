"""Douyin's stock: ``/sku/syncStock`` and ``/sku/stockNum``. Source: the official SDK and its codes.

An ``idempotent_id`` that was used is refused with isv.parameter-invalid:40010 and changes nothing. A slot's ``held`` is
prehold_stock_num, and in ``stock_num`` here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from connectors.shops import Shop
from connectors.simulators.douyin_shipping import DouyinError, business, invalid
from connectors.simulators.shelf import Shelf, Slot


class Sync(msgspec.Struct):
    """Parameters of syncStock."""

    sku_id: int | str
    stock_num: int
    product_id: int | str = ""
    incremental: bool = False
    idempotent_id: str = ""
    out_warehouse_id: str = ""


class Asked(msgspec.Struct):
    """Parameters of stockNum."""

    sku_id: int | str
    out_warehouse_id: str = ""


class Stock:
    """The calls, on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.by_path: dict[str, Callable[[Shop, bytes], Any]] = {
            "/sku/syncStock": self._sync,
            "/sku/stockNum": self._shown,
        }

    def _sync(self, shop: Shop, body: bytes) -> Any:
        asked = _read(body, Sync)
        key = (shop.shop, asked.idempotent_id)
        if asked.idempotent_id and key in self._shelf.keys:
            raise DouyinError(40004, "参数不合法", "isv.parameter-invalid:40010", "幂等ID重复, 请更换")
        slot = self._slot(shop, asked.sku_id, asked.out_warehouse_id)
        quantity = asked.stock_num + (slot.quantity if asked.incremental else 0)
        if quantity < 0:
            raise business(2010012, "库存不足")
        if slot.busy and quantity < slot.quantity:
            raise business(2010045, "商品在活动中")
        self._shelf.put(slot, quantity, asked.idempotent_id)
        self._shelf.keys[key] = asked, None
        return None

    def _shown(self, shop: Shop, body: bytes) -> Any:
        asked = _read(body, Asked)
        slot = self._slot(shop, asked.sku_id, asked.out_warehouse_id)
        return {"stock_num": slot.quantity, "prehold_stock_num": slot.held, "prom_stock_num": 0, "step_stock_num": 0}

    def _slot(self, shop: Shop, sku: int | str, warehouse: str) -> Slot:
        slot = self._shelf.of_variant(shop.shop, str(sku), warehouse)
        if slot is None:
            raise DouyinError(40004, "参数不合法", "isv.parameter-invalid:5", "SKU不存在")
        return slot


def _read(body: bytes, type_: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise invalid(f"{exc}") from exc
