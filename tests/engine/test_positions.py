"""What belongs where a consumer stands, record by record, without a broker."""

from __future__ import annotations

import pytest
from confluent_kafka import Message

from streams.engine.positions import Admitted, Gap, Positions
from streams.engine.shards import TP

A, B = ("a", 0), ("b", 1)


def records(tp: TP, *offsets: int) -> list[Message]:
    return [Message(topic=tp[0], partition=tp[1], offset=offset, value=b"") for offset in offsets]


def offsets(admitted: Admitted) -> list[int]:
    return [m.offset() for m in admitted.messages]


@pytest.fixture
def placed() -> Positions:
    positions = Positions(compacted={"b"})
    positions.place(A, 10)
    positions.place(B, 10)
    return positions


def test_what_follows_is_taken_in_its_order(placed: Positions) -> None:
    mixed = [m for pair in zip(records(A, 10, 11, 12), records(B, 10, 11, 12), strict=True) for m in pair]
    assert placed.admit(mixed) == (mixed, {}, [])
    assert (placed.at(A), placed.at(B)) == (13, 13)


def test_what_stands_below_is_dropped_and_counted(placed: Positions) -> None:
    admitted = placed.admit(records(A, 7, 8, 9, 10, 11))
    assert offsets(admitted) == [10, 11]
    assert admitted.stale == {A: 3} and admitted.gaps == []


def test_what_comes_twice_is_taken_once(placed: Positions) -> None:
    admitted = placed.admit(records(A, 10, 11, 10, 11, 12, 12))
    assert offsets(admitted) == [10, 11, 12]
    assert admitted.stale == {A: 3}


def test_a_partition_that_nobody_reads_gives_nothing(placed: Positions) -> None:
    placed.forget([A])
    admitted = placed.admit(records(A, 10, 11))
    assert admitted.messages == [] and admitted.stale == {A: 2}


def test_the_first_record_tells_of_any_gap_and_the_others_of_more_than_a_marker(placed: Positions) -> None:
    assert placed.admit(records(A, 11, 13, 16)).gaps == [Gap(A, 10, 11), Gap(A, 14, 16)]
    assert placed.admit(records(A, 17, 19)).gaps == []
    placed.place(A, 30)
    assert placed.admit(records(A, 31)).gaps == [Gap(A, 30, 31)]


def test_a_doubled_record_does_not_hide_a_missing_one(placed: Positions) -> None:
    # As many as the offsets from the first to the last.
    admitted = placed.admit(records(A, 10, 10, 10, 13))
    assert admitted.gaps == [Gap(A, 11, 13)] and admitted.stale == {A: 2}


def test_a_compacted_log_has_gaps_by_nature_but_for_the_first_record(placed: Positions) -> None:
    assert placed.admit(records(B, 12, 20, 40)).gaps == [Gap(B, 10, 12)]


def test_a_second_placement_counts_from_there(placed: Positions) -> None:
    placed.admit(records(A, 10, 11, 12))
    placed.place(A, 11)
    admitted = placed.admit(records(A, 10, 13, 11, 12))
    assert admitted.gaps == [Gap(A, 11, 13)]
    placed.place(A, 11)
    assert offsets(placed.admit(records(A, 11, 12))) == [11, 12]


def test_what_the_log_has_nothing_of_is_settled(placed: Positions) -> None:
    placed.settle(A, 15)
    assert placed.admit(records(A, 15)).gaps == []
    placed.settle(A, 3)
    assert placed.at(A) == 16
