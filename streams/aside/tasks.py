"""What flows ask of persons, as the topic ``tasks`` has it, and a person's answer: decided once, by the worker that owns the order."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple, cast

from schemas.codec import CODEC, CodecError
from schemas.records import OperatorAction, OperatorDecision, Task
from schemas.topics import TASKS
from streams.aside.orders import now_ms
from streams.aside.telling import Telling, new_id
from streams.domain.flow.roles import person, roles_of
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.settings import Settings

#: As typed -> as decided.
VERBS: dict[str, OperatorAction] = {"approve": "APPROVE", "refuse": "REFUSE", "claim": "CLAIM"}


class Wanted(NamedTuple):
    """Which tasks; what is empty leaves none out."""

    #: Also those that are answered, or were told of alone.
    every: bool = False
    role: str = ""
    channel: str = ""
    shop: str = ""

    def has(self, task: Task) -> bool:
        """Whether it is one of these."""
        if not self.every and task["state"] != "OPEN":
            return False
        asked = (self.role, task["role"]), (self.channel, task["channel"]), (self.shop, task["shop"])
        return all(not wanted or wanted == its for wanted, its in asked)


def tasks(cluster: Cluster, wanted: Wanted) -> list[Task]:
    """As they stand, those that are due first before those that never are. Raises ClusterError."""
    newest = {each["task_id"]: each for each in _records(cluster, None)}
    found = [each for each in newest.values() if wanted.has(each)]
    return sorted(found, key=lambda each: (each["due_at_ms"] is None, each["due_at_ms"], each["opened_at_ms"]))


def course(cluster: Cluster, name: str) -> list[Task]:
    """Every record of one task, the oldest first; of an order's id all of its tasks'. Empty where there is none. Raises ClusterError."""
    parts = name.split("/")
    orders = {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return [each for each in _records(cluster, orders) if name in (each["task_id"], each["order_id"])]


def answer(cluster: Cluster, task: Task, verb: str, *, by: Actor, because: str, decision_id: str = "") -> Telling:
    """A person approves, refuses or takes on a task, with the roles that the settings give them. ``by``: who acts. Raises NotAllowed."""
    its = roles(cluster.settings, by.who)
    name = task["task_id"].removeprefix(f"{task['order_id']}/")
    record: OperatorDecision = {
        "decision_id": decision_id or new_id(),
        "order_id": task["order_id"],
        "action": VERBS[verb],
        "by": by.who,
        "reason": because,
        "decided_at_ms": now_ms(),
        "task": name,
        "roles": list(its),
    }
    details = {"decision_id": record["decision_id"], "task": task["task_id"], "roles": " ".join(its)}
    entry = audit.entry(f"task.{verb}", task["order_id"], by=by, reason=because, details=details)
    return Telling("orders.decisions", "OperatorDecision", record, entry)


def why_not(settings: Settings, task: Task, verb: str, account: str) -> str:
    """Why an answer of who has this account would change nothing, as far as is known here; empty: the order's own worker judges it."""
    who = person(account)
    if task["state"] != "OPEN":
        if task["answered_by"]:
            return f"{task['task_id']} is {task['state']}, by {task['answered_by']}: nothing is asked there any more"
        return f"{task['task_id']} is {task['state']}: nothing is asked there any more"
    if verb == "claim":
        return ""
    if task["kind"] == "HOLD":
        if verb == "refuse":
            return f"{task['task_id']} is a hold: approve lets the order go, penstock order cancel ends it"
        return ""
    has = roles(settings, account)
    if task["role"] not in has:
        theirs = f"{who} has {', '.join(has) or 'no role'}"
        return f"it is asked of the role {task['role']}, and {theirs}: PENSTOCK_ROLES says who has which"
    if who == task["not_by"]:
        return f"{who} asked for it, and may not answer: another {task['role']} has to"
    if verb == "approve" and who in task["votes"]:
        return f"{who} has approved it already: another {task['role']} has to"
    return ""


def roles(settings: Settings, account: str) -> tuple[str, ...]:
    """The roles of who acts."""
    return roles_of(settings.roles, person(account))


def _records(cluster: Cluster, orders: Collection[str] | None) -> Iterator[Task]:
    for message in cluster.read(TASKS, keys=orders):
        try:
            name, record = CODEC.decode(message.value() or b"")
        except CodecError:
            continue
        if name == "Task":
            yield cast(Task, record)
