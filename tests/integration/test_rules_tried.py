"""Versions of rules on trial on a real Kafka: a shadow beside the live one, and a share, each held against what stands.

What is said of them is read where people read it: from the topic, and from a real Postgres by ``penstock rules compare``.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.generator import warehouses
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka
from streams.aside.releases import in_use, standing
from streams.domain.releases.sharing import Release, Share, salt_of
from streams.settings import Settings
from tests.connectors.postgres.conftest import named, run
from tests.integration.conftest import penstock, until
from tests.integration.test_rules_decide import DOCUMENT, SKUS, Hub, Turn, turn_of, version_of
from tests.monitor.test_process import monitor

# A hub of its own for a handful of cases.
pytestmark = pytest.mark.long

HEAD = 'kind = "rules"\nversion = 1\nname = "default"\n'
NEAREST = """
[default]
rank = { mode = "lexicographic", criteria = [{ by = "distance" }] }
"""
CD_FIRST = """
[default]
rank = { mode = "lexicographic", criteria = [{ by = "sequence", warehouses = ["cd1", "hz1"] }, { by = "distance" }] }
"""
#: Lets every order wait.
NOWHERE = """
[default]
filters = [{ filter = "distance", metres = 1 }]
rank = { mode = "lexicographic", criteria = [{ by = "distance" }] }
"""
RULES = {1: NEAREST, 2: CD_FIRST, 3: NOWHERE}
#: Enough that a share of a tenth has some.
MANY = 120


class Trying(Hub):
    """With a database, and its sink's rows."""

    def __init__(self, settings: Settings, folder: Path, url: str) -> None:
        super().__init__(settings, folder)
        self.url = url

    def publish(self, number: int) -> None:
        file = self.settings.data / f"tried-{number}.toml"
        file.write_text(HEAD + RULES[number], "utf-8")
        self.penstock("rules", "publish", str(file))

    def penstock(self, *args: str) -> Any:
        done = penstock(*args, **{**self.settings.to_env(), "PENSTOCK_DATABASE_URL": self.url})
        assert done.returncode == 0, done
        return done

    def decisions_of(self, orders: list[str]) -> set[Turn]:
        """Whose their first decisions were."""
        self.settled()
        decisions = self.decisions()
        return {decisions[order_id][0] for order_id in orders}

    def compared(self) -> list[Any]:
        return [record for _, record in self.records("decisions.compared")]

    def told(self) -> list[Any]:
        """As the database has it."""
        self.penstock("replay", "decisions.compared", "--from-beginning", "--into", "postgres", "--yes")
        found: list[Any] = json.loads(self.penstock("rules", "compare", "default", "--json").stdout)
        return found


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Trying]:
    data, url = tmp_path_factory.mktemp("tried"), named(postgres, "tried")
    asyncio.run(run(postgres, "CREATE DATABASE tried"))
    asyncio.run(migrate(url))
    with LocalKafka(data / "kafka") as kafka:
        it = Trying(Settings(brokers=kafka.bootstrap, data=data), data, url)
        it.cluster.create_topics()
        it.cluster.publish([("config.warehouses", each["warehouse"], "Warehouse", each) for each in warehouses()])
        for sku in SKUS:
            it.receive(sku)
        for number in RULES:
            it.publish(number)
        it.workers.start()
        try:
            it.settled()
            yield it
        finally:
            it.workers.stop()
    asyncio.run(run(postgres, "DROP DATABASE tried WITH (FORCE)"))


