"""Who sends a line, and whether it is sent at all: never reserved unless this merchant's warehouses are to send it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.payloads import CHANNELS, LINE, at, lines, sound, with_line
from tests.kinds.trials import line, shipped, tried, units

Doc = dict[str, Any]
HZ2 = {"SKU-A@HZ1": 2}

PICKED_UP = {"title": "Shop", "code": "Shop", "delivery_category": "pickup"}
CARRIED = {"title": "Standard", "code": "standard"}


def order(channel: str, **fields: Any) -> tuple[str, Doc]:
    return channel, {**sound(channel), **fields}


def goods(channel: str, **fields: Any) -> tuple[str, Doc]:
    doc = sound(channel)
    lines(channel, doc)[0].update(fields)
    return channel, doc


def given(*rows: tuple[str, str, tuple[str, Doc]]) -> Any:
    return pytest.mark.parametrize(
        ("sent_by", "channel", "doc"),
        [pytest.param(sent_by, channel, doc, id=f"{channel} {what}") for what, sent_by, (channel, doc) in rows],
    )


OTHERS = given(
    ("a supplier", "SUPPLIER", order("taobao", is_daixiao=True)),
    ("a supplier's line", "SUPPLIER", goods("taobao", is_daixiao=True)),
    ("distributed", "SUPPLIER", goods("taobao", distribute_status="distribute")),
    ("shipping shut for the merchant", "PLATFORM", order("taobao", is_sh_ship=True)),
    ("the same on the line", "PLATFORM", goods("taobao", is_sh_ship=True)),
    ("Cainiao's warehouse", "PLATFORM", order("taobao", is_force_wlb=True, is_brand_sale=True)),
    ("the brand's shop", "SERVICE", order("taobao", rt_omni_send_type="storeSend")),
    ("JD's warehouse", "PLATFORM", order("jd", storeOrder="京仓订单")),
    ("JD's cloud warehouse", "PLATFORM", order("jd", storeOrder="云仓订单")),
    ("FBP", "PLATFORM", order("jd", orderType="21")),
    ("LBP", "PLATFORM", order("jd", orderType="23")),
    ("SOPL", "PLATFORM", order("jd", orderType="25")),
    ("a subscribed warehouse", "SERVICE", order("pdd", order_depot_info={"depot_type": 2, "depot_code": "D-1"})),
    ("a bonded warehouse", "SERVICE", order("pdd", bonded_warehouse="宁波保税仓")),
    ("the cloud warehouse", "PLATFORM", goods("douyin", inventory_list=[{"warehouse_type": 2, "count": 2}])),
    ("the bonded warehouse", "PLATFORM", goods("douyin", inventory_list=[{"warehouse_type": 1, "count": 2}])),
    ("a service", "SERVICE", goods("shopify", fulfillment_service="printful")),
    (
        "a service with the platform's own stock",
        "SERVICE",
        goods("shopify", fulfillment_service="amazon_marketplace_web"),
    ),
)

NOBODY = given(
    ("virtual", "NOBODY", order("taobao", shipping_type="virtual")),
    ("sent automatically", "NOBODY", order("taobao", type="auto_delivery")),
    ("e-ticket", "NOBODY", order("taobao", type="eticket")),
    ("pickup", "NOBODY", order("taobao", shop_pick="1")),
    ("at a till", "NOBODY", order("taobao", type="o2o_offlinetrade")),
    ("a gift without an address yet", "NOBODY", order("taobao", gifting=True, receiver_name="", receiver_address="")),
    ("a local service", "NOBODY", order("jd", orderType="75")),
    ("a code to be sent", "NOBODY", order("jd", orderState="WAIT_SEND_CODE")),
    ("a local service in words", "NOBODY", order("jd", orderType="75-LOC")),
    ("pickup", "NOBODY", order("pdd", self_contained=1)),
    ("a card", "NOBODY", order("pdd", card_info_list=[{"card_no": "C-1"}])),
    ("dearer shipping", "NOBODY", order("pdd", order_tag_list=[{"name": "ship_additional_order", "value": 1}])),
    ("virtual", "NOBODY", order("douyin", order_type=2)),
    ("a voucher", "NOBODY", order("douyin", order_type=4)),
    ("pickup", "NOBODY", goods("douyin", receive_type=2)),
    ("a download", "NOBODY", goods("shopify", requires_shipping=False)),
    ("a gift card", "NOBODY", goods("shopify", gift_card=True, requires_shipping=False)),
    ("at a till", "NOBODY", order("shopify", source_name="pos", shipping_address=None, shipping_lines=[])),
    (
        "pickup",
        "NOBODY",
        order("shopify", shipping_lines=[PICKED_UP]),
    ),
)


@OTHERS
def test_what_others_send_is_recorded_and_never_reserved(sent_by: str, channel: str, doc: Doc) -> None:
    (step,) = tried(channel, doc)
    assert (step.outcome, step.phase, step.reserved) == ("accepted", "ELSEWHERE", {}), step.reasons
    assert [(each["sent_by"], each["to_ship"], each["ordered"]) for each in step.lines] == [(sent_by, 0, 2)]
    assert step.notes, "it is said who sends it"


@NOBODY
def test_what_is_not_shipped_is_recorded_and_never_reserved(sent_by: str, channel: str, doc: Doc) -> None:
    (step,) = tried(channel, doc)
    assert (step.outcome, step.phase, step.reserved) == ("accepted", "ELSEWHERE", {}), step.reasons
    assert [(each["sent_by"], each["to_ship"]) for each in step.lines] == [("NOBODY", 0)]


@pytest.mark.parametrize(
    ("channel", "fields"),
    [
        ("taobao", {"is_daixiao": True}),
        ("douyin", {"inventory_list": [{"warehouse_type": 2, "count": 1}]}),
        ("shopify", {"fulfillment_service": "printful"}),
        ("shopify", {"requires_shipping": False}),
        ("douyin", {"goods_type": 1}),
        ("taobao", {"is_service_order": True}),
    ],
)
def test_of_a_mixed_order_only_the_own_line_is_reserved_and_sent(channel: str, fields: dict[str, Any]) -> None:
    doc = with_line(channel, sound(channel), "SKU-B", 1)
    lines(channel, doc)[1].update(fields)
    first, last = tried(channel, doc, shipped())
    assert (first.phase, first.reserved) == ("ALLOCATED", HZ2)
    assert units(first, "to_ship") == {"SKU-A": 2}
    assert first.lines[1]["sent_by"] != "MERCHANT"
    assert (last.phase, last.committed) == ("SHIPPED", HZ2)


@pytest.mark.parametrize(
    ("channel", "doc"),
    [
        pytest.param(*row, id=row[0])
        for row in (
            order("pdd", order_depot_info={}),
            order("pdd", order_depot_info={"depot_type": 0, "depot_code": "", "depot_name": None, "ware_type": 0}),
            order("jd", storeOrder="", orderType="22-SOP", payType="4-在线支付"),
            order("jd", stepPaymentInfo={"payBalanceReal": "0", "payBalancePlan": "0"}),
            order("jd", stepPaymentInfo={"payBargainReal": "10.00", "payBalanceReal": "89.00"}),
            goods("douyin", inventory_list=[], supplier_id=""),
            goods("shopify", sellingPlan={"name": "Monthly", "sellingPlanId": "gid://1"}),
            order("shopify", shipping_lines=[{**PICKED_UP, "is_removed": True}, CARRIED]),
            goods("taobao", is_daixiao=False, is_sh_ship=None, distribute_status=""),
        )
    ],
)
def test_a_field_that_says_nothing_of_others_is_no_reason_to_wait(channel: str, doc: Doc) -> None:
    (step,) = tried(channel, doc)
    assert (step.outcome, step.phase, step.hold_reason, step.reserved) == ("accepted", "ALLOCATED", None, HZ2)


@pytest.mark.parametrize("channel", ["taobao", "douyin", "shopify"])
def test_a_line_of_others_needs_no_sku_that_is_known_here(channel: str) -> None:
    doc = with_line(channel, sound(channel), "THEIRS", 1)
    fields: dict[str, Any] = {
        "taobao": {"is_daixiao": True},
        "douyin": {"inventory_list": [{"warehouse_type": 2, "count": 1}]},
        "shopify": {"fulfillment_service": "printful"},
    }[channel]
    lines(channel, doc)[1].update(fields)
    (step,) = tried(channel, doc, stock={"HZ1": {"SKU-A": 5}})
    assert (step.outcome, step.reserved) == ("accepted", HZ2)


@pytest.mark.parametrize(
    ("channel", "doc", "reason"),
    [
        pytest.param(*row, id=f"{row[0]} {row[2]}")
        for row in (
            (*order("taobao", is_force_wlb=True), "platform_warehouse_unclear"),
            (*order("jd", storeOrder="某仓订单"), "store_order_unknown"),
            (*order("jd", orderType="99"), "order_type_unknown"),
            (*order("pdd", order_depot_info={"depot_type": 9, "depot_code": "D-9"}), "warehouse_unclear"),
            (*goods("douyin", inventory_list=[{"warehouse_type": 7, "count": 2}]), "warehouse_unclear"),
            (*order("shopify", source_name="pos"), "point_of_sale_unclear"),
            (*order("shopify", shipping_lines=[PICKED_UP, CARRIED]), "pickup_unclear"),
        )
    ],
)
def test_who_sends_it_is_not_to_be_told_and_it_is_held(channel: str, doc: Doc, reason: str) -> None:
    (step,) = tried(channel, doc)
    assert (step.outcome, step.phase, step.hold_reason, step.reserved) == ("accepted", "HELD", reason, {})


PRESALES = pytest.mark.parametrize(
    ("channel", "doc", "reason"),
    [
        pytest.param(*row, id=f"{row[0]} {row[2]}")
        for row in (
            (*order("taobao", step_trade_status="FRONT_PAID_FINAL_NOPAID"), "deposit_only"),
            (*order("taobao", send_time="2026-01-20 00:00:00"), "not_before"),
            (*order("jd", stepPaymentInfo={"payBalancePlan": "50.00", "payBalanceReal": "0.00"}), "deposit_only"),
            (*order("jd", stepPaymentInfo={"payBargainReal": "10.00", "balanceEndTime": None}), "deposit_only"),
            (*order("jd", orderFlag={"preSaleOrder": True}), "deposit_only"),
            (*order("jd", scDT="2026-01-20 00:00:00"), "not_before"),
            (*order("pdd", trade_type=1, step_order_info={"step_trade_status": 1}), "deposit_only"),
            (*order("douyin", order_status=1, main_status=103), "deposit_only"),
            (*order("shopify", financial_status="partially_paid"), "deposit_only"),
            (*order("pdd", is_pre_sale=1, pre_sale_time="2026-01-20 00:00:00"), "not_before"),
            (*order("douyin", order_phase_list=[{"pay_success": True}, {"pay_success": False}]), "deposit_only"),
            (*goods("douyin", appointment_ship_time=1768838400), "not_before"),
            (*goods("shopify", fulfill_at="2026-01-20T00:00:00+08:00"), "not_before"),
            (*goods("shopify", sellingPlan={"name": "Pre-order", "sellingPlanId": "gid://1"}), "presale_without_date"),
        )
    ],
)


@PRESALES
def test_a_presale_is_held_with_its_reason_and_reserves_nothing(channel: str, doc: Doc, reason: str) -> None:
    (step,) = tried(channel, doc)
    assert (step.outcome, step.status, step.phase, step.reserved) == ("accepted", "HOLD", "HELD", {}), step.reasons
    assert step.hold_reason is not None and reason in step.hold_reason.split(",")
    if reason == "not_before":
        # What its platform promised is the last day: it may leave some time before that.
        assert any(note.startswith("not before 2026-01-1") for note in step.notes)


@PRESALES
def test_a_presale_whose_time_has_come_is_planned(channel: str, doc: Doc, reason: str) -> None:
    """By the platform's next word, dated later."""
    later = at(channel, sound(channel), 30 * 24 * 60)
    *_, step = tried(channel, doc, later)
    assert (step.phase, step.reserved) == ("ALLOCATED", HZ2)


