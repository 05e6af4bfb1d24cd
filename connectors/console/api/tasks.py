"""What flows ask of persons: how much, which, each with what it is about; and a person's answer."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from connectors.console import cursor, tasks
from connectors.console.api.doing import Because, Key, done
from connectors.console.api.orders import Text
from connectors.console.api.reviews import Step
from connectors.console.asking import Asker, Used, Who, asks
from connectors.console.deeds import undertaking
from connectors.console.freshness import freshness
from connectors.console.permissions import NOWHERE, Permission, Shops, within
from connectors.console.problems import Problem, Speaks
from connectors.console.services import Services
from connectors.console.task_deeds import Answer, Told
from schemas.texts import Language, said_in
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["tasks"])

#: order_id/node#number, as listed.
TaskId = Annotated[str, Path(max_length=500, pattern=r"^[^\x00]+$")]


class View(StrEnum):
    """Which tasks: ``mine`` are those of the open ones that wait for an answer which the asker may give."""

    OPEN = "open"
    MINE = "mine"
    ENDED = "ended"


class TaskRow(BaseModel):
    """What a flow asks of a person, or has somebody told. ``kind``: APPROVE, HOLD or NOTIFY; ``state``: OPEN, APPROVED, REFUSED,
    RELEASED, LATE, WITHDRAWN or TOLD.
    """

    task_id: str
    order_id: str
    channel: str
    shop: str
    kind: str
    state: str
    #: The flow document, its version, and the node that asks.
    document: str
    flow_version: int
    node: str
    #: Of a hold: why.
    reason: str
    #: Of an approval: who may answer; of a notification: whom it is for.
    role: str
    told_by: str
    text: str
    #: How many have to say yes, and who has so far.
    persons: int
    votes: list[str]
    #: Who may not answer, since they asked; empty: nobody is left out.
    not_by: str
    claimed_by: str
    answered_by: str
    because: str
    opened_at: datetime
    due_at: datetime | None
    at: datetime


class TaskPage(BaseModel):
    """Open ones the most urgent first, ended ones newest first; fewer than asked for does not mean the last: ``next`` is null then."""

    rows: list[TaskRow]
    next: str | None
    as_of: datetime | None
    behind_s: float | None


class TaskCause(BaseModel):
    """Open tasks of one kind, of one role or for one reason."""

    kind: str
    role: str
    reason: str
    tasks: int


class TaskCounts(BaseModel):
    """Of open tasks. ``mine``: those that the asker may answer; ``roles``: by which (``PENSTOCK_ROLES``)."""

    causes: list[TaskCause]
    total: int
    mine: int
    roles: list[str]
    as_of: datetime | None
    behind_s: float | None


class TaskGoods(BaseModel):
    """A line of the order."""

    sku: str
    title: str
    quantity: int


class TaskOrder(BaseModel):
    """The order as it stands, of whom nothing personal."""

    order_no: str
    status: str | None
    reason: str | None
    currency: str
    total_minor: int
    placed_at: datetime
    ship_by: datetime | None
    country: str
    province: str
    city: str
    lines: list[TaskGoods]


class TaskItem(TaskRow):
    """One task. ``why_not``: answer -> why the asker's would change nothing, as far as is known; absent where the worker judges it."""

    why_not: dict[str, str]
    #: Null where the asker sees no orders of its shop, or the tables have it not yet.
    order: TaskOrder | None
    trail: list[Step]
    as_of: datetime | None
    behind_s: float | None


class TaskWay(BaseModel):
    """Where the order goes on from here: ``edge`` is the answer (approved, refused, released) or none in time (late)."""

    edge: str
    node: str
    does: str


class TaskWays(BaseModel):
    """Empty: the version of the flow is not there any more."""

    ways: list[TaskWay]


class Answered(BaseModel):
    """It is in Kafka with its audit entry. ``decided``: the worker has taken it, ``says`` where the order stands; else it will judge it."""

    undertaking: str
    by: str
    at: datetime
    repeated: bool
    decided: bool
    says: str

    @staticmethod
    def of(told: Told, speaks: Language) -> Answered:
        """As told."""
        at = datetime.fromtimestamp(told.at_ms / 1000, UTC)
        return Answered(**{**told._asdict(), "at": at, "says": said_in(speaks, told.says)})


class Reasoned(BaseModel):
    """Why, in words that may go on record."""

    because: Because


class Claim(BaseModel):
    """Why may be left out."""

    because: Because = "taken on"


