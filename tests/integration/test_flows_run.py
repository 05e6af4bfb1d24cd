"""A released flow on a real Kafka: from its document to an order that waits for a lead, whose word lets it go. Workers are killed.

The same tasks are read from a real Postgres, and the log leads to every decision again.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.generator import warehouses
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka
from streams.settings import Settings
from tests.connectors.postgres.conftest import named, rows, run
from tests.integration.conftest import penstock, until
from tests.integration.test_rules_decide import SKUS, Hub

# A hub of its own for a handful of cases.
pytestmark = pytest.mark.long

WHO = pwd.getpwuid(os.getuid()).pw_name
HEAD = 'kind = "flows"\nversion = 1\nname = "default"\n'
#: Of orders of three pieces a lead is asked; the others go at once.
APPROVAL = """
nodes = [
  { name = "came", do = "on", event = "accepted", then = "large" },
  { name = "large", do = "if", when = [{ field = "pieces", at_least = 3 }], then = "lead", otherwise = "send" },
  { name = "lead", do = "approve", role = "lead", minutes = 600, approved = "send", refused = "no", late = "no" },
  { name = "send", do = "route", rules = "built-in", then = "done" },
  { name = "done", do = "end" },
  { name = "no", do = "cancel", reason = "refused" },
]
"""
#: Orders wait three minutes for others of their receiver; the platform's handle says who that is.
TOGETHER = """
nodes = [
  { name = "came", do = "on", event = "accepted", then = "wait" },
  { name = "wait", do = "merge", minutes = 3, then = "send" },
  { name = "send", do = "route", rules = "built-in", then = "done" },
  { name = "done", do = "end" },
]
"""
PLACE = {"receiver_state": "浙江省", "receiver_city": "杭州市", "receiver_address": "路 1 号***"}


class Flowing(Hub):
    """With a database, and this account as a lead."""

    def __init__(self, settings: Settings, folder: Path, url: str) -> None:
        super().__init__(settings, folder)
        self.url = url
        self._asks = False

    def penstock(self, *args: str, fails: bool = False, roles: str = f"lead={WHO},zhao") -> Any:
        env = {**self.settings.to_env(), "PENSTOCK_DATABASE_URL": self.url, "PENSTOCK_ROLES": roles}
        done = penstock(*args, **env)
        assert (done.returncode != 0) is fails, done
        return done

    def flow(self, text: str, *release: str) -> None:
        file = self.settings.data / "flow.toml"
        file.write_text(HEAD + text, "utf-8")
        number = json.loads(self.penstock("flows", "publish", str(file), "--json").stdout)["version"]
        self.penstock("flows", "release", "default", "--version", str(number), *release)

    def ask_of_large_ones(self) -> None:
        """The flow is live and followed, whichever test comes first."""
        if not self._asks:
            self.flow(APPROVAL, "--live")
            until(lambda: held(self), bool, "the worker follows the flow")
            self._asks = True

    def tasks(self, *args: str) -> list[Any]:
        found: list[Any] = json.loads(self.penstock("task", "list", "--json", *args).stdout)
        return found

    def phase(self, order_id: str) -> tuple[str, str]:
        found = self.records("order.status", order_id)
        return (found[-1][1]["status"], found[-1][1]["reason"]) if found else ("", "")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Flowing]:
    data, url = tmp_path_factory.mktemp("flows"), named(postgres, "flows")
    asyncio.run(run(postgres, "CREATE DATABASE flows"))
    asyncio.run(migrate(url))
    with LocalKafka(data / "kafka") as kafka:
        it = Flowing(Settings(brokers=kafka.bootstrap, data=data), data, url)
        it.cluster.create_topics()
        it.cluster.publish([("config.warehouses", each["warehouse"], "Warehouse", each) for each in warehouses()])
        for sku in SKUS:
            it.receive(sku)
        it.workers.start()
        try:
            it.settled()
            yield it
        finally:
            it.workers.stop()
    asyncio.run(run(postgres, "DROP DATABASE flows WITH (FORCE)"))


@pytest.mark.timeout(600)
def test_an_order_waits_for_a_lead_and_no_warehouse_hears_of_it_before(hub: Flowing) -> None:
    (before,) = hub.place(1, SKUS[0], 3)
    hub.settled()
    assert hub.phase(before)[0] == "ALLOCATED"
    hub.ask_of_large_ones()

    large = [*hub.place(1, SKUS[0], 3), *hub.place(1, SKUS[1], 4, kill=True)]
    (small,) = hub.place(1, SKUS[0], 1)
    hub.settled()
    assert hub.phase(small)[0] == "ALLOCATED"
    for order_id in large:
        assert hub.phase(order_id) == ("HELD", "flow:approval")
        assert hub.records("allocations", order_id) == []
    open_ = {each["order_id"]: each for each in hub.tasks()}
    assert open_.keys() >= set(large)
    assert {(each["kind"], each["role"], each["state"]) for each in open_.values()} == {("APPROVE", "lead", "OPEN")}

    first, second = large
    assert "lead#1 is OPEN, asked of lead" in hub.penstock("order", "show", first).stdout
    hub.workers.kill(0)
    # Who has no role is told so, before anything is sent.
    done = hub.penstock("task", "approve", first, "--because", "x", "--yes", fails=True, roles="service=zhao")
    assert "it is asked of the role lead" in done.stderr
    hub.penstock("task", "claim", open_[first]["task_id"])
    hub.penstock("task", "approve", open_[first]["task_id"], "--because", "known buyer", "--yes")
    hub.penstock("task", "refuse", second, "--because", "a reseller", "--yes")
    hub.workers.kill(0)
    hub.settled()
    assert hub.phase(first)[0] == "ALLOCATED"
    assert hub.phase(second) == ("CANCELLED", "cancelled by its flow: refused")
    assert [name for name, _ in hub.records("allocations", first)] == ["OrderAllocated"]
    assert hub.records("allocations", second) == []
    assert "APPROVED" in hub.penstock("task", "approve", first, "--because", "again", "--yes", fails=True).stderr
    course = json.loads(hub.penstock("task", "show", first, "--json").stdout)
    assert [(each["state"], each["claimed_by"], each["answered_by"], each["because"]) for each in course] == [
        ("OPEN", "", "", ""),
        ("OPEN", WHO, "", ""),
        ("APPROVED", "", WHO, "known buyer"),
    ]
    did = {record["action"]: record["subject"] for _, record in hub.records("audit")}
    assert (did["task.claim"], did["task.approve"], did["task.refuse"]) == (first, first, second)


def held(hub: Flowing, why: str = "flow:approval") -> bool:
    (order_id,) = hub.place(1, SKUS[0], 3, where={**PLACE, "oaid": "whoever"})
    hub.settled()
    return hub.phase(order_id) == ("HELD", why)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_deadlines_are_kept_though_workers_die_and_a_trial_is_taken_back(hub: Flowing) -> None:
    hub.ask_of_large_ones()
    waits = {each["order_id"] for each in hub.tasks()}
    hub.flow(APPROVAL.replace("minutes = 600", "minutes = 1").replace('"refused" }', '"nobody" }'), "--share", "50%")
    orders = hub.place(12, SKUS[0], 3)
    for _ in range(2):
        hub.settled()
        hub.workers.kill(0)
    # On a machine that has much else to do some are late by now.
    asked = {each["order_id"]: each["version"] for each in hub.tasks("--all")}
    assert asked.keys() >= {*orders, *waits}
    tried = {order_id for order_id in orders if asked[order_id] == 2}
    assert 1 <= len(tried) < len(orders)
    # What the trial has asked ends as it asked it, or on the version that it goes back to: with the deadline that it had.
    hub.penstock("flows", "rollback", "default")
    until(lambda: {hub.phase(each)[0] for each in tried} == {"CANCELLED"}, bool, "their minute is over", timeout_s=200)
    assert {hub.phase(each) for each in orders if each not in tried} == {("HELD", "flow:approval")}
    for order_id in tried:
        states = [record["state"] for _, record in hub.records("tasks", order_id)]
        assert states == ["OPEN", "LATE"]
        assert hub.records("allocations", order_id) == []


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_orders_of_one_receiver_leave_as_one_parcel_though_workers_die(hub: Flowing) -> None:
    hub.flow(TOGETHER, "--live")
    until(lambda: held(hub, "waits_for_companions"), bool, "the worker follows the flow")
    together = hub.place(3, SKUS[0], 1, where={**PLACE, "oaid": "one"})
    (alone,) = hub.place(1, SKUS[1], 1, where={**PLACE, "oaid": "another"})
    hub.settled()
    assert {hub.phase(each) for each in (*together, alone)} == {("HELD", "waits_for_companions")}
    assert all(hub.records("allocations", each) == [] for each in together)
    shown = [hub.penstock("order", "show", each).stdout for each in together]
    assert all("waits until" in each for each in shown), shown
    # The one that joined last sees all of them there.
    assert any(all(each in page for each in together) for page in shown), shown
    hub.workers.kill(0)
    everybody = (*together, alone)
    until(lambda: {hub.phase(each)[0] for each in everybody} == {"ALLOCATED"}, bool, "it is over", timeout_s=400)
    hub.workers.kill(0)
    hub.settled()
    (lonely,) = hub.records("allocations", alone)
    assert lonely[1]["merged"] is None
    assert "goes alone: no other order came, or stayed" in hub.penstock("order", "show", alone).stdout
    decisions = [record for each in together for _, record in hub.records("allocations", each)]
    (code,) = {each["merged"]["code"] for each in decisions}
    assert code in {f"{each.replace(':', '.')}.M" for each in together}
    assert [{*each["merged"]["orders"]} for each in decisions] == [{*together}] * 3
    assert len({part["warehouse"] for each in decisions for part in each["parts"]}) == 1
    assert f"leaves as one parcel, {code}" in hub.penstock("order", "show", together[1]).stdout


def test_the_table_has_them_as_the_topic_does(hub: Flowing) -> None:
    hub.penstock("replay", "tasks", "--from-beginning", "--into", "postgres", "--yes")
    newest = {each["task_id"]: each for each in hub.tasks("--all")}
    found = asyncio.run(rows(hub.url, "SELECT task_id, state, answered_by FROM tasks"))
    assert {each["task_id"]: (each["state"], each["answered_by"]) for each in found} == {
        name: (each["state"], each["answered_by"]) for name, each in newest.items()
    }
    assert {"OPEN", "APPROVED", "REFUSED"} <= {each["state"] for each in found}


def test_the_log_leads_to_every_decision_again(hub: Flowing) -> None:
    hub.workers.stop()
    report = json.loads(hub.penstock("rebuild", "--shadow", "--json").stdout)
    assert (report["ok"], report["differences"]) == (True, {})
    assert "0 violations" in hub.penstock("verify").stdout