@pytest.mark.timeout(900)
def test_a_shadow_and_a_share_are_held_against_what_stands(hub: Trying) -> None:
    hub.place(24)
    hub.settled()
    hub.release("release", "default", "--version", "1", "--live", after=Release(1))
    hub.settled()
    assert hub.compared() == []

    hub.penstock("rules", "release", "default", "--version", "2", "--shadow")
    hub.place(1)
    hub.settled()
    # Its first record says that the worker has heard of it.
    in_shadow = hub.place(12)
    hub.settled()
    found = {each["order_id"]: each for each in hub.compared()}
    assert found.keys() >= set(in_shadow)
    decisions = {record["order_id"]: record for name, record in hub.records("allocations") if name == "OrderAllocated"}
    for order_id in in_shadow:
        each, parts = found[order_id], decisions[order_id]["parts"]
        assert (each["role"], each["effect"], each["stands"]["version"], each["tried"]["version"]) == (
            "SHADOW",
            "STANDS",
            1,
            2,
        )
        assert each["stands"]["warehouses"] == sorted({part["warehouse"] for part in parts})
        assert each["tried"]["warehouses"] == ["cd1"]
        assert each["equal"] == (each["stands"]["warehouses"] == ["cd1"])
        assert version_of(decisions[order_id]) == (1, None)
    assert {each["equal"] for each in found.values()} == {True, False}

    trial = Release(1, 2, Share(3, 1_000, salt_of(DOCUMENT, 3)))
    hub.release("release", "default", "--version", "3", "--share", "10%", after=trial)
    placed = hub.place(MANY)
    hub.settled()
    orders = {record["order_id"]: record for name, record in hub.records("orders") if name == "Order"}
    theirs = {order_id for order_id in placed if turn_of(trial, orders[order_id])[0] == 3}
    by_role: dict[tuple[str, str], Any] = {(each["order_id"], each["role"]): each for each in hub.compared()}
    assert len(by_role) == len(hub.compared()), "each is said once"
    assert {order_id for order_id in placed if (order_id, "SHARE") in by_role} == theirs and len(theirs) > 2
    for order_id in placed:
        shadow = by_role[order_id, "SHADOW"]
        assert (shadow["stands"]["version"], shadow["tried"]["version"]) == (1, 2)
        assert shadow["effect"] == ("NEITHER" if order_id in theirs else "STANDS")
    for order_id in theirs:
        share = by_role[order_id, "SHARE"]
        assert (share["effect"], share["stands"]["version"], share["tried"]["version"]) == ("TRIED", 1, 3)
        assert (share["stands"]["outcome"], share["tried"]["outcome"], share["trial_ms"] > 0) == (
            "ALLOCATED",
            "BACKORDERED",
            True,
        )
        assert share["tried"]["backordered"] == sum(line["quantity"] for line in orders[order_id]["lines"])

    shadow, share = hub.told()
    assert (shadow["role"], shadow["stands_version"], shadow["tried_version"]) == ("SHADOW", 1, 2)
    assert shadow["orders"] == len({order_id for order_id, role in by_role if role == "SHADOW"})
    assert shadow["otherwise"] == sum(not each["equal"] for (_, role), each in by_role.items() if role == "SHADOW")
    assert {each["to"] for each in shadow["moved"]} == {"cd1"} and len(shadow["examples"]) == 3
    assert share["orders"] == share["otherwise"] == share["tried"]["orders_backordered"] >= len(theirs)
    said = hub.penstock("rules", "compare", "default", "--since", "-1d").stdout
    assert "version 2 of rules/default, in the shadow" in said and "decided by rules/default, version 3" in said
    assert "a split by order proves nothing" in said


@pytest.mark.timeout(900)
def test_a_trial_over_its_limit_is_ended_by_itself_and_once(hub: Trying, tmp_path: Path) -> None:
    trial = in_use(standing(hub.cluster), DOCUMENT).share
    assert trial is not None and trial.guards == ()
    # The usual limit asks for more decisions than there are; this one does not, and is of the same trial.
    hub.penstock(
        *("rules", "release", "default", "--version", "3", "--share", "10%"), *("--guard", "backordered=300@3")
    )
    two = [tmp_path / name for name in ("one", "other")]
    for folder in two:
        folder.mkdir()
    with monitor(hub.settings, two[0]) as one, monitor(hub.settings, two[1]) as other:
        released = until(
            lambda: in_use(standing(hub.cluster), DOCUMENT), lambda it: it.share is None, "the trial is ended"
        )
        for each in (one, other):
            each.ready()
        ended = until(
            lambda: [each.metrics()["hub_guardrail_rollbacks_total"] for each in (one, other)],
            lambda counts: sum(counts) == 1,
            "one of them says so",
        )
    assert sorted(ended) == [0, 1]
    assert released == Release(1, 2, None, None, (3,))
    entries = [record for _, record in hub.records("audit", f"config:{DOCUMENT}")]
    (rolled_back,) = [each for each in entries if each["action"] == "config.rolled_back"]
    assert (rolled_back["by"], rolled_back["details"]["share"]) == ("guardrails", "none")
    found = re.fullmatch(
        r"backordered: 10,000 of 10,000 more than the live version, and 300 is the limit, after (\d+) decisions",
        rolled_back["reason"],
    )
    assert found, rolled_back["reason"]
    assert int(found[1]) == sum(each["role"] == "SHARE" for each in hub.compared())
    *_, (_, record) = hub.records("config.releases", DOCUMENT)
    assert (record["by"], record["reason"]) == ("guardrails", rolled_back["reason"])
    # Its orders go by what is live from now on.
    until(
        lambda: hub.decisions_of(hub.place(MANY // 4)),
        lambda turns: turns == {(1, None)},
        "all orders are live's again",
    )


def test_the_log_leads_to_every_decision_again_and_the_comparisons_belong_to_them(hub: Trying) -> None:
    hub.workers.stop()
    report = json.loads(hub.penstock("rebuild", "--shadow", "--json").stdout)
    assert (report["ok"], report["differences"]) == (True, {})
    verified = json.loads(hub.penstock("verify", "--json").stdout)
    assert (verified["violations"], verified["at_rest"]) == ([], True)
