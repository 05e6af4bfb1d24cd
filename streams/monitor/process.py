"""``penstock monitor``: the parts put together, each on its own beat.

    reading   a thread: topics to counts, at once
    lag       every 5 s: positions of stages and sinks, members of their groups
    ground    every minute: whether state, offsets and topics belong together
    health    every 3 minutes an interface: see ``health``
    guarding  every second: trials of rules whose guardrails say that they are to be ended

Live: the event loop and the reading thread have turned within two minutes. Ready: it knows the cluster, that is, the topics have been read
to their end once and the lag was measured within the last minute.
"""

from __future__ import annotations

import asyncio
import logging
import math
import signal
import threading
import time
from collections import Counter
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.topics import COMPARED, QUARANTINE, RELEASES, SINK_REFUSED
from streams.monitor import crossings, flow, guarding, listings, standing, statuses, writebacks
from streams.monitor.ground import Ground
from streams.monitor.health import Health
from streams.monitor.interfaces import Interfaces
from streams.monitor.metrics import HubMetrics
from streams.monitor.reader import Course, Reader
from streams.ops.cluster import Cluster, ClusterError
from streams.ops.groups import SINK_GROUP, Groups
from streams.ops.http import Heartbeat, serve
from streams.ops.lag import LagMeter
from streams.settings import Settings

logger = logging.getLogger(__name__)

_LAG_EVERY_S = 5.0
_POLL_S = 0.5
_HANGS_S = 120.0
#: A measurement older than this says nothing of now.
_STALE_S = 60.0


class Reading:
    """The reading thread."""

    def __init__(self, settings: Settings, metrics: HubMetrics, window_s: float) -> None:
        self._settings = settings
        self._metrics = metrics
        self._window_s = window_s
        self._trials: guarding.Trials | None = None
        self.beat = Heartbeat("the reading", _HANGS_S)
        #: Why it does not know the topics (yet); empty: it does.
        self.waits = "the topics have not been read yet"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor-reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._read()
            except Exception as exc:
                # What it counted stays; what stands is read anew.
                expected = isinstance(exc, ClusterError)
                logger.warning("the topics are read anew in a moment: %s", exc, exc_info=not expected)
                self.waits = str(exc) if expected else type(exc).__name__
                self.beat.beat()
                self._stopped.wait(_LAG_EVERY_S)

    def _read(self) -> None:
        since_ms = int((time.time() - self._window_s) * 1000)
        through, open_items = flow.Flow(self._metrics, self._window_s), standing.Standing()
        parcels = writebacks.Writebacks(self._metrics, self._window_s)
        orders = statuses.Statuses(self._metrics)
        shown = listings.Listings(self._metrics.listings)
        crossed = crossings.Crossings(self._window_s, self._metrics)
        trials = guarding.Trials(self._metrics)
        # What was told of trials that are over judges nothing any more.
        begun_ms = guarding.begun_ms(Cluster(self._settings))
        courses = (
            Course(flow.TOPICS, through.take, since_ms),
            Course(crossings.TOPICS, crossed.take, since_ms),
            Course(standing.TOPICS, open_items.take),
            Course(writebacks.TOPICS, parcels.take),
            Course(statuses.TOPICS, orders.take),
            Course(listings.TOPICS, shown.take),
            Course((RELEASES,), trials.take),
            Course((COMPARED,), trials.take, since_ms if begun_ms is None else begun_ms),
        )
        reader = Reader(self._settings, courses)
        seen, told = 0, Counter[str]()
        try:
            reader.start()
            while not self._stopped.is_set():
                reader.poll(_POLL_S)
                self.beat.beat()
                self.waits = "" if reader.caught_up else f"{reader.left} partitions have not been read to their end yet"
                if reader.caught_up:
                    # Half a history would look like a backlog.
                    now_ms = time.time_ns() // 1_000_000
                    trials.refresh()
                    self._trials = trials
                    through.refresh(now_ms)
                    crossed.refresh(now_ms)
                    parcels.refresh(now_ms)
                    orders.refresh(now_ms)
                    shown.refresh(now_ms)
                    self._show(open_items, now_ms)
                    self._metrics.oversells.inc(open_items.oversells - seen)
                    seen = open_items.oversells
                    for kind, count in (open_items.pool_alerts - told).items():
                        self._metrics.pool_alerts.labels(kind).inc(count)
                    told = open_items.pool_alerts.copy()
        finally:
            self._trials = None
            reader.close()

    def proposals(self) -> tuple[guarding.Proposal, ...]:
        """Trials that are to be ended; none as long as the topics are not known to their end."""
        trials = self._trials
        return () if trials is None else trials.proposals()

    def _show(self, it: standing.Standing, now_ms: int) -> None:
        metrics = self._metrics
        metrics.review_backlog.set(it.count(standing.REVIEW))
        metrics.review_oldest.set(max(0, now_ms - (it.oldest_ms(standing.REVIEW) or now_ms)) / 1000)
        metrics.quarantined.set(it.count(QUARANTINE))
        metrics.refused.set(it.count(SINK_REFUSED))
        metrics.oversold.set(it.oversold)
        metrics.drill_failed.set(it.drill_failed)
        metrics.drilled_at.set(math.nan if it.drilled_ms is None else it.drilled_ms / 1000)


