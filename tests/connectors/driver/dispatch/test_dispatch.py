"""The loop with a contract that has nothing to do with parcels: whatever befalls system or process, each request is carried out once."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from deploy.local.process import free_ports
from tests import raw
from tests.conftest import Unique
from tests.connectors.driver.dispatch.rig import NO_RECORD, Rig, times
from tests.connectors.driver.dispatch.warehouse import open_house
from tests.served import page

Run = Callable[[Callable[[Rig], Awaitable[None]]], None]


@pytest.fixture
def run(kafka: str, unique: Unique, tmp_path: Path) -> Run:
    """Runs a test's own part with all of it."""

    async def with_rig(part: Callable[[Rig], Awaitable[None]]) -> None:
        async with open_house() as warehouse:
            rig = await asyncio.to_thread(Rig, kafka, unique, tmp_path, warehouse)
            try:
                await part(rig)
            finally:
                rig.close()

    return lambda part: asyncio.run(with_rig(part))


def test_a_call_has_its_intent_before_it_and_its_result_and_offset_after_it(run: Run) -> None:
    async def part(it: Rig) -> None:
        it.warehouse.plan["slow.1"].append("hangs")
        async with it.dispatching() as metrics:
            await it.send("slow.1", *(f"sku-{n}.1" for n in range(6)))
            await it.answers(*(f"sku-{n}.1" for n in range(6)))
            await it.until(lambda: it.warehouse.of("slow.1"), lambda them: them == ["book"], "it is called")
            # Under way: what a successor would have to go by.
            assert it.trail("slow.1") == [("calling", "pending")]
            assert "slow.1" not in {r["command_id"] for r in it.read(1)}
            assert it.left() >= 1
            it.warehouse.go_on.set()
            assert await it.answers("slow.1") == {"slow.1": ("APPLIED", "")}
            await it.until(it.left, lambda left: left == 0, "nothing is left for a successor")
            assert metrics.calls.labels("wms", "answered")._value.get() == 7
        assert set(it.warehouse.booked.values()) == {1}

    run(part)


def test_after_a_lost_answer_the_system_is_asked_before_it_is_called_again(run: Run) -> None:
    async def part(it: Rig) -> None:
        it.warehouse.plan["done.1"].append("lost")
        it.warehouse.plan["undone.1"].append("reset")
        async with it.dispatching():
            await it.send("done.1", "undone.1", "again.2")
            answers = await it.answers("done.1", "undone.1", "again.2")
        assert answers == dict.fromkeys(answers, ("APPLIED", ""))
        assert it.warehouse.of("done.1") == ["book", "ask"]
        assert it.trail("done.1") == [("calling", "pending"), ("called", "UNSURE"), ("asked", "booked")]
        assert it.warehouse.of("undone.1") == ["book", "ask", "book"]
        # The attempt before it may have ended in silence.
        assert it.warehouse.of("again.2") == ["ask", "book"]
        assert set(it.warehouse.booked.values()) == {1}

    run(part)


def test_what_an_attempt_comes_to_is_told(run: Run) -> None:
    async def part(it: Rig) -> None:
        plan, asked = it.warehouse.plan, it.warehouse.asked
        plan["no.1"].append("no")
        plan["held.1"].append("held")
        plan["away.1"] += ["away"] * 3
        plan["silent.1"] += ["reset"] * 3
        plan["doubt.1"].append("lost")
        asked["doubt.1"] += ["away"] * 3
        plan["twice.1"] += ["away", "away"]
        async with it.dispatching():
            for n, id in enumerate((*plan, "fault.1")):
                # A house each: their failures in a row are nobody else's.
                await it.send(id, house=f"house{n}", quantity=666 if id == "fault.1" else 7)
            answers = await it.answers(*plan, "fault.1")
            assert await asyncio.to_thread(it.left) == 0
        assert answers == {
            "no.1": ("REFUSED", "Refused: the warehouse does not know the goods"),
            "held.1": ("REFUSED", "Held: the warehouse counts its stock"),
            "away.1": ("REFUSED", "Unavailable: HTTP 503"),
            "silent.1": ("REFUSED", "Unsure: it gave no answer"),
            "doubt.1": ("REFUSED", "in doubt: Unavailable: HTTP 503"),
            "twice.1": ("APPLIED", ""),
            "fault.1": ("REFUSED", "a fault of ours: ZeroDivisionError"),
        }
        assert Counter(it.warehouse.of("silent.1")) == {"book": 3, "ask": 3}
        assert Counter(it.warehouse.of("doubt.1")) == {"book": 1, "ask": 3}
        assert it.warehouse.of("fault.1") == []

    run(part)