@router.get("/tasks", **asks(Permission.TASKS_READ))
async def list_tasks(
    used: Used,
    who: Who,
    state: View = View.OPEN,
    channel: Text = "",
    shop: Text = "",
    kind: Text = "",
    role: Text = "",
    reason: Text = "",
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TaskPage:
    """What is asked of persons, or was."""
    filters = tasks.Filters(state, channel, shop, kind, role, reason)
    behind = cursor.behind(after) if after else None
    async with used.store.reading(who.shops) as connection:
        found = await tasks.page(connection, who.shops, filters, person(used, who), behind, limit)
        fresh = await freshness(connection, used.hub)
    return TaskPage(
        rows=[shown(row) for row in found.rows],
        next=cursor.marked(*found.behind) if found.behind else None,
        as_of=fresh,
        behind_s=await used.lagging.tables_behind_s(),
    )


@router.get("/tasks/counts", **asks(Permission.TASKS_READ))
async def count_tasks(used: Used, who: Who, shop: Text = "", channel: Text = "") -> TaskCounts:
    """How many are open, by what they ask, and how many of them the asker may answer."""
    asker = person(used, who)
    async with used.store.reading(who.shops) as connection:
        found = await tasks.counts(connection, shop, channel, asker)
        fresh = await freshness(connection, used.hub)
    return TaskCounts(
        causes=[TaskCause(kind=kind, role=role, reason=reason, tasks=n) for kind, role, reason, n in found.causes],
        total=found.total,
        mine=found.mine,
        roles=list(asker.roles),
        as_of=fresh,
        behind_s=await used.lagging.tables_behind_s(),
    )


@router.get("/tasks/{task_id:path}/ways", **asks(Permission.TASKS_READ))
async def show_ways(used: Used, who: Who, task_id: TaskId) -> TaskWays:
    """Where the order goes with each answer, by the version of its flow that asks."""
    row = await _seen(used, who, task_id)
    found = await done(used.deeds.tasks.ways, row["document"], row["flow_version"], row["node"])
    return TaskWays(ways=[TaskWay(**way._asdict()) for way in found])


@router.get("/tasks/{task_id:path}", **asks(Permission.TASKS_READ))
async def show_task(used: Used, who: Who, speaks: Speaks, task_id: TaskId) -> TaskItem:
    """One task, with the order that it is about; 404 where it is of a shop that the asker does not see."""
    row = await _seen(used, who, task_id)
    async with used.store.reading(who.shops) as connection:
        trail = await tasks.trail(connection, row["order_id"], task_id)
        fresh = await freshness(connection, used.hub)
    return TaskItem(
        **shown(row).model_dump(),
        why_not=_why_not(used, who, speaks, row),
        order=await _order(used, who, speaks, row),
        trail=[Step.model_validate(dict(step)) for step in trail],
        as_of=fresh,
        behind_s=await used.lagging.tables_behind_s(),
    )


@router.post("/tasks/{task_id:path}/approve", **asks(Permission.TASKS_ANSWER), status_code=202)
async def approve_task(
    used: Used, who: Who, speaks: Speaks, task_id: TaskId, body: Reasoned, key: Key = None
) -> Answered:
    """Says yes; of a hold: lets the order go. Answer and audit in one transaction; the worker decides by the log who was first."""
    return await _answered(used, who, speaks, task_id, "approve", body.because, key)


@router.post("/tasks/{task_id:path}/refuse", **asks(Permission.TASKS_ANSWER), status_code=202)
async def refuse_task(
    used: Used, who: Who, speaks: Speaks, task_id: TaskId, body: Reasoned, key: Key = None
) -> Answered:
    """Says no: the order goes where its flow sends what is refused."""
    return await _answered(used, who, speaks, task_id, "refuse", body.because, key)


@router.post("/tasks/{task_id:path}/claim", **asks(Permission.TASKS_ANSWER), status_code=202)
async def claim_task(used: Used, who: Who, speaks: Speaks, task_id: TaskId, body: Claim, key: Key = None) -> Answered:
    """Takes it on, so that nobody else looks into it too; who is first has it."""
    return await _answered(used, who, speaks, task_id, "claim", body.because, key)


async def _answered(
    used: Services, who: Asker, speaks: Language, task_id: str, verb: Answer, because: str, key: str | None
) -> Answered:
    await _seen(used, who, task_id)
    by = Actor(who.name, {Right.ORDERS})
    told = await done(used.deeds.tasks.answer, task_id, verb, because, undertaking(who.name, key), by)
    return Answered.of(told, speaks)


def person(used: Services, who: Asker) -> tasks.Person:
    """Who asks, as tasks know them."""
    return tasks.Person(who.name, used.deeds.tasks.roles(who.name))


def shown(row: Any) -> TaskRow:
    """A task's row as it is answered."""
    return TaskRow.model_validate({name: row[name] for name in TaskRow.model_fields})


async def _seen(used: Services, who: Asker, task_id: str) -> Any:
    """The task's row. Raises Problem where there is none that the asker may see."""
    async with used.store.reading(who.shops) as connection:
        row = await tasks.task(connection, task_id)
    if row is None or row["shop"] not in who.shops:
        raise Problem("not_found")
    return row


def _why_not(used: Services, who: Asker, speaks: Language, row: Any) -> dict[str, str]:
    record = tasks.record(row)
    verbs: tuple[Answer, ...] = ("approve", "refuse", "claim")
    found = {verb: used.deeds.tasks.why_not(record, verb, who.name) for verb in verbs}
    return {verb: said_in(speaks, why) for verb, why in found.items() if why}


async def _order(used: Services, who: Asker, speaks: Language, row: Any) -> TaskOrder | None:
    shops: Shops = within(who.shops, who.may.get(Permission.ORDERS_READ, NOWHERE))
    if row["shop"] not in shops:
        return None
    async with used.store.reading(shops) as connection:
        order, lines = await tasks.order(connection, row["order_id"])
    if order is None:
        return None
    reason = said_in(speaks, order["reason"]) if order["reason"] else order["reason"]
    return TaskOrder.model_validate({**order, "reason": reason, "lines": [dict(line) for line in lines]})
