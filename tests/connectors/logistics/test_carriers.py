"""The dictionary: what it must not allow, and what it says of numbers."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.logistics.carriers import Carriers, InvalidCarriers, check, normalise, packaged, parse
from connectors.logistics.carriers import store as versions
from connectors.logistics.carriers.model import CODE_FIELDS

CARRIERS = packaged()
CODES = [c.code for c in CARRIERS.carriers]
TEXT = resources.files("connectors.logistics.carriers").joinpath("carriers.toml").read_text("utf-8")

#: Of the carriers here, the names that Shopify's reference of August 2026 lists: it makes the link of a number itself.
LINKED_BY_SHOPIFY = frozenset(
    (
        "4PX",
        "China Post",
        "DHL Express",
        "DHL eCommerce Asia",
        "FedEx",
        "Ping An Da Tengfei Express",
        "SF Express",
        "UPS",
        "USPS",
        "YunExpress",
    )
)

SMALL = """version = "1"
date = 2026-01-01

[[carrier]]
code = "SF"
name = "顺丰"
taobao = "SF"
"""


def told(text: str) -> list[tuple[int, str]]:
    with pytest.raises(InvalidCarriers) as refused:
        parse(text, "carriers.toml")
    return [tuple(p) for p in refused.value.problems]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("version = = 1\n", 1, "no TOML"),
        ('version = "1', 0, "no TOML"),
        (SMALL.replace('"1"', "1"), 1, "version is 1: a text"),
        (SMALL.replace("2026-01-01", '"January"'), 2, "date is 'January': write YYYY-MM-DD"),
        (SMALL.replace('"SF"\nname', '"sf"\nname'), 5, "code is 'sf': upper-case"),
        (SMALL.replace('name = "顺丰"\n', ""), 4, "name is missing"),
        (SMALL + 'paypal = "SF"\n', 8, "'paypal' is not known"),
        (SMALL + "jd = 467\n", 8, "jd is 467: a text in quotes"),
        (SMALL + 'jd = " 467"\n', 8, "jd is ' 467'"),
        (SMALL + "patterns = ['[']\n", 8, "'[' is no regular expression"),
        # What can only be matched by trying; what would fill the memory.
        (SMALL + "patterns = ['(A+)\\1']\n", 8, "is no regular expression that ends in time"),
        (SMALL + "patterns = ['(?=A+)A']\n", 8, "is no regular expression that ends in time"),
        (SMALL + "patterns = ['((A{999}){999}){999}']\n", 8, "is no regular expression that ends in time"),
        (SMALL + "length = [9, 3]\n", 8, "length is [9, 3]"),
        (SMALL + 'refuse = ["colour"]\n', 8, "refuse is ['colour']: a list of empty, characters, length, pattern"),
        (SMALL + 'shopify_url = "http://x"\n', 8, "shopify_url is 'http://x': an https address with {number} in it"),
        (SMALL + '\n[[carrier]]\ncode = "SF"\nname = "other"\n', 10, "code 'sf' is SF's too"),
        (SMALL + '\n[[carrier]]\ncode = "YTO"\nname = "顺丰"\n', 10, "code '顺丰' is SF's too"),
        (SMALL + '\n[[carrier]]\ncode = "YTO"\nname = "圆通"\ntaobao = "SF"\n', 12, "taobao 'SF' is SF's too"),
        (
            SMALL + '\n[[own]]\nchannel = "jd"\nshop = "j"\ncarrier = "JT"\ncode = "9"\n',
            12,
            "carrier is 'JT': the code",
        ),
        (SMALL + '\n[[own]]\nchannel = "ebay"\nshop = "j"\ncarrier = "SF"\ncode = "9"\n', 10, "channel is 'ebay'"),
        ('version = "1"\ndate = 2026-01-01\n', 0, "no carrier"),
    ],
)
def test_a_fault_is_told_with_its_line_and_field(text: str, line: int, said: str) -> None:
    problems = told(text)
    assert [at for at, what in problems if said in what] == [line], problems


def test_all_faults_are_told_at_once() -> None:
    problems = told(SMALL.replace('"SF"\nname', '"sf"\nname') + "length = [9, 3]\ndashes = 1\n")
    assert [line for line, _ in problems] == [5, 8, 9]


def test_what_is_not_known_is_empty_and_never_another_carriers() -> None:
    for whose in ("taobao", "jd", "pdd_id", "douyin", "kuaidi100", "qimen"):
        codes = [c.of(whose) for c in CARRIERS.carriers if c.of(whose)]
        assert len(codes) == len(set(codes))
    jt = CARRIERS.find("极兔")
    assert jt is not None
    assert (jt.code, jt.of("pdd_id"), jt.of("taobao"), jt.of("jd")) == ("JT", "384", "", "")


def test_a_buyer_can_follow_every_parcel_that_shopify_is_told() -> None:
    for carrier in CARRIERS.carriers:
        # A name that Shopify has a link for needs none, another name without one leaves the buyer with a bare number.
        if carrier.of("shopify"):
            assert (carrier.of("shopify") in LINKED_BY_SHOPIFY) != bool(carrier.shopify_url), carrier.code


def test_every_carrier_is_whole() -> None:
    for carrier in CARRIERS.carriers:
        assert any(carrier.of(whose) for whose in CODE_FIELDS), carrier.code
        assert all(CARRIERS.find(name) == carrier for name in (carrier.code, carrier.name, *carrier.aliases))
        assert all(CARRIERS.called(whose, code) == carrier for whose in CODE_FIELDS if (code := carrier.of(whose)))


@pytest.mark.parametrize(("code", "pattern"), [(c.code, p.pattern) for c in CARRIERS.carriers for p in c.patterns])
@given(st.data())
def test_every_number_of_a_carriers_form_goes_out_as_it_is(code: str, pattern: str, data: st.DataObject) -> None:
    carrier = CARRIERS.find(code)
    assert carrier is not None
    least, most = carrier.length
    form = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    number = data.draw(form.filter(lambda text: least <= len(text) <= most))
    assert check(number, carrier, CARRIERS) == (number, "", ())


def test_a_carrier_is_found_by_every_name_and_by_what_others_call_it() -> None:
    assert {c.code for name in ("sf", "顺丰", " 顺丰速运 ") if (c := CARRIERS.find(name))} == {"SF"}
    assert CARRIERS.find("顺") is None
    cainiao = CARRIERS.called("taobao", "POSTB")
    assert cainiao is not None and cainiao.code == "POSTB"
    assert CARRIERS.called("jd", "") is None


def test_a_shops_own_code_goes_before_the_platforms() -> None:
    text = TEXT + '\n[[own]]\nchannel = "jd"\nshop = "jd-home"\ncarrier = "SF"\ncode = "900001"\n'
    carriers = parse(text, "x")
    sf = carriers.find("SF")
    assert sf is not None
    assert [carriers.code(sf, "jd", "jd", shop) for shop in ("jd-home", "jd-other")] == ["900001", "467"]


@pytest.mark.parametrize(
    ("code", "written", "sent"),
    [
        ("SF", "\ufeffSF0000000000001", "SF0000000000001"),
        ("SF", " sf 0000 0000 00001\u200b\n", "SF0000000000001"),
        ("SF", "ＳＦ００００００００００００１", "SF0000000000001"),
        ("SF", "SF0000000000001-001", "SF0000000000001-001"),
        ("YTO", "YT-0000-0000-00001", "YT0000000000001"),
        ("YTO", "运单号：YT0000000000001", "YT0000000000001"),
        ("YTO", "快递单号 圆通: yt0000000000001", "YT0000000000001"),
        ("YTO", "YTO:YT0000000000001", "YT0000000000001"),
        ("STO", "STO0000000001", "STO0000000001"),
        ("ZTO", "７３１００００００００００１", "73100000000001"),
    ],
)
def test_numbers_are_made_uniform(code: str, written: str, sent: str) -> None:
    assert normalise(written, CARRIERS.find(code), CARRIERS) == sent


@pytest.mark.parametrize(
    ("code", "number", "refused", "warned"),
    [
        ("SF", "", "tracking_no is empty", ""),
        ("SF", " \ufeff", "tracking_no is empty", ""),
        ("SF", "SF000000000一", "only letters, digits and dashes", ""),
        ("SF", "SF0000/0001", "'/'", ""),
        ("YUNDA", "123456789012", "has 12 characters: those of YUNDA have 13 to 15", ""),
        ("JD", "JDX0000000000012", "has 16 characters: those of JD have 15", ""),
        ("YUNDA", "12345678901234", "", "looks like none of YUNDA"),
        ("YUNDA", "1234567890123", "", ""),
        ("SF", "SF0000000000001", "", ""),
        ("DANNIAO", "12345", "has 5 characters", ""),
        ("DANNIAO", "DN123456", "", ""),
    ],
)
def test_what_is_malformed_is_refused_and_what_is_odd_is_a_warning(
    code: str, number: str, refused: str, warned: str
) -> None:
    carrier = CARRIERS.find(code)
    assert carrier is not None
    found = check(number, carrier, CARRIERS)
    assert refused in found.refused and bool(refused) == bool(found.refused)
    assert [warned in w for w in found.warnings] == [True] * bool(warned)


def test_how_strict_it_is_is_data() -> None:
    text = TEXT.replace('refuse = ["empty", "characters", "length"]', 'refuse = ["empty", "pattern"]')
    carriers = parse(text, "x")
    yunda = carriers.find("YUNDA")
    assert yunda is not None
    assert "looks like none" in check("12345678901234", yunda, carriers).refused
    assert "has 12 characters" in check("123456789012", yunda, carriers).warnings[0]


ANY = st.text(st.characters(codec="utf-8"), max_size=40)
LIKELY = st.text("0123456789SFYTsfytＳＦ１２－-–: 　\ufeff运单号：", max_size=30)


@example("-:", "ZTO")
@given(ANY | LIKELY, st.sampled_from(CODES))
def test_a_uniform_number_stays_as_it_is(text: str, code: str) -> None:
    carrier = CARRIERS.find(code)
    once = normalise(text, carrier, CARRIERS)
    assert normalise(once, carrier, CARRIERS) == once


@given(ANY | LIKELY, st.sampled_from(CODES))
def test_what_is_sent_is_plain_and_of_a_fitting_length(text: str, code: str) -> None:
    carrier = CARRIERS.find(code)
    assert carrier is not None
    found = check(text, carrier, CARRIERS)
    if not found.refused:
        assert set(found.number) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
        assert carrier.length[0] <= len(found.number) <= carrier.length[1]
        assert carrier.dashes or "-" not in found.number


def test_the_newest_version_is_used_and_what_changed_is_told(tmp_path: Path) -> None:
    assert versions.current(tmp_path).source == "packaged"
    newer = TEXT.replace(str(CARRIERS.date), "2026-12-25").replace(f'"{CARRIERS.version}"', '"2026.12"')
    newer = newer.replace('jd = "467"', 'jd = "468"').replace(
        '[[carrier]]\ncode = "GUOGUO"', '[[carrier]]\ncode = "GG"'
    )
    path = tmp_path / "from-taobao.toml"
    path.write_text(newer, "utf-8")
    kept = versions.keep(path, versions.read(path), tmp_path / "carriers")
    found = versions.current(tmp_path / "carriers")
    assert (found.source, found.carriers.version) == (str(kept), "2026.12")
    assert list(versions.differences(CARRIERS, found.carriers)) == [
        "+ GG 菜鸟裹裹: taobao LE10576340, shopify Cainiao Guoguo",
        "- GUOGUO 菜鸟裹裹",
        "~ SF.jd: 467 -> 468",
    ]
    assert (
        list(versions.differences(CARRIERS, Carriers("9", CARRIERS.date, CARRIERS.carriers, CARRIERS.prefixes))) == []
    )


@pytest.mark.parametrize("pattern", ["(A+)+B", "(A|A)*B", "(A*)*(A*)*B", "(([A-Z])+.)+[A-Z]([A-Z])+0"])
def test_no_pattern_of_the_dictionary_keeps_a_number_waiting(pattern: str) -> None:
    """The standard library tries for years at these."""
    carriers = parse(f"{SMALL}patterns = ['{pattern}']\nlength = [1, 64]\nrefuse = ['pattern']\n", "carriers.toml")
    (carrier,) = carriers.carriers
    assert [it.fullmatch("A" * 64) for it in carrier.patterns] == [None]
