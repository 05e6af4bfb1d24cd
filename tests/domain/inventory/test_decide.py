"""Inventory: one command in, one decision out."""

from __future__ import annotations

from typing import Any

import pytest

from streams.domain.expiry import expire_command
from streams.domain.inventory import decide as inventory
from streams.domain.inventory.backorders import WAITING_MAX
from streams.domain.inventory.stock import UNITS_MAX, InvariantViolation, StockDecision, check_stock
from tests.domain.make import AT_MS, count, level, reservation_command, resolution, stock, waiting


def decide(before: Any, name: str, command: Any, prior: Any = None) -> StockDecision:
    return inventory.decide(before, name, command, prior, AT_MS)


def reserved(before: Any, **fields: Any) -> tuple[Any, Any]:
    """A balance with one reservation on it, and that reservation."""
    decision = decide(before, "Reserve", reservation_command(**fields))
    return decision.stock, decision.reservation


def answer_of(decision: StockDecision) -> str:
    name, record = decision.results[0]
    return record.get("answer", name)


def test_a_reservation_within_what_is_sellable_is_granted() -> None:
    decision = decide(stock(level("HZ", 5)), "Reserve", reservation_command(quantity=5))

    assert answer_of(decision) == "Reserved"
    assert decision.stock["levels"] == [level("HZ", 5, reserved=5)]
    assert decision.reservation["state"] == "RESERVED"


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (level("HZ", 1), "too few"),
        (level("HZ", 5, reserved=4), "reserved by others"),
        (level("HZ", 5, safety_stock=4), "kept back as safety stock"),
        (level("GZ", 9), "at another warehouse"),
    ],
)
def test_a_reservation_beyond_what_is_sellable_is_rejected_with_the_fresh_numbers(held: Any, why: str) -> None:
    before = stock(held)
    decision = decide(before, "Reserve", reservation_command(quantity=2))

    name, record = decision.results[0]
    assert name == "ReservationRejected", why
    assert record["levels"] == before["levels"]
    assert record["shortfall"] == (2 if held["warehouse"] == "GZ" else 1)
    assert decision.stock is None
    assert decision.reservation["state"] == "REJECTED"


def test_a_sku_nobody_has_counted_sells_nothing() -> None:
    assert answer_of(decide(None, "Reserve", reservation_command())) == "ReservationRejected"


def test_a_repeated_reserve_is_answered_from_the_stored_outcome_and_takes_nothing() -> None:
    after, reservation = reserved(stock(level("HZ", 5)))
    again = decide(after, "Reserve", reservation_command(), reservation)

    assert answer_of(again) == "Reserved"
    assert (again.stock, again.reservation) == (None, None)


def test_a_rejected_reserve_stays_rejected_when_stock_has_come_since() -> None:
    rejected = decide(stock(level("HZ", 0)), "Reserve", reservation_command()).reservation
    again = decide(stock(level("HZ", 9)), "Reserve", reservation_command(), rejected)

    assert answer_of(again) == "ReservationRejected"
    assert again.stock is None


@pytest.mark.parametrize(
    ("verb", "state", "left"),
    [
        ("Release", "RELEASED", level("HZ", 5)),
        ("Expire", "EXPIRED", level("HZ", 5)),
        ("Commit", "COMMITTED", level("HZ", 3)),
    ],
)
def test_a_reservation_resolves_once(verb: str, state: str, left: Any) -> None:
    before, reservation = reserved(stock(level("HZ", 5)), expires_at_ms=AT_MS)
    decision = decide(before, verb, resolution(verb), reservation)

    assert answer_of(decision) == state
    assert decision.stock["levels"] == [left]
    assert decision.reservation["resolved_by"] == resolution(verb)["command_id"]
    for again in ("Release", "Commit", "Expire", "Reserve"):
        command = reservation_command() if again == "Reserve" else resolution(again)
        repeated = decide(decision.stock, again, command, decision.reservation)
        assert answer_of(repeated) == f"ALREADY_{state}"
        assert (repeated.stock, repeated.reservation) == (None, None)


