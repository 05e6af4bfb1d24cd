"""The engine's bookkeeping against plain dicts: whatever is written, dropped, committed, undone or lost, reads see what they should.

Real here: ``Cycle`` with its overlays and steps 3 and 4, ``Table``, ``Work``, ``Transactor``, ``Restorer``, and RocksDB. Simulated: the
broker. The machine does by hand what the cycle's loop does in time: it begins work, lets attempts write, absorbs or drops them, submits,
commits.

    model     stored     what is committed
              in_flight  decided, its commit not yet known
              working    the cycle being decided, absorbed attempts
              attempt    the attempt under way
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import tempfile
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from streams import engine
from streams.app import build
from streams.engine.cycle import Cycle
from streams.engine.errors import ProducerFenced, TransactionAborted
from streams.engine.options import Options
from streams.engine.restore import Restorer
from streams.engine.store import Store
from streams.engine.ties import CARRIER
from streams.engine.work import DELETED, Work
from streams.settings import Settings
from tests.simulation.clients import Clients
from tests.simulation.clock import Crash, SimLoop, worker_now
from tests.simulation.group import Group
from tests.simulation.kafka import Broker
from tests.simulation.store import Disk, MemoryStore
from tests.simulation.worker import METRICS, Life, simulated

Shard = tuple[str, int]
Items = dict[bytes, int | None]

TABLES = ("left", "right")
PARTITIONS = (0, 1)
SHARDS = st.tuples(st.sampled_from(TABLES), st.sampled_from(PARTITIONS))
KEYS_ALL = (b"", b"\x00", b"a", b"ab", b"b", b"\xff", b"\xff\xff")
KEYS = st.sampled_from(KEYS_ALL)
STEPS = ("begin", "produce-changelog", "offsets", "commit", "committed", "apply", "applied")
BOUNDS = st.one_of(st.none(), KEYS)


class Number:
    def dumps(self, value: int) -> bytes:
        return b"%d" % value

    def loads(self, raw: bytes) -> int:
        return int(raw)


@functools.cache
def _app_and_tables() -> tuple[Any, dict[str, engine.Table]]:
    """Built once: all that a table remembers is in its cycle and its store."""
    app = build(Settings(brokers="sim:1", data=Path(tempfile.gettempdir()), partitions=len(PARTITIONS)))
    return app, {name: app.Table(name, codec=Number(), partitions=len(PARTITIONS)) for name in TABLES}


class Bookkeeping(RuleBasedStateMachine):
    """See the module's text. ``None`` in the model's layers is a deleted key."""

    #: Quicker, where it is not the store that is looked at.
    in_memory = False

    def __init__(self) -> None:
        super().__init__()
        self.disks: dict[str, Disk] = {}
        self.folder = Path(tempfile.mkdtemp())
        self.faults: list[str] = []
        self.loop = SimLoop(Random(0))
        self.broker = Broker(self.loop, Random(0), len(PARTITIONS), lambda entries: None)
        self.group = Group(self.broker, Random(0))
        self.broker.members, self.broker.generation = {"machine": 1}, 1
        clients = Clients(self.broker, lambda: self.faults.pop() if self.faults else None)
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(simulated(self.loop, self.group, Random(0), clients))
        self.app, self.tables = _app_and_tables()
        self.stored: dict[Shard, dict[bytes, int]] = {(t, p): {} for t in TABLES for p in PARTITIONS}
        self.in_flight: dict[Shard, Items] | None = None
        self.working: dict[Shard, Items] | None = None
        self.decided = 0
        self.dies_at = ""
        #: Since the worker's start: a worker that has done nothing dies without a lesson.
        self.busy = 0

    @initialize()
    def start(self) -> None:
        self._open("disk-0")

    def _open(self, disk: str) -> None:
        """A worker's start on this disk: its store is opened, its producer registered, its shards caught up."""
        self.disk = disk
        self.store: Any
        if self.in_memory:
            self.store = MemoryStore(self.disks.setdefault(disk, Disk()))
        else:
            self.store = Store(self.folder / disk, Options(write_buffer_bytes=1 << 20, block_cache_bytes=1 << 20))
        options = Options(clock_ms=self.broker.now_ms, on_step=self._on_step)
        parts = SimpleNamespace(conf=self.app.conf, tables=self.app.tables, topics=(), engine_replicas=[])
        token = worker_now.set(Life("machine", self.loop))
        self.cycle = Cycle(parts, self.store, "sim:1", "machine", options, METRICS)
        self.cycle.clock.start()
        worker_now.reset(token)
        self.app.engine_cycle = self.cycle
        self.cycle.source._metadata = ("machine", 1)
        self.cycle.holding.shards = set(self.stored)
        self.cycle._transactor.start()
        self.cycle._restorer.catch_up(self.cycle.holding.shards, lambda read, total: None, lambda: False)
        self.in_flight = self.working = None
        self.busy = 0

    # -- deciding

    @rule(data=st.data(), shard=SHARDS, fails=st.booleans())
    def attempt(self, data: st.DataObject, shard: Shard, fails: bool) -> None:
        """An agent's attempt, the first of a cycle or one more: reads and writes on one partition, then it is through or has failed."""
        if self.working is None:
            self.cycle._work, self.working = Work(), {}
        self.busy += 1
        table, partition = self.tables[shard[0]], shard[1]
        layer: dict[Shard, Items] = {}
        with contextlib.suppress(ZeroDivisionError), self.cycle.attempting(partition) as attempt:
            assert dict(table.range()) == table.get_many(KEYS_ALL) == self._seen(shard, layer)
            for _ in range(data.draw(st.integers(1, 4), label="operations")):
                self._operate(data, table, shard, layer)
            if fails:
                raise ZeroDivisionError
            self.cycle._work.absorb(attempt)
            self._absorb(self.working, layer)

    def _operate(self, data: st.DataObject, table: engine.Table, shard: Shard, layer: dict[Shard, Items]) -> None:
        kind = data.draw(st.sampled_from(("put", "delete", "get", "range", "mapping")), label="operation")
        if kind == "put":
            items = data.draw(st.dictionaries(KEYS, st.integers(0, 9), max_size=3))
            table.put_many(items)
            layer.setdefault(shard, {}).update(items)
        elif kind == "delete":
            key = data.draw(KEYS)
            table.delete(key)
            layer.setdefault(shard, {})[key] = None
        elif kind == "get":
            keys = data.draw(st.lists(KEYS, max_size=4))
            seen = self._seen(shard, layer)
            assert table.get_many(keys) == {key: seen[key] for key in keys if key in seen}
        elif kind == "range":
            start, stop = data.draw(KEYS), data.draw(BOUNDS)
            seen = self._seen(shard, layer)
            want = [(k, v) for k, v in sorted(seen.items()) if k >= start and (stop is None or k < stop)]
            assert list(table.range(start, stop)) == want
        else:
            seen = self._seen(shard, layer)
            key = data.draw(KEYS)
            assert (key in table.data) == (key in seen)
            assert len(table.data) == len(seen)
            assert table.data.get(key, -1) == seen.get(key, -1)

    @precondition(lambda self: self.working is not None)
    @rule()
    def give_up_deciding(self) -> None:
        """The worker was told to stop, or a fault that is no record's came in between: what was decided is dropped."""
        self.cycle._work = self.working = None

    # -- committing

    @precondition(lambda self: self.working is not None)
    @rule()
    def submit(self) -> None:
        """The cycle that was decided goes on its way, once the one before is through; the next can begin on top of it."""
        if self.in_flight is not None:
            self.commit()
        assert self.cycle._work is not None
        self.decided += 1
        self.cycle._work.offsets["input", 0] = self.decided
        self.cycle._in_flight, self.cycle._work = (self.cycle._work, None), None  # type: ignore[assignment]
        self.in_flight, self.working = self.working, None

    @precondition(lambda self: self.in_flight is not None)
    @rule()
    def commit(self) -> None:
        self._commit()
        self._keep()

    @precondition(lambda self: self.in_flight is not None)
    @rule(fault=st.sampled_from(["undone", "fenced", "unknown"]))
    def commit_fails(self, fault: str) -> None:
        """What was in flight goes, with all that was decided on top of it, unless the broker had carried it out already."""
        self.faults.append(fault)
        with pytest.raises(TransactionAborted if fault == "undone" else ProducerFenced):
            self._commit()
        if fault == "unknown":
            self._keep()
        self.cycle._in_flight = self.cycle._work = None
        self.in_flight = self.working = None
        self.cycle._begin_again(fault != "undone")

    def _commit(self) -> None:
        assert self.cycle._in_flight is not None
        self.cycle._commit(self.cycle._in_flight[0], ("machine", 1))
        self.cycle._in_flight = None

    def _keep(self) -> None:
        assert self.in_flight is not None
        for shard, items in self.in_flight.items():
            for key, value in items.items():
                if value is None:
                    self.stored[shard].pop(key, None)
                else:
                    self.stored[shard][key] = value
        self.in_flight = None

    # -- dying

    @precondition(lambda self: self.busy > 2)
    @rule(step=st.sampled_from(STEPS), disk_lost=st.booleans())
    def crash(self, step: str, disk_lost: bool) -> None:
        """The process is gone, at this step of the commit if one is under way; its disk may be gone too."""
        if self.in_flight is not None:
            self.dies_at = step
            with contextlib.suppress(Crash):
                self._commit()
                step = "applied"  # it did not come by that step
            self.dies_at = ""
            if step in ("committed", "apply", "applied"):
                self._keep()
        self.store.close()
        self._open(f"disk-{int(self.disk[5:]) + 1}" if disk_lost else self.disk)

    def _on_step(self, name: str) -> None:
        if name == self.dies_at:
            raise Crash

    # -- what must hold

    @invariant()
    def the_store_holds_what_was_committed(self) -> None:
        """Never more and, between commits, never less; its checkpoints are the changelogs' ends."""
        for shard, items in self.stored.items():
            assert dict(self.store.scan(shard)) == {key: b"%d" % value for key, value in items.items()}
        assert self.broker.offsets.get(("input", 0), 0) <= self.decided

    @invariant()
    def the_changelog_tells_the_same(self) -> None:
        names = self.app.tables.changelog_names
        for (table, partition), items in self.stored.items():
            told: dict[bytes, bytes] = {}
            for record in self.broker.read((names[table], partition), 0, 100_000)[0]:
                if record.key() == CARRIER:
                    continue
                if record.value() is None:
                    told.pop(record.key(), None)
                else:
                    told[record.key()] = record.value()
            assert told == {key: b"%d" % value for key, value in items.items()}

    def _seen(self, shard: Shard, layer: dict[Shard, Items]) -> dict[bytes, int]:
        """The layers, one over the other."""
        merged: Items = dict(self.stored[shard])
        for above in (self.in_flight, self.working, layer):
            merged.update((above or {}).get(shard, {}))
        return {key: value for key, value in merged.items() if value is not None}

    @staticmethod
    def _absorb(into: Any, layer: dict[Shard, Items]) -> None:
        for shard, items in layer.items():
            into.setdefault(shard, {}).update(items)

    def teardown(self) -> None:
        self.store.close()
        self.stack.close()
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


TestBookkeeping = Bookkeeping.TestCase
TestBookkeeping.settings = settings(max_examples=12, stateful_step_count=30)


class InMemory(Bookkeeping):
    in_memory = True


def oldest_first(cycle: Cycle, shard: Shard) -> Any:
    return reversed(list(OVERLAYS(cycle, shard)))


def deleted_is_absent(work: Work, shard: Shard, values: Any, raw: Any) -> None:
    PUT(work, shard, {key: value for key, value in values.items() if value is not DELETED}, raw)


OVERLAYS, PUT = Cycle.overlays, Work.put


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        pytest.param(Cycle, "overlays", oldest_first, id="an older write hides a newer one"),
        pytest.param(Work, "put", deleted_is_absent, id="a deletion is not seen before it is stored"),
        pytest.param(Restorer, "catch_up", lambda *_: 0, id="nothing is caught up"),
    ],
)
def test_broken_bookkeeping_is_noticed(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, broken: Any) -> None:
    monkeypatch.setattr(owner, name, broken)
    # The first failure will do: nobody reads the smallest. The same examples each time, so that it is found each time.
    once = settings(max_examples=200, stateful_step_count=30, derandomize=True, phases=[Phase.generate])
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(InMemory, settings=once)