@pytest.mark.parametrize(
    ("channel", "doc", "amount"),
    [
        pytest.param(*row, id=row[0])
        for row in (
            (*order("taobao", type="cod", pay_time=None), "99.00 CNY"),
            (*order("jd", payType="1", paymentConfirmTime="0001-01-01 00:00:00"), "99.00 CNY"),
            (*order("jd", payType="1-货到付款", paymentConfirmTime="0001-01-01 00:00:00"), "99.00 CNY"),
            (*order("pdd", pay_type="货到付款"), "99.50 CNY"),
            (*order("douyin", pay_type=0), "99.00 CNY"),
            (
                *order("shopify", financial_status="pending", payment_gateway_names=["Cash on Delivery (COD)"]),
                "99.00 CNY",
            ),
        )
    ],
)
def test_cash_on_delivery_is_sent_and_the_amount_kept(channel: str, doc: Doc, amount: str) -> None:
    (step,) = tried(channel, doc)
    assert (step.outcome, step.status, step.phase, step.reserved) == ("accepted", "PAID", "ALLOCATED", HZ2), (
        step.reasons
    )
    assert f"cash on delivery: {amount} to collect" in step.notes


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_paid_is_not_collected(channel: str) -> None:
    (step,) = tried(channel, sound(channel))
    assert not any("to collect" in note for note in step.notes)
    assert line(step, LINE[channel])["sent_by"] == "MERCHANT"