@pytest.mark.parametrize("verb", ["Release", "Commit", "Expire"])
def test_resolving_what_was_never_reserved_is_remembered_against_a_reserve_that_comes_late(verb: str) -> None:
    decision = decide(stock(level("HZ", 5)), verb, resolution(verb))
    late = decide(stock(level("HZ", 5)), "Reserve", reservation_command(), decision.reservation)

    assert answer_of(decision) == "NEVER_RESERVED"
    assert answer_of(late) == "ReservationRejected"
    assert late.stock is None


WHOLE, REST = "taobao:1/1.1/1/HZ", "taobao:1/1.1/1/HZ/rest"


@pytest.mark.parametrize(("verb", "on_hand"), [("Commit", 4), ("Release", 5)])
def test_a_part_of_a_reservation_is_resolved_and_the_rest_stays_reserved_in_the_same_step(
    verb: str, on_hand: int
) -> None:
    held, known = reserved(stock(level("HZ", 5)), quantity=3, expires_at_ms=AT_MS + 9)
    done = decide(held, verb, resolution(verb, quantity=1, rest_id=REST), known)

    assert done.stock["levels"] == [level("HZ", on_hand, reserved=2)]
    assert (done.reservation["quantity"], done.reservation["state"]) == (1, answer_of(done))
    assert done.rest == {**known, "reservation_id": REST, "quantity": 2, "command_id": f"{WHOLE}/{verb.lower()}"}
    assert done.results[0][1]["quantity"] == 1

    # Each of the two is resolved once; a repetition is answered from what is stored, and moves nothing.
    again = decide(done.stock, verb, resolution(verb, quantity=1, rest_id=REST), done.reservation)
    assert (again.stock, again.reservation, again.rest) == (None, None, None)
    assert (answer_of(again), again.results[0][1]["quantity"]) == (f"ALREADY_{answer_of(done)}", 1)
    last = decide(done.stock, "Commit", resolution("Commit", REST), done.rest)
    assert last.stock["levels"] == [level("HZ", on_hand - 2)]


def test_the_rest_expires_when_the_whole_would_have() -> None:
    held, known = reserved(stock(level("HZ", 5)), quantity=3, expires_at_ms=AT_MS)
    done = decide(held, "Commit", resolution("Commit", quantity=1, rest_id=REST), known)
    ended = decide(done.stock, "Expire", resolution("Expire", REST), done.rest)
    assert (answer_of(ended), ended.stock["levels"]) == ("EXPIRED", [level("HZ", 4)])


def test_a_rest_that_was_resolved_before_it_was_made_goes_back_to_sale() -> None:
    held, known = reserved(stock(level("HZ", 5)), quantity=3)
    done = inventory.decide(held, "Commit", resolution("Commit", quantity=1, rest_id=REST), known, AT_MS, True)
    assert (done.rest, done.stock["levels"]) == (None, [level("HZ", 4)])


def test_naming_all_of_a_reservation_leaves_no_rest() -> None:
    held, known = reserved(stock(level("HZ", 5)), quantity=3)
    done = decide(held, "Commit", resolution("Commit", quantity=3, rest_id=REST), known)
    assert (done.rest, done.stock["levels"]) == (None, [level("HZ", 2)])


@pytest.mark.parametrize(("units", "rest_id"), [(0, REST), (-1, REST), (4, REST), (1, "")])
def test_a_part_that_cannot_be_is_a_fault_not_an_outcome(units: int, rest_id: str) -> None:
    held, known = reserved(stock(level("HZ", 5)), quantity=3)
    with pytest.raises(InvariantViolation, match=f"is about {units} units of 3"):
        decide(held, "Commit", resolution("Commit", quantity=units, rest_id=rest_id), known)


def test_expiry_goes_by_the_log_not_by_the_host_that_proposed_it() -> None:
    before, reservation = reserved(stock(level("HZ", 5)), expires_at_ms=AT_MS + 1)
    early = expire_command(reservation, AT_MS + 25 * 3_600_000)
    assert decide(before, "Expire", early, reservation).reservation is None
    before, reservation = reserved(stock(level("HZ", 5)), expires_at_ms=AT_MS)
    late = expire_command(reservation, AT_MS - 25 * 3_600_000)
    assert answer_of(decide(before, "Expire", late, reservation)) == "EXPIRED"


