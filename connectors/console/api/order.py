"""One order: its whole story, and whom it goes to."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from connectors.console.api.doing import done
from connectors.console.api.tasks import TaskRow, shown
from connectors.console.asking import Asker, Used, Who, asks
from connectors.console.freshness import freshness
from connectors.console.permissions import NOWHERE, Permission
from connectors.console.problems import Problem, Speaks
from connectors.console.services import Services
from connectors.console.story import EVENTS_MAX, Story, receiver, story
from connectors.console.tasks import of_order
from schemas.texts import Language, said_in
from streams.ops.actor import Actor, Right
from streams.ops.masking import readable

router = APIRouter(tags=["orders"])

OrderId = Annotated[str, Path(max_length=300, pattern=r"^[^\x00]+$")]


class Line(BaseModel):
    """A line of goods, as the order was last accepted."""

    line_no: str
    sku: str
    title: str
    quantity: int
    unit_price_minor: int
    returned_quantity: int
    shipped_quantity: int
    cancelled_quantity: int
    asked_back_quantity: int
    sent_by: str
    sender: str


class Receiver(BaseModel):
    """Whom it goes to: masked to a first character, unless it was asked for (``POST .../receiver``)."""

    name: str
    phone: str
    phone_extension: str
    country: str
    province: str
    city: str
    district: str
    town: str
    address: str
    postal_code: str
    company: str
    #: Which of name, phone and address the platform gives otherwise than plain: cipher, masked or privacy.
    forms: dict[str, str]
    #: Buyer's remark, seller's flag, custom fields.
    attributes: dict[str, str]


class Considered(BaseModel):
    """A warehouse that was weighed, chosen or not, and why."""

    model_config = ConfigDict(extra="allow")

    warehouse: str
    covers: int
    distance_km: float | None = None
    open_units: int
    chosen: bool
    reason: str


class Missing(BaseModel):
    """A SKU that stock could not cover."""

    sku: str
    shortfall: int


class Round(BaseModel):
    """A round of planning: warehouses as they were ranked, and what their stock then refused."""

    model_config = ConfigDict(extra="allow")

    round: int
    considered: list[Considered]
    rejected: list[Missing]


class Trace(BaseModel):
    """How it was decided; newer versions say more."""

    model_config = ConfigDict(extra="allow")

    rounds: list[Round]


class Part(BaseModel):
    """Units reserved at a warehouse."""

    reservation_id: str
    line_no: str
    sku: str
    warehouse: str
    quantity: int


class Decision(BaseModel):
    """An attempt at allocating the order."""

    attempt: int
    decision: str
    reason: str | None
    rounds: int
    decided_at: datetime
    trace: Trace
    parts: list[Part]
    missing: list[Missing]
    #: What was given back later, and why.
    released_at: datetime | None
    released_because: str | None


class Parcel(BaseModel):
    """What left a warehouse."""

    shipment_id: str
    warehouse: str
    carrier: str
    tracking_no: str
    shipped_at: datetime


class Writeback(BaseModel):
    """Where telling the platform of a parcel stands."""

    shipment_id: str
    carrier: str
    tracking_no: str
    phase: str
    attempt: int
    outcome: str | None
    code: str
    reason: str
    ship_by: datetime
    next_at: datetime | None
    changed_at: datetime


class Event(BaseModel):
    """Something that happened, and the record that tells of it."""

    at: datetime
    kind: str
    status: str | None
    reason: str | None
    about: str | None
    done_by: str | None
    topic: str
    partition: int
    offset: int


class OrderStory(BaseModel):
    """All that is known of an order; ``events`` newest first, ``more_events`` when there are more than are shown."""

    order_id: str
    channel: str
    shop: str
    order_no: str
    version: int
    status: str | None
    reason: str | None
    changed_at: datetime | None
    platform_status: str
    hold_reason: str | None
    currency: str
    total_minor: int
    collect_minor: int | None
    placed_at: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    not_before: datetime | None
    received_at: datetime
    source_topic: str
    source_partition: int
    source_offset: int
    #: Masked; null when the tables have none.
    receiver: Receiver | None
    lines: list[Line]
    decisions: list[Decision]
    shipments: list[Parcel]
    writebacks: list[Writeback]
    #: What its flow asks of persons, or has somebody told, oldest first; none where the asker sees no tasks of its shop.
    tasks: list[TaskRow]
    events: list[Event]
    more_events: bool
    as_of: datetime | None
    behind_s: float | None


@router.get("/orders/{order_id:path}", **asks(Permission.ORDERS_READ))
async def show_order(used: Used, who: Who, speaks: Speaks, order_id: OrderId) -> OrderStory:
    """One order's whole story; 404 where it is of a shop that the asker does not see."""
    async with used.store.reading(who.shops) as connection:
        told = await story(connection, order_id)
        if told is None or told.order["shop"] not in who.shops:
            raise Problem("not_found")
        sees_tasks = told.order["shop"] in who.may.get(Permission.TASKS_READ, NOWHERE)
        asked = [shown(row) for row in await of_order(connection, order_id)] if sees_tasks else []
        fresh = await freshness(connection, used.hub)
    return OrderStory.model_validate(
        {
            **told.order,
            "reason": _turned(speaks, told.order["reason"]),
            "receiver": await _receiver(used, who, order_id, unmask=False),
            "lines": [dict(line) for line in told.lines],
            "decisions": _decisions(told, speaks),
            "shipments": [dict(row) for row in told.shipments],
            "writebacks": [{**row, "reason": said_in(speaks, row["reason"])} for row in told.writebacks],
            "tasks": asked,
            "events": [{**row, "reason": _turned(speaks, row["reason"])} for row in told.events[:EVENTS_MAX]],
            "more_events": len(told.events) > EVENTS_MAX,
            "as_of": fresh,
            "behind_s": await used.lagging.tables_behind_s(),
        }
    )


