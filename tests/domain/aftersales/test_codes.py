"""Every code that the platforms' references name, in each form they show after-sales in: whole tables, and what is in none of them."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.records import Reason
from streams.domain.aftersales import MAPPERS, Sale, douyin, jd, pdd, reasons, shopify, taobao
from tests.domain.aftersales import raw
from tests.domain.aftersales.raw import FORMS, Doc, changed


def sale(form: str, doc: Doc) -> Sale:
    """It has nothing against it."""
    found: list[Reason] = []
    made = MAPPERS[FORMS[form][0]](doc, found)
    assert found == []
    return made


def with_(form: str, path: str, value: Any) -> Sale:
    return sale(form, changed(FORMS[form][1], path, value))


STATUS = {
    "taobao": ("status", taobao.STATES),
    "douyin": ("process_info.after_sale_info.after_sale_status", douyin.STATES),
    "douyin row": ("aftersale_info.aftersale_status", douyin.STATES),
    "pdd": ("after_sales_status", pdd.STATES),
    "pdd row": ("after_sales_status", pdd.STATES),
    "jd application": ("status", jd.APPLICATION_STATES),
    "jd service": ("serviceStatus", jd.SERVICE_STATES),
    "shopify return": ("status", shopify.RETURN_STATES),
}
KIND = {
    "taobao": ("dispute_type", taobao.KINDS),
    "douyin": ("process_info.after_sale_info.after_sale_type", douyin.KINDS),
    "douyin row": ("aftersale_info.aftersale_type", douyin.KINDS),
    "pdd": ("after_sales_type", pdd.DETAIL_KINDS),
    "pdd row": ("after_sales_type", pdd.ROW_KINDS),
    "jd service": ("customerExpect", jd.KINDS),
    "jd after-sale order": ("customerApplyInfo.customerExpect", jd.KINDS),
}


#: What the references list, written down once more: a code that drops out of a table is missed here.
LISTED: dict[str, set[Any]] = {
    "taobao": {
        *("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS", "SELLER_REFUSE_BUYER", "CLOSED"),
        *("SUCCESS", "WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS", "EXCHANGE_TRANSFORM_TO_REFUND"),
        *("WAIT_SELLER_CONSIGN_GOODS", "WAIT_BUYER_CONFIRM_REDO_SEND_GOODS", "WAIT_SELLER_CONFIRM_RETURN_ADDRESS"),
        *("WAIT_SELLER_CONSIGN_GOOGDS", "EXCHANGE_WAIT_BUYER_CONFIRM_GOODS", "POST_FEE_DISPUTE_WAIT_ACTIVATE"),
    },
    "douyin": {3, 6, 7, 8, 11, 12, 13, 14, 27, 28, 29, 51, 53},
    "douyin row": {3, 6, 7, 8, 11, 12, 13, 14, 27, 28, 29, 51, 53},
    "pdd": {0, *range(2, 19), 21, 22, 24, 25, 27, 31, 32, 33},
    "pdd row": {0, *range(2, 19), 21, 22, 24, 25, 27, 31, 32, 33},
    "jd application": set(range(12)),
    "jd service": {
        *(10000, 10001, 10002, 10004, 10005, 10006, 10007, 10009, 10010, 10011, 10012, 10013, 10041),
    },
    "shopify return": {"REQUESTED", "OPEN", "DECLINED", "CANCELED", "CLOSED"},
}


@pytest.mark.parametrize("form", STATUS)
def test_every_status_has_its_state(form: str) -> None:
    path, table = STATUS[form]
    assert set(table) == LISTED[form]
    for code, state in table.items():
        made = with_(form, path, code)
        assert (made.state, made.platform_state.partition("/")[0]) == (state, str(code))


@pytest.mark.parametrize("form", KIND)
def test_every_type_has_its_kind(form: str) -> None:
    path, table = KIND[form]
    for code, kind in table.items():
        assert with_(form, path, code).kind == kind


@pytest.mark.parametrize("form", {**STATUS, **KIND})
def test_a_code_that_nobody_lists_is_said_and_not_guessed(form: str) -> None:
    for path, _ in filter(None, (STATUS.get(form), KIND.get(form))):
        for strange in (12000, "SOMETHING_NEW", "", None, 1.5, [], {}):
            found: list[Reason] = []
            MAPPERS[FORMS[form][0]](changed(FORMS[form][1], path, strange), found)
            if path == "dispute_type" and strange in ("", None):
                assert found == []  # has_good_return says it then
                continue
            name = path.rpartition(".")[2]
            assert [reason["field"].rpartition(".")[2] for reason in found] == [name] * len(found), strange
            assert found and all(reason["fix"] for reason in found)


@pytest.mark.parametrize(
    "form, path, value, want",
    [
        ("taobao", "order_status", "WAIT_SELLER_SEND_GOODS", True),
        ("taobao", "order_status", "SELLER_CONSIGNED_PART", None),
        ("taobao", "order_status", "WAIT_BUYER_CONFIRM_GOODS", False),
        ("taobao", "order_status", "TRADE_FINISHED", False),
        ("taobao", "order_status", ..., None),
        ("douyin", "process_info.after_sale_info.after_sale_type", 2, True),
        ("douyin", "process_info.after_sale_info.after_sale_type", 5, True),
        ("douyin", "process_info.after_sale_info.after_sale_type", 1, False),
        ("douyin", "process_info.after_sale_info.after_sale_type", 0, None),
        ("douyin", "process_info.after_sale_info.after_sale_type", 6, None),
        ("pdd", "shipping_status", 0, True),
        ("pdd", "shipping_status", 1, False),
        ("pdd row", "created_time", "1767328340", None),
        ("jd application", "systemId", 12, False),
        ("jd application", "systemId", 28, None),
        ("jd service", "skuId", 900001, False),
        ("shopify refund", "refund_line_items.0.restock_type", "cancel", True),
        ("shopify refund", "refund_line_items.0.restock_type", "return", False),
        ("shopify refund", "refund_line_items.0.restock_type", "no_restock", None),
        ("shopify return", "status", "OPEN", False),
    ],
)
def test_whether_the_goods_had_left(form: str, path: str, value: Any, want: bool | None) -> None:
    assert with_(form, path, value).before_shipping is want


@pytest.mark.parametrize(
    "form, path, value, want",
    [
        ("taobao", "good_status", "BUYER_NOT_RECEIVED", False),
        ("taobao", "good_status", "BUYER_RETURNED_GOODS", True),
        ("taobao", "good_status", "", None),
        ("douyin", "process_info.after_sale_info.got_pkg", 1, True),
        ("douyin row", "aftersale_info.got_pkg", 0, False),
        ("pdd", "user_shipping_status", "2", True),
        ("pdd", "user_shipping_status", "0", None),
    ],
)
def test_whether_the_buyer_has_them(form: str, path: str, value: Any, want: bool | None) -> None:
    assert with_(form, path, value).received is want


@pytest.mark.parametrize(
    "form, path, value, want",
    [
        ("taobao", "refund_fee", "21.30", True),
        ("taobao", "refund_fee", "5.00", False),
        ("taobao", "refund_fee", ..., None),
        ("taobao", "total_fee", ..., None),
        # 2 of 3 pieces that cost 30 yuan.
        ("douyin", "process_info.after_sale_info.refund_total_amount", 2000, True),
        ("douyin", "process_info.after_sale_info.refund_total_amount", 500, False),
        ("douyin", "order_info.sku_order_infos.0.pay_amount", ..., None),
        ("pdd", "refund_amount", 2130, True),
        ("pdd", "refund_amount", 500, False),
        ("pdd", "refund_amount", ..., None),
        ("pdd row", "refund_amount", "21.30", True),
        ("pdd row", "refund_amount", "5.00", False),
        ("jd application", "applyRefundSum", 2130, None),
        ("shopify refund", "refund_line_items", [], False),
        ("shopify refund", "note", None, True),
        ("shopify return", "status", "CLOSED", None),
    ],
)
def test_whether_it_is_the_whole_price(form: str, path: str, value: Any, want: bool | None) -> None:
    assert with_(form, path, value).whole is want


def test_a_trade_that_a_refund_has_closed_was_paid_back_whole() -> None:
    closed = changed(changed(raw.TAOBAO, "status", "SUCCESS"), "order_status", "TRADE_CLOSED")
    assert sale("taobao", changed(closed, "refund_fee", "20.00")).whole is True


def test_the_two_forms_of_pdd_are_read_by_their_own_units() -> None:
    detail, row = sale("pdd", raw.PDD), sale("pdd row", raw.PDD_ROW)
    assert (detail.amount_minor, row.amount_minor) == (2130, 2130)
    assert (detail.kind, row.kind) == ("REFUND", "REFUND")
    assert detail.asked_at_ms == row.asked_at_ms == 1767328340000
    assert (detail.version, row.version) == (1767328341000, 1767328340000)
    assert (detail.lines[0]["line_no"], row.lines[0]["line_no"]) == ("2", "2")


def test_a_refund_that_failed_after_success_is_open() -> None:
    done = changed(raw.DOUYIN, "process_info.after_sale_info.after_sale_status", 12)
    assert sale("douyin", done).state == "DONE"
    assert sale("douyin", changed(done, "process_info.after_sale_info.refund_status", 4)).state == "OPEN"


def test_a_return_of_what_was_partly_unsent_does_not_say_when() -> None:
    back = changed(raw.DOUYIN, "process_info.after_sale_info.after_sale_type", 0)
    for asked, returned, want in ((2, 2, False), (2, 1, None)):
        doc = changed(back, "process_info.after_sale_info.after_sale_apply_count", asked)
        doc["process_info"]["after_sale_info"]["need_return_count"] = returned
        assert sale("douyin", doc).before_shipping is want


def test_jd_applications_are_dated_by_their_last_date() -> None:
    checked = changed(raw.JD_APPLICATION, "checkTime", "2026-01-02 12:40:00")
    assert sale("jd application", checked).version - sale("jd application", raw.JD_APPLICATION).version == 460_000


def test_ids_that_are_counted_apart_are_told_apart() -> None:
    made = {form: sale(form, doc).aftersale_id for form, (_, doc) in FORMS.items()}
    assert made["shopify refund"] == "Refund/900001" and made["shopify return"] == "Return/1"
    assert made["jd application"] == "refundapply/500001" and made["jd service"] == "service/700001"
    assert made["jd after-sale order"] == "afs/700000001"


def test_money_that_is_not_paid_yet_is_open() -> None:
    for status, state, amount in (("success", "DONE", 2130), ("pending", "OPEN", 2130), ("failure", "OPEN", None)):
        made = with_("shopify refund", "transactions.0.status", status)
        assert (made.state, made.amount_minor, made.currency) == (state, amount, "USD")
    assert with_("shopify refund", "transactions", []).amount_minor == 0


@pytest.mark.parametrize(
    "refund, finish, kind, want",
    [(20, None, 11, "DONE"), (0, 1767328350000, 11, "OPEN"), (0, 1767328350000, 20, "DONE"), (0, None, 10, "OPEN")],
)
def test_jd_after_sale_orders_go_by_their_refund_or_finish(refund: int, finish: Any, kind: int, want: str) -> None:
    doc = changed(raw.JD_AFS, "refundInfo.refundStatus", refund)
    doc = changed(doc, "afsOrderBaseInfo.afsOrderFinishTime", finish)
    assert sale("jd after-sale order", changed(doc, "customerApplyInfo.customerExpect", kind)).state == want


#: The strings that recur in shops' own systems, and what they are about.
TEXTS = {
    "货物破损已拒签": "DAMAGED",
    "收到商品时有破损/污渍/变形": "DAMAGED",
    "包装/商品破损": "DAMAGED",
    "快递/物流一直未到达": "NOT_RECEIVED",
    "快递/物流一直未送到": "NOT_RECEIVED",
    "快递/物流一直未送达": "NOT_RECEIVED",
    "物流一直未到": "NOT_RECEIVED",
    "未收到货": "NOT_RECEIVED",
    "快递/物流无跟踪记录": "NOT_RECEIVED",
    "物流信息停滞": "NOT_RECEIVED",
    "物流异常": "NOT_RECEIVED",
    "虚假发货": "NOT_RECEIVED",
    "未按约定时间发货": "LATE",
    "快递长时间未送达": "LATE",
    "商家发货太慢": "LATE",
    "丢件": "LOST",
    "包裹丢失": "LOST",
    "空包裹": "WRONG_PARCEL",
    "少件/漏发": "WRONG_PARCEL",
    "少件／漏发": "WRONG_PARCEL",
    "卖家发错货": "WRONG_PARCEL",
    "质量问题": "GOODS",
    "与商品描述不符": "GOODS",
    "尺码不合适": "GOODS",
    "不喜欢/不想要": "BUYER",
    "多拍/拍错/不想要": "BUYER",
    "七天无理由": "BUYER",
    "已拒签包裹": "OTHER",
    "其他": "OTHER",
    "": "OTHER",
    "the parcel got lost on its way": "LOST",
    "it never arrived": "NOT_RECEIVED",
    "arrived too late": "LATE",
    "plate broken": "DAMAGED",
    "chocolate": "OTHER",
}


@pytest.mark.parametrize("text", TEXTS)
def test_reasons_by_their_words(text: str) -> None:
    assert reasons.of_text(text) == TEXTS[text]


def test_the_first_text_that_says_something_counts() -> None:
    assert reasons.of_text("其他", "包裹丢失") == "LOST"
    assert reasons.of_text("x" * 600 + "丢件") == "OTHER"


@pytest.mark.parametrize("code", reasons.SHOPIFY)
def test_every_handle_has_its_class(code: str) -> None:
    doc = changed(raw.SHOPIFY_RETURN, "returnLineItems.nodes.0.returnReasonNote", "")
    doc = changed(doc, "returnLineItems.nodes.0.returnReasonDefinition", {"handle": code, "name": ""})
    made = sale("shopify return", doc)
    assert (made.reason_code, made.reason_class) == (code, reasons.SHOPIFY[code])
    assert reasons.of_code(reasons.SHOPIFY, code.upper()) == reasons.SHOPIFY[code]


def test_a_handle_that_no_row_has_goes_by_its_words() -> None:
    assert reasons.of_code(reasons.SHOPIFY, "gift-unwanted", "arrived late") == "LATE"
    assert reasons.of_code(reasons.SHOPIFY, "some-new-handle") == "OTHER"
