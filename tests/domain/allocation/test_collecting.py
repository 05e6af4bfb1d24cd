"""Cash on delivery: over all parcels of an order the amount to collect is told once, whatever happens to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domain.shares import shared
from tests.domain.allocation.saga import Saga, two_warehouses
from tests.domain.make import level, line, parcel_line, view

WHOLE = 10_000
LINES = (line("MUG", 2, unit_price_minor=1_000), line("POT", 1, "2", unit_price_minor=1_000))


def split(*lines: Any, whole: int = WHOLE) -> Saga:
    """Allocated in two parts: MUG from HZ, POT from GZ."""
    saga = Saga(view({"MUG": [level("HZ", 5)], "POT": [level("GZ", 5)]}))
    return saga.order(*lines or LINES, collect_minor=whole).grant()


def announced(saga: Saga) -> dict[str, int | None]:
    """What the newest allocation tells each warehouse to have collected."""
    (event,) = (record for name, record in saga.events if name == "OrderAllocated")
    assert event["collect_minor"] == sum(part["collect_minor"] for part in event["parts"])
    return {part["warehouse"]: part["collect_minor"] for part in event["parts"]}


def told(saga: Saga) -> int:
    """What is collected in all: with what has left, and with what is held."""
    going = [part for part in saga.state["parts"] if part["state"] in ("COMMITTED", "GRANTED")]
    assert all(part["collect_minor"] >= 0 for part in going)
    return sum(part["collect_minor"] for part in going)


def test_each_warehouse_is_told_the_share_of_what_it_sends() -> None:
    assert announced(split()) == {"HZ": 6_666, "GZ": 3_334}


def test_what_is_paid_another_way_is_not_collected() -> None:
    saga = two_warehouses()
    assert saga.events[0][1]["collect_minor"] is None
    assert [part["collect_minor"] for part in saga.events[0][1]["parts"]] == [None, None]


def test_what_has_left_keeps_its_share_and_the_rest_is_told_once_more() -> None:
    saga = split().parcel(parcel_line("MUG", 1))
    assert told(saga) == WHOLE
    # The other MUG is not wanted any more, and its price not collected.
    fewer = (line("MUG", 1, unit_price_minor=1_000), LINES[1])
    saga.order(*fewer, version=2, collect_minor=7_000)
    assert announced(saga) == {"GZ": 7_000 - 3_333}
    assert told(saga) == 7_000


def test_units_that_leave_after_they_were_given_back_take_their_own_share() -> None:
    three = line("MUG", 3, unit_price_minor=100)
    saga = Saga(view({"MUG": [level("HZ", 5)]})).order(three, collect_minor=900).grant()
    saga.order(line("MUG", 2, unit_price_minor=100), version=2, collect_minor=600)
    saga.parcel(parcel_line("MUG", 3))
    assert saga.troubles[0] == "parcel_after_release"
    assert sorted(part["collect_minor"] for part in saga.state["parts"]) == [300, 600]


def test_another_amount_alone_is_told_as_a_new_attempt() -> None:
    saga = split().order(*LINES, version=2, collect_minor=4_000)
    assert announced(saga) == {"HZ": 2_666, "GZ": 1_334}
    assert saga.state["attempt"] == 2 and saga.state["phase"] == "ALLOCATED" and not saga.commands
    assert saga.order(*LINES, version=3, collect_minor=4_000).silent()
    assert saga.order(*LINES, version=4, collect_minor=None).events[0][1]["collect_minor"] is None


@pytest.mark.parametrize("now", [0, 9_000, 12_000])
def test_an_amount_that_changes_after_all_has_left_is_told_as_trouble(now: int) -> None:
    saga = split().parcel().parcel(warehouse="GZ", shipment_id="s2")
    assert saga.order(*LINES, version=2, collect_minor=now).troubles == ["collect_changed_after_parcel"]
    assert f"collect {WHOLE}, and its platform says {now}" in saga.statuses[0][1]
    assert saga.order(*LINES, version=3, collect_minor=now).silent()


def test_an_amount_below_what_has_left_leaves_nothing_to_collect() -> None:
    saga = split().parcel().order(*LINES, version=2, collect_minor=6_000)
    assert announced(saga) == {"GZ": 0}
    assert saga.troubles == ["collect_changed_after_parcel"]


def test_what_others_send_is_theirs_to_collect_and_what_nobody_ships_is_collected_with_the_rest() -> None:
    others = line("CUP", 1, "3", unit_price_minor=2_000, sent_by="SUPPLIER")
    assert announced(split(*LINES, others)) == {"HZ": 4_000, "GZ": 2_000}
    voucher = line("VOUCHER", 1, "3", unit_price_minor=2_000, sent_by="NOBODY")
    assert announced(split(*LINES, voucher)) == {"HZ": 6_666, "GZ": 3_334}


def test_a_gift_collects_nothing_and_gifts_alone_collect_the_whole() -> None:
    gift = line("POT", 1, "2", unit_price_minor=0)
    assert announced(split(LINES[0], gift)) == {"HZ": WHOLE, "GZ": 0}
    free = (line("MUG", 2, unit_price_minor=0), gift)
    assert announced(split(*free)) == {"HZ": 6_666, "GZ": 3_334}


def test_a_state_of_an_earlier_version_shares_by_units_and_counts_what_left_untold() -> None:
    saga = split().parcel()
    lines = [{**each, "unit_price_minor": 0} for each in saga.state["lines"]]
    saga.state = {
        **saga.state,
        "lines": lines,
        "parts": [{**part, "collect_minor": None} for part in saga.state["parts"]],
    }
    assert announced(saga.order(*LINES, version=2, collect_minor=WHOLE)) == {"GZ": 3_333}


AMOUNTS = st.integers(0, 50_000)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("parcel"), st.sampled_from(["MUG", "POT"]), st.integers(1, 3), st.sampled_from(["HZ", "GZ"])),
        st.tuples(st.just("order"), st.integers(0, 4), st.integers(0, 4), AMOUNTS),
        st.tuples(st.just("moved"), st.integers(0, 4), st.integers(0, 4), AMOUNTS),
        st.tuples(st.just("lost"), st.integers(0, 5), st.just(0), st.just(0)),
    ),
    max_size=8,
)


@given(AMOUNTS, st.integers(0, 2_000), EVENTS)
def test_whatever_happens_the_parcels_collect_the_whole_once(whole: int, price: int, events: list[Any]) -> None:
    known = view({sku: [level("HZ", 3), level("GZ", 9)] for sku in ("MUG", "POT")})
    saga = Saga(known)
    version = 1

    def place(mugs: int, pots: int, amount: int, address: str) -> None:
        nonlocal whole
        whole = amount
        lines = [
            line("MUG", mugs, unit_price_minor=price),
            line("POT", pots, "2", unit_price_minor=500),
        ]
        saga.order(
            *(each for each in lines if each["quantity"]), version=version, collect_minor=amount, address=address
        )
        saga.grant()

    place(3, 2, whole, "1")
    for kind, first, second, third in events:
        version += 1
        if kind == "parcel":
            of_line = parcel_line(first, second, {"MUG": "1", "POT": "2"}[first])
            saga.parcel(of_line, warehouse=third, shipment_id=f"s{version}")
        elif kind == "lost":
            held = [i for i, part in enumerate(saga.state["parts"]) if part["state"] == "GRANTED"]
            if held:
                saga.resolve("EXPIRED", held[first % len(held)])
        else:
            place(first, second, third, str(version) if kind == "moved" else "1")
        saga.grant()
        if saga.state["phase"] == "ALLOCATED":
            left = sum(part["collect_minor"] for part in saga.state["parts"] if part["state"] == "COMMITTED")
            assert told(saga) == max(whole, left)


@given(AMOUNTS, st.lists(st.integers(0, 1_000), min_size=1, max_size=8).filter(any))
def test_shares_are_the_amount_none_negative_each_within_a_unit_of_its_own(amount: int, weights: list[int]) -> None:
    shares = shared(amount, weights)
    assert sum(shares) == amount and min(shares) >= 0
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - amount * weight) < sum(weights)
