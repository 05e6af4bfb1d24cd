"""PDD's stock: ``pdd.goods.quantity.update`` and the SKUs of ``pdd.goods.detail.get``.

Source: the reference; its business codes are unknown.

A slot that is ``busy`` is on a resource slot: it can be raised and not lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.shops import Shop
from connectors.simulators.pdd_shipping import PddError, business
from connectors.simulators.shelf import Shelf

Params = Mapping[str, str]


class Stock:
    """The calls, on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def update(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        """The whole number (update_type 1, as it is by itself), or by how much it changes (2)."""
        slot = self._shelf.find(shop.shop, params["goods_id"], params.get("sku_id", ""))
        if slot is None:
            raise business("商品不存在或不属于该店铺")
        try:
            quantity = int(params["quantity"]) + (slot.quantity if params.get("update_type") == "2" else 0)
        except ValueError as exc:
            raise PddError(10001, "quantity不是数字") from exc
        if quantity < 0:
            raise business("库存不能小于0")
        if slot.busy and quantity < slot.quantity:
            raise business("商品在活动资源位中，库存不能减少")
        self._shelf.put(slot, quantity)
        return {"is_success": True}

    def detail(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        """An item's SKUs."""
        found = [slot for slot in self._shelf.of(shop.shop) if slot.item == params["goods_id"]]
        if not found:
            raise business("商品不存在或不属于该店铺")
        return {"sku_list": [{"sku_id": int(slot.variant), "quantity": slot.quantity} for slot in found]}
