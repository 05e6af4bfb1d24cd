"""Freight against a reckoning that goes unit by unit, and against figures reckoned by hand."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents.freight.document import Document
from streams.domain.routing.tables import freight
from streams.domain.routing.tables.goods import Goods
from streams.domain.routing.tables.regions import region_of

from .written import document, template, zone

ZHEJIANG = region_of("CN", "浙江省", "杭州市", "", "")
BASE = 1_000_000


def goods(grams: int | None = None, cm3: int | None = None, pieces: int = 1) -> Goods:
    return Goods(pieces, grams, cm3, None, ())


def fee(row: dict[str, Any], of: Goods, amount: int | None = None) -> int | str:
    made = freight.compiled([document(Document, templates=[row])])["HZ1", "zto"]
    return freight.fee(made, ZHEJIANG, of, amount)


def plainly(row: dict[str, Any], of: Goods, amount: int | None) -> int | str:
    """The same in steps of one unit: nothing is divided but to find what a multiple is."""
    (its,) = row["zones"]
    if amount is not None and amount >= its.get("free_over", 10**18):
        return 0
    mode = row.get("mode", "weight")
    units = {"weight": of.grams, "piece": of.pieces, "volume": of.cm3}[mode]
    if units is None:
        return "NO_WEIGHT" if mode == "weight" else "NO_SIZE"
    if "divisor" in row:
        if of.cm3 is None:
            return "NO_SIZE"
        volumetric = 0
        while volumetric * row["divisor"] < of.cm3 * 1000:
            volumetric += 1
        units = max(units, volumetric)
    multiple = row.get("round_to", 1)
    lower = max(each for each in range(0, units + 1, multiple))
    upper = lower if lower == units else lower + multiple
    nearest = upper if units - lower >= upper - units else lower
    units = {"up": upper, "down": lower, "nearest": nearest}[row.get("rounding", "up")]
    tops = [(its["first"], its["first_fee"]), *((each["upto"], each["fee"]) for each in its.get("steps", []))]
    within = [paid for top, paid in tops if units <= top]
    if within:
        paid = within[0]
    elif "additional" not in its:
        return "NO_FREIGHT"
    else:
        top, paid = tops[-1]
        while top < units:
            top += its["additional"]
            paid += its["additional_fee"]
    paid *= its.get("discount", 10_000)
    whole = paid // 10_000
    paid = whole + 1 if paid - whole * 10_000 >= 5_000 else whole
    return max(paid, its.get("minimum", 0)) + its.get("surcharge", 0)


def a_row(random: Random) -> dict[str, Any]:
    first = random.randint(1, 30)
    its: dict[str, Any] = {"regions": ["*"], "first": first, "first_fee": random.randint(0, 900)}
    tops = sorted(random.sample(range(first + 1, first + 60), random.choice((0, 0, 1, 3))))
    its["steps"] = [{"upto": top, "fee": random.randint(0, 2_000)} for top in tops]
    if random.random() < 0.8:
        its |= {"additional": random.randint(1, 25), "additional_fee": random.randint(0, 300)}
    for name, most in (("surcharge", 200), ("minimum", 1_500), ("free_over", 300)):
        if random.random() < 0.3:
            its[name] = random.randint(0, most)
    if random.random() < 0.5:
        its["discount"] = random.choice((0, 1, 5_000, 8_333, 9_999, 10_000))
    row = template(its, mode=random.choice(("weight", "weight", "piece", "volume")))
    if row["mode"] == "weight" and random.random() < 0.6:
        row["divisor"] = random.choice((3_000, 6_000, 8_000, 12_000))
    return {**row, "round_to": random.choice((1, 5, 7, 10)), "rounding": random.choice(("up", "nearest", "down"))}


@settings(max_examples=400, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_fee_is_what_going_unit_by_unit_comes_to(random: Random) -> None:
    row = a_row(random)
    for _ in range(4):
        of = goods(random.choice((None, *range(1, 130))), random.choice((None, *range(1, 900))), random.randint(1, 130))
        amount = random.choice((None, *range(0, 400, 50)))
        assert fee(row, of, amount) == plainly(row, of, amount)


def test_every_kind_of_answer_comes_by_chance() -> None:
    """Else the property holds of nothing."""
    found: dict[str, int] = {}
    for seed in range(600):
        random = Random(seed)
        paid = plainly(a_row(random), goods(random.choice((None, *range(1, 130))), random.choice((None, 300))), 250)
        found[paid if isinstance(paid, str) else "free" if paid == 0 else "paid"] = 1
    assert {*found} == {"NO_WEIGHT", "NO_SIZE", "NO_FREIGHT", "free", "paid"}


#: Shapes of public price lists (首重 1 kg, 续重 1 kg or 0.5 kg, 抛比 6000 or 8000); their figures are examples, no carrier's own.
BY_HAND = [
    # 首重 1 kg 8 元, 续重 2 元/kg: at, and one gram above, each boundary.
    *((grams, fen, {}) for grams, fen in ((1, 800), (1000, 800), (1001, 1000), (2000, 1000), (2001, 1200), (9_999, 2600))),
    # 续重 0.5 kg 1.2 元, discount 85 %, rounded half up: 920 -> 782, 1040 -> 884.
    *((grams, fen, {"additional": 500, "additional_fee": 120, "discount": 8500}) for grams, fen in ((1500, 782), (1501, 884))),
    # 阶梯: up to 3 kg 10 元, up to 5 kg 14 元, then 2 元/kg.
    *(
        (grams, fen, {"steps": [{"upto": 3000, "fee": 1000}, {"upto": 5000, "fee": 1400}]})
        for grams, fen in ((1000, 800), (1001, 1000), (3000, 1000), (3001, 1400), (5000, 1400), (5001, 1600), (6001, 1800))
    ),
    # 偏远附加费 5 元 is not discounted, and the least is before it.
    (1000, 900, {"surcharge": 500, "discount": 5000}),
    (1000, 1200, {"surcharge": 500, "discount": 5000, "minimum": 700}),
]  # fmt: skip


@pytest.mark.parametrize(("grams", "fen", "its"), BY_HAND)
def test_a_fee_reckoned_by_hand(grams: int, fen: int, its: dict[str, Any]) -> None:
    row = template(zone(**{"first_fee": 800, "additional": 1000, "additional_fee": 200, **its}))
    assert fee(row, goods(grams)) == fen


@pytest.mark.parametrize(
    ("cm3", "grams", "divisor", "fen"),
    [
        # 30 x 20 x 10 cm are 6,000 cm3: of 6000 exactly 1 kg, of 8000 0.75 kg, of 12000 0.5 kg.
        *((6_000, 100, 6_000, 800), (6_001, 100, 6_000, 1000), (6_001, 100, 8_000, 800), (12_001, 100, 12_000, 1000)),
        # What weighs more counts.
        *((6_000, 2_500, 6_000, 1200), (18_000, 2_500, 6_000, 1200), (18_001, 2_500, 6_000, 1400)),
    ],
)
def test_of_weight_and_volumetric_weight_the_larger_counts(cm3: int, grams: int, divisor: int, fen: int) -> None:
    row = template(zone(first_fee=800, additional=1000, additional_fee=200), divisor=divisor)
    assert fee(row, goods(grams, cm3)) == fen


@pytest.mark.parametrize(
    ("rounding", "grams", "counted"),
    [
        *(("up", 1, 500), ("up", 500, 500), ("up", 501, 1000)),
        *(("down", 499, 0), ("down", 500, 500), ("down", 999, 500)),
        *(("nearest", 249, 0), ("nearest", 250, 500), ("nearest", 749, 500), ("nearest", 750, 1000)),
    ],
)
def test_what_is_counted_is_a_multiple(rounding: str, grams: int, counted: int) -> None:
    row = template(zone(), round_to=500, rounding=rounding)
    made = freight.compiled([document(Document, templates=[row])])["HZ1", "zto"]
    assert freight.chargeable(made, goods(grams)) == counted


def test_the_narrowest_zone_has_the_price_and_none_has_none() -> None:
    row = template(
        zone(regions=["浙江"], first_fee=1),
        zone(regions=["浙江/杭州"], first_fee=2),
        zone(regions=["广东"], first_fee=3),
    )
    made = freight.compiled([document(Document, templates=[row])])["HZ1", "zto"]
    asked = [("浙江省", "宁波市"), ("浙江省", "杭州市"), ("广东省", ""), ("四川省", "")]
    found = [freight.fee(made, region_of("CN", *names, "", ""), goods(1)) for names in asked]
    assert found == [1, 2, 3, "NO_FREIGHT"]


def test_free_over_is_of_what_the_order_is_worth() -> None:
    row = template(zone(free_over=9_900, surcharge=100))
    assert [fee(row, goods(1), amount) for amount in (None, 9_899, 9_900)] == [600, 600, 0]
