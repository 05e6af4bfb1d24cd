"""Lists of what was set aside are given by the page: none twice, none left out, and never more than asked for."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.aside.paging import PAGE_MAX, BadCursor, Page, page
from streams.aside.places import Place


class Item(NamedTuple):
    at_ms: int
    place: Place


TOPICS = ("penstock.quarantine", "sink.refused")
items = st.builds(
    Item, st.integers(0, 3), st.builds(Place, st.sampled_from(TOPICS), st.integers(0, 2), st.integers(0, 9))
)


def one(found: list[Item], limit: int, after: str) -> Page[Item]:
    return page(found, Counter(), limit, after, *TOPICS)


@given(st.sets(items), st.integers(1, 5))
def test_the_pages_are_all_of_it_in_order(some: set[Item], limit: int) -> None:
    found, seen, after = sorted(some), list[Item](), ""
    while True:
        its = one(found, limit, after)
        assert len(its.items) <= limit and its.total == len(found)
        seen += its.items
        if not its.after:
            break
        after = its.after
    assert seen == found


def test_what_comes_in_meanwhile_shifts_nothing() -> None:
    found = [Item(at_ms, Place(TOPICS[0], 0, at_ms)) for at_ms in (1, 2, 3)]
    first = one(found, 2, "")
    # Closed by another, and a new one.
    later = [found[0], found[2], Item(4, Place(TOPICS[1], 0, 0))]
    assert [item.at_ms for item in one(later, 2, first.after).items] == [3, 4]


@pytest.mark.parametrize("after", ["2@17", "x:sink.refused/0@1", "1:orders/0@1", "1:", "²:sink.refused/0@1"])
def test_what_is_no_place_to_go_on_from_is_refused(after: str) -> None:
    with pytest.raises(BadCursor, match="write it as the page before said it"):
        one([], 1, after)


@pytest.mark.parametrize("limit", [0, PAGE_MAX + 1])
def test_a_page_has_its_bounds(limit: int) -> None:
    with pytest.raises(ValueError, match=f"limit is {limit}: set it to 1 to 1,000"):
        one([], limit, "")
