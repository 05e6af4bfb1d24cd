"""The settings of the one-node broker: Kafka's own, with the reason where they differ from its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from schemas.private import private

HOST = "127.0.0.1"

SETTINGS: dict[str, str | int] = {
    # One process is both broker and controller (KRaft).
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    # One node: nothing can be replicated. Few partitions of the internal topics: each costs time at the first start.
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    # A broker that was killed may register again when its old session is over: 4 s instead of 9.
    "broker.session.timeout.ms": 4_000,
    "broker.heartbeat.interval.ms": 500,
    # Topics are declared in the project's registry; a misspelt one must fail instead of appearing.
    "auto.create.topics.enable": "false",
    # A worker gets its partitions at once instead of after 3 s.
    "group.initial.rebalance.delay.ms": 0,
    # Both group protocols may detect a killed worker within seconds. The new one (KIP-848) takes its times from the
    # broker, 45 s by default; the classic one's are the client's, within these bounds.
    "group.min.session.timeout.ms": 1_000,
    "group.consumer.min.session.timeout.ms": 1_000,
    "group.consumer.session.timeout.ms": 10_000,
    "group.consumer.min.heartbeat.interval.ms": 500,
    "group.consumer.heartbeat.interval.ms": 2_000,
    # A killed worker's open transaction blocks read_committed readers until it is aborted: look every second, not 10.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1_000,
    "transaction.max.timeout.ms": 900_000,
    # Records may carry times of years ago (replayed orders); retention by time would delete them on arrival.
    "log.retention.ms": -1,
    # A raw payload of 1 MB and more has to reach the intake to be judged there.
    "message.max.bytes": 8 * 1024 * 1024,
    "replica.fetch.max.bytes": 8 * 1024 * 1024,
    # Two cores, one client machine: Kafka's thread and buffer defaults are for a server of its own.
    "num.network.threads": 2,
    "num.io.threads": 4,
    "background.threads": 2,
    "log.cleaner.enable": "true",
    "log.cleaner.threads": 1,
    "log.cleaner.dedupe.buffer.size": 32 * 1024 * 1024,
}

# 1 GB is the most it may take, not what it takes. Serial collection and the first compiler only: with two cores shared
# with the workers, what parallel collectors and the optimising compiler cost is taken from the workers. Measured with
# 8,000,000 records of 200 bytes in transactions: 15.4 s of CPU against 22.5 s with both compilers, and shorter commits.
JVM_OPTIONS = (
    "-Xms256m",
    "-Xmx1g",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)

# slf4j-simple writes to stderr, which is the broker's log file.
LOG_OPTIONS = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
)


def write_properties(
    path: Path,
    data_dir: Path,
    port: int,
    controller_port: int,
    asked: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
) -> None:
    """The broker's properties file, for one folder and its two ports (clients', controller's).

    ``asked``: listeners that ask for passwords, which stand in it; else both are open. ``more``: whatever else.
    """
    listeners = asked or {
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
    }
    properties = {
        **SETTINGS,
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        **listeners,
        "log.dirs": data_dir,
        **(more or {}),
    }
    # One that an earlier version has left may be open to others.
    path.unlink(missing_ok=True)
    with open(path, "x", opener=private) as file:
        file.writelines(f"{name}={value}\n" for name, value in properties.items())
