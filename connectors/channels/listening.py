"""Keeps a shop's listener running: what ends it is logged once, and it is run again after a pause that grows, with jitter."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence

from connectors.channels.base import Listener, Outgoing
from connectors.channels.marks import read_mark
from connectors.channels.metrics import GatewayMetrics
from connectors.channels.outbox import Outbox, Undelivered
from connectors.endings import CallError, Throttled
from connectors.platforms.base import Platform
from connectors.shops import Shop
from streams.settings import Settings

logger = logging.getLogger(__name__)

_PAUSE_S, _PAUSE_MAX_S = 0.5, 30.0
_DELIVER_S = 30.0


class Listening:
    """One listener at work, and the hub it is given (see ``connectors.channels.base.Hub``)."""

    def __init__(
        self,
        listener: Listener,
        platform: Platform,
        shops: Sequence[Shop],
        outbox: Outbox,
        settings: Settings,
        metrics: GatewayMetrics,
    ) -> None:
        self._listener = listener
        self.platform = platform
        self.shops = shops
        self._outbox = outbox
        self._settings = settings
        self._metrics = metrics
        self._failures = 0
        shop = listener.shop
        self._up = metrics.listening.labels(shop.channel, shop.shop)
        self._up.set(0)
        self._name = f"{shop.channel}/{shop.shop}"

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self._listener.run(self)
                reason = "it ended"
            except Throttled as exc:
                await asyncio.sleep(exc.wait_s)
                continue
            except Exception as exc:
                reason = _why(exc)
            self._up.set(0)
            # Said when it begins to fail, and then now and again: a platform may be away for hours.
            if self._failures in (0, 10, 100):
                logger.warning("%s is not listened to, tried again: %s", self._name, reason)
            pause_s = min(_PAUSE_MAX_S, _PAUSE_S * 2 ** min(self._failures, 10))
            self._failures += 1
            await asyncio.sleep(random.uniform(0.1, pause_s))

    def heard(self) -> None:
        """See Hub."""
        if self._failures:
            logger.warning("%s is listened to again", self._name)
        self._failures = 0
        self._up.set(1)

    def ignored(self, messages: int) -> None:
        """See Hub."""
        self._metrics.ignored.labels(self._listener.shop.channel).inc(messages)

    async def deliver(self, records: Sequence[Outgoing]) -> None:
        """See Hub."""
        while True:
            try:
                await self._outbox.deliver(records, _DELIVER_S)
            except Undelivered:
                await asyncio.sleep(1)
                continue
            self._metrics.delivered(records)
            return

    async def mark(self, source: str) -> int | None:
        """See Hub."""
        return await asyncio.to_thread(read_mark, self._settings, source)


def _why(exc: BaseException) -> str:
    """In words of ours: a library's own may hold an address with a secret in it, or what a platform sent."""
    if isinstance(exc, BaseExceptionGroup):
        return _why(exc.exceptions[0])
    return str(exc) if isinstance(exc, CallError) else type(exc).__name__
