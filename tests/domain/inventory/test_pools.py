"""Pools: frozen up to the cap and no further, given back first come first served, turned into goods in the order they were frozen."""

from __future__ import annotations

import pytest

from tests.domain.make import AT_MS, count, reservation_command, waiting
from tests.domain.pools import DAY_MS, Ledger, freeze, pool, set_pool


def test_the_pool_is_sold_out_exactly_at_its_cap_and_the_next_waits_with_its_figures() -> None:
    ledger = Ledger().set_pool(1, pool(3))
    for number in range(3):
        assert ledger.freeze(f"jd:{number}").answer() == "FROZEN"
    assert ledger.freeze("pdd:3").answer() == "POOL_EXHAUSTED"
    assert ledger.results[0][1]["told"] == {
        "sku": "MUG",
        "quantity": 1,
        "pool": "autumn",
        "answer": "POOL_EXHAUSTED",
        "cap": 3,
        "sold": 3,
        "ahead": 0,
        "quotas": "",
    }
    assert ledger.freeze("pdd:4").results[0][1]["told"]["ahead"] == 1
    assert ledger.figures() == (3, 3, 2)


def test_what_is_given_back_goes_to_who_waits_first() -> None:
    ledger = Ledger().set_pool(1, pool(2))
    for number in range(5):
        ledger.freeze(f"jd:{number}")
    assert ledger.resolve("Release", "jd:0").served() == [("jd:2", "", 1)]
    assert ledger.resolve("Release", "jd:3").served() == []
    assert ledger.answer() == "NEVER_RESERVED"
    assert ledger.resolve("Release", "jd:1").served() == [("jd:4", "", 1)]
    assert ledger.figures() == (2, 2, 0)


def test_a_deposit_keeps_its_pieces_for_the_pools_time_alone() -> None:
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1", hard=False).freeze("jd:2", hard=False)
    ledger.at_ms += DAY_MS - 1
    assert ledger.resolve("Expire", "jd:1").figures() == (1, 1, 1)
    ledger.at_ms += 1
    assert ledger.resolve("Expire", "jd:1").served() == [("jd:2", "", 1)]
    assert ledger.answer() == "EXPIRED"
    # Its own time begins when it is frozen.
    assert ledger.reservations["jd:2/1.1/1/pool"]["expires_at_ms"] == ledger.at_ms + DAY_MS


def test_the_balance_keeps_them_for_good() -> None:
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1", hard=False).freeze("jd:1", hard=True, verb="harden")
    assert ledger.answer() == "FROZEN"
    ledger.at_ms += 2 * DAY_MS
    ledger.resolve("Expire", "jd:1")
    assert ledger.figures() == (1, 1, 0)


def test_a_balance_that_comes_too_late_is_told_so() -> None:
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1", hard=False)
    ledger.at_ms += DAY_MS
    ledger.resolve("Expire", "jd:1").freeze("jd:1", hard=True, verb="harden")
    assert ledger.answer() == "ALREADY_RESOLVED"
    assert ledger.figures() == (0, 0, 0)


def test_goods_meet_the_frozen_in_the_order_they_were_frozen() -> None:
    ledger = Ledger().set_pool(1, pool(9))
    for number, quantity in enumerate((2, 3, 1)):
        ledger.freeze(f"jd:{number}", quantity)
    assert ledger.receive(4).served() == [("jd:0", "HZ", 2), ("jd:1", "HZ", 2)]
    assert ledger.figures() == (6, 2, 0)
    assert ledger.receive(5, "GZ").served() == [("jd:1", "GZ", 1), ("jd:2", "GZ", 1)]
    assert ledger.figures() == (6, 0, 0)
    assert [(level["warehouse"], level["reserved"]) for level in ledger.stock["levels"]] == [("GZ", 2), ("HZ", 4)]


def test_who_orders_from_the_shelf_gets_what_the_sale_has_left() -> None:
    ledger = Ledger().set_pool(1, pool(2)).freeze("jd:1", 2).receive(3)
    ledger.tell("Reserve", reservation_command("taobao:1/1.1/1/HZ", 2))
    assert ledger.answer() == "ReservationRejected"
    ledger.tell("Reserve", reservation_command("taobao:2/1.1/1/HZ", 1))
    assert ledger.answer() == "Reserved"


