"""A person's answer at the console is the command line's own: one record and its audit entry in a real Kafka, or a refusal and neither.

What workers make of answers, and who is first, is held by ``web/test_tasks_page.py``, over a real worker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from confluent_kafka.cimpl import NewTopic

from connectors.console.permissions import Grant, Kind
from schemas.codec import CODEC
from streams.cli.console_deeds import Deeds
from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.ops.cluster import Cluster
from streams.ops.sinks import Record
from streams.settings import Settings
from streams.topology import group_id
from tests.agents.test_flows import ASKS, FIELDS, ORDER_ID, Trade
from tests.connectors.console.conftest import Answer, Browser, Console, copy_of, serving
from tests.connectors.console.test_deeds import into_tables
from tests.domain.allocation.flows import HEAD
from tests.domain.released import version

#: Accounts of the tests, each of its own run: the settings name them.
RUN = uuid4().hex[:8]
LEAD, ASKER, CLERK, PASSING = f"wang-{RUN}", f"li-{RUN}", f"zhao-{RUN}", f"wang-{RUN} as root"
SERVICE = Grant("service", Kind.SHOP, "tea")


class Asked:
    """A broker with orders that their flow asks about, their rows, and a console over both. No worker runs."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self.settings, self.console, self.cluster = settings, console, Cluster(settings)
        trade = Trade(ASKS + FIELDS)
        trade.order()
        self._state = trade.hub.row("order_state", ORDER_ID)
        (self._task,) = [told.record for told in trade.hub.told if told.name == "Task"]
        self._numbers = iter(range(1_000))
        self._changelog = f"{group_id(settings.app_id, 'decisions')}-order_state-changelog"
        self.cluster.create_topics()
        created = [NewTopic(self._changelog, settings.partitions, 1)]
        Admin(settings.brokers, Options.quiet(settings.kafka)).create_all(created)

    def task(self, held_by: str = "", **fields: Any) -> str:
        """Another order, of which something is asked: in Kafka and in the tables. Returns the task's id."""
        number = next(self._numbers)
        order_id = f"taobao:{RUN}-{number}"
        task = {**self._task, "order_id": order_id, "task_id": f"{order_id}/lead#1", **fields}
        self.cluster.publish(
            [
                ("tasks", order_id, "Task", task),
                (self._changelog, order_id, "OrderState", {**self._state, "order_id": order_id, "held_by": held_by}),
            ]
        )
        at = Record("tasks", 0, number, task["at_ms"], order_id.encode(), CODEC.encode("Task", task))
        asyncio.run(into_tables(self.console.database, [at]))
        return str(task["task_id"])

    def became(self, task: str, **fields: Any) -> None:
        """What the worker has made of it, of which the tables have not heard yet."""
        order_id = task.rpartition("/")[0]
        told = {**self._task, "order_id": order_id, "task_id": task, **fields}
        self.cluster.publish([("tasks", order_id, "Task", told)])

    def records(self, topic: str, task: str) -> list[Any]:
        messages = self.cluster.read(topic, key=task.rpartition("/")[0])
        return [CODEC.decode(message.value() or b"")[1] for message in messages]

    def told(self, task: str) -> tuple[list[Any], list[Any]]:
        """What was decided about the order, and what is in the audit about it."""
        return self.records("orders.decisions", task), self.records("audit", task)


