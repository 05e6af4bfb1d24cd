"""What flows ask of persons, at the console: each task once, the most urgent first; whose it is, about what, and who may not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from connectors.console import tasks
from connectors.console.permissions import ROLES, Grant, Kind, Permission, Shops
from connectors.console.tasks import Filters, Person
from streams.settings import Settings
from tests.connectors.console.conftest import Browser, Console, Recorded, copy_of, serving

DAY = datetime(2026, 11, 1, tzinfo=UTC)
#: A lead, and a person without a role.
LEAD, OTHER = "wang", "zhao"
EVERYWHERE = Grant("operator", Kind.ALL, "")


def _made() -> list[dict[str, Any]]:
    rng = Random(5)
    found = []
    for n in range(90):
        kind = rng.choice(("APPROVE", "APPROVE", "HOLD", "NOTIFY"))
        asks = kind == "APPROVE"
        found.append(
            {
                # Several of an order, and many of one moment.
                "task_id": f"taobao:{n // 3}/n#{n:02}",
                "order_id": f"taobao:{n // 3}",
                "channel": rng.choice(("taobao", "jd")),
                "shop": rng.choice(("tea", "cups")),
                "kind": kind,
                "state": "TOLD" if kind == "NOTIFY" else rng.choice(("OPEN", "OPEN", "OPEN", "APPROVED", "LATE")),
                "reason": rng.choice(("risk", "amount")) if kind == "HOLD" else "",
                "role": rng.choice(("lead", "boss")) if asks else "",
                "not_by": rng.choice(("", LEAD)) if asks else "",
                "votes": rng.choice(([], [LEAD])) if asks else [],
                "claimed_by": rng.choice(("", "", LEAD, OTHER)),
                "due_at": rng.choice((None, DAY + timedelta(hours=rng.randrange(6)))),
                "at": DAY + timedelta(hours=rng.randrange(6)),
            }
        )
    return found


TASKS = _made()
#: One that is damaged as a row can be: of no order that is there, nothing said of it, codes that nobody knows.
ODD = "taobao:none/<b>#1"


def _row(it: dict[str, Any]) -> dict[str, Any]:
    rest = {"document": "flows/default", "flow_version": 3, "node": "n", "told_by": "", "text": "", "persons": 2}
    return {**rest, "answered_by": "", "because": "", "opened_at": DAY, "log_partition": 0, "log_offset": 1, **it}


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    odd = {**TASKS[0], "task_id": ODD, "order_id": "taobao:none", "kind": "RITE", "state": "LOST", "shop": "odd"}
    for it in [*TASKS, {**odd, "document": "", "node": "", "due_at": None}]:
        row = _row(it)
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await connection.execute(f"INSERT INTO tasks ({', '.join(row)}) VALUES ({places})", *row.values())
    await connection.close()


@pytest.fixture(scope="module")
def many(postgres: str, with_roles: str) -> Iterator[Console]:
    """A console over the rows above; its settings give ``LEAD`` a role."""
    deeds = Recorded(Settings(brokers="", data=Path("/nowhere"), roles=f"lead={LEAD}"))
    with copy_of(postgres, with_roles) as url:
        asyncio.run(_fill(url))
        with serving(url, deeds=deeds) as it:
            it.user(EVERYWHERE, name=LEAD)
            it.user(EVERYWHERE, name=OTHER)
            yield it


@pytest.fixture(scope="module")
def lead(many: Console) -> Browser:
    return many.known(LEAD)


def _pages(browser: Browser, limit: int = 7, **query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = ""
    for _ in range(100):
        answer = browser.get("/api/tasks", limit=limit, after=after, **query)
        assert answer.status == 200, answer
        rows += answer.body["rows"]
        after = answer.body["next"]
        if after is None:
            return rows
    raise AssertionError("pages without end")


def _fits(it: dict[str, Any], query: dict[str, str], who: str = LEAD, roles: tuple[str, ...] = ("lead",)) -> bool:
    view = query.get("state", "open")
    if (it["state"] == "OPEN") is (view == "ended"):
        return False
    if view == "mine":
        asked = it["kind"] == "HOLD" or it["role"] in roles
        if not asked or it["not_by"] == who or who in it["votes"] or it["claimed_by"] not in ("", who):
            return False
    return all(it[name] == value for name, value in query.items() if name != "state")


@pytest.mark.parametrize(
    "query",
    [
        *({}, {"shop": "tea"}, {"channel": "jd"}, {"kind": "HOLD", "reason": "risk"}, {"role": "lead"}),
        *(
            {"state": "mine"},
            {"state": "mine", "shop": "cups"},
            {"state": "ended"},
            {"state": "ended", "kind": "NOTIFY"},
        ),
    ],
    ids=lambda query: " ".join(query.values()) or "open",
)
@pytest.mark.parametrize("candidates", [5_000, 9])
def test_each_task_once_the_most_urgent_first(
    lead: Browser, query: dict[str, str], candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_CANDIDATES", candidates)
    found = [row for row in _pages(lead, **query) if row["task_id"] != ODD]
    fitting = [it for it in TASKS if _fits(it, query)]
    assert sorted(row["task_id"] for row in found) == sorted(it["task_id"] for it in fitting)
    if query.get("state") == "ended":
        order = [(row["at"], row["task_id"]) for row in found]
        assert order == sorted(order, reverse=True)
    else:
        urgent = [(row["due_at"] or "9999", row["task_id"]) for row in found]
        assert urgent == sorted(urgent)


def test_what_is_open_is_counted_by_what_it_asks_and_by_whose_it_is(many: Console, lead: Browser) -> None:
    counted = lead.get("/api/tasks/counts").body
    open_ = [it for it in TASKS if it["state"] == "OPEN"]
    assert counted["total"] == len(open_) == sum(each["tasks"] for each in counted["causes"])
    for each in counted["causes"]:
        cause = {name: each[name] for name in ("kind", "role", "reason")}
        assert each["tasks"] == len([it for it in open_ if _fits(it, cause)])
    assert counted["roles"] == ["lead"]
    assert counted["mine"] == len([it for it in TASKS if _fits(it, {"state": "mine"})])
    # Who has no role can release holds, and nothing else.
    other = many.known(OTHER).get("/api/tasks/counts", shop="tea").body
    theirs = [it for it in TASKS if it["shop"] == "tea" and _fits(it, {"state": "mine"}, OTHER, ())]
    assert (other["roles"], other["mine"]) == ([], len(theirs)) and theirs


def _task(**wanted: Any) -> str:
    """The id of a task that is so."""
    return next(str(it["task_id"]) for it in TASKS if all(it[name] == value for name, value in wanted.items()))


@pytest.mark.parametrize(
    ("wanted", "verb", "says", "zh"),
    [
        ({"kind": "APPROVE", "role": "boss"}, "approve", "role boss", "需要角色 boss"),
        ({"kind": "APPROVE", "role": "lead", "not_by": LEAD}, "refuse", "wang asked for it", "wang 是发起人"),
        ({"kind": "APPROVE", "role": "lead", "not_by": "", "votes": [LEAD]}, "approve", "approved it", "已经同意过"),
        ({"kind": "APPROVE", "role": "lead", "not_by": "", "votes": []}, "approve", "", ""),
        ({"kind": "HOLD"}, "approve", "", ""),
        ({"kind": "HOLD"}, "refuse", "is a hold", "是挂起"),
    ],
)
def test_why_somebodys_answer_would_change_nothing_is_said_before_it_is_given(
    lead: Browser, wanted: dict[str, Any], verb: str, says: str, zh: str
) -> None:
    path = f"/api/tasks/{quote(_task(state='OPEN', **wanted), safe='')}"
    english, chinese = (
        lead.ask("GET", path, Accept_Language=language).body["why_not"].get(verb, "") for language in ("en", "zh")
    )
    assert bool(english) is bool(says) and says in english and zh in chinese


def test_of_what_has_ended_nothing_is_asked_and_an_odd_row_is_shown_as_it_is(many: Console, lead: Browser) -> None:
    ended = lead.get(f"/api/tasks/{quote(_task(kind='HOLD', state='APPROVED'), safe='')}").body
    assert set(ended["why_not"]) == {"approve", "refuse", "claim"}
    odd = lead.get(f"/api/tasks/{quote(ODD, safe='')}").body
    assert (odd["kind"], odd["state"], odd["order"], odd["trail"]) == ("RITE", "LOST", None, [])
    assert lead.get("/api/tasks/taobao%3A0%2Fnobody%231").status == 404


def test_an_order_is_shown_beside_its_task_to_who_may_see_orders(console: Console, monkeypatch: Any) -> None:
    monkeypatch.setitem(ROLES, "tasks alone", {Permission.TASKS_READ})
    path = f"/api/tasks/{quote('aaashop-1 task_id', safe='')}"
    seen = console.signed_in(Grant("viewer", Kind.SHOP, "aaashop")).get(path).body
    assert seen["order"]["order_no"] == "aaashop-1 order_no" and seen["order"]["lines"][0]["sku"] == "aaashop-1 sku"
    assert "receiver" not in seen["order"] and "aaashop-1 name" not in str(seen)
    alone = console.signed_in(Grant("tasks alone", Kind.SHOP, "aaashop"), Grant("viewer", Kind.SHOP, "bbbshop"))
    assert alone.get(path).body["order"] is None
    # On the order's page its tasks are shown to who may see those.
    story = console.signed_in(Grant("viewer", Kind.SHOP, "aaashop")).get("/api/orders/taobao%3Aaaashop-1").body
    assert [task["task_id"] for task in story["tasks"]] == ["aaashop-1 task_id"]
    monkeypatch.setitem(ROLES, "orders alone", {Permission.ORDERS_READ})
    orders = console.signed_in(Grant("orders alone", Kind.SHOP, "aaashop"), Grant("tasks alone", Kind.SHOP, "bbbshop"))
    assert orders.get("/api/orders/taobao%3Aaaashop-1").body["tasks"] == []


@pytest.mark.parametrize("shops", [Shops(True, frozenset()), Shops(False, frozenset({"tea"}))], ids=["all", "one"])
def test_no_list_looks_at_a_whole_table(many: Console, shops: Shops) -> None:
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
            asking, who = Explaining(connection), Person(LEAD, ["lead"])
            for state in ("open", "mine", "ended"):
                await tasks.page(asking, shops, Filters(state=state, kind="HOLD"), who, None, 50)
            await tasks.counts(asking, "", "", who)
            await tasks.of_order(asking, "taobao:1")
        await connection.close()

    asyncio.run(look())
    assert plans and not [line for line in plans if "Seq Scan" in line], "\n".join(plans)
    # What is asked, and what has ended, each by the index of its own.
    assert {name for name in ("tasks_open", "tasks_ended") if any(name in line for line in plans)} == {
        "tasks_open",
        "tasks_ended",
    }
