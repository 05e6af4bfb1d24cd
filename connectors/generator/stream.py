"""A stream of raw channel events with the shape of real trade: seeded, without a clock.

Same arguments, same bytes. Each order takes one of PLANS: most are published once, paid; some are created first,
changed, cancelled, held, or arrive out of order. On top come exact duplicates and malformed events (`spoil`). Events
of different orders interleave as arrivals do; the time is `start_ms` plus a slot per order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from random import Random
from typing import Any

from schemas.records import ChannelEvent

from .catalogue import Item, catalogue
from .draw import Draw
from .sale import RawEvent, Sale, Stage
from .shapes import SHAPES
from .situations import drawn, shown
from .spoil import MALFORMATIONS, spoil


@dataclass(frozen=True, slots=True)
class Step:
    """One snapshot: what the platform shows `version_s` after the order was placed; `edit`: the buyer's changes."""

    stage: Stage
    version_s: int
    note: str = "new"
    edit: int = 0
    never_paid: bool = False


# Name -> share of the orders, snapshots in the order they are published.
PLANS: dict[str, tuple[float, tuple[Step, ...]]] = {
    "paid": (0.71, (Step("paid", 60),)),
    "created_then_paid": (0.12, (Step("unpaid", 0), Step("paid", 60, "update"))),
    "paid_before_created": (0.03, (Step("paid", 60), Step("unpaid", 0, "late"))),
    "cancelled": (0.03, (Step("paid", 60), Step("cancelled", 120, "update"))),
    "cancelled_before_paid": (0.01, (Step("cancelled", 120), Step("paid", 60, "late"))),
    "never_paid": (0.02, (Step("unpaid", 0), Step("cancelled", 300, "update", never_paid=True))),
    "changed": (0.04, (Step("paid", 60), Step("paid", 90, "update", edit=1))),
    "change_overtaken": (
        0.01,
        (Step("paid", 60), Step("paid", 120, "update", edit=2), Step("paid", 90, "late", edit=1)),
    ),
    "held_then_released": (0.02, (Step("held", 60), Step("paid", 180, "update"))),
    "held": (0.01, (Step("held", 60),)),
}
_PAID = PLANS["paid"][1]


def generate(
    n_orders: int,
    seed: int,
    *,
    start_ms: int,
    items: Sequence[Item] | None = None,
    duplicate_rate: float = 0.04,
    malformed_rate: float = 0.02,
    orders_per_s: float = 200.0,
    first_serial: int = 1,
    situations: float = 0.0,
) -> Iterator[RawEvent]:
    """Events of n_orders orders in the order they are to be published.

    :param start_ms: when the first order is published; everything else follows from it.
    :param items: the goods, by default `catalogue(1000, seed)`.
    :param duplicate_rate: share of the orders of which one event is published twice.
    :param malformed_rate: share of the orders whose event is spoilt; every second one is corrected later.
    :param first_serial: the first order's number; another one gives other order ids.
    :param situations: share of the orders in one of `situations.SITUATIONS`; the others stay as they are without.
    """
    chance = Random(f"situations/{seed}")
    rng = Random(f"orders/{seed}")
    draw = Draw(rng, items if items is not None else catalogue(1000, seed))
    waiting: list[tuple[int, int, RawEvent]] = []
    made = 0
    for index in range(n_orders):
        slot_ms = start_ms + int(index * 1000 / orders_per_s)
        while waiting and waiting[0][0] <= slot_ms:
            yield heappop(waiting)[2]
        sale = draw.sale(first_serial + index, slot_ms)
        if rng.random() < malformed_rate:
            events = _spoilt(sale, list(MALFORMATIONS)[int(rng.random() * len(MALFORMATIONS))], rng, slot_ms)
        else:
            events = _told(sale, _plan(sale.channel, rng), rng, slot_ms)
        if situations and chance.random() < situations:
            events = in_situation(sale, drawn(chance), chance, slot_ms) or events
        if rng.random() < duplicate_rate:
            first = events[int(rng.random() * len(events))]
            later = first.event["received_at_ms"] + _wait(rng)
            events.append(RawEvent(first.key, {**first.event, "received_at_ms": later}, "duplicate"))
        for event in events:
            made += 1
            heappush(waiting, (event.event["received_at_ms"], made, event))
    while waiting:
        yield heappop(waiting)[2]


