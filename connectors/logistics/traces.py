"""Parcels that are written back are followed: Kuaidi100 pushes their traces to the gateway from then on.

In the background: a subscription that fails is tried again a few times, then logged; it never holds up or fails a writeback. What is still
to be subscribed to when the process is killed is not; a parcel written back once more (it is already shipped) is subscribed to again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from connectors.driver.dispatch.endpoint import Endpoint
from connectors.endings import CallError
from connectors.logistics.carriers import Carrier
from connectors.logistics.metrics import DispatchMetrics
from connectors.logistics.providers.kuaidi100 import Kuaidi100
from connectors.logistics.waybills import Source
from connectors.platforms.base import Refused
from connectors.shops import Shops
from schemas.records import WritebackRequest

logger = logging.getLogger(__name__)

#: Parcels that wait for their subscription at the most; more are left out, and counted.
_WAITING_MAX = 10_000
_TRIES_MAX = 5
_AGAIN_S = 1.0
_END_S = 10.0


class TraceDesk:
    """``follow`` parcels; ``close`` it in the end. Without a Kuaidi100 account that names a callback it does nothing."""

    def __init__(
        self, sources: Sequence[Source], shops: Shops, metrics: DispatchMetrics, again_s: float = _AGAIN_S
    ) -> None:
        found = [(s.client, s.endpoint) for s in sources if isinstance(s.client, Kuaidi100) and s.client.callback]
        self._provider = found[0] if found else None
        self._shops = shops
        self._metrics = metrics
        self._again_s = again_s
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, request: WritebackRequest, carrier: Carrier, tracking_no: str) -> None:
        """Sees to it in the background."""
        if self._provider is None or not carrier.of("kuaidi100") or not tracking_no:
            return
        if len(self._tasks) >= _WAITING_MAX:
            self._metrics.subscriptions.labels("left_out").inc()
            return
        task = asyncio.create_task(self._subscribe(*self._provider, request, carrier, tracking_no))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Waits a little for those under way, then leaves the rest."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_END_S)
            if late:
                logger.warning("the traces of %d parcels are not subscribed to", len(late))
            for task in late:
                task.cancel()

    async def _subscribe(
        self, client: Kuaidi100, endpoint: Endpoint, request: WritebackRequest, carrier: Carrier, number: str
    ) -> None:
        sender = self._shops.senders.get(request["warehouse"])
        # The sender's is asked for as well as the receiver's, and is nobody's secret.
        phone = sender.phone if sender is not None else ""
        ended, tries = "failed", 0
        while tries < _TRIES_MAX:
            try:
                await endpoint.patiently(
                    lambda: client.subscribe(
                        request["order_id"], request["shipment_id"], carrier.of("kuaidi100"), number, phone
                    )
                )
                ended = "subscribed"
                break
            except Refused as exc:
                ended = "refused"
                logger.warning("no traces: %s", exc, extra={"order_id": request["order_id"]})
                break
            except CallError as exc:
                tries += 1
                if tries == _TRIES_MAX:
                    logger.warning("no traces: %s", exc, extra={"order_id": request["order_id"]})
            await asyncio.sleep(self._again_s * 2**tries)
        self._metrics.subscriptions.labels(ended).inc()
