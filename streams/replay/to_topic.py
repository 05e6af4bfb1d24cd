"""Into a topic: key, value, time and headers as they were, each record in the transaction that moves the progress past it.

Of orders whose persons are forgotten the records go without them; what is nothing but a platform's own bytes stays behind, which is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from confluent_kafka import Message

from schemas.topics import CHANNELS, TOPICS, channel_topic
from streams.engine.admin import Admin
from streams.engine.errors import KafkaFault
from streams.engine.options import Options
from streams.engine.work import Work
from streams.ops.cluster import Cluster
from streams.ops.forgetting import is_all_raw, without_person
from streams.ops.sinks import Refused
from streams.replay.errors import ReplayRefused
from streams.replay.log import Log, headers_of
from streams.replay.plan import Plan
from streams.replay.target import Target

#: Intake answers what it has seen before with a recorded duplicate.
_HARMLESS = frozenset(map(channel_topic, CHANNELS))


class ToTopic(Target):
    """``topic:NAME``. Records go to the partition of their key, as the workers expect; those without a key keep their partition.

    Args:
        forgotten: orders whose persons are.
        tell: a line for the person at the terminal.
    """

    def __init__(
        self,
        cluster: Cluster,
        log: Log,
        plan: Plan,
        name: str,
        forgotten: Set[bytes] = frozenset(),
        tell: Callable[[str], None] = print,
    ) -> None:
        self.identity = f"topic:{name}"
        self._cluster = cluster
        self._log = log
        self._plan = plan
        self._name = name
        self._partitions = 0
        self._forgotten = forgotten
        self._tell = tell
        self._left_out = 0

    async def check(self, resumed: bool) -> None:
        plan, name = self._plan, self._name
        if name == plan.topic:
            raise ReplayRefused(f"{name} is the source itself: a replay into it would feed on its own output")
        own = (name in TOPICS and name not in _HARMLESS) or name.startswith(f"{self._cluster.settings.app_id}-")
        if own and not plan.force_with:
            raise ReplayRefused(
                f"{name} belongs to Penstock's own stages, which would take every record a second time: replay into a channel topic "
                "(dedup answers what it knows) or a topic of your own; --force-with TEXT says what the duplicates will do, and does it"
            )
        counts = self._log.topics()
        if name not in counts and not plan.create:
            raise ReplayRefused(f"there is no topic {name!r}: create it, or add --create")
        self._partitions = counts.get(name, counts[plan.topic])

    async def open(self, positions: Mapping[int, int]) -> None:
        if self._plan.create:
            settings = self._cluster.settings
            admin = Admin(settings.brokers, Options.quiet(settings.kafka))
            # Records keep their old times: the broker must not take them for expired on arrival.
            config = {"retention.ms": "-1", "max.message.bytes": str(8 * 1024 * 1024)}
            try:
                admin.create(self._name, self._partitions, settings.replication, config)
            except KafkaFault as exc:
                raise ReplayRefused(str(exc)) from exc

    async def put(self, messages: Sequence[Message], work: Work) -> Sequence[Refused]:
        replay_id = self._plan.replay_id.encode()
        for m in messages:
            value = m.value()
            if m.key() in self._forgotten:
                if is_all_raw(value):
                    self._left_out += 1
                    continue
                value = without_person(value)
            partition = int(m.partition() or 0)
            place = f"{self._plan.topic}/{partition}@{m.offset()}".encode()
            work.send(
                self._name,
                m.key(),
                value,
                partition=None if m.key() is not None else partition % self._partitions,
                headers=[*headers_of(m), ("replayed-from", place), ("replay-id", replay_id)],
                timestamp_ms=m.timestamp()[1],
            )
        return ()

    async def finish(self) -> None:
        if self._left_out:
            self._tell(
                f"{self._left_out:,} records of orders whose persons are forgotten stayed behind: nothing is left of them without"
            )