def test_goods_that_are_there_already_meet_a_new_order_of_the_sale_at_once() -> None:
    ledger = Ledger().set_pool(1, pool(2)).receive(1)
    assert ledger.freeze("jd:1").served() == [("jd:1", "HZ", 1)]
    assert ledger.figures() == (1, 0, 0)


def test_goods_beyond_the_frozen_meet_who_waits_and_the_cap_stays_as_it_is() -> None:
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1").freeze("jd:2").freeze("jd:3", 1)
    assert ledger.receive(2).served() == [("jd:1", "HZ", 1), ("jd:2", "HZ", 1)]
    assert ledger.figures() == (1, 0, 1)
    # What it had beyond the cap gives nothing back to the pool, and its goods to the next.
    assert ledger.resolve("Release", "jd:2").served() == [("jd:3", "HZ", 1)]
    assert ledger.figures() == (1, 0, 0)


def test_who_comes_when_all_is_sold_and_goods_are_left_has_them_at_once() -> None:
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1").receive(2).freeze("jd:2")
    assert (ledger.answer(), ledger.served()) == ("POOL_EXHAUSTED", [("jd:2", "HZ", 1)])
    assert ledger.figures() == (1, 0, 0)


def test_what_is_sent_stays_sold() -> None:
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1").receive(1).resolve("Commit", "jd:1")
    assert ledger.figures() == (1, 0, 0)
    assert ledger.freeze("jd:2").answer() == "POOL_EXHAUSTED"


def test_goods_of_who_cancels_meet_the_next_that_is_frozen() -> None:
    ledger = Ledger().set_pool(1, pool(2)).freeze("jd:1").freeze("jd:2").receive(1)
    assert ledger.resolve("Release", "jd:1").served() == [("jd:2", "HZ", 1)]
    assert ledger.figures() == (1, 0, 0)


def test_a_channel_draws_on_its_own_part_first_then_along_its_chain() -> None:
    ledger = Ledger().set_pool(1, pool(quotas={"taobao": 2, "jd": 1, "shared": 1}))
    for number in range(3):
        assert ledger.freeze(f"taobao:{number}").answer() == "FROZEN"
    assert ledger.freeze("taobao:3").answer() == "POOL_EXHAUSTED"
    assert ledger.results[0][1]["told"]["quotas"] == "taobao 2/2, shared 1/1"
    assert ledger.freeze("jd:1").answer() == "FROZEN"
    # A part of its own is given back last: the shared piece goes to whoever waits.
    ledger.freeze("jd:2").resolve("Release", "taobao:2")
    assert ledger.served() == [("taobao:3", "", 1)]
    assert ledger.resolve("Release", "jd:1").served() == [("jd:2", "", 1)]


def test_who_cannot_have_all_of_it_yet_is_not_overtaken_on_the_parts_it_draws_on() -> None:
    ledger = Ledger().set_pool(1, pool(quotas={"jd": 1, "shared": 2}))
    ledger.freeze("taobao:1", 2).freeze("taobao:2", 2)
    assert ledger.answer() == "POOL_EXHAUSTED"
    # jd's own part is nobody else's; the shared one is awaited.
    assert ledger.freeze("jd:1").answer() == "FROZEN"
    assert ledger.freeze("jd:2").answer() == "POOL_EXHAUSTED"
    assert ledger.resolve("Release", "taobao:1").served() == [("taobao:2", "", 2)]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"placed_at_ms": AT_MS - DAY_MS - 1}, "placed before the sale"),
        ({"placed_at_ms": AT_MS + DAY_MS}, "placed after it"),
        ({"quantity": 4}, "more than there can ever be"),
        ({"channel": "elsewhere"}, "a channel that draws on nothing"),
    ],
)
def test_an_order_that_is_not_of_the_sale_is_told_so_each_time(fields: dict[str, object], why: str) -> None:
    ledger = Ledger().set_pool(1, pool(3))
    command = {**freeze("jd:1"), **fields}
    for _ in range(2):
        ledger.tell("Freeze", command)
        assert ledger.answer() == "NO_POOL", why
    assert ledger.figures() == (0, 0, 0)