@pytest.mark.parametrize("expires_at_ms", [None, AT_MS + 1])
def test_a_reservation_whose_time_is_not_over_does_not_expire(expires_at_ms: int | None) -> None:
    before, reservation = reserved(stock(level("HZ", 5)), expires_at_ms=expires_at_ms)
    decision = decide(before, "Expire", resolution("Expire"), reservation)

    assert answer_of(decision) == "Reserved"
    assert decision.stock is None


def test_a_balance_that_cannot_carry_its_reservation_is_a_fault_not_an_outcome() -> None:
    _, reservation = reserved(stock(level("HZ", 5)))
    with pytest.raises(InvariantViolation, match=r"MUG at HZ: on_hand 5, reserved -2"):
        decide(stock(level("HZ", 5)), "Release", resolution("Release"), reservation)
    with pytest.raises(InvariantViolation, match="does not find"):
        decide(None, "Release", resolution("Release"), reservation)


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("Receive", {"quantity": 0}, "a quantity of 0"),
        ("Receive", {"quantity": -3}, "a quantity of -3"),
        ("Receive", {"quantity": UNITS_MAX}, f"on hand would be {UNITS_MAX + 5}, above {UNITS_MAX}"),
        ("Restock", {"quantity": 0, "order_id": "taobao:1"}, "a quantity of 0"),
        ("Adjust", {"delta": -6, "reason": "count"}, "on hand would be -1"),
        ("Adjust", {"delta": -4, "reason": "count"}, "2 units are reserved, on hand would be 1"),
        ("SetSafetyStock", {"quantity": -1}, "a safety stock of -1 units"),
        ("Transfer", {"quantity": 0, "to": "GZ"}, "a quantity of 0"),
        ("Transfer", {"quantity": 1, "to": "HZ"}, "from HZ to itself"),
        ("Transfer", {"quantity": 4, "to": "GZ"}, "3 of 5 units at HZ are not reserved"),
    ],
)
def test_a_count_that_would_break_the_balance_is_refused_in_words_and_stays_refused(
    name: str, fields: Any, reason: str
) -> None:
    before = stock(level("HZ", 5, reserved=2))
    decision = decide(before, name, count(**fields))

    assert decision.stock is None
    assert decision.results[0][1]["answer"] == "REFUSED"
    assert decision.results[0][1]["reason"] == reason
    assert decide(stock(level("HZ", 99)), name, count(**fields), decision.applied).results == decision.results


@pytest.mark.parametrize(
    ("name", "fields", "on_hand"),
    [
        ("Receive", {"quantity": 3}, 8),
        ("Restock", {"quantity": 3, "order_id": "taobao:1"}, 8),
        ("Adjust", {"delta": -3, "reason": "broken"}, 2),
        ("Adjust", {"delta": 3, "reason": "found"}, 8),
    ],
)
def test_a_count_is_applied_once_by_its_id(name: str, fields: Any, on_hand: int) -> None:
    decision = decide(stock(level("HZ", 5, reserved=2)), name, count(**fields))
    again = decide(decision.stock, name, count(**fields), decision.applied)

    assert decision.stock["levels"] == [level("HZ", on_hand, reserved=2)]
    assert answer_of(decision) == "APPLIED"
    assert answer_of(again) == "ALREADY_APPLIED"
    assert again.stock is None


def test_a_transfer_moves_units_from_one_balance_to_the_other_once() -> None:
    before = stock(level("GZ", 1), level("HZ", 5, reserved=2, safety_stock=1), waiting=[("a:1", 9)])
    decision = decide(before, "Transfer", count(quantity=3, to="GZ"))
    again = decide(decision.stock, "Transfer", count(quantity=3, to="GZ"), decision.applied)

    assert [(each["warehouse"], each["on_hand"], each["reserved"]) for each in decision.stock["levels"]] == [
        ("GZ", 4, 0),
        ("HZ", 2, 2),
    ]
    assert [(alert["warehouse"], alert["kind"]) for alert in decision.alerts] == [("HZ", "SALE_CLOSED")]
    assert decision.results == (("StockCommandAnswered", {**decision.results[0][1], "answer": "APPLIED"}),)
    assert (answer_of(again), again.stock) == ("ALREADY_APPLIED", None)


