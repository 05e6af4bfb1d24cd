"""JD's changes, asked for: no push of orders is documented, so the search by modified time is read every 2 s.

A change is therefore seen 1 s after it on the average and 2 s at the most, beside the call itself: within the 5 s. JD's call quotas are not
known; a shop that is throttled is left alone for as long as JD says. "Modified" moves only when an order's state or waybill does: other
edits are not seen here, nor anywhere in JD's API.

 - Each look begins 5 s before the end of the last one, since JD dates changes by whole seconds and may show them late; once a minute it
   begins two minutes before, for a clock of JD's that differs from ours. Rows that were sent already, unchanged, are not sent again.
 - The mark (``channel.marks``, ``jd/<shop>/poll``) is how far all is in Kafka. After a restart the look begins there; a shop that was never
   looked at begins an hour ago, and what is older is the reconciliation's.
 - Rows carry the whole order: nothing is fetched.
 - After-sales are asked for alike, every 10 s, under a mark of their own (``jd/<shop>/poll-aftersales``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from hashlib import blake2b

from connectors.channels.base import Hub, Listener, Outgoing, event, notices
from connectors.platforms.base import Changed
from connectors.platforms.times import now_ms
from connectors.shops import Shop
from schemas.codec import CODEC
from schemas.records import PullMark
from streams.domain.intake.kinds import kind_of, subject

INTERVAL_S = 2.0
#: After-sales are several lists: they are asked for less often, and what stops an order shows in the order too.
SALES_INTERVAL_S = 10.0
_OVERLAP_MS, _FAR_OVERLAP_MS, _FAR_EVERY_S = 5_000, 120_000, 60.0
_FIRST_MS = 3_600_000
Changes = Callable[[int, int], AsyncIterator[Sequence[Changed]]]
#: A long way is gone in pieces, each of which moves the mark.
_STEP_MS = 300_000
#: The mark of a shop where nothing happens moves so often.
_IDLE_MARK_MS = 10_000


class JdPoll(Listener):
    """One shop's."""

    async def run(self, hub: Hub) -> None:
        source = f"jd/{self.shop.shop}/poll"
        platform = hub.platform
        async with asyncio.TaskGroup() as looks:
            looks.create_task(_Poll(self.shop, source, platform.changed, INTERVAL_S).run(hub))
            looks.create_task(_Poll(self.shop, f"{source}-aftersales", platform.aftersales, SALES_INTERVAL_S).run(hub))


class _Poll:
    """One shop's orders, or its after-sales."""

    def __init__(self, shop: Shop, source: str, changed: Changes, interval_s: float) -> None:
        self._shop = shop
        self._source = source
        self._changed = changed
        self._interval_s = interval_s
        #: By what a row is of: what was sent, and the look that last saw it.
        self._sent: dict[str, tuple[bytes, int]] = {}

    async def run(self, hub: Hub) -> None:
        at_ms = await hub.mark(self._source)
        at_ms = now_ms() - _FIRST_MS if at_ms is None else at_ms
        marked_ms = 0
        far_at = 0.0
        while True:
            began = time.monotonic()
            far = began >= far_at
            start, end = at_ms - (_FAR_OVERLAP_MS if far else _OVERLAP_MS), now_ms()
            for step_end in (*range(start + _STEP_MS, end, _STEP_MS), end):
                found = await self._look(hub, start, step_end)
                if found or step_end - marked_ms >= _IDLE_MARK_MS:
                    await hub.deliver([self._mark(step_end, found)])
                    marked_ms = step_end
                start = at_ms = step_end
            hub.heard()
            if far:
                far_at = began + _FAR_EVERY_S
                self._forget(end - 2 * _FAR_OVERLAP_MS)
            await asyncio.sleep(max(0.0, self._interval_s - (time.monotonic() - began)))

    async def _look(self, hub: Hub, start_ms: int, end_ms: int) -> int:
        """Sends what changed in a window; returns how many that were."""
        found = 0
        async for page in self._changed(start_ms, end_ms):
            received_ms = now_ms()
            news = self._news(page)
            await hub.deliver([one for row in news for one in self._outgoing(row, received_ms)])
            self._sent.update((_what(row), (_print(row), received_ms)) for row in page)
            found += len(news)
        return found

    def _news(self, page: Sequence[Changed]) -> list[Changed]:
        return [row for row in page if self._sent.get(_what(row), (b"", 0))[0] != _print(row)]

    def _forget(self, before_ms: int) -> None:
        """What no look has seen since."""
        self._sent = {what: it for what, it in self._sent.items() if it[1] >= before_ms}

    def _outgoing(self, row: Changed, received_ms: int) -> Sequence[Outgoing]:
        event_id = f"{self._source}/{row.modified_ms}"
        occurred_ms = row.modified_ms or received_ms
        if row.payload is None:
            return notices(
                {
                    "notice_id": event_id,
                    "order_id": f"jd:{row.order_no}",
                    "channel": "jd",
                    "shop": self._shop.shop,
                    "order_no": row.order_no,
                    "kind": "changed",
                    "occurred_at_ms": occurred_ms,
                    "received_at_ms": received_ms,
                    "payload": b"",
                    "aftersale_id": row.aftersale_id,
                }
            )
        return (
            event(
                {
                    "channel": "jd",
                    "shop": self._shop.shop,
                    "order_no": row.order_no,
                    "kind": kind_of(aftersale=bool(row.aftersale_id), fetched=True),
                    "event_id": event_id,
                    "occurred_at_ms": occurred_ms,
                    "received_at_ms": received_ms,
                    "content_type": "application/json",
                    "payload": row.payload,
                }
            ),
        )

    def _mark(self, until_ms: int, found: int) -> Outgoing:
        mark: PullMark = {
            "source": self._source,
            "channel": "jd",
            "shop": self._shop.shop,
            "until_ms": until_ms,
            "orders": found,
            "at_ms": now_ms(),
        }
        return Outgoing("channel.marks", self._source, CODEC.encode("PullMark", mark))


def _what(row: Changed) -> str:
    return subject(row.order_no, row.aftersale_id or None)


def _print(row: Changed) -> bytes:
    return blake2b(b"%d %s" % (row.modified_ms, row.payload or b""), digest_size=16).digest()
