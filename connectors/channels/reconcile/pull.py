"""A shop's changes, window by window.

1. From the shop's mark, and a while before it: a platform may date a change into the past, and its clock is not ours.
2. Each row is held against what the hub knows; rows that say too little are fetched.
3. What the hub seems to lack waits until the topics have been read to their present end, and is looked at again: a push may have been
   faster.
4. What it still lacks is sent in, and each drift goes on record.
5. When all of that is in Kafka, the mark moves to the window's end. A run that dies before that does the window again: intake and
   the check's id make the repetition harmless.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from connectors.channels.reconcile import compare
from connectors.channels.reconcile.asking import Asking
from connectors.channels.reconcile.delivery import Delivery
from connectors.channels.reconcile.known import KnownOrders
from connectors.channels.reconcile.metrics import ReconcileMetrics
from connectors.platforms.base import Changed, Refused, Throttled, Unavailable, Unsure

logger = logging.getLogger(__name__)

#: The platforms advise windows of half an hour at the most.
_WINDOW_MAX_MS = 1_800_000
_WINDOW_MIN_MS = 60_000
#: A snapshot that was sent in is given so long to arrive before it is sent again.
_RESEND_MS = 600_000


class Spans(NamedTuple):
    """ms. ``overlap``: how far before the mark a pull begins; ``settle``: what is younger is left to the pushes;
    ``lookback``: how far the first pull of a shop goes back.
    """

    overlap: int
    settle: int
    lookback: int


class Pulled(NamedTuple):
    """What a pull came to."""

    listed: int = 0
    found: int = 0
    drift: int = 0


class Candidate(NamedTuple):
    """A snapshot that the hub does not seem to have."""

    order_no: str
    modified_ms: int
    payload: bytes
    it: compare.Shown


class Pull:
    """One shop.

    Args:
        caught_up: returns when the topics have been read to their present end.
    Its ``run`` raises PlatformError, and ClusterError where Kafka is away.
    """

    def __init__(
        self,
        asking: Asking,
        known: KnownOrders,
        delivery: Delivery,
        metrics: ReconcileMetrics,
        spans: Spans,
        mark_ms: int | None,
        caught_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._asking = asking
        self._known = known
        self._delivery = delivery
        self._metrics = metrics
        self._spans = spans
        self._mark_ms = mark_ms
        self._caught_up = caught_up
        shop = asking.platform.shop
        self.channel, self.shop = shop.channel, shop.shop
        self.source = f"{shop.channel}/{shop.shop}/reconcile"

    async def run(self, now_ms: int) -> Pulled:
        """From the mark to ``now_ms`` less what is left to the pushes."""
        spans = self._spans
        start = now_ms - spans.lookback if self._mark_ms is None else self._mark_ms - spans.overlap
        end, step = now_ms - spans.settle, min(self._asking.platform.window_max_ms, _WINDOW_MAX_MS)
        total = Pulled()
        while start < end:
            until = min(start + step, end)
            try:
                found = await self._window(start, until, now_ms)
            except (Unavailable, Unsure, Throttled):
                if step <= _WINDOW_MIN_MS:
                    raise
                # Many pages are many calls, and each may fail: a smaller window has fewer.
                step //= 4
                continue
            total = Pulled(*(a + b for a, b in zip(total, found, strict=True)))
            start = until
        return total

    async def _window(self, start_ms: int, end_ms: int, now_ms: int) -> Pulled:
        listed, candidates = 0, {}
        async for page in self._asking.changed(start_ms, end_ms):
            listed += len(page)
            for candidate in await asyncio.gather(*(self._candidate(row) for row in page)):
                if candidate is not None:
                    candidates[candidate.order_no] = candidate
        if candidates:
            await self._caught_up()
        drift, sent = 0, []
        for candidate in candidates.values():
            order_id = f"{self.channel}:{candidate.order_no}"
            difference = compare.drift(self._known.get(order_id), candidate.it)
            if difference is None or self._sent_lately(order_id, candidate.it.version, now_ms):
                continue
            event = compare.envelope(self.channel, self.shop, *candidate[:3], now_ms)
            if difference.heals:
                self._delivery.event(event)
            drift += 1
            self._delivery.check(compare.check(event, "DRIFT", candidate.it, difference, difference.hub_status, now_ms))
            sent.append((order_id, candidate.it.version, now_ms, difference.heals))
        await self._delivery.flush()
        found = sum(heals for *_, heals in sent)
        self._known.note_sent([row[:3] for row in sent])
        await self._move_on(end_ms, listed, now_ms)
        self._metrics.listed.labels(self.channel).inc(listed)
        self._metrics.found.labels(self.channel).inc(found)
        self._metrics.drift.labels(self.channel).inc(drift)
        return Pulled(listed, found, drift)

    async def _candidate(self, row: Changed) -> Candidate | None:
        known = self._known.get(f"{self.channel}:{row.order_no}")
        # A row that shows the order may contradict what the hub has under the same version.
        if known is not None and row.payload is None and 0 < row.modified_ms <= known.version:
            return None
        order_no, modified_ms, payload = row
        if payload is None:
            try:
                order_no, modified_ms, payload = await self._asking.order(row.order_no)
            except Refused as exc:
                # Listed, and not shown: nothing that a repetition would change.
                logger.warning("a listed order is not shown: %s", exc, extra={"order_id": f"{self.channel}:{order_no}"})
                return None
        it = compare.shown(self.channel, payload, modified_ms)
        return Candidate(order_no, modified_ms, payload, it) if compare.drift(known, it) is not None else None

    def _sent_lately(self, order_id: str, version: int, now_ms: int) -> bool:
        sent_version, at_ms = self._known.sent(order_id)
        return sent_version == version and now_ms - at_ms < _RESEND_MS

    async def _move_on(self, until_ms: int, orders: int, now_ms: int) -> None:
        if self._mark_ms is not None and until_ms <= self._mark_ms:
            return
        self._delivery.mark(
            {
                "source": self.source,
                "channel": self.channel,
                "shop": self.shop,
                "until_ms": until_ms,
                "orders": orders,
                "at_ms": now_ms,
            }
        )
        await self._delivery.flush()
        self._mark_ms = until_ms
        self._metrics.mark.labels(self.channel, self.shop).set(until_ms / 1000)