def test_levels_stay_sorted_by_warehouse_when_one_is_added() -> None:
    after: Any = None
    for number, warehouse in enumerate(("M", "A", "Z", "B")):
        after = decide(after, "Receive", count(f"c{number}", quantity=1, warehouse=warehouse)).stock

    assert [each["warehouse"] for each in after["levels"]] == ["A", "B", "M", "Z"]
    assert after["version"] == 4
    check_stock(after)


def test_the_sale_closes_at_its_safety_stock_once_and_reopens_once() -> None:
    before = stock(level("HZ", 5, safety_stock=2))
    first = decide(before, "Reserve", reservation_command(quantity=3))
    assert first.alerts == (
        {
            "sku": "MUG",
            "warehouse": "HZ",
            "kind": "SALE_CLOSED",
            "sellable": 0,
            "safety_stock": 2,
            "at_ms": AT_MS,
        },
    )

    lower = decide(first.stock, "Adjust", count(delta=-1, reason="broken"))
    assert lower.alerts == ()

    back = decide(lower.stock, "Release", resolution("Release"), first.reservation)
    assert [(alert["kind"], alert["sellable"]) for alert in back.alerts] == [("SALE_REOPENED", 2)]


def test_the_sale_closes_with_the_last_piece_where_nothing_is_kept_back() -> None:
    sold = decide(stock(level("HZ", 2)), "Reserve", reservation_command(quantity=2))
    assert [(alert["kind"], alert["sellable"], alert["safety_stock"]) for alert in sold.alerts] == [
        ("SALE_CLOSED", 0, 0)
    ]

    sent = decide(sold.stock, "Commit", resolution("Commit"), sold.reservation)
    assert sent.alerts == ()

    arrived = decide(sent.stock, "Receive", count(quantity=1))
    assert [(alert["kind"], alert["sellable"]) for alert in arrived.alerts] == [("SALE_REOPENED", 1)]


def test_the_first_piece_a_warehouse_ever_gets_is_no_news() -> None:
    assert decide(None, "Receive", count(quantity=1)).alerts == ()


def test_a_safety_stock_closes_and_reopens_without_any_movement_of_goods() -> None:
    closed = decide(stock(level("HZ", 5)), "SetSafetyStock", count(quantity=5))
    reopened = decide(closed.stock, "SetSafetyStock", count("c2", quantity=0))

    assert [alert["kind"] for alert in (*closed.alerts, *reopened.alerts)] == ["SALE_CLOSED", "SALE_REOPENED"]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("Receive", count(quantity=3)),
        ("Restock", count(quantity=3, order_id="taobao:9")),
        ("Adjust", count(delta=3, reason="found")),
        ("SetSafetyStock", count(quantity=0)),
    ],
)
def test_stock_that_comes_wakes_those_who_wait_in_their_turn_and_only_as_far_as_it_goes(
    name: str, command: Any
) -> None:
    held = level("HZ", 3, safety_stock=3) if name == "SetSafetyStock" else level("HZ", 0)
    before = stock(held, waiting=[("a:1", 1), ("a:2", 2), ("a:3", 1)])
    decision = decide(before, name, command)

    woken = [record["order_id"] for kind, record in decision.results if kind == "StockArrived"]
    assert woken == ["a:1", "a:2"]
    assert decision.stock["waiting"] == [{"order_id": "a:3", "quantity": 1}]


def test_an_order_for_ten_is_not_overtaken_by_an_order_for_one() -> None:
    decision = decide(stock(waiting=[("a:1", 10), ("a:2", 1)]), "Receive", count(quantity=5))

    assert [kind for kind, _ in decision.results] == ["StockCommandAnswered"]


@pytest.mark.parametrize("verb", ["Release", "Expire"])
def test_a_reservation_given_back_wakes_those_who_wait(verb: str) -> None:
    before, reservation = reserved(stock(level("HZ", 2), waiting=[("a:1", 2)]), expires_at_ms=AT_MS)
    decision = decide(before, verb, resolution(verb), reservation)

    assert [kind for kind, _ in decision.results] == ["ReservationResolved", "StockArrived"]


