"""No order is lost whatever moves between two pages: against a list of orders that changes before every request."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.endings import Unavailable
from connectors.platforms.base import Changed
from connectors.platforms.paging import Page, Share, counted, narrowed
from connectors.platforms.times import china, windows

SIZE = 3


class Market:
    """Orders of a window in the past. Before each request some change: they leave it."""

    def __init__(self, count: int, leaving: list[list[int]], *, downwards: bool) -> None:
        self.orders = [str(number) for number in range(count)]
        self.left: set[str] = set()
        self._leaving = iter(leaving)
        self._step = -1 if downwards else 1
        self.requests = 0

    def _move(self) -> None:
        self.requests += 1
        for place in next(self._leaving, []):
            if self.orders:
                self.left.add(self.orders.pop(place % len(self.orders)))

    def _rows(self, number: int) -> list[Changed]:
        rows = self.orders[:: self._step][number * SIZE : (number + 1) * SIZE]
        return [Changed(order_no, 0, None) for order_no in rows]

    async def count(self) -> int:
        self._move()
        return len(self.orders)

    async def page(self, number: int) -> Page:
        self._move()
        return Page(self._rows(number - 1), number * SIZE < len(self.orders))

    async def share(self, _start_s: int, _end_s: int, number: int) -> Share:
        self._move()
        return Share(self._rows(number), len(self.orders))


moves = st.lists(st.lists(st.integers(0, 40), max_size=4), max_size=15)


@given(count=st.integers(0, 40), leaving=moves)
def test_of_a_counted_list_all_that_stayed_are_read(count: int, leaving: list[list[int]]) -> None:
    async def run() -> set[str]:
        found = [rows async for rows in counted(market.count, market.page, SIZE)]
        assert all(found)
        return {row.order_no for rows in found for row in rows}

    market = Market(count, leaving, downwards=True)
    assert asyncio.run(run()) >= set(market.orders)


@given(count=st.integers(0, 40), leaving=moves)
def test_of_a_list_with_a_total_all_that_stayed_are_read(count: int, leaving: list[list[int]]) -> None:
    async def run() -> set[str]:
        found = [rows async for rows in narrowed([(0, 60)], market.share, size=SIZE, rows_max=99, first=0)]
        assert all(found)
        return {row.order_no for rows in found for row in rows}

    market = Market(count, leaving, downwards=False)
    assert asyncio.run(run()) >= set(market.orders)


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (3, 1), (4, 3), (7, 4)])
def test_a_list_that_stands_still_costs_no_more_than_its_pages_and_a_total(count: int, requests: int) -> None:
    async def run() -> list[list[str]]:
        pages = narrowed([(0, 60)], market.share, size=SIZE, rows_max=99, first=0)
        return [[row.order_no for row in rows] async for rows in pages]

    market = Market(count, [], downwards=False)
    assert sorted(order for rows in asyncio.run(run()) for order in rows) == sorted(market.orders)
    assert market.requests == requests


@given(at_s=st.lists(st.integers(0, 63), max_size=40), rows_max=st.integers(3, 9))
def test_halving_reaches_every_second(at_s: list[int], rows_max: int) -> None:
    asked = []

    async def page(start_s: int, end_s: int, number: int) -> Share:
        asked.append((start_s, end_s))
        rows = [Changed(f"{n}", at, None) for n, at in enumerate(at_s) if start_s <= at <= end_s]
        # Beyond what it shows the platform answers nothing.
        shown = rows[:rows_max][number * SIZE : (number + 1) * SIZE]
        return Share(shown, len(rows))

    async def run() -> set[str]:
        pages = narrowed([(0, 64)], page, size=SIZE, rows_max=rows_max, first=0)
        return {row.order_no async for rows in pages for row in rows}

    crowded = max((at_s.count(one) + at_s.count(one + 1) for one in range(64)), default=0) > rows_max
    try:
        assert asyncio.run(run()) == {str(n) for n in range(len(at_s))}
    except Unavailable:
        assert crowded


def test_windows_cover_every_millisecond_and_are_no_longer_than_allowed() -> None:
    cut = list(windows(1_500, 190_001, 60_000))
    assert cut == [(1, 61), (61, 121), (121, 181), (181, 191)]
    assert list(windows(0, 60_000, 60_000)) == [(0, 60)]


def test_times_are_those_of_a_clock_in_china() -> None:
    assert china(1_767_240_000) == "2026-01-01 12:00:00"


def test_windows_cover_all_of_their_span_and_one_second_is_a_window() -> None:
    assert list(windows(10_000, 10_000, 60_000)) == [(10, 10)]
    assert list(windows(10_990, 11_003, 60_000)) == [(10, 12)]
    assert list(windows(0, 5_000, 2_000)) == [(0, 2), (2, 4), (4, 5)]
    assert list(windows(0, 4_000, 2_000)) == [(0, 2), (2, 4)]
    assert list(windows(10_000, 9_000, 60_000)) == []
