"""What real trade has beside the ordinary order: who else sends it, what waits, what changes while it is on its way.

A situation is an order's snapshots in the order they are published; each platform shows it in fields of its own. Where a
platform can't show it, the order is an ordinary one.

    others_send       a supplier, the platform's warehouse or a service sends the first line
    not_shipped       nothing is sent: a top-up, a voucher, a service
    presale           a deposit is paid; later the balance
    cash_on_delivery  sent unpaid; the carrier collects
    sku_twice         bought, and given beside it: two lines of one SKU
    refund_open       asked back before it is sent; the buyer changes their mind
    refund_in_part    some money went back before it is sent, for which goods the order does not say
    line_cancelled    one of several lines is taken out before it is sent
    address_changed   the buyer lives elsewhere, while it waits to be sent
    sent_by_hand      its platform shows it as sent, and no warehouse has told of a parcel
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from .sale import Sale, Stage

Doc = dict[str, Any]
Patch = Callable[[Doc, Sale], None]


class Shown(NamedTuple):
    """A snapshot of an order: ``patch`` makes it show the situation."""

    sale: Sale
    stage: Stage
    version_s: int
    patch: Patch | None = None


#: Name -> share among the situations.
SITUATIONS: Mapping[str, float] = {
    "others_send": 0.12,
    "not_shipped": 0.08,
    "presale": 0.10,
    "cash_on_delivery": 0.10,
    "sku_twice": 0.10,
    "refund_open": 0.15,
    "refund_in_part": 0.10,
    "line_cancelled": 0.10,
    "address_changed": 0.10,
    "sent_by_hand": 0.05,
}


def drawn(rng: Random) -> str:
    """One of them, by their shares."""
    return rng.choices(list(SITUATIONS), weights=list(SITUATIONS.values()))[0]


def shown(name: str, sale: Sale) -> list[Shown]:
    """The snapshots of a sale in that situation; none where its platform can't show it."""
    channel = sale.channel
    patches = PATCHES.get(name, {}).get(channel)
    match name:
        case "sku_twice" if not any(line.gift for line in sale.lines):
            first = sale.lines[0]
            gift = replace(first, quantity=1, fen=0, gift=True)
            return [Shown(replace(sale, lines=(*sale.lines, gift)), "paid", 60, patches[0] if patches else None)]
        case "address_changed":
            # Not further than a street: who has no warehouse near keeps it.
            moved = replace(sale, buyer=sale.buyer._replace(detail=f"{sale.buyer.detail}2栋"))
            return [Shown(sale, "paid", 60), Shown(moved, "paid", 120)]
        case "sent_by_hand":
            return [Shown(sale, "paid", 60), Shown(sale, "shipped", 600)]
        case "line_cancelled" if len(sale.lines) < 2:
            return []
    if patches is None:
        return []
    waits_first = name in ("refund_in_part", "line_cancelled")
    before = [Shown(sale, "paid", 60)] if waits_first else []
    return [*before, *(Shown(sale, "paid", 90 + 60 * number, patch) for number, patch in enumerate(patches))]


# --- how each platform shows them ---


def _taobao(doc: Doc) -> Doc:
    trade: Doc = doc["trade_fullinfo_get_response"]["trade"]
    return trade


def _pdd(doc: Doc) -> Doc:
    order: Doc = doc["order_info_get_response"]["order_info"]
    return order


def _bare(doc: Doc) -> Doc:
    return doc


def _taobao_lines(doc: Doc) -> list[Doc]:
    lines: list[Doc] = _taobao(doc)["orders"]["order"]
    return lines


def _sets(at: Callable[[Doc], Doc], **fields: Any) -> Patch:
    """The order shows these fields."""
    return lambda doc, _: at(doc).update(fields)


def _first(lines: Callable[[Doc], list[Doc]], **fields: Any) -> Patch:
    """Its first line shows these fields."""
    return lambda doc, _: lines(doc)[0].update(fields)


def _last(lines: Callable[[Doc], list[Doc]], **fields: Any) -> Patch:
    return lambda doc, _: lines(doc)[-1].update(fields)


def _list(name: str) -> Callable[[Doc], list[Doc]]:
    def lines(doc: Doc) -> list[Doc]:
        found: list[Doc] = doc[name]
        return found

    return lines


_jd_lines, _douyin_lines, _shopify_lines = _list("itemInfoList"), _list("sku_order_list"), _list("line_items")


