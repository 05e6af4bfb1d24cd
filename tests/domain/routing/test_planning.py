"""Planning: the fewest warehouses, then the nearest."""

from __future__ import annotations

import random
from typing import Any

import pytest

from streams.domain.reference import place_of, point_of
from streams.domain.reference.data import table
from streams.domain.routing.geography import centre_of, destination, distance_km
from streams.domain.routing.planning import Need, Plan, plan
from tests.domain.make import level, warehouse

HZ, GZ, CD = warehouse("HZ", "浙江"), warehouse("GZ", "广东"), warehouse("CD", "四川")
MUG, POT = "MUG", "POT"


def planned(
    needs: list[Need],
    levels: dict[str, list[dict[str, Any]]],
    warehouses: tuple[dict[str, Any], ...] = (HZ, GZ, CD),
    load: dict[str, int] | None = None,
    destination: str = "浙江省",
    country: str = "CN",
) -> Plan:
    return plan(needs, levels, warehouses, load or {}, destination, country)


def sends(result: Plan) -> list[tuple[str, str, int]]:
    return [(part.line_no, part.warehouse, part.quantity) for part in result.parts]


def reasons(result: Plan) -> dict[str, str]:
    return {each["warehouse"]: each["reason"] for each in result.considered}


@pytest.mark.parametrize(("destination", "nearest"), [("浙江", "HZ"), ("Guangdong", "GZ"), ("四川省", "CD")])
def test_one_warehouse_that_covers_all_is_taken_and_the_nearest_of_them(destination: str, nearest: str) -> None:
    everywhere = {MUG: [level("CD", 9), level("GZ", 9), level("HZ", 9)]}
    result = planned([Need("1", MUG, 2)], everywhere, destination=destination)

    assert sends(result) == [("1", nearest, 2)]
    assert [each["warehouse"] for each in result.considered if each["chosen"]] == [nearest]


def test_one_far_warehouse_comes_before_two_near_ones() -> None:
    result = planned(
        [Need("1", MUG, 1), Need("2", POT, 1)],
        {MUG: [level("CD", 1), level("HZ", 9)], POT: [level("CD", 1), level("GZ", 9)]},
    )
    assert sends(result) == [("1", "CD", 1), ("2", "CD", 1)]


def test_else_the_one_that_covers_most_comes_first_then_what_is_left() -> None:
    result = planned(
        [Need("1", MUG, 3), Need("2", POT, 2)],
        {MUG: [level("GZ", 3)], POT: [level("GZ", 1), level("HZ", 2)]},
    )
    assert sends(result) == [("1", "GZ", 3), ("2", "GZ", 1), ("2", "HZ", 1)]
    assert reasons(result)["GZ"] == "adds 4 of the 5 units left"
    assert reasons(result)["CD"] == "nothing of this order to sell"


def test_lines_of_the_same_sku_share_what_there_is() -> None:
    result = planned([Need("1", MUG, 2), Need("2", MUG, 2)], {MUG: [level("GZ", 1), level("HZ", 3)]})

    assert sends(result) == [("1", "HZ", 2), ("2", "HZ", 1), ("2", "GZ", 1)]


def test_an_order_is_never_planned_in_part() -> None:
    result = planned(
        [Need("1", MUG, 1), Need("2", POT, 5)], {MUG: [level("HZ", 9)], POT: [level("GZ", 1), level("HZ", 1)]}
    )

    assert result.parts == ()
    assert result.missing == [{"sku": POT, "shortfall": 3}]
    assert not any(each["chosen"] for each in result.considered)


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (level("HZ", 2, safety_stock=1), "safety stock"),
        (level("HZ", 5, reserved=4), "reserved"),
    ],
)
def test_what_is_not_sellable_is_not_planned(held: dict[str, Any], why: str) -> None:
    assert planned([Need("1", MUG, 2)], {MUG: [held]}).missing, why


def test_a_disabled_warehouse_sends_nothing() -> None:
    result = planned([Need("1", MUG, 1)], {MUG: [level("GZ", 1), level("HZ", 9)]}, ({**HZ, "enabled": False}, GZ))

    assert sends(result) == [("1", "GZ", 1)]
    assert reasons(result)["HZ"] == "disabled"


def test_a_warehouse_carries_no_more_open_units_than_it_can() -> None:
    full = {**HZ, "max_open_units": 10}
    levels = {MUG: [level("GZ", 9), level("HZ", 9)]}

    assert sends(planned([Need("1", MUG, 2)], levels, (full, GZ), {"HZ": 8})) == [("1", "HZ", 2)]
    assert sends(planned([Need("1", MUG, 2)], levels, (full, GZ), {"HZ": 9})) == [("1", "GZ", 2)]
    nothing = planned([Need("1", MUG, 2)], levels, (full,), {"HZ": 10})
    assert reasons(nothing)["HZ"] == "full: no open units left"
    assert nothing.missing == [{"sku": MUG, "shortfall": 2}]


def test_capacity_is_shared_by_the_lines_of_an_order() -> None:
    result = planned(
        [Need("1", MUG, 2), Need("2", POT, 2)],
        {MUG: [level("GZ", 9), level("HZ", 9)], POT: [level("GZ", 9), level("HZ", 9)]},
        ({**HZ, "max_open_units": 3}, {**GZ, "max_open_units": 2}),
    )
    assert sends(result) == [("1", "HZ", 2), ("2", "HZ", 1), ("2", "GZ", 1)]


def test_ties_fall_by_priority_then_by_name_never_by_chance() -> None:
    levels = {MUG: [level("A", 1), level("B", 1), level("C", 1)]}
    alike = [{**HZ, "warehouse": name} for name in ("C", "B", "A")]

    assert sends(planned([Need("1", MUG, 1)], levels, tuple(alike))) == [("1", "A", 1)]
    assert sends(planned([Need("1", MUG, 1)], levels, ({**alike[0], "priority": -1}, *alike[1:]))) == [("1", "C", 1)]


