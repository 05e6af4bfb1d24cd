"""The list of orders: what the filters find is what a filter in Python finds, page by page; and no page is a look at a whole table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest

from connectors.console import orders
from connectors.console.permissions import Grant, Kind, Shops
from tests.connectors.console.conftest import Browser, Console, copy_of, serving

DAY = datetime(2026, 11, 1, tzinfo=UTC)
SHOPS = {"tea": "taobao", "cups": "jd", "pots": "pdd"}
PHASES = ("ALLOCATED", "SHIPPED", "HELD", None)
COUNT = 160


def _made() -> list[dict[str, Any]]:
    rng = Random(7)
    made = []
    for n in range(COUNT):
        shop = rng.choice(list(SHOPS))
        made.append(
            {
                "order_id": f"{SHOPS[shop]}:{n:04}",
                "order_no": f"{n:04}",
                "shop": shop,
                "channel": SHOPS[shop],
                # Many at the same moment: what comes after one of them is decided by its id.
                "placed_at": DAY + timedelta(hours=rng.randrange(40)),
                "changed_at": DAY + timedelta(days=2, hours=rng.randrange(30)),
                "status": rng.choice(PHASES),
                "sku": rng.choice(("MUG", "POT", "LEAF")),
                "tracking_no": f"SF{n:04}",
                # Of its first attempt, and of its last.
                "warehouses": (rng.choice(("HZ", "GZ")), rng.choice(("HZ", "GZ", "CD"))),
                # Every seventh was split in its last decision, every fifth in its first; every third has two parts from one warehouse.
                "more": {1: ["XA"] * (n % 5 == 0), 2: ["SY"] * (n % 7 == 0), "again": n % 3 == 0},
            }
        )
    return made


ORDERS = _made()


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    for n, o in enumerate(ORDERS):
        await connection.execute(
            "INSERT INTO orders VALUES ($1, $2, $3, $4, 1, 'PAID', NULL, 'CNY', 9900, $5, NULL, NULL, 'CN', 'Zhejiang', 'Hangzhou', $5, "
            "'t', 0, $6, 0, $6)",
            *(o["order_id"], o["channel"], o["shop"], o["order_no"], o["placed_at"], n),
        )
        await connection.execute(
            "INSERT INTO order_lines (order_id, line_no, position, shop, sku, title, quantity, unit_price_minor, returned_quantity, "
            "log_partition, log_offset) VALUES ($1, '1', 0, $2, $3, 'a title', 1, 9900, 0, 0, $4)",
            *(o["order_id"], o["shop"], o["sku"], n),
        )
        if o["status"]:
            await connection.execute(
                "INSERT INTO order_status VALUES ($1, $2, $3, $4, 'the platform holds it: refund asked for', 1, $5, 0, $6)",
                *(o["order_id"], o["channel"], o["shop"], o["status"], o["changed_at"], n),
            )
        for attempt, warehouse in enumerate(o["warehouses"], 1):
            await connection.execute(
                "INSERT INTO allocations VALUES ($1, $2, $3, $4, 1, 'ALLOCATED', 1, NULL, '{\"rounds\": []}', $5, $5, 0, $6)",
                *(o["order_id"], attempt, o["channel"], o["shop"], o["placed_at"], 2 * n + attempt),
            )
            await connection.execute(
                "INSERT INTO allocation_parts VALUES ($1, $2, $3, $4, '1', $5, $6, 1, 0, $7)",
                *(o["order_id"], attempt, f"r{attempt}", o["shop"], o["sku"], warehouse, 2 * n + attempt),
            )
            for number, part in enumerate([*o["more"][attempt], *([warehouse] if o["more"]["again"] else [])]):
                await connection.execute(
                    "INSERT INTO allocation_parts VALUES ($1, $2, $3, $4, '1', $5, $6, 1, 0, $7)",
                    *(o["order_id"], attempt, f"r{attempt}/{number}", o["shop"], o["sku"], part, 2 * n + attempt),
                )
        await connection.execute(
            "INSERT INTO shipments VALUES ($1, 's', 'HZ', 'SF', $2, $3, 0, $4)",
            *(o["order_id"], o["tracking_no"], o["placed_at"], n),
        )
    await connection.execute("INSERT INTO sink_positions VALUES ('penstock', 'orders', 0, 1, '2026-11-30T08:00Z')")
    await connection.close()


@pytest.fixture(scope="module")
def many(postgres: str, with_roles: str) -> Iterator[Console]:
    """A console over the orders above."""
    with copy_of(postgres, with_roles) as url:
        asyncio.run(_fill(url))
        with serving(url) as it:
            yield it


@pytest.fixture(scope="module")
def everybody(many: Console) -> Browser:
    return many.signed_in(Grant("viewer", Kind.ALL, ""))


def _pages(browser: Browser, limit: int = 7, **query: str) -> list[dict[str, Any]]:
    """All rows, page by page."""
    rows: list[dict[str, Any]] = []
    after = ""
    for _ in range(200):
        answer = browser.get("/api/orders", limit=limit, after=after, **query)
        assert answer.status == 200, answer
        assert len(answer.body["rows"]) <= limit
        rows += answer.body["rows"]
        after = answer.body["next"]
        if after is None:
            return rows
    raise AssertionError("pages without end")


FILTERS: dict[str, tuple[dict[str, str], Any]] = {
    "nothing": ({}, lambda o: True),
    "a shop": ({"shop": "tea"}, lambda o: o["shop"] == "tea"),
    "a channel": ({"channel": "jd"}, lambda o: o["channel"] == "jd"),
    "a status": ({"status": "HELD"}, lambda o: o["status"] == "HELD"),
    "a warehouse of the last decision": ({"warehouse": "HZ"}, lambda o: o["warehouses"][-1] == "HZ"),
    "several warehouses of the last decision": ({"split": "true"}, lambda o: bool(o["more"][2])),
    "however many warehouses": ({"split": "false"}, lambda o: True),
    "several warehouses, one of them": (
        {"split": "true", "warehouse": "HZ"},
        lambda o: bool(o["more"][2]) and o["warehouses"][-1] == "HZ",
    ),
    "days": (
        {"from": "2026-11-01T05:00:00Z", "to": "2026-11-01T20:00:00+00:00"},
        lambda o: DAY + timedelta(hours=5) <= o["placed_at"] < DAY + timedelta(hours=20),
    ),
    "days and a status": (
        {"from": "2026-11-01T05:00:00Z", "status": "SHIPPED"},
        lambda o: DAY + timedelta(hours=5) <= o["placed_at"] and o["status"] == "SHIPPED",
    ),
    "all at once": (
        {"shop": "cups", "channel": "jd", "status": "ALLOCATED", "warehouse": "GZ"},
        lambda o: (o["shop"], o["status"], o["warehouses"][-1]) == ("cups", "ALLOCATED", "GZ"),
    ),
    "a SKU": ({"q": "MUG"}, lambda o: o["sku"] == "MUG"),
    "a SKU and a status": ({"q": "MUG", "status": "HELD"}, lambda o: (o["sku"], o["status"]) == ("MUG", "HELD")),
    "a number": ({"q": " 0042 "}, lambda o: o["order_no"] == "0042"),
    "an id": ({"q": ORDERS[3]["order_id"]}, lambda o: o is ORDERS[3]),
    "a waybill": ({"q": "SF0017"}, lambda o: o["tracking_no"] == "SF0017"),
    "what there is none of": ({"q": "no such"}, lambda o: False),
    "a shop that there is none of": ({"shop": "nowhere"}, lambda o: False),
}


@pytest.mark.parametrize("what", FILTERS)
@pytest.mark.parametrize("candidates", [5_000, 9])
def test_filters_find_what_fits_each_once_newest_first(
    everybody: Browser, what: str, candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Few candidates a page: pages then end where their candidates do.
    monkeypatch.setattr(orders, "_CANDIDATES", candidates)
    query, fits = FILTERS[what]
    found = _pages(everybody, **query)
    assert sorted(row["order_id"] for row in found) == sorted(o["order_id"] for o in ORDERS if fits(o))
    by = "changed_at" if "status" in query and "q" not in query else "placed_at"
    keys = [(row[by], row["order_id"]) for row in found]
    assert keys == sorted(keys, reverse=True)


def test_one_of_two_shops_is_a_list_of_them(many: Console) -> None:
    two = many.signed_in(Grant("viewer", Kind.SHOP, "tea"), Grant("viewer", Kind.SHOP, "pots"))
    assert {row["shop"] for row in _pages(two)} == {"tea", "pots"}
    assert {row["shop"] for row in _pages(two, q="MUG")} == {"tea", "pots"}
    assert _pages(two, shop="cups") == []


def test_a_row_says_what_the_tables_do(everybody: Browser) -> None:
    answer = everybody.get("/api/orders", q=ORDERS[5]["order_id"])
    made = ORDERS[5]
    assert answer.body["as_of"] == "2026-11-30T08:00:00Z"
    (row,) = answer.body["rows"]
    assert row["status"] == made["status"] and row["total_minor"] == 9900 and row["currency"] == "CNY"
    assert row["warehouses"] == [made["warehouses"][-1]]
    assert row["placed_at"] == made["placed_at"].isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"after": "nonsense"}, "after", "bad_cursor"),
        ({"after": "WyJhIiwgImIiXQ"}, "after", "bad_cursor"),
        ({"limit": "0"}, "limit", "wrong_value"),
        ({"limit": "1000"}, "limit", "wrong_value"),
        ({"from": "2026-11-01T05:00:00"}, "from", "wrong_value"),
        ({"q": "x" * 300}, "q", "wrong_value"),
        ({"q": "\0"}, "q", "wrong_value"),
        ({"split": "perhaps"}, "split", "wrong_value"),
    ],
)
def test_what_cannot_be_looked_for_is_named(everybody: Browser, query: dict[str, str], field: str, code: str) -> None:
    answer = everybody.get("/api/orders", **query)
    assert (answer.status, answer.body["code"], answer.body["field"]) == (422, code, field)


WAYS = {
    "all": orders.Filters(),
    "a shop": orders.Filters(shop="tea"),
    "a status": orders.Filters(status="HELD"),
    "a SKU": orders.Filters(q="MUG"),
    "a warehouse": orders.Filters(warehouse="HZ", channel="jd"),
    "several warehouses": orders.Filters(split=True),
}


@pytest.mark.parametrize("what", WAYS)
@pytest.mark.parametrize(
    "shops", [Shops(True, frozenset()), Shops(False, frozenset({"tea", "pots"}))], ids=["all", "some"]
)
def test_no_page_looks_at_a_whole_table(many: Console, what: str, shops: Shops) -> None:
    """As the planner sees it with its policies; small tables are always read whole, unless that is dear."""
    plans: list[str] = []

    class Explaining:
        def __init__(self, connection: asyncpg.Connection) -> None:
            self._connection = connection

        async def fetch(self, query: str, *values: Any) -> Any:
            plans.extend(row[0] for row in await self._connection.fetch(f"EXPLAIN {query}", *values))
            return await self._connection.fetch(query, *values)

    async def look() -> None:
        connection = await asyncpg.connect(many.database)
        async with connection.transaction():
            await connection.execute("SET LOCAL ROLE penstock_console; SET LOCAL enable_seqscan = off")
            await connection.execute(
                "SELECT set_config('penstock.shops', $1, true), set_config('penstock.all_shops', $2, true)",
                *("\x1f".join(shops.names), "on" if shops.everywhere else "off"),
            )
            await orders.page(Explaining(connection), shops, WAYS[what], None, 50)
        await connection.close()

    asyncio.run(look())
    assert plans
    assert not [line for line in plans if "Seq Scan" in line], "\n".join(plans)
