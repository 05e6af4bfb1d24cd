"""The contestants of the whole path: Penstock's worker, and the same saga in Kafka Streams (``java/saga/``).

Both read and write the same topics, as the consumer group ``penstock``, so that `penstock verify` judges either.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from streams.settings import Settings
from tests.bench import java_build

#: The heap in one piece from the start, as both Kafka's and the JVM's guides advise for steady load.
JVM_OPTIONS = ("-Xms2g", "-Xmx2g")


@dataclass(frozen=True)
class SagaPeer:
    """A contestant: how its one process is started on the topics that ``settings`` name."""

    name: str
    command: Callable[[], list[str]]
    env: Callable[[Settings], Mapping[str, str]]


PENSTOCK = SagaPeer(
    "Penstock",
    lambda: [sys.executable, "-m", "streams.cli", "worker", "--slot", "0"],
    lambda settings: settings.to_env(),
)


def kafka_streams(commit_ms: int, threads: int = 1) -> SagaPeer:
    """Kafka Streams, exactly_once_v2. ``commit_ms``: 100 is its default under exactly-once; more is fewer transactions."""

    def env(settings: Settings) -> Mapping[str, str]:
        return {
            "BROKERS": settings.brokers,
            "APP_ID": settings.app_id,
            "DATADIR": str(settings.data / "streams"),
            "THREADS": str(threads),
            "COMMIT_MS": str(commit_ms),
        }

    name = f"Kafka Streams, {commit_ms} ms" + (f", {threads} threads" if threads > 1 else "")
    return SagaPeer(name, lambda: java_build.command("saga", "penstock.Saga", jvm=JVM_OPTIONS), env)
