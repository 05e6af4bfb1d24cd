"""A region that stands before the street is taken away, in every form and for every place; a street is not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.domain.reference import place_of, without_region
from streams.domain.reference.data import table
from streams.domain.reference.names import stem

ROWS = {code: name for code, name, *_ in table("places")}
TRADITIONAL = {simple: traditional for traditional, simple in reversed(table("simplified"))}
HANGZHOU = ("浙江", "杭州市", "西湖区")
JILIN = ("吉林省", "吉林市", "船营区")
KINDS = "市区县旗盟州乡镇"
#: What may follow a region: streets, villages, places that are called like regions.
STREETS = (
    "文三路1号",
    "建国门外大街甲6号",
    "三墩镇五里塘河村3组",
    "人民医院旁",
    "道观巷1号",
    "里仁坊2号",
    "南山路3号5楼",
    "A座1205",
    "1 Wensan Road",
)


def given_region(code: str) -> tuple[str, str, str]:
    """As platforms give it: what lies in a province directly (仙桃市) has no city."""
    province = ROWS[code[:2]]
    if len(code) == 4:
        return province, ROWS[code], ""
    return province, ROWS.get(code[:4], ""), ROWS[code]


REGIONS = [given_region(code) for code in ROWS if len(code) > 2]


def test_every_region_is_taken_away_in_every_form() -> None:
    for i, (province, city, district) in enumerate(REGIONS):
        street = STREETS[i % len(STREETS)]
        long = province + city + district
        traditional = "".join(TRADITIONAL.get(c, c) for c in long)
        last = district or city
        # 九龙 says no kind: what ends with it is told from a street by what follows only.
        if last[-1] in KINDS:
            for prefix in (
                long,
                stem(province) + city + district,
                stem(province) + stem(city) + district if district else long,
                long + long,
                stem(province) + city + district + long,
                last + last,
                f"{province} {city} {district} ",
                f"中国{long}",
                f"{province}，{city}，{district}，",
                traditional,
            ):
                assert without_region(prefix + street, province, city, district) == street, prefix
                assert without_region(prefix + street, stem(province), stem(city), district) == street, prefix


def test_what_is_only_a_region_stays_whole() -> None:
    for region in REGIONS:
        # 香港岛 says no kind, so it is text that can be read.
        for rest in ("", "***", "＊＊", "，") if "".join(region)[-1] in KINDS else ():
            text = "".join(region) + rest
            assert without_region(text, *region) == text


def test_streets_that_are_called_like_their_region_stay() -> None:
    for region in REGIONS:
        for name in region:
            if name != stem(name):
                for street in (
                    f"{stem(name)}路1号",
                    f"{stem(name)}大街",
                    f"{stem(name)}花园3栋",
                    f"{stem(name)}北路88号",
                    f"{name}路5号",
                ):
                    assert without_region(street, *region) == street, region


@pytest.mark.parametrize(
    ("address", "region", "street"),
    [
        ("浙江杭州市西湖区文三路1号", HANGZHOU, "文三路1号"),
        ("浙江 杭州 西湖 文三路1号", HANGZHOU, "文三路1号"),
        ("杭州市文三路1号", HANGZHOU, "文三路1号"),
        ("浙江省杭州市西湖区三墩镇西湖区政府", HANGZHOU, "三墩镇西湖区政府"),
        ("西湖大道1号", HANGZHOU, "西湖大道1号"),
        ("浙江省杭州市西湖大道1号", HANGZHOU, "西湖大道1号"),
        ("杭州市西湖边1号", HANGZHOU, "西湖边1号"),
        ("浙江省杭州湾大道1号", HANGZHOU, "杭州湾大道1号"),
        ("西湖区路1号", HANGZHOU, "西湖区路1号"),
        ("浙江省道302号", HANGZHOU, "浙江省道302号"),
        ("吉林吉林市船营区吉林大街1号", JILIN, "吉林大街1号"),
        ("吉林省吉林市吉林市场1号", JILIN, "吉林市场1号"),
        ("吉林大街1号", JILIN, "吉林大街1号"),
        ("江苏省苏州市昆山市人民路1号", ("江苏省", "", "昆山市"), "人民路1号"),
        ("北京市朝阳区建国路1号", ("北京", "朝阳区", ""), "建国路1号"),
        ("北京北京市朝阳区建国路1号", ("北京", "北京市", "朝阳区"), "建国路1号"),
        ("浦东大道1号", ("上海", "上海市", "浦东新区"), "浦东大道1号"),
        ("四川阿坝州马尔康市团结街1号", ("四川省", "阿坝藏族羌族自治州", "马尔康市"), "团结街1号"),
        ("广西自治区南宁青秀区民族大道1号", ("广西", "南宁市", "青秀区"), "民族大道1号"),
        ("浙江省杭州市江干区凯旋路1号", ("浙江省", "杭州市", "江干区"), "凯旋路1号"),
        # Cities without districts have streets and towns where others have them.
        ("广东东莞市南城街道鸿福路1号", ("广东省", "东莞市", "南城街道"), "鸿福路1号"),
        ("广东省东莞市长安镇长安镇振安路1号", ("广东", "东莞市", "长安镇"), "振安路1号"),
        ("海南省-儋州市-那大镇-中兴大街1号", ("海南省", "儋州市", "那大镇"), "中兴大街1号"),
        # Shopify: English fields, and an address that its buyer typed.
        ("浙江省杭州市西湖区文三路1号", ("Zhejiang", "Hangzhou", ""), "西湖区文三路1号"),
        ("浙江省杭州市西湖区文三路1号", ("Zhejiang", "杭州", ""), "西湖区文三路1号"),
        ("臺灣省新北市板橋區文化路1號", ("台湾省", "新北市", "板桥区"), "文化路1號"),
        ("香港九龙油尖旺区弥敦道1号", ("香港特别行政区", "九龙", "油尖旺区"), "弥敦道1号"),
        (
            "Zhejiang Province, Hangzhou City, Xihu District, 1 Wensan Road",
            ("Zhejiang", "Hangzhou", "Xihu"),
            "1 Wensan Road",
        ),
        ("HANGZHOU, 1 Wensan Road", ("Zhejiang", "Hangzhou", ""), "1 Wensan Road"),
        ("Hangzhou Road 1", ("Zhejiang", "Hangzhou", ""), "Hangzhou Road 1"),
        ("Hangzhouwan Road 1", ("Zhejiang", "Hangzhou", ""), "Hangzhouwan Road 1"),
        ("浙江省杭州市西湖区文三***", HANGZHOU, "文三***"),
        ("##5oKf56m6*5oKf56m6#1##", HANGZHOU, "##5oKf56m6*5oKf56m6#1##"),
        ("~AgAAAAIQw==~浙江~1~~", HANGZHOU, "~AgAAAAIQw==~浙江~1~~"),
        ("文三路1号", ("", "", ""), "文三路1号"),
        ("", HANGZHOU, ""),
    ],
)
def test_what_platforms_write(address: str, region: tuple[str, str, str], street: str) -> None:
    assert without_region(address, *region) == street


PARTS = st.sampled_from(
    (
        "浙江",
        "浙江省",
        "杭州",
        "杭州市",
        "西湖",
        "西湖区",
        "路",
        "大街",
        "1号",
        " ",
        "，",
        "***",
        "市场",
        "中国",
        "文三路",
    )
)


@given(st.lists(PARTS, max_size=10).map("".join) | st.text(max_size=30), st.sampled_from(REGIONS) | st.just(HANGZHOU))
@example("浙江省浙江省", HANGZHOU)
def test_an_end_of_it_stays_and_that_stays_the_same(address: str, region: tuple[str, str, str]) -> None:
    street = without_region(address, *region)
    assert address.endswith(street)
    assert without_region(street, *region) == street
    assert not address or street
    assert place_of(*region)


@given(st.text(max_size=20), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_any_text_is_answered(address: str, province: str, city: str, district: str) -> None:
    assert address.endswith(without_region(address, province, city, district))
