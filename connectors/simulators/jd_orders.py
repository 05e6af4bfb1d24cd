"""A JD order as the simulator keeps it: what is read from the snapshot, what is shown of it, whether it can be shipped.

Source: the platform's reference of orders; the codes of what can't be shipped are not published: those here are this simulator's, the
words are what clients go by. A snapshot may be spoilt on purpose.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.generator.sale import token
from connectors.simulators.orders import Doc, Order

TO_SHIP = "WAIT_SELLER_STOCK_OUT"
SHIPPED = "WAIT_GOODS_RECEIVE_CONFIRM"
CANCELLED = "TRADE_CANCELED"
HELD = frozenset(("LOCKED", "PAUSE", "POP_ORDER_PAUSE"))
# Receiver's fields that the encrypted methods show as ciphertext.
_CIPHERED = ("mobile", "telephone", "fullAddress")


class Refusal(NamedTuple):
    """Why an order can't be shipped like this."""

    code: str
    words: str


def order_info(doc: Doc) -> Doc:
    """The orderInfo of a snapshot, bare or in its response.

    Raises:
        KeyError, TypeError: there is none.
    """
    for name in ("jingdong_pop_order_get_responce", "jingdong_pop_order_enGet_responce"):
        if name in doc:
            doc = doc[name]["orderDetailInfo"]["orderInfo"]
    if not isinstance(doc, dict):
        raise TypeError("the orderInfo is no object")
    return doc


def lines(doc: Doc) -> list[Doc]:
    """The order's lines; what is spoilt is passed over."""
    rows = order_info(doc).get("itemInfoList")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def pieces(line: Doc) -> int:
    """How many pieces a line has; 1 where it can't be read."""
    text = str(line.get("itemTotal"))
    return int(text) if text.isdecimal() else 1


def shown(info: Doc, fields: str, ciphered: bool) -> Doc:
    """The order with the named fields alone; ``ciphered``: as the encrypted methods show its receiver."""
    names = {name.strip() for name in fields.split(",")}
    picked = {name: value for name, value in info.items() if name in names}
    consignee = picked.get("consigneeInfo")
    if ciphered and isinstance(consignee, dict):
        hidden = {name: token(name, str(consignee[name])) for name in _CIPHERED if consignee.get(name)}
        picked["consigneeInfo"] = {**consignee, **hidden}
    return picked


def not_shippable(order: Order) -> Refusal | None:
    """Code and words, if the order can't be shipped."""
    state = str(order_info(order.doc).get("orderState"))
    if state in (SHIPPED, "FINISHED_L"):
        return Refusal("10400010", "订单已出库, 不能重复出库")
    if state == CANCELLED:
        return Refusal("10400011", "订单已取消或已关闭, 不能出库")
    if state in HELD:
        return Refusal("10400012", "订单已锁定或暂停, 不能出库")
    if state != TO_SHIP:
        return Refusal("10400013", "当前订单状态不能出库")
    if order_info(order.doc).get("storeOrder"):
        return Refusal("10400014", "京仓或云仓订单由京东出库")
    return None
