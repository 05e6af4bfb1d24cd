"""Raw orders of a sale on each platform: a deposit is paid, then the balance; or all of it, and it may go from a day on."""

from __future__ import annotations

from typing import Any

from tests.domain.raw_orders import ORDER_NO, SOUND, Doc, changed

#: Platform -> what shows that a deposit alone is paid, and what shows the balance.
DEPOSIT: dict[str, tuple[Doc, Doc]] = {
    "taobao": (
        {"type": "step", "step_trade_status": "FRONT_PAID_FINAL_NOPAID"},
        {"type": "step", "step_trade_status": "FRONT_PAID_FINAL_PAID"},
    ),
    "jd": (
        {"stepPaymentInfo": {"payBalancePlan": "80.00", "payBalanceReal": "0.00"}},
        {"stepPaymentInfo": {"payBalancePlan": "80.00", "payBalanceReal": "80.00"}},
    ),
    "pdd": (
        {"trade_type": 1, "step_order_info": {"step_trade_status": 1}},
        {"trade_type": 1, "step_order_info": {"step_trade_status": 2}},
    ),
    "douyin": (
        {"order_phase_list": [{"phase_pay_time": 1767232800}, {"phase_pay_time": 0}]},
        {"order_phase_list": [{"phase_pay_time": 1767232800}, {"phase_pay_time": 1767232800}]},
    ),
    "shopify": ({"financial_status": "partially_paid"}, {"financial_status": "paid"}),
}
#: Platform -> what shows that all is paid and it is sent from a day on: 2026-01-10 or two days before it.
FROM_A_DAY: dict[str, Doc] = {
    "taobao": {"send_time": "2026-01-10 10:00:00"},
    "jd": {"scDT": "2026-01-10 10:00:00"},
    "pdd": {"is_pre_sale": 1, "pre_sale_time": "2026-01-10 23:59:59"},
    "douyin": {"exp_ship_time": 1768010400},
    "shopify": {"fulfillment_orders": [{"status": "scheduled", "fulfill_at": "2026-01-10T10:00:00+08:00"}]},
}
#: Platform -> the field with the version, and its later values.
_NEWER: dict[str, tuple[str, tuple[Any, Any]]] = {
    "taobao": ("modified", ("2026-01-01 10:00:00", "2026-01-01 11:00:00")),
    "jd": ("modified", ("2026-01-01 10:01:00", "2026-01-01 11:00:00")),
    "pdd": ("updated_at", ("2026-01-01 10:00:00", "2026-01-01 11:00:00")),
    "douyin": ("update_time", (1767232800, 1767236400)),
    "shopify": ("updated_at", ("2026-01-01T10:00:05+08:00", "2026-01-01T11:00:00+08:00")),
}


def raw(
    channel: str, shows: Doc, *, newer: bool = False, order_no: str = "", sku: str = "SKU-A", pieces: int = 2
) -> Doc:
    """A raw order of one line; under a number of its own, for some pieces of a SKU."""
    field, times = _NEWER[channel]
    doc = changed(SOUND[channel], **shows, **{field: times[newer]})
    order_no = order_no or ORDER_NO[channel]
    match channel:
        case "taobao":
            doc["tid"] = int(order_no)
            doc["orders"]["order"][0] |= {"oid": int(order_no) + 1, "outer_sku_id": sku, "num": pieces}
        case "jd":
            doc["orderId"] = order_no
            doc["itemInfoList"][0] |= {"outerSkuId": sku, "itemTotal": str(pieces)}
        case "pdd":
            doc["order_sn"] = order_no
            doc["item_list"][0] |= {"outer_id": sku, "goods_count": pieces}
        case "douyin":
            doc["order_id"] = order_no
            line = doc["sku_order_list"][0]
            line |= {"order_id": order_no, "parent_order_id": order_no, "code": sku, "item_num": pieces}
            if "exp_ship_time" in shows:
                line["pre_sale_type"] = 1
        case "shopify":
            doc["id"] = int(order_no)
            line = doc["line_items"][0]
            line |= {"sku": sku, "quantity": pieces, "fulfillable_quantity": pieces}
    return doc