class Measuring:
    """Lag and members, over and over."""

    def __init__(self, settings: Settings, metrics: HubMetrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._meter: LagMeter | None = None
        self._measured_at: float | None = None
        self._failing = False

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            # Not given up half-way: its clients are closed when it is through.
            await asyncio.shield(asyncio.to_thread(self._measure))
            await asyncio.sleep(_LAG_EVERY_S)

    def close(self) -> None:
        if self._meter is not None:
            self._meter.close()
            self._meter = None

    def fresh(self) -> bool:
        """The last measurement says how it is now."""
        return self._measured_at is not None and time.monotonic() - self._measured_at < _STALE_S

    def _measure(self) -> None:
        try:
            self._meter = self._meter or LagMeter(self._settings)
            self._metrics.lags(self._meter.measure())
            self._count_members(self._meter.groups)
            self._measured_at = time.monotonic()
            if self._failing:
                logger.warning("the lag can be measured again")
            self._failing = False
        except ClusterError as exc:
            if not self._failing:
                logger.warning("the lag cannot be measured: %s", exc)
            self._failing = True
            # An admin client that has lost all its brokers may never find them again: the next measurement has new ones.
            self.close()

    def _count_members(self, groups: Groups) -> None:
        (workers,) = groups.describe(self._settings.app_id)
        self._metrics.workers.set(len(workers.members))
        self._metrics.sink_members.clear()
        for sink in groups.sinks():
            (group,) = groups.describe(SINK_GROUP + sink)
            self._metrics.sink_members.labels(sink).set(len(group.members))


class Monitor:
    """One process; ``port`` 0 takes a free one. ``end_trial``: as ``aside.guarding`` has it."""

    def __init__(
        self, settings: Settings, interfaces: Interfaces, port: int, window_s: float, end_trial: guarding.End
    ) -> None:
        self._metrics = HubMetrics(CollectorRegistry())
        self._reading = Reading(settings, self._metrics, window_s)
        self._measuring = Measuring(settings, self._metrics)
        self._ground = Ground(settings, self._metrics)
        self._health = Health(settings, interfaces, self._metrics)
        self._guarding = guarding.Guarding(self._reading.proposals, end_trial, self._metrics)
        self._loop_beat = Heartbeat("the event loop", _HANGS_S)
        self._server = serve(port, self._metrics.registry, live=self.live, ready=self.ready, host=settings.metrics_host)
        self.port = self._server.port

    def live(self) -> tuple[bool, str]:
        """See the module's text."""
        loop, reading = self._loop_beat(), self._reading.beat()
        return loop[0] and reading[0], f"{loop[1]}; {reading[1]}"

    def ready(self) -> tuple[bool, str]:
        """See the module's text."""
        if self._reading.waits:
            return False, self._reading.waits
        if not self._measuring.fresh():
            return False, "the lag has not been measured in the last minute"
        return True, "topics and groups are known"

    async def run(self) -> None:
        """Until SIGTERM or Ctrl-C."""
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        self._reading.start()
        tasks = [
            asyncio.create_task(part.run()) for part in (self._measuring, self._ground, self._health, self._guarding)
        ]
        stopping: asyncio.Task[Any] = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._loop_beat.beat()
                await asyncio.wait({stopping, *tasks}, timeout=1, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    if task.done():
                        task.result()  # raises what ended it: it never ends well
        finally:
            for task in (stopping, *tasks):
                task.cancel()
            await asyncio.gather(stopping, *tasks, return_exceptions=True)
            await asyncio.to_thread(self._reading.stop)
            await loop.shutdown_default_executor()
            self._measuring.close()
            self._server.close()
