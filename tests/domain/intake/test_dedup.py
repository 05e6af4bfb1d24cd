"""Dedup: what is news is accepted once; all else is recorded as what it is."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import CODEC
from schemas.records import Order, Review, Seen
from streams.domain.intake.dedup import Reading, dedup
from streams.domain.intake.reading import read_event
from tests.domain.intake.messages import LINE, SKUS, at, envelope, first_seen, outcome, reading, taobao
from tests.domain.raw_orders import TAOBAO, changed

BROKEN = {"payment": "free"}


@pytest.mark.parametrize(
    ("before", "now", "expected", "stored"),
    [
        # what is known                    what comes                                 outcome            seen afterwards
        (None, {}, "Order", "now"),
        (None, BROKEN, "Review", "now"),
        ({}, {"received": 9}, "Duplicate EXACT", "as before"),
        ({}, {"minute": 5}, "Duplicate EXACT", "newer version"),
        ({"minute": 5}, {}, "Duplicate EXACT", "as before"),
        ({"minute": 5}, {"buyer_message": "earlier"}, "Duplicate STALE", "as before"),
        ({}, {"buyer_message": "other"}, "Review", "as before"),
        ({}, {"minute": 5, "buyer_message": "later"}, "Order", "now"),
        ({"status": "TRADE_CLOSED", "minute": 5}, {}, "Duplicate STALE", "as before"),
        ({"status": "WAIT_BUYER_PAY"}, {"minute": 1}, "Order", "now"),
        ({}, {**BROKEN, "minute": 5}, "Review", "as before"),
        (BROKEN, {}, "Order", "now"),
        (BROKEN, {**BROKEN, "received": 9}, "Duplicate EXACT", "as before"),
        (BROKEN, {"payment": "a lot"}, "Review", "now"),
    ],
)
def test_dedup(before: dict[str, Any] | None, now: dict[str, Any], expected: str, stored: str) -> None:
    seen = first_seen(taobao(1, **before)) if before is not None else None
    found = taobao(2, **now)
    decision = dedup(found, seen)
    assert outcome(decision) == expected
    if stored == "as before":
        assert decision.seen is None
    elif stored == "newer version":
        assert seen is not None and found.order is not None
        assert decision.seen == {**seen, "version": found.order["version"]}
    else:
        assert decision.seen is not None
        assert (decision.seen["source"], decision.seen["fingerprint"]) == (at(2), found.fingerprint)
    CODEC.encode(decision.name, decision.record)


def fetched(offset: int, minute: int = 0, **fields: Any) -> Reading:
    return taobao(offset, minute, **fields)._replace(fetched=True)


def test_of_two_snapshots_of_one_second_the_one_fetched_later_is_the_newer() -> None:
    seen, versions = first_seen(taobao(1)), []
    for offset, note in enumerate(("second", "third", "second"), start=2):
        decision = dedup(fetched(offset, buyer_message=note), seen)
        assert outcome(decision) == "Order" and decision.seen is not None
        seen = decision.seen
        versions.append(seen["version"])
        assert decision.record["version"] == seen["version"]  # type: ignore[typeddict-item]
    assert versions == [1_767_232_800_001, 1_767_232_800_002, 1_767_232_800_003]
    assert outcome(dedup(fetched(5, buyer_message="second"), seen)) == "Duplicate EXACT"
    # Another second is another version, and what is pushed says nothing about when it was looked at.
    assert outcome(dedup(taobao(6, buyer_message="pushed"), seen)) == "Duplicate STALE"
    assert outcome(dedup(fetched(7, minute=1, buyer_message="fourth"), seen)) == "Order"
    assert outcome(dedup(fetched(8, buyer_message="fifth"), first_seen(taobao(1, minute=1)))) == "Duplicate STALE"


def test_the_envelope_says_who_asked() -> None:
    assert [reading("taobao", TAOBAO, kind=kind).fetched for kind in ("order", "order.fetched")] == [False, True]


def test_a_duplicate_names_the_event_it_repeats() -> None:
    decision = dedup(taobao(2, received=9), first_seen(taobao(1)))
    assert decision.record == {
        "order_id": "taobao:2300000000000000001",
        "channel": "taobao",
        "kind": "EXACT",
        "version": 1_767_232_800_000,
        "first_source": at(1),
        "received_at_ms": 9,
        "source": at(2),
    }


def test_a_conflict_names_the_other_event_and_keeps_the_bytes() -> None:
    found = taobao(2, buyer_message="other")
    decision = dedup(found, first_seen(taobao(1)))
    review: Review = decision.record  # type: ignore[assignment]
    assert [reason["code"] for reason in review["reasons"]] == ["conflicting_content"]
    assert "channel.taobao.events[0]@1" in review["reasons"][0]["fix"]
    assert review["event"] == found.value


def test_content_confirmed_later_makes_what_lies_between_stale() -> None:
    seen = first_seen(taobao(1))
    confirmed = dedup(taobao(2, minute=30), seen).seen
    assert outcome(dedup(taobao(3, minute=20, buyer_message="between"), confirmed)) == "Duplicate STALE"


def test_an_unknown_sku_is_judged_anew_once_it_is_known() -> None:
    doc = changed(TAOBAO, orders={"order": [changed(LINE, outer_sku_id="SKU-NEW")]})
    value = CODEC.encode("ChannelEvent", envelope("taobao", json.dumps(doc).encode()))
    seen = first_seen(read_event(value, "taobao:2300000000000000001", at(1), SKUS))
    again = read_event(value, "taobao:2300000000000000001", at(2), SKUS | {"SKU-NEW"})
    assert outcome(dedup(again, seen)) == "Order"


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "b", "c"])), min_size=1, max_size=12))
def test_only_news_is_accepted(events: list[tuple[int, str]]) -> None:
    """Whatever comes in whatever order: accepted versions rise, and a content is never accepted twice in a row."""
    seen: Seen | None = None
    accepted: list[tuple[int, bytes]] = []
    for offset, (minute, note) in enumerate(events):
        decision = dedup(taobao(offset, minute=minute, buyer_message=note), seen)
        seen = decision.seen or seen
        if decision.name == "Order":
            order: Order = decision.record  # type: ignore[assignment]
            accepted.append((order["version"], order["fingerprint"]))
    assert len(accepted) >= 1
    for (older, before), (newer, after) in pairwise(accepted):
        assert older < newer and before != after
