"""A partition's position never passes a record that is not finished, and does not stay behind one that is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.progress import Progress


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=120))
def test_the_position_is_the_first_that_is_not_finished(steps: list[tuple[bool, int]]) -> None:
    progress, open_, next_ = Progress(), set[int](), 0
    for take, number in steps:
        if take:
            # Offsets have gaps, where transactions ended.
            offset = next_ + number % 3
            next_ = offset + 1
            progress.took(offset)
            open_.add(offset)
        elif open_:
            offset = sorted(open_)[number % len(open_)]
            open_.discard(offset)
            progress.finished(offset)
        assert progress.position == (min(open_) if open_ else next_ or -1)


def test_a_record_that_is_read_again_is_open_again() -> None:
    progress = Progress()
    for offset in (5, 6):
        progress.took(offset)
    progress.finished(5)
    assert progress.position == 6
    progress.took(5)
    assert progress.position == 5
