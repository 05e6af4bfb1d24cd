"""JD POP: a sale as `jingdong.pop.order.get` shows it (the bare orderInfo). JD shows no unpaid orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sale import Sale, SaleLine, Stage, local, yuan

FIRST = 300_000_000_000
SKU = 100_000_000_000
NO_TIME = "0001-01-01 00:00:00"
STATE = {
    "held": "LOCKED",
    "paid": "WAIT_SELLER_STOCK_OUT",
    "shipped": "WAIT_GOODS_RECEIVE_CONFIRM",
    "cancelled": "TRADE_CANCELED",
}


def order_no(sale: Sale) -> str:
    return str(FIRST + sale.serial)


def line_no(sale: Sale, index: int) -> str:
    """The id of the index-th line, from 1: its skuId."""
    return str(SKU + sale.lines[index - 1].number)


def snapshot(sale: Sale, stage: Stage, modified_ms: int) -> dict[str, Any]:
    """The `orderInfo` of this sale; ids and counts are texts, as JD sends them."""
    buyer = sale.buyer
    return {
        "orderId": order_no(sale),
        "venderId": "100001",
        "orderType": "22",
        "payType": "4",
        "orderState": STATE[stage],
        "orderStateRemark": "",
        "orderTotalPrice": yuan(sale.goods_fen),
        "orderSellerPrice": yuan(max(0, sale.goods_fen - sale.discount_fen)),
        "orderPayment": yuan(sale.payment_fen),
        "freightPrice": yuan(sale.postage_fen),
        "sellerDiscount": yuan(sale.discount_fen),
        "orderRemark": sale.buyer_note,
        "venderRemark": sale.seller_note,
        "orderStartTime": local(sale.placed_at_ms),
        "paymentConfirmTime": local(sale.paid_at_ms),
        "orderEndTime": NO_TIME,
        "modified": local(modified_ms),
        "directParentOrderId": "0",
        "parentOrderId": "0",
        "storeOrder": "",
        "idSopShipmenttype": "68",
        "returnOrder": "0",
        "waybill": "JDVA00000000000" if stage == "shipped" else "",
        "logisticsId": "",
        "consigneeInfo": {
            "fullname": buyer.name,
            "mobile": buyer.phone,
            "telephone": buyer.phone,
            "province": buyer.province,
            "city": buyer.city,
            "county": buyer.district,
            "town": "",
            "fullAddress": f"{buyer.province}{buyer.city}{buyer.district}{buyer.street}{buyer.detail}",
        },
        "itemInfoList": [_line(line) for line in sale.lines],
    }


def _line(line: SaleLine) -> dict[str, Any]:
    return {
        "skuId": str(SKU + line.number),
        "wareId": str(10_000_000_000 + line.number),
        "outerSkuId": line.sku,
        "skuName": f"{line.title} {line.variant}",
        "jdPrice": yuan(line.fen),
        "itemTotal": str(line.quantity),
        "giftPoint": "0",
        "productNo": line.sku.rsplit("-", 1)[0],
    }


def returned(doc: dict[str, Any], pieces: Mapping[str, int] | None, at_ms: int) -> bool:
    """Refused at the door: the whole order; False for a part of it, which JD's order does not show."""
    whole = {line["skuId"]: int(line["itemTotal"]) for line in doc["itemInfoList"]}
    if pieces is not None and dict(pieces) != whole:
        return False
    doc.update(
        orderState=STATE["cancelled"],
        orderStateRemark="客户拒收",
        waybill=f"JDVA{int(doc['orderId']) % 10**11:011d}",
        modified=local(at_ms),
        orderEndTime=local(at_ms),
    )
    return True
