"""One history: a shop's orders through real workers on a simulated Kafka, with whatever can go wrong at moments that a seed chooses.

    crash       at any step of the cycle or between two; the worker comes back on its disk, or on a new one
    zombie      expelled from the group without noticing: it goes on deciding what is no longer its own
    rebalance   a worker more or a worker less, everything dealt anew or only what moves
    upgrade     a worker of a version that has not heard of one of the topics, beside one that has
    reading     records from before the position, records twice, records passed over
    commit      refused, fenced, or carried out without the worker learning of it; markers that come late
    clock       a host's, that jumps by hours or by a year, and perhaps back
    rush        everything at once, in batches of two: what comes from outside is held back, and let go
    input       told twice, out of order, in contradiction, indigestible; views that are late

Checked: what ``truth.py`` says, at every transaction and at rest; every disk is what its checkpoint says of the changelog; intake's
outcomes are, byte for byte, those of the same input undisturbed, and as many as a plain model says; the orders' ends are those of the
undisturbed run too, when there is plenty of stock.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from random import Random

from schemas.codec import CODEC
from streams.engine.shards import shards_of
from tests.domain.make import count, shipped, warehouse
from tests.engine.test_exactly_once import STEPS as CYCLE_STEPS
from tests.simulation.clients import Clients
from tests.simulation.clock import SimLoop, Stuck
from tests.simulation.group import Group
from tests.simulation.intake_model import outcomes_of
from tests.simulation.kafka import Broker, Entry
from tests.simulation.orders import SKUS, SPAN_S, events_of
from tests.simulation.told import Told
from tests.simulation.worker import INPUTS, PARTITIONS, Slot, simulated

#: Every place in the engine at which a worker can die, as the engine names them.
STEPS = (*CYCLE_STEPS, "restore", "revoked")
#: By then everything is decided, or never will be.
_PATIENCE_S = 400.0
#: How far a host's clock may be ahead.
_WRONG = (25 * 3_600_000, 400 * 86_400_000, -25 * 3_600_000)


class History:
    """One run of what ``seed`` says; ``disturbed`` False leaves the faults out and changes nothing else."""

    def __init__(self, seed: int, *, disturbed: bool = True) -> None:
        self.seed, self.disturbed = seed, disturbed
        plan = Random(f"plan {seed}")
        # Everything at once and small batches: what comes from outside is held back while what is begun goes on.
        rush = seed % 3 == 0
        self.plenty = plan.random() < 0.5
        self.habits = {
            "lateness": plan.choice((0.0, 0.3, 0.8)),
            "ttl_ms": None if self.plenty else plan.choice((None, None, 3_000)),
            "batch": 2 if rush else 4_000,
        }
        self.late_markers = plan.choice((0.0, 0.0, 0.3))
        self.bad_commits = plan.choice((0.0, 0.0, 0.05, 0.2))
        self.bad_reads = plan.choice((0.0, 0.0, 0.1, 0.3))
        self.events = [event._replace(at_s=0.0) if rush else event for event in events_of(plan, self.plenty)]
        self.faults = plan.randint(1, 5)
        self.cooperative = plan.random() < 0.5
        #: What the older version does not know. Inventory reads one topic only: without it, it would be no stage.
        self.new_topic = plan.choice(sorted({*INPUTS} - {"inventory.commands"}))
        self.told = Told(seed)
        self.crashes: Counter[str] = Counter()
        #: What consumers handed over wrongly.
        self.misread: Counter[str] = Counter()
        self._rng = Random(f"chance {seed}")
        self._loop = SimLoop(self._rng)
        self._broker = Broker(
            self._loop, self._rng, PARTITIONS, self.told.observe, self.late_markers if disturbed else 0.0
        )
        self._group = Group(self._broker, self._rng, self.cooperative)
        self._slots = [Slot(n, self._loop, self._broker, self._group, self._rng, **self.habits) for n in range(2)]
        self._clocks = Random(f"clocks {seed}")
        self._hostile = False
        self._shipping = not self.plenty

    def run(self) -> Told:
        """:raises Violation: something that must hold does not."""
        clients = Clients(self._broker, self._commit_fault, lambda: self.bad_reads if self._hostile else 0.0)
        self.misread = clients.done
        try:
            with simulated(self._loop, self._group, self._rng, clients):
                self._loop.run_until_complete(self._run())
        except Stuck as exc:
            self.told.fail(str(exc))
        finally:
            self._end()
        return self.told

    def committed(self) -> list[Entry]:
        """What a reader of committed records finds in the topics, each partition's records in the order of their offsets."""
        return [
            entry
            for _, log in sorted(self._broker.logs.items())
            for entry in log
            if not entry.is_marker and (entry.txn is None or entry.txn.state == "committed")
        ]

    async def _run(self) -> None:
        for slot in self._slots:
            slot.start()
        self._stock_up()
        await self._at_rest()
        began = self._loop.time()
        self._hostile = self.disturbed
        worst = asyncio.ensure_future(self._disturb()) if self.disturbed else None
        if self.disturbed:
            self._set_clocks_wrong()
        for event in self.events:
            await asyncio.sleep(max(0.0, began + event.at_s - self._loop.time()))
            self._broker.publish(event.topic, event.key.encode(), event.value, misplaced=event.misplaced)
        if worst is not None:
            await worst
        self._hostile = False
        for slot in self._slots:
            if slot.unheard:
                await self._change_version(slot)
            if slot.life is None or not slot.life.alive:
                slot.start()
        await self._at_rest()
        if self._shipping:
            await self._ship()
        await self._caught_up()
        self._check()
        for slot in self._slots:
            if slot.life is not None and slot.life.cycle is not None:
                slot.life.cycle.stop_soon()

    def _end(self) -> None:
        for slot in self._slots:
            if slot.life is not None:
                slot.life.crash()
        self._loop.finish()

    # -- what the shop does

    def _stock_up(self) -> None:
        chance = Random(f"stock {self.seed}")
        for index, province in enumerate(("浙江", "广东", "四川")):
            record = warehouse(f"W{index}", province)
            self._broker.publish("config.warehouses", record["warehouse"].encode(), CODEC.encode("Warehouse", record))
        for sku in SKUS:
            for index in range(3):
                units = 1_000 if self.plenty else chance.randrange(1, 5)
                fields = count(f"start/{sku}/{index}", sku=sku, warehouse=f"W{index}", quantity=units)
                self._broker.publish("inventory.commands", sku.encode(), CODEC.encode("Receive", fields))

    async def _ship(self) -> None:
        """Every warehouse ships what it holds, and all of it leaves the balance."""
        for order_id, state in list(self.told.orders.items()):
            for name in sorted({part["warehouse"] for part in state["parts"] if part["state"] == "GRANTED"}):
                record = shipped(name, f"{order_id}/{name}", order_id)
                self._broker.publish("shipments", order_id.encode(), CODEC.encode("Shipped", record))
        await self._at_rest()

    async def _at_rest(self) -> None:
        deadline = self._loop.time() + _PATIENCE_S
        while not self._broker.at_rest(INPUTS):
            if self.told.violation is not None:
                raise self.told.violation
            for slot in self._slots:
                if slot.life is not None and slot.life.failure is not None:
                    self.told.fail(f"worker {slot.number} has stopped: {slot.life.failure!r}")
            if self._loop.time() > deadline:
                self.told.fail(f"not at rest after {_PATIENCE_S:.0f} s: offsets {self._broker.offsets}")
            await asyncio.sleep(0.05)

    # -- what goes wrong

    def _commit_fault(self) -> str | None:
        if self._hostile and self._rng.random() < self.bad_commits:
            return self._rng.choice(("undone", "fenced", "unknown"))
        return None

    async def _disturb(self) -> None:
        for _ in range(self.faults):
            await asyncio.sleep(self._rng.random() * SPAN_S / self.faults)
            slot = self._rng.choice(self._slots)
            life = slot.life
            if life is None or not life.alive:
                slot.start()
                continue
            kinds = (self._crash_at_a_step, self._crash_now, self._expel, self._leave, self._change_version)
            fault = self._rng.choices(kinds, (8, 2, 3, 1, 4))[0]
            await fault(slot)

    def _set_clocks_wrong(self) -> None:
        chance = self._clocks
        for slot in self._slots:
            at_s = chance.random() * SPAN_S
            for ahead_ms in chance.choice(((), (_WRONG[0],), (_WRONG[1], 0), (_WRONG[2],), (_WRONG[0], _WRONG[2]))):
                self._loop.at(at_s, partial(setattr, slot, "ahead_ms", ahead_ms))
                at_s += chance.choice((0.5, 6.0))

    async def _crash_now(self, slot: Slot) -> None:
        assert slot.life is not None
        slot.life.crash()
        await self._buried(slot, "between")

    async def _crash_at_a_step(self, slot: Slot) -> None:
        step = self._rng.choice(STEPS)
        life = slot.life
        assert life is not None
        life.armed = (step, self._rng.randint(1, 3))
        for turn in range(60):
            if not life.alive:
                break
            if step == "revoked" and turn % 10 == 0:  # dealt anew, it may keep what it has
                self._group.rebalance()
            await asyncio.sleep(0.02)
        life.armed = None
        if not life.alive:
            await self._buried(slot, step)

    async def _buried(self, slot: Slot, where: str) -> None:
        self.crashes[where] += 1
        self.told.check_disk(f"worker {slot.number} after a crash at {where}", slot.disk)
        # Its session ends sooner or later than it is back.
        if slot.source is not None:
            self._loop.call_later(self._rng.choice((0.01, 0.3)), self._group.remove, slot.source)
        await asyncio.sleep(self._rng.choice((0.001, 0.1, 0.5)))
        if self._rng.random() < 0.3:
            slot.new_disk()
        slot.start()

    async def _leave(self, slot: Slot) -> None:
        """As on SIGTERM: the cycle is finished, the group left; and it comes back."""
        life = slot.life
        if life is None or life.cycle is None:
            return
        life.cycle.stop_soon()
        deadline = self._loop.time() + 30.0
        while not life.over:
            if self._loop.time() > deadline:
                self.told.fail(f"worker {slot.number} was told to stop and does not")
            await asyncio.sleep(0.05)
        self.told.check_disk(f"worker {slot.number} after it has stopped", slot.disk)
        await asyncio.sleep(self._rng.choice((0.001, 0.3)))
        slot.start()

    async def _change_version(self, slot: Slot) -> None:
        """An upgrade, or a roll-back, of one worker."""
        slot.unheard = frozenset() if slot.unheard else frozenset({self.new_topic})
        await self._leave(slot)

    async def _expel(self, slot: Slot) -> None:
        source, life = slot.source, slot.life
        if source is None or source not in self._group.sources:
            return
        self._group.remove(source)
        await asyncio.sleep(self._rng.choice((0.05, 0.3, 1.0)))
        if life is slot.life and life is not None and life.alive:
            await source.notice()

    # -- what must hold now

    async def _caught_up(self) -> None:
        """Every worker's state is at its changelog's end: soon, for one whose last commit failed asks the changelog first."""
        deadline = self._loop.time() + 20.0
        while behind := self._behind():
            if self._loop.time() > deadline:
                self.told.fail(behind)
            await asyncio.sleep(0.2)

    def _behind(self) -> str:
        for slot in self._slots:
            if slot.life is None or slot.life.cycle is None:
                continue
            for shard in sorted(shards_of(slot.tables(), slot.life.cycle.holding.ready)):
                end = max((offset + 1 for offset, _, _ in self.told.changes.get(shard, ())), default=0)
                checkpoint = slot.disk.checkpoints.get(shard)
                if end and (checkpoint is None or checkpoint.next_offset < end):
                    return f"worker {slot.number}: {shard} stands at {checkpoint}, its changelog goes to {end}"
        return ""

    def _check(self) -> None:
        self.told.check_settled()
        for slot in self._slots:
            self.told.check_disk(f"worker {slot.number}", slot.disk)


