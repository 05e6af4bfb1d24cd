"""An order as the channel shows it beside what the hub knows of it. Pure.

the hub has this version or a newer one    agreement; nothing is asked or sent
the hub has an older one, or none          drift: the snapshot is sent in, and intake decides about it as about any push
its review holds this very version         drift that no repetition heals: a person must look
the same second, another status            drift: platforms date changes in whole seconds; what is fetched now is the newer
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.records import ChannelCheck, ChannelEvent, CheckedEvent, Reason
from streams.domain.channels import MAPPERS
from streams.domain.channels.payload import read_object
from streams.domain.intake.reading import FETCHED

#: What the hub knows of an order it has never accepted, and what is read in a snapshot that no mapper understands.
UNKNOWN = "UNKNOWN"
_PAID = frozenset({"PAID", "HOLD", "SHIPPED"})


class Shown(NamedTuple):
    """A snapshot in canonical terms; ``version`` in ms since the epoch."""

    version: int
    status: str
    paid: bool


class Known(NamedTuple):
    """What the hub holds of an order: the newest version accepted, and the newest one that is in review (0: none)."""

    version: int
    status: str
    phase: str
    in_review: int


class Drift(NamedTuple):
    """The two do not say the same. ``heals``: sending the snapshot in will make them."""

    hub_status: str
    reason: str
    heals: bool


def shown(channel: str, payload: bytes, modified_ms: int) -> Shown:
    """A platform's snapshot; ``modified_ms``, as its envelope says, where the mapper can't read it."""
    reasons: list[Reason] = []
    document = read_object(payload, reasons)
    snapshot = MAPPERS[channel](document, reasons) if document is not None else None
    if snapshot is None or reasons:
        # Intake will say what is wrong with it, field by field.
        return Shown((snapshot.version if snapshot else 0) or modified_ms, UNKNOWN, False)
    paid = snapshot.status in _PAID or snapshot.paid_at_ms is not None
    return Shown(snapshot.version, snapshot.status, paid)


def drift(known: Known | None, it: Shown) -> Drift | None:
    """None: both say the same."""
    if known is None:
        return Drift(UNKNOWN, "the hub has never heard of it", True)
    hub_status = known.status or UNKNOWN
    if known.version < it.version <= known.in_review:
        return Drift(hub_status, "the hub has this version in review: a person must look", False)
    if not known.status:
        return Drift(hub_status, "the hub has only an older version of it, in review", True)
    if known.version < it.version:
        phase = f" (order is {known.phase})" if known.phase else ""
        return Drift(hub_status, f"the hub's version is {_span(it.version - known.version)} older{phase}", True)
    if known.version // 1000 == it.version // 1000 and it.status not in (known.status, UNKNOWN):
        return Drift(hub_status, "the channel shows another status of the same second", True)
    return None


def check(
    event: ChannelEvent, about: CheckedEvent, it: Shown, difference: Drift | None, hub_status: str, at_ms: int
) -> ChannelCheck:
    """The record of a comparison; the same for the same order, version and subject. ``event`` is the snapshot's envelope."""
    order_id = f"{event['channel']}:{event['order_no']}"
    return {
        "check_id": f"{order_id}/{about}/{it.version}",
        "order_id": order_id,
        "channel": event["channel"],
        "shop": event["shop"],
        "about": about,
        "hub_status": hub_status,
        "platform_status": it.status,
        "agrees": difference is None,
        "healed": difference is not None and difference.heals,
        "reason": difference.reason if difference is not None else "",
        "occurred_at_ms": it.version,
        "at_ms": at_ms,
    }


def envelope(channel: str, shop: str, order_no: str, modified_ms: int, payload: bytes, at_ms: int) -> ChannelEvent:
    """A snapshot that was asked for, as a connector publishes it."""
    return {
        "channel": channel,
        "shop": shop,
        "order_no": order_no,
        "kind": FETCHED,
        "event_id": f"reconcile/{order_no}/{modified_ms}",
        "occurred_at_ms": modified_ms,
        "received_at_ms": at_ms,
        "content_type": "application/json",
        "payload": payload,
    }


def _span(ms: int) -> str:
    seconds = max(1, ms // 1000)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
