"""After-sales: an open one holds what has not left, one that pays all of it back cancels it, and none moves what has left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.allocation.saga import Saga, allocated
from tests.domain.make import line, operator, parcel_line

ONE = [parcel_line("MUG", 1)]


def test_an_open_one_holds_what_has_not_left_until_it_is_closed() -> None:
    saga = allocated(line("MUG", 2)).aftersale()
    assert (saga.units(), saga.statuses) == ([("Release", "HZ", None)], [("HELD", "refund_open")])
    # What the platform's order says meanwhile lifts nothing.
    assert saga.order(line("MUG", 2), version=2).silent()

    assert saga.aftersale(2, state="CLOSED").statuses == [("RESERVING", "after-sale a1: closed")]


@pytest.mark.parametrize("before_shipping", [None, True])
def test_one_that_is_done_and_whole_before_sending_cancels_its_pieces(before_shipping: bool | None) -> None:
    saga = allocated(line("MUG", 2)).aftersale(lines=ONE)
    saga.aftersale(2, lines=ONE, state="DONE", whole=True, before_shipping=before_shipping)
    assert saga.units() == [("Reserve", "HZ", 1)]
    # The order shows it too by now: it is the same piece.
    saga.grant().order(line("MUG", 2, cancelled_quantity=1), version=2)
    assert saga.silent()


def test_one_about_all_of_the_order_cancels_it() -> None:
    saga = allocated(line("MUG", 2), line("POT", 1, "2")).aftersale(state="DONE", whole=True)
    assert saga.units() == [("Release", "HZ", None), ("Release", "HZ", None)]
    assert saga.statuses == [("CANCELLED", "nothing left to send")]
    # It is no operator's decision: a piece that is wanted all the same opens it.
    assert saga.aftersale(2, state="CLOSED").statuses == [("RESERVING", "opened again: after-sale a1: closed")]


def test_one_that_pays_a_part_back_moves_nothing() -> None:
    saga = allocated(line("MUG", 2)).aftersale().aftersale(2, state="DONE", whole=False)
    assert saga.units() == [("Reserve", "HZ", 2)]


def test_one_whose_amount_is_not_known_holds() -> None:
    saga = allocated(line("MUG", 2)).aftersale(state="DONE", whole=None)
    assert saga.statuses == [("HELD", "refund_amount_unknown")]
    # Until it is known, or the order itself shows what it took away.
    assert saga.order(line("MUG", 2, cancelled_quantity=1), version=2).units() == [("Reserve", "HZ", 1)]


def test_one_that_may_be_about_what_has_left_or_what_has_not_holds_what_has_not() -> None:
    saga = allocated(line("MUG", 2)).parcel(*ONE).aftersale(lines=ONE, state="DONE", whole=True)
    assert saga.statuses == [("HELD", "refund_unclear")]
    saga.tell("OperatorDecision", operator("RELEASE_HOLD"))
    assert saga.units() == [("Reserve", "HZ", 1)]


@pytest.mark.parametrize("kind", ["PRICE_PROTECTION", "RESEND", "REPAIR"])
@pytest.mark.parametrize("state", ["OPEN", "DONE"])
def test_what_takes_no_goods_away_is_recorded_only(kind: str, state: str) -> None:
    saga = allocated(line("MUG", 2)).aftersale(kind=kind, state=state, whole=True)
    assert saga.silent()
    assert [(known["kind"], known["state"]) for known in saga.state["aftersales"]] == [(kind, state)]


@pytest.mark.parametrize(
    ("facts", "troubles"),
    [
        ({"state": "OPEN"}, []),
        ({"state": "DONE", "whole": True}, []),
        ({"state": "DONE", "whole": None, "kind": "RETURN"}, []),
        ({"state": "DONE", "whole": True, "before_shipping": True}, ["refunded_and_sent"]),
    ],
)
def test_one_about_what_has_left_moves_no_stock(facts: dict[str, Any], troubles: list[str]) -> None:
    saga = allocated(line("MUG", 2)).parcel().aftersale(**facts)
    assert (saga.sent(), saga.state["phase"], saga.troubles) == ([], "SHIPPED", troubles)


def test_one_about_what_the_platform_shows_as_sent_gives_nothing_back() -> None:
    saga = allocated(line("MUG", 2)).order(line("MUG", 2, shipped_quantity=2), version=2, status="SHIPPED")
    assert saga.aftersale(state="DONE", whole=True).sent() == []
    assert saga.state["phase"] == "ALLOCATED"


def test_one_after_sending_does_not_hold_another_line() -> None:
    saga = allocated(line("MUG", 1), line("POT", 1, "2")).parcel(parcel_line("MUG", 1))
    assert saga.aftersale(lines=ONE).silent()


def test_one_that_is_read_before_its_order_counts_when_it_comes() -> None:
    saga = Saga().aftersale(lines=ONE, state="DONE", whole=True)
    assert saga.silent()
    assert saga.order(line("MUG", 2)).units() == [("Reserve", "HZ", 1)]


@pytest.mark.parametrize("reason", ["refund_open", "refund_amount_unknown"])
def test_the_platforms_hold_for_a_refund_ends_with_what_is_known_of_it(reason: str) -> None:
    held: dict[str, Any] = {"status": "HOLD", "hold_reason": reason}
    saga = Saga().order(line("MUG", 2, asked_back_quantity=1), **held)
    assert saga.statuses == [("HELD", reason)]
    saga.aftersale(lines=[parcel_line("POT", 1, "7")], state="DONE", whole=False)
    assert saga.state["phase"] == "HELD"  # It is about another line.
    saga.aftersale(lines=ONE, aftersale_id="a2", state="DONE", whole=False)
    assert saga.units() == [("Reserve", "HZ", 2)]


def test_an_older_version_changes_nothing_and_an_operators_release_stands() -> None:
    saga = allocated(line("MUG", 2)).aftersale(2).tell("OperatorDecision", operator("RELEASE_HOLD"))
    assert saga.units() == [("Reserve", "HZ", 2)]
    assert saga.aftersale(2).silent() and saga.aftersale(1, state="DONE", whole=True).silent()
    assert saga.order(line("MUG", 2), version=2).silent()
    assert saga.aftersale(3).silent()
