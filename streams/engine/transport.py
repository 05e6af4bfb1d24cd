"""The Faust transport ``penstock://``: where Faust's hooks meet the engine.

Faust starts a producer and a consumer, asks the consumer to subscribe once agents and tables are known, and stops them in reverse order.
The consumer here runs the cycle; Faust's own fetching, acknowledging, committing and recovery stay unused.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import confluent_kafka
from faust.transport import base
from faust.transport.consumer import Consumer as FaustConsumer
from faust.transport.producer import Producer as FaustProducer
from faust.types import TP
from faust.types.tuples import RecordMetadata

from streams.engine.admin import CLOCK_TOPIC, LOG_TIME, Admin, check_copartitioned, topic_config
from streams.engine.agent import Agent, Stream
from streams.engine.asking import patiently
from streams.engine.cycle import Cycle
from streams.engine.errors import EngineError, KafkaFault, Misconfigured, Stopped, Untied
from streams.engine.metrics import Metrics
from streams.engine.options import SETTINGS, bootstrap_of, options_of, worker_id
from streams.engine.store import open_store
from streams.engine.table import Table, TableManager

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Between two looks at whether the topics are still the same ones.
_WATCH_S = 15.0


class Consumer(FaustConsumer):
    """Runs the cycle in place of Faust's fetcher."""

    consumer_stopped_errors: ClassVar[tuple[type[BaseException], ...]] = (asyncio.CancelledError,)
    app: Any
    cycle: Cycle | None = None
    _running: asyncio.Task[None] | None = None
    _watching: asyncio.Task[None] | None = None

    async def on_start(self) -> None:
        app, options = self.app, options_of(self.app)
        _check_settings(app)
        folder = Path(app.conf.datadir)
        store = open_store(folder / "state", options, logger)
        metrics = getattr(app, "engine_metrics", None) or Metrics()
        transactional_id = f"{app.conf.id}-{worker_id(folder)}"
        self.cycle = app.engine_cycle = Cycle(app, store, bootstrap_of(app), transactional_id, options, metrics)
        app.flow_control.resume()
        await super().on_start()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Checks the topics, learns the time of the log, joins the group, starts the cycle."""
        assert self.cycle is not None
        if self.app.should_stop:
            return
        counts = await _asked(self.app, self._check_topics)
        if self._running is None:
            await _asked(self.app, self.cycle.clock.start)
        for replica in getattr(self.app, "engine_replicas", ()):
            await _asked(self.app, replica.start, bootstrap_of(self.app), options_of(self.app))
        self.cycle.subscribe(counts)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
            self._watching = asyncio.create_task(self._watch())

    async def _run(self) -> None:
        assert self.cycle is not None
        try:
            await self.cycle.run()
        except Exception as exc:
            logger.error("the worker stops: %s", exc)
            await self.app.crash(exc)

    async def _watch(self) -> None:
        """Ends the worker when a topic that it reads or writes is no longer the one it was: its next start says what to do."""
        assert self.cycle is not None
        while True:
            await asyncio.sleep(_WATCH_S)
            try:
                misfits = await asyncio.get_running_loop().run_in_executor(None, self.cycle.footing.look)
            except KafkaFault as exc:
                logger.info("not looked at: %s", exc)  # who can't be asked is noticed by the cycle
                continue
            if misfits:
                logger.error("the worker stops: %s", "; ".join(map(str, misfits)))
                await self.app.crash(Untied("; ".join(map(str, misfits))))
                return

    def _check_topics(self) -> dict[str, int]:
        """Topic -> partitions."""
        assert self.cycle is not None
        admin = Admin(bootstrap_of(self.app), options_of(self.app))
        if not admin.create(self.cycle.clock.topic, 1, self.app.conf.topic_replication_factor, CLOCK_TOPIC):
            admin.hold([self.cycle.clock.topic], LOG_TIME)
        agents = [list(channel.topics) for channel in self.app.topics]
        read = [topic for topics in agents for topic in topics]
        # A table that names no sources may be written by any record: its shards are made up of all topics.
        tables = [[*(t.sources or read), t.changelog_topic.get_topic_name()] for t in self.app.tables.values()]
        wanted = {topic for group in agents + tables for topic in group}
        counts = admin.counts_with(wanted)
        if missing := sorted(wanted - counts.keys()):
            raise Misconfigured(f"these topics do not exist: {', '.join(missing)}; create them first")
        check_copartitioned(agents + tables, counts)
        self.cycle.footing.check()
        admin.hold(self.app.tables.changelog_names.values(), LOG_TIME)
        return counts

    def stop_flow(self) -> None:
        """Faust is stopping the app: streams are about to skip what they are given."""
        super().stop_flow()
        if self.cycle is not None:
            self.cycle.stop_soon()

    async def wait_empty(self) -> None:
        """The running cycle's transaction is finished."""
        if self._running is not None:
            await asyncio.wait([self._running])

    async def on_stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self.cycle is not None:
            self.cycle.stop_soon()
            await self.wait_empty()
            await self.cycle.close()

    def ack(self, message: Any) -> bool:
        """A stream is through with what it was given."""
        if message.acked:
            return False
        message.acked = True
        assert self.cycle is not None
        self.cycle.acknowledged(message)
        return True

    def assignment(self) -> set[TP]:
        return {TP(*tp) for tp in self.cycle.holding.assigned} if self.cycle is not None else set()

    async def create_topic(self, topic: str, partitions: int, replication: int, **kwargs: Any) -> None:
        await self.app.producer.create_topic(topic, partitions, replication, **kwargs)

    def topic_partitions(self, topic: str) -> int | None:
        return None

    def key_partition(self, topic: str, key: bytes | None, partition: int | None = None) -> int | None:
        return partition

    # -- offsets are the cycle's: what Faust asks of them has no effect

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        return False

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        return False

    async def perform_seek(self) -> None: ...

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None: ...

    async def _seek(self, partition: TP, offset: int) -> None: ...

    async def seek_to_committed(self) -> Mapping[TP, int]:
        return {}

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        return {}

    def _to_message(self, tp: TP, record: Any) -> Any:
        raise EngineError("records are delivered by the cycle")

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        return {}

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        return {}

    def highwater(self, tp: TP) -> int:
        return 0

    async def position(self, tp: TP) -> int | None:
        return None

    async def verify_all_partitions_active(self) -> None: ...

    def close(self) -> None: ...


