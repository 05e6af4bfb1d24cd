"""A person's word about an order: hold it, let it go, end it."""

from __future__ import annotations

from fastapi import APIRouter

from connectors.console.api.doing import Key, done
from connectors.console.api.order import OrderId
from connectors.console.api.tasks import Answered, Reasoned
from connectors.console.asking import Asker, Used, Who, asks
from connectors.console.deeds import undertaking
from connectors.console.permissions import Permission
from connectors.console.problems import Problem, Speaks
from connectors.console.services import Services
from connectors.console.story import shop_of
from connectors.console.task_deeds import Decision
from schemas.texts import Language
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["orders"])


@router.post("/orders/{order_id:path}/hold", **asks(Permission.ORDERS_DECIDE), status_code=202)
async def hold_order(
    used: Used, who: Who, speaks: Speaks, order_id: OrderId, body: Reasoned, key: Key = None
) -> Answered:
    """Keeps what has not left of it until it is released: what is reserved for it goes back to sale."""
    return await _decided(used, who, speaks, order_id, "hold", body.because, key)


@router.post("/orders/{order_id:path}/release", **asks(Permission.ORDERS_DECIDE), status_code=202)
async def release_order(
    used: Used, who: Who, speaks: Speaks, order_id: OrderId, body: Reasoned, key: Key = None
) -> Answered:
    """Lets it go, whatever holds it; not what its flow asks an approval for."""
    return await _decided(used, who, speaks, order_id, "release", body.because, key)


@router.post("/orders/{order_id:path}/cancel", **asks(Permission.ORDERS_DECIDE), status_code=202)
async def cancel_order(
    used: Used, who: Who, speaks: Speaks, order_id: OrderId, body: Reasoned, key: Key = None
) -> Answered:
    """Ends it, where it has not left: its platform does not open it again."""
    return await _decided(used, who, speaks, order_id, "cancel", body.because, key)


async def _decided(
    used: Services, who: Asker, speaks: Language, order_id: str, verb: Decision, because: str, key: str | None
) -> Answered:
    async with used.store.reading(who.shops) as connection:
        shop = await shop_of(connection, order_id)
    if shop is None or shop not in who.shops:
        raise Problem("not_found")
    by = Actor(who.name, {Right.ORDERS})
    told = await done(used.deeds.tasks.decide, order_id, verb, because, undertaking(who.name, key), by)
    return Answered.of(told, speaks)
