"""How far the clocks of the hub's hosts are from the broker's, by the lines that their processes write (``engine/log_clock.py``)."""

from __future__ import annotations

from typing import NamedTuple

from streams.engine.log_clock import ASK_S, clock_topic
from streams.ops.cluster import Cluster
from streams.topology import TOPOLOGY, group_id

#: Lines that are looked at, of each group of workers.
_LAST = 500
#: A host that has written nothing for so long, by the log's time, has no say.
_RECENT_MS = int(6 * ASK_S * 1000)


class Clock(NamedTuple):
    """A host's, seconds ahead of the broker's (negative: behind). A line may have been under way for a moment."""

    host: str
    ahead_s: float


def clocks(cluster: Cluster) -> list[Clock]:
    """Of every host with a worker or a connector, by name: as the process says whose newest line is farthest off."""
    newest: dict[str, tuple[int, int]] = {}
    for group in sorted({stage.group for stage in TOPOLOGY}):
        topic = clock_topic(group_id(cluster.settings.app_id, group))
        for line in cluster.read(topic, last=_LAST) if cluster.has(topic) else ():
            written_ms, who = line.timestamp()[1], (line.key() or b"").decode()
            newest[who] = max(newest.get(who, (0, 0)), (written_ms, int(line.value() or 0)))
    since_ms = max((written_ms for written_ms, _ in newest.values()), default=0) - _RECENT_MS
    found: dict[str, float] = {}
    for who, (written_ms, host_ms) in newest.items():
        if written_ms >= since_ms:
            host = who.partition("/")[0]
            found[host] = max(found.get(host, 0.0), (host_ms - written_ms) / 1000, key=abs)
    return [Clock(host, ahead_s) for host, ahead_s in sorted(found.items())]
