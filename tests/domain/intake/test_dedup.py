"""Dedup: what is news is accepted once; all else is recorded as what it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from schemas.avsc import GOLDEN, fingerprint
from schemas.codec import CODEC
from schemas.records import Order, Review, Seen
from streams.domain.intake.dedup import RULES, Decision, Reading, dedup
from streams.domain.intake.reading import read_event
from tests.domain.intake.messages import LINE, RECEIVED_MS, SKUS, at, envelope, first_seen, outcome, reading, taobao
from tests.domain.raw_orders import TAOBAO, changed

BROKEN = {"payment": "free"}


@pytest.mark.parametrize(
    ("before", "now", "expected", "stored"),
    [
        # what is known                    what comes                                 outcome            seen afterwards
        (None, {}, "Order", "now"),
        (None, BROKEN, "Review", "now"),
        ({}, {"received": RECEIVED_MS + 9}, "Duplicate EXACT", "as before"),
        ({}, {"minute": 5}, "Duplicate EXACT", "newer version"),
        ({"minute": 5}, {}, "Duplicate EXACT", "as before"),
        ({"minute": 5}, {"buyer_message": "earlier"}, "Duplicate STALE", "as before"),
        ({}, {"buyer_message": "other"}, "Review", "as before"),
        ({}, {"minute": 5, "buyer_message": "later"}, "Order", "now"),
        ({"status": "TRADE_CLOSED", "minute": 5}, {}, "Duplicate STALE", "as before"),
        ({"status": "WAIT_BUYER_PAY"}, {"minute": 1}, "Order", "now"),
        ({}, {**BROKEN, "minute": 5}, "Review", "as before"),
        (BROKEN, {}, "Order", "now"),
        (BROKEN, {**BROKEN, "received": RECEIVED_MS + 9}, "Duplicate EXACT", "as before"),
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
    # What is pushed says nothing about when it was looked at; another second is another version.
    assert outcome(dedup(taobao(6, buyer_message="pushed"), seen)) == "Review"
    assert outcome(dedup(taobao(6, buyer_message="pushed"), seen, reads_again=True)) == "Duplicate STALE"
    assert outcome(dedup(fetched(7, minute=1, buyer_message="fourth"), seen)) == "Order"
    assert outcome(dedup(fetched(8, buyer_message="fifth"), first_seen(taobao(1, minute=1)))) == "Duplicate STALE"


@pytest.mark.parametrize(("minute", "expected"), [(0, "Order"), (1, "Order"), (-1, "Duplicate STALE")])
def test_what_older_rules_accepted_is_read_anew_when_it_comes_again(minute: int, expected: str) -> None:
    """An entry of before there were rules, as it stands in the table: the same event is an update now, once."""
    first = first_seen(taobao(1, minute=5))
    old = {name: value for name, value in first.items() if name not in ("rules", "correction")} | {
        "fingerprint": b"as it was"
    }
    schema = json.loads((GOLDEN / "Seen.v1.avsc").read_text(encoding="utf-8"))
    seen: Seen = CODEC.decode(b"M" + fingerprint(schema) + msgspec.msgpack.encode(old))[1]  # type: ignore[assignment]
    assert seen["rules"] == 0
    decision = dedup(taobao(2, minute=5 + minute), seen)
    assert outcome(decision) == expected
    if expected != "Order":
        return
    assert decision.seen is not None
    assert (
        decision.record["version"]
        == decision.seen["version"]
        == max(first["version"] + 1, first["version"] + minute * 60_000)
    )  # type: ignore[typeddict-item]
    assert decision.seen["rules"] == RULES
    assert outcome(dedup(taobao(3, minute=5 + minute), decision.seen)) == "Duplicate EXACT"
    assert outcome(dedup(taobao(4, minute=5, buyer_message="other"), decision.seen)) in ("Duplicate STALE", "Review")


def test_what_newer_rules_read_the_same_way_is_known_as_theirs() -> None:
    """Else the next event of that second that contradicts it would pass for what newer rules read."""
    old: Seen = {**first_seen(taobao(1)), "rules": RULES - 1}
    decision = dedup(taobao(2), old)
    assert outcome(decision) == "Duplicate EXACT"
    assert decision.seen == {**old, "rules": RULES}
    assert outcome(dedup(taobao(3, buyer_message="other"), decision.seen)) == "Review"


def test_the_envelope_says_who_asked() -> None:
    assert [reading("taobao", TAOBAO, kind=kind).fetched for kind in ("order", "order.fetched")] == [False, True]


def test_a_duplicate_names_the_event_it_repeats() -> None:
    decision = dedup(taobao(2, received=RECEIVED_MS + 9), first_seen(taobao(1)))
    assert decision.record == {
        "order_id": "taobao:2300000000000000001",
        "channel": "taobao",
        "kind": "EXACT",
        "version": 1_767_232_800_000,
        "first_source": at(1),
        "read_again": False,
        "received_at_ms": RECEIVED_MS + 9,
        "source": at(2),
        "aftersale_id": "",
    }


def test_a_conflict_names_the_other_event_and_keeps_the_bytes() -> None:
    found = taobao(2, buyer_message="other")
    decision = dedup(found, first_seen(taobao(1)))
    review: Review = decision.record  # type: ignore[assignment]
    assert [reason["code"] for reason in review["reasons"]] == ["conflicting_content"]
    assert "channel.taobao.events[0]@1" in review["reasons"][0]["fix"]
    assert review["event"] == found.value


def test_of_two_pushes_of_one_second_the_platform_is_asked_which_is_the_newer() -> None:
    seen = first_seen(taobao(1))
    decision = dedup(taobao(2, received=RECEIVED_MS + 9, buyer_message="other"), seen, reads_again=True)
    assert (outcome(decision), decision.record["read_again"], decision.seen) == ("Duplicate STALE", True, None)  # type: ignore[typeddict-item]
    assert decision.notice == {
        "notice_id": "intake/channel.taobao.events/0/2",
        "order_id": "taobao:2300000000000000001",
        "channel": "taobao",
        "shop": "shop-1",
        "order_no": "2300000000000000001",
        "kind": "conflicting_content",
        "occurred_at_ms": 1_767_232_800_000,
        "received_at_ms": RECEIVED_MS + 9,
        "payload": b"",
        "aftersale_id": "",
    }
    CODEC.encode("ChannelNotice", decision.notice)
    CODEC.encode("Duplicate", decision.record)
    # Its platform shows the second one: that is accepted, and the order is nobody's review.
    found = dedup(fetched(3, buyer_message="other"), seen, reads_again=True)
    assert (outcome(found), found.notice) == ("Order", None)
    # What was pushed before, and comes late, is not taken for older than it is: it is asked again, and nothing is lost.
    assert dedup(taobao(4, buyer_message="third"), found.seen, reads_again=True).notice is not None
    assert dedup(taobao(4, minute=1, buyer_message="third"), found.seen, reads_again=True).notice is None


class Market:
    """A platform whose orders change several times a second, and pushes each change, late, doubled and in any order."""

    def __init__(self, draw: st.DataObject, decide: Callable[..., Decision] = dedup) -> None:
        self.draw, self.decide = draw.draw, decide
        self.minute, self.note = 0, "note 0"
        self.pushed: list[Reading] = []
        self.wanted = 0
        self.seen: Seen | None = None
        self.notices = self.offset = 0

    def change(self, number: int) -> None:
        self.minute += self.draw(st.integers(0, 1))
        self.note = f"note {number}"
        self.pushed += [taobao(0, self.minute, buyer_message=self.note)] * self.draw(st.integers(1, 2))

    def take(self, reading: Reading) -> None:
        self.offset += 1
        decision = self.decide(reading, self.seen, reads_again=True)
        assert decision.name != "Review"
        self.seen = decision.seen or self.seen
        if decision.notice is not None:
            assert not reading.fetched, "what is fetched asks for nothing"
            self.notices += 1
            self.wanted += 1

    def deliver(self) -> None:
        self.take(self.pushed.pop(self.draw(st.integers(0, len(self.pushed) - 1))))

    def fetch(self) -> None:
        self.wanted -= 1
        self.take(fetched(self.offset, self.minute, buyer_message=self.note))


def lived(data: st.DataObject, decide: Callable[..., Decision] = dedup) -> None:
    """Changes, pushes and readings in any order; in the end the hub has what the platform shows, and each push asked once at the most."""
    market = Market(data, decide)
    for number in range(1, data.draw(st.integers(1, 5)) + 1):
        market.change(number)
        while data.draw(st.booleans()) and (market.pushed or market.wanted):
            market.deliver() if market.pushed else market.fetch()
    sent = len(market.pushed) + market.offset
    while market.pushed or market.wanted:
        market.deliver() if market.pushed and (not market.wanted or data.draw(st.booleans())) else market.fetch()
    assert market.seen is not None
    shown = dedup(fetched(0, market.minute, buyer_message=market.note), market.seen)
    assert outcome(shown) == "Duplicate EXACT", "the hub has other content than the platform shows"
    assert market.notices <= sent


@given(st.data())
@settings(deadline=None)
def test_pushes_of_one_second_end_with_what_the_platform_shows_and_ask_once_each(data: st.DataObject) -> None:
    lived(data)


def the_first_counts(reading: Reading, seen: Seen | None, reads_again: bool = False) -> Decision:
    """An intake that takes the second push of a second for an old one."""
    return dedup(reading, seen, reads_again)._replace(notice=None)


def older_by_a_millisecond_is_old(reading: Reading, seen: Seen | None, reads_again: bool = False) -> Decision:
    """One that forgets that what was fetched has a version of the hub's own, a little above its second."""
    decision = dedup(reading, seen, reads_again)
    late = seen is not None and reading.order is not None and reading.order["version"] < seen["version"]
    return decision._replace(notice=None) if late else decision


def what_is_fetched_is_a_push(reading: Reading, seen: Seen | None, reads_again: bool = False) -> Decision:
    """One that does not know what it asked for."""
    return dedup(reading._replace(fetched=False), seen, reads_again)


@pytest.mark.parametrize("broken", [the_first_counts, older_by_a_millisecond_is_old, what_is_fetched_is_a_push])
def test_a_broken_rule_of_the_second_is_noticed(broken: Callable[..., Decision]) -> None:
    @given(st.data())
    @settings(deadline=None, database=None, max_examples=2_000, phases=(Phase.generate,))
    def live(data: st.DataObject) -> None:
        lived(data, broken)

    with pytest.raises(AssertionError):
        live()


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
