"""Records as rows, without a database: every type, a value for every column, and what cannot be a row says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.postgres import PostgresSink
from connectors.postgres.rows import Unfit, place_of, rows_of
from connectors.postgres.tables import TABLES
from schemas.codec import CODEC
from schemas.topics import TOPICS
from streams.domain.listing.state import begun
from tests.domain.make import AT_MS, line, order

GOLDEN = Path(__file__).parents[3] / "schemas" / "golden"
TAKEN = sorted((topic, name) for topic in PostgresSink.topics for name in TOPICS[topic].records)


def rows(topic: str, name: str, record: dict[str, Any], at_ms: int = AT_MS) -> list[tuple[str, dict[str, Any]]]:
    """Each row by its columns."""
    made = rows_of(name, record, place_of(topic, 2, 7, at_ms))
    return [(table, dict(zip(TABLES[table].columns, row, strict=True))) for table, row in made]


@pytest.mark.parametrize(("topic", "name"), TAKEN)
def test_a_released_message_of_every_type_has_rows_that_lead_back_to_it(topic: str, name: str) -> None:
    _, record = CODEC.decode((GOLDEN / f"{name}.v1.bin").read_bytes())
    made = rows(topic, name, record)
    assert made
    for table, row in made:
        if table != "review_states":
            assert (row["log_partition"], row["log_offset"]) == (2, 7)
        for column in TABLES[table].key:
            assert row[column] is not None, (table, column)
        # A shop that the record tells is on each of its rows.
        if "shop" in record:
            assert row.get("shop") == record["shop"], table


def test_an_order_becomes_the_order_its_receiver_its_lines_and_an_event() -> None:
    made = rows("orders", "Order", order(line("MUG", 2, "a"), line("POT", 1, "b")))
    assert [table for table, _ in made] == ["orders", "order_receivers", "order_lines", "order_lines", "order_events"]
    lines = [
        (row["position"], row["line_no"], row["sku"], row["quantity"]) for table, row in made if table == "order_lines"
    ]
    assert lines == [(0, "a", "MUG", 2), (1, "b", "POT", 1)]
    # Personal data is in the receivers' table alone.
    personal = order(line())["receiver"]["phone"]
    assert personal and not any(personal in map(str, row.values()) for table, row in made if table != "order_receivers")


@pytest.mark.parametrize("answer", ["ALREADY_RELEASED", "NEVER_RESERVED"])
def test_an_answer_that_changed_nothing_is_an_event_and_leaves_the_reservation(answer: str) -> None:
    resolved = {"command_id": "c", "reservation_id": "r", "order_id": "jd:1", "sku": "MUG", "warehouse": "HZ"}
    resolved |= {"quantity": 0, "answer": answer, "at_ms": AT_MS}
    ((table, row),) = rows("inventory.results", "ReservationResolved", resolved)
    assert (table, row["status"], row["about"], row["channel"]) == ("order_events", answer, "r", "jd")
    ((table, row),) = rows("inventory.results", "ReservationResolved", {**resolved, "answer": "RELEASED"})
    assert (table, row["state"]) == ("reservation_ends", "RELEASED")


@pytest.mark.parametrize("ms", [0, 1, -62_135_596_800_000, 253_402_300_799_999, AT_MS + 1])
def test_a_time_is_exact_to_the_millisecond(ms: int) -> None:
    place = place_of("orders", 0, 0, ms)
    assert round(place.logged_at.timestamp() * 1000) == ms


@pytest.mark.parametrize("ms", [-62_135_596_800_001, 253_402_300_800_000, 2**63 - 1, -(2**63)])
def test_a_time_that_is_none_names_field_value_and_fix(ms: int) -> None:
    with pytest.raises(Unfit, match=rf"Order\.placed_at_ms is {ms}: expected milliseconds since 1970.*correct it"):
        rows("orders", "Order", {**order(line()), "placed_at_ms": ms})


@pytest.mark.parametrize(
    ("remark", "is_nul"),
    [("a\0b", True), ("\\u0000", False), ("\\\0", True), ("\\\\u0000", False), ("\\\\\0", True), ("u0000", False)],
)
def test_nul_is_told_from_text_that_looks_like_its_escape(remark: str, is_nul: bool) -> None:
    record = {**order(line()), "attributes": {"remark": remark}}
    if is_nul:
        with pytest.raises(Unfit, match=r"order_receivers\.attributes holds the character NUL"):
            rows("orders", "Order", record)
    else:
        receiver = dict(rows("orders", "Order", record))["order_receivers"]
        assert json.loads(receiver["attributes"]) == {"remark": remark}


def test_a_type_on_a_topic_that_does_not_carry_it_is_refused() -> None:
    with pytest.raises(Unfit, match=r"Order is no record of order\.status"):
        rows("order.status", "Order", order(line()))


def test_what_a_shop_was_never_told_or_asked_has_no_time_and_a_place_is_there_once() -> None:
    place = {"place": "pdd/tea/1/2/", "channel": "pdd", "shop": "tea", "item": "1", "variant": "2", "location": ""}
    it = {**begun(cast(Any, place), AT_MS), "place": place}
    (owner, listed) = rows("listing.status", "Listings", {"sku": "MUG", "listed": [it]})
    assert (owner[0], owner[1]["places"], listed[0]) == ("listed_skus", 1, "listings")
    assert listed[1]["told_at"] is None and listed[1]["seen_at"] is None and listed[1]["changed_at"] is not None
    with pytest.raises(Unfit, match=r"Listings\.listed\[1\]\.place is 'pdd/tea/1/2/', as one before"):
        rows("listing.status", "Listings", {"sku": "MUG", "listed": [it, it]})
