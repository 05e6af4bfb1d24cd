"""Dead writebacks, and the stock: pages of them, and what each row says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest

from connectors.console import stock, writebacks
from connectors.console.permissions import Grant, Kind, Shops
from tests.connectors.console.conftest import Browser, Console, copy_of, serving

DAY = datetime(2026, 11, 1, tzinfo=UTC)
SKUS = [f"SKU-{n:02}" for n in range(23)]


def _made() -> list[dict[str, Any]]:
    rng = Random(3)
    return [
        {
            "order_id": f"taobao:{n // 2}",
            # Two parcels of an order have the same deadline.
            "shipment_id": f"s{n}",
            "shop": rng.choice(("tea", "cups")),
            "channel": rng.choice(("taobao", "jd")),
            "outcome": rng.choice(("NUMBER_WRONG", "RETRYABLE")),
            "phase": rng.choice(("DEAD", "DEAD", "DEAD", "WRITTEN")),
            "ship_by": DAY + timedelta(hours=rng.randrange(12)),
        }
        for n in range(80)
    ]


PARCELS = _made()


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    for n, it in enumerate(PARCELS):
        await connection.execute(
            "INSERT INTO writebacks VALUES ($1, $2, $3, $4, 'HZ', 'SF', 'SF1', $5, 3, 4, $6, 'E1', 'the platform is closed', $7, $7, "
            "NULL, $7, 0, $8)",
            *(
                it["order_id"],
                it["shipment_id"],
                it["channel"],
                it["shop"],
                it["phase"],
                it["outcome"],
                it["ship_by"],
                n,
            ),
        )
    for name, priority in (("HZ", 2), ("GZ", 1)):
        await connection.execute(
            f"INSERT INTO warehouses VALUES ('{name}', 'x', 'y', 1, 1, NULL, true, {priority}, 1, 0, {priority})"
        )
        for sku in SKUS:
            await connection.execute("INSERT INTO stock VALUES ($1, $2, 1, 10, 3, 2, true, DEFAULT, 0, 1)", sku, name)
    await connection.close()


@pytest.fixture(scope="module")
def many(postgres: str, with_roles: str) -> Iterator[Console]:
    """A console over the rows above."""
    with copy_of(postgres, with_roles) as url:
        asyncio.run(_fill(url))
        with serving(url) as it:
            yield it


@pytest.fixture(scope="module")
def everybody(many: Console) -> Browser:
    return many.signed_in(Grant("operator", Kind.ALL, ""))


def _pages(browser: Browser, path: str, limit: int = 7, **query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = ""
    for _ in range(100):
        answer = browser.get(path, limit=limit, after=after, **query)
        assert answer.status == 200, answer
        rows += answer.body["rows"]
        after = answer.body["next"]
        if after is None:
            return rows
    raise AssertionError("pages without end")


@pytest.mark.parametrize(
    "query", [{}, {"shop": "tea"}, {"channel": "jd"}, {"outcome": "RETRYABLE"}, {"shop": "cups", "channel": "jd"}]
)
@pytest.mark.parametrize("candidates", [5_000, 9])
def test_dead_parcels_each_once_the_most_urgent_first(
    everybody: Browser, query: dict[str, str], candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writebacks, "_CANDIDATES", candidates)
    found = _pages(everybody, "/api/writebacks/dead", **query)
    fitting = [
        it for it in PARCELS if it["phase"] == "DEAD" and all(it[name] == value for name, value in query.items())
    ]
    assert sorted(row["shipment_id"] for row in found) == sorted(it["shipment_id"] for it in fitting)
    assert [row["ship_by"] for row in found] == sorted(row["ship_by"] for row in found)


def test_dead_parcels_are_counted_by_what_was_answered(many: Console, everybody: Browser) -> None:
    counted = everybody.get("/api/writebacks/dead/counts").body
    dead = [it for it in PARCELS if it["phase"] == "DEAD"]
    assert counted["total"] == len(dead)
    for each in counted["outcomes"]:
        fitting = [it for it in dead if it["outcome"] == each["outcome"]]
        assert each["parcels"] == len(fitting)
        assert datetime.fromisoformat(each["most_urgent"]) == min(it["ship_by"] for it in fitting)
    teas = many.signed_in(Grant("viewer", Kind.SHOP, "tea")).get("/api/writebacks/dead/counts").body
    assert teas["total"] == sum(it["shop"] == "tea" for it in dead)


def test_a_reason_is_in_the_browsers_language(everybody: Browser) -> None:
    row = everybody.ask("GET", "/api/writebacks/dead?limit=1", Accept_Language="zh").body["rows"][0]
    assert row["requests"] == 4 and row["attempt"] == 3


def test_the_stock_is_a_matrix(many: Console, everybody: Browser) -> None:
    found = _pages(everybody, "/api/stock")
    assert [row["sku"] for row in found] == SKUS
    cell = {"on_hand": 10, "reserved": 3, "safety_stock": 2, "sellable": 5, "open": True, "version": 1}
    assert found[0]["cells"] == [{"warehouse": "GZ", **cell}, {"warehouse": "HZ", **cell}]
    one = everybody.get("/api/stock", sku=" SKU-07 ").body
    assert [row["sku"] for row in one["rows"]] == ["SKU-07"] and one["next"] is None
    # Columns as plans prefer them.
    assert [it["warehouse"] for it in one["warehouses"]] == ["GZ", "HZ"]
    # Of the whole company, wherever it is granted; and only to who was granted it.
    assert many.signed_in(Grant("operator", Kind.SHOP, "tea")).get("/api/stock").status == 200
    assert many.signed_in(Grant("viewer", Kind.ALL, "")).get("/api/stock").status == 403


@pytest.mark.parametrize("shops", [Shops(True, frozenset()), Shops(False, frozenset({"tea"}))], ids=["all", "one"])
def test_no_page_looks_at_a_whole_table(many: Console, shops: Shops) -> None:
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
            await connection.execute("SELECT set_config('penstock.all_shops', 'on', true)")
            await writebacks.page(Explaining(connection), shops, writebacks.Filters(outcome="RETRYABLE"), None, 50)
            await writebacks.counts(Explaining(connection), "", "")
            await stock.page(Explaining(connection), "", "", 50)
        await connection.close()

    asyncio.run(look())
    assert plans and not [line for line in plans if "Seq Scan" in line], "\n".join(plans)
