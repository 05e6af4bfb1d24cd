"""A shop's changes, window by window: those of its orders, or those of its after-sales.

1. From the shop's mark, and a while before it: a platform may date a change into the past, and its clock is not ours.
2. Each row is held against what the hub knows; rows that say too little are fetched.
3. What the hub seems to lack waits until the topics have been read to their present end, and is looked at again: a push may have been
   faster.
4. What it still lacks is sent in, and each drift goes on record.
5. When all of that is in Kafka, the mark moves to the window's end. A run that dies before that does the window again: intake and
   the check's id make the repetition harmless.
6. Rows that only name an order, dated in the second of what the hub has, may say something else all the same: each such order is read,
   once a version, so many a window at the most. What is left over is listed again by the next pulls, as far as the overlap reaches.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import NamedTuple

from connectors.channels.reconcile import compare
from connectors.channels.reconcile.asking import Asking
from connectors.channels.reconcile.delivery import Delivery
from connectors.channels.reconcile.known import KnownOrders
from connectors.channels.reconcile.metrics import ReconcileMetrics
from connectors.endings import CallError, Throttled, Unavailable, Unsure
from connectors.platforms.base import Changed, Refused, Snapshot
from connectors.shops import Shop
from streams.domain.channels.settings import DEFAULT, ChannelSettings
from streams.domain.intake.kinds import subject

logger = logging.getLogger(__name__)

#: The platforms advise windows of half an hour at the most.
_WINDOW_MAX_MS = 1_800_000
_WINDOW_MIN_MS = 60_000
#: A snapshot that was sent in is given so long to arrive before it is sent again.
_RESEND_MS = 600_000
#: Orders of a window that are read only to compare what they say: they must not keep the next window waiting.
_CONTENTS_MAX = 100


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

    snapshot: Snapshot
    it: compare.Shown


def source_of(shop: Shop, *, aftersales: bool) -> str:
    """The name of its mark."""
    return f"{shop.channel}/{shop.shop}/{'aftersales' if aftersales else 'reconcile'}"


class Pull:
    """One shop's orders, or its after-sales.

    Args:
        caught_up: returns when the topics have been read to their present end.
    Its ``run`` raises CallError, and ClusterError where Kafka is away.
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
        settings: ChannelSettings = DEFAULT,
        *,
        aftersales: bool = False,
    ) -> None:
        self._asking = asking
        self._known = known
        self._delivery = delivery
        self._metrics = metrics
        self._spans = spans
        self._mark_ms = mark_ms
        self._caught_up = caught_up
        self._settings = settings
        shop = asking.platform.shop
        self.channel, self.shop = shop.channel, shop.shop
        self._aftersales = aftersales
        self.source = source_of(shop, aftersales=aftersales)

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
        listed, candidates, same_second = 0, {}, []
        async for page in self._asking.changed(start_ms, end_ms, aftersales=self._aftersales):
            listed += len(page)
            for row, candidate in zip(page, await asyncio.gather(*map(self._candidate, page)), strict=True):
                if candidate is not None:
                    candidates[self._subject(candidate.snapshot)] = candidate
                elif self._may_say_more(row):
                    same_second.append(row)
        found, drift = await self._tell(candidates.values(), now_ms)
        await self._move_on(end_ms, listed, now_ms)
        self._metrics.listed.labels(self.channel).inc(listed)
        more = await self._compare(same_second[:_CONTENTS_MAX], now_ms)
        return Pulled(listed, found + more.found, drift + more.drift)

    async def _tell(self, candidates: Collection[Candidate], now_ms: int) -> tuple[int, int]:
        """Sends in what the hub still lacks, and puts each drift on record: (sent in, drifts)."""
        if candidates:
            await self._caught_up()
        sent = []
        for snapshot, it in candidates:
            what = self._subject(snapshot)
            difference = compare.drift(self._known.get(what), it)
            if difference is None or self._sent_lately(what, it.version, now_ms):
                continue
            event = compare.envelope(self.channel, self.shop, snapshot, now_ms)
            if difference.heals:
                self._delivery.event(event)
            hub_status, aftersale_id = difference.hub_status, snapshot.aftersale_id
            self._delivery.check(compare.check(event, "DRIFT", it, difference, hub_status, now_ms, aftersale_id))
            sent.append((what, it.version, now_ms, difference.heals))
        await self._delivery.flush()
        self._known.note_sent([row[:3] for row in sent])
        found = sum(heals for *_, heals in sent)
        self._metrics.found.labels(self.channel).inc(found)
        self._metrics.drift.labels(self.channel).inc(len(sent))
        return found, len(sent)

    async def _compare(self, rows: Sequence[Changed], now_ms: int) -> Pulled:
        """Reads these orders, and holds what they say against what the hub has. One that can't be read now is listed again."""
        differing, agreeing = [], []
        for candidate in await asyncio.gather(*map(self._read, rows), return_exceptions=True):
            if isinstance(candidate, CallError) or candidate is None:
                continue
            if isinstance(candidate, BaseException):
                raise candidate
            what = self._subject(candidate.snapshot)
            known = self._known.get(what)
            if compare.drift(known, candidate.it) is not None:
                differing.append(candidate)
            elif known is not None:
                agreeing.append((what, known.version))
        self._known.note_compared(agreeing)
        found, drift = await self._tell(differing, now_ms) if differing else (0, 0)
        return Pulled(0, found, drift)

    def _may_say_more(self, row: Changed) -> bool:
        """Whether a row that names an order or after-sale is of the very second that the hub has, and its content was not compared yet."""
        what = self._subject(row)
        known = self._known.get(what)
        if known is None or row.payload is not None or row.modified_ms // 1000 != known.version // 1000:
            return False
        return self._known.compared(what) != known.version

    def _subject(self, row: Changed | Snapshot) -> str:
        return subject(f"{self.channel}:{row.order_no}", row.aftersale_id or None)

    async def _candidate(self, row: Changed) -> Candidate | None:
        known = self._known.get(self._subject(row))
        # A row that shows it all may contradict what the hub has under the same version.
        if known is not None and row.payload is None and 0 < row.modified_ms <= known.version:
            return None
        candidate = await self._read(row)
        return candidate if candidate is not None and compare.drift(known, candidate.it) is not None else None

    async def _read(self, row: Changed) -> Candidate | None:
        if row.payload is None:
            try:
                snapshot = await self._asking.whole(row)
            except Refused as exc:
                # Listed, and not shown: nothing that a repetition would change.
                order_id = f"{self.channel}:{row.order_no}"
                logger.warning("what is listed is not shown: %s", exc, extra={"order_id": order_id})
                return None
        else:
            snapshot = Snapshot(row.order_no, row.modified_ms, row.payload, row.aftersale_id)
        shown = self.channel, snapshot.payload, snapshot.modified_ms
        it = compare.sale_shown(*shown) if self._aftersales else compare.shown(*shown, self._settings)
        return Candidate(snapshot, it)

    def _sent_lately(self, what: str, version: int, now_ms: int) -> bool:
        sent_version, at_ms = self._known.sent(what)
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
        if not self._aftersales:
            self._metrics.mark.labels(self.channel, self.shop).set(until_ms / 1000)
