"""Documents, orders and warehouses by chance, small enough that conditions meet, shelves run out and scores tie."""

from __future__ import annotations

from random import Random
from typing import Any

from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts, WarehouseFacts
from streams.domain.routing.tables.coverage import Match
from streams.domain.routing.tables.reckoning import Offer, Reckoned

CHANNELS, PROVINCES, SKUS = ("taobao", "jd", "pdd"), ("浙江省", "广东省", "四川省"), ("A", "B", "C")
SHORT = {"浙江省": "浙江", "广东省": "Guangdong", "四川省": "四川"}
CODES = tuple(f"W{number}" for number in range(6))
CARRIERS, AREAS, KINDS = ("sf", "zto"), ("remote", "blocked"), ("tea", "mugs")
HOUR_MS = 3_600_000
NOW_MS = 1_764_500_000_000


def some(random: Random, among: tuple[str, ...]) -> list[str]:
    return random.sample(among, random.randint(1, len(among)))


def condition(random: Random) -> dict[str, Any]:
    kind = random.choice(
        (
            *("channel", "province", "total_minor", "pieces", "cod", "ship_by_minutes", "sku", "quantity", "gift"),
            *("weekday", "category", "brand", "area", "weight", "volume", "gross_profit", "carrier_reachable"),
        )
    )
    found: dict[str, Any] = {"field": kind}
    names = {"channel": CHANNELS, "province": PROVINCES, "sku": SKUS, "category": KINDS, "brand": KINDS, "area": AREAS}
    if kind in names:
        among = names[kind]
        found["in"] = [SHORT.get(name, name) for name in some(random, among)]
    elif kind in ("cod", "gift", "carrier_reachable"):
        found["is"] = random.random() < 0.5
    else:
        low, high = sorted(
            random.randint(
                0,
                {"total_minor": 900, "ship_by_minutes": 300, "weight": 40, "volume": 40, "gross_profit": 400}.get(
                    kind, 7
                ),
            )
            for _ in "ab"
        )
        found |= random.choice(({"at_least": low}, {"at_most": high}, {"at_least": low, "at_most": high}))
    if kind in ("sku", "quantity", "gift", "category", "brand") and random.random() < 0.5:
        found["lines"] = random.choice(("any", "all"))
    if random.random() < 0.3:
        found["not"] = True
    return found


def a_filter(random: Random, tables: list[str]) -> dict[str, Any]:
    name = random.choice(
        (
            "distance",
            "warehouses",
            "warehouse_province",
            "same_province",
            "keep_back",
            "covers",
            "capacity_left",
            "load",
            "table",
            *("coverage", "eta", "cutoff", "calendar", "daily_capacity", "carrier", "ability", "min_margin"),
        )
    )
    if name == "table" and not tables:
        name = "distance"
    given: dict[str, Any] = {
        "distance": {"metres": random.randint(0, 9) * 100},
        "warehouses": {"in": some(random, CODES), "not": random.random() < 0.5},
        "warehouse_province": {"in": some(random, PROVINCES), "not": random.random() < 0.5},
        "same_province": {},
        "keep_back": {"pieces": random.randint(1, 2)},
        "covers": {"at_least": random.choice((1, 3334, 5000, 10_000))},
        "capacity_left": {"at_least": random.randint(1, 4)},
        "load": {"at_most": random.choice((0, 5000, 9000))},
        "table": {"table": random.choice(tables) if tables else ""},
        "coverage": {"narrowest": random.random() < 0.5},
        "eta": {"minutes": random.randint(0, 9)},
        "cutoff": {"by": random.choice(("today", "ship_by"))},
        "calendar": {"minutes": random.randint(0, 3)},
        "daily_capacity": {"at_least": random.randint(1, 4)},
        "carrier": random.choice(({}, {"in": some(random, CARRIERS)})),
        "ability": random.choice(({}, {"in": ["cold"]})),
        "min_margin": {"minor": random.randint(0, 300)},
    }[name]
    return {"filter": name, **given}


def rank(random: Random, tables: list[str]) -> dict[str, Any]:
    mode = random.choice(("lexicographic", "banded", "weighted"))
    names = [
        "distance",
        "priority",
        "covers",
        "stock",
        "capacity_left",
        "load",
        "same_province",
        "sequence",
        *("freight", "eta", "goods_cost", "handling_cost", "day_left", "region_priority"),
        *["table"] * bool(tables),
    ]
    criteria = []
    for name in random.sample(names, random.randint(1, 3)):
        criterion: dict[str, Any] = {"by": name}
        if name == "sequence":
            criterion["warehouses"] = some(random, CODES)
        if name == "table":
            criterion["table"] = random.choice(tables)
        if mode == "weighted":
            criterion["weight"] = random.choice((0, 1, 3000, 10_000))
        if mode == "banded" and random.random() < 0.7:
            criterion["bands"] = sorted(
                random.sample(range(0, 900, 100), random.randint(1, 3))
                if name == "distance"
                else random.sample(range(6), 2)
            )
        criteria.append(criterion)
    return {"mode": mode, "criteria": criteria}


