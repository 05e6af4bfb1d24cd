"""Orders are found by what a person knows of them, the same ones in the topics and in the database."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from connectors.postgres.schema import migrate
from tests.connectors.postgres.conftest import named, run
from tests.integration.conftest import Shop, penstock
from tests.integration.test_hands import answered, refused

KEPT = ("orders", "order.status", "shipments", "writeback.status")


class Known(NamedTuple):
    """Orders of the test's own, by what became of them."""

    held: str
    shipped: str
    url: str


@pytest.fixture(scope="module")
def known(shop: Shop, postgres: str) -> Iterator[Known]:
    held, shipped, other = (shop.place(shop.order_no(), "HAND", 1) for _ in range(3))
    for order_id in (held, shipped, other):
        shop.becomes(order_id, "ALLOCATED")
    assert shop.penstock("order", "hold", held, "--because", "x", "--yes").returncode == 0
    ship = ("--warehouse", "hz1", "--carrier", "SF", "--tracking-no", "SF0000000004711", "--yes")
    assert shop.penstock("order", "ship", shipped, *ship).returncode == 0
    shop.settled()
    url = named(postgres, "finding")
    asyncio.run(run(postgres, "CREATE DATABASE finding"))
    asyncio.run(migrate(url))
    for topic in KEPT:
        done = asked(shop, url, "replay", topic, "--from-beginning", "--into", "postgres", "--yes")
        assert done.returncode == 0, done
    yield Known(held, shipped, url)
    asyncio.run(run(postgres, "DROP DATABASE finding WITH (FORCE)"))


def asked(shop: Shop, url: str, *args: str) -> subprocess.CompletedProcess[str]:
    env = {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": str(shop.settings.data)}
    return penstock(*args, **env, PENSTOCK_DATABASE_URL=url)


@pytest.mark.parametrize("source", ["topics", "database"])
def test_an_order_is_found_by_what_is_known_of_it(shop: Shop, known: Known, source: str) -> None:
    def found(*args: str) -> dict[str, Any]:
        answer = answered(asked(shop, known.url, "order", "list", "--from", source, "-n", "10000", "--json", *args))
        assert (answer["from"], answer["count"]) == (source, len(answer["orders"]))
        return {each["order_id"]: each for each in answer["orders"]}

    held, shipped = known.held, known.shipped
    number = shipped.partition(":")[2]
    assert found("--number", number[5:]).keys() == {shipped}
    assert found("--tracking-no", "SF0000000004711").keys() == {shipped}
    assert found("--tracking-no", "SF000000000471").keys() == set()
    assert found("--number", "%").keys() == found("--number", "_").keys() == set()
    # Without a number of its own, what is open.
    assert held in found("--sku", "HAND") and shipped not in found("--sku", "HAND")
    assert {held, shipped} <= found("--sku", "HAND", "--state", "all").keys()
    assert found("--sku", "HAN", "--state", "all").keys() == set()
    assert found("--state", "held", "--sku", "HAND")[held]["reason"] == "held_by_operator"
    assert shipped in found("--state", "shipped", "--shop", "tea", "--channel", "taobao")
    assert found("--shop", "coffee").keys() == found("--channel", "jd").keys() == set()
    assert held not in found("--before", "-1h") and held in found("--before", "2999-01-01T00:00Z")


def test_both_find_the_same(shop: Shop, known: Known) -> None:
    args = ("order", "list", "--state", "all", "-n", "10000", "--json")
    one, other = (answered(asked(shop, known.url, *args, "--from", source)) for source in ("topics", "database"))
    assert {(o["order_id"], o["phase"]) for o in one["orders"]} == {
        (o["order_id"], o["phase"]) for o in other["orders"]
    }
    assert one["count"] == other["count"] > 2


def test_who_was_asked_is_said_and_the_topics_are_where_no_database_answers(shop: Shop, known: Known) -> None:
    text = asked(shop, known.url, "order", "list", "-n", "1").stdout
    assert text.splitlines()[-1].endswith("(the first 1 are shown), from the database")
    away = asked(
        shop, "postgresql://nobody@127.0.0.1:9/none", "order", "list", "--number", known.held.partition(":")[2]
    )
    assert (away.returncode, away.stdout.splitlines()[-1]) == (0, "1 orders, from the topics")
    assert away.stderr.startswith("the topics are asked: the database does not do it: ")
    refused(
        asked(shop, "postgresql://nobody@127.0.0.1:9/none", "order", "list", "--from", "database"), "does not do it"
    )
    refused(asked(shop, known.url, "order", "list", "--state", "lost"), "--state is 'lost': write one of unpaid, ")
