"""Each kind of violation is found in a hand-made log, and nothing is found in a log that is right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from streams.verify import KINDS
from streams.verify.places import partition_of
from tests.verify.logs import EVENTS, ORDER, SKU, WAREHOUSE, Logs, allocated_order, rid
from tests.verify.test_merging import WRONG as OF_MERGES
from tests.verify.test_parcels import WRONG
from tests.verify.test_pools import OF_POOLS
from tests.verify.test_receivers import WRONG as WRONG_RECEIVERS
from tests.verify.test_units import WRONG as WRONG_UNITS

CASES: dict[str, list[Callable[[], Logs]]] = {kind: [] for kind in KINDS}
CASES["receiver_lost"] += WRONG_RECEIVERS
for parcels, wrong in WRONG.items():
    CASES[parcels].append(wrong)
for units, cases in WRONG_UNITS.items():
    CASES[units] += cases


def shows(kind: str) -> Callable[[Callable[[Logs], None]], Callable[[Logs], None]]:
    """The function breaks the log of one allocated order in just this way."""

    def note(breaks: Callable[[Logs], None]) -> Callable[[Logs], None]:
        def case() -> Logs:
            logs = allocated_order()
            breaks(logs)
            return logs

        case.__name__ = breaks.__name__
        CASES[kind].append(case)
        return breaks

    return note


# --- channel events and their outcomes ---


@shows("event_without_outcome")
def an_event_is_dropped(logs: Logs) -> None:
    logs.event()


@shows("event_with_two_outcomes")
def an_event_is_accepted_and_reviewed(logs: Logs) -> None:
    logs.review({"topic": EVENTS, "partition": 0, "offset": 0})


@shows("event_with_two_outcomes")
def an_event_is_accepted_twice(logs: Logs) -> None:
    logs.order(version=2, source={"topic": EVENTS, "partition": 0, "offset": 0})


@shows("outcome_without_event")
def an_outcome_names_an_event_that_is_not_there(logs: Logs) -> None:
    logs.review({"topic": EVENTS, "partition": 0, "offset": 7})


@shows("outcome_without_event")
def an_outcome_names_a_topic_that_no_channel_has(logs: Logs) -> None:
    logs.review({"topic": "elsewhere", "partition": 0, "offset": 0})


@shows("misplaced")
def an_order_is_decided_where_its_key_does_not_belong(logs: Logs) -> None:
    logs.partitions = {"orders": 3}


@shows("duplicate_of_nothing")
def an_event_meets_its_own_mark(logs: Logs) -> None:
    source = logs.event()
    logs.duplicate(source, source)


@shows("duplicate_of_nothing")
def an_event_repeats_one_that_was_itself_a_duplicate(logs: Logs) -> None:
    first, second = logs.event(), logs.event()
    logs.duplicate(first, {"topic": EVENTS, "partition": 0, "offset": 0})
    logs.duplicate(second, first)


@shows("review_without_reason")
def a_review_has_no_reason(logs: Logs) -> None:
    logs.review(logs.event(), reasons=0)


@shows("review_without_bytes")
def a_review_has_no_bytes(logs: Logs) -> None:
    logs.review(logs.event(), event=b"")


@shows("review_without_bytes")
def a_review_has_other_bytes(logs: Logs) -> None:
    logs.review(logs.event(b"raw"), event=b"cut")


@shows("quarantine_without_reason")
def a_quarantined_record_has_no_error(logs: Logs) -> None:
    logs.quarantine(logs.event(), error="")


@shows("quarantine_without_reason")
def a_quarantined_record_does_not_say_where_it_stood(logs: Logs) -> None:
    logs.quarantine({})


@shows("quarantine_without_bytes")
def a_quarantined_record_has_other_bytes(logs: Logs) -> None:
    logs.quarantine(logs.event(b"raw"), value=b"cut")


@shows("own_record_in_quarantine")
def a_stage_cannot_read_another(logs: Logs) -> None:
    logs.quarantine({"topic": "orders", "partition": 0, "offset": 0})


@shows("unreadable")
def a_record_stands_in_the_wrong_topic(logs: Logs) -> None:
    entry = logs.entries["order.status"][-1]
    logs.entries["orders"].append(entry._replace(topic="orders", offset=logs.next("orders")))


# --- orders and decisions ---


@shows("order_accepted_twice")
def the_same_version_is_accepted_again(logs: Logs) -> None:
    logs.order(version=1)


@shows("order_undecided")
def an_accepted_order_is_forgotten(logs: Logs) -> None:
    logs.order(order_id="taobao:2")


@shows("order_decided_twice")
def an_attempt_is_backordered_twice(logs: Logs) -> None:
    logs.released()
    logs.resolve("Release", "RELEASED")
    logs.available(10, 0)
    logs.backordered(attempt=2)
    logs.backordered(attempt=2)
    logs.status("BACKORDERED")


@shows("compared_wrongly")
def an_attempt_is_compared_twice(logs: Logs) -> None:
    logs.compared()
    logs.compared()


@shows("compared_wrongly")
def another_version_had_the_effect_than_the_comparison_says(logs: Logs) -> None:
    logs.compared(role="SHARE", effect="TRIED")


@shows("compared_wrongly")
def another_version_stood_than_the_comparison_says(logs: Logs) -> None:
    logs.compared(version=3)


@shows("task_wrong")
def an_order_is_sent_while_its_flow_asks(logs: Logs) -> None:
    logs.flow()
    logs.task()


@shows("task_wrong")
def one_of_two_persons_is_enough(logs: Logs) -> None:
    logs.flow()
    logs.task()
    logs.task("APPROVED", "li", answered_by="li")


@shows("task_wrong")
def who_asked_approves(logs: Logs) -> None:
    logs.flow()
    logs.task(not_by="li")
    logs.task("APPROVED", "li", "wang", not_by="li", answered_by="wang")


@shows("task_wrong")
def a_task_is_answered_twice(logs: Logs) -> None:
    logs.flow()
    logs.task()
    logs.task("APPROVED", "li", "wang", answered_by="wang")
    logs.task("REFUSED", answered_by="zhao")


@shows("task_wrong")
def another_role_is_asked_than_the_document_says(logs: Logs) -> None:
    logs.flow()
    logs.task()
    logs.task("REFUSED", role="boss")


@shows("task_wrong")
def a_task_is_of_a_version_that_nobody_published(logs: Logs) -> None:
    logs.flow()
    logs.task()
    logs.task("REFUSED", version=2)


@shows("task_wrong")
def a_task_ends_that_was_never_open(logs: Logs) -> None:
    logs.flow()
    logs.task("LATE")


def test_tasks_as_their_documents_say_are_no_violation() -> None:
    logs = allocated_order()
    logs.flow()
    logs.task()
    logs.task("OPEN", "li")
    logs.task("APPROVED", "li", "wang", answered_by="wang")
    logs.task(node="look")
    logs.task("RELEASED", node="look", answered_by="li")
    assert logs.kinds() == {}


def test_what_is_compared_with_a_decision_belongs_to_it() -> None:
    logs = allocated_order()
    logs.compared()
    logs.compared(role="SHARE", effect="NEITHER", version=3)
    assert logs.kinds() == {}
    # Of an attempt that came to no decision.
    logs.compared(attempt=2, version=3)
    assert logs.kinds() == {}


@shows("allocated_while_allocated")
def an_order_is_allocated_again_without_a_release(logs: Logs) -> None:
    logs.reserve(attempt=2)
    logs.allocated(attempt=2)
    logs.resolve("Release", "RELEASED", attempt=1)


@shows("allocation_incomplete")
def an_allocation_is_one_unit_short(logs: Logs) -> None:
    logs.released()
    logs.resolve("Release", "RELEASED")
    logs.reserve(quantity=1, attempt=2)
    logs.allocated(quantity=1, attempt=2)
    logs.available(10, 1)


@shows("allocation_not_reserved")
def an_allocation_stands_on_what_was_released(logs: Logs) -> None:
    logs.resolve("Release", "RELEASED")
    logs.available(10, 0)


@shows("status_contradicts")
def a_cancelled_order_keeps_its_allocation(logs: Logs) -> None:
    logs.order(version=2, status="CANCELLED")
    logs.status("CANCELLED")
    logs.resolve("Release", "RELEASED")
    logs.available(10, 0)


@shows("status_contradicts")
def a_cancelled_order_is_still_shipped_out(logs: Logs) -> None:
    logs.order(version=2, status="CANCELLED")


@shows("status_contradicts")
def a_decision_has_no_order(logs: Logs) -> None:
    logs.reserve(order_id="taobao:9")
    logs.allocated(order_id="taobao:9")
    logs.status("ALLOCATED", order_id="taobao:9")
    logs.available(10, 4)


@shows("still_reserving")
def an_order_waits_for_ever(logs: Logs) -> None:
    logs.order(order_id="taobao:2")
    logs.status("RESERVING", order_id="taobao:2")


# --- stock ---


@shows("command_unanswered")
def a_command_is_lost(logs: Logs) -> None:
    logs.receive(answer=None, command_id="r2")


@shows("answer_without_command")
def a_command_is_answered_twice(logs: Logs) -> None:
    entry = logs.entries["inventory.results"][0]
    logs.entries["inventory.results"].append(entry._replace(offset=logs.next("inventory.results")))


@shows("answer_wrong")
def more_is_granted_than_asked_for(logs: Logs) -> None:
    logs.released()
    logs.resolve("Release", "RELEASED")
    logs.reserve(quantity=2, told=3, attempt=2)
    logs.allocated(attempt=2)


@shows("answer_wrong")
def a_reservation_is_refused_although_there_is_enough(logs: Logs) -> None:
    logs.reserve(quantity=1, granted=False, order_id="taobao:2")


@shows("answer_wrong")
def a_release_of_what_is_reserved_is_called_a_repetition(logs: Logs) -> None:
    logs.resolve("Release", "ALREADY_RELEASED")


@shows("answer_wrong")
def a_command_that_was_never_applied_is_called_applied_before(logs: Logs) -> None:
    logs.receive(answer="ALREADY_APPLIED", command_id="r2")


@shows("resolved_twice")
def a_reservation_is_released_and_committed(logs: Logs) -> None:
    logs.status("SHIPPED")
    logs.shipped()
    logs.resolve("Commit", "COMMITTED")
    logs.resolve("Release", "RELEASED")
    logs.available(8, 0)


@shows("applied_twice")
def goods_are_received_twice_by_one_command(logs: Logs) -> None:
    logs.receive()
    logs.available(20, 2)


@shows("oversold")
def goods_are_counted_away_from_under_a_reservation(logs: Logs) -> None:
    logs.receive(quantity=-9, command_id="r2")
    logs.available(1, 2)


@shows("reservation_leaked")
def a_backordered_order_keeps_what_it_was_granted(logs: Logs) -> None:
    logs.order(order_id="taobao:2", status="CANCELLED")
    logs.reserve(order_id="taobao:2")
    logs.status("CANCELLED", order_id="taobao:2")
    logs.available(10, 4)


def expired(logs: Logs, expires_at_ms: int | None, logged_ms: int) -> None:
    """What another order had been granted has expired."""
    logs.order(order_id="taobao:2", status="CANCELLED")
    logs.reserve(order_id="taobao:2", expires_at_ms=expires_at_ms)
    logs.now_ms = logged_ms
    logs.resolve("Expire", "EXPIRED", order_id="taobao:2")
    logs.status("CANCELLED", order_id="taobao:2")


@shows("expired_early")
def a_reservation_expires_before_its_time(logs: Logs) -> None:
    expired(logs, expires_at_ms=500, logged_ms=499)


@shows("expired_early")
def a_reservation_without_a_time_expires(logs: Logs) -> None:
    expired(logs, expires_at_ms=None, logged_ms=500)


@shows("availability_differs")
def another_balance_is_published(logs: Logs) -> None:
    logs.available(10, 3)


@shows("availability_differs")
def a_balance_is_never_published(logs: Logs) -> None:
    del logs.entries["inventory.availability"]


@shows("availability_differs")
def what_was_transferred_arrives_nowhere(logs: Logs) -> None:
    logs.transfer(3, "there", (WAREHOUSE, 7, 2), ("there", 0, 0))


@shows("oversold")
def what_is_reserved_is_transferred(logs: Logs) -> None:
    logs.transfer(9, "there", (WAREHOUSE, 1, 2), ("there", 9, 0))


def test_what_was_transferred_is_found_at_the_other_warehouse() -> None:
    logs = allocated_order()
    logs.transfer(3, "there", (WAREHOUSE, 7, 2), ("there", 3, 0))
    assert logs.verify().violation_counts == {}


@pytest.mark.parametrize(
    ("kind", "case"), [pytest.param(kind, case, id=case.__name__) for kind, cases in CASES.items() for case in cases]
)
def test_finds(kind: str, case: Callable[[], Logs]) -> None:
    report = case().verify()
    assert report.violation_counts == {kind: 1}
    (violation,) = report.violations
    assert violation.topic and violation.offset >= 0 and violation.text


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_shown(kind: str) -> None:
    assert CASES[kind] or kind in OF_POOLS or kind in OF_MERGES


def test_overselling_is_found_at_the_command_that_does_it() -> None:
    logs = allocated_order()
    logs.reserve(quantity=9, order_id="taobao:2")  # 8 are left
    logs.receive(quantity=5, command_id="r2")  # mended later: the prefix was broken all the same
    violations = {violation.kind: violation for violation in logs.verify(at_rest=False).violations}
    assert violations["oversold"].offset == violations["answer_wrong"].offset == 2
    assert violations["oversold"].key == SKU


# --- logs that are right ---


def life() -> Logs:
    """An order reviewed, corrected, allocated, changed, backordered, allocated again, shipped; another cancelled."""
    logs = Logs()
    logs.receive()
    first = logs.event(b"broken")
    logs.review(first, event=b"broken")
    logs.duplicate(logs.event(b"broken"), first)
    logs.order(version=1)
    logs.reserve(attempt=1)
    logs.allocated(attempt=1)
    logs.order(version=2, quantity=12)
    logs.resolve("Release", "RELEASED", attempt=1)
    logs.released(attempt=1)
    logs.backordered(attempt=2)
    logs.receive(quantity=5, command_id="r2")
    logs.reserve(quantity=12, attempt=3)
    logs.allocated(quantity=12, attempt=3, version=2)
    logs.shipped(5)
    logs.resolve("Commit", "COMMITTED", quantity=5, attempt=3, rest=True)
    logs.resolve("Commit", "ALREADY_COMMITTED", quantity=5, attempt=3)
    logs.shipped(7, "S2")
    logs.shipped(7, "S2")
    rest = {**logs.about(3, ORDER, "commit"), "reservation_id": f"{rid(3)}/rest", "command_id": f"{rid(3)}/rest/commit"}
    logs.add("inventory.commands", SKU, "Commit", **rest, quantity=None, rest_id="", requested_at_ms=1)
    logs.add("inventory.results", ORDER, "ReservationResolved", **rest, quantity=7, answer="COMMITTED", at_ms=1)
    logs.status("SHIPPED")
    logs.order(version=1, status="CANCELLED", order_id="taobao:2")
    logs.status("CANCELLED", order_id="taobao:2")
    logs.reserve(quantity=4, granted=False, order_id="taobao:3")
    logs.order(version=1, order_id="taobao:3", quantity=4)
    logs.status("BACKORDERED", order_id="taobao:3")
    logs.backordered(order_id="taobao:3")
    logs.quarantine(logs.event(b"garbage"), value=b"garbage")
    logs.came_back(2)
    logs.restock(2)
    logs.available(5, 0)
    return logs


def test_a_log_that_is_right_passes() -> None:
    report = life().verify()
    assert report.violations == []
    assert report.channels == {"taobao": {"events": 7, "accepted": 4, "review": 1, "duplicate": 1, "quarantine": 1}}
    assert report.phases == {"SHIPPED": 1, "CANCELLED": 1, "BACKORDERED": 1}
    assert report.decisions == {"OrderAllocated": 2, "AllocationReleased": 1, "OrderBackordered": 2}
    assert report.stock["RELEASED"] == report.stock["REJECTED"] == 1 and report.stock["COMMITTED"] == 2


@pytest.mark.parametrize("seed", range(20))
def test_topics_may_be_read_in_any_interleaving(seed: int) -> None:
    assert life().verify_mixed(seed).violations == [], f"seed {seed}"


def test_a_command_sent_again_counts_once_and_is_answered_again() -> None:
    logs = allocated_order()
    logs.reserve()
    logs.receive(answer="ALREADY_APPLIED")
    assert logs.verify().violations == []


def test_an_expiry_proposed_too_early_changes_nothing() -> None:
    logs = allocated_order()
    about = logs.about(1, ORDER, "expire")
    logs.add("inventory.commands", SKU, "Expire", **about, requested_at_ms=1)
    logs.add("inventory.results", ORDER, "Reserved", **about, quantity=2, at_ms=1)
    assert logs.verify().violations == []


def test_a_reservation_may_expire_from_its_time_in_the_log_on() -> None:
    logs = allocated_order()
    expired(logs, expires_at_ms=500, logged_ms=500)
    assert logs.verify().violations == []


def test_a_quarantined_command_needs_no_answer_and_holds_up_none() -> None:
    logs = allocated_order()
    logs.receive(answer=None, command_id="r2")
    logs.receive(quantity=1, command_id="r3")
    logs.quarantine({"topic": "inventory.commands", "partition": 0, "offset": 2})
    logs.available(11, 2)
    assert logs.verify().violations == []


def test_goods_that_came_back_after_shipping_had_to_be_allocated() -> None:
    logs = Logs()
    logs.receive()
    logs.order()
    line = {"line_no": "1", "sku": SKU, "title": "", "quantity": 2, "unit_price_minor": 1, "returned_quantity": 1}
    line |= {"shipped_quantity": 2, "cancelled_quantity": 0, "asked_back_quantity": 0}
    line |= {"sent_by": "MERCHANT", "sender": "", "bundle_line_no": ""}
    # The platform shows the order shipped, and a piece of it returned, while its allocation is still being made.
    logs.order(version=2, status="SHIPPED", lines=[line])
    logs.reserve()
    logs.allocated(version=2)
    logs.status("ALLOCATED")
    logs.available(10, 2)
    assert logs.verify().violations == []


def test_a_foreign_record_among_the_commands_is_left_to_the_quarantine() -> None:
    logs = allocated_order()
    about = {"sku": SKU, "warehouse": "w", "kind": "SALE_CLOSED", "sellable": 0, "safety_stock": 0, "at_ms": 1}
    foreign = logs.add("inventory.commands", SKU, "StockAlert", **about)
    logs.quarantine({"topic": "inventory.commands", "partition": 0, "offset": foreign.offset})
    assert logs.verify().violations == []


def test_an_own_record_that_was_sent_back_from_quarantine_is_judged_by_its_effect() -> None:
    logs = allocated_order()
    stood = logs.entries["orders"][0]
    logs.quarantine({"topic": "orders", "partition": 0, "offset": 0})
    assert logs.kinds() == {"own_record_in_quarantine": 1}
    again = stood._replace(offset=logs.next("orders"), headers={"redriven-from": "penstock.quarantine/0@0"})
    logs.entries["orders"].append(again)
    # It stands there twice, and was accepted once.
    assert logs.verify().violations == []
    # Another one's return says nothing about this one.
    logs.entries["orders"][-1] = again._replace(headers={"redriven-from": "penstock.quarantine/0@7"})
    assert logs.kinds() == {"own_record_in_quarantine": 1}


def test_a_misplaced_event_belongs_into_quarantine() -> None:
    logs = allocated_order()
    # As if the log that is here were the first of three partitions: its key's is another one.
    logs.partitions = {EVENTS: 3}
    assert partition_of(ORDER.encode(), 3) != 0
    report = logs.verify()
    assert (report.misplaced, report.violation_counts) == (1, {"misplaced": 1})
    logs.quarantine(logs.event())
    report = logs.verify()
    assert (report.misplaced, report.violation_counts) == (2, {"misplaced": 1})


def test_a_record_that_is_in_quarantine_by_reference_must_be_in_the_log() -> None:
    logs = allocated_order()
    logs.quarantine(logs.event(b"large"), value=None, sha256="0" * 64)
    assert logs.verify().violations == []
    logs.quarantine({"topic": EVENTS, "partition": 0, "offset": 7}, value=None, sha256="0" * 64)
    assert logs.kinds() == {"outcome_without_event": 1}


# --- a system at work ---


def test_what_is_under_way_is_counted_and_no_violation() -> None:
    logs = allocated_order()
    logs.event()
    logs.order(order_id="taobao:2")
    logs.receive(answer=None, command_id="r2")
    logs.receive(quantity=1, command_id="r3")  # behind one without an answer: cannot be replayed yet
    report = logs.verify(at_rest=False)
    assert report.violations == []
    assert report.under_way == {"events": 1, "orders undecided": 1, "orders reserving": 0, "commands": 2}


def test_what_lies_below_the_committed_offsets_is_due() -> None:
    logs = allocated_order()
    logs.event()
    logs.order(order_id="taobao:2")
    logs.receive(answer=None, command_id="r2")
    logs.decided = {(EVENTS, 0): 3, ("orders", 0): 2, ("inventory.commands", 0): 3}
    assert logs.kinds(at_rest=False) == {"event_without_outcome": 1, "order_undecided": 1, "command_unanswered": 1}


def test_the_verifier_shares_no_code_with_the_stages() -> None:
    program = "import sys, streams.verify.__main__; print(*(m for m in sys.modules if m.startswith('streams.')))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    # The engine knows no orders; of it the reader has what holds records against their positions.
    own = ("streams.verify", "streams.engine")
    assert loaded and not [module for module in loaded if not module.startswith(own)]
