"""What Douyin lets a merchant ship, and how an order shows it. An order here is the ``shop_order_detail`` of its detail call.

Refusals are ``isv.business-failed:`` and a number, by which clients go. Sent to a part-shipped order as a whole, the platform refuses too,
but its number for that is not published: here 60111, one of those that say that the order is not for this call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.simulators.carriers import Carrier, by_code
from connectors.simulators.orders import Shipment, ShippedLine

Document = dict[str, Any]

CARRIERS = by_code("douyin")
UNPAID, TO_SHIP, PART_SHIPPED, SHIPPED, CANCELLED, FINISHED, RISK = 1, 2, 101, 3, 4, 5, 105
#: Statuses of an after-sale that is under way: applied, returning, shipped back.
OPEN_AFTER_SALE = frozenset((6, 7, 11))
_REFUNDED = 12
_FAILED = "业务处理失败"


class DouyinError(Exception):
    """An answer whose code is not 10000."""

    def __init__(self, code: int, msg: str, sub_code: str, sub_msg: str) -> None:
        super().__init__(msg)
        self.code, self.msg, self.sub_code, self.sub_msg = code, msg, sub_code, sub_msg


def business(tail: int, sub_msg: str) -> DouyinError:
    """The service refuses; ``tail`` is the number that says why."""
    return DouyinError(50002, _FAILED, f"isv.business-failed:{tail}", sub_msg)


def invalid(sub_msg: str) -> DouyinError:
    """A parameter that makes no sense."""
    return DouyinError(40004, "参数不合法", "isv.parameter-invalid", sub_msg)


def check_parcel(company: str, number: str) -> Carrier:
    """The carrier of a parcel. Raises DouyinError when there is none, or the number isn't its."""
    if not company:
        raise business(60011, "物流公司编码不能为空")
    known = CARRIERS.get(company)
    if known is None:
        raise business(60018, "物流公司不存在或已停用")
    if not known.takes(number):
        raise business(60017, "运单号格式不正确")
    return known


def check_order(order: Mapping[str, Any], *, reject_refund: bool = False, gifts_left: bool = False) -> None:
    """Raises DouyinError when nothing of the order may be shipped; ``gifts_left``: a shipped one may still have them."""
    status = order["order_status"]
    if status == UNPAID:
        raise business(60137, "订单未支付")
    if status == CANCELLED:
        raise business(60021, "订单已取消")
    if status == SHIPPED and not gifts_left:
        raise business(60110, "订单已发货，请勿重复发货")
    if status == FINISHED:
        raise business(60113, "订单已完成")
    if status == RISK:
        raise business(60109, "订单风控审核中，请稍后再试")
    lines = order["sku_order_list"]
    if all(_after_sale(line) == _REFUNDED for line in lines):
        raise business(60068, "订单已退款")
    if not reject_refund and any(_after_sale(line) in OPEN_AFTER_SALE for line in lines):
        raise business(60040, "订单存在进行中的售后单")


def _after_sale(line: Mapping[str, Any]) -> int:
    return int((line.get("after_sale_info") or {}).get("after_sale_status") or 0)


def left(order: Mapping[str, Any], shipments: Iterable[Shipment]) -> dict[str, int]:
    """Pieces of each line that are not shipped; what is refunded is none."""
    rest = {
        str(line["order_id"]): 0 if _after_sale(line) == _REFUNDED else line["item_num"]
        for line in order["sku_order_list"]
    }
    for shipment in shipments:
        if not shipment.lines:
            return dict.fromkeys(rest, 0)
        for line in shipment.lines:
            rest[line.line_no] = max(0, rest.get(line.line_no, 0) - line.quantity)
    return rest


def gifts_left(order: Mapping[str, Any], shipments: Sequence[Shipment]) -> bool:
    """Whether goods were shipped in parcels that left gifts behind."""
    rest = left(order, shipments)
    return bool(shipments) and any(
        rest[str(line["order_id"])] for line in order["sku_order_list"] if line.get("given_product_type") == "FREE"
    )


def check_lines(
    order: Mapping[str, Any],
    shipments: Sequence[Shipment],
    packs: Sequence[Sequence[ShippedLine]],
    *,
    reject_refund: bool = False,
) -> None:
    """Raises DouyinError when the packs together hold what the order hasn't left."""
    open_ = left(order, shipments)
    known = {str(line["order_id"]): line for line in order["sku_order_list"]}
    for line in (line for pack in packs for line in pack):
        if line.line_no not in known:
            raise business(60033, "子订单不存在")
        if not reject_refund and _after_sale(known[line.line_no]) in OPEN_AFTER_SALE:
            raise business(60040, "子订单存在进行中的售后单")
        if line.quantity < 1 or line.quantity > open_[line.line_no]:
            if not open_[line.line_no]:
                raise business(60110, "子订单已发货，请勿重复发货")
            raise business(60104, "发货数量超过可发货数量")
        open_[line.line_no] -= line.quantity


def pack_id(order_no: str, place: int) -> str:
    """Of the order's parcel at this place, from 0."""
    return f"{order_no}{place + 1:02d}"


def show(order: Document, order_no: str, shipments: Sequence[Shipment]) -> None:
    """Writes what was shipped into the order; the same again changes nothing."""
    rest = left(order, shipments)
    untouched = left(order, ())
    # Gifts go with their goods: nobody has to name them.
    goods = [str(line["order_id"]) for line in order["sku_order_list"] if line.get("given_product_type") != "FREE"]
    open_ = any(rest[line] for line in goods or rest)
    for line in order["sku_order_list"]:
        pieces, all_ = rest[str(line["order_id"])], untouched[str(line["order_id"])]
        if all_ and pieces < all_:
            line["order_status"] = str(PART_SHIPPED if pieces else SHIPPED)
    if order["order_status"] != FINISHED:
        order["order_status"] = order["main_status"] = PART_SHIPPED if open_ else SHIPPED
    order["ship_time"] = shipments[0].at_ms // 1000
    order["logistics_info"] = [
        {
            "tracking_no": shipment.tracking_no,
            "company": shipment.carrier,
            "company_name": CARRIERS[shipment.carrier].name,
            "delivery_id": pack_id(order_no, place),
            "ship_time": shipment.at_ms // 1000,
            "product_info": [{"sku_order_id": line.line_no, "product_count": line.quantity} for line in shipment.lines],
        }
        for place, shipment in enumerate(shipments)
    ]
