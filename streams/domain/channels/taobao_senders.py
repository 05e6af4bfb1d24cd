"""Who sends a Taobao trade's lines, and whether they are sent at all. Sources: the platform's trade and order references.

A trade says it for all its lines, a line for itself; a trade's mark that a line contradicts, or that does not say which
lines it means, holds the order.

    supplier    is_daixiao (代销: there is a purchase order at a supplier), b2b_daixiao, distribute_status=distribute (代发)
    platform    is_sh_ship (shipping is shut for the merchant), is_force_dc and auto_flow (flow to Cainiao), is_force_wlb with is_brand_sale
    service     rt_omni_send_type=storeSend: a shop of the brand's, by its own riders
    nobody      virtual goods, e-vouchers, services, pickup in a shop, sold at a till, a present whose receiver has not said where to
"""

from __future__ import annotations

from .fields import Fields
from .senders import OURS, Who

# Trade type, way of shipping -> why nothing is sent.
NOT_SHIPPED_TYPES = {
    "auto_delivery": "virtual",
    "ec": "virtual",  # 直充: a top-up
    "game_equipment": "virtual",
    "netcn_trade": "virtual",
    "hotel_trade": "service",
    "eticket": "voucher",
    "o2o_offlinetrade": "point_of_sale",
}
NOT_SHIPPED_WAYS = {"virtual": "virtual"}
# Riders fetch it from a shop within the hour: no parcel of a warehouse's, and nobody said whose shop.
LOCAL_WAYS = frozenset({"instant"})
# Marks that are set by being there -> why nothing is sent.
_MARKED = {
    "eticket_ext": "voucher",
    "shop_pick": "pickup",
    "obs": "pickup",
    "hk_pickup": "pickup",
    "nr_offline": "point_of_sale",
}
_GIFTS = ("gifting", "is_gift")
_OF_TRADE = frozenset(
    {*_MARKED, *_GIFTS, "market", "o2o_delivery", "rt_omni_send_type", "is_force_wlb", "is_daixiao", "is_sh_ship"}
)
_OF_LINE = {
    "is_service_order": Who("NOBODY", "service"),
    "is_daixiao": Who("SUPPLIER", "daixiao"),
    "b2b_daixiao": Who("SUPPLIER", "b2b_daixiao"),
    "is_sh_ship": Who("PLATFORM", "sh_ship"),
    "is_force_dc": Who("PLATFORM", "dc"),
    "auto_flow": Who("PLATFORM", "auto_flow"),
}
_LINE_MARKS = frozenset({*_OF_LINE, "shipping_type", "distribute_status"})


def of_trade(trade: Fields, holds: set[str]) -> Who:
    """Who sends all of a trade's lines, unless a line says otherwise of itself; what is not clear is added to `holds`."""
    why = NOT_SHIPPED_TYPES.get(trade.text("type")) or NOT_SHIPPED_WAYS.get(way := trade.text("shipping_type"))
    if why:
        return Who("NOBODY", why)
    if way in LOCAL_WAYS:
        holds.add("local_delivery")
    if _OF_TRADE.isdisjoint(trade.doc):
        return OURS
    for name, why in _MARKED.items():
        if trade.text(name) not in ("", "0", "false"):
            return Who("NOBODY", why)
    if trade.text("market") == "eticket":
        return Who("NOBODY", "voucher")
    if trade.text("o2o_delivery") == "inshop":
        return Who("NOBODY", "pickup")
    match trade.text("rt_omni_send_type"):
        case "pickUp":
            return Who("NOBODY", "pickup")
        case "storeSend":
            return Who("SERVICE", "store")
        case "" | "tmall":
            pass
        case _:
            holds.add("local_delivery")
    if any(trade.switch(name) for name in _GIFTS) and not trade.text("receiver_name", "receiver_address"):
        return Who("NOBODY", "gift_not_accepted")
    if trade.switch("is_force_wlb"):
        # Both together force it; one alone leaves it to routing rules that the trade does not show.
        if trade.switch("is_brand_sale"):
            return Who("PLATFORM", "wlb")
        holds.add("platform_warehouse_unclear")
    return OURS


def of_line(line: Fields, trade: Who) -> Who:
    """Who sends a line."""
    if trade is not OURS or _LINE_MARKS.isdisjoint(line.doc):
        return trade
    why = NOT_SHIPPED_WAYS.get(line.text("shipping_type"))
    if why:
        return Who("NOBODY", why)
    for name, who in _OF_LINE.items():
        if name in line.doc and line.switch(name):
            return who
    return Who("SUPPLIER", "distribute") if line.text("distribute_status") == "distribute" else OURS


def meant(trade: Fields, lines: list[Fields], found: list[Who], holds: set[str]) -> list[Who]:
    """The lines' senders after the marks that a trade and its lines both bear have been compared."""
    for name in ("is_daixiao", "is_sh_ship"):
        if name not in trade.doc or not trade.switch(name):
            continue
        said = [line.switch(name) if name in line.doc else None for line in lines]
        silent = [index for index, mark in enumerate(said) if mark is None and found[index] is OURS]
        # is_sh_ship is about the whole trade. That there is a supplier's order tells whose only where there is one line.
        if name == "is_sh_ship" or (len(lines) == 1 and silent):
            for index in silent:
                found[index] = _OF_LINE[name]
            silent = []
        if silent and True not in said:
            holds.add("supplier_unclear")
        if False in said and True not in said:
            holds.add("platform_hold" if name == "is_sh_ship" else "supplier_unclear")
    return found
