"""All tables together: which carrier would send an order from each warehouse, for how much and by when, and what is told instead."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.documents.calendars.document import Document as Calendars
from schemas.documents.capacity.document import Document as Capacities
from schemas.documents.carriers.document import Document as Carriers
from schemas.documents.coverage.document import Document as Coverage
from schemas.documents.freight.document import Document as Freight
from schemas.documents.products.document import Document as Products
from schemas.documents.transit.document import Document as TransitTimes
from streams.domain.routing.tables import calendars, capacity, carriers, coverage, freight, goods, transit
from streams.domain.routing.tables.clock import minute_in, moment_ms
from streams.domain.routing.tables.coverage import Match
from streams.domain.routing.tables.goods import Goods
from streams.domain.routing.tables.reckoning import NOTHING_KNOWN, Parcel, Reckoned, Reckoning, Tables
from streams.domain.routing.tables.regions import region_of

from .written import calendar, document, template, zone

HANGZHOU, LHASA = region_of("CN", "浙江省", "杭州市", "西湖区", ""), region_of("CN", "西藏自治区", "拉萨市", "", "")
#: A Friday.
NOW_MS = moment_ms(minute_in("2026-11-27T10:00") or 0)
HZ: dict[str, Any] = {"warehouse": "HZ1"}
RICE = {
    "sku": "RICE",
    "grams": 5_000,
    "mm": [400, 300, 101],
    "cost_minor": 2_000,
    "costs": [{"warehouse": "BJ1", "cost_minor": 1_900}],
}

ROWS: dict[str, Any] = {
    "products": [
        RICE,
        {"prefix": "TEA", "grams": 250, "cm3": 900, "cost_minor": 500, "needs": ["dry"]},
        {"prefix": "TEA-X", "grams": 1},
    ],
    "freight": [
        template(zone(additional=1000, additional_fee=100), zone(regions=["西藏"], first_fee=2_000, surcharge=500)),
        template(zone(first_fee=1_200, additional=1000, additional_fee=200), carrier="sf", divisor=6_000),
        template(zone(first_fee=300), carrier="yto"),
    ],
    "transit": [
        {**HZ, "carrier": "zto", "regions": ["*"], "days": 4},
        {**HZ, "carrier": "zto", "regions": ["浙江"], "days": 2},
        {**HZ, "carrier": "zto", "regions": ["浙江"], "minutes": 3_000, "from": "2026-11-01"},
        {**HZ, "carrier": "zto", "regions": ["浙江"], "days": 1, "from": "2026-12-01"},
        {**HZ, "carrier": "sf", "regions": ["浙江"], "minutes": 900},
    ],
    "calendars": [calendar(cut_offs=[{"at": "16:00"}, {"at": "19:00", "carrier": "sf"}])],
    "coverage": [
        {**HZ, "regions": ["*"], "priority": 9},
        {**HZ, "regions": ["浙江/杭州"], "priority": 1},
        {**HZ, "regions": ["西藏"], "serves": False},
    ],
    "capacity": [
        {
            **HZ,
            "units_a_day": 100,
            "days": [{"day": "2026-11-11", "units": 500}],
            "order_minor": 150,
            "piece_minor": 20,
            "abilities": ["dry"],
        }
    ],
    "carriers": [
        {**HZ, "carrier": "zto", "regions": ["*"], "grams_max": 20_000},
        {**HZ, "carrier": "sf", "regions": ["*"], "side_mm_max": 400},
        {**HZ, "carrier": "yto", "regions": ["浙江"], "grams_max": 3_000},
        {**HZ, "carrier": "yto", "regions": ["浙江/杭州/上城区"], "reaches": False},
    ],
}


def tables(**rows: Any) -> Tables:
    """All of ``ROWS``, or others in their place; none where [] is given."""
    its = {**ROWS, **rows}

    def made(module: Any, kind: Any, name: str, field: str) -> Any:
        return module.compiled([document(kind, **{field: its[name]})] if its[name] else [])

    return Tables(
        products=made(goods, Products, "products", "products"),
        freight=made(freight, Freight, "freight", "templates"),
        transit=made(transit, TransitTimes, "transit", "transit"),
        calendars=made(calendars, Calendars, "calendars", "calendars"),
        coverage=made(coverage, Coverage, "coverage", "coverage"),
        capacity=made(capacity, Capacities, "capacity", "capacity"),
        carriers=made(carriers, Carriers, "carriers", "carriers"),
    )


def of(
    its: Tables, *lines: tuple[str, int], to: Any = HANGZHOU, code: str = "HZ1", given: int | None = 0, **parcel: Any
) -> Reckoned:
    made = Parcel(**{"lines": lines, "region": to, "amount_minor": 9_900, "currency": "CNY", **parcel})
    return Reckoning(its, made, [code], NOW_MS, {} if given is None else {code: given}).get(code, NOTHING_KNOWN)


def told(it: Reckoned) -> list[tuple[Any, ...]]:
    return [(offer.carrier, offer.freight, offer.leaves, offer.arrives) for offer in it.by_cost]


def test_each_carrier_has_its_price_its_leaving_and_its_arrival() -> None:
    """Ready at 11:00; sf leaves at 19:00, the others at 16:00. 6 pieces of rice weigh 30 kg, too much for two; each is 2.02 by volume."""
    it = of(tables(), ("TEA-1", 2))
    assert told(it) == [("yto", 300, 360, "NO_ETA"), ("zto", 500, 360, 360 + 3_000)]
    assert it.unable == (("sf", "NO_SIZE"),)
    it = of(tables(), ("RICE", 6))
    assert told(it) == [("sf", 1_200 + 29 * 200, 540, 1_440)]
    assert it.unable == (("yto", "TOO_HEAVY"), ("zto", "TOO_HEAVY"))
    it = of(tables(), ("RICE", 2))
    assert told(it) == [("zto", 500 + 9 * 100, 360, 3_360), ("sf", 1_200 + 9 * 200, 540, 1_440)]
    assert [offer.carrier for offer in it.by_time] == ["sf", "zto"]


def test_a_region_further_away_has_its_own_price_time_and_carriers() -> None:
    it = of(tables(), ("RICE", 1), to=LHASA)
    assert told(it) == [("sf", 2_000, 540, "NO_ETA"), ("zto", "NO_FREIGHT", 360, 360 + 4 * 1_440)]
    assert it.served == "NOT_COVERED"
    it = of(tables(), ("TEA-1", 1), to=region_of("CN", "浙江省", "杭州市", "上城区", ""))
    assert [offer.carrier for offer in it.by_cost] == ["zto"]


@pytest.mark.parametrize(
    ("given", "lines", "figure", "value"),
    [
        ({}, [("TEA-1", 1)], "served", Match(3, 1)),
        ({"coverage": []}, [("TEA-1", 1)], "served", "NOT_COVERED"),
        ({"coverage": [{**HZ, "regions": ["*"]}]}, [("TEA-1", 1)], "served", Match(1, 0)),
        ({}, [("TEA-1", 1), ("RICE", 2)], "goods", 4_500),
        # The longest prefix is the product's, and of it no cost is known.
        ({}, [("TEA-X1", 1)], "goods", "NO_COST"),
        ({}, [("MUG", 1)], "goods", "NO_COST"),
        ({}, [("MUG", 1)], "lacks", "NO_PRODUCT"),
        ({}, [("TEA-1", 1), ("TEA-2", 2)], "handling", 150 + 3 * 20),
        ({"capacity": []}, [("TEA-1", 1)], "handling", "NO_HANDLING"),
        ({"capacity": [HZ]}, [("TEA-1", 1)], "handling", "NO_HANDLING"),
        ({"capacity": [HZ]}, [("TEA-1", 1)], "lacks", "dry"),
        ({"capacity": [HZ]}, [("RICE", 1)], "lacks", ""),
        ({}, [("TEA-1", 1)], "lacks", ""),
        ({}, [("TEA-1", 1)], "left_today", 100),
        ({"capacity": [HZ]}, [("TEA-1", 1)], "left_today", None),
        ({}, [("TEA-1", 1)], "opens", 0),
        ({"calendars": []}, [("TEA-1", 1)], "opens", "NO_CALENDAR"),
        ({"calendars": [calendar(closed=["2026-11-27"])]}, [("TEA-1", 1)], "opens", 3 * 1_440 - 120),
    ],
)
def test_what_else_rules_ask_for(given: dict[str, Any], lines: list[tuple[str, int]], figure: str, value: Any) -> None:
    assert getattr(of(tables(**given), *lines), figure) == value


def test_what_is_left_of_a_day_is_its_limit_less_what_was_given() -> None:
    assert [of(tables(), ("RICE", 1), given=given).left_today for given in (None, 0, 99, 100, 101)] == [
        "NO_COUNT",
        100,
        1,
        0,
        0,
    ]
    row = capacity.compiled([document(Capacities, capacity=ROWS["capacity"])])["HZ1"]
    singles = (minute_in("2026-11-11T00:00") or 0) // 1_440
    assert [capacity.left_of_day(row, singles + day, 40) for day in (-1, 0, 1)] == [60, 460, 60]


def test_a_warehouse_that_no_table_names_has_reasons_alone() -> None:
    it = of(tables(), ("RICE", 1), code="BJ1")
    assert (it.by_cost, it.by_time, it.unable) == ((), (), ())
    assert (it.served, it.opens, it.handling, it.goods) == ("NOT_COVERED", "NO_CALENDAR", "NO_HANDLING", 1_900)


def test_figures_in_another_currency_are_none() -> None:
    it = of(tables(), ("RICE", 1), currency="USD")
    assert (it.goods, it.handling, {offer.freight for offer in it.by_cost}) == (
        "NO_COST",
        "OTHER_CURRENCY",
        {"OTHER_CURRENCY"},
    )


def test_what_is_joined_once_is_the_same_the_second_time() -> None:
    its = tables()
    asked = [(("RICE", 1), HANGZHOU), (("RICE", 1), LHASA), (("RICE", 4), HANGZHOU), (("TEA-1", 1), LHASA)]
    first = [of(its, line, to=to) for line, to in asked]
    assert [of(its, line, to=to) for line, to in asked] == first == [of(tables(), line, to=to) for line, to in asked]


def test_only_what_is_asked_for_is_reckoned_and_once() -> None:
    asked = []

    class Asked(dict[str, Any]):
        def get(self, code: str, otherwise: Any = None) -> Any:
            asked.append(code)
            return otherwise

    its = Tables(capacity=Asked({"any": None}))
    all_ = Reckoning(its, Parcel((("A", 1),), HANGZHOU, 9_900, "CNY"), ["HZ1", "GZ1", "CD1"], NOW_MS, {})
    assert all_.get("SH1", NOTHING_KNOWN) is NOTHING_KNOWN and asked == []
    assert all_.get("GZ1", NOTHING_KNOWN) is all_.get("GZ1", NOTHING_KNOWN) and asked == ["GZ1"]
    assert len(all_.values()) == 3 and asked == ["GZ1", "HZ1", "CD1"]


def test_goods_come_to_what_their_pieces_do() -> None:
    products = goods.compiled([document(Products, products=ROWS["products"])])
    # 400 x 300 x 101 mm are 12,120 cm3 exactly; a part of one counts as one.
    assert goods.goods_of(products, [("RICE", 2)]) == Goods(2, 10_000, 24_240, 400, ())
    assert goods.goods_of(products, [("TEA-1", 2), ("RICE", 1)]) == Goods(3, 5_500, 13_920, None, ("dry",))
    assert goods.goods_of(products, [("TEA-X1", 1)]) == Goods(1, 1, None, None, ())
    assert goods.goods_of(products, [("RICE", 1), ("MUG", 1)]) == Goods(2, None, None, None, None)
    small = goods.compiled([document(Products, products=[{"sku": "PIN", "mm": [1, 1, 1]}])])
    assert goods.goods_of(small, [("PIN", 3)]).cm3 == 3
