"""A partition's position never passes a record that is not finished, and does not stay behind one that is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.driver.progress import Progress


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=120))
def test_the_position_is_the_first_that_is_not_finished(steps: list[tuple[bool, int]]) -> None:
    progress, open_, next_ = Progress(), set[int](), 0
    for take, number in steps:
        if take:
            # Offsets have gaps, where transactions ended.
            offset = next_ + number % 3
            next_ = offset + 1
            progress.begin(offset)
            open_.add(offset)
        elif open_:
            offset = sorted(open_)[number % len(open_)]
            open_.discard(offset)
            progress.finish((offset,))
        assert progress.position() == (min(open_) if open_ else next_ or -1)


def test_a_record_that_is_read_again_is_open_again() -> None:
    progress = Progress()
    for offset in (5, 6):
        progress.begin(offset)
    progress.finish((5,))
    assert progress.position() == 6
    progress.begin(5)
    assert progress.position() == 5


def test_a_successor_begins_before_the_first_unfinished_request() -> None:
    it = Progress(10)
    for offset in (10, 11, 13):
        it.begin(offset)
    assert it.position() == 10
    assert it.position({11}) == 10
    assert it.position({10}) == 11
    assert it.position({10, 11}) == 13
    it.finish({11})
    assert it.position({10}) == 13
    it.finish({10, 13})
    assert it.position() == 14
    it.reach(16)  # markers at the end
    assert it.position() == 16
    it.begin(16)
    assert it.position() == 16


def test_the_foremost_have_nothing_else_open_before_them() -> None:
    it = Progress(10)
    for offset in (10, 11, 12, 14):
        it.begin(offset)
    assert it.foremost({10, 11, 14}) == [10, 11]
    assert it.foremost({11, 12, 14}) == []
    it.finish({10})
    assert it.foremost({11, 12, 14}) == [11, 12, 14]
    assert it.foremost(()) == []