def choice(random: Random, tables: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"rank": rank(random, tables)}
    if random.random() < 0.7:
        found["filters"] = [a_filter(random, tables) for _ in range(random.randint(0, 2))]
    allocate: dict[str, Any] = {"split": random.choice(("most_first", "in_order", "fewest"))}
    if random.random() < 0.4:
        allocate["max_parcels"] = random.randint(1, 3)
    if random.random() < 0.4:
        allocate["carrier"] = random.choice(("cheapest", "fastest"))
    if random.random() < 0.5:
        allocate["keep_together"] = random.choice(("nothing", "line", "bundle"))
    if random.random() < 0.3:
        allocate["min_value"] = random.choice((0, 100, 250))
    return {**found, "allocate": allocate}


def document(random: Random) -> dict[str, Any]:
    """It may have faults: who needs one without asks ``lint``."""
    tables = [
        {
            "name": f"t{number}",
            "rows": [
                {"when": [condition(random) for _ in range(random.randint(0, 2))], "warehouses": some(random, CODES)}
                for _ in range(random.randint(1, 4))
            ],
        }
        for number in range(random.choice((0, 1, 1)))
    ]
    names = [table["name"] for table in tables]
    strategies = [
        {
            "name": f"s{number}",
            "when": [condition(random) for _ in range(random.randint(0, 2))],
            "then": {each: random.choice(("next", "next", "backorder")) for each in ("partial", "none")},
            **choice(random, names),
        }
        for number in range(random.randint(0, 3))
    ]
    return {"version": 1, "name": "made", "tables": tables, "strategies": strategies, "default": choice(random, names)}


def facts(random: Random) -> Facts:
    lines = tuple(
        LineFacts(
            str(number),
            random.choice(SKUS),
            random.randint(1, 4),
            random.choice((0, 50, 100)),
            random.choice(("", "", "b")),
            *(random.choice((None, 1, 5, 9)) if random.random() < 0.5 else 5 for _ in range(3)),
            *(random.choice(("", *KINDS)) for _ in range(2)),
        )
        for number in range(random.randint(1, 4))
    )
    order = OrderFacts(
        lines,
        channel=random.choice(CHANNELS),
        province=random.choice((*PROVINCES, "")),
        total_minor=random.choice((None, *range(0, 1000, 100))),
        collect_minor=random.choice((None, None, 100)),
        ship_by_ms=random.choice((None, NOW_MS - HOUR_MS, NOW_MS + 2 * HOUR_MS)),
        area=random.choice(("", *AREAS)),
    )
    warehouses = tuple(warehouse(random, code) for code in random.sample(CODES, random.randint(0, len(CODES))))
    looked = random.random() < 0.9
    tables = {code: reckoned(random) for code in CODES if looked and random.random() < 0.9}
    return Facts(order, warehouses, NOW_MS + random.randint(0, 170) * HOUR_MS, {"config.warehouses": 3}, tables)


def reckoned(random: Random) -> Reckoned:
    """Figures that tie, and reasons in their place."""

    def figure(most: int, reason: str) -> int | str:
        return reason if random.random() < 0.15 else random.randint(0, most)

    offers = [
        Offer(carrier, figure(4, "NO_FREIGHT"), figure(2_000, "CLOSED"), figure(12, "NO_ETA"), "")
        for carrier in random.sample(CARRIERS, random.randint(0, 2))
    ]
    last = 10**30

    def first(offer: Offer, *names: str) -> list[Any]:
        figures = [getattr(offer, name) for name in names]
        return [*(last if isinstance(each, str) else each for each in figures), offer.carrier]

    unable = sorted({*CARRIERS} - {offer.carrier for offer in offers})
    return Reckoned(
        tuple(sorted(offers, key=lambda offer: first(offer, "freight", "arrives"))),
        tuple(sorted(offers, key=lambda offer: first(offer, "arrives", "freight"))),
        tuple((carrier, random.choice(("TOO_HEAVY", "NO_WEIGHT"))) for carrier in unable if random.random() < 0.7),
        random.choice(("NOT_COVERED", Match(1, 3), Match(2, 0), Match(2, 1), Match(4, 1))),
        figure(4, "NO_CALENDAR"),
        random.choice((None, "NO_COUNT", 0, 2, 5)),
        random.choice(("", "", "", "cold", "NO_PRODUCT")),
        random.choice(((), ("cold",))),
        figure(90, "NO_COST"),
        figure(200, "NO_HANDLING"),
    )


def warehouse(random: Random, code: str) -> WarehouseFacts:
    return WarehouseFacts(
        code,
        {sku: random.randint(1, 9) for sku in SKUS if random.random() < 0.6},
        random.choice(PROVINCES),
        random.randint(0, 2),
        enabled=random.random() < 0.9,
        set_up=random.random() < 0.95,
        open_units=random.randint(0, 5),
        max_open_units=random.choice((None, None, 3, 8, 10)),
        metres=random.choice((None, 0, *range(100, 900, 100))),
    )
