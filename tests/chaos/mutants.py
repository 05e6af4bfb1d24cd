"""The engine broken on purpose, one rule at a time: what the chaos harness must catch, or it proves nothing.

``MUTANTS[name].install()`` patches the engine's classes in this process, before the app is built. A mutated worker runs as it should while
nothing fails; only the faults in ``exposed_by`` show what is wrong with it. ``tests/chaos/test_mutants.py`` runs each of them with such a
fault and without.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from queue import SimpleQueue
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

import streams.agents.intake
import streams.engine.holding
from streams.domain.intake.dedup import Decision, Reading
from streams.domain.inventory import decide, quotas, reservations
from streams.domain.inventory.stock import StockDecision
from streams.engine.cycle import Cycle
from streams.engine.delivery import Ticker
from streams.engine.errors import EngineError, KafkaFault
from streams.engine.restore import Restorer
from streams.engine.source import Source
from streams.engine.store import Store
from streams.engine.transaction import Transactor
from streams.engine.tying import Tying
from streams.engine.work import Shard, Work


class Mutant(NamedTuple):
    """One broken rule.

    ``exposed_by``: faults that show it, most telling first. ``kill:STEP`` is SIGKILL on entering a step of the cycle. ``stop:STEP`` is
    SIGSTOP there, for longer than the session and the transaction live, then SIGCONT; in ``zombie:STEP`` another worker has taken over
    meanwhile. ``input:KIND`` needs no fault but such records.
    """

    name: str
    what: str
    install: Callable[[], None]
    exposed_by: tuple[str, ...]


MUTANTS: dict[str, Mutant] = {}


def mutant(name: str, what: str, *exposed_by: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Registers an ``install`` function."""

    def register(install: Callable[[], None]) -> Callable[[], None]:
        MUTANTS[name] = Mutant(name, what, install, exposed_by)
        return install

    return register