@router.post("/orders/{order_id:path}/receiver", **asks(Permission.ORDERS_PII))
async def reveal_receiver(used: Used, who: Who, order_id: OrderId) -> Receiver:
    """Whom it goes to, unmasked; on record in the audit before it is shown, and not shown where it cannot be."""
    if await _receiver(used, who, order_id, unmask=False) is None:
        raise Problem("not_found")
    await done(used.deeds.read, order_id, Actor(who.name, {Right.UNMASKED}))
    # Asked for again: what was forgotten meanwhile is not shown.
    found = await _receiver(used, who, order_id, unmask=True)
    if found is None:
        raise Problem("not_found")
    return found


async def _receiver(used: Services, who: Asker, order_id: str, *, unmask: bool) -> Receiver | None:
    async with used.store.revealing(who.shops) as connection:
        row = await receiver(connection, order_id)
    if row is None or row["shop"] not in who.shops:
        return None
    record = {**row, "forms": json.loads(row["forms"])}
    shown = readable(
        "Receiver", {name: record[name] for name in record if name not in ("shop", "attributes")}, unmask=unmask
    )
    attributes = json.loads(row["attributes"])
    # Of no schema of their own: masked as a whole, but for their names.
    shown["attributes"] = attributes if unmask else readable("attributes", attributes)
    return Receiver.model_validate(shown)


def _decisions(told: Story, speaks: Language) -> list[dict[str, Any]]:
    parts = _by_attempt(told.parts)
    missing = _by_attempt(told.missing)
    return [
        {
            **row,
            "reason": _turned(speaks, row["reason"]),
            "released_because": _turned(speaks, row["released_because"]),
            "trace": _trace(json.loads(row["trace"]), speaks),
            "parts": parts.get(row["attempt"], []),
            "missing": missing.get(row["attempt"], []),
        }
        for row in told.decisions
    ]


def _trace(trace: dict[str, Any], speaks: Language) -> dict[str, Any]:
    for each in trace["rounds"]:
        for considered in each["considered"]:
            considered["reason"] = said_in(speaks, considered["reason"])
    return trace


def _by_attempt(rows: Any) -> dict[int, list[dict[str, Any]]]:
    """They are sorted so."""
    return {attempt: [dict(row) for row in its] for attempt, its in groupby(rows, itemgetter("attempt"))}


def _turned(speaks: Language, text: str | None) -> str | None:
    return said_in(speaks, text) if text else text
