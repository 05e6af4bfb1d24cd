"""An order, or an after-sale, as the channel shows it beside what the hub knows of it. Pure.

the hub has this version or a newer one    agreement; nothing is asked or sent
the hub has an older one, or none          drift: the snapshot is sent in, and intake decides about it as about any push
its review holds this very version         drift that no repetition heals: a person must look
the same second, other content             drift: platforms date changes in whole seconds; what is fetched now is the newer

What differs is named by field and line, never by what stands there.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.channels.reconcile.contents import Content, content, differences
from connectors.platforms.base import Snapshot
from schemas.records import ChannelCheck, ChannelEvent, CheckedEvent, Reason
from streams.domain.aftersales import MAPPERS as SALE_MAPPERS
from streams.domain.channels import MAPPERS
from streams.domain.channels.payload import read_object
from streams.domain.channels.settings import DEFAULT, ChannelSettings
from streams.domain.intake.kinds import kind_of, subject

#: What the hub knows of what it has never accepted, and what is read in a snapshot that no mapper understands.
UNKNOWN = "UNKNOWN"
_NAMED_MAX = 10
_PAID = frozenset({"PAID", "HOLD", "SHIPPED"})


class Shown(NamedTuple):
    """A snapshot in canonical terms; ``version`` in ms since the epoch."""

    version: int
    status: str
    paid: bool
    #: None: no mapper could read it.
    content: Content | None = None


class Known(NamedTuple):
    """What the hub holds of an order: the newest version accepted, and the newest one that is in review (0: none).

    ``content``: of what was accepted; empty: not known, accepted before it was kept.
    """

    version: int
    status: str
    phase: str
    in_review: int
    content: bytes = b""


class Drift(NamedTuple):
    """The two do not say the same. ``heals``: sending the snapshot in will make them."""

    hub_status: str
    reason: str
    heals: bool


def said(state: str, platform_state: str) -> str:
    """Where an after-sale stands: two states of the platform's may be one of the hub's."""
    return f"{state} {platform_state}".strip()


def sale_shown(channel: str, payload: bytes, modified_ms: int) -> Shown:
    """A platform's after-sale, as ``shown`` reads an order."""
    reasons: list[Reason] = []
    document = read_object(payload, reasons)
    sale = SALE_MAPPERS[channel](document, reasons) if document is not None else None
    if sale is None or reasons:
        return Shown((sale.version if sale else 0) or modified_ms, UNKNOWN, False)
    return Shown(sale.version, said(sale.state, sale.platform_state), False)


def shown(channel: str, payload: bytes, modified_ms: int, settings: ChannelSettings = DEFAULT) -> Shown:
    """A platform's snapshot; ``modified_ms``, as its envelope says, where the mapper can't read it. ``settings``: those of intake."""
    reasons: list[Reason] = []
    document = read_object(payload, reasons)
    snapshot = MAPPERS[channel](document, reasons, settings) if document is not None else None
    if snapshot is None or reasons:
        # Intake will say what is wrong with it, field by field.
        return Shown((snapshot.version if snapshot else 0) or modified_ms, UNKNOWN, False)
    paid = snapshot.status in _PAID or snapshot.paid_at_ms is not None
    order_id = f"{channel}:{snapshot.order_no}"
    return Shown(snapshot.version, snapshot.status, paid, content(snapshot._asdict(), order_id))


def drift(known: Known | None, it: Shown) -> Drift | None:
    """None: both say the same."""
    if known is None:
        return Drift(UNKNOWN, "the hub has never heard of it", True)
    hub_status = known.status or UNKNOWN
    if known.version < it.version <= known.in_review:
        return Drift(hub_status, "the hub has this version in review: a person must look", False)
    if not known.status:
        return Drift(hub_status, "the hub has only an older version of it, in review", True)
    other = differing(known, it)
    if known.version < it.version:
        phase = f" (order is {known.phase})" if known.phase else ""
        what = f"; it differs in {_listed(other)}" if other else ""
        return Drift(hub_status, f"the hub's version is {_span(it.version - known.version)} older{phase}{what}", True)
    if other and known.version // 1000 == it.version // 1000:
        return Drift(hub_status, f"the channel shows other content of the same second: {_listed(other)}", True)
    return None


def differing(known: Known, it: Shown) -> list[str]:
    """The fields in which the channel's snapshot differs from what the hub accepted; where that is not known, the status alone."""
    found = differences(known.content, it.content) if it.content is not None else None
    if found is None:
        return ["status"] if it.status not in (known.status, UNKNOWN) else []
    return found


def check(
    event: ChannelEvent,
    about: CheckedEvent,
    it: Shown,
    difference: Drift | None,
    hub_status: str,
    at_ms: int,
    aftersale_id: str = "",
) -> ChannelCheck:
    """The record of a comparison; the same for the same order or after-sale, version and subject. ``event``: the snapshot's envelope."""
    order_id = f"{event['channel']}:{event['order_no']}"
    reason = difference.reason if difference is not None else ""
    return {
        "check_id": f"{subject(order_id, aftersale_id or None)}/{about}/{it.version}",
        "order_id": order_id,
        "channel": event["channel"],
        "shop": event["shop"],
        "about": about,
        "hub_status": hub_status,
        "platform_status": it.status,
        "agrees": difference is None,
        "healed": difference is not None and difference.heals,
        "reason": f"after-sale {aftersale_id}: {reason}" if aftersale_id and reason else reason,
        "occurred_at_ms": it.version,
        "at_ms": at_ms,
    }


def envelope(channel: str, shop: str, snapshot: Snapshot, at_ms: int) -> ChannelEvent:
    """A snapshot that was asked for, as a connector publishes it."""
    order_no, modified_ms, payload, aftersale_id = snapshot
    return {
        "channel": channel,
        "shop": shop,
        "order_no": order_no,
        "kind": kind_of(aftersale=bool(aftersale_id), fetched=True),
        "event_id": f"reconcile/{subject(order_no, aftersale_id or None)}/{modified_ms}",
        "occurred_at_ms": modified_ms,
        "received_at_ms": at_ms,
        "content_type": "application/json",
        "payload": payload,
    }


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED_MAX
    return ", ".join(names[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def _span(ms: int) -> str:
    seconds = max(1, ms // 1000)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