def test_who_throttles_is_left_alone_at_no_attempt_s_cost_and_holds_up_nobody(run: Run) -> None:
    async def part(it: Rig) -> None:
        # More often than an attempt has tries.
        it.warehouse.plan["busy.1"] += ["throttled"] * 4
        async with it.dispatching():
            await it.send("busy.1")
            await it.until(lambda: it.warehouse.of("busy.1"), bool, "it is called")
            await it.send("next.1")
            await it.send("other.1", house="sz1")
            await it.answers("other.1")
            assert await it.answers("busy.1", "next.1") == {"busy.1": ("APPLIED", ""), "next.1": ("APPLIED", "")}
        calls = times(it.warehouse, "busy.1", "book")
        assert len(calls) == 5
        assert min(b - a for a, b in itertools.pairwise(calls)) >= 0.5
        # Nobody of that house was called meanwhile: with the next of them, or not yet.
        (after,) = times(it.warehouse, "next.1", "book")
        assert not any(0.2 < after - at < 0.5 for at in calls[:4])
        assert it.trail("busy.1")[:2] == [("calling", "pending"), ("called", "THROTTLED")]

    run(part)


def test_a_system_that_is_away_spends_no_attempts_once_its_breaker_is_open(run: Run) -> None:
    async def part(it: Rig) -> None:
        away = [f"away-{n}.1" for n in range(30)]
        it.warehouse.away.add("hz1")
        async with it.dispatching() as metrics:
            await it.send(*away)
            await it.send(*(f"well-{n}.1" for n in range(5)), house="sz1")
            await it.answers(*(f"well-{n}.1" for n in range(5)))
            is_open = metrics.breaker_open.labels("wms", "hz1")
            await it.until(is_open._value.get, lambda value: value == 1, "its breaker is open")
            assert metrics.breaker_open.labels("wms", "sz1")._value.get() == 0
            assert len(it.warehouse.log) - 5 < len(away)
            it.warehouse.away.clear()
            outcomes = Counter(answer for answer, _ in (await it.answers(*away)).values())
            # Those that opened it were attempts; those that waited were none.
            assert outcomes["APPLIED"] >= len(away) // 2, outcomes
            assert is_open._value.get() == 0
        assert set(it.warehouse.booked.values()) == {1}

    run(part)


def test_killed_between_the_call_and_its_result_it_asks_and_does_nothing_twice(run: Run) -> None:
    async def part(it: Rig) -> None:
        port = free_ports(1)[0]
        it.warehouse.plan["cut.1"].append("hangs")
        # Of twelve keys some share its partition: they stand behind it, and are answered before it.
        behind = [f"behind-{n}.1" for n in range(12)]
        killed = it.start(port)
        await it.ready(port)
        await it.send("cut.1", *behind)
        await it.answers(*behind)
        await it.until(lambda: it.warehouse.of("cut.1"), lambda them: them == ["book"], "it is called")
        assert it.warehouse.booked["cut.1"] == 1
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        # Whoever looks for what is answered passes over it.
        await asyncio.to_thread(raw.send, it.settings.brokers, it.topics[1], "cut", NO_RECORD)
        await it.send("later.1")
        successor = it.start(port)
        assert await it.answers("cut.1", "later.1") == {"cut.1": ("ALREADY_APPLIED", ""), "later.1": ("APPLIED", "")}
        assert it.warehouse.of("cut.1") == ["book", "ask"]
        # What had its result is neither asked about nor answered once more.
        await it.answers(*behind)
        assert {tuple(it.warehouse.of(id)) for id in behind} == {("book",)}
        assert set(it.warehouse.booked.values()) == {1}
        await it.ready(port)
        metrics = await asyncio.to_thread(page, port, "/metrics")
        assert 'receipts_calls_total{ended="answered",system="wms"}' in metrics
        successor.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(successor.wait, 60) == 0
        assert await asyncio.to_thread(it.left) == 0

    run(part)


def test_a_process_that_slept_while_its_group_moved_on_makes_no_call(run: Run) -> None:
    async def part(it: Rig) -> None:
        it.warehouse.away.add("hz1")
        port = free_ports(1)[0]
        sleeper = it.start(port)
        await it.ready(port)
        await it.send(*(f"sku-{n}.1" for n in range(20)))
        # Its breaker is open: most wait in its memory.
        await it.until(lambda: len(it.warehouse.log), lambda seen: seen >= 3, "it has read them")
        sleeper.send_signal(signal.SIGSTOP)
        it.warehouse.away.clear()
        successor = it.start()
        await it.answers(*(f"sku-{n}.1" for n in range(20)))
        sleeper.send_signal(signal.SIGCONT)
        await it.send(*(f"more-{n}.1" for n in range(20)))
        await it.answers(*(f"more-{n}.1" for n in range(20)))
        for process in (sleeper, successor):
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 60) == 0
        assert max(it.warehouse.booked.values()) == 1
        # Whatever was called had its intent, also of those that came to nothing.
        for id in (f"sku-{n}.1" for n in range(20)):
            assert it.trail(id).count(("calling", "pending")) >= it.warehouse.of(id).count("book"), id
        await it.answers(*(f"sku-{n}.1" for n in range(20)))

    run(part)
