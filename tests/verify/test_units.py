"""The verifier on an order's units: what left, what carried it, what came back, and what it says when these differ."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.verify.logs import ORDER, Logs, allocated_order, rid, shipped_order

Breaks = Callable[[], Logs]


def sent_again_from_the_shelf() -> Logs:
    """What was sent is reserved again, and sent again."""
    logs = shipped_order()
    logs.planned(attempt=2)
    logs.shipped(shipment_id="S2")
    logs.taken(6, attempt=2)
    return logs


def reserved_again() -> Logs:
    """What was sent is to be sent again: nothing has left yet."""
    logs = shipped_order()
    logs.order(version=2)
    logs.planned(attempt=2, version=2)
    logs.available(8, 2)
    return logs


def sent_although_others_had() -> Logs:
    """Half of it was sent by hand before any warehouse heard of it; all of it is sent."""
    logs = Logs()
    logs.receive()
    logs.order(line={"shipped_quantity": 1})
    logs.now_ms = 3_600_000
    logs.planned()
    logs.shipped()
    logs.taken()
    return logs


def kept_after_an_edit() -> Logs:
    """One of two was edited out, and both stay reserved."""
    logs = allocated_order()
    logs.order(version=2, quantity=1)
    return logs


def asked_for_the_suppliers() -> Logs:
    """A supplier sends it; it was asked for all the same, and the answer came too late."""
    logs = Logs()
    logs.receive()
    logs.order(line={"sent_by": "SUPPLIER"})
    logs.reserve()
    logs.resolve("Release", "RELEASED")
    logs.status("ELSEWHERE")
    logs.available(10, 0)
    return logs


def asked_for_what_is_not_shipped() -> Logs:
    """Nobody ships a voucher."""
    logs = Logs()
    logs.receive()
    logs.order(line={"sent_by": "NOBODY", "sender": "voucher"})
    logs.reserve(quantity=11, granted=False)
    logs.status("ELSEWHERE")
    logs.available(10, 0)
    return logs


def committed_whole() -> Logs:
    """A parcel carried one of two; both were taken off the shelf."""
    logs = allocated_order()
    logs.shipped(1)
    logs.taken()
    return logs


def committed_without_a_parcel() -> Logs:
    """Nothing left, but the shelf says so."""
    logs = allocated_order()
    logs.taken()
    return logs


def left_unseen() -> Logs:
    """A parcel carried other goods than were asked for, and nobody was told."""
    logs = shipped_order()
    logs.shipped(1, "S2", sku="cup", line_no="")
    return logs


def left_after_its_release() -> Logs:
    """What was released left all the same: it would be sold a second time."""
    logs = allocated_order()
    logs.order(version=2, status="CANCELLED")
    logs.resolve("Release", "RELEASED")
    logs.released()
    logs.status("CANCELLED")
    logs.shipped()
    logs.available(10, 0)
    return logs


def sold_by_a_refund() -> Logs:
    """Money was paid back; the buyer has the goods."""
    logs = shipped_order()
    logs.restock()
    logs.available(9, 0)
    return logs


def sold_too_early() -> Logs:
    """They were received; a second before, they were on sale already."""
    logs = shipped_order()
    logs.restock(caused_ms=4_000)
    logs.now_ms = 5_000
    logs.came_back()
    logs.available(9, 0)
    return logs


def sold_defective() -> Logs:
    """What is broken is on sale."""
    logs = shipped_order()
    logs.came_back(grade="DEFECTIVE")
    logs.restock()
    logs.available(9, 0)
    return logs


def sold_twice() -> Logs:
    """One receipt put two shares of one unit on the shelf."""
    logs = shipped_order()
    logs.came_back()
    logs.restock()
    logs.counted("Restock", f"{ORDER}/return/R1/tea/2", quantity=1)
    logs.available(10, 0)
    return logs


def received_and_forgotten() -> Logs:
    """What came back never went back to sale."""
    logs = shipped_order()
    logs.came_back()
    return logs


#: Logs that are wrong in just one way, by its kind.
WRONG: dict[str, list[Breaks]] = {
    "sent_twice": [sent_again_from_the_shelf, reserved_again, sent_although_others_had, kept_after_an_edit],
    "reserved_for_others": [asked_for_the_suppliers, asked_for_what_is_not_shipped],
    "shelf_differs": [committed_whole, committed_without_a_parcel, left_unseen, left_after_its_release],
    "sold_before_received": [sold_by_a_refund, sold_too_early, sold_defective, sold_twice],
    "received_unsold": [received_and_forgotten],
}


# --- what is right ---


def sent_in_two_parcels() -> Logs:
    """A part of it left; the rest is reserved on."""
    logs = allocated_order()
    logs.shipped(1)
    logs.resolve("Commit", "COMMITTED", quantity=1, rest=True)
    logs.available(9, 1)
    return logs


def sent_without_a_list() -> Logs:
    """A warehouse that does not say what is in its parcel sends all it has of the order."""
    logs = allocated_order()
    logs.shipped(None)
    logs.taken()
    return logs


def left_after_its_release_and_taken_off() -> Logs:
    logs = left_after_its_release()
    logs.take_off(2)
    logs.available(8, 0)
    return logs


def left_unseen_and_told() -> Logs:
    logs = left_unseen()
    logs.status("SHIPPED", trouble="parcel_unknown_line")
    return logs


def exchanged() -> Logs:
    """A new line for what came back: the same goods are sent again, and rightly."""
    logs = shipped_order()
    logs.came_back(2)
    logs.restock(2)
    logs.order(version=2, line={"line_no": "2"})
    logs.planned(attempt=2, version=2)
    logs.shipped(2, "S2", line_no="2")
    logs.taken(attempt=2)
    return logs


def more_of_it_later() -> Logs:
    """An edit after the parcel: only what is new is reserved."""
    logs = shipped_order()
    logs.order(version=2, quantity=3)
    logs.planned(1, attempt=2, version=2)
    logs.available(8, 1)
    return logs


def shown_as_sent() -> Logs:
    """Its platform shows it as sent: it stays reserved until the warehouse tells of it, or somebody."""
    logs = allocated_order()
    logs.order(version=2, line={"shipped_quantity": 2})
    return logs


def closed_after_it_was_shown_as_sent() -> Logs:
    """The closed order need not say any more that it was sent."""
    logs = shown_as_sent()
    logs.order(version=3, status="CANCELLED", line={"cancelled_quantity": 2})
    return logs


def received_and_told() -> Logs:
    logs = received_and_forgotten()
    logs.status("SHIPPED", trouble="return_too_many")
    return logs


def read_before_its_parcel() -> Logs:
    """The receipt is the later record, and was read first: it waited for its parcel, whose time the restock has."""
    logs = allocated_order()
    logs.now_ms = 4_000
    logs.shipped()
    logs.taken()
    logs.now_ms = 5_000
    logs.came_back()
    logs.restock(caused_ms=4_000)
    logs.available(9, 0)
    return logs


def restocked_by_a_first_version() -> Logs:
    """It put back what a platform showed as returned. What is past can't be mended, and is not said for ever."""
    logs = shipped_order()
    logs.counted("Restock", f"{ORDER}/return/1/1", quantity=1)
    logs.available(9, 0)
    return logs


