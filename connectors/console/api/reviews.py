"""What is in review: how much, which, each with all that is wrong with it; and what is done about it."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from connectors.console import cursor, reviews
from connectors.console.api.doing import Accepted, Because, Key, done
from connectors.console.api.orders import Text
from connectors.console.asking import Asker, Used, Who, asks
from connectors.console.deeds import Correction, undertaking
from connectors.console.freshness import freshness
from connectors.console.permissions import Permission
from connectors.console.problems import Problem, Speaks
from connectors.console.services import Services
from schemas.codec import CODEC, CodecError
from schemas.records import ChannelEvent, Reason
from schemas.texts import Language, said_in, word_in
from streams.ops.actor import Actor, Right
from streams.ops.masking import shown_value

router = APIRouter(tags=["reviews"])

#: As listed: orders.review/partition@offset.
Record = Annotated[str, Path(max_length=100, pattern=r"^orders\.review/\d{1,6}@\d{1,18}$")]


class State(StrEnum):
    """Which part of the queue."""

    OPEN = "open"
    SETTLED = "settled"


class ReviewRow(BaseModel):
    """A channel event that a person must look at, or has. ``codes``: of its reasons."""

    record: str
    order_id: str
    channel: str
    shop: str
    order_no: str
    codes: list[str]
    received_at: datetime
    #: open, resubmitted or discarded.
    state: str
    state_at: datetime | None
    state_by: str | None
    state_reason: str | None


class ReviewPage(BaseModel):
    """Open ones oldest first, settled ones newest first; fewer than asked for does not mean the last: ``next`` is null then."""

    rows: list[ReviewRow]
    next: str | None
    as_of: datetime | None
    behind_s: float | None


class ReasonCount(BaseModel):
    """``title``: the code in words."""

    code: str
    title: str
    items: int


class ReviewCounts(BaseModel):
    """Of open items: an item counts for each of its reasons, and once in ``total``."""

    reasons: list[ReasonCount]
    total: int
    oldest: datetime | None
    as_of: datetime | None
    behind_s: float | None


class ReviewReason(BaseModel):
    """One thing that is wrong: where, what stood there (masked where it may tell of a person), and what puts it right."""

    code: str
    title: str
    field: str
    value: str
    fix: str


class Step(BaseModel):
    """What was done to it."""

    at: datetime
    entry_id: str
    done_by: str
    action: str
    reason: str
    outcome: str


class Envelope(BaseModel):
    """What stands around the payload: can be put right as well, all but times."""

    channel: str
    shop: str
    order_no: str
    kind: str
    content_type: str
    occurred_at: datetime
    payload_bytes: int


class ReviewItem(ReviewRow):
    """One item; ``event`` is null where it has been emptied, since its time to be kept has passed."""

    reasons: list[ReviewReason]
    source_topic: str
    source_partition: int
    source_offset: int
    event: Envelope | None
    trail: list[Step]
    as_of: datetime | None
    behind_s: float | None


class Original(BaseModel):
    """The payload: its bytes, and as text to edit, with what was done to make it so."""

    payload_base64: str
    text: str
    how: str


class Put(BaseModel):
    """What is put right; nothing at all sends the event as it is. Text is sent as UTF-8."""

    payload: str | None = Field(default=None, max_length=1_000_000)
    payload_base64: str | None = Field(default=None, max_length=1_400_000)
    channel: str | None = Field(default=None, max_length=100)
    shop: str | None = Field(default=None, max_length=200)
    order_no: str | None = Field(default=None, max_length=200)
    kind: str | None = Field(default=None, max_length=100)
    content_type: str | None = Field(default=None, max_length=200)


class Fix(Put):
    """The same, to be sent."""

    because: Because


class Discard(BaseModel):
    """Nothing is to be done."""

    because: Because


class Verdict(BaseModel):
    """What intake would make of it; it decides again when it is sent."""

    accepted: bool
    verdict: str
    reasons: list[ReviewReason]


@router.get("/reviews", **asks(Permission.REVIEW_READ))
async def list_reviews(
    used: Used,
    who: Who,
    state: State = State.OPEN,
    channel: Text = "",
    shop: Text = "",
    reason: Text = "",
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReviewPage:
    """What is in review, or was."""
    filters = reviews.Filters(channel, shop, reason, state)
    async with used.store.reading(who.shops) as connection:
        found = await reviews.page(connection, who.shops, filters, cursor.behind(after) if after else None, limit)
        fresh = await freshness(connection, used.hub)
    return ReviewPage(
        rows=[ReviewRow.model_validate({name: row[name] for name in ReviewRow.model_fields}) for row in found.rows],
        next=cursor.marked(*found.behind) if found.behind else None,
        as_of=fresh,
        behind_s=await used.lagging.tables_behind_s(),
    )


@router.get("/reviews/counts", **asks(Permission.REVIEW_READ))
async def count_reviews(used: Used, who: Who, speaks: Speaks, shop: Text = "", channel: Text = "") -> ReviewCounts:
    """How many are open, by reason."""
    async with used.store.reading(who.shops) as connection:
        found = await reviews.counts(connection, shop, channel)
        fresh = await freshness(connection, used.hub)
    counted = [ReasonCount(code=code, title=word_in(speaks, code), items=items) for code, items in found.by_code]
    behind_s = await used.lagging.tables_behind_s()
    return ReviewCounts(reasons=counted, total=found.total, oldest=found.oldest, as_of=fresh, behind_s=behind_s)


@router.get("/reviews/{record:path}", **asks(Permission.REVIEW_READ))
async def show_review(used: Used, who: Who, speaks: Speaks, record: Record) -> ReviewItem:
    """One item, with all that is wrong with it."""
    row = await _seen(used, who, record)
    async with used.store.reading(who.shops) as connection:
        done_to_it = await reviews.trail(connection, row["order_id"], record)
        fresh = await freshness(connection, used.hub)
    event = await _event(used, who, record)
    return ReviewItem.model_validate(
        {
            **row,
            "reasons": [_reason(reason, speaks) for reason in json.loads(row["reasons"])],
            "event": event and _envelope(event),
            "trail": [dict(step) for step in done_to_it],
            "as_of": fresh,
            "behind_s": await used.lagging.tables_behind_s(),
        }
    )


@router.post("/reviews/{record:path}/original", **asks(Permission.ORDERS_PII))
async def reveal_original(used: Used, who: Who, record: Record) -> Original:
    """The payload as it came; on record in the audit before it is shown."""
    row = await _seen(used, who, record)
    await done(used.deeds.read, row["order_id"], Actor(who.name, {Right.UNMASKED}), record)
    event = await _event(used, who, record)
    if event is None:
        raise Problem("not_found")
    text, how = used.deeds.draft(event["payload"])
    return Original(
        payload_base64=base64.b64encode(event["payload"]).decode(),
        text=text.decode("utf-8", "backslashreplace"),
        how=how,
    )


@router.post("/reviews/{record:path}/check", **asks(Permission.REVIEW_FIX))
async def check_review(used: Used, who: Who, speaks: Speaks, record: Record, body: Put) -> Verdict:
    """What intake would make of the event, put right so; nothing is sent."""
    await _seen(used, who, record)
    judged = await done(used.deeds.judge, record, _correction(who, body))
    reasons = [_reason(reason, speaks) for reason in judged.reasons]
    return Verdict(accepted=judged.accepted, verdict=said_in(speaks, judged.verdict), reasons=reasons)


@router.post("/reviews/{record:path}/fix", **asks(Permission.REVIEW_FIX), status_code=202)
async def fix_review(used: Used, who: Who, record: Record, body: Fix, key: Key = None) -> Accepted:
    """Sends the event again, put right or as it is, where intake would accept it: event and audit in one transaction."""
    await _seen(used, who, record)
    by = Actor(who.name, {Right.REVIEW})
    correction = _correction(who, body)
    return Accepted.of(
        await done(used.deeds.resubmit, record, correction, body.because, undertaking(who.name, key), by)
    )


@router.post("/reviews/{record:path}/discard", **asks(Permission.REVIEW_FIX), status_code=202)
async def discard_review(used: Used, who: Who, record: Record, body: Discard, key: Key = None) -> Accepted:
    """Decides that nothing is to be done; the event stays where it is."""
    await _seen(used, who, record)
    by = Actor(who.name, {Right.REVIEW})
    return Accepted.of(await done(used.deeds.discard, record, body.because, undertaking(who.name, key), by))


async def _seen(used: Services, who: Asker, record: str) -> Any:
    """The item's row. Raises Problem where there is none that the asker may see."""
    async with used.store.revealing(who.shops) as connection:
        row = await reviews.item(connection, record)
    if row is None or row["shop"] not in who.shops:
        raise Problem("not_found")
    return row


