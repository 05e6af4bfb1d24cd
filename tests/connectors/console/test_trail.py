"""The audit: pages of it, by what it is asked for, and to whom each entry is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest

from connectors.console.permissions import Grant, Kind
from tests.connectors.console.conftest import OURS, Browser, Console, copy_of, serving
from tests.connectors.console.rows import fill, order_id

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SUBJECTS = (order_id(OURS), "taobao:nobodys", "user:li", "config:freight/main")
ACTIONS = ("order.hold", "order.release", "access.granted", "config.applied")


def _made() -> list[dict[str, Any]]:
    rng = Random(5)
    return [
        {
            # Several at the same moment.
            "at": NOON - timedelta(hours=rng.randrange(40)),
            "entry_id": f"entry-{n:03}",
            "correlation_id": f"c{n // 2}",
            "done_by": rng.choice(("li", "wang")),
            "action": rng.choice(ACTIONS),
            "subject": rng.choice(SUBJECTS),
            "reason": "=1+1 asked",
            "outcome": "done",
            "details": {"shops": "tea"},
        }
        for n in range(120)
    ]


ENTRIES = sorted(_made(), key=lambda it: (it["at"], it["entry_id"]), reverse=True)


async def _written(url: str) -> None:
    connection = await asyncpg.connect(url)
    await fill(connection, OURS)
    await connection.execute("DELETE FROM audit")
    for n, it in enumerate(ENTRIES):
        values = [json.dumps(value) if isinstance(value, dict) else value for value in it.values()]
        await connection.execute("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)", *values, n)
    await connection.close()


@pytest.fixture(scope="module")
def trail(postgres: str, with_roles: str) -> Iterator[Console]:
    with copy_of(postgres, with_roles) as url:
        asyncio.run(_written(url))
        with serving(url) as it:
            yield it


def ids(browser: Browser, limit: int = 17, **asked: str) -> list[str]:
    """Of all pages, one after another."""
    found: list[str] = []
    after = ""
    while True:
        page = browser.get("/api/audit", limit=limit, after=after, **asked).body
        assert len(page["rows"]) <= limit
        found += [row["entry_id"] for row in page["rows"]]
        after = page["next"]
        if after is None:
            return found


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"by": "li"},
        {"area": "order"},
        {"area": "ord"},
        {"subject": "user:li"},
        {"by": "wang", "area": "config", "subject": "taobao:nobodys"},
        {"from": (NOON - timedelta(hours=9)).isoformat(), "to": (NOON - timedelta(hours=2)).isoformat()},
    ],
)
def test_pages_have_what_is_asked_for_newest_first(trail: Console, asked: dict[str, str]) -> None:
    begins, ends = (datetime.fromisoformat(asked[name]) if name in asked else None for name in ("from", "to"))
    wanted = [
        it["entry_id"]
        for it in ENTRIES
        if asked.get("by", it["done_by"]) == it["done_by"]
        and asked.get("area", it["action"].partition(".")[0]) == it["action"].partition(".")[0]
        and asked.get("subject", it["subject"]) == it["subject"]
        and (begins is None or begins <= it["at"])
        and (ends is None or it["at"] < ends)
    ]
    assert ids(trail.signed_in(Grant("operator", Kind.ALL, "")), **asked) == wanted
    assert bool(wanted) is (asked.get("area") != "ord")


def test_who_is_of_a_shop_sees_what_was_done_about_its_orders_alone(trail: Console) -> None:
    ours = trail.signed_in(Grant("operator", Kind.SHOP, OURS))
    assert ids(ours) == [it["entry_id"] for it in ENTRIES if it["subject"] == order_id(OURS)]
    assert ids(ours, subject="user:li") == []
    assert ids(trail.signed_in(Grant("operator", Kind.SHOP, "none"))) == []


def test_a_row_says_all_that_the_entry_says(trail: Console) -> None:
    (row,) = trail.signed_in(Grant("operator", Kind.ALL, "")).get("/api/audit", limit=1).body["rows"]
    assert {**row, "at": datetime.fromisoformat(row["at"])} == ENTRIES[0]
