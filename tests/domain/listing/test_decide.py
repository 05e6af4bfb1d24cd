"""Which number a shop is told, when, and what answers mean; and by properties: it ends with the newest, and none goes back."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.domain.listing.make import Sku, listed, place, stock
from tests.domain.make import AT_MS


def begun(units: int = 10, **rule: Any) -> Sku:
    """Shown as it should be."""
    sku = Sku()
    sku.on("ListSku", listed(place(**rule)))
    sku.on("Availability", stock(units))
    sku.answer(sku.requests[-1])
    assert sku.one["phase"] == "SHOWN"
    return sku


def numbers(sku: Sku) -> list[int]:
    return [request["quantity"] for request in sku.requests]


def test_what_is_listed_is_told_once_it_is_counted() -> None:
    sku = Sku()
    sku.on("ListSku", listed(place()))
    assert (sku.one["phase"], sku.requests) == ("UNKNOWN", [])
    sku.on("Availability", stock(7))
    (request,) = sku.requests
    assert (request["quantity"], request["told"], request["again"]) == (7, None, False)
    assert request["request_id"] == f"pdd/tea/1/2/#{request['number']}"
    sku.answer(request)
    assert (sku.one["phase"], sku.one["told"], sku.one["wanted"]) == ("SHOWN", 7, 7)


def test_what_changes_while_a_number_is_told_is_told_once_as_it_is_then() -> None:
    sku = begun()
    for version, units in ((2, 9), (3, 8), (4, 7)):
        sku.on("Availability", stock(units, version))
    assert numbers(sku) == [10, 9]
    sku.answer(sku.requests[-1])
    assert numbers(sku) == [10, 9, 7]
    assert sku.requests[-1]["told"] == 9


def test_a_closing_waits_for_no_answer_and_goes_first() -> None:
    sku = begun()
    sku.on("Availability", stock(9, 2))
    sku.on("Availability", stock(0, 3))
    assert numbers(sku) == [10, 9, 0]
    lower, closing = sku.requests[-2:]
    assert closing["due_ms"] < lower["due_ms"] < closing["changed_at_ms"]
    sku.answer(lower, "SUPERSEDED")
    sku.answer(closing)
    assert (sku.one["phase"], sku.one["told"], sku.one["open"]) == ("SHOWN", 0, False)


def test_an_older_balance_changes_nothing() -> None:
    sku = begun()
    sku.on("Availability", stock(4, 3))
    sku.answer(sku.requests[-1])
    before = sku.state
    assert sku.on("Availability", stock(10, 2)).state is before


def test_other_numbers_than_closings_wait_for_the_place_s_pause() -> None:
    sku = begun(every_ms=60_000)
    sku.on("Availability", stock(9, 2))
    assert (numbers(sku), sku.one["phase"]) == ([10], "WAITING")
    sku.on("Availability", stock(8, 3))
    sku.wait(60_000)
    assert numbers(sku) == [10, 8]
    sku.answer(sku.requests[-1])
    sku.on("Availability", stock(0, 4))
    assert numbers(sku) == [10, 8, 0]


def test_what_goes_back_before_it_is_told_is_told_nobody() -> None:
    sku = begun(every_ms=60_000)
    sku.on("Availability", stock(9, 2))
    sku.on("Availability", stock(10, 3))
    sku.wait(60_000)
    assert (numbers(sku), sku.one["phase"]) == ([10], "SHOWN")


def test_what_the_platform_failed_at_is_told_again_longer_apart_and_asked_about_first() -> None:
    sku = begun()
    sku.on("Availability", stock(9, 2))
    for wait_ms in (2_000, 4_000, 8_000):
        told = len(sku.requests)
        sku.answer(sku.requests[-1], "RETRYABLE")
        sku.wait(wait_ms - 1_000)
        assert (len(sku.requests), sku.one["phase"]) == (told, "RETRYING")
        sku.wait(1_000)
        assert len(sku.requests) == told + 1
    assert (sku.requests[-1]["again"], sku.requests[-1]["told"]) == (True, None)
    assert [r["number"] - sku.requests[0]["number"] for r in sku.requests] == [0, 1, 2, 3, 4]
    assert sku.dead == []


def test_a_refusal_is_a_person_s_and_a_closing_is_tried_all_the_same() -> None:
    sku = begun()
    sku.on("Availability", stock(9, 2))
    sku.answer(sku.requests[-1], "REFUSED", "item: it was deleted there", "gone")
    assert [(dead["quantity"], dead["code"]) for dead in sku.dead] == [(9, "gone")]
    sku.on("Availability", stock(8, 3))
    assert (numbers(sku), sku.one["phase"]) == ([10, 9], "DEAD")
    sku.on("Availability", stock(0, 4))
    assert numbers(sku) == [10, 9, 0]
    sku.answer(sku.requests[-1], "REFUSED")
    sku.on("Availability", stock(5, 5))
    sku.on("Availability", stock(0, 6))
    assert numbers(sku) == [10, 9, 0]


def test_a_person_has_it_told_anew_once() -> None:
    sku = begun()
    sku.on("Availability", stock(9, 2))
    sku.answer(sku.requests[-1], "REFUSED")
    command = {"command_id": "c1", "sku": "MUG", "place": sku.one["place"]["place"], "by": "li", "reason": ""}
    sku.on("ListingCommand", {**command, "requested_at_ms": AT_MS})
    assert (numbers(sku), sku.requests[-1]["by"], sku.requests[-1]["again"]) == ([10, 9, 9], "li", True)
    sku.answer(sku.requests[-1])
    sku.on("ListingCommand", {**command, "requested_at_ms": AT_MS})
    assert (numbers(sku), sku.one["phase"]) == ([10, 9, 9], "SHOWN")


def test_more_than_it_was_told_is_put_right_at_once_less_when_it_is_seen_twice() -> None:
    sku = begun()
    sku.seen(12)
    assert (numbers(sku), sku.requests[-1]["told"]) == ([10, 10], 12)
    sku.answer(sku.requests[-1])
    sku.seen(8)
    assert (numbers(sku), sku.one["differs"]) == ([10, 10], -2)
    sku.seen(7)
    assert numbers(sku) == [10, 10]
    sku.seen(7)
    assert (numbers(sku), sku.requests[-1]["told"]) == ([10, 10, 10], 7)


def test_what_was_seen_before_another_number_was_told_is_old() -> None:
    sku = begun()
    sku.on("Availability", stock(9, 2))
    sku.answer(sku.requests[-1])
    before = sku.state
    assert sku.seen(50, number=sku.one["number"] - 1).state is before


def test_a_bundle_hears_of_its_parts_whatever_comes_first() -> None:
    cup, set_ = Sku("CUP"), Sku("TEA-SET")
    parts = [{"sku": "CUP", "quantity": 4}]
    cup.on("Availability", stock(9, sku="CUP"))
    cup.on("ListSku", listed(sku="CUP", bundles=["TEA-SET"]))
    set_.on("PartStock", cup.parts[-1])
    set_.on("ListSku", listed(place(), sku="TEA-SET", parts=parts))
    assert numbers(set_) == [2]
    set_.answer(set_.requests[-1])
    cup.on("Availability", stock(3, 2, sku="CUP"))
    set_.on("PartStock", cup.parts[-1])
    assert numbers(set_) == [2, 0]
    set_.answer(set_.requests[-1])
    assert set_.on("PartStock", cup.parts[0]).requests == ()


def test_a_place_that_is_named_no_more_is_told_nothing_more() -> None:
    sku = begun()
    sku.on("Availability", stock(9, 2))
    pending = sku.requests[-1]
    sku.on("ListSku", listed(n=2))
    sku.answer(pending)
    sku.on("Availability", stock(1, 3))
    assert sku.state is not None
    assert (numbers(sku), sku.state["listed"]) == ([10, 9], [])


def test_another_rule_counts_at_once_and_another_id_begins_anew() -> None:
    sku = begun()
    sku.on("ListSku", listed(place(buffer=4), n=2))
    assert (numbers(sku), sku.requests[-1]["told"]) == ([10, 6], 10)
    sku.answer(sku.requests[-1])
    sku.on("ListSku", listed({**place(buffer=4), "place": "pdd/tea/1/3/", "variant": "3"}, n=3))
    assert (numbers(sku), sku.requests[-1]["told"]) == ([10, 6, 6], None)


def test_listed_once_more_it_is_told_under_no_number_that_was_used() -> None:
    sku = begun()
    for version, units in ((2, 9), (3, 8), (4, 7)):
        sku.on("Availability", stock(units, version))
        sku.answer(sku.requests[-1])
    sku.on("ListSku", listed(n=2))
    sku.on("ListSku", listed(place(), n=3))
    used = [request["number"] for request in sku.requests]
    assert used == sorted(used) and len(set(used)) == len(used) == 5


def test_a_sale_of_a_pool_begins_by_itself() -> None:
    from tests.domain.listing.test_showing import pool

    sku = Sku()
    sku.on("ListSku", listed(place("jd")))
    its = pool(from_ms=AT_MS + 60_000)
    sku.on("Availability", stock(500, pool=its))
    sku.answer(sku.requests[-1])
    sku.wait(60_000)
    assert numbers(sku) == [500, 6]


moves = st.lists(
    st.one_of(
        st.tuples(st.just("stock"), st.integers(0, 6)),
        st.tuples(st.just("answer"), st.sampled_from(("DONE", "ALREADY", "RETRYABLE", "HELD"))),
        st.tuples(st.just("wait"), st.sampled_from((1, 900, 3_000, 700_000))),
        st.tuples(st.just("seen"), st.integers(0, 8)),
    ),
    max_size=60,
)


@given(moves, st.sampled_from((0, 1_000)))
@example([("stock", 0), ("stock", 1), ("answer", "DONE"), ("seen", 1)], 1_000)
def test_whatever_happens_the_platform_ends_with_the_newest_and_is_told_no_older_one(
    steps: list[tuple[str, Any]], every_ms: int
) -> None:
    """A connector as the real one: in their order, the newest that it has read in place of those before it. What is seen is what somebody
    has put there at the platform."""
    sku, shows, read, told = Sku(), 0, 0, []
    sku.on("ListSku", listed(place(every_ms=every_ms)))
    version, units, done = 0, None, 0

    def carry_out(outcome: str) -> None:
        nonlocal shows, read, done
        if read == len(sku.requests):
            return
        request = sku.requests[read]
        read += 1
        if read < len(sku.requests):
            sku.answer(request, "SUPERSEDED")
            return
        if outcome in ("DONE", "ALREADY") or (outcome == "RETRYABLE" and request["number"] % 2):
            shows = request["quantity"]
            told.append(request["number"])
        sku.answer(request, outcome)

    for what, value in steps:
        if what == "stock":
            version, units = version + 1, value
            sku.on("Availability", stock(value, version))
        elif what == "answer":
            carry_out(value)
        elif what == "wait":
            sku.wait(value)
        else:
            shows = value
            sku.seen(shows)
        assert len(sku.one["pending"]) <= 2
        assert len(sku.one["pending"]) < 2 or sku.one["pending"][-1]["quantity"] == 0
    for _ in range(8):
        carry_out("DONE")
        sku.wait(700_000)
        sku.seen(shows)
    assert told == sorted(told)
    if units is not None:
        assert (shows, sku.one["phase"], sku.one["told"]) == (units, "SHOWN", units)
