"""What the console asks of Kafka about the hub itself: by the functions of ``penstock lag`` and ``penstock status``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from connectors.console.lagging import Reader
from streams.monitor.overview import Overview, Watcher
from streams.ops.cluster import Cluster, ClusterError
from streams.ops.lag import Lag, LagMeter
from streams.ops.moments import utc
from streams.settings import Settings

#: A look is shared by who asks so soon after it.
_SHARED_S = 2.0


class _Eye(Protocol):
    def close(self) -> None: ...


E = TypeVar("E", bound=_Eye)
T = TypeVar("T")


class Eyes:
    """Blocks; made for threads. Without a broker everything is a ClusterError."""

    def __init__(self, settings: Settings) -> None:
        self._meter = _Kept(settings, lambda: LagMeter(settings))
        self._watcher = _Kept(settings, lambda: Watcher(Cluster(settings)))

    def lags(self) -> Sequence[Reader]:
        """Of every stage and sink: over all its topics."""
        lags = self._meter.seen(lambda meter: meter.measure())
        return [*_readers(lags.stages, is_sink=False), *_readers(lags.sinks, is_sink=True)]

    def system(self) -> dict[str, Any]:
        """As the console's interface has it."""
        return _told(self._watcher.seen(lambda watcher: watcher.look()))


class _Kept(Generic[E]):
    """Something that looks over and over with the same connections, one caller at a time; made anew when it failed."""

    def __init__(self, settings: Settings, make: Callable[[], E]) -> None:
        self._settings = settings
        self._make = make
        self._eye: E | None = None
        self._turn = threading.Lock()
        self._last: tuple[float, Any] = (float("-inf"), None)

    def seen(self, look: Callable[[E], T]) -> T:
        """What it sees now, or saw just now. Raises ClusterError."""
        if not self._settings.brokers:
            raise ClusterError("no broker")
        with self._turn:
            at, found = self._last
            if time.monotonic() - at < _SHARED_S:
                return found  # type: ignore[no-any-return]
            try:
                if self._eye is None:
                    self._eye = self._make()
                found = look(self._eye)
            except ClusterError:
                eye, self._eye = self._eye, None
                if eye is not None:
                    eye.close()
                raise
            self._last = time.monotonic(), found
            return found


def _readers(lags: Sequence[Lag], *, is_sink: bool) -> list[Reader]:
    found: dict[str, Reader] = {}
    for lag in lags:
        known = found.get(lag.reader, Reader(lag.reader, is_sink, 0, 0.0))
        found[lag.reader] = known._replace(records=known.records + lag.records, seconds=max(known.seconds, lag.seconds))
    return list(found.values())


def _told(seen: Overview) -> dict[str, Any]:
    return {
        "at": utc(seen.at_ms),
        "brokers": seen.brokers,
        "workers": len(seen.workers.members),
        "stages": [lag._asdict() for lag in seen.stages],
        "sinks": [lag._asdict() for lag in seen.sink_lags],
        "review_backlog": seen.review_backlog,
        "review_oldest_s": seen.review_oldest_seconds,
        "quarantined": seen.quarantined,
        "sink_refused": seen.sink_refused,
        "oversold": seen.oversold,
        "writebacks": seen.writebacks,
        "writebacks_near": seen.writebacks_near,
        "checks": [{**check, "checked_at": utc(check["checked_at_ms"])} for check in seen.checks],
        "misfits": seen.misfits,
    }