def live(seed: int) -> History:
    """One seed: disturbed, checked, and compared with itself undisturbed.

    :raises Violation: with the command that shows it again.
    """
    history = History(seed)
    told = history.run()
    calm = History(seed, disturbed=False).run()
    made = Counter({place: len(values) for place, values in told.outcomes.items()})
    if made != (wanted := outcomes_of(history.events)):
        differ = {place: (made[place], wanted[place]) for place in made | wanted if made[place] != wanted[place]}
        told.fail(f"intake's outcomes by topic and order, and the model's: {differ}")
    for key in sorted(told.outcomes.keys() | calm.outcomes.keys()):
        if told.outcomes.get(key) != calm.outcomes.get(key):
            told.fail(f"intake's outcomes of {key!r}: {_names(told, key)}; undisturbed {_names(calm, key)}")
    unfit = sorted(event.key for event in history.events if event.unfit)
    for lived in (told, calm):
        if sorted(lived.quarantined) != unfit:
            told.fail(f"in quarantine: {sorted(lived.quarantined)}, not {unfit}")
    if history.plenty and told.ends() != calm.ends():
        told.fail(f"orders end as {told.ends()}; undisturbed as {calm.ends()}")
    return history


def _names(told: Told, key: tuple[str, bytes]) -> list[str]:
    return [CODEC.decode(value)[0] for value in told.outcomes.get(key, ())]