def _jd_gift(doc: Doc, sale: Sale) -> None:
    for number, line in enumerate(_jd_lines(doc), start=1):
        line["skuUuid"] = f"{sale.serial}-{number}"


def _taobao_cod(doc: Doc, _: Sale) -> None:
    _taobao(doc).update(type="cod")
    del _taobao(doc)["pay_time"]


def _shopify_unshipped(doc: Doc, _: Sale) -> None:
    for line in _shopify_lines(doc):
        line["requires_shipping"] = False


def _shopify_edited_out(doc: Doc, _: Sale) -> None:
    _shopify_lines(doc)[-1].update(current_quantity=0, fulfillable_quantity=0)


def _balance(paid: bool) -> Patch:
    def patch(doc: Doc, sale: Sale) -> None:
        balance = f"{sale.payment_fen / 200:.2f}"
        doc["stepPaymentInfo"] = {"payBalancePlan": balance, "payBalanceReal": balance if paid else "0.00"}

    return patch


def _phases(paid: bool) -> Patch:
    def patch(doc: Doc, _: Sale) -> None:
        doc["order_phase_list"] = [{"phase_order_id": "1", "pay_success": True}, {"pay_success": paid}]

    return patch


def _pdd_step(status: str) -> Patch:
    return _sets(_pdd, trade_type=1, step_order_info={"step_trade_status": status})


def _asked_back(state: int, money: int) -> Doc:
    return {"after_sale_info": {"after_sale_status": state, "after_sale_type": 1, "refund_status": money}}


#: Situation -> platform -> how it shows it, snapshot after snapshot; one that stands here shows on these platforms alone.
PATCHES: Mapping[str, Mapping[str, tuple[Patch, ...]]] = {
    "others_send": {
        "taobao": (_first(_taobao_lines, is_daixiao=True),),
        "jd": (_sets(_bare, orderType="23", storeOrder="京仓订单"),),
        "pdd": (_sets(_pdd, order_depot_info={"depot_type": 2, "depot_code": "DX01", "depot_name": "订阅仓"}),),
        "douyin": (_first(_douyin_lines, inventory_list=[{"warehouse_type": 2, "count": 1}]),),
        "shopify": (_first(_shopify_lines, fulfillment_service="print-on-demand"),),
    },
    "not_shipped": {
        "taobao": (_sets(_taobao, shipping_type="virtual"),),
        "pdd": (_sets(_pdd, card_info_list=[{"card_no": "**", "mask_password": "**"}]),),
        "jd": (_sets(_bare, orderType="75"),),
        "douyin": (_sets(_bare, order_type=2),),
        "shopify": (_shopify_unshipped,),
    },
    "presale": {
        "taobao": (
            _sets(_taobao, type="step", step_trade_status="FRONT_PAID_FINAL_NOPAID"),
            _sets(_taobao, type="step", step_trade_status="FRONT_PAID_FINAL_PAID"),
        ),
        "jd": (_balance(False), _balance(True)),
        "pdd": (_pdd_step("1"), _pdd_step("2")),
        "douyin": (_phases(False), _phases(True)),
    },
    "cash_on_delivery": {
        "taobao": (_taobao_cod,),
        "jd": (_sets(_bare, payType="1"),),
        "douyin": (_sets(_bare, pay_type=0, pay_time=0),),
        "shopify": (
            _sets(
                _bare, financial_status="pending", payment_gateway_names=["Cash on Delivery (COD)"], processed_at=None
            ),
        ),
    },
    "sku_twice": {"jd": (_jd_gift,)},
    "refund_open": {
        "taobao": (
            _first(_taobao_lines, refund_status="WAIT_SELLER_AGREE"),
            _first(_taobao_lines, refund_status="CLOSED"),
        ),
        "pdd": (
            _sets(_pdd, after_sales_status=2, refund_status=2),
            _sets(_pdd, after_sales_status=12, refund_status=1),
        ),
        "douyin": (_first(_douyin_lines, **_asked_back(6, 1)), _first(_douyin_lines, **_asked_back(28, 0))),
    },
    "refund_in_part": {
        "taobao": (_first(_taobao_lines, refund_status="SUCCESS"),),
        "pdd": (_sets(_pdd, after_sales_status=10, refund_status=4),),
    },
    "line_cancelled": {
        "taobao": (_last(_taobao_lines, status="TRADE_CLOSED", refund_status="SUCCESS"),),
        "douyin": (_last(_douyin_lines, order_status="4"),),
        "shopify": (_shopify_edited_out,),
    },
}
