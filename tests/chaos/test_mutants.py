"""The checks can fail: broken engines are caught by a fault that the sound engine survives.

A few of them here, on one kind of fault; ``python -m tests.chaos.mutant_run`` runs all of them with every fault they name.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import streams.agents.intake
from streams.domain.intake.dedup import Reading
from streams.domain.inventory import quotas
from tests.chaos.faults import FAULTS
from tests.chaos.mutant_run import KINDS, Difference, difference, survive
from tests.chaos.mutants import MUTANTS
from tests.conftest import Unique
from tests.domain.make import order
from tests.domain.pools import Ledger, pool
from tests.engine.harness import rig
from tests.engine.test_exactly_once import STEPS


def test_the_sound_engine_decides_the_same_when_killed(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        assert survive(it, "kill:commit") == Difference(0, 0, 0)


@pytest.mark.parametrize(
    "name",
    [
        "rocksdb-before-commit",
        *(pytest.param(name, marks=pytest.mark.long) for name in ("offsets-outside", "output-outside")),
    ],
)
def test_a_broken_engine_is_caught_by_a_kill(kafka: str, unique: Unique, tmp_path: Path, name: str) -> None:
    assert "kill:commit" in MUTANTS[name].exposed_by
    with rig(kafka, unique(), tmp_path) as it:
        found = survive(it, "kill:commit", name)
        assert found.doubled if name == "output-outside" else found.lost


def test_dedup_as_a_bare_flag_drops_an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = streams.agents.intake.dedup
    # Put back, whatever the mutant puts there.
    monkeypatch.setattr(streams.agents.intake, "dedup", sound)
    MUTANTS["bare-flag"].install()
    flag = streams.agents.intake.dedup

    def outcomes(dedup, *readings: Reading) -> list[str]:
        seen, names = None, []
        for reading in readings:
            decision = dedup(reading, seen)
            seen = decision.seen or seen
            names.append(decision.name)
        return names

    first, update = (
        Reading("taobao:1", made, None, made["fingerprint"], b"") for made in (order(), order(version=2_000))
    )
    assert outcomes(flag, first, first) == outcomes(sound, first, first) == ["Order", "Duplicate"]
    assert outcomes(sound, first, update) == ["Order", "Order"]
    assert outcomes(flag, first, update) == ["Order", "Duplicate"]


def test_a_pool_that_is_not_counted_sells_its_piece_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    # Put back, whatever the mutant puts there.
    for name in ("draw", "unsound"):
        monkeypatch.setattr(quotas, name, getattr(quotas, name))
    MUTANTS["pool-uncounted"].install()
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1")
    with pytest.raises(AssertionError):
        # The ledger counts anew what the pool says.
        ledger.freeze("jd:2")
    assert (ledger.answer(), ledger.figures()[0]) == ("FROZEN", 2)


def test_every_mutant_says_what_shows_it() -> None:
    for mutant in MUTANTS.values():
        assert mutant.exposed_by, mutant.name
        for fault in mutant.exposed_by:
            kind, _, step = fault.partition(":")
            known = step in STEPS if kind in KINDS else kind in ("input", "broker", *FAULTS)
            assert known, f"{mutant.name}: {fault}"


def test_the_judge_tells_lost_from_doubled_from_otherwise() -> None:
    want = {0: [(b"a", b"1"), (b"b", b"2")], 1: [(b"c", b"1")]}
    assert difference(want, want) == Difference(0, 0, 0)
    assert difference(want, {0: [(b"a", b"1")], 1: []}) == Difference(2, 0, 0)
    assert difference(want, {**want, 1: [(b"c", b"1"), (b"c", b"2"), (b"x", b"3")]}) == Difference(0, 2, 0)
    assert difference(want, {**want, 1: [(b"c", b"7")]}) == Difference(0, 0, 1)
