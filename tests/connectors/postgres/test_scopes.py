"""What the console's roles see is their shops' rows, whatever they ask; everybody else sees and writes what they did."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random

import asyncpg
import pytest

from connectors.postgres import roles, scopes
from connectors.postgres.schema import migrate
from connectors.postgres.tables import TABLES
from streams.ops.sinks import Partition
from tests.connectors.console.rows import fill
from tests.connectors.postgres.fold import expected, stored
from tests.connectors.postgres.records import batches, interleaved, of_history, spans_of
from tests.connectors.postgres.test_rights import Login, login
from tests.connectors.postgres.test_sink import SEEDS, asking, opened, take

__all__ = ["login"]

SHOPS = ("aaashop", "bbbshop")
#: What the second role is for.
REVEALED = ("order_receivers", "review_queue", "review_originals", "orders")


@pytest.fixture
def scoped(hub: str) -> Iterator[str]:
    """A database with roles, and a row of each of two shops in every table that has a scope."""

    async def made() -> None:
        await roles.make(hub)
        await migrate(hub)
        async with asking(hub) as owner:
            for shop in SHOPS:
                await fill(owner, shop)
            # A record that does not say its shop is its order's.
            for table in ("order_events", "writeback_events", "delivery_events"):
                await owner.execute(f"UPDATE {table} SET shop = NULL")

    asyncio.run(made())
    yield hub


def test_every_table_has_a_scope_or_says_why_not() -> None:
    known = [*scopes.SCOPES, *scopes.FOR_ALL, *scopes.CLOSED]
    assert len(known) == len(set(known))
    assert set(known) == roles.RELATIONS
    assert {table for table, condition in scopes.SCOPES.items() if "shop" in condition} >= {
        table.target for table in TABLES.values() if "shop" in table.columns
    }


async def _seen(connection: asyncpg.Connection, role: str, table: str, *settings: tuple[str, str]) -> int:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {role}")
        for name, value in settings:
            await connection.execute("SELECT set_config($1, $2, true)", f"penstock.{name}", value)
        return await connection.fetchval(f"SELECT count(*) FROM {table}")  # type: ignore[no-any-return]


@pytest.mark.parametrize("role", [roles.CONSOLE, roles.REVEAL])
def test_a_transaction_sees_the_shops_it_names_and_without_a_word_none(scoped: str, role: str) -> None:
    async def look() -> None:
        async with asking(scoped) as connection:
            for table in scopes.SCOPES if role == roles.CONSOLE else REVEALED:
                seen = [
                    await _seen(connection, role, table, *settings)
                    for settings in (
                        (),
                        [("shops", "")],
                        [("shops", "aaashop"), ("all_shops", "off")],
                        [("shops", scopes.SEPARATOR.join(SHOPS))],
                        # Not a part of a name, nor several in one.
                        [("shops", "aaa"), ("all_shops", "")],
                        [("shops", "aaashop,bbbshop")],
                        [("all_shops", "on")],
                    )
                ]
                assert seen == [0, 0, 1, 2, 0, 0, 2], table
                # What one transaction has said holds in no other.
                assert await _seen(connection, role, table) == 0

    asyncio.run(look())


def test_the_other_roles_see_all(scoped: str, login: Login) -> None:
    url = login(roles.PERSONAL)

    async def look() -> None:
        async with asking(url) as connection:
            for table in scopes.SCOPES:
                assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 2, table

    asyncio.run(look())


def test_who_is_both_sees_no_more_than_the_console(scoped: str, login: Login) -> None:
    url = login(roles.PERSONAL)

    async def look() -> None:
        async with asking(scoped) as owner:
            await owner.execute(f"GRANT {roles.CONSOLE} TO {url.partition('//')[2].partition(':')[0]}")
        async with asking(url) as connection:
            assert await connection.fetchval("SELECT count(*) FROM orders") == 0

    asyncio.run(look())


def test_the_sinks_login_writes_the_same_rows_though_it_may_not_copy(hub: str, login: Login) -> None:
    asyncio.run(roles.make(hub))
    asyncio.run(migrate(hub))
    url = login(roles.SINK)

    async def live(records: list, rng: Random) -> None:  # type: ignore[type-arg]
        async with asking(url) as writer:
            with pytest.raises(asyncpg.FeatureNotSupportedError, match="row-level security"):
                await writer.copy_records_to_table("orders", records=[("a:1",)], columns=["order_id"])
        async with opened(url) as sink:
            positions: dict[Partition, int] = {}
            for batch in batches(interleaved(records, rng), rng):
                assert await take(sink, batch, spans_of(batch, positions)) == []

    records = of_history(SEEDS[2])
    asyncio.run(live(records, Random(3)))

    async def found() -> None:
        async with asking(hub) as owner:
            assert await stored(owner) == expected(records)

    asyncio.run(found())


def test_a_sink_that_runs_while_the_policies_are_made_goes_on(hub: str, login: Login) -> None:
    """Its connection was of before: Postgres refuses its COPY, and it begins another way on a new one."""
    asyncio.run(roles.make(hub))
    url = login(roles.SINK)
    asyncio.run(migrate(hub))
    records = of_history(SEEDS[0])

    async def live() -> None:
        async with asking(hub) as owner:
            for table in scopes.SCOPES:
                await owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
            async with opened(url) as sink:
                positions: dict[Partition, int] = {}
                half = len(records) // 2
                assert await take(sink, records[:half], spans_of(records[:half], positions)) == []
                await migrate(hub)
                assert await take(sink, records[half:], spans_of(records[half:], positions)) == []
            assert await stored(owner) == expected(records)

    asyncio.run(live())
