"""``penstock case`` at a hub: what went wrong is read from its database, what people say of it stands in its audit."""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import Any

import pytest

from connectors.knowledge.asking import ADVISED, RATED
from schemas.codec import CODEC
from tests.connectors.knowledge.test_asking import Tables
from tests.connectors.postgres.conftest import hub, migrated
from tests.connectors.report.made import fill
from tests.integration.conftest import Shop

__all__ = ["hub", "migrated"]

Done = subprocess.CompletedProcess[str]
SINCE = ("--since", "2026-11-01T00:00+08:00")
SAID = "运单号不合规则"


@pytest.fixture
def known(hub: str) -> str:
    """Six dead parcels at Taobao, for three of which a new submission helped; and an order in review."""
    tables = Tables()
    for number in range(1, 7):
        order = f"taobao:{number}"
        tables.parcel(order, "WritebackResult", "REFUSED", 1, code="B60", reason=SAID)
        tables.parcel(order, "WritebackChanged", "DEAD", 1, code="B60", reason=SAID)
    for number in (1, 2, 3):
        tables.parcel(f"taobao:{number}", "WritebackCommand", "REDRIVE", 2, done_by="li", reason="number put right")
        tables.parcel(f"taobao:{number}", "WritebackChanged", "WRITTEN", 3)
    tables.review(9)
    asyncio.run(fill(hub, tables.rows))
    return hub


def test_a_failure_finds_what_helped_and_people_say_more(shop: Shop, known: str) -> None:
    def case(*args: str, code: int = 0) -> Done:
        done = shop.penstock("case", *args, PENSTOCK_DATABASE_URL=known)
        assert done.returncode == code, done
        return done

    def answered(*args: str) -> Any:
        return json.loads(case(*args, *SINCE, "--json").stdout)

    dead, review = answered("list")
    assert (dead["kind"], dead["code"], dead["count"], dead["words"]) == ("writeback", "REFUSED B60", 6, SAID)
    assert dead["untouched"] == ["taobao:4", "taobao:5", "taobao:6"]
    assert [(each["action"], each["worked"], each["last"]["because"]) for each in dead["handled"]] == [
        ("redriven", 3, "number put right")
    ]
    assert [each["id"] for each in answered("list", "--unsolved")] == [review["id"]]
    assert answered("list", "--kind", "held") == []

    found = answered("similar", "taobao:5")
    assert (found["failure"]["subject"], found["similar"][0]["case"]["id"]) == ("taobao:5", dead["id"])
    assert found["similar"][0]["why"] == ["the same failure", "the same code", "like words"]
    assert "penstock writeback redrive --all --channel taobao --reason B60" in case("show", dead["id"], *SINCE).stdout
    assert "nothing like it has been solved yet" in case("similar", "jd:9", *SINCE).stdout
    assert "number put right" in case("similar", "taobao:5", *SINCE).stdout

    case("advise", dead["id"], "ask the warehouse for the number", *SINCE)
    case("rate", dead["id"], "--helpful", *SINCE)
    entries = [CODEC.decode(m.value() or b"")[1] for m in shop.cluster.read("audit") if m.key() == dead["id"].encode()]
    assert [(each["action"], each["reason"], each["details"]) for each in entries] == [
        (ADVISED, "ask the warehouse for the number", {}),
        (RATED, "", {"helpful": "True"}),
    ]

    for args, says in (
        (("show", "K0000000000", *SINCE), "CASE is 'K0000000000': penstock case list shows"),
        (("similar", "taobao:77", *SINCE), "nothing has gone wrong with 'taobao:77' since"),
        (("list", "--kind", "bad"), "--kind is 'bad': one of review, writeback"),
        (("rate", dead["id"], *SINCE), "say which: --helpful or --not-helpful"),
        (("advise", dead["id"], " ", *SINCE), "TEXT has 0 characters: write a sentence"),
    ):
        assert says in case(*args, code=2).stderr