def test_without_a_pool_nothing_is_frozen() -> None:
    assert Ledger().freeze("jd:1").answer() == "NO_POOL"


def test_a_pool_that_is_closed_freezes_nothing_new_and_keeps_what_is_frozen() -> None:
    ledger = Ledger().set_pool(1, pool(2)).freeze("jd:1").set_pool(2, pool(2, closed=True))
    assert ledger.freeze("jd:2").answer() == "NO_POOL"
    assert ledger.receive(1).served() == [("jd:1", "HZ", 1)]


def test_a_higher_cap_lets_in_who_waits() -> None:
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1").freeze("jd:2").freeze("jd:3")
    assert ledger.set_pool(2, pool(2)).served() == [("jd:2", "", 1)]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (pool(1), "2 pieces of all are sold, and it would have 1"),
        (pool(quotas={"shared": 9}), "2 pieces of all are sold, and it would have 0"),
        (
            pool(9, name="winter"),
            "2 pieces of autumn are frozen and 0 lines wait: keep its name until their goods are there",
        ),
    ],
)
def test_a_document_that_cannot_be_is_refused_with_its_figures_and_changes_nothing(
    wanted: dict[str, object], why: str
) -> None:
    ledger = Ledger().set_pool(1, pool(3)).freeze("jd:1", 2)
    before = ledger.stock
    ledger.set_pool(2, wanted)
    assert (ledger.answer(), ledger.results[0][1]["reason"]) == ("REFUSED", why)
    assert ledger.alerts == ["POOL_REFUSED"]
    assert ledger.stock == before


def test_the_next_sale_counts_from_nothing_and_the_one_before_gives_nothing_back_to_it() -> None:
    ledger = Ledger().set_pool(1, pool(1)).freeze("jd:1").receive(1).set_pool(2, pool(1, name="winter"))
    assert ledger.figures() == (0, 0, 0)
    ledger.freeze("jd:2").resolve("Release", "jd:1")
    assert ledger.served() == [("jd:2", "HZ", 1)]
    assert ledger.figures() == (1, 0, 0)


def test_each_crossing_is_told_once() -> None:
    ledger = Ledger().set_pool(1, pool(5))
    told = [ledger.freeze(f"jd:{number}").alerts for number in range(6)]
    assert told == [[], [], [], ["POOL_NEARLY_SOLD"], ["POOL_SOLD_OUT"], []]
    assert ledger.resolve("Release", "jd:0").alerts == []  # Who waited has it.
    assert ledger.resolve("Release", "jd:1").alerts == ["POOL_REOPENED"]


def test_who_waits_for_the_shelf_is_woken_for_what_the_sale_has_left() -> None:
    ledger = Ledger().set_pool(1, pool(2)).freeze("jd:1", 2)
    ledger.tell("AwaitStock", waiting("taobao:1", 1))
    ledger.receive(2)
    assert [name for name, _ in ledger.results] == ["StockCommandAnswered", "PoolServed"]
    ledger.receive(1)
    assert [name for name, _ in ledger.results] == ["StockCommandAnswered", "StockArrived"]


def test_a_higher_safety_stock_is_kept_from_the_sale_too() -> None:
    ledger = Ledger().set_pool(1, pool(2))
    ledger.tell("SetSafetyStock", count("safety", quantity=2))
    ledger.freeze("jd:1", 2)
    assert ledger.receive(3).served() == [("jd:1", "HZ", 1)]
    ledger.tell("SetSafetyStock", count("none", quantity=0))
    assert ledger.served() == [("jd:1", "HZ", 1)]


def test_a_command_of_a_document_is_carried_out_once() -> None:
    ledger = Ledger().set_pool(1, pool(1)).set_pool(2, pool(2))
    ledger.tell("SetPool", set_pool(1, pool(1)))
    assert ledger.answer() == "ALREADY_APPLIED"
    assert ledger.pool["cap"] == 2