async def _event(used: Services, who: Asker, record: str) -> ChannelEvent | None:
    async with used.store.revealing(who.shops) as connection:
        raw = await reviews.original(connection, record)
    try:
        return cast(ChannelEvent, CODEC.decode(raw)[1]) if raw else None
    except CodecError:
        return None


def _envelope(event: ChannelEvent) -> dict[str, Any]:
    named = ("channel", "shop", "order_no", "kind", "content_type")
    occurred_at = datetime.fromtimestamp(event["occurred_at_ms"] / 1000, UTC)
    return {**{name: event[name] for name in named}, "occurred_at": occurred_at, "payload_bytes": len(event["payload"])}  # type: ignore[literal-required]


def _reason(reason: Reason, speaks: Language) -> ReviewReason:
    return ReviewReason(
        code=reason["code"],
        title=word_in(speaks, reason["code"]),
        field=said_in(speaks, reason["field"]),
        value=shown_value(reason),
        fix=said_in(speaks, reason["fix"]),
    )


def _correction(who: Asker, body: Put) -> Correction:
    """Raises Problem."""
    changes = body.model_dump(include={"channel", "shop", "order_no", "kind", "content_type"}, exclude_none=True)
    if changes.get("shop", "") not in who.shops and "shop" in changes:
        raise Problem("not_allowed", field="shop")
    payload = body.payload.encode() if body.payload is not None else None
    if body.payload_base64 is not None:
        if payload is not None:
            raise Problem("wrong_value", field="payload_base64")
        try:
            payload = base64.b64decode(body.payload_base64, validate=True)
        except binascii.Error:
            raise Problem("wrong_value", field="payload_base64") from None
    return Correction(payload, changes, who.shops.everywhere)
