"""The engine broken on purpose, for the simulation: the chaos harness's mutants where they need no broker, the others said anew.

``with broken(name):`` breaks it in this process and puts it right again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest import mock

import streams.agents.intake
import streams.engine.holding
from streams.domain.inventory import decide
from streams.engine.cycle import Cycle
from streams.engine.delivery import Courier, Ticker
from streams.engine.guard import Guard
from streams.engine.inflow import Change, Inflow
from streams.engine.refusals import Refusals
from streams.engine.restore import Restorer
from streams.engine.transaction import Transactor
from streams.engine.work import Work
from tests.chaos.mutants import MUTANTS, around, set_aside
from tests.simulation.group import SimSource
from tests.simulation.store import MemoryStore


def offsets_outside() -> None:
    """Input offsets count before the transaction does."""

    def commit(original: Any, cycle: Cycle, work: Work, group: Any) -> None:
        cycle.source._broker.offsets.update(work.offsets)
        with set_aside(work, "offsets"):
            original(cycle, work, group)

    around(Cycle, "_commit", commit)


def offsets_after() -> None:
    """Input offsets count only once the transaction is through."""

    def commit(original: Any, cycle: Cycle, work: Work, group: Any) -> None:
        with set_aside(work, "offsets"):
            original(cycle, work, group)
        cycle.source._broker.offsets.update(work.offsets)

    around(Cycle, "_commit", commit)


def output_outside() -> None:
    """Messages are out before the transaction is."""

    def commit(original: Any, cycle: Cycle, work: Work, group: Any) -> None:
        for topic, messages in work.messages.items():
            for message in messages:
                cycle.source._broker.publish(topic, message["key"], message["value"])
        with set_aside(work, "messages"):
            original(cycle, work, group)

    around(Cycle, "_commit", commit)


def unfenced() -> None:
    """Offsets are sent without saying who sends them."""

    def take(original: Any, source: SimSource, most: int | None = None) -> Any:
        return original(source, most)[0], ("", -1)

    around(SimSource, "take", take)


def checkpoint_ahead() -> None:
    """The checkpoint is written at once, the values with the next one."""
    held: dict[int, Any] = {}

    def write(original: Any, store: MemoryStore, changes: Any, checkpoints: Any) -> None:
        original(store, held.pop(id(store), {}), checkpoints)
        held[id(store)] = {shard: dict(items) for shard, items in changes.items()}

    def get_many(original: Any, store: MemoryStore, shard: Any, keys: Iterable[bytes]) -> list[bytes | None]:
        newer = held.get(id(store), {}).get(shard, {})
        return [newer.get(key, raw) for key, raw in zip(keys, original(store, shard, keys), strict=True)]

    around(MemoryStore, "write", write)
    around(MemoryStore, "get_many", get_many)


def no_catch_up() -> None:
    """After a failed commit the changelog is not asked whether it was carried out."""

    def begin_again(original: Any, cycle: Cycle, new_producer: bool) -> None:
        with mock.patch.object(cycle._restorer, "catch_up", lambda *_: 0):
            original(cycle, new_producer)

    around(Cycle, "_begin_again", begin_again)


def stable_end_is_the_end() -> None:
    """A restore ends before records that are committed and wait for their marker."""

    def ends(original: Any, restorer: Restorer, topics: Any) -> Any:
        from streams.engine import restore

        broker = restore.Consumer.__self__.broker  # type: ignore[attr-defined]
        return {tp: (0, broker.stable_end(tp)) for tp in topics}

    around(Restorer, "_ends", ends)


def refusals_unheard() -> None:
    """A refused message is sent again and again: its record is found, and nothing is made of it."""
    around(Refusals, "of", lambda original, refusals, *about: None)


def whole_or_not_at_all() -> None:
    """What quarantine cannot take whole is not set aside by reference."""

    def quarantined(original: Any, courier: Courier, *about: Any, whole: bool) -> Work:
        return original(courier, *about, whole=True)

    around(Courier, "_quarantined", quarantined)


def passed_over_for_good() -> None:
    """No gap is looked at."""
    around(Guard, "_without_skips", lambda original, guard, messages, gaps: messages)


def stale_taken() -> None:
    """Whatever is handed over is taken, also from before the position."""

    def admit(original: Any, guard: Guard, messages: Any) -> Any:
        kept = original(guard, messages)
        stale = [m for m in messages if m.error() is None and all(m is not other for other in kept)]
        return sorted([*kept, *stale], key=messages.index)

    around(Guard, "admit", admit)


def held_for_good() -> None:
    """What was once not fetched from any longer never is again."""

    def change(original: Any, inflow: Inflow) -> Change:
        return Change(original(inflow).pause, [])

    around(Inflow, "change", change)


BREAKAGES: dict[str, Callable[[], None]] = {
    **{
        name: MUTANTS[name].install
        for name in ("rocksdb-before-commit", "overlay-kept", "bare-flag", "split-shards", "host-clock")
    },
    "any-partition": lambda: around(Courier, "_own", lambda original, courier, work, tp, records: records),
    "refusals-unheard": refusals_unheard,
    "whole-or-not-at-all": whole_or_not_at_all,
    "offsets-outside": offsets_outside,
    "offsets-after": offsets_after,
    "output-outside": output_outside,
    "unfenced": unfenced,
    "checkpoint-ahead": checkpoint_ahead,
    "no-catch-up": no_catch_up,
    "stable-end-is-the-end": stable_end_is_the_end,
    "passed-over-for-good": passed_over_for_good,
    "stale-taken": stale_taken,
    "held-for-good": held_for_good,
    # As if there were no guard.
    "unguarded": lambda: around(Guard, "admit", lambda original, guard, messages: list(messages)),
    "restore-uncommitted": lambda: around(
        Restorer, "_properties", lambda original, restorer, _: original(restorer, "read_uncommitted")
    ),
}


@contextlib.contextmanager
def broken(name: str) -> Iterator[None]:
    """The engine with one rule broken."""
    with contextlib.ExitStack() as stack:
        for owner, names in (
            (Cycle, ("_commit", "_settle", "_submit", "overlays", "_begin_again")),
            (streams.engine.holding, ("lacking",)),
            (Courier, ("_own", "_quarantined")),
            (Refusals, ("of",)),
            (SimSource, ("take",)),
            (Inflow, ("change",)),
            (MemoryStore, ("write", "get_many")),
            (Restorer, ("_properties", "_ends")),
            (Guard, ("admit", "_without_skips")),
            (Transactor, ("_tried",)),
            (Ticker, ("due",)),
            (streams.agents.intake, ("dedup",)),
        ):
            for each in names:
                # Replaced by itself, so that whatever it becomes is undone at the end.
                stack.enter_context(mock.patch.object(owner, each, getattr(owner, each)))
        stack.enter_context(mock.patch.dict(decide.HANDLERS))
        BREAKAGES[name]()
        yield
