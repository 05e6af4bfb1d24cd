"""Trying a draft: on an order that somebody writes down, on orders of the hub's, and on all that was decided in the last days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from connectors.console.api.doing import done
from connectors.console.api.rules import RuleFault, Text, fault_told, moment
from connectors.console.asking import Asker, Used, Who, asks
from connectors.console.permissions import NOWHERE, Permission
from connectors.console.problems import Problem, Speaks
from connectors.console.rule_deeds import Counterfactual, Tried
from connectors.console.services import Services
from schemas.texts import Language, said_in
from streams.domain.routing.rules.tracing import PERSONAL
from streams.domain.routing.rules.words import in_words
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["rules"])

_ORDERS_MAX, _DAYS_MAX = 50, 14
OrderId = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]

_SEEN = "SELECT order_id FROM orders WHERE order_id = ANY($1::text[])"


class RuleTry(BaseModel):
    """``order``: lines (sku, quantity...), province and what else ``penstock rules try`` takes of an order."""

    text: Text
    order: dict[str, Any]


class RuleTryOrders(BaseModel):
    """Orders that the person may see."""

    text: Text
    order_ids: Annotated[list[OrderId], Field(min_length=1, max_length=_ORDERS_MAX)]


class RulePart(BaseModel):
    """Pieces of a line from a warehouse."""

    line_no: str
    sku: str
    warehouse: str
    quantity: int


class RuleScore(BaseModel):
    """A criterion's figure, null where it is not known; ``points`` by ``weight``, or the ``band``, where the rank has them."""

    by: str
    value: int | str | None
    points: int | None = None
    weight: int | None = None
    band: int | None = None


class RuleLooked(BaseModel):
    """A warehouse as a strategy saw it: ``why`` it was refused, in words, or its scores."""

    warehouse: str
    chosen: bool
    covers: int
    refused: str
    why: str
    scores: list[RuleScore]
    score: int | None


class RuleMargin(BaseModel):
    """By what the first choice was better than the runner-up; null: one of the two has no figure."""

    by: str
    difference: int | None


class RuleAttempt(BaseModel):
    """What one strategy made of the order: all, part or none of it is sent."""

    strategy: str
    result: str
    warehouses: list[RuleLooked]
    chosen: list[str]
    runner_up: str | None
    margin: RuleMargin | None
    notes: list[str]


class RulePassedOver(BaseModel):
    """A strategy whose conditions the order does not meet: the first that failed, and what it was judged by; null for what would tell where
    a receiver lives more closely than the city.
    """

    strategy: str
    condition: int
    field: str
    actual: Any


class RuleDecision(BaseModel):
    """Without parts the order waits; ``unplaced``: SKU and pieces that could not be placed."""

    outcome: str
    strategy: str
    parts: list[RulePart]
    unplaced: dict[str, int]
    attempts: list[RuleAttempt]
    passed_over: list[RulePassedOver]


class RuleTried(BaseModel):
    """One order, decided by the draft and by what decides today; ``none``: why it was not."""

    order_id: str
    none: str
    draft: RuleDecision | None
    today: RuleDecision | None


class RuleTriedGiven(BaseModel):
    """Of an order that was written down; with ``faults`` it was not tried."""

    faults: list[RuleFault]
    tried: RuleTried


class RuleCounterfactualStart(BaseModel):
    """Over the last days."""

    text: Text
    days: Annotated[int, Field(ge=1, le=_DAYS_MAX)] = 7


class RuleFigures(BaseModel):
    """Of orders of a period; null: not known. Freight in minor units of a currency, arrival in minutes, each of a parcel."""

    orders: int
    backordered: int
    parcels: int
    parcels_per_order: float | None
    split: int
    km_per_parcel: float | None
    freight_minor_per_parcel: float | None
    arrival_minutes: float | None
    from_warehouse: dict[str, int]


class RuleMovedOrders(BaseModel):
    """So many orders go from there to here; several warehouses of one order are joined by +, - is nowhere."""

    source: str
    target: str
    orders: int


class RuleOtherwise(BaseModel):
    """An order that goes otherwise; of those that the person may see, the first."""

    order_id: str
    source: str
    target: str
    draft: RuleDecision


class RuleComparison(BaseModel):
    """``known``: decisions whose facts are on record, of ``decisions``; ``as_recorded``: of a run in sequence, orders that the built-in
    rule sends as was recorded, of ``orders``. Null where that is not of this way.
    """

    orders: int
    decided_otherwise: int
    before: RuleFigures
    draft: RuleFigures
    moved: list[RuleMovedOrders]
    first: list[RuleOtherwise]
    decisions: int | None
    known: int | None
    as_recorded: int | None


class RuleCounterfactual(BaseModel):
    """A run; ``read`` of ``total`` records, of which there may become more. ``points``: each decision on its recorded facts;
    ``sequence``: the whole period on a simulated ledger.
    """

    name: str
    digest: str
    by: str
    days: int
    state: Literal["running", "done", "failed", "stopped"]
    started_at: datetime
    ended_at: datetime | None
    read: int
    total: int
    says: str
    points: RuleComparison | None
    sequence: RuleComparison | None


class RuleCounterfactuals(BaseModel):
    """The one that runs, or ran last; null: none did since the console was started."""

    last: RuleCounterfactual | None


