"""Documents of other products' shape, each beside a few lines that find the same by trying everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from random import Random

import pytest

from schemas.documents.carriers.document import Document as Carriers
from schemas.documents.freight.document import Document as Freight
from schemas.documents.rules.builtin import examples, read
from schemas.documents.rules.reading import draft
from streams.domain.routing.geography import centre_of, distance_km
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts, WarehouseFacts, known_name, with_tables
from streams.domain.routing.rules.lint import lint
from streams.domain.routing.tables import carriers, freight
from streams.domain.routing.tables.reckoning import Tables

from ..tables.written import document, template

STANDS = {"HZ1": "浙江", "SH1": "上海", "GZ1": "广东", "CD1": "四川", "BJ1": "北京", "WH1": "湖北"}
RECEIVERS = ("浙江", "上海", "江苏", "广东", "福建", "四川", "贵州", "北京", "新疆", "湖北", "黑龙江")
FAR = 10**9

#: What carriers take from a warehouse: for the parcel, and for each piece. Nobody goes from WH1.
PRICES = {
    **{("HZ1", "sf"): (900, 10), ("HZ1", "zto"): (500, 100), ("SH1", "zto"): (500, 90), ("GZ1", "sf"): (800, 0)},
    **{("CD1", "yto"): (700, 40), ("BJ1", "zto"): (500, 90), ("BJ1", "sf"): (1_000, 0)},
}
TABLES = Tables(
    freight=freight.compiled(
        [
            document(
                Freight,
                templates=[
                    template(
                        {
                            "regions": ["*"],
                            "first": 1,
                            "first_fee": fee + more,
                            "additional": 1,
                            "additional_fee": more,
                        },
                        warehouse=code,
                        carrier=carrier,
                        mode="piece",
                    )
                    for (code, carrier), (fee, more) in PRICES.items()
                ],
            )
        ]
    ),
    carriers=carriers.compiled(
        [
            document(
                Carriers,
                carriers=[{"warehouse": code, "carrier": carrier, "regions": ["*"]} for code, carrier in PRICES],
            )
        ]
    ),
)

#: (line, warehouse) -> pieces; empty: the order waits.
Sent = Counter[tuple[str, str]]


def order(random: Random) -> Facts:
    """One SKU a line."""
    receiver = known_name("province", random.choice(RECEIVERS))
    skus = random.sample("ABCD", random.randint(1, 3))
    lines = tuple(LineFacts(f"L{sku}", sku, random.randint(1, 6), 100) for sku in skus)
    warehouses = []
    for code, province in STANDS.items():
        centre = centre_of(province)
        distance = distance_km(receiver, *centre) if centre else None
        warehouses.append(
            WarehouseFacts(
                code,
                {sku: random.randint(1, 9) for sku in skus if random.random() < 0.7},
                known_name("province", province),
                enabled=random.random() < 0.95,
                open_units=random.randint(0, 100),
                max_open_units=None if code == "BJ1" else 120,
                metres=None if distance is None else round(distance * 1000),
            )
        )
    about = OrderFacts(lines, channel="taobao", currency="CNY", province=receiver)
    return with_tables(Facts(about, tuple(warehouses)), TABLES, {})


def has(warehouse: WarehouseFacts, back: int = 0) -> dict[str, int]:
    return {sku: units - back for sku, units in warehouse.sells.items() if units > back and warehouse.enabled}


def free(warehouse: WarehouseFacts) -> int:
    return FAR if warehouse.max_open_units is None else warehouse.max_open_units - warehouse.open_units


def metres(warehouse: WarehouseFacts) -> int:
    return FAR if warehouse.metres is None else warehouse.metres


def by_one(lines: tuple[LineFacts, ...], among: list[WarehouseFacts], back: int = 0) -> Sent:
    """All from the first that has all."""
    for each in among:
        if all(has(each, back).get(line.sku, 0) >= line.quantity for line in lines):
            return Counter({(line.line_no, each.code): line.quantity for line in lines})
    return Counter()


def by_turns(lines: tuple[LineFacts, ...], among: list[WarehouseFacts], most: int, whole: bool, back: int = 0) -> Sent:
    """Each what it has of what is left; with ``whole`` a line only where it has all of it. All, or nothing."""
    left, sent, parcels = {line.line_no: line.quantity for line in lines}, Counter[tuple[str, str]](), 0
    for each in among:
        takes = {line.line_no: min(left[line.line_no], has(each, back).get(line.sku, 0)) for line in lines}
        takes = {name: units for name, units in takes.items() if units and (not whole or units == left[name])}
        if takes and parcels < most:
            parcels += 1
            for name, units in takes.items():
                sent[name, each.code] += units
                left[name] -= units
    return Counter() if any(left.values()) else sent


def greedily(lines: tuple[LineFacts, ...], among: list[WarehouseFacts]) -> Sent:
    """Again and again the one that has most of what is left; the first of equals."""
    left, sent, remaining = {line.line_no: line.quantity for line in lines}, Counter[tuple[str, str]](), list(among)
    while any(left.values()) and remaining:
        offers = [sum(min(left[line.line_no], has(each).get(line.sku, 0)) for line in lines) for each in remaining]
        if not max(offers):
            return Counter()
        best = remaining.pop(offers.index(max(offers)))
        for line in lines:
            units = min(left[line.line_no], has(best).get(line.sku, 0))
            if units:
                sent[line.line_no, best.code] += units
                left[line.line_no] -= units
    return Counter() if any(left.values()) else sent


def hotwax(facts: Facts) -> Sent:
    lines = facts.order.lines

    def near(limit: int, back: int) -> list[WarehouseFacts]:
        there = [each for each in facts.warehouses if metres(each) <= limit]
        return sorted(there, key=lambda each: (metres(each), -sum(has(each, back).values()), each.code))

    nearest = sorted(facts.warehouses, key=lambda each: (metres(each), each.code))
    return (
        by_one(lines, near(800_000, 3), back=3)
        or by_turns(lines, near(2_000_000, 1), most=3, whole=True, back=1)
        or by_one(lines, nearest)
        or greedily(lines, nearest)
    )


def shopify(facts: Facts) -> Sent:
    ranks = {"SH1": 0, "GZ1": 1, "HZ1": 2}
    ranked = sorted(facts.warehouses, key=lambda each: (ranks.get(each.code, 3), metres(each), each.code))
    sets = [chosen for size in range(1, 7) for chosen in combinations(ranked, size)]
    good = [
        chosen
        for chosen in sets
        if all(sum(has(each).get(line.sku, 0) for each in chosen) >= line.quantity for line in facts.order.lines)
    ]
    if not good:
        return Counter()
    best = min(good, key=lambda chosen: (len(chosen), [ranked.index(each) for each in chosen]))
    return by_turns(facts.order.lines, list(best), most=len(best), whole=False)


def fluent(facts: Facts) -> Sent:
    def banded(limits: list[int], among: list[WarehouseFacts]) -> list[WarehouseFacts]:
        return sorted(among, key=lambda each: (sum(metres(each) > it for it in limits), -free(each), each.code))

    idle = [each for each in facts.warehouses if each.max_open_units is None or each.open_units * 100 <= 95 * 120]
    wide = banded([1_500_000], list(facts.warehouses))
    lines = facts.order.lines
    return by_one(lines, banded([300_000, 800_000, 1_500_000], idle)) or by_one(lines, wide) or greedily(lines, wide)


def wanliniu(facts: Facts) -> Sent:
    regions = {
        "浙江省 江苏省 上海市 安徽省": ["HZ1", "SH1"],
        "广东省 福建省 海南省": ["GZ1"],
        "四川省 重庆市 云南省 贵州省": ["CD1", "GZ1"],
    }
    codes = next((codes for names, codes in regions.items() if facts.order.province in names), [])
    by_code = {each.code: each for each in facts.warehouses}
    nearest = sorted(facts.warehouses, key=lambda each: (metres(each), each.code))
    lines = facts.order.lines
    return (
        by_turns(lines, [by_code[code] for code in codes], most=2, whole=False)
        or by_one(lines, [by_code["BJ1"]])
        or by_one(lines, nearest)
        or greedily(lines, nearest)
    )


def wangdian(facts: Facts) -> Sent:
    """Every carrier of every warehouse, by what its price list says; what nobody sends costs the most."""

    def price(code: str) -> int:
        pieces = sum(line.quantity for line in facts.order.lines)
        fees = [fee + more * pieces for (at, _), (fee, more) in PRICES.items() if at == code]
        return min(fees, default=FAR)

    ranked = sorted(facts.warehouses, key=lambda each: (price(each.code), metres(each), each.code))
    return by_one(facts.order.lines, ranked) or greedily(facts.order.lines, ranked)


SHAPES = {"wangdian": wangdian, "hotwax": hotwax, "shopify": shopify, "fluent": fluent, "wanliniu": wanliniu}


def hold(name: str, brute_force: Callable[[Facts], Sent], orders: int) -> None:
    rules = compiled(read(examples()[name]))
    waited = split = 0
    for seed in range(orders):
        facts = order(Random(seed))
        decision = decide(rules, facts)
        sent = Counter({(part.line_no, part.warehouse): part.quantity for part in decision.parts})
        assert sent == brute_force(facts), f"Random({seed})"
        waited += not sent
        split += len({code for _, code in sent}) > 1
    assert orders // 100 < waited < orders // 2 and split > orders // 100


@pytest.mark.parametrize("name", SHAPES)
def test_it_decides_as_trying_everything_does(name: str) -> None:
    hold(name, SHAPES[name], 1_000)


@pytest.mark.long
@pytest.mark.parametrize("name", SHAPES)
def test_ten_thousand_orders_of_them(name: str) -> None:
    hold(name, SHAPES[name], 10_000)


def test_each_example_has_its_brute_force() -> None:
    assert {*examples()} == {*SHAPES}
    assert [name for name, text in examples().items() if lint(draft(text))] == []