def test_the_order_of_the_settings_changes_nothing() -> None:
    rng = random.Random(7)
    warehouses = [warehouse(f"W{n}", rng.choice(["浙江", "广东", "四川"]), priority=n % 2) for n in range(6)]
    levels = {sku: [level(f"W{n}", rng.randrange(4)) for n in range(6)] for sku in (MUG, POT)}
    needs = [Need("1", MUG, 4), Need("2", POT, 5)]
    first = planned(needs, levels, tuple(warehouses))

    for _ in range(10):
        rng.shuffle(warehouses)
        assert planned(needs, levels, tuple(warehouses)) == first


def test_an_unknown_destination_is_planned_by_priority_and_name() -> None:
    levels = {MUG: [level("CD", 1), level("GZ", 1), level("HZ", 1)]}
    result = planned([Need("1", MUG, 1)], levels, destination="California")

    assert sends(result) == [("1", "CD", 1)]
    assert {each["distance_km"] for each in result.considered} == {None}


def test_stock_at_a_warehouse_nobody_set_up_is_told_and_not_sent() -> None:
    result = planned([Need("1", MUG, 1)], {MUG: [level("XX", 9)]})

    assert result.missing
    assert reasons(result)["XX"] == "not set up"


def test_every_warehouse_is_explained_the_chosen_first() -> None:
    result = planned([Need("1", MUG, 2)], {MUG: [level("CD", 1), level("GZ", 5), level("HZ", 5)]})

    assert [(each["warehouse"], each["covers"], each["reason"]) for each in result.considered] == [
        ("HZ", 2, "covers the whole order"),
        ("GZ", 2, "covers the whole order, but a nearer one does too"),
        ("CD", 1, "covers only a part"),
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("浙江", "浙江省", "Zhejiang", "zhejiang province", "ZHEJIANG"),
        ("内蒙古", "内蒙古自治区", "Inner Mongolia", "Nei Mongol"),
        ("新疆", "新疆维吾尔自治区", "Xinjiang"),
        ("广西", "广西壮族自治区", "Guangxi Zhuang Autonomous Region"),
        ("宁夏", "宁夏回族自治区", "Ningxia"),
        ("西藏", "西藏自治区", "Tibet", "Xizang"),
        ("北京", "北京市", "Beijing", "Beijing Shi"),
        ("香港", "香港特别行政区", "Hong Kong", "Hong Kong SAR"),
        ("澳门", "澳門", "Macau", "Macao"),
        ("陕西", "陕西省", "Shaanxi"),
    ],
)
def test_a_province_is_known_by_all_its_names(names: tuple[str, ...]) -> None:
    assert len({centre_of(name) for name in names}) == 1
    assert centre_of(names[0]) is not None


@pytest.mark.parametrize(
    ("receiver", "name"),
    [
        (("浙江省", "杭州市", "西湖区"), "浙江省"),
        (("", "杭州市", "西湖区"), "杭州市"),
        (("", "", "昆山市"), "昆山市"),
        (("没有这个省", "杭州市", ""), "杭州市"),
        (("台北市", "", ""), "台北市"),
        (("", "Taipei", ""), "Taipei"),
        (("", "九龙", "油尖旺区"), "九龙"),
        (("California", "Los Angeles", ""), "California"),
    ],
)
def test_the_first_name_that_says_where_is_the_destination(receiver: tuple[str, str, str], name: str) -> None:
    province, city, district = receiver
    assert destination({"province": province, "city": city, "district": district}) == name  # type: ignore[typeddict-item]


def test_every_place_of_every_list_is_somewhere() -> None:
    places = {code: (name, english.split("/")[0]) for code, name, english, *_ in table("places")}
    for code, (name, english) in places.items():
        province = {"71": "TW", "81": "HK", "82": "MO"}.get(code[:2], "CN")
        if len(code) == 2:
            assert centre_of(name, province) == centre_of(english, province) is not None
        if len(code) == 4:
            assert centre_of(name, province) is not None, name
        above = [places[up][0] for up in (code[:2], code[:4], code) if up in places]
        assert place_of(*above) is not None


def test_where_no_place_is_known_the_country_is() -> None:
    for alpha2, *_ in table("countries"):
        if alpha2 not in ("CN", "AQ", "BV", "HM", "UM"):
            assert centre_of("没有这个省", alpha2) == centre_of("", alpha2) == point_of(alpha2) is not None
    # Within China that would be a guess.
    assert centre_of("没有这个省", "CN") is None
    # A name abroad that is also one in China.
    assert centre_of("Hainan", "PH") == point_of("PH")


def test_an_order_to_another_country_goes_from_the_warehouse_nearest_to_it() -> None:
    levels = {MUG: [level("CD", 1), level("GZ", 1), level("HZ", 1)]}

    assert sends(planned([Need("1", MUG, 1)], levels, destination="", country="HK")) == [("1", "GZ", 1)]
    assert sends(planned([Need("1", MUG, 1)], levels, destination="Ontario", country="CA")) == [("1", "HZ", 1)]


def test_shanxi_is_not_shaanxi_and_nowhere_is_nowhere() -> None:
    assert centre_of("山西") != centre_of("陕西")
    assert [centre_of(name) for name in ("", "省", "Ontario", "浙江省省")] == [None] * 4


def test_distances_are_those_of_the_map() -> None:
    assert distance_km("北京", 39.90, 116.41) == 0.0
    beijing_shanghai = distance_km("北京市", 31.23, 121.47)
    assert beijing_shanghai is not None
    assert 1050 < beijing_shanghai < 1090
