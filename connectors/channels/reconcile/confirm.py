"""Key events confirmed both ways: what the hub believes is asked back at the channel, compared, and put on record.

PAYMENT    the hub took an order as paid: the order is read again. Paid there too, or moved on since: it agrees; unless it says other
           things under the version that the hub has.
SHIPMENT   a tracking number was written back: the platform must show the order as shipped, or name the number.

A platform may need a moment: what differs is asked again a few times before it is said to differ. Where the channel has a newer version
than the hub, its snapshot is sent in.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.channels.reconcile import compare
from connectors.channels.reconcile.asking import Asking
from connectors.channels.reconcile.delivery import Delivery
from connectors.channels.reconcile.known import KnownOrders, Pending
from connectors.channels.reconcile.metrics import ReconcileMetrics
from connectors.endings import CallError
from connectors.platforms.base import Snapshot
from schemas.records import ChannelCheck
from streams.domain.channels.settings import DEFAULT, ChannelSettings

logger = logging.getLogger(__name__)

_TRIES = 3
_AGAIN_MS = 10_000
_AT_ONCE = 64
_FOREVER_MS = 2**62


class Answer(NamedTuple):
    """One confirmation: the check, and the snapshot that heals a difference, if one does."""

    check: ChannelCheck
    healing: bytes | None = None
    modified_ms: int = 0


class Confirming:
    """All shops' confirmations."""

    def __init__(
        self,
        asking: Mapping[tuple[str, str], Asking],
        known: KnownOrders,
        delivery: Delivery,
        metrics: ReconcileMetrics,
        settings: ChannelSettings = DEFAULT,
    ) -> None:
        self._asking = asking
        self._known = known
        self._delivery = delivery
        self._metrics = metrics
        self._settings = settings

    async def run_due(self, now_ms: int, *, early: bool = False) -> Counter[str]:
        """Confirms what is due (``early``: what will be, too), a bounded number at a time; counts agrees, differs, unanswered, and again.

        Raises ClusterError: nothing is settled, it will be asked again.
        """
        due = self._known.due(_FOREVER_MS if early else now_ms, _AT_ONCE)
        answers = await asyncio.gather(*(self._confirm(it, now_ms) for it in due))
        done: list[Pending] = []
        later: list[Pending] = []
        counts: Counter[str] = Counter()
        for it, answer in zip(due, answers, strict=True):
            agrees = answer is not None and answer.check["agrees"]
            if not agrees and it.tries + 1 < _TRIES:
                later.append(it._replace(tries=it.tries + 1, due_ms=now_ms + _AGAIN_MS))
                counts["again"] += 1
                continue
            outcome = "unanswered" if answer is None else "agrees" if agrees else "differs"
            if answer is not None:
                self._put(answer)
            done.append(it)
            counts[outcome] += 1
            self._metrics.checks.labels(it.order_id.partition(":")[0], it.about, outcome).inc()
        await self._delivery.flush()
        self._known.settle(done, later)
        self._metrics.pending.set(self._known.waiting())
        return counts

    async def _confirm(self, it: Pending, now_ms: int) -> Answer | None:
        """None: the platform did not say."""
        channel, _, order_no = it.order_id.partition(":")
        asking = self._asking.get((channel, it.shop))
        if asking is None:
            return None
        try:
            if it.about == "PAYMENT":
                return await self._payment(asking, it, order_no, now_ms)
            return await self._shipment(asking, it, order_no, now_ms)
        except CallError as exc:
            logger.info("%s is not confirmed yet: %s", it.about, exc, extra={"order_id": it.order_id})
            return None

    async def _payment(self, asking: Asking, it: Pending, order_no: str, now_ms: int) -> Answer:
        snapshot = await asking.order(order_no)
        channel = asking.platform.channel
        shown = compare.shown(channel, snapshot.payload, snapshot.modified_ms, self._settings)
        known = self._known.get(it.order_id)
        hub_status = known.status if known is not None and known.status else compare.UNKNOWN
        # Both may have moved on since: to the same place, or the hub's message is still on its way. Of one second they must say the same.
        same_second = known is not None and known.version // 1000 == shown.version // 1000
        agrees = shown.paid or shown.status == hub_status
        difference = None if agrees and not same_second else compare.drift(known, shown)
        if difference is None and not agrees:
            difference = compare.Drift(hub_status, "the channel does not show it as paid", False)
        if difference is None and known is not None and same_second:
            self._known.note_compared([(it.order_id, known.version)])
        event = compare.envelope(channel, it.shop, snapshot, now_ms)
        check = compare.check(event, "PAYMENT", shown, difference, hub_status, now_ms)
        return Answer(check, snapshot.payload if check["healed"] else None, snapshot.modified_ms)

    async def _shipment(self, asking: Asking, it: Pending, order_no: str, now_ms: int) -> Answer:
        standing = await asking.standing(order_no)
        told = standing.numbers_known and it.tracking_no in standing.tracking_nos
        agrees = told or (standing.shipped and not standing.numbers_known)
        reason = "" if agrees else _why_not(standing.tracking_nos, standing.status, standing.shipped)
        status = "SHIPPED" if standing.shipped else "CANCELLED" if standing.closed else "PAID"
        check: ChannelCheck = {
            "check_id": f"{it.order_id}/SHIPMENT/{it.tracking_no}",
            "order_id": it.order_id,
            "channel": asking.platform.channel,
            "shop": it.shop,
            "about": "SHIPMENT",
            # Of this parcel; others of the order may still be on their way, and the channel says PAID until then.
            "hub_status": "SHIPPED",
            "platform_status": status,
            "agrees": agrees,
            "healed": False,
            "reason": reason,
            "occurred_at_ms": it.due_ms,
            "at_ms": now_ms,
        }
        return Answer(check)

    def _put(self, answer: Answer) -> None:
        it = answer.check
        if answer.healing is not None:
            order_no = it["order_id"].partition(":")[2]
            snapshot = Snapshot(order_no, answer.modified_ms, answer.healing)
            self._delivery.event(compare.envelope(it["channel"], it["shop"], snapshot, it["at_ms"]))
        self._delivery.check(it)


def _why_not(numbers: Sequence[str], status: str, shipped: bool) -> str:
    if shipped:
        return f"the channel shows it shipped under another number ({len(numbers)} known there)"
    return f"the channel does not show the number; its status is {status}"