def around(owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
    """Replaces a method by ``wrapper(original, self, *args)``."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        return wrapper(original, *args, **kwargs)

    setattr(owner, name, method)


@contextlib.contextmanager
def set_aside(work: Work, part: str) -> Iterator[None]:
    """The transaction meanwhile knows nothing of the work's ``offsets`` or ``messages``."""
    kept = getattr(work, part)
    setattr(work, part, {})
    try:
        yield
    finally:
        setattr(work, part, kept)


@mutant(
    "rocksdb-before-commit",
    "local state is written before the transaction commits: a redelivered record meets its own mark and is dropped",
    *("kill:commit", "kill:offsets", "kill:produce", "kill:begin"),
)
def rocksdb_before_commit() -> None:
    def commit(original: Any, cycle: Cycle, work: Work, group: Any) -> None:
        cycle.store.write(work.changelog, {})
        original(cycle, work, group)

    around(Cycle, "_commit", commit)


@mutant(
    "split-shards",
    "whatever partitions the group has given are worked on, and a checkpoint passes what another worker has written beside it",
    *("upgrade:shopify", "upgrade:taobao"),
)
def split_shards() -> None:
    around(streams.engine.holding, "lacking", lambda original, parts, held: {})
    around(Tying, "check_landed", lambda original, *_: None)


@mutant(
    "offsets-outside",
    "input offsets are committed by the consumer ahead of the transaction: what it was deciding when it died is never read again",
    *("kill:commit", "kill:offsets", "kill:produce"),
)
def offsets_outside() -> None:
    def commit(original: Any, cycle: Cycle, work: Work, group: Any) -> None:
        _commit_plainly(work.offsets)
        with set_aside(work, "offsets"):
            original(cycle, work, group)

    around(Cycle, "_commit", commit)
    around(Source, "_fetch", _fetch_and_commit)


@mutant(
    "offsets-after",
    "input offsets are committed by the consumer once the transaction is through: what it had decided when it died is read again",
    *("kill:apply", "kill:committed", "kill:applied"),
)
def offsets_after() -> None:
    # Seen only where a repeat leaves a trace, as intake's recorded duplicates do: an agent that drops repeats in silence hides it.
    def commit(original: Any, cycle: Cycle, work: Work, group: Any) -> None:
        with set_aside(work, "offsets"):
            original(cycle, work, group)
        _commit_plainly(work.offsets)

    around(Cycle, "_commit", commit)
    around(Source, "_fetch", _fetch_and_commit)


#: What the consumer is to commit, and who waits for it.
_due: SimpleQueue[tuple[list[TopicPartition], threading.Event]] = SimpleQueue()


def _commit_plainly(offsets: Mapping[tuple[str, int], int]) -> None:
    done = threading.Event()
    _due.put(([TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()], done))
    # Not for ever: the consumer's thread waits for this one during a rebalance.
    done.wait(2.0)


def _fetch_and_commit(original: Any, source: Source) -> None:
    """On the consumer's thread, the only one that may use it."""
    while not _due.empty():
        offsets, done = _due.get()
        with contextlib.suppress(KafkaException):  # the group may have moved on
            if offsets:
                source._consumer.commit(offsets=offsets, asynchronous=False)
        done.set()
    original(source)


@mutant(
    "overlay-kept",
    "what an undone cycle had written stays readable until the next one is committed: its records are taken for decided",
    *("stop:offsets", "stop:produce", "broker:restart"),
)
def overlay_kept() -> None:
    kept: list[Work] = []

    async def settle(original: Any, cycle: Cycle) -> None:
        in_flight = cycle._in_flight
        try:
            await original(cycle)
        except EngineError:
            kept.append(in_flight[0])
            raise

    def submit(original: Any, cycle: Cycle, work: Work, group: Any) -> None:
        original(cycle, work, group)
        kept.clear()

    def overlays(original: Any, cycle: Cycle, shard: Shard) -> Iterator[dict[bytes, Any]]:
        yield from original(cycle, shard)
        for work in reversed(kept):
            if shard in work.values:
                yield work.values[shard]

    around(Cycle, "_settle", settle)
    around(Cycle, "_submit", submit)
    around(Cycle, "overlays", overlays)


@mutant(
    "attempt-kept",
    "what an agent had written and sent when it failed is committed with the cycle, and so is what it does when it is asked again",
    "input:poison",
)
def attempt_kept() -> None:
    @contextlib.contextmanager
    def attempting(original: Any, cycle: Cycle, partition: int) -> Iterator[Work]:
        with original(cycle, partition) as attempt:
            try:
                yield attempt
            except BaseException:
                cycle._work.absorb(attempt)
                raise

    around(Cycle, "attempting", attempting)


@mutant(
    "output-outside",
    "messages are sent by a plain producer, at once: a cycle that is begun again sends them again",
    *("kill:commit", "kill:offsets", "kill:begin"),
)
def output_outside() -> None:
    def commit(original: Any, cycle: Cycle, work: Work, group: Any) -> None:
        producer = _plain_producer(cycle._bootstrap)
        for topic, messages in work.messages.items():
            for message in messages:
                producer.produce(topic, **message)
        if producer.flush(20.0):
            raise KafkaFault("the plain producer could not send its messages")
        with set_aside(work, "messages"):
            original(cycle, work, group)

    around(Cycle, "_commit", commit)


@functools.cache
def _plain_producer(bootstrap: str) -> Producer:
    return Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 1})


@mutant(
    "bare-flag",
    "dedup remembers that an id was met and nothing else: an update, or a correction after a review, is dropped as a duplicate",
    *("input:update", "input:contradiction", "input:corrected"),
)
def bare_flag() -> None:
    real = streams.agents.intake.dedup

    def dedup(reading: Reading, seen: Any) -> Decision:
        if seen is None:
            return real(reading, None)
        # To the real rule everything that was met looks like a repetition of itself.
        outcome = "ACCEPTED" if reading.order is not None else "REVIEW"
        met = {**seen, "outcome": outcome, "fingerprint": reading.fingerprint}
        return real(reading, met)._replace(seen=None)

    streams.agents.intake.dedup = dedup


