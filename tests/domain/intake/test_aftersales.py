"""After-sales through intake: each once, under its order's key; what is wrong is in review with its bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.codec import CODEC
from schemas.records import AfterSale
from streams.domain.intake.dedup import Reading, dedup
from streams.domain.intake.kinds import KINDS, kind_of, subject
from streams.domain.intake.reading import read_event
from tests.domain.aftersales.raw import FORMS, TAOBAO, Doc, changed
from tests.domain.intake.messages import at, envelope, outcome, taobao

RECEIVED_MS = 1_767_500_000_000
ORDER_NO = {
    "taobao": "2300000000000000001",
    "douyin": "4900000000000000001",
    "pdd": "260101-000000000000001",
    "jd": "300000000001",
    "shopify": "820000000000001",
}


def reading(channel: str, doc: Doc | bytes, offset: int = 1, **fields: Any) -> Reading:
    raw = doc if isinstance(doc, bytes) else json.dumps(doc, ensure_ascii=False).encode()
    fields = {"kind": "aftersale.fetched", "order_no": ORDER_NO[channel], "received_at_ms": RECEIVED_MS} | fields
    event = envelope(channel, raw, **fields)
    found = read_event(CODEC.encode("ChannelEvent", event), f"{channel}:{event['order_no']}", at(offset), ())
    assert found.order is None and (found.aftersale is None) != (found.review is None)
    if found.aftersale is not None:
        assert CODEC.decode(CODEC.encode("AfterSale", found.aftersale))[1] == found.aftersale
    return found


def sale_of(found: Reading) -> AfterSale:
    assert found.aftersale is not None, found.review
    return found.aftersale


def codes(found: Reading) -> list[str]:
    assert found.review is not None
    return [reason["code"] for reason in found.review["reasons"]]


@pytest.mark.parametrize("form", FORMS)
def test_a_sound_after_sale_becomes_its_record(form: str) -> None:
    channel, doc = FORMS[form]
    found = reading(channel, doc, 7)
    sale = sale_of(found)
    order_id = f"{channel}:{ORDER_NO[channel]}"
    assert (sale["order_id"], sale["shop"], sale["source"]) == (order_id, "shop-1", at(7))
    assert (found.order_id, found.key) == (order_id, f"{order_id}/aftersale/{sale['aftersale_id']}")
    assert len(sale["fingerprint"]) == 8 and sale["received_at_ms"] == RECEIVED_MS


def test_its_life_is_told_step_by_step_and_each_step_once() -> None:
    def step(offset: int, second: int, **fields: Any) -> Reading:
        doc = {**TAOBAO, "modified": f"2026-01-02 12:33:{second:02d}", **fields}
        return reading("taobao", doc, offset, kind=fields.pop("kind", "aftersale"))

    asked, done = step(1, 0), step(3, 2, status="SUCCESS")
    first = dedup(asked, None)
    assert outcome(first) == "AfterSale"
    assert outcome(dedup(step(2, 0), first.seen)) == "Duplicate EXACT"
    # Confirmed at a newer time: nothing new, and what lies between is stale.
    later = dedup(step(2, 1), first.seen)
    assert outcome(later) == "Duplicate EXACT" and later.seen is not None
    assert outcome(dedup(step(4, 0, reason="其他"), later.seen)) == "Duplicate STALE"
    second = dedup(done, later.seen)
    assert outcome(second) == "AfterSale" and second.record["state"] == "DONE"  # type: ignore[typeddict-item]
    assert outcome(dedup(step(5, 1), second.seen)) == "Duplicate STALE"
    # Two pushes of one second: the platform is asked which is the newer, where it can be; else a person is.
    contrary = step(6, 2, status="CLOSED")
    assert outcome(dedup(contrary, second.seen)) == "Review"
    asked_back = dedup(contrary, second.seen, reads_again=True)
    assert outcome(asked_back) == "Duplicate STALE" and asked_back.notice is not None
    assert (asked_back.notice["order_no"], asked_back.notice["aftersale_id"]) == (
        ORDER_NO["taobao"],
        TAOBAO["refund_id"],
    )


def test_of_one_second_what_was_fetched_later_is_the_newer() -> None:
    first = dedup(reading("taobao", TAOBAO), None)
    second = dedup(reading("taobao", changed(TAOBAO, "status", "CLOSED"), 2), first.seen)
    assert outcome(second) == "AfterSale"
    assert first.seen is not None and second.seen is not None
    assert second.record["version"] == second.seen["version"] == first.seen["version"] + 1  # type: ignore[typeddict-item]


def test_pushed_and_fetched_are_the_same() -> None:
    for form, (channel, doc) in FORMS.items():
        pushed, fetched = (reading(channel, doc, kind=kind) for kind in ("aftersale", "aftersale.fetched"))
        assert pushed.fingerprint == fetched.fingerprint, form
        assert (pushed.fetched, fetched.fetched) == (False, True)


def test_an_order_and_its_after_sales_are_remembered_apart() -> None:
    order, sale = taobao(), reading("taobao", TAOBAO)
    other = reading("taobao", changed(TAOBAO, "refund_id", "2"))
    assert len({order.key, sale.key, other.key}) == 3
    assert {order.order_id, sale.order_id, other.order_id} == {"taobao:2300000000000000001"}
    duplicate = dedup(reading("taobao", TAOBAO, 2), dedup(sale, None).seen)
    assert duplicate.record["aftersale_id"] == TAOBAO["refund_id"]  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    "field",
    ["status", "reason", "refund_fee", "num", "sid", "good_status", "dispute_type", "order_status", "outer_id"],
)
def test_what_matters_changes_the_fingerprint(field: str) -> None:
    value = {
        "status": "SUCCESS",
        "refund_fee": "1.00",
        "num": 1,
        "good_status": "BUYER_RECEIVED",
        "dispute_type": "REPAIR",
    }.get(field, "WAIT_BUYER_CONFIRM_GOODS")
    assert reading("taobao", {**TAOBAO, field: value}).fingerprint != reading("taobao", TAOBAO).fingerprint


def test_the_time_of_change_alone_does_not() -> None:
    later = changed(TAOBAO, "modified", "2026-01-03 12:00:00")
    assert reading("taobao", later).fingerprint == reading("taobao", TAOBAO).fingerprint


def test_an_after_sale_of_another_order_is_not_taken() -> None:
    assert codes(reading("taobao", TAOBAO, order_no="1")) == ["order_no_mismatch"]


def test_one_that_is_dated_ahead_would_hide_all_that_follows() -> None:
    ahead = reading("taobao", TAOBAO, received_at_ms=1_700_000_000_000)
    assert codes(ahead) == ["out_of_range"]


def test_a_line_named_twice_is_said() -> None:
    _, doc = FORMS["douyin"]
    line = doc["order_info"]["sku_order_infos"][0]
    twice = changed(doc, "order_info.sku_order_infos", [line, line])
    assert "duplicate_line" in codes(reading("douyin", twice))


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"\xff", b"null"])
def test_what_is_no_object_is_in_review_with_its_bytes(payload: bytes) -> None:
    found = reading("taobao", payload)
    assert found.review is not None and payload in found.review["event"]
    # Not under the order's own key: an order in review is another matter.
    assert found.key == "taobao:2300000000000000001/aftersale/"


def test_reviews_of_two_after_sales_do_not_hide_each_other() -> None:
    bad = [reading("taobao", changed({**TAOBAO, "refund_id": n}, "status", "NEW")) for n in ("1", "2")]
    assert bad[0].key != bad[1].key
    seen = dedup(bad[0], None).seen
    assert outcome(dedup(bad[0], seen)) == "Duplicate EXACT"


def test_reasons_show_no_reason_of_a_buyer() -> None:
    """What a buyer wrote is personal: a review names the field that is wrong, and shows that one alone."""
    found = reading("taobao", {**TAOBAO, "reason": "please call 13800000000", "status": "NEW"})
    assert found.review is not None
    assert "13800000000" not in str(found.review["reasons"])


def test_kinds_and_subjects_have_names() -> None:
    assert {kind_of(aftersale=kind.aftersale, fetched=kind.fetched) for kind in KINDS.values()} == set(KINDS)
    assert subject("jd:1", None) == "jd:1"
    assert subject("jd:1", "service/2") == "jd:1/aftersale/service/2"


def test_a_channel_nobody_knows_is_in_review() -> None:
    event = envelope("wechat", b"{}", kind="aftersale", order_no="1")
    found = read_event(CODEC.encode("ChannelEvent", event), "wechat:1", at(1), ())
    assert codes(found) == ["unknown_channel"]
