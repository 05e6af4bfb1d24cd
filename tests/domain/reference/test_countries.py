"""Every country by every name of the list, and the names that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domain.reference import country_of
from streams.domain.reference.countries import point_of
from streams.domain.reference.data import table
from streams.domain.reference.names import plain

ROWS = table("countries")
TRADITIONAL = {simple: traditional for traditional, simple in table("simplified")}


def test_every_name_is_its_countrys_alone() -> None:
    owners: dict[str, str] = {}
    for alpha2, alpha3, _, _, names in ROWS:
        for name in (alpha2, alpha3, *names.split("|")):
            assert owners.setdefault(plain(name), alpha2) == alpha2, name


def test_every_country_is_found_by_every_name() -> None:
    for alpha2, alpha3, _, _, names in ROWS:
        for name in (alpha2, alpha3, *names.split("|")):
            forms = (name, name.lower(), name.upper(), f" {name} ", "".join(TRADITIONAL.get(c, c) for c in name))
            assert {country_of(form) for form in forms} == {alpha2}, name


def test_every_country_has_a_chinese_and_an_english_name_and_codes() -> None:
    assert len(ROWS) == 250
    for alpha2, alpha3, _, _, names in ROWS:
        assert len(alpha2) == 2 and len(alpha3) == 3 and (alpha2 + alpha3).isupper()
        assert any(name[0].isascii() for name in names.split("|")) and any(
            ord(name[0]) > 0x3000 for name in names.split("|")
        )


def test_every_country_where_people_live_has_a_point() -> None:
    assert [alpha2 for alpha2, *_ in ROWS if point_of(alpha2) is None] == ["AQ", "BV", "HM", "UM"]
    assert all(-90 <= at[0] <= 90 and -180 <= at[1] <= 180 for row in ROWS if (at := point_of(row[0])))


@pytest.mark.parametrize(
    ("text", "alpha2"),
    [
        *(
            ("中国", "CN"),
            ("中国大陆", "CN"),
            ("China", "CN"),
            ("cn", "CN"),
            ("CHN", "CN"),
            ("加拿大", "CA"),
            ("Canada", "CA"),
        ),
        *(
            ("香港", "HK"),
            ("香港特别行政区", "HK"),
            ("香港特別行政區", "HK"),
            ("中国香港", "HK"),
            ("Hong Kong", "HK"),
            ("Hong Kong SAR", "HK"),
        ),
        *(
            ("澳门", "MO"),
            ("澳門", "MO"),
            ("Macao", "MO"),
            ("Macau", "MO"),
            ("台湾", "TW"),
            ("台湾省", "TW"),
            ("臺灣", "TW"),
            ("台灣", "TW"),
        ),
        *(
            ("Taiwan", "TW"),
            ("英国", "GB"),
            ("UK", "GB"),
            ("USA", "US"),
            ("U.S.", "US"),
            ("the United States", "US"),
            ("韩国", "KR"),
        ),
        *(
            ("Côte d'Ivoire", "CI"),
            ("Cote d’Ivoire", "CI"),
            ("Türkiye", "TR"),
            ("阿联酋", "AE"),
            ("波黑", "BA"),
            ("紐西蘭", "NZ"),
        ),
    ],
)
def test_what_platforms_write(text: str, alpha2: str) -> None:
    assert country_of(text) == alpha2


@pytest.mark.parametrize(
    "text", ["", " ", "海外", "国外", "其他", "Overseas", "浙江省", "ZZ", "EU", "***", "##abc==*x#1##"]
)
def test_what_is_no_country(text: str) -> None:
    assert country_of(text) is None


@given(st.text(max_size=20))
def test_any_text_is_an_answer_or_none(text: str) -> None:
    found = country_of(text)
    assert found is None or found in {alpha2 for alpha2, *_ in ROWS}
