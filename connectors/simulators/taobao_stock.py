"""Taobao's stock: ``taobao.item.quantity.update`` and the two questions. Source: the reference; codes: a public client of Tmall's.

A slot's ``held`` makes it one that is reduced at payment: a number below it is refused. An increment (type 2) below 0 is refused.
"""

from __future__ import annotations

from typing import Any

from connectors.simulators.shelf import Shelf, Slot
from connectors.simulators.top import Caller, Method, Params, invalid, remote_error, whole_number

_MOST = 1_000_000_000


class Stock:
    """The calls, on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def methods(self) -> dict[str, Method]:
        """Name -> API."""
        return {
            "taobao.item.quantity.update": Method(self._update, ("num_iid", "quantity")),
            "taobao.item.sku.get": Method(self._sku, ("fields", "sku_id", "num_iid")),
            "taobao.item.seller.get": Method(self._item, ("fields", "num_iid")),
        }

    def _update(self, caller: Caller, params: Params) -> dict[str, Any]:
        slot, quantity = self._slot(caller, params), self._quantity(params)
        if params.get("type", "1") == "2":
            quantity += slot.quantity
        if quantity < 0:
            raise remote_error("isv.invalid-parameter:quantity-tmall", "库存不能为负数")
        if quantity < slot.held or (slot.busy and quantity < slot.quantity):
            raise remote_error("isv.error-inventory-invalid-item-quantity-tmall", "库存不能小于预扣数量")
        self._shelf.put(slot, quantity)
        return {"item": {"num_iid": int(slot.item), "num": slot.quantity}}

    def _quantity(self, params: Params) -> int:
        if params.get("type", "1") == "2" and params["quantity"].startswith("-"):
            return -whole_number({"quantity": params["quantity"][1:]}, "quantity", 0, 0, _MOST)
        if params.get("type", "1") not in ("1", "2"):
            raise invalid("type", "type 必须是 1 或 2")
        return whole_number(params, "quantity", 0, 0, _MOST)

    def _sku(self, caller: Caller, params: Params) -> dict[str, Any]:
        slot = self._slot(caller, params)
        return {"sku": _shown({"sku_id": int(slot.variant), "quantity": slot.quantity}, slot, params)}

    def _item(self, caller: Caller, params: Params) -> dict[str, Any]:
        slot = self._slot(caller, params)
        return {"item": _shown({"num_iid": int(slot.item), "num": slot.quantity}, slot, params)}

    def _slot(self, caller: Caller, params: Params) -> Slot:
        slot = self._shelf.find(caller.account, params["num_iid"], params.get("sku_id", ""))
        if slot is None and any(it.item == params["num_iid"] for it in self._shelf.of(caller.account)):
            if params.get("sku_id"):
                raise remote_error("isv.sku-not-exist", "SKU 不存在")
            raise remote_error("isv.item-quantity-item-update-service-error-tmall", "商品有 SKU, 请按 SKU 修改库存")
        if slot is None:
            raise remote_error("isv.item-not-exist:invalid-numIid-or-iid-tmall", "商品不存在")
        return slot


def _shown(every: dict[str, Any], slot: Slot, params: Params) -> dict[str, Any]:
    every["with_hold_quantity"] = slot.held
    return {name: value for name, value in every.items() if name in params["fields"].split(",")}
