"""Every field missing, null, of another type, absurd: read, or said with its value and what to do; nothing raises."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Reason
from streams.domain.aftersales import MAPPERS
from streams.domain.channels.fields import MAX_QUANTITY
from tests.domain.aftersales import raw
from tests.domain.aftersales.raw import FORMS, Doc, changed

ABSURD: tuple[Any, ...] = (
    ...,
    None,
    "",
    " ",
    0,
    -1,
    1 << 80,
    10**7,
    1.5,
    True,
    "x" * 5_000,
    "0001-01-01 00:00:00",
    "1970-06-01 00:00:00",
    "9999-12-31 23:59:59",
    [],
    {},
    [[]],
    {"a": 1},
)


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Every place of a document, objects and lists too."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield f"{path}{name}"
        yield from leaves(inner, f"{path}{name}.")


def put(doc: Doc, path: str, value: Any) -> Doc:
    made = copy.deepcopy(doc)
    *way, last = path.split(".")
    place: Any = made
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    key = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return made


def read(form: str, doc: Doc) -> tuple[Any, list[Reason]]:
    found: list[Reason] = []
    return MAPPERS[FORMS[form][0]](doc, found), found


@pytest.mark.parametrize("form", FORMS)
def test_no_field_breaks_the_reading_and_no_reason_is_mute(form: str) -> None:
    doc = FORMS[form][1]
    assert read(form, doc)[1] == []
    for path in leaves(doc):
        for value in ABSURD:
            sale, found = read(form, put(doc, path, value))
            for reason in found:
                assert reason["code"] and reason["field"] and reason["fix"], (path, value)
                assert len(reason["value"]) < 100
            if found:
                continue
            # What is accepted can be used: whole units, an amount that exists, a time of our days.
            assert all(0 < line["quantity"] <= MAX_QUANTITY and line["line_no"] for line in sale.lines), (path, value)
            assert sale.amount_minor is None or 0 <= sale.amount_minor < 10**15
            assert 946_684_800_000 <= sale.version < 4_102_444_800_000, (path, value)
            assert sale.aftersale_id and sale.order_no and sale.currency is not None


#: What it can't do without.
NEEDED = {
    "taobao": ("refund_id", "tid", "oid", "modified", "status", "num"),
    "douyin": (
        *("process_info.after_sale_info.after_sale_id", "order_info.shop_order_id"),
        *("process_info.after_sale_info.update_time", "process_info.after_sale_info.after_sale_status"),
        "process_info.after_sale_info.after_sale_type",
        *("order_info.sku_order_infos", "order_info.sku_order_infos.0.sku_order_id"),
    ),
    "douyin row": ("aftersale_info.aftersale_id", "order_info.shop_order_id", "aftersale_info.update_time"),
    "pdd": ("id", "order_sn", "updated_time", "after_sales_status", "after_sales_type", "goods_number"),
    "pdd row": ("id", "order_sn", "updated_time", "after_sales_status", "after_sales_type"),
    "jd application": ("id", "orderId", "applyTime", "status"),
    "jd service": ("orderId", "updateTime", "serviceStatus", "customerExpect", "skuId", "serviceCount"),
    "jd after-sale order": ("orderInfo.orderId", "afsOrderBaseInfo.modifiedTime", "customerApplyInfo.customerExpect"),
    "shopify refund": ("id", "order_id", "created_at", "transactions.0.status", "transactions.0.currency"),
    "shopify return": ("id", "order.id", "order.updatedAt", "order.currencyCode", "status", "returnLineItems"),
}


@pytest.mark.parametrize("form, path", [(form, path) for form, paths in NEEDED.items() for path in paths])
def test_what_it_needs_is_missed_by_its_name(form: str, path: str) -> None:
    for value in (..., None):
        _, found = read(form, changed(FORMS[form][1], path, value))
        assert any(path in reason["field"] or path.rpartition(".")[2] in reason["field"] for reason in found), value


@pytest.mark.parametrize(
    "form, path, value, field, code",
    [
        ("taobao", "refund_fee", "99.00", "refund_fee", "refund_too_large"),
        ("douyin", "process_info.after_sale_info.refund_total_amount", 3501, "refund_total_amount", "refund_too_large"),
        ("pdd", "refund_amount", 9999, "refund_amount", "refund_too_large"),
        ("pdd row", "refund_amount", "99.00", "refund_amount", "refund_too_large"),
        ("taobao", "created", "2026-01-03 00:00:00", "created", "contradiction"),
        ("jd service", "applyTime", "2026-02-01 00:00:00", "applyTime", "contradiction"),
        ("pdd", "recreated_at", 1767338340000, "recreated_at", "contradiction"),
        ("taobao", "num", 1_000_001, "num", "out_of_range"),
        ("jd service", "serviceCount", 0, "serviceCount", "missing_field"),
        ("douyin", "order_info.sku_order_infos.0.after_sale_item_count", 4, "after_sale_item_count", "out_of_range"),
        ("shopify refund", "refund_line_items.0.restock_type", "vanished", "restock_type", "unknown_status"),
        ("shopify refund", "transactions.0.currency", "yuan", "currency", "invalid_money"),
        ("taobao", "modified", "1970-06-01 00:00:00", "modified", "invalid_time"),
        ("pdd", "updated_time", 9_999_999_999_999, "updated_time", "invalid_time"),
    ],
)
def test_what_can_not_be_is_said(form: str, path: str, value: Any, field: str, code: str) -> None:
    _, found = read(form, changed(FORMS[form][1], path, value))
    assert (field, code) in [(reason["field"].rpartition(".")[2], reason["code"]) for reason in found], found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.data())
def test_anything_anywhere_is_read_or_said(form: str, data: st.DataObject) -> None:
    doc = FORMS[form][1]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(leaves(doc))))
        doc = put(doc, path, data.draw(JSON))
    sale, found = read(form, doc)
    assert found or sale.aftersale_id


@pytest.mark.parametrize("channel", MAPPERS)
def test_an_empty_object_says_what_is_missing(channel: str) -> None:
    found: list[Reason] = []
    MAPPERS[channel]({}, found)
    assert {reason["code"] for reason in found} >= {"missing_field"}


def test_wrapped_or_bare_is_the_same() -> None:
    for form, wrapper in (
        ("taobao", {"refund_get_response": {"refund": raw.TAOBAO}}),
        ("douyin", {"code": 10000, "data": raw.DOUYIN}),
        ("pdd", {"refund_information_get_response": raw.PDD}),
        ("jd after-sale order", {"success": True, "data": raw.JD_AFS}),
        ("shopify refund", {"refund": raw.SHOPIFY_REFUND}),
        ("shopify return", {"return": raw.SHOPIFY_RETURN}),
    ):
        assert read(form, wrapper) == read(form, FORMS[form][1])