@pytest.fixture(scope="module")
def asked(kafka: str, postgres: str, with_roles: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    environment = {
        "PENSTOCK_DATA": str(tmp_path_factory.mktemp("penstock")),
        "PENSTOCK_APP_ID": f"tasks-{RUN}",
        "PENSTOCK_ROLES": f"lead={LEAD},{ASKER}",
    }
    settings = Settings.from_env(environment, brokers=kafka)
    deeds = Deeds(settings)
    # There is no worker whose word could come.
    deeds.tasks.wait_s = 0
    with copy_of(postgres, with_roles) as url, serving(url, deeds=deeds) as console:
        for name in (LEAD, ASKER, CLERK, PASSING):
            console.user(SERVICE, name=name)
        yield Asked(settings, console)


@pytest.fixture(scope="module")
def lead(asked: Asked) -> Browser:
    return asked.console.known(LEAD)


def say(browser: Browser, task: str, verb: str, body: Any = None, **headers: str) -> Answer:
    path = f"/api/tasks/{quote(task, safe='')}/{verb}"
    return browser.ask("POST", path, {"because": "known buyer"} if body is None else body, **headers)


def test_an_answer_is_one_record_with_its_entry_and_the_same_again_is_the_same(asked: Asked, lead: Browser) -> None:
    task = asked.task()
    answer = say(lead, task, "approve", Idempotency_Key="approve-once")
    assert answer.status == 202, answer
    # Without a worker nobody has decided it: that is said, and not that it took effect.
    assert (answer.body["by"], answer.body["repeated"], answer.body["decided"]) == (LEAD, False, False)
    again = say(lead, task, "approve", Idempotency_Key="approve-once")
    assert again.status == 202 and again.body["repeated"] and again.body["undertaking"] == answer.body["undertaking"]
    (decision,), (entry,) = asked.told(task)
    assert (decision["action"], decision["task"], decision["by"], decision["roles"]) == (
        "APPROVE",
        "lead#1",
        LEAD,
        ["lead"],
    )
    assert decision["reason"] == "known buyer" and decision["decision_id"] == answer.body["undertaking"]
    assert (entry["action"], entry["by"], entry["details"]["task"]) == ("task.approve", LEAD, task)
    # The same key for another deed is no repetition.
    other = say(lead, task, "refuse", Idempotency_Key="approve-once")
    assert (other.status, other.body["code"]) == (422, "refused") and "action" in other.body["message"]
    # It has ended meanwhile: by this very answer, of which the browser had heard nothing.
    asked.became(task, state="APPROVED", answered_by=LEAD)
    assert say(lead, task, "approve", Idempotency_Key="approve-once").body["repeated"]
    assert say(lead, task, "approve").body["code"] == "overtaken"
    assert len(asked.records("orders.decisions", task)) == 1


@pytest.mark.parametrize(
    ("fields", "who", "verb", "code", "says"),
    [
        ({}, CLERK, "approve", "refused", f"asked of the role lead, and {CLERK} has no role"),
        ({"not_by": ASKER}, ASKER, "approve", "refused", f"{ASKER} asked for it, and may not answer"),
        ({"not_by": ASKER}, ASKER, "refuse", "refused", f"{ASKER} asked for it, and may not answer"),
        ({"persons": 2, "votes": [LEAD]}, LEAD, "approve", "refused", "has approved it already"),
        ({"kind": "HOLD", "role": ""}, CLERK, "refuse", "refused", "is a hold"),
        ({}, PASSING, "approve", "refused", "could pass for another"),
        ({"state": "LATE"}, LEAD, "approve", "overtaken", "is LATE: nothing is asked there any more"),
        ({"state": "REFUSED", "answered_by": ASKER}, LEAD, "approve", "overtaken", f"is REFUSED, by {ASKER}"),
    ],
    # Names of accounts are of this run; those of tests are the same in each.
    ids=["no role", "asked", "asked, refuses", "voted", "a hold", "odd name", "late", "answered"],
)
def test_what_would_not_count_is_refused_with_its_reason_and_nothing_is_told(
    asked: Asked, fields: dict[str, Any], who: str, verb: str, code: str, says: str
) -> None:
    task = asked.task()
    # As the topic has it by now; the tables, and the page, may be behind.
    asked.became(task, **fields)
    answer = say(asked.console.known(who), task, verb)
    assert (answer.status, answer.body["code"]) == (409 if code == "overtaken" else 422, code)
    assert says in answer.body["message"], answer
    assert asked.told(task) == ([], [])


def test_a_hold_is_let_go_by_who_serves_the_shop_and_taken_on_without_a_reason(asked: Asked) -> None:
    task = asked.task(kind="HOLD", role="", reason="risk")
    clerk = asked.console.known(CLERK)
    assert say(clerk, task, "claim", {}).status == 202
    assert say(clerk, task, "approve", {"because": " "}).body["field"] == "because"
    assert say(clerk, task, "approve").status == 202
    decisions, entries = asked.told(task)
    assert [(it["action"], it["reason"]) for it in decisions] == [("CLAIM", "taken on"), ("APPROVE", "known buyer")]
    assert [it["action"] for it in entries] == ["task.claim", "task.approve"]


def test_no_answer_reaches_a_task_that_is_not_seen_or_not_there(asked: Asked, lead: Browser) -> None:
    theirs = asked.task(shop="cups")
    viewer = asked.console.signed_in(Grant("viewer", Kind.ALL, ""))
    for verb in ("approve", "refuse", "claim"):
        assert say(lead, theirs, verb).status == 404
        assert say(viewer, theirs, verb).status == 403
    assert asked.told(theirs) == ([], [])
    # The tables have it; Kafka has it no more.
    gone = asked.task().replace("#1", "#2")
    asked.console.sql(f"UPDATE tasks SET task_id = '{gone}' WHERE task_id = '{gone.replace('#2', '#1')}'")
    assert say(lead, gone, "approve").body["code"] == "gone"


def test_an_order_is_held_released_or_cancelled_as_the_saga_allows(asked: Asked, lead: Browser) -> None:
    task = asked.task(held_by="zhang")
    order_id = task.rpartition("/")[0]
    asked.console.sql(
        "INSERT INTO orders (order_id, channel, shop, order_no, version, platform_status, currency, total_minor, placed_at, received_at, "
        "source_topic, source_partition, source_offset, country, province, city, log_partition, log_offset) "
        f"VALUES ('{order_id}', 'taobao', 'tea', '1', 1, 'PAID', 'CNY', 1, now(), now(), 't', 0, 0, 'CN', '', '', 0, 0)"
    )
    path = f"/api/orders/{quote(order_id, safe='')}"
    refused = lead.ask("POST", f"{path}/hold", {"because": "x"})
    assert (refused.status, refused.body.get("code")) == (422, "refused"), refused
    assert refused.body["message"] == "zhang holds it already" and asked.told(task) == ([], [])
    done = lead.ask("POST", f"{path}/cancel", {"because": "the buyer asked"}, Idempotency_Key="cancel-once")
    assert done.status == 202, done
    again = lead.ask("POST", f"{path}/cancel", {"because": "the buyer asked"}, Idempotency_Key="cancel-once")
    assert again.body["repeated"]
    (decision,), (entry,) = asked.told(task)
    assert (decision["action"], decision["by"], entry["action"]) == ("CANCEL", LEAD, "order.cancel")
    theirs = asked.console.signed_in(Grant("service", Kind.SHOP, "cups"))
    assert theirs.ask("POST", f"{path}/cancel", {"because": "x"}).status == 404


def test_where_each_answer_leads_is_read_from_the_version_that_asks(asked: Asked, lead: Browser) -> None:
    task = asked.task(document=f"flows/f-{RUN}", version=7)
    path = f"/api/tasks/{quote(task, safe='')}/ways"
    assert lead.get(path).body == {"ways": []}
    document = version(7, HEAD + ASKS + FIELDS, f"flows/f-{RUN}")
    asked.cluster.publish([("config.documents", f"flows/f-{RUN}@7", "ConfigDocument", document)])
    ways = {way["edge"]: (way["node"], way["does"]) for way in lead.get(path).body["ways"]}
    assert ways == {"approved": ("send", "route"), "refused": ("no", "cancel"), "late": ("tell", "notify")}
