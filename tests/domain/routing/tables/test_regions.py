"""A place has one key, however it is written, and an order is found under the narrowest that a table has."""

from __future__ import annotations

from random import Random

import pytest

from streams.domain.routing.tables.regions import Region, key_of, longest, region_of

HANGZHOU = ("CN", "浙江省", "杭州市", "西湖区", "北山街道")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *(("*", "*"), ("CN", "*"), ("浙江", "33"), ("Zhejiang", "33"), ("330000", "33"), ("33", "33")),
        *(
            ("浙江/杭州", "3301"),
            ("杭州市", "3301"),
            ("330100", "3301"),
            ("浙江/杭州/西湖区", "330106"),
            ("330106", "330106"),
        ),
        *(("浙江/杭州/西湖区/北山街道", "330106/北山街道"), ("义乌/福田街道", "330782/福田街道")),
        *(
            ("北京/朝阳区", "110105"),
            ("北京/北京市/朝阳区", "110105"),
            ("北京/北京/朝阳/三里屯街道", "110105/三里屯街道"),
        ),
        *(("东莞/虎门镇", "4419/虎门镇"), ("仙桃", "429004"), ("US", "US"), ("HK", "81"), ("香港", "81"), ("TW", "71")),
        # Nothing, too little, too much, or one place in another that it does not lie in.
        *(
            (each, None)
            for each in ("", "XX", "99", "火星", "西湖区", "浙江/", "浙江/广东", "浙江/不知道", "浙江/杭州/不知道")
        ),
        *((each, None) for each in ("浙江/杭州/西湖区/上城区", "浙江/杭州/西湖区/北山街道/1号", "Nowhere")),
    ],
)
def test_a_region_as_it_is_written(written: str, key: str | None) -> None:
    assert key_of(written) == key


@pytest.mark.parametrize(
    ("receiver", "keys"),
    [
        (HANGZHOU, ("330106/北山街道", "330106", "3301", "33", "*")),
        (("", "浙江", "", "", ""), ("33", "*")),
        (("CN", "北京市", "北京市", "朝阳区", ""), ("110105", "1101", "11", "*")),
        # A city without counties: what the platform writes there is a town.
        (("CN", "广东省", "东莞市", "虎门镇", ""), ("4419/虎门镇", "4419", "44", "*")),
        (("CN", "广东省", "东莞市", "", "虎门镇"), ("4419/虎门镇", "4419", "44", "*")),
        # A town is one within its county alone: of a city's it is not known which.
        (("CN", "浙江省", "杭州市", "", "北山街道"), ("3301", "33", "*")),
        (("HK", "", "", "", ""), ("81", "*")),
        (("TW", "台湾省", "", "", ""), ("71", "*")),
        # A place of China's that is not known lies in China, and abroad nothing is.
        (("CN", "火星省", "", "", ""), ("*",)),
        (("US", "California", "Fresno", "", ""), ("US",)),
    ],
)
def test_an_orders_region_has_its_keys_narrowest_first(receiver: tuple[str, ...], keys: tuple[str, ...]) -> None:
    assert region_of(*receiver) == Region(keys)


def test_what_is_written_for_an_orders_own_place_is_its_narrowest_key() -> None:
    for depth, written in enumerate(("*", "浙江", "浙江/杭州", "浙江/杭州/西湖区", "浙江/杭州/西湖区/北山街道")):
        assert region_of(*HANGZHOU).keys[-1 - depth] == key_of(written)


def test_the_longest_match_is_what_a_naive_scan_finds() -> None:
    """A reference that looks at names, not keys: of the rows whose every part the receiver lies in the one with most parts."""
    rows = {
        "*": (), "浙江": ("浙江省",), "浙江/杭州": ("浙江省", "杭州市"), "浙江/宁波": ("浙江省", "宁波市"),
        "浙江/杭州/西湖区": ("浙江省", "杭州市", "西湖区"), "浙江/杭州/上城区": ("浙江省", "杭州市", "上城区"),
        "浙江/杭州/西湖区/北山街道": HANGZHOU[1:], "广东": ("广东省",), "广东/广州/天河区": ("广东省", "广州市", "天河区"),
    }  # fmt: skip
    receivers = [
        *(
            HANGZHOU[1:],
            ("浙江省", "杭州市", "西湖区", "灵隐街道"),
            ("浙江省", "杭州市", "上城区", ""),
            ("浙江省", "宁波市", "海曙区", ""),
        ),
        *(
            ("浙江省", "温州市", "", ""),
            ("广东省", "广州市", "天河区", "石牌街道"),
            ("广东省", "深圳市", "", ""),
            ("四川省", "", "", ""),
        ),
    ]
    found = set()
    for seed in range(300):
        chosen = Random(seed).sample(sorted(rows), Random(seed).randint(0, len(rows)))
        table = {key_of(written) or "": written for written in chosen}
        for receiver in receivers:
            among = [each for each in chosen if receiver[: len(rows[each])] == rows[each]]
            best = max(among, key=lambda each: len(rows[each]), default=None)
            assert longest(table, region_of("CN", *receiver)) == best, (chosen, receiver)
            found.add(best)
    assert found == {*rows, None}
