"""Money back, goods back, neither or both, before and after sending, on every platform whose orders can show it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.payloads import LINE, at, lines, sent, sound, with_line
from tests.kinds.trials import decision, line, returned, shipped, tried, units

RELEASE = decision("RELEASE_HOLD")

HZ2, HZ1 = {"SKU-A@HZ1": 2}, {"SKU-A@HZ1": 1}
Doc = dict[str, Any]


def refund(channel: str, doc: Doc, state: str) -> Doc:
    """A refund that is open, done or closed; ``money``: done, and its amount is not said; ``returned``: done, and goods come back."""
    match channel:
        case "taobao":
            words = {"open": "WAIT_SELLER_AGREE", "closed": "CLOSED"}
            lines(channel, doc)[0].update(refund_status=words.get(state, "SUCCESS"), refund_id="9001")
        case "pdd":
            status, after = {"open": (2, 2), "closed": (1, 11), "money": (4, 10), "returned": (4, 10)}[state]
            doc.update(refund_status=status, after_sales_status=after)
        case "douyin":
            before = doc["order_status"] == 2
            status = {"open": (6, 1), "closed": (28, 4), "money": (12, 3), "returned": (12, 3)}[state]
            kind = 0 if state == "returned" else 2 if before else 1
            sale = {"after_sale_status": status[0], "refund_status": status[1], "after_sale_type": kind}
            lines(channel, doc)[0]["after_sale_info"] = sale
        case "shopify":
            back = {"line_item_id": int(LINE[channel]), "quantity": 2, "restock_type": "return"}
            goods = [back] if state == "returned" else []
            doc.update(financial_status="partially_refunded", refunds=[{"refund_line_items": goods}])
        case "jd":
            if state == "open":
                doc["orderState"] = "LOCKED"
    return doc


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin", "shopify"])
def test_part_of_the_money_back_before_sending_cancels_nothing(channel: str) -> None:
    _, partly, good = tried(
        channel,
        sound(channel),
        at(channel, refund(channel, sound(channel), "money"), 30),
        at(channel, sound(channel), 60),
    )
    assert partly.outcome == "accepted"
    assert (partly.phase, partly.hold_reason) in (("HELD", "refund_amount_unknown"), ("ALLOCATED", None))
    assert units(partly, "cancelled") == {}
    assert (good.phase, good.reserved) == ("ALLOCATED", HZ2)


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin", "jd"])
def test_an_open_refund_before_sending_holds_and_its_end_lets_go(channel: str) -> None:
    _, held, good = tried(
        channel,
        sound(channel),
        at(channel, refund(channel, sound(channel), "open"), 30),
        at(channel, refund(channel, sound(channel), "closed"), 60),
    )
    assert (held.status, held.phase, held.committed) == ("HOLD", "HELD", {})
    assert held.hold_reason == ("locked" if channel == "jd" else "refund_open")
    assert (good.status, good.phase, good.reserved) == ("PAID", "ALLOCATED", HZ2)


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin", "shopify"])
@pytest.mark.parametrize("told", [True, False], ids=["the warehouse told", "nobody told"])
def test_money_back_after_sending_sells_nothing_again(channel: str, told: bool) -> None:
    done = at(channel, refund(channel, sent(channel, sound(channel)), "money"), 60)
    *_, step = tried(channel, sound(channel), *([shipped()] if told else []), done)
    assert (step.outcome, step.status) == ("accepted", "SHIPPED")
    assert (step.released, step.restocked) == ({}, {})
    assert step.reserved == ({} if told else HZ2)
    assert line(step, LINE[channel])["returned"] == 0


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin", "shopify"])
def test_goods_on_their_way_back_are_not_sold_before_they_were_received(channel: str) -> None:
    done = at(channel, refund(channel, sent(channel, sound(channel)), "returned"), 60)
    _, _, asked, received = tried(channel, sound(channel), shipped(), done, returned({"SKU-A": 1}))
    assert (asked.phase, asked.released, asked.restocked) == ("SHIPPED", {}, {})
    assert received.restocked == HZ1


def test_jd_turned_back_at_the_door() -> None:
    turned = {**sent("jd", sound("jd")), "orderState": "TRADE_CANCELED"}
    _, _, step, received = tried("jd", sound("jd"), shipped(), at("jd", turned, 60), returned({"SKU-A": 2}))
    assert (step.phase, step.restocked) == ("SHIPPED", {})
    assert received.restocked == HZ2


@pytest.mark.parametrize("kind", [6, 7, 8], ids=["price protection", "resend", "repair"])
@pytest.mark.parametrize("status", [6, 12], ids=["asked", "done"])
def test_douyins_after_sales_that_take_nothing_away(kind: int, status: int) -> None:
    doc = sound("douyin")
    lines("douyin", doc)[0]["after_sale_info"] = {
        "after_sale_status": status,
        "after_sale_type": kind,
        "refund_status": 3,
    }
    _, step = tried("douyin", sound("douyin"), at("douyin", doc, 60))
    assert (step.status, step.phase, step.reserved, step.released) == ("PAID", "ALLOCATED", HZ2, {})


@pytest.mark.parametrize("channel", ["taobao", "douyin", "shopify"])
def test_one_line_of_two_is_closed_before_sending(channel: str) -> None:
    """Where lines have a status of their own."""
    doc = with_line(channel, sound(channel), "SKU-B", 1)
    gone = at(channel, doc, 60)
    last = lines(channel, gone)[1]
    match channel:
        case "taobao":
            last.update(status="TRADE_CLOSED", refund_status="SUCCESS")
        case "douyin":
            last.update(order_status="4")
        case "shopify":
            last.update(current_quantity=0, fulfillable_quantity=0)
    _, step = tried(channel, doc, gone)
    assert (step.status, step.phase) == ("PAID", "ALLOCATED")
    assert (step.reserved, units(step, "to_ship")) == (HZ2, {"SKU-A": 2})


def test_shopifys_refund_of_one_piece_before_sending() -> None:
    doc = sound("shopify")
    lines("shopify", doc)[0].update(current_quantity=1, fulfillable_quantity=1)
    cancelled = {"line_item_id": int(LINE["shopify"]), "quantity": 1, "restock_type": "cancel"}
    doc.update(financial_status="partially_refunded", refunds=[{"refund_line_items": [cancelled]}])
    _, step = tried("shopify", sound("shopify"), at("shopify", doc, 60))
    assert (step.phase, step.reserved, units(step, "to_ship")) == ("ALLOCATED", HZ1, {"SKU-A": 1})


def test_shopifys_edit_that_is_still_to_be_paid_is_held_and_what_was_sent_stays_sent() -> None:
    """An order that was paid is none that nobody has paid: with a reason, and a way out."""
    more = {**with_line("shopify", sound("shopify"), "SKU-B", 1), "financial_status": "partially_paid"}
    _, held, released = tried("shopify", sound("shopify"), at("shopify", more, 60), RELEASE)
    assert (held.status, held.hold_reason, held.reserved) == ("HOLD", "deposit_only", {})
    assert released.reserved == {"SKU-A@HZ1": 2, "SKU-B@HZ1": 1}
    _, _, later, paid = tried(
        "shopify",
        sound("shopify"),
        shipped(),
        at("shopify", more, 60),
        at("shopify", {**more, "financial_status": "paid"}, 90),
    )
    assert (later.phase, later.reserved, units(later, "shipped")) == ("HELD", {}, {"SKU-A": 2})
    assert (paid.phase, paid.reserved) == ("ALLOCATED", {"SKU-B@HZ1": 1})


def test_shopifys_line_of_nothing_stays_and_is_no_reason_to_wait() -> None:
    """Added by an edit, and taken out by the next."""
    doc = with_line("shopify", sound("shopify"), "SKU-B", 1)
    lines("shopify", doc)[1].update(quantity=0, current_quantity=0, fulfillable_quantity=0)
    (step,) = tried("shopify", doc)
    assert (step.outcome, step.reserved, units(step, "to_ship")) == ("accepted", HZ2, {"SKU-A": 2}), step.reasons
    del lines("shopify", doc)[1]["current_quantity"]
    (bad,) = tried("shopify", doc)
    assert [reason["code"] for reason in bad.reasons] == ["quantity_not_positive"]


GIFTS = {
    "taobao": {"price": "19.00", "payment": "0.00", "is_free_gift": True},
    "douyin": {"given_product_type": "FREE", "origin_amount": 1900, "pay_amount": 0},
    "shopify": {"price": "0.00"},
}


@pytest.mark.parametrize("channel", ["taobao", "douyin", "shopify"])
def test_a_gift_whose_goods_were_cancelled_is_not_sent_alone_in_silence(channel: str) -> None:
    doc = with_line(channel, sound(channel), "GIFT", 1)
    bought, gift = lines(channel, doc)
    gift.update(GIFTS[channel])
    without: Doc = {
        "taobao": {"status": "TRADE_CLOSED", "refund_status": "SUCCESS"},
        "douyin": {"order_status": "4", "main_status": 21},
        "shopify": {"current_quantity": 0, "fulfillable_quantity": 0},
    }[channel]
    both, _ = tried(channel, doc, at(channel, doc, 1))
    assert both.reserved == {"GIFT@HZ1": 1, "SKU-A@HZ1": 2}
    bought.update(without)
    _, step, sent_alone = tried(channel, with_line(channel, sound(channel), "GIFT", 1), at(channel, doc, 30), RELEASE)
    assert (step.status, step.phase, step.hold_reason, step.reserved) == ("HOLD", "HELD", "gift_alone", {})
    assert sent_alone.reserved == {"GIFT@HZ1": 1}
    lines(channel, doc).pop(0)
    (given,) = tried(channel, doc)
    assert given.reserved == {"GIFT@HZ1": 1}, "an order of gifts alone, of which nothing was cancelled, is an order"
