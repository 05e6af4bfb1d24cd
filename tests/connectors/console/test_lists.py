"""Dead writebacks, deliveries, listings, and the stock: pages of them, and what each row says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest

from connectors.console import deliveries, listings, paging, stock, writebacks
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


def _told() -> list[dict[str, Any]]:
    rng = Random(5)
    return [
        {
            "order_id": f"taobao:{n // 2}",
            "delivery_id": f"taobao.{n // 2}.1.HZ{n % 2}",
            "shop": rng.choice(("tea", "cups")),
            "channel": rng.choice(("taobao", "jd")),
            "warehouse": f"HZ{n % 2}",
            "phase": rng.choice(("DEAD", "DEAD", "TOO_LATE", "CREATED", "SHIPPED")),
            "outcome": rng.choice(("REFUSED", "RETRYABLE", None)),
            "code": rng.choice(("S0", "")),
            "at": DAY + timedelta(hours=rng.randrange(12)),
        }
        for n in range(60)
    ]


def _shown() -> list[dict[str, Any]]:
    rng = Random(6)
    return [
        {
            "sku": SKUS[n % len(SKUS)],
            "place": f"taobao/tea/{n}//",
            "shop": rng.choice(("tea", "cups")),
            "channel": rng.choice(("taobao", "jd")),
            "phase": rng.choice(("DEAD", "SHOWN", "RETRYING")),
            "wanted": 5,
            "told": rng.choice((5, 5, 7, None)),
            "differs": rng.choice((0, 0, 2)),
            "outcome": "REFUSED",
            "code": rng.choice(("E1", "E2")),
            "at": DAY + timedelta(hours=rng.randrange(12)),
        }
        for n in range(60)
    ]


DELIVERIES, LISTINGS = _told(), _shown()
_WANTS_A_PERSON = ("DEAD", "TOO_LATE")


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
    for n, it in enumerate(DELIVERIES):
        fields = ("order_id", "delivery_id", "channel", "shop", "warehouse", "phase", "outcome", "code", "at")
        await connection.execute(
            "INSERT INTO deliveries VALUES ($1, $2, $3, $4, $5, $6, '', 3, $7, $8, 'no', $9, NULL, $9, 0, $10)",
            *(*(it[field] for field in fields), n),
        )
    for n, it in enumerate(LISTINGS):
        fields = ("sku", "place", "channel", "shop", "phase", "wanted", "told", "differs", "outcome", "code", "at")
        await connection.execute(
            "INSERT INTO listings VALUES ($1, $2, $3, $4, 'i', '', '', $5, true, $6, $7, NULL, $8, 3, $9, $10, 'no', $11, NULL, NULL, "
            "NULL, 0, $12)",
            *(*(it[field] for field in fields), n),
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
    monkeypatch.setattr(paging, "CANDIDATES", candidates)
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


def _are(rows: list[dict[str, Any]], query: dict[str, str], stands: Any) -> list[dict[str, Any]]:
    """What a page should have: rows of a state that fit the query."""

    def fits(it: dict[str, Any]) -> bool:
        known = {**it, "cause": f"{it['outcome'] or ''}/{it['code']}", "q": it.get("order_id", it.get("sku"))}
        return stands(it) and all(known[name] == value for name, value in query.items() if name != "state")

    return [it for it in rows if fits(it)]


_DELIVERED = {
    "dead": lambda it: it["phase"] in _WANTS_A_PERSON,
    "open": lambda it: it["phase"] != "SHIPPED",
    "all": lambda it: True,
}
_LISTED = {
    "dead": lambda it: it["phase"] == "DEAD",
    "different": lambda it: it["phase"] != "SHOWN" or it["told"] != it["wanted"] or it["differs"],
    "all": lambda it: True,
}


@pytest.mark.parametrize("candidates", [5_000, 9])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"state": "open", "warehouse": "HZ1"},
        {"state": "all"},
        {"state": "all", "shop": "tea", "phase": "SHIPPED"},
        {"cause": "REFUSED/S0"},
        {"cause": "/"},
        {"state": "all", "q": "taobao:7"},
    ],
    ids=str,
)
def test_delivery_orders_each_once_as_their_state_sorts_them(
    everybody: Browser, query: dict[str, str], candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "CANDIDATES", candidates)
    state = query.get("state", "dead")
    found = _pages(everybody, "/api/deliveries", **query)
    fitting = _are(DELIVERIES, query, _DELIVERED[state])
    assert fitting
    assert sorted(row["delivery_id"] for row in found) == sorted(it["delivery_id"] for it in fitting)
    times = [row["changed_at" if state == "all" else "ship_by"] for row in found]
    assert times == sorted(times, reverse=state == "all")


@pytest.mark.parametrize("candidates", [5_000, 9])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"state": "different"},
        {"state": "all"},
        {"state": "different", "shop": "tea", "channel": "jd"},
        {"cause": "REFUSED/E1"},
        {"state": "all", "q": "SKU-03"},
    ],
    ids=str,
)
def test_what_shops_show_each_once_as_its_state_sorts_it(
    everybody: Browser, query: dict[str, str], candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "CANDIDATES", candidates)
    state = query.get("state", "dead")
    found = _pages(everybody, "/api/listings", **query)
    fitting = _are(LISTINGS, query, _LISTED[state])
    assert fitting
    assert sorted(row["place"] for row in found) == sorted(it["place"] for it in fitting)
    times = [row["changed_at"] for row in found]
    assert times == sorted(times, reverse=state == "all")


@pytest.mark.parametrize(
    ("path", "dead"),
    [
        ("/api/deliveries", [it for it in DELIVERIES if it["phase"] in _WANTS_A_PERSON]),
        ("/api/listings", [it for it in LISTINGS if it["phase"] == "DEAD"]),
    ],
)
def test_what_wants_a_person_is_counted_by_its_cause_and_a_cause_finds_what_it_counts(
    many: Console, everybody: Browser, path: str, dead: list[dict[str, Any]]
) -> None:
    counted = everybody.get(f"{path}/counts").body
    assert counted["total"] == len(dead)
    assert [each["items"] for each in counted["causes"]] == sorted(
        (each["items"] for each in counted["causes"]), reverse=True
    )
    for each in counted["causes"]:
        of_it = [it for it in dead if (it["outcome"], it["code"]) == (each["outcome"], each["code"])]
        assert each["items"] == len(of_it) == len(_pages(everybody, path, cause=each["cause"]))
        assert datetime.fromisoformat(each["first_at"]) == min(it["at"] for it in of_it)
    teas = many.signed_in(Grant("viewer", Kind.SHOP, "tea")).get(f"{path}/counts").body
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
            for state in ("dead", "open", "all"):
                asked = deliveries.Filters(state, warehouse="HZ1", cause="REFUSED/S0")
                await deliveries.page(Explaining(connection), shops, asked, None, 50)
            for state in ("dead", "different", "all"):
                await listings.page(Explaining(connection), shops, listings.Filters(state, q="SKU-03"), None, 50)
                await listings.page(Explaining(connection), shops, listings.Filters(state), None, 50)
            for way in (deliveries.DEAD, listings.DEAD):
                await paging.causes(Explaining(connection), way, "", "")
            await deliveries.of_order(Explaining(connection), "taobao:7")
            await stock.page(Explaining(connection), "", "", 50)
        await connection.close()

    asyncio.run(look())
    assert plans and not [line for line in plans if "Seq Scan" in line], "\n".join(plans)
