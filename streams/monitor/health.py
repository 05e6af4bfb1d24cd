"""Asks every interface over and over, around the clock, each on its own clock; keeps the history on ``health.checks``.

One slow interface holds up no other. What can't be written (the broker itself may be away) is kept and written when it can be. A look that
stands there twice is told by its interface and its time.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Iterable
from typing import cast

from schemas.codec import CODEC, CodecError
from schemas.records import HealthCheck
from streams.monitor.checks import check
from streams.monitor.interfaces import Interface, Interfaces
from streams.monitor.metrics import HubMetrics
from streams.ops.cluster import Cluster, ClusterError
from streams.settings import Settings

logger = logging.getLogger(__name__)

#: Interfaces are not all asked at the same moment; and a look is never later than the interval says.
_EARLIER = 0.1
#: History kept while it can't be written: a day of 40 interfaces every 3 minutes.
_KEPT_MAX = 20_000
_WRITE_AGAIN_S = 5.0
#: So many newest records are looked through for where each interface stood.
_LOOK_BACK = 500


async def check_once(interfaces: Iterable[Interface], settings: Settings) -> list[HealthCheck]:
    """Asks all of them at once."""
    return list(await asyncio.gather(*(check(it, settings.kafka) for it in interfaces)))


def last_checks(cluster: Cluster) -> dict[str, HealthCheck]:
    """Interface -> the newest look at it, from the history. Raises ClusterError."""
    found: dict[str, HealthCheck] = {}
    for message in cluster.read("health.checks", last=_LOOK_BACK):
        try:
            value = message.value()
            name, record = CODEC.decode(value) if value is not None else ("", {})
        except CodecError:
            continue
        if name == "HealthCheck":
            found[record["interface"]] = cast(HealthCheck, record)
    return found


class Health:
    """Runs until it is cancelled."""

    def __init__(self, settings: Settings, interfaces: Interfaces, metrics: HubMetrics) -> None:
        self._settings = settings
        self._interfaces = interfaces
        self._metrics = metrics
        self._cluster = Cluster(settings)
        self._was: dict[str, bool] = {}
        self._unwritten: deque[HealthCheck] = deque(maxlen=_KEPT_MAX)
        self._written = asyncio.Event()

    async def run(self) -> None:
        """Never returns."""
        try:
            known = await asyncio.to_thread(last_checks, self._cluster)
            self._was = {name: last["healthy"] for name, last in known.items()}
        except ClusterError as exc:
            logger.warning("how the interfaces stood before is not known: %s", exc)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write())
            for it in self._interfaces.all:
                group.create_task(self._watch(it))

    async def _watch(self, interface: Interface) -> None:
        while True:
            done = await check(interface, self._settings.kafka, self._was.get(interface.name))
            self._take(done)
            interval_s = self._interfaces.interval_s
            rest_s = interval_s * random.uniform(1 - _EARLIER, 1) - done["took_ms"] / 1000
            await asyncio.sleep(max(rest_s, 0.1))

    def _take(self, done: HealthCheck) -> None:
        name, healthy = done["interface"], done["healthy"]
        self._metrics.interface_up.labels(name).set(healthy)
        self._metrics.interface_seconds.labels(name).set(done["took_ms"] / 1000)
        self._metrics.checked_at.labels(name).set(done["checked_at_ms"] / 1000)
        if done["changed"]:
            about = {"interface": name, "kind": done["kind"], "took_ms": done["took_ms"]}
            if not healthy:
                logger.error("interface %s fails: %s", name, done["error"], extra=about)
            elif name in self._was:
                logger.warning("interface %s answers again", name, extra=about)
            else:
                logger.info("interface %s answers", name, extra=about)
        self._was[name] = healthy
        self._unwritten.append(done)
        self._written.set()

    async def _write(self) -> None:
        while True:
            await self._written.wait()
            self._written.clear()
            if self._was.get("kafka") is False:
                # Written to a broker that is away, a look may stand in the history twice; the next look sets this off again.
                continue
            batch = list(self._unwritten)
            try:
                records = [("health.checks", it["interface"], "HealthCheck", it) for it in batch]
                await asyncio.to_thread(self._cluster.publish, records)
            except ClusterError as exc:
                logger.warning("the history of %d checks waits to be written: %s", len(batch), exc)
                await asyncio.sleep(_WRITE_AGAIN_S)
                self._written.set()
                continue
            # What came meanwhile stays; what was dropped for want of room is gone already.
            done = {id(it) for it in batch}
            self._unwritten = deque((it for it in self._unwritten if id(it) not in done), maxlen=_KEPT_MAX)
