"""The engine's options, beside Faust's own settings (id, broker, datadir, topic_partitions, topic_replication_factor)."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Faust settings that put an app on this engine: ``faust.App("id", broker="penstock://host:9092", **SETTINGS)``.
SETTINGS: dict[str, Any] = {
    "Agent": "streams.engine.agent:Agent",
    "Stream": "streams.engine.agent:Stream",
    "Table": "streams.engine.table:Table",
    "TableManager": "streams.engine.table:TableManager",
    # Faust's leader election needs its own assignor, which librdkafka does not speak.
    "topic_disable_leader": True,
    # Faust's debugging endpoints are not for production; metrics have their own port.
    "web_enabled": False,
    # On SIGTERM the running cycle is finished before the group is left.
    "stream_wait_empty": True,
    # The store is the engine's own (RocksDB under the app's datadir); Faust asks for a value all the same.
    "store": "memory://",
}


def _system_clock_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Options:
    """How one worker runs; hang it on the app as ``app.engine_options``.

    ``kafka`` holds librdkafka properties for every client the engine makes; ``consumer`` and ``producer`` override it.
    """

    kafka: Mapping[str, Any] = field(default_factory=dict, repr=False)
    consumer: Mapping[str, Any] = field(default_factory=dict)
    producer: Mapping[str, Any] = field(default_factory=dict)
    #: ``classic`` or ``consumer`` (KIP-848).
    group_protocol: str = "classic"
    session_timeout_ms: int = 10_000
    #: A transaction older than this is undone by the broker; also how long a killed worker's open one can hold up readers.
    transaction_timeout_ms: int = 10_000
    #: Records of one cycle at the most: bounds memory, and the work a failed cycle repeats.
    batch_size_max: int = 4_000
    #: Topics that are read and no agent of the app writes: they wait while what its agents sent each other is decided (``inflow.py``).
    outside: Collection[str] = frozenset()
    #: Where records go that an agent cannot digest; ``{app id}.quarantine`` when empty.
    quarantine_topic: str = ""
    #: A fault is retried for this long before the worker stops.
    fault_patience_s: float = 60.0
    #: Values of ``frozen`` tables kept as objects after they were written, twice this many at the most.
    recent_values_max: int = 8_192
    block_cache_bytes: int = 64 * 1024 * 1024
    write_buffer_bytes: int = 32 * 1024 * 1024
    #: Local state not written to for this long is rebuilt: compaction may have dropped its tombstones (Kafka's
    #: ``delete.retention.ms`` is 24 h).
    state_age_max_s: float = 12 * 3600.0
    #: This host's clock: held against the log's, and trusted with nothing.
    clock_ms: Callable[[], int] = _system_clock_ms
    #: Farther than this from the log's it is told, and no ticks are given.
    clock_skew_max_s: float = 60.0
    #: Told the name of each step as the cycle enters it: for tests that kill a worker there.
    on_step: Callable[[str], None] | None = None

    @classmethod
    def quiet(cls, kafka: Mapping[str, Any], **own: Any) -> Options:
        """Of clients whose users tell themselves what fails: librdkafka logs nothing beside."""
        return cls(kafka={"log_level": 0, **kafka}, **own)

    def client(self, bootstrap: str, **properties: Any) -> dict[str, Any]:
        """librdkafka properties of one client."""
        return {"bootstrap.servers": bootstrap, "log_level": 3, **self.kafka, **properties}

    def reader(self, bootstrap: str, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Of a client that reads committed records alone, of what it assigns itself: it joins no group, but librdkafka wants one's name."""
        own = {
            "group.id": f"penstock-{name}-unused",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
        return self.client(bootstrap, **{**own, **properties})


def options_of(app: Any) -> Options:
    """The app's engine options, or the defaults."""
    return getattr(app, "engine_options", None) or Options()


def bootstrap_of(app: Any) -> str:
    """``host:port,host:port`` of the app's Faust broker setting."""
    return ",".join(f"{url.host}:{url.port or 9092}" for url in app.conf.broker)


def worker_id(datadir: Path) -> str:
    """The id of the worker that owns ``datadir``, made once.

    It is part of the transactional id: a worker restarted on its folder undoes at once what its killed self left open.
    """
    path = datadir / "worker-id"
    known = path.read_text().strip() if path.exists() else ""
    if not known:
        # None yet, or a power cut has left an empty file: two workers of no id would throw each other out.
        known = uuid.uuid4().hex
        datadir.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{known}")
        with draft.open("w") as file:
            file.write(known)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    return known