class Producer(FaustProducer):
    """What Faust's ``topic.send`` calls: messages join the running cycle's transaction."""

    _admin: Admin | None = None

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: Any,
        *,
        transactional_id: str | None = None,
    ) -> Any:
        """Buffers; the returned future is done at once, since the offset is known only after the commit."""
        cycle: Cycle | None = getattr(self.app, "engine_cycle", None)
        if cycle is None:
            raise EngineError("a message is sent before the worker has started")
        items = headers.items() if isinstance(headers, Mapping) else headers
        cycle.attempt.send(topic, key, value, partition, items, int(timestamp * 1000) if timestamp else None)
        done = asyncio.get_running_loop().create_future()
        done.set_result(_metadata(topic, partition))
        return done

    async def send_and_wait(self, *args: Any, **kwargs: Any) -> Any:
        """Like ``send``: waiting for a transaction from inside it would never end."""
        return await (await self.send(*args, **kwargs))

    async def create_topic(
        self,
        topic: str,
        partitions: int,
        replication: int,
        *,
        config: Mapping[str, Any] | None = None,
        timeout: Any = None,
        retention: Any = None,
        compacting: bool | None = None,
        deleting: bool | None = None,
        ensure_created: bool = False,
    ) -> None:
        """Creates the topic when it is missing."""
        self._admin = self._admin or Admin(bootstrap_of(self.app), options_of(self.app))
        settings = LOG_TIME | topic_config(
            compacting=compacting,
            deleting=deleting,
            retention_s=float(retention) if retention is not None else None,
            config=config,
        )
        await _asked(self.app, self._admin.create, topic, partitions, replication, settings)

    async def flush(self) -> None: ...

    def key_partition(self, topic: str, key: bytes | None) -> Any:
        return None

    def supports_headers(self) -> bool:
        return True


class Transport(base.Transport):
    """Faust transport on librdkafka: exactly once, in batches."""

    Consumer: ClassVar[Any] = Consumer
    Producer: ClassVar[Any] = Producer
    default_port = 9092
    driver_version = f"librdkafka={confluent_kafka.libversion()[0]}"


async def _asked(app: Any, ask: Callable[..., T], *args: Any) -> T:
    """What the broker answers to a worker's start. While it is only just coming back the worker waits, as long as for any fault.

    Off the loop. Raises what ``ask`` does, and Stopped: it is told to stop meanwhile.
    """
    patience_s = options_of(app).fault_patience_s

    def waits(exc: Exception) -> None:
        if app.should_stop:
            raise Stopped("told to stop while it waited for the broker") from exc
        # Once a start, however much it has to ask.
        if not getattr(app, "engine_waits", False):
            logger.warning("the broker cannot answer yet, the worker waits for up to %.0f s: %s", patience_s, exc)
        app.engine_waits = True

    call = lambda: patiently(lambda: ask(*args), patience_s, waits)  # noqa: E731
    return await asyncio.get_running_loop().run_in_executor(None, call)


def _check_settings(app: Any) -> None:
    for name, base_class in (("Agent", Agent), ("Stream", Stream), ("Table", Table), ("TableManager", TableManager)):
        if not issubclass(getattr(app.conf, name), base_class):
            raise Misconfigured(
                f"Faust setting {name} is {getattr(app.conf, name).__name__}: this transport needs {SETTINGS[name]!r}; "
                "pass **streams.engine.SETTINGS to faust.App"
            )


def _metadata(topic: str, partition: int | None) -> RecordMetadata:
    number = partition if partition is not None else -1
    return RecordMetadata(
        topic=topic, partition=number, topic_partition=TP(topic, number), offset=-1, timestamp=None, timestamp_type=None
    )