@router.post("/rules/try", **asks(Permission.RULES_READ))
async def try_rules(used: Used, speaks: Speaks, body: RuleTry) -> RuleTriedGiven:
    """Decides an order that somebody wrote down, at the warehouses' shelves of now. Nothing is changed by it."""
    tried, faults = await done(used.deeds.rules.try_given, body.text, body.order)
    return RuleTriedGiven(faults=[fault_told(each, speaks) for each in faults], tried=_tried(tried, speaks))


@router.post("/rules/try/orders", **asks(Permission.RULES_READ))
async def try_rules_on_orders(used: Used, who: Who, speaks: Speaks, body: RuleTryOrders) -> list[RuleTried]:
    """Decides orders of the hub's anew; what one holds itself counts as free. Nothing is changed by it."""
    if await _seen(used, who, body.order_ids) != {*body.order_ids}:
        raise Problem("not_found")
    found = await done(used.deeds.rules.try_orders, body.text, list(dict.fromkeys(body.order_ids)))
    return [_tried(each, speaks) for each in found]


@router.get("/rules/counterfactual", **asks(Permission.RULES_READ))
async def look_at_counterfactual(used: Used, who: Who, speaks: Speaks) -> RuleCounterfactuals:
    """How far it is, and what was found."""
    return await _counterfactuals(used, who, speaks, used.deeds.rules.counterfactual())


@router.post("/rules/counterfactual/start", **asks(Permission.RULES_EDIT), status_code=202)
async def start_counterfactual(
    used: Used, who: Who, speaks: Speaks, body: RuleCounterfactualStart
) -> RuleCounterfactuals:
    """Holds a draft against the last days; one at a time. Nothing is changed by it."""
    by = Actor(who.name, {Right.SETTINGS})
    return await _counterfactuals(used, who, speaks, await done(used.deeds.rules.start, body.text, body.days, by))


@router.post("/rules/counterfactual/stop", **asks(Permission.RULES_EDIT))
async def stop_counterfactual(used: Used, who: Who, speaks: Speaks) -> RuleCounterfactuals:
    """Ends the one that runs."""
    return await _counterfactuals(used, who, speaks, await done(used.deeds.rules.stop))


async def _seen(used: Services, who: Asker, order_ids: list[str]) -> set[str]:
    """Those that the person may see."""
    shops = who.may.get(Permission.ORDERS_READ, NOWHERE)
    if not shops or not order_ids:
        return set()
    async with used.store.reading(shops) as connection:
        return {order_id for (order_id,) in await connection.fetch(_SEEN, order_ids)}


def _tried(tried: Tried, speaks: Language) -> RuleTried:
    return RuleTried(
        order_id=tried.order_id,
        none=said_in(speaks, tried.none),
        draft=None if tried.draft is None else _decision(tried.draft, speaks),
        today=None if tried.today is None else _decision(tried.today, speaks),
    )


def _decision(decision: Mapping[str, Any], speaks: Language) -> RuleDecision:
    attempts = [
        {**each, "warehouses": [_looked(one, speaks) for one in each["warehouses"]]} for each in decision["attempts"]
    ]
    passed_over = [
        {**each, "actual": None if each["field"] in PERSONAL else each["actual"]} for each in decision["passed_over"]
    ]
    return RuleDecision.model_validate({**decision, "attempts": attempts, "passed_over": passed_over})


def _looked(each: Mapping[str, Any], speaks: Language) -> dict[str, Any]:
    refused = each.get("refused", "")
    why = said_in(speaks, in_words(refused, each["actual"], each["limit"])) if refused else ""
    return {"refused": "", "scores": [], "score": None, **each, "why": why}


async def _counterfactuals(
    used: Services, who: Asker, speaks: Language, it: Counterfactual | None
) -> RuleCounterfactuals:
    if it is None:
        return RuleCounterfactuals(last=None)
    found: Mapping[str, Any] = it.found or {}
    named = {each["order_id"] for way in found.values() if way for each in way["first"]}
    seen = await _seen(used, who, sorted(named))
    ways = {name: way and _comparison(way, seen, speaks) for name, way in found.items()}
    return RuleCounterfactuals(
        last=RuleCounterfactual(
            **{name: getattr(it, name) for name in ("name", "digest", "by", "days", "state", "read", "total")},
            started_at=moment(it.started_at_ms),
            ended_at=None if it.ended_at_ms is None else moment(it.ended_at_ms),
            says=said_in(speaks, it.says),
            points=ways.get("points"),
            sequence=ways.get("sequence"),
        )
    )


def _comparison(way: Mapping[str, Any], seen: set[str], speaks: Language) -> RuleComparison:
    coverage, fidelity = way.get("coverage"), way.get("fidelity")
    return RuleComparison(
        orders=way["orders"],
        decided_otherwise=way["decided_otherwise"],
        before=RuleFigures.model_validate(way["before"]),
        draft=RuleFigures.model_validate(way["draft"]),
        moved=[RuleMovedOrders(source=it["from"], target=it["to"], orders=it["orders"]) for it in way["moved"]],
        first=[
            RuleOtherwise(
                order_id=it["order_id"], source=it["from"], target=it["to"], draft=_decision(it["draft"], speaks)
            )
            for it in way["first"]
            if it["order_id"] in seen
        ],
        decisions=coverage and coverage["decisions"],
        known=coverage and coverage["with_facts"],
        as_recorded=fidelity and fidelity["as_recorded"],
    )
