"""Whom and where to: town and street, company, the real country, the phone and its form, the region once."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.kinds.payloads import sound
from tests.kinds.trials import tried

Doc = dict[str, Any]


def receiver(channel: str, doc: Doc) -> Mapping[str, Any]:
    (step,) = tried(channel, doc)
    assert step.outcome == "accepted", step.reasons
    assert step.receiver is not None
    return step.receiver


def at(channel: str, **fields: Any) -> Doc:
    """The sound order with other receiver fields, where the platform has them."""
    doc = copy.deepcopy(sound(channel))
    place = {"jd": "consigneeInfo", "douyin": "post_addr", "shopify": "shipping_address"}.get(channel)
    (doc[place] if place else doc).update(fields)
    return doc


def named(name: str) -> Doc:
    return {"id": "1", "name": name}


@pytest.mark.parametrize(
    ("channel", "doc", "town"),
    [
        ("taobao", at("taobao", receiver_town="三墩镇"), "三墩镇"),
        ("jd", at("jd", town="蒋村街道", fullAddress="文三路1号"), "蒋村街道"),
        ("douyin", at("douyin", street=named("塘栖镇")), "塘栖镇"),
    ],
)
def test_the_town_is_part_of_the_address(channel: str, doc: Doc, town: str) -> None:
    found = receiver(channel, doc)
    assert found["town"] == town
    assert found["address"].startswith(town) and len(found["address"]) > len(town)


@pytest.mark.parametrize(
    ("channel", "fields"),
    [
        ("taobao", {"receiver_address": "浙江省杭州市西湖区文三路1号"}),
        ("taobao", {"receiver_address": "浙江省 杭州市 西湖区 三墩镇 文三路1号", "receiver_town": "三墩镇"}),
        ("jd", {"fullAddress": "浙江杭州市西湖区文三路1号"}),
        ("jd", {"fullAddress": "浙江省杭州市西湖区蒋村街道文三路1号", "town": "蒋村街道"}),
        ("pdd", {"receiver_address": "浙江省杭州市西湖区文三路1号"}),
        ("douyin", {"encrypt_detail": "", "detail": "浙江省杭州市西湖区北山街道文三路1号"}),
        ("shopify", {"province": "浙江", "city": "杭州", "address1": "浙江省杭州市西湖区文三路1号"}),
    ],
)
def test_the_region_stands_once(channel: str, fields: Doc) -> None:
    found = receiver(channel, at(channel, **fields))
    whole = found["province"] + found["city"] + found["district"] + found["address"]
    for part in ("浙江", "杭州", "西湖"):
        assert whole.count(part) == 1, whole
    assert found["address"].endswith("文三路1号")
    assert whole.count(found["town"]) == 1 or not found["town"]


def test_jds_places_that_are_none_elsewhere_stand_once() -> None:
    place = {"province": "北京", "city": "朝阳区", "county": "三环以内", "fullAddress": "北京朝阳区三环以内建国路1号"}
    assert receiver("jd", at("jd", **place))["address"] == "建国路1号"
    other = {**place, "county": "呼和浩特", "fullAddress": "呼和浩特路1号"}
    assert receiver("jd", at("jd", **other))["address"] == "呼和浩特路1号"


@pytest.mark.parametrize(
    ("channel", "doc", "country"),
    [
        (
            "taobao",
            at("taobao", receiver_country="加拿大", receiver_state="海外", receiver_city="", receiver_district=""),
            "CA",
        ),
        (
            "taobao",
            at("taobao", receiver_state="香港特别行政区", receiver_city="九龙", receiver_district="观塘区"),
            "HK",
        ),
        ("taobao", at("taobao", receiver_state="台湾", receiver_city="台北市", receiver_district="中正区"), "TW"),
        ("jd", at("jd", province="港澳", city="澳门", county="澳门半岛", fullAddress="A"), "MO"),
        ("jd", at("jd", province="台湾", city="台北市", county="中正区"), "TW"),
        ("pdd", at("pdd", province="香港特别行政区", city="九龙", town="观塘区"), "HK"),
        (
            "douyin",
            at("douyin", province=named("澳门特别行政区"), city=named("澳门半岛"), town=named("花地玛堂区")),
            "MO",
        ),
        ("shopify", at("shopify", country_code="HK", province=None, city="Kowloon", zip=""), "HK"),
        ("shopify", at("shopify", country_code="CN", province="Hong Kong", city="Kowloon"), "HK"),
        ("shopify", at("shopify", country_code="CN", province=None, city="Macau"), "MO"),
        ("shopify", at("shopify", country_code="US", province="California", city="San Jose"), "US"),
    ],
)
def test_the_country_is_the_real_one(channel: str, doc: Doc, country: str) -> None:
    assert receiver(channel, doc)["country"] == country


@pytest.mark.parametrize("channel", ["taobao", "jd", "pdd", "douyin", "shopify"])
def test_at_home_it_is_china(channel: str) -> None:
    assert receiver(channel, sound(channel))["country"] == "CN"


def test_a_company_is_kept() -> None:
    assert receiver("shopify", at("shopify", company="Example GmbH, Dept 4"))["company"] == "Example GmbH, Dept 4"


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("the order", {"phone": "+14155550100"}),
        ("the customer", {"customer": {"phone": "+14155550100"}}),
        ("the customer's address", {"customer": {"default_address": {"phone": "+14155550100"}}}),
        ("the bill", {"billing_address": {"phone": "+14155550100"}}),
    ],
)
def test_shopifys_phone_stands_in_many_places(where: str, fields: Doc) -> None:
    assert receiver("shopify", {**at("shopify", phone=None), **fields})["phone"] == "+14155550100", where


@pytest.mark.parametrize(
    ("channel", "fields", "phone", "extension", "form"),
    [
        ("taobao", {"receiver_mobile": "13800000000-1234"}, "13800000000", "1234", "privacy"),
        ("taobao", {"receiver_mobile": "+8613800000000-1234"}, "+8613800000000", "1234", "privacy"),
        ("jd", {"mobile": "86 13800000000转1234"}, "86 13800000000", "1234", "privacy"),
        ("pdd", {"receiver_phone": "+86-13800000000"}, "+86-13800000000", "", None),
        ("shopify", {"phone": "+8613800000000 ext. 1234"}, "+8613800000000", "1234", "privacy"),
        ("taobao", {"receiver_mobile": "138****0000"}, "138****0000", "", "masked"),
        ("taobao", {"receiver_mobile": "", "receiver_phone": "0571-88000000"}, "0571-88000000", "", None),
        ("jd", {"mobile": "13800000000"}, "13800000000", "", None),
        ("jd", {"mobile": "", "telephone": "0571-88000000"}, "0571-88000000", "", None),
        ("jd", {"mobile": "0571-88000000转801"}, "0571-88000000转801", "", None),
        ("jd", {"mobile": "138****0000"}, "138****0000", "", "masked"),
        ("jd", {"mobile": "Zm9vYmFyMTIz=="}, "Zm9vYmFyMTIz==", "", "cipher"),
        ("pdd", {"receiver_phone": "$13800000000$#1234#"}, "13800000000", "1234", "privacy"),
        ("pdd", {"receiver_phone": "$1$cGhvbmU=$1$"}, "$1$cGhvbmU=$1$", "", "cipher"),
        ("shopify", {"phone": "+85291234567"}, "+85291234567", "", None),
    ],
)
def test_phones_and_their_forms(channel: str, fields: Doc, phone: str, extension: str, form: str | None) -> None:
    found = receiver(channel, at(channel, **fields))
    assert (found["phone"], found["phone_extension"], found["forms"].get("phone")) == (phone, extension, form)


def test_jds_ciphertext_is_told_by_its_phone() -> None:
    """No reference says what it looks like; a phone with letters in it is none, nor is ASCII alone beside it a name or an address."""
    cipher = {"fullname": "Zm9v", "mobile": "YmFy0138==", "fullAddress": "cXV4MTIzNDU2Nzg5"}
    assert receiver("jd", at("jd", **cipher))["forms"] == {"name": "cipher", "phone": "cipher", "address": "cipher"}
    name = {**cipher, "fullname": "测试甲", "fullAddress": "浙江杭州市西湖区文三路1号"}
    found = receiver("jd", at("jd", **name))
    assert (found["forms"], found["address"]) == ({"phone": "cipher"}, "文三路1号")
    assert receiver("jd", at("jd", fullname="Tom", mobile="13800000000", fullAddress="文三路1号"))["forms"] == {}


def test_ciphertext_stays_as_it_is() -> None:
    """Joined with anything it could not be decrypted any more: only what people read has the town before it."""
    found = receiver("douyin", sound("douyin"))
    assert found["forms"] == {"name": "cipher", "phone": "cipher", "address": "cipher"}
    assert found["address"] == "北山街道##ZA==*ZA==#1##"
    assert receiver("pdd", sound("pdd"))["forms"] == {"name": "cipher", "phone": "cipher", "address": "cipher"}


@pytest.mark.parametrize(
    ("channel", "token", "fields"),
    [
        ("taobao", "oaid", {"receiver_mobile": "", "receiver_phone": "", "receiver_name": "", "receiver_address": ""}),
        ("pdd", "open_address_id", {"receiver_phone": "", "receiver_name": "", "receiver_address": ""}),
    ],
)
def test_what_the_platform_shows_nobody_it_prints_from_its_token(channel: str, token: str, fields: Doc) -> None:
    doc = {**at(channel, **fields), token: "token-1"}
    found = receiver(channel, doc)
    assert (found["oaid"], found["phone"]) == ("token-1", "")
    assert found["forms"] == {"name": "cipher", "phone": "cipher", "address": "cipher"}
    (step,) = tried(channel, doc)
    assert (step.outcome, step.phase) == ("accepted", "ALLOCATED"), step.reasons


@pytest.mark.parametrize(
    ("channel", "doc", "field"),
    [
        ("taobao", {**at("taobao", receiver_mobile="", receiver_phone=""), "oaid": ""}, "receiver.phone"),
        ("jd", at("jd", fullAddress=""), "receiver.address"),
        ("shopify", at("shopify", name="", phone="1"), "receiver.name"),
        ("douyin", at("douyin", province=named(""), city=named("")), "receiver.city"),
        ("pdd", {**sound("pdd"), "receiver_name": ""}, "receiver.name"),
    ],
)
def test_what_a_label_needs_and_lacks_is_reviewed(channel: str, doc: Doc, field: str) -> None:
    (step,) = tried(channel, doc)
    assert step.outcome == "review" and step.reserved == {}
    assert field in [reason["field"] for reason in step.reasons]
