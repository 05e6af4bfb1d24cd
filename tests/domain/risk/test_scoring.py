"""What is odd about an order, what only looks odd, and what is never looked at."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.documents.reading import Draft
from schemas.documents.reading import draft as draft_of
from schemas.documents.risk import FORM
from schemas.documents.risk.document import Document
from schemas.records import Receiver
from streams.domain.risk.classes import class_of, phone_class
from streams.domain.risk.facts import Line, Match, RiskFacts, Window
from streams.domain.risk.keys import key_of
from streams.domain.risk.scoring import Score, score
from streams.domain.risk.settings import lint, lists_of, settings_of
from streams.domain.risk.weights import WEIGHTS, Limits, Settings

NOW = 1_764_500_000_000


def receiver(**changes: Any) -> Receiver:
    usual = {
        "name": "张三", "phone": "13812345679", "country": "CN", "province": "浙江省", "city": "杭州市", "district": "西湖区",
        "town": "", "address": "文三路90号", "postal_code": "", "oaid": None, "company": "", "phone_extension": "", "forms": {},
    }  # fmt: skip
    return cast(Receiver, {**usual, **changes})


def scored(facts: dict[str, Any] | None = None, settings: Settings | None = None, **changes: Any) -> Score:
    return score(RiskFacts(receiver(**changes), NOW, **(facts or {})), settings or Settings())


def codes(facts: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    return [signal.code for signal in scored(facts, **changes).signals]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "absent"), ("  ", "absent"), ("文三路90号", "plain"), ("文三路***", "masked"), ("测＊", "masked"),
        ("~WM3HZ5VKI47L73n0wkn~", "cipher"), ("##1wYYwOqTlrS0xR7Y8+==", "cipher"), ("$abcd$", "cipher"),
        ("5 Long Street, Springfield", "plain"), ("1234567890123456789", "plain"),
    ],
)  # fmt: skip
def test_an_address_has_a_class(text: str, kind: str) -> None:
    assert class_of(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("13812345679", "plain"), ("138****5679", "masked"), ("13800000000-1234", "privacy"), ("13800000000转1234", "privacy"),
        ("$13800000000$#1234#", "privacy"), ("$CVPOlhdm+JQ2fCE$", "cipher"), ("AbCdEf0123456789AbCd==", "cipher"),
        ("", "absent"), ("0571-88886666", "plain"), ("+1 415 555 0100", "plain"),
    ],
)  # fmt: skip
def test_a_phone_has_a_class(text: str, kind: str) -> None:
    assert phone_class(text) == kind


def test_what_the_mapper_knows_goes_before_what_the_text_looks_like() -> None:
    found = scored(address="随便", phone="无", forms={"address": "cipher", "phone": "masked"})
    assert (found.classes.address, found.classes.phone, found.signals) == ("cipher", "masked", ())


@pytest.mark.parametrize(
    "address", ["随便", "12", "家里", "西湖区", "浙江杭州", "张三", "13812345679", "。。", "老地方"]
)
def test_an_address_without_a_door_is_vague(address: str) -> None:
    assert codes(address=address) == ["VAGUE_ADDRESS"]


@pytest.mark.parametrize(
    "address", ["李家村三组", "红旗大队12号", "2号楼", "浙江大学北门", "西湖区西湖区文三路90号", "73部队", "5栋2"]
)
def test_an_address_with_one_is_not(address: str) -> None:
    assert codes(address=address) == []


@pytest.mark.parametrize(
    ("address", "district", "expected"),
    [
        ("余杭区文一西路969号", "西湖区", True), ("西湖区文三路90号", "西湖区", False), ("鼓楼区广场路1号", "西湖区", False),
        ("余杭区文一西路969号", "", False), ("开发区9号大街1号", "西湖区", False), ("西湖文三路90号", "西湖", False),
    ],
)  # fmt: skip
def test_an_address_of_another_district_contradicts_its_field(address: str, district: str, expected: bool) -> None:
    assert codes(address=address, district=district) == (["ADDRESS_CONTRADICTS"] if expected else [])


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("1381234567", "PHONE_INVALID"), ("23812345679", "PHONE_INVALID"), ("微信", "PHONE_INVALID"), ("95188", "PHONE_SERVICE"),
        ("4008208820", "PHONE_SERVICE"), ("110", "PHONE_SERVICE"), ("13888888888", "PHONE_REPEATED"), ("12345678901", "PHONE_REPEATED"),
        ("14012345679", "PHONE_UNUSUAL"), ("17431234567", ""), ("17401234567", "PHONE_UNUSUAL"), ("17012345679", "PHONE_VIRTUAL"),
        ("19212345679", ""), ("0571-88886666", ""), ("+8613812345679", ""), ("010-66668888-801", ""), ("138 1234 5679", ""),
    ],
)  # fmt: skip
def test_phones(phone: str, expected: str) -> None:
    assert codes(phone=phone) == ([expected] if expected else [])


def test_a_foreign_phone_is_judged_as_one() -> None:
    abroad = {"country": "US", "province": "CA", "city": "San Jose", "district": "", "address": "1 Main St Apt 5"}
    assert codes(phone="+1 415 555 0100", **abroad) == []
    assert codes(phone="12", **abroad) == ["PHONE_INVALID"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"platform": "review"}, ["PLATFORM_RISK"]),
        ({"platform": "clear"}, []),
        ({"total_minor": 500_000}, ["AMOUNT"]),
        ({"total_minor": 499_999}, []),
        ({"total_minor": 200_000, "first_order": True}, ["FIRST_ORDER"]),
        ({"total_minor": 200_000, "first_order": None}, []),
        ({"lines": (Line("A", 25, 1), Line("B", 25, 1))}, ["QUANTITY"]),
        ({"lines": (Line("A", 1, 99),), "floors": {"A": 100}}, ["PRICE"]),
        ({"lines": (Line("A", 1, 0), Line("B", 1, 5)), "floors": {"A": 100}}, []),
        ({"windows": (Window("buyer", 10, 5),)}, ["BURST_BUYER"]),
        ({"windows": (Window("buyer", 10, 4),)}, []),
        ({"windows": (Window("buyer", 11, 50),)}, []),
        ({"windows": (Window("address", 10, 9, 4),)}, []),
        ({"windows": (Window("address", 10, 9, 5),)}, ["BURST_ADDRESS"]),
        ({"buyer_orders": 2, "buyer_refunds": 2}, []),
        ({"buyer_orders": 4, "buyer_refunds": 2}, ["REFUNDS"]),
        ({"billing_country": "US"}, ["COUNTRY"]),
        ({"buyer_message": "请改地址"}, ["MESSAGE"]),
        ({"buyer_message": "换个地址发"}, ["MESSAGE"]),
        ({"buyer_message": "手机号填错了"}, ["MESSAGE"]),
        ({"buyer_message": "请发顺丰"}, ["MESSAGE"]),
        ({"buyer_message": "不退款，不要放快递柜"}, []),
        ({"buyer_message": "地址没问题，换个颜色也行"}, []),
        ({"matches": (Match("block", "buyer", NOW + 1),)}, ["BLOCKED_BY_ONE_KEY"]),
        ({"matches": (Match("block", "buyer", NOW),)}, []),
        ({"matches": (Match("block", "buyer", NOW + 1), Match("block", "phone", NOW + 1))}, ["BLOCKED"]),
        ({"changed_after_payment": True}, ["CHANGED"]),
    ],
)
def test_facts(facts: dict[str, Any], expected: list[str]) -> None:
    assert codes(facts) == expected


def test_orders_of_a_number_that_forwards_say_nothing() -> None:
    windows = {"windows": (Window("phone", 10, 30), Window("address", 10, 30, 30))}
    assert codes(windows) == ["BURST_ADDRESS", "BURST_PHONE"]
    assert codes(windows, phone="13800000000-1234", address="文三路***") == []


def test_one_weak_signal_holds_nothing_and_one_strong_does() -> None:
    assert (scored(phone="17012345679").score_bp, scored(phone="17012345679").hit) == (500, False)
    assert (scored(address="随便").score_bp, scored(address="随便").hit) == (5_000, True)
    both = scored({"platform": "high", "total_minor": 900_000}, address="随便")
    assert both.score_bp == 10_000 and [signal.weight for signal in both.signals] == [10_000, 5_000, 2_500]


def test_who_is_allowed_is_not_held_and_what_was_found_is_still_told() -> None:
    found = scored({"matches": (Match("allow", "buyer", NOW + 1),)}, address="随便")
    assert (found.score_bp, found.hit, len(found.signals)) == (0, False, 1)
    assert scored({"matches": (Match("allow", "buyer", NOW),)}, address="随便").hit


def test_what_the_platform_has_not_decided_waits() -> None:
    assert scored({"platform": "pending"}).waits and not scored({"platform": "review"}).waits


Texts = st.text("张李随便路号村138*~$#=Aa9 转运", max_size=24)


@given(Texts, Texts, Texts)
def test_no_evidence_tells_of_a_person(name: str, phone: str, address: str) -> None:
    found = scored({"buyer_message": f"改地址{address}"}, name=name, phone=phone, address=address)
    shown = [str(value) for signal in found.signals for _, value in signal.evidence]
    assert all(len(each) <= 10 for each in shown)
    for text in (name, phone, address):
        assert len(text) < 5 or not any(text in each for each in shown)


@given(Texts, Texts)
def test_what_is_hidden_is_never_judged(phone: str, address: str) -> None:
    found = scored(phone=phone, address=address, forms={"name": "masked", "phone": "cipher", "address": "masked"})
    assert found.signals == ()


def test_keys_of_one_person_are_equal_and_tell_nobody_who_it_is() -> None:
    secret = b"s" * 32
    one = key_of("phone", "plain", "138 1234 5679", secret)
    assert one == key_of("phone", "plain", "+8613812345679", secret) and one is not None and len(one) == 32
    others = [
        key_of("phone", "plain", "13812345679", b"t"),
        key_of("phone", "masked", "13812345679", secret),
        key_of("buyer", "plain", "13812345679", secret),
    ]
    assert one not in others
    assert (
        key_of("phone", "privacy", "13800000000", secret) is None and key_of("address", "plain", " -", secret) is None
    )


TEXT = """
version = 1
name = "risk"
limits = { amount_minor = 100, hit_bp = 2_000 }
weights = [{ signal = "AMOUNT", bp = 1_999 }]
entries = [{ list = "block", of = "phone", digest = "%s", until = "2025-11-30" }]
""" % ("a" * 32)


def draft(text: str) -> Draft[Document]:
    return draft_of(text, FORM)


def test_a_document_sets_weights_limits_and_lists() -> None:
    document = draft(TEXT).document
    assert document is not None and list(lint(document)) == []
    settings = settings_of(document)
    assert settings.limits == Limits(amount_minor=100, hit_bp=2_000) and settings.weights == {
        **WEIGHTS,
        "AMOUNT": 1_999,
    }
    assert not scored({"total_minor": 100}, settings).hit
    # The day is China's, to its last millisecond.
    over = 1_764_518_400_000
    lists = lists_of(document)
    assert lists.matches({"phone": "a" * 32}, over - 1) == (Match("block", "phone", over),)
    assert lists.matches({"phone": "a" * 32}, over) == () and lists.matches({"buyer": "a" * 32}, 0) == ()


def test_a_document_with_faults_says_all_of_them() -> None:
    entry = '{ list = "%s", of = "phone", digest = "%s", until = "%s" }'
    bad = ", ".join(
        (
            entry % ("block", "a" * 32, "2026-02-30"),
            entry % ("block", "a" * 32, "2026-02-01"),
            entry % ("allow", "a" * 32, "2026-02-01"),
            entry % ("block", "13812345679ABCDEF13812345679ABCD", "2026-02-01"),
        )
    )
    document = draft(
        TEXT.split("weights")[0] + f'weights = [{{ signal = "AMONT", bp = 1 }}]\nentries = [{bad}]'
    ).document
    assert document is not None
    assert [(each.path[1], str(each.path[2]), each.says.split(":")[0]) for each in lint(document)] == [
        (0, "signal", "is no signal"),
        (0, "until", "is no day"),
        (1, "digest", "stands in entries[0] too"),
        (2, "digest", "is on the other list in entries[0]"),
        (3, "digest", "is no key"),
    ]
    assert [fault.says for fault in draft(TEXT.replace("1_999", "10_001")).faults] == [
        "write a number from 0 to 10,000"
    ]
