"""Values kept after their commit: the newest wins, old ones go, and what may be stale is forgotten."""

from __future__ import annotations

from typing import Any

from streams.engine.recent import Recent
from streams.engine.work import DELETED, Shard

SHARD: Shard = ("stock", 0)
OTHER: Shard = ("stock", 1)


def found(recent: Recent, shard: Shard, key: bytes) -> Any:
    return next((values[key] for values in recent.of(shard) if key in values), None)


def test_the_newest_value_is_found_first() -> None:
    recent = Recent(2)
    for number in range(9):
        recent.add({SHARD: {b"k": number}}, {"stock"})
        assert found(recent, SHARD, b"k") == number


def test_a_deleted_key_is_remembered_as_deleted() -> None:
    recent = Recent(10)
    recent.add({SHARD: {b"k": 1}}, {"stock"})
    recent.add({SHARD: {b"k": DELETED}}, {"stock"})
    assert found(recent, SHARD, b"k") is DELETED


def test_only_the_tables_asked_for_are_kept() -> None:
    recent = Recent(10)
    recent.add({SHARD: {b"k": 1}, ("seen", 0): {b"k": 2}}, {"seen"})
    assert (found(recent, SHARD, b"k"), found(recent, ("seen", 0), b"k")) == (None, 2)


def test_it_holds_at_most_two_generations() -> None:
    recent = Recent(100)
    for number in range(2_000):
        recent.add({SHARD: {b"%d" % number: number}}, {"stock"})
        assert sum(map(len, recent.of(SHARD))) <= 200
    assert found(recent, SHARD, b"1999") == 1999
    assert found(recent, SHARD, b"0") is None


def test_a_shard_that_goes_is_forgotten_and_others_stay() -> None:
    recent = Recent(1)
    for number in range(2):  # one in each generation
        recent.add({SHARD: {b"%d" % number: number}, OTHER: {b"%d" % number: number}}, {"stock"})
    recent.forget([SHARD])
    assert not list(recent.of(SHARD))
    assert list(recent.of(OTHER))
    recent.forget()
    assert not list(recent.of(OTHER))
