"""JD: two kinds of documents, and the newer gateway's one for both.

    refund application    a row of `pop.afs.soa.refundapply.queryPageList`: before or while goods are sent; about the whole order, in fen
    service order         a row of `asc.sync.list`: after receipt; one SKU, in yuan
    after-sale order      `data` of the SP-API's `GET afs-orders/{id}`: both in one list

Sources: the platform's SDKs; values that its reference names nowhere are marked. Ids of the kinds are counted apart, so an after-sale's id
has its kind before it: `refundapply/1`, `service/1`, `afs/1`.

- An application is done when finance has paid (3); approved (1, 5) is money on its way: open, so that nothing is sent. It has no time of
  change: the later of when it was asked for and checked.
- A service order that waits for anybody is open; 12000, 13000 and 14000 were seen and nobody says what they mean: review.
- The values of an after-sale order's `mainStatus` are not known: it is done when its `refundStatus` says so; one that asks for no money,
  when it has a finish time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import AfterSaleKind, AfterSaleState, Reason
from streams.domain.channels.fields import Fields
from streams.domain.channels.snapshot import unwrapped

from . import reasons as classes
from .sale import Sale, any_time, dated, goods, maybe_minor, maybe_money

APPLICATION_STATES: dict[int, AfterSaleState] = {
    0: "OPEN",  # not reviewed
    1: "OPEN",  # approved: finance is to pay
    2: "CLOSED",  # refused
    3: "DONE",  # finance has paid
    4: "OPEN",  # finance has failed to
    5: "OPEN",  # approved by hand
    6: "OPEN",  # intercepted, then paid
    7: "OPEN",  # the courier intercepted it
    8: "OPEN",  # the courier could not
    9: "OPEN",  # closed by force, to be paid
    10: "OPEN",  # waits for logistics
    11: "CLOSED",  # withdrawn
}
SERVICE_STATES: dict[int, AfterSaleState] = {
    **dict.fromkeys((10000, 10001, 10002, 10005, 10006, 10007, 10009, 10012, 10013, 10041), "OPEN"),
    10010: "DONE",
    **dict.fromkeys((10004, 10011), "CLOSED"),
}
#: `customerExpect`; appliance services (40, 50, 60), fresh goods' compensation (90) and recalls (100) are none of the others.
KINDS: dict[int, AfterSaleKind] = {
    10: "RETURN",
    11: "REFUND",
    20: "EXCHANGE",
    30: "REPAIR",
    70: "REPAIR",
    80: "RESEND",
    **dict.fromkeys((40, 50, 60, 90, 100), "OTHER"),
}
REFUNDED = "20"
CUSTOMERS_RETURN = "2"


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Sale:
    """A row of any of the three -> the canonical after-sale; every problem is appended to `reasons`."""
    found = unwrapped(doc, reasons, "data")
    if "afsOrderId" in found.doc:
        return _order(found)
    return _service(found) if "serviceId" in found.doc else _application(found)


def _application(row: Fields) -> Sale:
    asked, checked = any_time(row, "applyTime"), any_time(row, "checkTime")
    if asked is None:
        row.time("applyTime")
    version = max(asked or 0, checked or 0)
    dated(row, "checkTime" if checked else "applyTime", version, "applyTime", asked)
    reason = row.text("reason")
    return Sale(
        aftersale_id=f"refundapply/{row.ident('id')}",
        order_no=row.ident("orderId"),
        version=version,
        kind="REFUND",
        state=row.choice("status", APPLICATION_STATES) or "OPEN",
        platform_state=row.text("status"),
        # 12: refused at the door; 87: turned back in a sorting centre; both had left.
        before_shipping=False if row.text("systemId") in ("12", "87") else None,
        received=None,
        currency="CNY",
        amount_minor=maybe_minor(row, "applyRefundSum"),
        # The order's own snapshot says whether that was all of it.
        whole=None,
        lines=[],
        reason=reason,
        reason_code="",
        reason_class=classes.of_text(reason),
        tracking_no="",
        asked_at_ms=asked,
    )


def _service(row: Fields) -> Sale:
    version, asked = any_time(row, "updateTime"), any_time(row, "applyTime")
    if version is None:
        row.time("updateTime")
    dated(row, "updateTime", version or 0, "applyTime", asked)
    first, second = row.text("questionTypeCid1Name"), row.text("questionTypeCid2Name")
    return Sale(
        aftersale_id=f"service/{row.ident('serviceId')}",
        order_no=row.ident("orderId"),
        version=version or 0,
        kind=row.choice("customerExpect", KINDS) or "OTHER",
        state=row.choice("serviceStatus", SERVICE_STATES) or "OPEN",
        platform_state=row.text("serviceStatus"),
        before_shipping=False,
        received=True,
        currency="CNY",
        # `actualPayPrice` is what the goods cost, not what goes back.
        amount_minor=None,
        whole=None,
        lines=goods(row, "skuId", "", "serviceCount"),
        reason=second or first,
        reason_code=row.text("questionTypeCid2", "questionTypeCid1"),
        reason_class=classes.of_text(second, first),
        tracking_no=row.text("expressCode"),
        asked_at_ms=asked,
    )


def _order(data: Fields) -> Sale:
    base, said = data.child("afsOrderBaseInfo"), data.child("afsOrderStatusInfo")
    asks, refund = data.child("customerApplyInfo"), data.child("refundInfo")
    version, asked = any_time(base, "modifiedTime"), any_time(base, "applyTime")
    if version is None:
        base.time("modifiedTime")
    dated(base, "modifiedTime", version or 0, "applyTime", asked)
    status = refund.text("refundStatus")
    kind: AfterSaleKind = asks.choice("customerExpect", KINDS) or "OTHER"
    finished = any_time(base, "afsOrderFinishTime") is not None
    # A finish without money may be a refusal: in doubt it stays open.
    done = status == REFUNDED or (finished and kind not in ("REFUND", "RETURN"))
    first, second = asks.text("applyReasonFirstCidDesc"), asks.text("applyReasonSecondCidDesc")
    back = (
        one.text("waybillCode")
        for one in data.children("waybillInfoList")
        if one.text("waybillType") == CUSTOMERS_RETURN
    )
    actual = maybe_money(refund, "actualRefundAmount")
    return Sale(
        aftersale_id=f"afs/{data.ident('afsOrderId')}",
        order_no=data.child("orderInfo").ident("orderId"),
        version=version or 0,
        kind=kind,
        state="DONE" if done else "OPEN",
        platform_state="/".join(filter(None, (said.text("mainStatus"), said.text("subStatus"), status))),
        before_shipping=None,
        received=None,
        currency="CNY",
        amount_minor=actual if actual is not None else maybe_money(refund, "applyRefundAmount"),
        whole=None,
        lines=[],
        reason=second or first,
        reason_code=asks.text("applyReasonSecondCid", "applyReasonFirstCid"),
        reason_class=classes.of_text(second, first),
        tracking_no=next(back, ""),
        asked_at_ms=asked,
    )