@mutant(
    "checkpoint-ahead",
    "each cycle's checkpoint is written with the cycle before's values: after a kill one cycle is missing for good",
    *("kill:fetched", "kill:decided", "kill:begin", "kill:applied"),
)
def checkpoint_ahead() -> None:
    held: dict[Shard, dict[bytes, bytes | None]] = {}

    def write(original: Any, store: Store, changes: Mapping[Any, Any], checkpoints: Mapping[Any, Any]) -> None:
        original(store, held, checkpoints)
        held.clear()
        held.update({shard: dict(items) for shard, items in changes.items()})

    def get_many(original: Any, store: Store, shard: Shard, keys: Iterable[bytes]) -> list[bytes | None]:
        newer = held.get(shard, {})
        return [newer.get(key, raw) for key, raw in zip(keys, original(store, shard, keys), strict=True)]

    def scan(original: Any, store: Store, shard: Shard, start: bytes = b"", stop: bytes | None = None) -> Any:
        newer = {k: v for k, v in held.get(shard, {}).items() if k >= start and (stop is None or k < stop)}
        merged = dict(original(store, shard, start, stop)) | newer
        return ((key, raw) for key, raw in sorted(merged.items()) if raw is not None)

    def close(original: Any, store: Store) -> None:
        store.write({}, {})
        original(store)

    for name, wrapper in (("write", write), ("get_many", get_many), ("scan", scan), ("close", close)):
        around(Store, name, wrapper)


@mutant(
    "unfenced",
    "offsets are sent without the consumer's generation: a worker that its group has given up commits all the same",
    *("zombie:decided", "zombie:fetched"),
)
def unfenced() -> None:
    def take(original: Any, source: Source, most: int | None = None) -> tuple[Any, Any]:
        messages, _ = original(source, most)
        return messages, _nobody(source._bootstrap, source._group)

    around(Source, "take", take)


@functools.cache
def _nobody(bootstrap: str, group: str) -> Any:
    """Metadata of a consumer that has never joined: brokers check no generation for it."""
    return Consumer({"bootstrap.servers": bootstrap, "group.id": group}).consumer_group_metadata()


@mutant(
    "restore-uncommitted",
    "state is restored from records of undone transactions too: what they were about is taken for decided",
    "kill:commit",
)
def restore_uncommitted() -> None:
    def tried(original: Any, transactor: Transactor, what: str, step: Callable[[], Any]) -> Any:
        # Allowed at any time; a small transaction would otherwise be killed before any of it has left the process.
        if what == "send the offsets":
            transactor._producer.flush(10.0)
        return original(transactor, what, step)

    around(Restorer, "_properties", lambda original, restorer, _: original(restorer, "read_uncommitted"))
    around(Transactor, "_tried", tried)


@mutant(
    "host-clock",
    "ticks bear the host's time, and what they propose is decided by it: a clock that is ahead ends every reservation",
    "clock-ahead",
)
def host_clock() -> None:
    def due(original: Any, ticker: Ticker, ready: Any) -> Any:
        ticker._clock.doubt = ""
        return [(tp, ticker._clock._host_ms()) for tp, _ in original(ticker, ready)]

    def expire(stock: Any, command: Any, prior: Any, at_ms: int) -> StockDecision:
        return reservations.expire(stock, command, prior, command["requested_at_ms"])

    around(Ticker, "due", due)
    decide.HANDLERS["Expire"] = expire


@mutant(
    "pool-uncounted",
    "an inventory sells each piece of a pool as often as it is asked for, and holds no pool against its cap",
    "input:presale",
)
def pool_uncounted() -> None:
    # No fault of the engine's: what is tried is whether a sale beyond its cap would be seen at all.
    def draw(original: Any, pool: Any, channel: str, quantity: int, barred: Any = ()) -> Any:
        return original({**pool, "parts": [{**part, "sold": 0} for part in pool["parts"]]}, channel, quantity)

    around(quotas, "draw", draw)
    around(quotas, "unsound", lambda original, pool: "")
