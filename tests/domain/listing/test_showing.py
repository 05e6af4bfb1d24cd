"""How many units a shop may show: by tables, and by what holds for all of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.documents.pools.document import Chain, Pool, Quota
from streams.domain.inventory.pool_documents import record as pool_record
from streams.domain.inventory.quotas import awaited, draw, queued, taken
from streams.domain.listing.showing import for_sale, shown, turns_at_ms
from tests.domain.listing.make import place, stock
from tests.domain.make import AT_MS, level

units = st.integers(0, 500)
FROM, UNTIL = "2023-11-01 00:00", "2023-12-01 00:00"


def show(its: Any, where: Any, was_open: bool = True, at_ms: int = AT_MS) -> tuple[int | None, bool]:
    return tuple(shown(its, [], {}, where, was_open, at_ms))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("sale", "rule", "was_open", "expected"),
    [
        (122, {}, True, (122, True)),
        (122, {"share": 4_000, "buffer": 4}, True, (44, True)),
        (122, {"cap": 50}, True, (50, True)),
        (3, {"buffer": 5}, True, (0, True)),
        (21, {"close_at": 20, "open_at": 30}, True, (21, True)),
        (20, {"close_at": 20, "open_at": 30}, True, (0, False)),
        (25, {"close_at": 20, "open_at": 30}, False, (0, False)),
        (31, {"close_at": 20, "open_at": 30}, False, (31, True)),
        (0, {}, True, (0, False)),
        (1, {}, False, (1, True)),
    ],
)
def test_the_rule(sale: int, rule: dict[str, Any], was_open: bool, expected: tuple[int, bool]) -> None:
    assert show(stock(sale), place(**rule), was_open) == expected


def test_safety_stock_and_reservations_are_not_shown_and_warehouses_may_be_chosen() -> None:
    its: Any = {"sku": "MUG", "version": 1, "levels": [level("GZ", 60, 5, 5), level("HZ", 120, 30, 10)], "pool": None}
    assert show(its, place())[0] == 50 + 80
    assert show(its, place(warehouses=["HZ"]))[0] == 80


def test_nobody_has_counted_it() -> None:
    assert tuple(shown(None, [], {}, place(), True, AT_MS)) == (None, True)
    parts: Any = [{"sku": "POT", "quantity": 1}, {"sku": "CUP", "quantity": 4}]
    assert shown(None, parts, {"POT": stock(3, sku="POT")}, place(), True, AT_MS).quantity is None


def test_a_bundle_is_shown_by_its_scarcest_part() -> None:
    parts: Any = [{"sku": "POT", "quantity": 1}, {"sku": "CUP", "quantity": 4}]
    there = {"POT": stock(9, sku="POT"), "CUP": stock(23, sku="CUP")}
    assert shown(stock(500), parts, there, place(), True, AT_MS).quantity == 5


@given(st.dictionaries(st.sampled_from(("POT", "CUP", "LID")), st.tuples(units, st.integers(1, 9)), min_size=1))
def test_so_many_bundles_can_be_made_and_no_more(stocked: dict[str, tuple[int, int]]) -> None:
    parts: Any = [{"sku": sku, "quantity": each} for sku, (_, each) in stocked.items()]
    there = {sku: stock(count, sku=sku) for sku, (count, _) in stocked.items()}
    made = shown(None, parts, there, place(), True, AT_MS).quantity
    assert made is not None
    assert all(made * each <= count for count, each in stocked.values())
    assert any((made + 1) * each > count for count, each in stocked.values())


@given(units, st.integers(0, 10_000), units, st.none() | units, units, st.integers(1, 50), st.booleans())
def test_never_more_than_may_be_sold_and_a_closed_one_shows_nothing(
    sale: int, share: int, buffer: int, cap: int | None, close_at: int, more: int, was_open: bool
) -> None:
    rule = {"share": share, "buffer": buffer, "cap": cap, "close_at": close_at, "open_at": close_at + more}
    quantity, is_open = show(stock(sale), place(**rule), was_open)
    assert quantity is not None and 0 <= quantity <= sale
    assert quantity == 0 or (is_open and sale > close_at)
    assert is_open == (sale > close_at and (was_open or sale >= close_at + more))


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=5), units)
def test_shares_that_make_up_the_whole_never_show_more_than_there_is(shares: list[int], sale: int) -> None:
    whole = sum(shares) or 1
    parts = [each * 10_000 // whole for each in shares]
    assert sum(show(stock(sale), place(share=share))[0] or 0 for share in parts) <= sale


def pool(**settings: Any) -> Any:
    quotas = (Quota("app", 4_000), Quota("rest", 6_000))
    chains = tuple(Chain(channel, ("app", "rest") if channel == "pdd" else ("rest",)) for channel in ("pdd", "jd"))
    made = Pool(sku="MUG", cap=10, from_=FROM, until=UNTIL, quotas=quotas, chains=chains)
    return {**pool_record("pools/autumn", "autumn", made), **settings}


def test_while_a_sale_is_on_a_channel_shows_what_its_quotas_have() -> None:
    its: Any = stock(500, pool=pool())
    assert [for_sale(its, place(channel), AT_MS) for channel in ("pdd", "jd", "taobao")] == [10, 6, 0]
    ended = int(turns_at_ms([its], AT_MS) or 0)
    assert for_sale(its, place("jd"), ended - 1) == 6
    assert for_sale(its, place("jd"), ended) == 500
    assert for_sale(stock(500, pool=pool(closed=True)), place("jd"), AT_MS) == 500


@given(st.lists(st.tuples(st.sampled_from(("pdd", "jd")), st.integers(1, 4)), max_size=12))
def test_what_is_shown_of_a_pool_is_what_an_order_would_be_given(orders: list[tuple[str, int]]) -> None:
    its = pool()
    for channel, quantity in orders:
        drawn = draw(its, channel, quantity, ())
        its = taken(its, drawn) if drawn is not None else queued(its, channel, 1)
    for channel in ("pdd", "jd"):
        room = for_sale(stock(0, pool=its), place(channel), AT_MS)
        barred = awaited(its)
        assert room == 0 or draw(its, channel, room, barred) is not None
        assert draw(its, channel, room + 1, barred) is None