def return_event(
    order: RawEvent, at_ms: int, pieces: Mapping[str, int] | None = None, note: str = "return"
) -> RawEvent | None:
    """The later snapshot in which goods of a shipped order came back.

    :param order: the order's last event, not malformed; earlier Shopify refunds in it are kept.
    :param pieces: line number -> pieces of this return; None: what the channel usually shows (the first line, one piece
        of it on Shopify, the whole order on JD and PDD).
    :return: None when the channel's order cannot show such a return (a part of a line, of a JD or PDD order).
    """
    doc: dict[str, Any] = json.loads(order.event["payload"])
    channel = order.event["channel"]
    if not SHAPES[channel].returned(doc, pieces, at_ms):
        return None
    return RawEvent(
        order.key,
        {
            **order.event,
            "event_id": f"{channel}-{order.event['order_no']}-return-{at_ms}",
            "occurred_at_ms": at_ms,
            "received_at_ms": at_ms,
            "payload": compact(doc),
        },
        note,
    )


def in_situation(sale: Sale, name: str, rng: Random, slot_ms: int) -> list[RawEvent]:
    """The order's events; none where its platform can't show the situation."""
    events: list[RawEvent] = []
    received = slot_ms
    for each in shown(name, sale):
        if events:
            received += _wait(rng)
        version_ms = sale.placed_at_ms + each.version_s * 1000
        raw = raw_event(each.sale, each.stage, version_ms, received, f"situation:{name}")
        if each.patch is not None:
            doc = json.loads(raw.event["payload"])
            each.patch(doc, each.sale)
            raw = raw._replace(event={**raw.event, "payload": compact(doc)})
        events.append(raw)
    return events


def raw_event(sale: Sale, stage: Stage, version_ms: int, received_ms: int, note: str) -> RawEvent:
    """A sale at a stage as the envelope with the platform's payload."""
    shape = SHAPES[sale.channel]
    order_no: str = shape.order_no(sale)
    event: ChannelEvent = {
        "channel": sale.channel,
        "shop": sale.shop,
        "order_no": order_no,
        "kind": "order",
        "event_id": f"{sale.channel}-{order_no}-{stage}-{version_ms}",
        "occurred_at_ms": version_ms,
        "received_at_ms": received_ms,
        "content_type": "application/json",
        "payload": compact(shape.snapshot(sale, stage, version_ms)),
    }
    return RawEvent(f"{sale.channel}:{order_no}", event, note)


def compact(doc: object) -> bytes:
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode()


def _wait(rng: Random) -> int:
    """Milliseconds until the next event of the same order: 1 to 30 s."""
    return 1000 + int(rng.random() * 29_000)


def _plan(channel: str, rng: Random) -> tuple[Step, ...]:
    draw = rng.random()
    for share, steps in PLANS.values():
        draw -= share
        if draw < 0:
            stages = {step.stage for step in steps}
            # JD shows no unpaid orders; Shopify's webhook has no hold but the test order's.
            if (channel == "jd" and "unpaid" in stages) or (channel == "shopify" and "held" in stages):
                return _PAID
            return steps
    return _PAID


def _told(sale: Sale, steps: Sequence[Step], rng: Random, slot_ms: int) -> list[RawEvent]:
    """The order's events, each after the one before it."""
    events: list[RawEvent] = []
    received = slot_ms
    for step in steps:
        if events:
            received += _wait(rng)
        shown = replace(_edited(sale, step.edit), paid_at_ms=0) if step.never_paid else _edited(sale, step.edit)
        version_ms = sale.placed_at_ms + step.version_s * 1000
        events.append(raw_event(shown, step.stage, version_ms, received, step.note))
    return events


def _edited(sale: Sale, edit: int) -> Sale:
    """What buyers change: 1 one piece more of the first line, 2 that and another flat."""
    if not edit:
        return sale
    first, *rest = sale.lines
    lines = (replace(first, quantity=first.quantity + 1), *rest)
    moved = sale.buyer._replace(detail=f"9{sale.buyer.detail}") if edit == 2 else sale.buyer
    return replace(sale, lines=lines, buyer=moved, seller_note="买家改单")


def _spoilt(sale: Sale, name: str, rng: Random, slot_ms: int) -> list[RawEvent]:
    bad = spoil(name, raw_event(sale, "paid", sale.placed_at_ms + 60_000, slot_ms, "new"))
    if rng.random() < 0.5:
        return [bad]
    return [bad, raw_event(sale, "paid", sale.placed_at_ms + 61_000, slot_ms + _wait(rng), "new")]