def test_a_commit_wakes_nobody() -> None:
    before, reservation = reserved(stock(level("HZ", 2), waiting=[("a:1", 2)]))
    assert [kind for kind, _ in decide(before, "Commit", resolution("Commit"), reservation).results] == [
        "ReservationResolved"
    ]


def test_an_order_that_begins_to_wait_when_the_stock_is_already_there_is_woken_at_once() -> None:
    decision = decide(stock(level("HZ", 2)), "AwaitStock", waiting("a:1", 2))

    assert [kind for kind, _ in decision.results] == ["StockArrived"]
    assert decision.stock is None


def test_waiting_twice_is_waiting_once_in_the_first_place_with_the_last_quantity() -> None:
    before = stock(waiting=[("a:1", 4), ("a:2", 1)])
    assert decide(before, "AwaitStock", waiting("a:1", 2)).stock["waiting"] == [
        {"order_id": "a:1", "quantity": 2},
        {"order_id": "a:2", "quantity": 1},
    ]
    assert decide(before, "AwaitStock", waiting("a:1", 4)).stock is None


def test_who_waits_no_longer_lets_the_next_one_have_the_stock() -> None:
    before = stock(level("HZ", 2), waiting=[("a:1", 5), ("a:2", 2)])
    decision = decide(before, "ForgetStock", waiting("a:1"))

    assert [record["order_id"] for _, record in decision.results] == ["a:2"]
    assert decision.stock["waiting"] == []


def test_a_woken_order_that_cannot_use_the_stock_passes_it_on_though_it_left_the_queue() -> None:
    decision = decide(stock(level("HZ", 2), waiting=[("a:2", 2)]), "ForgetStock", waiting("a:1"))

    assert [record["order_id"] for _, record in decision.results] == ["a:2"]


def test_forgetting_a_sku_nobody_knows_does_nothing() -> None:
    assert decide(None, "ForgetStock", waiting("a:1")) == StockDecision()


def test_the_queue_is_bounded() -> None:
    full = stock(waiting=[(f"a:{number}", 1) for number in range(WAITING_MAX)])
    assert decide(full, "AwaitStock", waiting("b:1", 1)).stock is None


def test_availability_is_told_when_levels_change_and_only_then() -> None:
    before = stock(level("HZ", 1))
    received = decide(before, "Receive", count(quantity=1)).stock
    queued = decide(before, "AwaitStock", waiting("a:1", 2)).stock

    told = {"sku": "MUG", "version": 2, "levels": [level("HZ", 2)], "pool": None}
    assert inventory.availability(before, received) == told
    assert inventory.availability(before, queued) is None
    assert inventory.availability(before, None) is None


def test_a_command_names_the_table_that_knows_whether_it_was_done() -> None:
    assert inventory.prior_key("Release", resolution("Release")) == ("reservations", "taobao:1/1.1/1/HZ")
    assert inventory.prior_key("Receive", count("c7", quantity=1)) == ("applied", "c7")
    assert inventory.prior_key("AwaitStock", waiting("a:1", 1)) is None


def test_results_go_to_the_order_they_are_about_else_to_the_sku() -> None:
    assert inventory.result_key(decide(None, "Receive", count(quantity=1)).results[0][1]) == "MUG"
    assert inventory.result_key(decide(None, "Reserve", reservation_command()).results[0][1]) == "taobao:1"


def test_a_tick_proposes_an_expiry_that_the_inventory_then_decides() -> None:
    before, reservation = reserved(stock(level("HZ", 5)), expires_at_ms=AT_MS)
    command = expire_command(reservation, AT_MS)

    assert answer_of(decide(before, "Expire", command, reservation)) == "EXPIRED"


def test_a_restored_balance_is_checked() -> None:
    broken = stock(level("HZ", 1, reserved=2))
    with pytest.raises(InvariantViolation, match="MUG at HZ"):
        check_stock(broken)
    twice = {**stock(), "levels": [level("HZ", 1), level("HZ", 1)]}
    with pytest.raises(InvariantViolation, match="HZ stands after HZ"):
        check_stock(twice)
