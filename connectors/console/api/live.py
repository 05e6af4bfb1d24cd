"""The live panel, as a stream of events: a second's figures each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

from connectors.console import sessions, users
from connectors.console.asking import Used, Who, asks, cookie_name
from connectors.console.live import WINDOW_S, Pulse, figures
from connectors.console.permissions import Permission, Shops
from connectors.console.problems import Problem, Speaks, in_language
from connectors.console.services import Services
from schemas.texts import Language, word_in

router = APIRouter(tags=["live"])

#: Pulses between two looks at whether the session still holds.
_HOLDS_EVERY = 15


class ChannelInflow(BaseModel):
    """Orders that were accepted."""

    channel: str
    last_10_s: int
    last_minute: int


class ReasonOpen(BaseModel):
    """Open items with a reason."""

    code: str
    title: str
    items: int


class WaitingOrders(BaseModel):
    """Orders in a phase that must not last; ``oldest``: since when."""

    status: str
    orders: int
    oldest: datetime


class Kpi(BaseModel):
    """Of first decisions in the window."""

    window_s: int
    decided: int
    allocated: int
    #: From receipt to decision; null: nothing was decided.
    mean_s: float | None


class ReaderLag(BaseModel):
    """A stage or a sink: records it has still to take, and the age of the oldest."""

    name: str
    is_sink: bool
    records: int
    seconds: float


class Second(BaseModel):
    """A second's figures, of the asker's shops; ``lag`` is the whole hub's, null where Kafka does not answer."""

    at: datetime
    as_of: datetime | None
    channels: list[ChannelInflow]
    reasons: list[ReasonOpen]
    review_open: int
    review_oldest: datetime | None
    waiting: list[WaitingOrders]
    kpi: Kpi
    lag: list[ReaderLag] | None


@router.get("/live", **asks(Permission.LIVE_READ), response_class=EventSourceResponse)
async def watch(request: Request, used: Used, who: Who, speaks: Speaks) -> AsyncIterator[ServerSentEvent]:
    """Events: ``second`` with the figures, ``problem`` with what keeps them from coming, ``end`` when the session or the right has ended.

    A browser comes back by itself; after ``end`` it should not.
    """
    token = request.cookies[cookie_name(request)]
    count = 0
    async for pulse in used.live.watched():
        count += 1
        if count % _HOLDS_EVERY == 0 and not await _holds(used, token, who.shops):
            yield ServerSentEvent(event="end", data={})
            return
        if isinstance(pulse, Problem):
            yield ServerSentEvent(event="problem", data=in_language(pulse, speaks))
        else:
            yield ServerSentEvent(event="second", id=str(pulse.number), raw_data=_second(pulse, who.shops, speaks))


async def _holds(used: Services, token: str, shops: Shops) -> bool:
    """Whether the session is still there, and may see just this. Watching is no sign of somebody's being there."""
    try:
        async with used.store.keeping() as connection:
            name = await sessions.user_of(connection, token, noting=False)
            return name is not None and (await users.may(connection, name)).get(Permission.LIVE_READ) == shops
    except Problem:
        # The database is away: nothing is shown from it meanwhile.
        return True


def _second(pulse: Pulse, shops: Shops, speaks: Language) -> str:
    it = figures(pulse, shops)
    return Second(
        at=pulse.at,
        as_of=pulse.as_of,
        channels=[
            ChannelInflow(channel=name, last_10_s=short, last_minute=minute) for name, short, minute in it.channels
        ],
        reasons=[ReasonOpen(code=code, title=word_in(speaks, code), items=items) for code, items in it.reasons],
        review_open=it.review_open,
        review_oldest=it.review_oldest,
        waiting=[WaitingOrders(**each._asdict()) for each in it.waiting],
        kpi=Kpi(window_s=WINDOW_S, decided=it.decided, allocated=it.allocated, mean_s=it.mean_s),
        lag=[ReaderLag(**each._asdict()) for each in pulse.lag] if pulse.lag is not None else None,
    ).model_dump_json()
