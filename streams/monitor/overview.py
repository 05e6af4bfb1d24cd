"""How the whole hub stands at one moment, for ``penstock status`` and ``penstock lag``."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from schemas.records import HealthCheck
from schemas.topics import QUARANTINE, SINK_REFUSED
from streams.domain.routing.crossing import Crossing
from streams.engine.errors import EngineError
from streams.monitor import crossings, standing, writebacks
from streams.monitor.ground import misfits
from streams.monitor.health import last_checks
from streams.monitor.reader import Course, Reader
from streams.ops.clocks import Clock, clocks
from streams.ops.cluster import Cluster, ClusterError
from streams.ops.groups import SINK_GROUP, Group
from streams.ops.lag import Lag, LagMeter
from streams.settings import Settings

#: Worker's own: a gauge, 0 to 1, 1 when nothing is being restored; and what was deleted before it was decided, since its start.
_PROGRESS, _MISSING = "engine_restore_progress_ratio", "engine_missing_records"
_MISFITS_EVERY_S = 30.0
#: What the monitor looks back over, if it is told nothing else.
WINDOW_S = 3_600.0


class Sink(NamedTuple):
    """One sink, over all its topics."""

    name: str
    group: Group
    records: int
    seconds: float
    #: Partitions in which its store was set back, and is not yet where it was.
    set_back: int


class Overview(NamedTuple):
    """All of it. Times are ms since the epoch; ages seconds."""

    at_ms: int
    brokers: list[str]
    workers: Group
    stages: list[Lag]
    sinks: list[Sink]
    sink_lags: list[Lag]
    review_backlog: int
    review_oldest_seconds: float
    quarantined: int
    sink_refused: int
    oversold: int
    #: Phase -> parcels that are neither written back nor abandoned; and those of them whose deadline is near or past.
    writebacks: dict[str, int]
    writebacks_near: int
    #: Of the last ``WINDOW_S`` seconds.
    cross_warehouse: Crossing
    checks: list[HealthCheck]
    #: What of changelogs, topics and offsets doesn't belong to the workers' state; looked at twice a minute.
    misfits: list[str]
    #: Of hosts with workers or connectors, those that are farther from the broker's than workers bear.
    wrong_clocks: list[Clock]
    #: Of each restore under way, 0 to 1; None: the workers' metrics aren't served where they can be found.
    restoring: list[float] | None
    #: Topic -> offsets that retention deleted unread and the workers, since they run, have passed over; None as before.
    missing: dict[str, int] | None
    #: (stage or sink, topic) -> such offsets that are still ahead of it.
    gone: dict[tuple[str, str], int]


class Watcher:
    """Looks over and over; what is set aside is read once and followed. Close it in the end.

    Raises:
        ClusterError: the cluster doesn't answer.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._settings = cluster.settings
        self._cluster = cluster
        self._meter = LagMeter(self._settings)
        self._groups = self._meter.groups
        self._standing = standing.Standing()
        self._parcels = writebacks.Writebacks()
        self._crossed = crossings.Crossings(WINDOW_S)
        since_ms = time.time_ns() // 1_000_000 - round(WINDOW_S * 1_000)
        courses = [
            Course(standing.TOPICS, self._standing.take),
            Course(writebacks.TOPICS, self._parcels.take),
            Course(crossings.TOPICS, self._crossed.take, since_ms),
        ]
        self._reader = Reader(self._settings, courses)
        self._begun = False
        self._seen_misfits: list[str] = []
        self._misfits_due = 0.0

    def look(self) -> Overview:
        """How it stands now; the first look reads what is set aside from its beginning."""
        if not self._begun:
            self._reader.start()
            self._reader.catch_up()
            self._begun = True
        while self._reader.poll(0.05):
            pass
        lags = self._meter.measure()
        known = self._groups.admin.list_topics(timeout=20).brokers
        (workers,) = self._groups.describe(self._settings.app_id)
        said = said_by(self._settings, workers)
        now_ms = time.time_ns() // 1_000_000
        it = self._standing
        return Overview(
            at_ms=now_ms,
            brokers=[f"{broker.host}:{broker.port}" for _, broker in sorted(known.items())],
            workers=workers,
            stages=lags.stages,
            sinks=[self._sink(name, lags.sinks) for name in self._groups.sinks()],
            sink_lags=lags.sinks,
            review_backlog=it.count(standing.REVIEW),
            review_oldest_seconds=max(0, now_ms - (it.oldest_ms(standing.REVIEW) or now_ms)) / 1000,
            quarantined=it.count(QUARANTINE),
            sink_refused=it.count(SINK_REFUSED),
            oversold=it.oversold,
            writebacks=self._phases(),
            writebacks_near=self._parcels.near,
            cross_warehouse=self._crossed.figures(now_ms),
            checks=sorted(last_checks(self._cluster).values(), key=lambda check: check["interface"]),
            misfits=self._misfits(),
            wrong_clocks=[it for it in clocks(self._cluster) if abs(it.ahead_s) > self._settings.clock_skew_max_s],
            restoring=said.restoring if said else None,
            missing=said.missing if said else None,
            gone={(lag.reader, lag.topic): lag.gone for lag in (*lags.stages, *lags.sinks) if lag.gone},
        )

    def close(self) -> None:
        self._reader.close()
        self._meter.close()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _misfits(self) -> list[str]:
        if time.monotonic() >= self._misfits_due:
            try:
                found = misfits(self._settings)
            except EngineError as exc:
                raise ClusterError(str(exc)) from exc
            self._seen_misfits = [misfit.text for each in found.values() for misfit in each]
            self._misfits_due = time.monotonic() + _MISFITS_EVERY_S
        return self._seen_misfits

    def _phases(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for (_, phase), count in self._parcels.phases().items():
            found[phase] = found.get(phase, 0) + count
        return found

    def _sink(self, name: str, lags: Iterable[Lag]) -> Sink:
        own = [lag for lag in lags if lag.reader == name]
        (group,) = self._groups.describe(SINK_GROUP + name)
        # What it notes with its positions is just that.
        noted = self._groups.notes(group.name, self._groups.partitions(lag.topic for lag in own))
        oldest_s = max((lag.seconds for lag in own), default=0.0)
        return Sink(name, group, sum(lag.records for lag in own), oldest_s, len(noted))


def as_json(seen: Overview) -> dict[str, Any]:
    """For machines: the same names, groups and lags as objects."""

    def group(it: Group) -> dict[str, Any]:
        return {**it._asdict(), "members": [member._asdict() for member in it.members]}

    return {
        **seen._asdict(),
        "workers": group(seen.workers),
        "cross_warehouse": {**seen.cross_warehouse._asdict(), "share": seen.cross_warehouse.share},
        "stages": [lag._asdict() for lag in seen.stages],
        "sinks": [{**sink._asdict(), "group": group(sink.group)} for sink in seen.sinks],
        "wrong_clocks": [clock._asdict() for clock in seen.wrong_clocks],
        "sink_lags": [lag._asdict() for lag in seen.sink_lags],
        "gone": [{"reader": reader, "topic": topic, "offsets": n} for (reader, topic), n in seen.gone.items()],
    }


class _Said(NamedTuple):
    restoring: list[float]
    missing: dict[str, int]


def said_by(settings: Settings, workers: Group) -> _Said | None:
    """What the workers themselves say, whose ports follow each other from PENSTOCK_METRICS_PORT on."""
    if not settings.metrics_port:
        return None
    hosts = sorted({member.host for member in workers.members})
    ports = range(settings.metrics_port, settings.metrics_port + len(workers.members))
    said = _Said([], {})
    for host, port in ((host, port) for host in hosts for port in ports):
        # One that doesn't answer in good time is not asked again in this look.
        with suppress(OSError, ValueError), urlopen(f"http://{host}:{port}/metrics", timeout=1) as answer:
            for family in text_string_to_metric_families(answer.read().decode()):
                if family.name == _PROGRESS:
                    said.restoring.extend(sample.value for sample in family.samples if sample.value < 1)
                for sample in family.samples if family.name == _MISSING else ():
                    if sample.name.endswith("_total") and sample.value:
                        topic = sample.labels["topic"]
                        said.missing[topic] = said.missing.get(topic, 0) + int(sample.value)
    return said
