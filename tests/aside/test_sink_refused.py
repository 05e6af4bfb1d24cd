"""What a database refused is applied to it once it takes it; the live sink's place stays where it is."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from connectors.driver.sinks import Options
from connectors.postgres import PostgresSink
from connectors.postgres.schema import migrate
from schemas.topics import SINK_REFUSED
from streams.aside import quarantine
from streams.aside.quarantine import Item
from tests.aside.look import penstock, refused
from tests.conftest import Unique
from tests.connectors.driver_rig import driven, until
from tests.integration.conftest import Shop


def asked(database: str, statement: str) -> Any:
    """One statement, and its rows."""

    async def ask() -> Any:
        connection = await asyncpg.connect(database)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def of_sink(shop: Shop, order_id: str) -> list[Item]:
    return [i for i in quarantine.items(shop.cluster) if i.place.topic == SINK_REFUSED and i.key == order_id.encode()]


@pytest.mark.long
def test_applied_once_the_database_takes_it(shop: Shop, database: str, unique: Unique) -> None:
    asyncio.run(migrate(database))
    order_id = shop.place(shop.order_no(), "GOOD")
    shop.becomes(order_id, "ALLOCATED")
    shop.settled()
    # Somebody has put a rule of his own on the table.
    asked(database, f"ALTER TABLE orders ADD CONSTRAINT mine CHECK (order_id <> '{order_id}')")

    async def sink_runs_until_it_has_refused() -> None:
        options = Options({"bootstrap.servers": shop.settings.brokers, "log_level": 0}, group=unique())
        async with driven(PostgresSink(database), options) as it:
            await until(lambda: it.metric("sink_refused_records_total") >= 1, "it has refused")
            await until(lambda: it.metric("sink_lag_records") == 0, "the others are in")

    asyncio.run(sink_runs_until_it_has_refused())
    (item,) = of_sink(shop, order_id)
    assert (item.sink, item.state) == ("postgres", "open")
    assert item.origin is not None and item.origin.topic == "orders"
    positions = "SELECT * FROM sink_positions ORDER BY 1, 2, 3"
    before = asked(database, positions)
    assert before and asked(database, f"SELECT 1 FROM orders WHERE order_id = '{order_id}'") == []

    redrive = ("quarantine", "redrive", "--sink", "postgres", "--yes", "--because", "the rule is gone")
    still = penstock(shop, *redrive, PENSTOCK_DATABASE_URL=database)
    assert still.returncode == 1, still
    assert f"refused again {item.place}: " in still.stderr
    assert of_sink(shop, order_id)[0].state == "open"
    gone = penstock(shop, *redrive, PENSTOCK_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    refused(gone, "postgres: ", "open as before")
    assert "nobody@" not in gone.stderr

    asked(database, "ALTER TABLE orders DROP CONSTRAINT mine")
    done = penstock(shop, *redrive, PENSTOCK_DATABASE_URL=database)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 applied to postgres"), done
    assert asked(database, f"SELECT count(*) FROM orders WHERE order_id = '{order_id}'") == [(1,)]
    assert asked(database, positions) == before
    assert of_sink(shop, order_id)[0].state == "redriven"
    refused(penstock(shop, *redrive, PENSTOCK_DATABASE_URL=database), "no open item is like that")
