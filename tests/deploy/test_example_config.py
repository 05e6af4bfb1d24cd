"""The example tables and the demo's rules: without a fault, of the demo's own warehouses and goods, and each strategy decides something."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

import pytest

from connectors.generator import stock
from connectors.generator.catalogue import catalogue
from schemas.documents.kinds import KINDS, drafted
from schemas.documents.rules.reading import draft
from streams.domain.reference import place_by_code
from streams.domain.routing.geography import centre_of, distance_km
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts, WarehouseFacts, with_tables
from streams.domain.routing.rules.lint import lint
from streams.domain.routing.tables.clock import minute_in, moment_ms
from streams.domain.routing.tables.documents import TABLES, faults_of, tables_of
from streams.domain.routing.tables.reckoning import Parcel, Reckoning, Tables
from streams.domain.routing.tables.regions import region_of

EXAMPLES = Path(__file__).parents[2] / "deploy/examples"
WAREHOUSES = {each["warehouse"]: each for each in stock.warehouses()}
MAINLAND = [
    place.path[0] for code in range(11, 66) if (place := place_by_code(str(code))) is not None and len(place.code) == 2
]
NOW_MS = moment_ms(minute_in("2026-11-30T19:00") or 0)


@cache
def tables() -> Tables:
    found = []
    for kind in TABLES:
        form, read = drafted((EXAMPLES / f"config/{kind}.toml").read_text("utf-8"))
        assert form is KINDS[kind] and faults_of(kind, read, WAREHOUSES) == []
        found.append((kind, read.document))
    return tables_of(found, dict.fromkeys(TABLES, 1))


def test_every_kind_of_table_has_an_example_without_a_fault() -> None:
    assert tables().versions == dict.fromkeys(TABLES, 1)
    assert sorted(path.stem for path in (EXAMPLES / "config").iterdir()) == sorted(TABLES)


def test_the_31_provinces_have_price_and_time_from_every_warehouse() -> None:
    """One piece of what the demo sells, to each: no reason stands in place of a figure."""
    assert len(MAINLAND) == 31
    (sku,) = [item.sku for item in catalogue(1, 7)]
    for province in MAINLAND:
        parcel = Parcel(((sku, 1),), region_of("CN", province, "", "", ""), 9_900, "CNY")
        known = Reckoning(tables(), parcel, [*WAREHOUSES], NOW_MS, {})
        for code, it in zip(WAREHOUSES, known.values(), strict=True):
            figures = [figure for offer in it.by_cost for figure in (offer.freight, offer.leaves, offer.arrives)]
            assert len(it.by_cost) >= 2 and not [each for each in figures if isinstance(each, str)], (province, code)


def test_whatever_the_demo_sells_is_known() -> None:
    for item in catalogue(3_000, 7):
        parcel = Parcel(((item.sku, 1),), region_of("CN", "浙江", "", "", ""), None, "CNY")
        (it,) = Reckoning(tables(), parcel, ["hz1"], NOW_MS, {}).values()
        assert isinstance(it.goods, int) and it.lacks == "" and it.by_cost, item.sku


def order(random: Random) -> Facts:
    items = catalogue(200, 7)
    lines = tuple(
        LineFacts(str(at), item.sku, random.randint(1, 4), item.price_minor)
        for at, item in enumerate(random.sample(items, random.randint(1, 3)))
    )
    province = random.choice(MAINLAND)
    warehouses = []
    for code, each in WAREHOUSES.items():
        distance = distance_km(province, each["latitude"], each["longitude"])
        sells = {line.sku: random.randint(1, 9) for line in lines if random.random() < 0.6}
        metres = None if distance is None else round(distance * 1_000)
        warehouses.append(WarehouseFacts(code, sells, each["province"], each["priority"], metres=metres))
    about = OrderFacts(
        lines,
        currency="CNY",
        province=province,
        total_minor=sum(line.quantity * line.unit_price_minor for line in lines),
        ship_by_ms=NOW_MS + random.choice((5, 11, 24, 48)) * 3_600_000,
    )
    return with_tables(Facts(about, tuple(warehouses), NOW_MS), tables(), {})


def test_the_demos_rules_have_no_fault_and_each_strategy_decides_something() -> None:
    read = draft((EXAMPLES / "rules/demo.toml").read_text("utf-8"))
    assert lint(read, WAREHOUSES) == [] and read.document is not None and centre_of("浙江")
    rules = compiled(read.document)
    sent: Counter[str] = Counter()
    for seed in range(400):
        decision = decide(rules, order(Random(seed)))
        if decision.parts:
            sent[decision.attempts[-1].strategy] += 1
    assert {*sent} == {choice.name for choice in rules.choices} and len(sent) == 6, sent


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_that_has_faults_is_not_taken(kind: str) -> None:
    """Of two warehouses, or two products, one is called as the other: its rows say again what stands."""
    text = (EXAMPLES / f"config/{kind}.toml").read_text("utf-8")
    _, read = drafted(text.replace("hz1", "gz1").replace("TS1", "MG1"))
    told = [each.says for each in faults_of(kind, read)]
    assert any("has a row already" in each or "is named by" in each for each in told), told
