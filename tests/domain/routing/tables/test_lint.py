"""Bad tables are refused row by row, with what to do; a sound one has nothing said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from schemas.documents.calendars.document import Calendar, Holidays
from schemas.documents.capacity.document import Capacity
from schemas.documents.carriers.document import Carrier
from schemas.documents.coverage.document import Area, Served
from schemas.documents.faults import Fault, in_words, shown
from schemas.documents.freight.document import Template
from schemas.documents.products.document import Product
from schemas.documents.transit.document import Transit
from streams.domain.routing.tables import lint
from streams.domain.routing.tables.calendar_faults import of_calendars
from streams.domain.routing.tables.claims import CLAIMS, repeated

from .written import calendar, template, zone

Rows = Sequence[dict[str, Any]]


def typed(kind: Any, rows: Rows) -> list[tuple[int, Any]]:
    return [(at, msgspec.convert(row, kind)) for at, row in enumerate(rows)]


def coverage(rows: Rows, warehouses: Any) -> Any:
    areas = [row for row in rows if "name" in row]
    return lint.of_coverage(typed(Served, [row for row in rows if "name" not in row]), typed(Area, areas), warehouses)


def calendars(rows: Rows, warehouses: Any) -> Any:
    years = [row for row in rows if "year" in row]
    row_kinds = typed(Calendar, [row for row in rows if "year" not in row]), typed(Holidays, years)
    return of_calendars(*row_kinds, warehouses, has_holidays=bool(years))


KINDS: dict[str, Callable[[Rows, Any], Any]] = {
    "products": lambda rows, known: lint.of_products(typed(Product, rows), known),
    "freight": lambda rows, known: lint.of_freight(typed(Template, rows), known),
    "transit": lambda rows, known: lint.of_transit(typed(Transit, rows), known),
    "capacity": lambda rows, known: lint.of_capacity(typed(Capacity, rows), known),
    "carriers": lambda rows, known: lint.of_carriers(typed(Carrier, rows), known),
    "coverage": coverage,
    "calendars": calendars,
}


def numbered(field: str, kind: Any, rows: Rows) -> list[tuple[int, Any]]:
    """Those of a list of a document, of all rows of the test."""
    marks = {"areas": "name", "coverage": "warehouse", "calendars": "warehouse"}
    return typed(kind, [row for row in rows if field not in marks or marks[field] in row])


def said(kind: str, rows: Rows, warehouses: Any = None) -> list[str]:
    found: list[Fault] = list(KINDS[kind](rows, warehouses))
    for field, (row, claims) in CLAIMS[kind].items():
        found += repeated(claims(numbered(field, row, rows)), {})
    return [f"{in_words(each.path)} {shown(each.value)}: {each.says}" for each in found]


HZ, ALL = {"warehouse": "HZ1"}, {"regions": ["*"]}
LANE = {**HZ, "carrier": "sf", **ALL}
PLACE = "is no place that is known: write it as 浙江/杭州/西湖区, a country as US, all of China as *"

FAULTS: list[tuple[str, Rows, list[str]]] = [
    ("products", [{}], ["$.products[0] : needs either sku or prefix: write one of them"]),
    ("products", [{"sku": "A", "prefix": "B"}], ["$.products[0] : needs either sku or prefix: write one of them"]),
    (
        "products",
        [{"sku": "A"}, {"prefix": "A"}, {"sku": "A"}],
        ['$.products[2].sku "A": is named by products[0] already: leave one'],
    ),
    (
        "products",
        [{"prefix": ""}, {"prefix": ""}],
        ['$.products[1].prefix "": is named by products[0] already: leave one'],
    ),
    (
        "products",
        [{"sku": "A", "cm3": 3, "mm": [1, 2, 3]}],
        ["$.products[0].cm3 3: says what mm says already: leave one of them"],
    ),
    (
        "products",
        [{"sku": "A", "costs": [{**HZ, "cost_minor": 1}, {**HZ, "cost_minor": 2}]}],
        ['$.products[0].costs[1].warehouse "HZ1": is named twice: leave one'],
    ),
    (
        "freight",
        [template(zone()), template(zone())],
        ['$.templates[1].carrier "zto": is named by templates[0] already: leave one'],
    ),
    (
        "freight",
        [template(zone(), mode="piece", divisor=6000)],
        ["$.templates[0].divisor 6000: means nothing in mode piece: take it out"],
    ),
    ("freight", [template(zone(regions=["浙"]))], [f'$.templates[0].zones[0].regions[0] "浙": {PLACE}']),
    (
        "freight",
        [template(zone(regions=["浙江", "330000"]), zone(regions=["Zhejiang"]))],
        [
            '$.templates[0].zones[0].regions[1] "330000": is named twice: leave one',
            '$.templates[0].zones[1].regions[0] "Zhejiang": is named by zones[0] already: leave one',
        ],
    ),
    (
        "freight",
        [template(zone(steps=[{"upto": 1000, "fee": 1}, {"upto": 900, "fee": 1}]))],
        [
            "$.templates[0].zones[0].steps[0].upto 1000: is not above 1,000, where the one before it ends",
            "$.templates[0].zones[0].steps[1].upto 900: is not above 1,000, where the one before it ends",
        ],
    ),
    (
        "freight",
        [template(zone(additional=5))],
        ["$.templates[0].zones[0].additional : means nothing without additional_fee: write both or none"],
    ),
    (
        "freight",
        [template(zone(additional_fee=5))],
        ["$.templates[0].zones[0].additional_fee : means nothing without additional: write both or none"],
    ),
    ("transit", [LANE], ["$.transit[0] : needs either days or minutes: write one of them"]),
    (
        "transit",
        [{**LANE, "days": 1, "minutes": 5}],
        ["$.transit[0] : needs either days or minutes: write one of them"],
    ),
    (
        "transit",
        [{**LANE, "days": 1, "from": "2026-13-01"}],
        ['$.transit[0].from "2026-13-01": is no day: write it as 2026-10-01'],
    ),
    (
        "transit",
        [{**LANE, "days": 1}, {**LANE, "days": 2}],
        ['$.transit[1].regions[0] "*": is named by transit[0] already: leave one'],
    ),
    ("transit", [{**LANE, "days": 1}, {**LANE, "days": 2, "from": "2026-01-01"}], []),
    (
        "coverage",
        [{**HZ, **ALL}, {**HZ, "regions": ["CN"], "serves": False}],
        ['$.coverage[1].regions[0] "CN": is named by coverage[0] already: leave one'],
    ),
    (
        "coverage",
        [{**HZ, **ALL, "serves": False, "priority": 3}],
        ["$.coverage[0].priority 3: means nothing with serves = false: take it out"],
    ),
    (
        "coverage",
        [{"name": "far", **ALL}, {"name": "far", "regions": ["西藏"]}],
        ['$.areas[1].name "far": is named by areas[0] already: leave one'],
    ),
    (
        "coverage",
        [{"name": "far", **ALL}, {"name": "no", **ALL}],
        ['$.areas[1].regions[0] "*": is named by areas[0] already: leave one'],
    ),
    ("capacity", [HZ, HZ], ['$.capacity[1].warehouse "HZ1": is named by capacity[0] already: leave one']),
    (
        "capacity",
        [{**HZ, "days": [{"day": "1111", "units": 1}, {"day": "1111", "units": 1}]}],
        [
            '$.capacity[0].days[0].day "1111": is no day: write it as 2026-10-01',
            '$.capacity[0].days[1].day "1111": is no day: write it as 2026-10-01',
            '$.capacity[0].days[1].day "1111": is named twice: leave one',
        ],
    ),
    ("carriers", [LANE, LANE], ['$.carriers[1].regions[0] "*": is named by carriers[0] already: leave one']),
    (
        "carriers",
        [{**LANE, "reaches": False, "cm3_max": 5}],
        ["$.carriers[0].cm3_max 5: means nothing with reaches = false: take it out"],
    ),
    (
        "calendars",
        [calendar(), calendar()],
        ['$.calendars[1].warehouse "HZ1": is named by calendars[0] already: leave one'],
    ),
    (
        "calendars",
        [calendar(holidays=True)],
        ["$.calendars[0].holidays true: keeps holidays, and this document lists none: add [[holidays]]"],
    ),
    (
        "calendars",
        [calendar(weekly=[{"days": [1], "opens": "8:00", "closes": "25:00"}], cut_offs=[{"at": "16.00"}])],
        [
            '$.calendars[0].weekly[0].opens "8:00": is no time of a day: write it as 08:00, at most 24:00',
            '$.calendars[0].weekly[0].closes "25:00": is no time of a day: write it as 08:00, at most 24:00',
            '$.calendars[0].cut_offs[0].at "16.00": is no time of a day: write it as 08:00, at most 24:00',
        ],
    ),
    (
        "calendars",
        [calendar(weekly=[{"days": [1], "opens": "20:00", "closes": "04:00"}])],
        ['$.calendars[0].weekly[0].closes "04:00": is not after opens, 20:00: hours past midnight are two days\''],
    ),
    (
        "calendars",
        [calendar(closed=["2026-01-01"], extra=[{"day": "2026-01-01", "opens": "08:00", "closes": "09:00"}])],
        ['$.calendars[0].extra[0].day "2026-01-01": is closed too: leave one of them'],
    ),
    (
        "calendars",
        [
            calendar(
                outages=[
                    {"from": "2026-01-02T10:00", "until": "2026-01-02T10:00"},
                    {"from": "noon", "until": "2026-01-02T10:00"},
                ]
            )
        ],
        [
            '$.calendars[0].outages[0].until "2026-01-02T10:00": is not after from, 2026-01-02T10:00',
            '$.calendars[0].outages[1].from "noon": is no moment: write it as 2026-11-30T10:00, in China\'s time',
        ],
    ),
    (
        "calendars",
        [
            {"year": 2026, "off": ["2026-01-01", "2026-01-01", "2027-01-01"], "worked": ["2026-01-01"]},
            {"year": 2026, "off": []},
        ],
        [
            '$.holidays[0].off[1] "2026-01-01": is named twice: leave one',
            '$.holidays[0].off[2] "2027-01-01": is no day of 2026',
            '$.holidays[0].worked[0] "2026-01-01": is off too: leave one of them',
            "$.holidays[1].year 2026: is named by holidays[0] already: leave one",
        ],
    ),
]


@pytest.mark.parametrize(("kind", "rows", "faults"), FAULTS)
def test_a_row_that_is_wrong_says_so(kind: str, rows: Rows, faults: list[str]) -> None:
    assert sorted(said(kind, rows)) == sorted(faults)


SOUND: dict[str, Rows] = {
    "products": [{"sku": "A", "mm": [1, 2, 3]}, {"prefix": "A", "cm3": 5, "costs": [{**HZ, "cost_minor": 1}]}],
    "freight": [
        template(zone(), zone(regions=["浙江"], steps=[{"upto": 2000, "fee": 1}], additional=5, additional_fee=1))
    ],
    "transit": [{**LANE, "days": 1, "from": "2026-01-01"}, {**LANE, "regions": ["浙江"], "minutes": 5}],
    "coverage": [
        {**HZ, **ALL, "priority": 3},
        {**HZ, "regions": ["西藏"], "serves": False},
        {"name": "far", "regions": ["西藏"]},
    ],
    "capacity": [{**HZ, "days": [{"day": "2026-11-11", "units": 1}]}],
    "carriers": [{**LANE, "grams_max": 5}, {**LANE, "regions": ["西藏"], "reaches": False}],
    "calendars": [
        calendar(holidays=True, closed=["2026-01-02"]),
        {"year": 2026, "off": ["2026-01-01"], "worked": ["2026-01-04"]},
    ],
}


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_table_has_nothing_said_of_it_but_a_warehouse_nobody_set_up(kind: str) -> None:
    assert said(kind, SOUND[kind]) == [] and said(kind, SOUND[kind], ["HZ1"]) == []
    faults = said(kind, SOUND[kind], ["HZ2"])
    assert faults and all('"HZ1": is no warehouse that is set up: did you mean HZ2?' in each for each in faults)
