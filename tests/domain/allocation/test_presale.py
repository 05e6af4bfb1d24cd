"""Orders of goods that are not there yet: frozen at once, sent when they may, never before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.allocation.presale import Sale
from tests.domain.make import AT_MS, line, shipped
from tests.domain.pools import DAY_MS, Ledger, pool

DEPOSIT = {"status": "HOLD", "hold_reason": "deposit_only"}


def sale(cap: int = 2, **more: Any) -> Sale:
    return Sale(MUG=Ledger().set_pool(1, pool(cap, **more)))


def test_an_order_that_is_paid_is_frozen_for_good_and_waits_for_its_goods() -> None:
    made = sale().order("jd:1")
    assert made.phase("jd:1") == "BACKORDERED"
    assert made.last_said("jd:1") == "goods_to_come: 1 x MUG frozen"
    name, decided = made.decided[-1]
    assert (name, decided["reason"], decided["missing"]) == (
        "OrderBackordered",
        "goods_to_come",
        [{"sku": "MUG", "shortfall": 1}],
    )
    assert decided["trace"]["rounds"][0]["pools"][0]["answer"] == "FROZEN"
    assert made.mug.figures() == (1, 1, 0)
    assert made.mug.reservations["jd:1/1.1/1/pool"]["expires_at_ms"] is None


def test_its_goods_come_and_it_is_allocated_where_they_are() -> None:
    made = sale().order("jd:1", line(quantity=2)).receive(2, "GZ")
    assert made.phase("jd:1") == "ALLOCATED"
    name, decided = made.decided[-1]
    assert (name, decided["attempt"]) == ("OrderAllocated", 2)
    assert [(part["warehouse"], part["quantity"]) for part in decided["parts"]] == [("GZ", 2)]
    made.tell("Shipped", {**shipped("GZ", "s1", lines=[line(quantity=2)]), "order_id": "jd:1"})
    assert made.phase("jd:1") == "SHIPPED"
    assert made.mug.figures() == (2, 0, 0)


def test_goods_that_come_in_two_halves_leave_as_two_parts() -> None:
    made = sale().order("jd:1", line(quantity=2)).receive(1, "GZ")
    assert made.phase("jd:1") == "BACKORDERED"
    assert made.last_said("jd:1") == "goods_to_come: 1 x MUG frozen"
    made.receive(1, "HZ")
    assert made.parts("jd:1") == [("GZ", 1, "GRANTED"), ("HZ", 1, "GRANTED")]
    assert made.phase("jd:1") == "ALLOCATED"


def test_the_next_after_the_cap_waits_and_is_told_the_figures() -> None:
    made = sale(1).order("jd:1").order("pdd:2")
    assert made.phase("pdd:2") == "BACKORDERED"
    assert made.last_said("pdd:2") == "POOL_EXHAUSTED: autumn has sold 1 of 1 x MUG; 0 before it"
    assert made.decided[-1][1]["reason"] == "pool_exhausted"
    made.order("jd:1", status="CANCELLED")
    assert made.mug.figures() == (1, 1, 0)
    assert made.last_said("pdd:2") == "goods_to_come: 1 x MUG frozen"
    assert made.decided[-1][1]["reason"] == "goods_to_come"


def test_who_waits_and_cancels_gives_up_its_turn() -> None:
    made = sale(1).order("jd:1").order("pdd:2").order("pdd:2", status="CANCELLED").order("jd:3")
    assert made.mug.figures() == (1, 1, 1)
    made.order("jd:1", status="CANCELLED")
    assert made.phase("pdd:2") == "CANCELLED"
    assert made.mug.figures() == (1, 1, 0)


def test_a_deposit_freezes_softly_and_the_balance_for_good() -> None:
    made = sale(1).order("taobao:1", **DEPOSIT)
    assert (made.phase("taobao:1"), made.last_said("taobao:1")) == ("HELD", "deposit_only")
    assert made.mug.reservations["taobao:1/1.1/1/pool"]["expires_at_ms"] == AT_MS + DAY_MS
    made.order("taobao:1")
    assert made.mug.reservations["taobao:1/1.1/1/pool"]["expires_at_ms"] is None
    assert (made.phase("taobao:1"), made.last_said("taobao:1")) == ("BACKORDERED", "goods_to_come: 1 x MUG frozen")
    made.at_ms += 5 * DAY_MS
    made.expire().receive(1)
    assert made.phase("taobao:1") == "ALLOCATED"


def test_a_deposit_whose_goods_are_there_is_not_sent_before_its_balance() -> None:
    made = sale(1).order("taobao:1", **DEPOSIT).receive(1)
    assert made.phase("taobao:1") == "HELD"
    assert made.parts("taobao:1") == [("HZ", 1, "GRANTED")]
    assert not any(name == "OrderAllocated" for name, _ in made.decided)
    made.order("taobao:1")
    assert made.phase("taobao:1") == "ALLOCATED"
    made.at_ms += 5 * DAY_MS
    assert made.expire().mug.figures() == (1, 0, 0)


@pytest.mark.parametrize("there", [False, True])
def test_a_balance_that_is_not_paid_in_time_gives_its_piece_to_who_waits(there: bool) -> None:
    made = sale(1).order("taobao:1", **DEPOSIT).order("jd:2")
    if there:
        made.receive(1)
    made.at_ms += DAY_MS
    made.expire()
    assert "frozen no more" in made.last_said("taobao:1")
    assert made.phase("jd:2") == ("ALLOCATED" if there else "BACKORDERED")
    assert made.mug.figures() == (1, 0 if there else 1, 0)
    # Another look at it freezes nothing anew; its balance does, at the end of the queue.
    made.order("taobao:1", **DEPOSIT)
    assert made.mug.figures()[2] == 0
    made.order("taobao:1")
    assert made.last_said("taobao:1").startswith("POOL_EXHAUSTED")
    assert made.mug.figures()[2] == 1


def test_a_held_order_that_waits_for_its_pool_says_so_too() -> None:
    made = sale(1).order("jd:1").order("taobao:2", **DEPOSIT)
    assert made.last_said("taobao:2") == "deposit_only,pool_exhausted"
    made.order("jd:1", status="CANCELLED")
    assert made.last_said("taobao:2") == "deposit_only"
    assert made.mug.figures() == (1, 1, 0)


def test_an_order_that_waits_for_a_date_is_frozen_for_good_and_allocated_at_its_date() -> None:
    made = sale().order("douyin:1", status="HOLD", hold_reason="not_before", not_before_ms=AT_MS + 3 * DAY_MS)
    assert (made.phase("douyin:1"), made.mug.figures()) == ("HELD", (1, 1, 0))
    made.receive(1)
    assert made.parts("douyin:1") == [("HZ", 1, "GRANTED")]
    assert made.phase("douyin:1") == "HELD"
    made.at_ms += 3 * DAY_MS
    clock = {"decision_id": "c", "action": "RELEASE_HOLD", "by": "clock", "reason": "not_before", "decided_at_ms": 0}
    made.tell("OperatorDecision", {**clock, "order_id": "douyin:1"})
    assert made.phase("douyin:1") == "ALLOCATED"


def test_a_hold_of_another_kind_keeps_the_turn() -> None:
    made = sale().order("jd:1").order("jd:1", status="HOLD", hold_reason="risk_review")
    assert (made.phase("jd:1"), made.mug.figures()) == ("HELD", (1, 1, 0))
    made.order("jd:1")
    assert made.phase("jd:1") == "BACKORDERED"
    assert made.receive(1).phase("jd:1") == "ALLOCATED"


def test_an_order_that_is_not_paid_freezes_nothing() -> None:
    assert sale().order("jd:1", status="UNPAID").mug.figures() == (0, 0, 0)


@pytest.mark.parametrize("facts", [{"status": "CANCELLED"}, {"status": "UNPAID"}])
@pytest.mark.parametrize("there", [False, True])
def test_an_order_that_is_over_gives_its_pieces_back(facts: dict[str, Any], there: bool) -> None:
    made = sale().order("jd:1", line(quantity=2))
    if there:
        made.receive(2)
    made.order("jd:1", line(quantity=2), **facts)
    assert made.mug.figures() == (0, 0, 0)
    assert not any(state in ("ASKED", "GRANTED") for _, _, state in made.parts("jd:1"))


def test_other_goods_of_the_order_are_planned_when_those_of_the_sale_are_there() -> None:
    made = Sale(MUG=Ledger().set_pool(1, pool(1)), POT=Ledger())
    made.receive(3, "GZ", "POT").order("jd:1", line(), line("POT", 2, "2"))
    assert made.phase("jd:1") == "BACKORDERED"
    assert made.ledgers["POT"].stock["levels"][0]["reserved"] == 0
    made.receive(1)
    assert made.phase("jd:1") == "ALLOCATED"
    assert made.parts("jd:1") == [("HZ", 1, "GRANTED"), ("GZ", 2, "GRANTED")]


def test_it_keeps_its_piece_while_its_other_goods_are_out_of_stock() -> None:
    made = Sale(MUG=Ledger().set_pool(1, pool(1)), POT=Ledger())
    made.order("jd:1", line(), line("POT", 2, "2")).receive(1)
    assert (made.phase("jd:1"), made.last_said("jd:1")) == ("BACKORDERED", "out_of_stock")
    assert made.parts("jd:1") == [("HZ", 1, "GRANTED")]
    made.receive(2, "GZ", "POT")
    assert made.phase("jd:1") == "ALLOCATED"


def test_more_pieces_of_a_line_are_frozen_beside_those_that_are() -> None:
    made = sale(3).order("jd:1").order("jd:2").order("jd:1", line(quantity=2))
    assert made.mug.figures() == (3, 3, 0)
    made.receive(2)
    assert (made.phase("jd:1"), made.phase("jd:2")) == ("BACKORDERED", "ALLOCATED")
    assert made.receive(1).phase("jd:1") == "ALLOCATED"


def test_fewer_pieces_of_a_line_are_frozen_anew() -> None:
    made = sale(3).order("jd:1", line(quantity=3)).order("jd:1", line(quantity=1))
    assert made.mug.figures() == (1, 1, 0)
    assert made.receive(1).phase("jd:1") == "ALLOCATED"
    made.order("jd:1", line(quantity=2)).receive(5)
    assert made.phase("jd:1") == "ALLOCATED"
    made.order("jd:1", line(quantity=1))
    assert (made.phase("jd:1"), made.mug.figures()) == ("ALLOCATED", (1, 0, 0))


def test_an_order_placed_outside_the_sale_is_planned_as_any_other() -> None:
    made = sale().order("jd:1", placed_at_ms=AT_MS - 2 * DAY_MS)
    assert (made.phase("jd:1"), made.last_said("jd:1")) == ("BACKORDERED", "out_of_stock")
    assert made.mug.figures() == (0, 0, 0)
    assert made.receive(1).phase("jd:1") == "ALLOCATED"


def test_a_sale_that_the_view_still_shows_and_that_is_over_is_no_reason_to_wait() -> None:
    made = sale()
    seen = made.mug.pool
    made.mug.set_pool(2, pool(2, closed=True))
    real = made._view
    made._view = lambda: real()._replace(pool=lambda sku: seen if sku == "MUG" else None)  # type: ignore[method-assign]
    made.order("jd:1")
    assert (made.phase("jd:1"), made.last_said("jd:1")) == ("BACKORDERED", "out_of_stock")
    assert made.receive(1).phase("jd:1") == "ALLOCATED"


def test_goods_that_meet_who_waits_beyond_the_cap_allocate_it() -> None:
    made = sale(1).order("jd:1").order("jd:2", line(quantity=1)).receive(2)
    assert (made.phase("jd:1"), made.phase("jd:2")) == ("ALLOCATED", "ALLOCATED")


def test_what_is_told_once_more_takes_nothing_back() -> None:
    """Two halves of an order, the first told of again when the second has come: its rest has a warehouse of its own."""
    made = sale(cap=4).order("jd:1", line(quantity=2)).receive(1, "GZ")
    (served,) = [record for name, record in made.told if name == "PoolServed"]
    made.receive(1, "HZ")
    stands = made.states["jd:1"]
    for again in (served, {**served, "warehouse": "", "rest_id": "", "rest_quantity": 0}):
        made.tell("PoolServed", again)
        assert made.states["jd:1"]["parts"] == stands["parts"]
    assert made.parts("jd:1") == [("GZ", 1, "GRANTED"), ("HZ", 1, "GRANTED")]


def test_pieces_that_come_after_it_was_given_back_are_given_back_too() -> None:
    made = sale(3).order("jd:1", line(quantity=3))
    served = made.mug.receive(1).results  # Not delivered yet.
    made.order("jd:1", line(quantity=3), status="CANCELLED")
    for name, record in served:
        if record["order_id"]:
            made.tell(name, record)
    assert made.mug.figures() == (0, 0, 0)
    assert not list(made.mug.turns().frozen())


def test_the_receiver_moves_and_its_goods_stay_where_they_came() -> None:
    made = sale(1).order("jd:1").receive(1).order("jd:1", province="广东省", address="天河路 2 号")
    assert (made.phase("jd:1"), made.parts("jd:1")) == ("ALLOCATED", [("HZ", 1, "GRANTED")])
