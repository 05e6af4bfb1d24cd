"""What PDD lets a merchant ship, and how an order shows what was shipped. An order here is the ``order_info`` of its detail call.

PDD's own codes of these refusals are not published; the text is what clients go by (已发货: shipped before), and ``pdd.order.status.get``
what tells for certain. The first parcel makes the order shipped; further ones (``extra_delivery_list``) are shown to the buyer only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.simulators.carriers import Carrier, by_code
from connectors.simulators.clock import local
from connectors.simulators.orders import Shipment

Document = dict[str, Any]

CARRIERS = by_code("pdd")
#: Given up by their carrier: still listed, with ``available`` 0, and refused.
UNAVAILABLE = frozenset(("3",))
TO_SHIP, SHIPPED = 1, 2
_CIPHER = ("receiver_name", "receiver_phone", "receiver_address")
_BUSINESS = 50001


class PddError(Exception):
    """An ``error_response``."""

    def __init__(self, code: int, msg: str, sub_code: str = "", sub_msg: str = "") -> None:
        super().__init__(msg)
        self.code, self.msg, self.sub_code, self.sub_msg = code, msg, sub_code or str(code), sub_msg or msg


def business(sub_msg: str) -> PddError:
    """The service behind the gateway refuses."""
    return PddError(_BUSINESS, "业务服务错误", str(_BUSINESS), sub_msg)


def carrier(code: str) -> Carrier:
    """The carrier of a numeric id.

    Raises:
        PddError: there is none, or it isn't available any more.
    """
    known = CARRIERS.get(code)
    if known is None:
        raise business("快递公司编号不存在，请检查 logistics_id")
    if code in UNAVAILABLE:
        raise business(f"快递公司{known.name}已停用，请更换快递公司")
    return known


def check_number(known: Carrier, tracking_no: str) -> None:
    """Raises PddError when it is no number of this carrier."""
    if not known.takes(tracking_no):
        raise business(f"运单号不符合{known.name}的单号规则")


def check_first(order: Mapping[str, Any]) -> None:
    """Raises PddError when the order's first parcel can't be told."""
    if order["order_status"] >= SHIPPED:
        raise business("订单已发货，请勿重复发货")
    if order["confirm_status"] == 2 or order["refund_status"] == 4:
        raise business("订单已取消或已退款，不能发货")
    if order["confirm_status"] != 1 or order["group_status"] != 1:
        raise business("订单未成交，不能发货")
    if order["refund_status"] in (2, 3):
        raise business("订单售后处理中，不能发货")
    if order["risk_control_status"] != 0:
        raise business("订单正在风控审核中，暂不能发货")


def hide_receiver(order: Document) -> None:
    """The receiver's ciphertext is shown while the order is to be shipped and not under review, else nothing of it."""
    if order.get("order_status") != TO_SHIP or order.get("risk_control_status"):
        for name in _CIPHER:
            if name in order:
                order[name] = ""


def show(order: Document, shipments: Sequence[Shipment]) -> None:
    """Writes what was shipped into the order; the same again changes nothing."""
    first, *others = shipments
    order["order_status"] = max(SHIPPED, order.get("order_status", 0))
    order["logistics_id"] = int(first.carrier)
    order["tracking_number"] = first.tracking_no
    order["shipping_time"] = local(first.at_ms)
    order["extra_delivery_list"] = [
        {"logistics_id": int(other.carrier), "tracking_number": other.tracking_no} for other in others
    ]
    hide_receiver(order)
