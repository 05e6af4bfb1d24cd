"""``penstock task``: what flows ask of persons: approved, refused or taken on, once, by whoever is first."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from schemas.records import Task
from schemas.table import Table
from schemas.texts import said, word
from streams.aside import tasks
from streams.aside.tasks import Wanted
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.cli.moments import age
from streams.cli.order import Why
from streams.cli.selection import Because, Limit, Yes, given_reason
from streams.cli.telling import DryRun, How, Id, NoWait, Wish, carried_out
from streams.ops import audit
from streams.ops.moments import local, utc

Name = Annotated[
    str,
    typer.Argument(
        metavar="TASK", help="As listed, such as jd:300000424242/lead#1; or an order's id, of its open one."
    ),
]


def list_(
    every: Annotated[bool, typer.Option("--all", help="Also those that were answered, or told of alone.")] = False,
    role: Annotated[str, typer.Option(help="Only what is asked of this role.")] = "",
    channel: Annotated[str, typer.Option(help="Only of this channel.")] = "",
    shop: Annotated[str, typer.Option(help="Only of this shop.")] = "",
    limit: Limit = 100,
    as_json: JsonFlag = False,
) -> None:
    """What flows ask of persons and nobody has answered yet, the most urgent first."""
    found = tasks.tasks(connected(), Wanted(every, role, channel, shop))
    if as_json:
        print_json([_for_machines(each) for each in found[:limit]])
        return
    if not found:
        out.print("nothing is asked" if not every else "nothing was asked")
        return
    table = Table("task", "asks", "stands", "for", "left", "role", "taken on by", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    now_s = time.time()
    for each in found[:limit]:
        due = each["due_at_ms"]
        left = "-" if due is None or each["state"] != "OPEN" else age(due / 1000 - now_s)
        since = age(now_s - each["at_ms"] / 1000)
        asks = word(each["kind"].lower())
        table.add_row(
            *(each["task_id"], asks, word(each["state"].lower()), since, left, each["role"] or "-"),
            each["claimed_by"] or "-",
        )
    out.print(table)
    if len(found) > limit:
        out.print(f"{len(found):,} tasks (the first {limit} are shown)")


def show(task: Name, as_json: JsonFlag = False) -> None:
    """One task, or all of an order's, step by step: who asked what, who answered, and why."""
    found = tasks.course(connected(), task)
    if not found:
        raise Refused(f"nothing is known of a task {task!r}: penstock task list --all shows what there is")
    if as_json:
        print_json([_for_machines(each) for each in found])
        return
    for each in found:
        told = "  ".join(f"{field}={value}" for field, value in _for_people(each).items())
        out.print(f"{local(each['at_ms'])}  {each['task_id']}  {word(each['state'].lower())}  {told}", soft_wrap=True)


def approve(
    task: Name,
    because: Why,
    decision_id: Id = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Say yes to what a flow asks; of a hold: let the order go. Roles are those that PENSTOCK_ROLES gives your account."""
    _answer("approve", task, because, decision_id, How("Approve it?", yes, dry_run, no_wait, as_json))


def refuse(
    task: Name,
    because: Why,
    decision_id: Id = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Say no to what a flow asks: the order goes where its flow sends what is refused."""
    _answer("refuse", task, because, decision_id, How("Refuse it?", yes, dry_run, no_wait, as_json))


def claim(
    task: Name,
    because: Because = "",
    decision_id: Id = "",
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Take a task on, so that nobody else looks into it too; who is first has it."""
    _answer("claim", task, because or "taken on", decision_id, How("", True, dry_run, no_wait, as_json))


def _answer(verb: str, name: str, because: str, decision_id: str, how: How) -> None:
    given_reason(because)
    cluster = connected()
    by = audit.operator(cluster)
    known = {each["task_id"]: each for each in tasks.course(cluster, name)}
    # Of one that is answered it is said how.
    open_ = [each for each in known.values() if each["state"] == "OPEN"] or list(known.values())[-1:]
    if not open_:
        raise Refused(f"nothing is known of a task {name!r}: penstock task list shows what is asked")
    it = open_[-1]
    # Told before under the same id: what became of it is asked for, whatever the task is by now.
    why_not = "" if decision_id else tasks.why_not(cluster.settings, it, verb, by.who)
    telling = tasks.answer(cluster, it, verb, by=by, because=because, decision_id=decision_id)
    carried_out(cluster, [Wish(f"{verb} {it['task_id']}", None if why_not else telling, why_not)], how)


def _for_machines(task: Task) -> dict[str, object]:
    due = task["due_at_ms"]
    times = {
        "opened_at": utc(task["opened_at_ms"]),
        "due_at": None if due is None else utc(due),
        "at": utc(task["at_ms"]),
    }
    return {**{name: value for name, value in task.items() if not name.endswith("_ms")}, **times}


def _for_people(task: Task) -> dict[str, object]:
    named = {
        name: task[name]
        for name in ("kind", "reason", "role", "not_by", "claimed_by", "answered_by", "because", "by", "text")
    }
    due = task["due_at_ms"]
    votes = ", ".join(task["votes"])
    more = {"votes": votes, "due": "" if due is None else local(due), "flow": f"{task['document']}@{task['version']}"}
    return {name: said(str(value)) for name, value in {**named, **more}.items() if value}