RIGHT: list[Breaks] = [
    *(sent_in_two_parcels, sent_without_a_list, left_after_its_release_and_taken_off, left_unseen_and_told, exchanged),
    *(
        more_of_it_later,
        shown_as_sent,
        closed_after_it_was_shown_as_sent,
        received_and_told,
        read_before_its_parcel,
        restocked_by_a_first_version,
    ),
]


@pytest.mark.parametrize("right", RIGHT, ids=lambda case: case.__name__)
@pytest.mark.parametrize("seed", range(5))
def test_what_is_right_is_no_violation(right: Breaks, seed: int) -> None:
    assert right().verify_mixed(seed).violations == []


@pytest.mark.parametrize("wrong", [case for cases in WRONG.values() for case in cases], ids=lambda case: case.__name__)
def test_it_is_not_judged_while_anything_is_under_way(wrong: Breaks) -> None:
    logs = wrong()
    assert not logs.kinds(at_rest=False).keys() & WRONG.keys()


def test_a_parcel_that_nobody_has_read_yet_is_under_way() -> None:
    logs = allocated_order()
    logs.shipped()
    logs.decided = {("shipments", 0): 0}
    logs.verify(at_rest=False)
    assert not logs.is_quiet
    logs.decided = {("shipments", 0): 1}
    logs.verify(at_rest=False)
    assert logs.is_quiet


def test_a_parcel_in_quarantine_carries_nothing() -> None:
    logs = shipped_order()
    logs.entries = {"penstock.quarantine": [], **logs.entries}
    logs.quarantine({"topic": "shipments", "partition": 0, "offset": 1})
    logs.shipped(1, "S2", sku="cup")
    assert logs.kinds() == {}


def test_a_rest_is_held_to_the_order_like_its_reservation() -> None:
    logs = sent_in_two_parcels()
    logs.order(version=2, quantity=1)
    found = logs.verify().violations
    assert [(each.kind, each.key) for each in found] == [("sent_twice", ORDER)]
    assert "1 x tea left and 1 are reserved, where 1 are to be sent in all" in found[0].text
    assert rid() in logs.entries["inventory.commands"][-1].record["reservation_id"]


@pytest.mark.parametrize("right", RIGHT, ids=lambda case: case.__name__)
def test_any_cut_of_a_log_that_is_right_makes_no_violation(right: Breaks) -> None:
    whole = right()
    for topic in whole.entries.keys() - {"inventory.availability"}:
        for begin in range(1, len(whole.entries[topic]) + 1):
            logs = right()
            logs.begins = {topic: begin}
            assert logs.verify().violations == [], f"{topic} begins at {begin}"
