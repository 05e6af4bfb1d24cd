"""After-sales as records of their own: what has not left is held or cancelled, what has left moves no stock before it was received."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.kinds.payloads import CHANNELS, LINE, at, pieces, sound
from tests.kinds.test_refunds import RELEASE, refund
from tests.kinds.trials import aftersale, decision, returned, shipped, tried, units

Doc = dict[str, Any]
HZ2, HZ1 = {"SKU-A@HZ1": 2}, {"SKU-A@HZ1": 1}

#: The sound order's line costs this, in yuan; two pieces.
PRICE = {"taobao": "99.00", "jd": "99.00", "pdd": "99.50", "douyin": "99.00", "shopify": "99.00"}


def asked(channel: str, state: str = "open", kind: str = "refund", *, amount: str = "", sent: bool = False) -> Doc:
    """An after-sale of the whole line. ``state``: open, done, closed. ``amount``: paid back, in yuan; left out: all of it."""
    amount = amount or PRICE[channel]
    fen = round(float(amount) * 100)
    match channel:
        case "taobao":
            return {
                "refund_id": "90000000000001",
                "tid": 2300000000000000001,
                "oid": int(LINE["taobao"]),
                "num": 2,
                "outer_id": "SKU-A",
                "status": {"open": "WAIT_SELLER_AGREE", "done": "SUCCESS", "closed": "CLOSED"}[state],
                "good_status": "BUYER_NOT_RECEIVED",
                "dispute_type": {
                    **{"refund": "REFUND", "return": "REFUND_AND_RETURN", "exchange": "TMALL_EXCHANGE"},
                    **{"resend": "RESHIPPING", "repair": "REPAIR"},
                }[kind],
                "reason": "不想要了",
                "refund_fee": amount,
                "total_fee": "99.00",
                "order_status": "WAIT_BUYER_CONFIRM_GOODS" if sent else "WAIT_SELLER_SEND_GOODS",
                "created": "2026-01-02 12:32:20",
                "modified": {
                    "open": "2026-01-02 12:32:21",
                    "done": "2026-01-03 12:00:00",
                    "closed": "2026-01-03 12:00:00",
                }[state],
            }
        case "jd" if sent:
            return {
                "serviceId": 700001,
                "orderId": 300000000001,
                "skuId": int(LINE["jd"]),
                "serviceCount": 2,
                "customerExpect": {"refund": 11, "return": 10, "exchange": 20, "resend": 80, "repair": 30}[kind],
                "serviceStatus": {"open": 10001, "done": 10010, "closed": 10011}[state],
                "applyTime": "2026-01-02 12:32:20",
                "updateTime": "2026-01-02 12:33:20",
            }
        case "jd":
            return {
                "id": 500001,
                "orderId": 300000000001,
                "applyTime": "2026-01-02 12:32:20",
                "checkTime": None if state == "open" else "2026-01-03 12:00:00",
                "applyRefundSum": fen,
                "status": {"open": 0, "done": 3, "closed": 2}[state],
                "reason": "不想要了",
            }
        case "pdd":
            return {
                "id": 800000001,
                "order_sn": "260101-000000000000001",
                "after_sales_type": {"refund": 1, "return": 2, "exchange": 3, "resend": 4, "repair": 5}[kind],
                "after_sales_status": {"open": 2, "done": 10 if kind in ("refund", "return") else 16, "closed": 11}[
                    state
                ],
                "after_sales_reason": "不想要了",
                "sku_id": LINE["pdd"],
                "goods_number": 2,
                "goods_price": 4975,
                "discount_amount": 0,
                "order_amount": 9950,
                "refund_amount": fen,
                "shipping_status": 1 if sent else 0,
                "recreated_at": 1767328340000,
                "updated_time": "1767328341" if state == "open" else "1767415000",
            }
        case "douyin":
            type_ = {"refund": 1 if sent else 2, "return": 0, "exchange": 3, "protection": 6, "resend": 7, "repair": 8}[
                kind
            ]
            return {
                "order_info": {
                    "shop_order_id": 4900000000000000001,
                    "sku_order_infos": [
                        {
                            "sku_order_id": int(LINE["douyin"]),
                            "shop_sku_code": "SKU-A",
                            "item_quantity": 2,
                            "after_sale_item_count": 2,
                            "pay_amount": 9900,
                            "post_amount": 0,
                        }
                    ],
                },
                "process_info": {
                    "after_sale_info": {
                        "after_sale_id": 7000000000000000001,
                        "after_sale_type": type_,
                        "after_sale_status": {"open": 6, "done": 12, "closed": 28}[state],
                        "refund_status": {"open": 1, "done": 3, "closed": 0}[state],
                        "refund_total_amount": fen,
                        "apply_time": 1767328340,
                        "update_time": 1767328341 if state == "open" else 1767415000,
                        "reason": "不想要了",
                    }
                },
            }
    if kind == "refund" and not sent:
        line = {
            "line_item_id": int(LINE["shopify"]),
            "quantity": 2,
            "restock_type": "cancel",
            "line_item": {"sku": "SKU-A"},
        }
        return {
            "id": 900001,
            "order_id": 820000000000001,
            "created_at": "2026-01-02T12:32:20+08:00",
            "note": "changed my mind",
            "refund_line_items": [line] if amount == PRICE["shopify"] else [],
            "transactions": [
                {
                    "kind": "refund",
                    "status": "success" if state == "done" else "pending",
                    "amount": amount,
                    "currency": "CNY",
                }
            ],
        }
    return {
        "id": "gid://shopify/Return/1",
        "status": {"open": "OPEN", "done": "CLOSED", "closed": "DECLINED"}[state],
        "createdAt": "2026-01-02T04:32:20Z",
        "order": {
            "id": "gid://shopify/Order/820000000000001",
            "updatedAt": "2026-01-02T04:33:20Z",
            "currencyCode": "CNY",
        },
        "returnLineItems": {
            "nodes": [
                {
                    "quantity": 2,
                    "fulfillmentLineItem": {
                        "lineItem": {"id": f"gid://shopify/LineItem/{LINE['shopify']}", "sku": "SKU-A"}
                    },
                }
            ]
        },
        "exchangeLineItems": {"nodes": [{"id": "1"}] if kind == "exchange" else []},
    }


every = pytest.mark.parametrize("channel", CHANNELS)


@every
def test_an_open_refund_holds_what_has_not_left(channel: str) -> None:
    _, held = tried(channel, sound(channel), aftersale(asked(channel)))
    assert (held.outcome, held.phase, held.hold_reason) == ("accepted", "HELD", "refund_open"), held.reasons
    assert (held.reserved, held.released, held.committed) == ({}, HZ2, {})
    assert units(held, "cancelled") == {}
    assert held.status == "HOLD", "its platform calls it paid; it is held all the same"


# A refund of Shopify's is never refused: it is made or not.
@pytest.mark.parametrize("channel", [each for each in CHANNELS if each != "shopify"])
def test_a_refund_that_is_refused_or_withdrawn_lets_go(channel: str) -> None:
    _, _, good = tried(channel, sound(channel), aftersale(asked(channel)), aftersale(asked(channel, "closed")))
    assert (good.phase, good.hold_reason, good.reserved) == ("ALLOCATED", None, HZ2)


@every
def test_a_whole_refund_before_sending_cancels_those_pieces(channel: str) -> None:
    _, step = tried(channel, sound(channel), aftersale(asked(channel, "done")))
    if channel == "jd":
        # An application names neither its goods nor whether it is all: the order itself says so when it is closed.
        assert (step.phase, step.hold_reason) == ("HELD", "refund_amount_unknown")
        return
    assert (step.phase, step.released, step.reserved) == ("CANCELLED", HZ2, {}), step.notes
    assert (units(step, "cancelled"), units(step, "to_ship")) == ({"SKU-A": 2}, {})


@every
def test_a_refund_in_part_before_sending_moves_nothing(channel: str) -> None:
    _, step = tried(channel, sound(channel), aftersale(asked(channel, "done", amount="5.00")))
    if channel == "jd":
        assert (step.phase, step.hold_reason) == ("HELD", "refund_amount_unknown")
        return
    assert (step.phase, step.hold_reason, step.reserved, step.released) == ("ALLOCATED", None, HZ2, {})
    assert units(step, "cancelled") == {}


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin"])
def test_the_amount_that_the_order_did_not_tell_ends_its_hold(channel: str) -> None:
    """The platform's order says that money went back, its refund's own record how much."""
    partly = at(channel, refund(channel, sound(channel), "money"), 30)
    _, held, good = tried(channel, sound(channel), partly, aftersale(asked(channel, "done", amount="5.00")))
    assert (held.status, held.phase, held.hold_reason) == ("HOLD", "HELD", "refund_amount_unknown")
    assert (good.status, good.phase, good.hold_reason, good.reserved) == ("PAID", "ALLOCATED", None, HZ2)


@pytest.mark.parametrize("channel", ["taobao", "pdd"])
def test_money_that_would_pay_for_a_piece_may_be_for_one_and_is_asked_about(channel: str) -> None:
    """Their refunds have an amount and no pieces of their own: half the money of two may mean that one is given up."""
    half = {"taobao": "49.50", "pdd": "49.75"}[channel]
    _, step = tried(channel, sound(channel), aftersale(asked(channel, "done", amount=half)))
    assert (step.phase, step.hold_reason, step.reserved) == ("HELD", "refund_amount_unknown", {})
    assert units(step, "cancelled") == {}


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin"])
def test_all_the_money_back_after_a_part_has_left_cancels_the_rest(channel: str) -> None:
    """Also where the refund does not say whether it was asked for before sending: it is about every piece, sent or not."""
    done = asked(channel, "done")
    done.pop("shipping_status", None)
    if channel == "taobao":
        done["order_status"] = "SELLER_CONSIGNED_PART"
    _, _, step = tried(channel, sound(channel), shipped(lines={LINE[channel]: 1}), aftersale(done))
    assert (step.status, step.phase) == ("SHIPPED", "SHIPPED"), step.notes
    assert (step.released, step.reserved, step.restocked) == (HZ1, {}, {})
    assert (units(step, "shipped"), units(step, "cancelled")) == ({"SKU-A": 1}, {"SKU-A": 1})


def test_douyins_row_has_a_bound_too() -> None:
    """A row does not tell the freight, which may be paid back as well: no freight is a hundred times the goods."""
    row = {
        "aftersale_info": {
            **{"aftersale_id": "7000000000000000001", "aftersale_type": 2, "aftersale_status": 12, "refund_status": 3},
            **{"refund_amount": 990_000, "apply_time": 1767328340, "update_time": 1767415000},
        },
        "order_info": {
            "shop_order_id": "4900000000000000001",
            "related_order_info": [
                {"sku_order_id": LINE["douyin"], "item_num": 2, "aftersale_item_num": 2, "pay_amount": 9900}
            ],
        },
    }
    _, step = tried("douyin", sound("douyin"), aftersale(row))
    assert (step.outcome, [reason["code"] for reason in step.reasons]) == ("review", ["refund_too_large"])
    assert (step.phase, step.reserved) == ("ALLOCATED", HZ2)
    row["aftersale_info"]["refund_amount"] = 10_900
    _, freight = tried("douyin", sound("douyin"), aftersale(row))
    assert (freight.outcome, freight.status, freight.reserved) == ("accepted", "CANCELLED", {})


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        *((channel, kind) for channel in CHANNELS for kind in ("return", "exchange")),
        # Shopify's is a return, or money alone.
        *((channel, "refund") for channel in CHANNELS if channel != "shopify"),
    ],
)
@pytest.mark.parametrize("state", ["open", "done"])
def test_after_sending_no_after_sale_moves_stock(channel: str, state: str, kind: str) -> None:
    after = asked(channel, state, kind, sent=True)
    _, _, step, back = tried(channel, sound(channel), shipped(), aftersale(after), returned({"SKU-A": 1}))
    assert (step.outcome, step.phase) == ("accepted", "SHIPPED"), step.reasons
    assert (step.released, step.committed, step.restocked) == ({}, {}, {})
    assert any(note.startswith("after-sale") for note in step.notes)
    assert back.restocked == HZ1


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        *(("douyin", kind) for kind in ("protection", "resend", "repair")),
        *((channel, kind) for channel in ("taobao", "pdd") for kind in ("resend", "repair")),
    ],
)
@pytest.mark.parametrize("state", ["open", "done"])
def test_price_protection_resending_and_repair_are_recorded_alone(channel: str, kind: str, state: str) -> None:
    _, step = tried(channel, sound(channel), aftersale(asked(channel, state, kind)))
    assert (step.outcome, step.phase, step.reserved, step.released) == ("accepted", "ALLOCATED", HZ2, {}), step.reasons


@every
def test_the_same_again_and_an_older_one_change_nothing(channel: str) -> None:
    newer = asked(channel, "done" if channel == "shopify" else "closed")
    steps = tried(channel, sound(channel), aftersale(asked(channel)), aftersale(asked(channel)), aftersale(newer))
    assert [step.outcome for step in steps] == ["accepted", "accepted", "duplicate", "accepted"]


@every
def test_a_refund_larger_than_the_order_is_no_order_to_cancel_more(channel: str) -> None:
    too_much = asked(channel, "done", amount="9999.00")
    _, step = tried(channel, sound(channel), aftersale(too_much))
    assert step.outcome == "review" or units(step, "cancelled").get("SKU-A", 0) <= 2


@every
def test_what_is_wrong_with_an_after_sale_is_reviewed_and_moves_nothing(channel: str) -> None:
    bad = copy.deepcopy(asked(channel))
    for name in ("refund_id", "id", "serviceId", "process_info"):
        bad.pop(name, None)
    _, step = tried(channel, sound(channel), aftersale(bad))
    assert step.outcome in ("review", "refused") and step.reasons
    assert (step.phase, step.reserved) == ("ALLOCATED", HZ2)


@every
def test_an_after_sale_of_another_order_is_reviewed(channel: str) -> None:
    other = asked(channel)
    for name, value in (("tid", 5), ("orderId", 5), ("order_sn", "260101-5"), ("order_id", 5)):
        if name in other:
            other[name] = value
    if channel == "douyin":
        other["order_info"]["shop_order_id"] = 5
    _, step = tried(channel, sound(channel), aftersale(other))
    assert step.outcome == "review"
    assert "order_no_mismatch" in [reason["code"] for reason in step.reasons]
    assert step.reserved == HZ2


@every
def test_an_operator_may_let_go_what_an_open_refund_holds(channel: str) -> None:
    *_, step = tried(channel, sound(channel), aftersale(asked(channel)), decision("RELEASE_HOLD"))
    assert (step.phase, step.reserved) == ("ALLOCATED", HZ2)


def test_pdds_gift_is_not_sent_alone_when_its_goods_were_paid_back() -> None:
    gift = {"goods_id": 9, "sku_id": 1500000000009, "outer_id": "GIFT", "goods_count": 1, "goods_price": 19.0}
    doc = {**sound("pdd"), "gift_list": [gift]}
    both, told, step = tried(
        "pdd", doc, at("pdd", refund("pdd", {**doc}, "money"), 30), aftersale(asked("pdd", "done"))
    )
    assert both.reserved == {"GIFT@HZ1": 1, "SKU-A@HZ1": 2}
    assert (told.phase, told.hold_reason) == ("HELD", "gift_alone,refund_amount_unknown")
    assert (step.phase, step.hold_reason, step.reserved) == ("HELD", "gift_alone", {})
    assert units(step, "cancelled") == {"SKU-A": 2}


@pytest.mark.parametrize("channel", ["douyin", "shopify"])
def test_pieces_paid_back_and_fewer_ordered_may_be_the_same_pieces(channel: str) -> None:
    """Both counted would send a piece too few, and cancel an order for good of which one piece is still paid."""
    one = asked(channel, "done", amount="49.50")
    if channel == "douyin":
        one["order_info"]["sku_order_infos"][0]["after_sale_item_count"] = 1
    else:
        one["refund_line_items"] = [{"line_item_id": int(LINE[channel]), "quantity": 1, "restock_type": "cancel"}]
    _, less, fewer, good = tried(
        channel, sound(channel), aftersale(one), at(channel, pieces(channel, sound(channel), 1), 3000), RELEASE
    )
    assert (less.reserved, units(less, "cancelled")) == (HZ1, {"SKU-A": 1})
    assert (fewer.phase, fewer.hold_reason, fewer.reserved) == ("HELD", "refund_unclear", {})
    assert (good.phase, good.reserved, units(good, "to_ship")) == ("ALLOCATED", HZ1, {"SKU-A": 1})
