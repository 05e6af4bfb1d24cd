"""The review queue: pages of it, counts, one item; as the tables have it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from connectors.console import reviews
from connectors.console.permissions import Grant, Kind, Shops
from tests.connectors.console.conftest import OURS, Browser, Console, copy_of, serving
from tests.connectors.console.rows import record

DAY = datetime(2026, 11, 1, tzinfo=UTC)
CODES = ("unknown_sku", "missing_field", "conflicting_content")


def _made() -> list[dict[str, Any]]:
    rng = Random(5)
    return [
        {
            "record": f"orders.review/{n % 2}@{n}",
            # What nobody can say the shop of is there too.
            "shop": rng.choice(("tea", "cups", "")),
            "channel": rng.choice(("taobao", "jd")),
            "codes": rng.sample(CODES, rng.choice((1, 2))),
            "received_at": DAY + timedelta(hours=rng.randrange(20)),
            "state": rng.choice(("open", "open", "resubmitted", "discarded")),
            "state_at": DAY + timedelta(days=3, hours=rng.randrange(20)),
        }
        for n in range(90)
    ]


ITEMS = _made()


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    for n, it in enumerate(ITEMS):
        await connection.execute(
            "INSERT INTO review_queue (record, order_id, channel, shop, order_no, codes, reasons, received_at, source_topic, "
            "source_partition, source_offset, log_partition, log_offset, state, state_at, state_by, state_reason, state_entry) "
            "VALUES ($1, $2, $3, $4, '1', $5, '[]', $6, 't', 0, 0, 0, $7, $8, $9, 'li', 'r', 'e')",
            *(it["record"], f"{it['channel']}:{n}", it["channel"], it["shop"], it["codes"], it["received_at"], n),
            *(it["state"], it["state_at"]),
        )
    # An audit entry that was read before its item.
    await connection.execute(
        "INSERT INTO review_queue (record, state, state_at) VALUES ('orders.review/9@9', 'discarded', now())"
    )
    await connection.close()


@pytest.fixture(scope="module")
def many(postgres: str, with_roles: str) -> Iterator[Console]:
    """A console over the items above."""
    with copy_of(postgres, with_roles) as url:
        asyncio.run(_fill(url))
        with serving(url) as it:
            yield it


def _pages(browser: Browser, limit: int = 7, **query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = ""
    for _ in range(200):
        answer = browser.get("/api/reviews", limit=limit, after=after, **query)
        assert answer.status == 200, answer
        rows += answer.body["rows"]
        after = answer.body["next"]
        if after is None:
            return rows
    raise AssertionError("pages without end")


FILTERS: dict[str, tuple[dict[str, str], Any]] = {
    "what is open": ({}, lambda it: it["state"] == "open"),
    "of a shop": ({"shop": "tea"}, lambda it: it["state"] == "open" and it["shop"] == "tea"),
    "of a channel": ({"channel": "jd"}, lambda it: it["state"] == "open" and it["channel"] == "jd"),
    "with a reason": ({"reason": "unknown_sku"}, lambda it: it["state"] == "open" and "unknown_sku" in it["codes"]),
    "what is settled": ({"state": "settled"}, lambda it: it["state"] != "open"),
    "all at once": (
        {"state": "settled", "shop": "cups", "channel": "jd", "reason": "missing_field"},
        lambda it: (
            (it["state"] != "open", it["shop"], it["channel"]) == (True, "cups", "jd")
            and "missing_field" in it["codes"]
        ),
    ),
}


@pytest.mark.parametrize("what", FILTERS)
@pytest.mark.parametrize("candidates", [5_000, 9])
def test_filters_find_what_fits_each_once(
    many: Console, what: str, candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "_CANDIDATES", candidates)
    query, fits = FILTERS[what]
    found = _pages(many.signed_in(Grant("viewer", Kind.ALL, "")), **query)
    assert sorted(row["record"] for row in found) == sorted(it["record"] for it in ITEMS if fits(it))
    settled = query.get("state") == "settled"
    keys = [(row["state_at" if settled else "received_at"], row["record"]) for row in found]
    assert keys == sorted(keys, reverse=settled)


def test_counts_are_those_of_what_one_sees(many: Console) -> None:
    def counted(fits: Any) -> dict[str, int]:
        return {code: count for code in CODES if (count := sum(code in it["codes"] for it in ITEMS if fits(it)))}

    def is_open(it: dict[str, Any]) -> bool:
        return bool(it["state"] == "open")

    everybody, teas = many.signed_in(Grant("viewer", Kind.ALL, "")), many.signed_in(Grant("viewer", Kind.SHOP, "tea"))
    for browser, query, fits in (
        (everybody, {}, is_open),
        (everybody, {"channel": "jd"}, lambda it: is_open(it) and it["channel"] == "jd"),
        (teas, {}, lambda it: is_open(it) and it["shop"] == "tea"),
        (teas, {"shop": "cups"}, lambda it: False),
    ):
        answer = browser.get("/api/reviews/counts", **query).body
        assert {each["code"]: each["items"] for each in answer["reasons"]} == counted(fits)
        chosen = [it for it in ITEMS if fits(it)]
        assert answer["total"] == len(chosen)
        oldest = min((it["received_at"] for it in chosen), default=None)
        assert answer["oldest"] == (oldest and oldest.isoformat().replace("+00:00", "Z"))
    titles = [
        each["title"] for each in everybody.ask("GET", "/api/reviews/counts", Accept_Language="zh").body["reasons"]
    ]
    assert "没有此 SKU" in titles


@pytest.mark.parametrize("state", ["open", "settled"])
@pytest.mark.parametrize("shops", [Shops(True, frozenset()), Shops(False, frozenset({"tea"}))], ids=["all", "one"])
def test_no_page_looks_at_a_whole_table(many: Console, state: str, shops: Shops) -> None:
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
            await reviews.page(
                Explaining(connection), shops, reviews.Filters(state=state, reason="unknown_sku"), None, 50
            )
            await reviews.counts(Explaining(connection), "", "")
        await connection.close()

    asyncio.run(look())
    assert plans and not [line for line in plans if "Seq Scan" in line], "\n".join(plans)


def test_an_item_has_every_reason_and_masks_what_may_tell_of_a_person(fresh: Console) -> None:
    browser = fresh.signed_in(Grant("viewer", Kind.SHOP, OURS))
    answer = browser.get(f"/api/reviews/{record(OURS)}")
    assert answer.status == 200, answer
    it = answer.body
    (reason,) = it["reasons"]
    assert (reason["code"], reason["field"]) == ("unknown_sku", f"{OURS}-1")
    assert it["event"]["order_no"] == f"{OURS}-1" and it["event"]["payload_bytes"] == len(f"{OURS}-1")
    fresh.sql(
        'UPDATE review_queue SET reasons = \'[{"code": "bad_phone", "field": "f", "value": "13800138000", "fix": "x"}]\' '
        f"WHERE shop = '{OURS}'"
    )
    assert "13800138000" not in browser.get(f"/api/reviews/{record(OURS)}").text
    assert browser.ask("POST", f"/api/reviews/{record(OURS)}/original").status == 403


def test_original_bytes_are_shown_after_they_are_on_record(console: Console) -> None:
    browser = console.signed_in(Grant("service", Kind.SHOP, OURS))
    console.audit.seen.clear()
    shown = browser.ask("POST", f"/api/reviews/{record(OURS)}/original")
    assert shown.status == 200 and shown.body["text"] == f"{OURS}-1" and shown.body["how"] == "the bytes as they came"
    assert [subject for subject, _ in console.audit.seen] == [f"taobao:{OURS}-1"]
    console.audit.seen.clear()
    console.audit.away = True
    try:
        assert browser.ask("POST", f"/api/reviews/{record(OURS)}/original").body["code"] == "kafka_away"
    finally:
        console.audit.away = False


def test_what_has_been_emptied_is_said_and_shown_no_more(fresh: Console) -> None:
    browser = fresh.signed_in(Grant("service", Kind.SHOP, OURS))
    fresh.sql(f"UPDATE review_originals SET event = '' WHERE shop = '{OURS}'")
    assert browser.get(f"/api/reviews/{record(OURS)}").body["event"] is None
    assert browser.ask("POST", f"/api/reviews/{record(OURS)}/original").status == 404


@pytest.mark.parametrize("name", ["orders.review/0@", "audit/0@1", "0@1", "orders.review/0@1 OR 1=1"])
def test_what_names_no_item_is_refused(console: Console, name: str) -> None:
    assert console.signed_in(Grant("viewer", Kind.ALL, "")).get(f"/api/reviews/{quote(name)}").status == 422


def test_nobody_moves_an_event_into_a_shop_that_is_not_theirs(console: Console) -> None:
    browser = console.signed_in(Grant("operator", Kind.SHOP, OURS))
    for what in ("check", "fix"):
        answer = browser.ask("POST", f"/api/reviews/{record(OURS)}/{what}", {"because": "x", "shop": "theirs"})
        assert (answer.status, answer.body["field"]) == (403, "shop")
