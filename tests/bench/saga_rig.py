"""One contestant of the whole path on a broker of its own: topics' names are fixed, so nobody finds what another has left.

with SagaRig(folder, peer, source) as rig:      # broker, topics, warehouses and stock; the contestant runs and has taken it in
    rig.publish(rig.source.events)
    rig.wait_until_decided()
    rig.verify(), rig.outcomes()
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from connectors.generator import RawEvent
from deploy.local import LocalKafka
from schemas.codec import CODEC
from schemas.topics import CHANNELS, channel_topic
from streams.demo.source import Source
from streams.ops.cluster import Cluster, Publisher
from streams.settings import Settings
from streams.verify import verify
from streams.verify.report import Report as Verdict
from tests.bench.measure import Child, ContestantDied
from tests.bench.saga_outcomes import Outcomes
from tests.bench.saga_peers import SagaPeer

#: Where what was decided is told; with the broker's own time of arrival, so that a run's end is known to the millisecond.
TOLD = ("orders.review", "orders.duplicates", "allocations", "order.status")
#: Generous: a contestant that hangs must be named, a slow machine must not fail.
_SILENCE_MAX_S = 240.0
_LOOK_EVERY_S = 0.25

Encoded = tuple[str, str, bytes]
"""Topic, key and value of a channel event."""


def encoded(events: Iterable[RawEvent]) -> list[Encoded]:
    """Ready to be sent: encoding is not the contestant's time."""
    return [(channel_topic(raw.event["channel"]), raw.key, CODEC.encode("ChannelEvent", raw.event)) for raw in events]


class SagaRig:
    """A broker and one contestant, which has taken in the stock when the block begins. Both end with the block.

    Raises:
        ContestantDied: it ended, or made no progress for minutes.
    """

    def __init__(self, folder: Path, peer: SagaPeer, source: Source) -> None:
        self.peer = peer
        self.source = source
        self._folder = folder / f"saga-{uuid.uuid4().hex[:8]}"
        self._stack = ExitStack()
        self._starts = 0

    def __enter__(self) -> SagaRig:
        # Last of all: a run's logs and state are not its successors' full disk.
        self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
        try:
            kafka = self._stack.enter_context(LocalKafka(self._folder / "kafka"))
            self.settings = Settings(brokers=kafka.bootstrap, data=self._folder / "state")
            self.cluster = Cluster(self.settings)
            self.cluster.create_topics()
            self._tell_time()
            self.cluster.publish(self.source.world())
            self.start()
            self.wait_until_decided()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()

    def start(self) -> None:
        """Starts the contestant, on the state it has left if it ran before."""
        self._starts += 1
        log = self._folder / f"worker-{self._starts}.log"
        self.child = self._stack.enter_context(Child(self.peer.command(), self.peer.env(self.settings), log))

    def stop(self) -> None:
        self.child.stop()

    def publish(self, events: Sequence[Encoded]) -> None:
        with Publisher(self.settings) as publisher:
            for topic, key, value in events:
                publisher.send(topic, key, value)

    def wait_until_moving(self) -> float:
        """Until the contestant commits its first channel event; the time (s since the epoch)."""
        consumer = Consumer({"bootstrap.servers": self.settings.brokers, "group.id": self.settings.app_id})
        tps = [TopicPartition(channel_topic(c), p) for c in CHANNELS for p in range(self.settings.partitions)]
        began = time.monotonic()
        try:
            while True:
                if any(tp.offset > 0 for tp in consumer.committed(tps, timeout=30)):
                    return time.time()
                self._check(began)
                time.sleep(0.02)
        finally:
            consumer.close()

    def wait_until_decided(self) -> None:
        heard, before = time.monotonic(), -1
        while not self.cluster.at_rest():
            left = self.cluster.undecided()
            if left != before:
                heard, before = time.monotonic(), left
            self._check(heard)
            time.sleep(_LOOK_EVERY_S)

    def decided_at(self) -> float:
        """When the last outcome reached the broker (s since the epoch). Of what is decided."""
        newest = (m.timestamp()[1] for topic in TOLD for m in self.cluster.read(topic, last=1))
        return max(newest) / 1000

    def verify(self) -> Verdict:
        """What `penstock verify` says of this contestant's topics."""
        return verify(self.settings.brokers, group=self.settings.app_id, settled=True)

    def outcomes(self) -> Outcomes:
        return Outcomes.read(self.cluster)

    def _check(self, heard: float) -> None:
        self.child.check()
        if time.monotonic() - heard > _SILENCE_MAX_S:
            raise ContestantDied(f"{self.peer.name}: no progress for {_SILENCE_MAX_S:.0f} s; its log: {self.child.log}")

    def _tell_time(self) -> None:
        admin = AdminClient({"bootstrap.servers": self.settings.brokers, "log_level": 3})
        entry = ConfigEntry("message.timestamp.type", "LogAppendTime", incremental_operation=AlterConfigOpType.SET)
        topics = [ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry]) for topic in TOLD]
        for future in admin.incremental_alter_configs(topics).values():
            future.result(30)
