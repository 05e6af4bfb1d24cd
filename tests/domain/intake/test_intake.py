"""Intake: every message of a channel ends as an order, a review with all its reasons, or a recorded duplicate."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.generator import MALFORMATIONS, RawEvent, catalogue, generate
from connectors.generator.spoil import spoil
from schemas.codec import CODEC, CodecError
from schemas.records import ChannelEvent, Order, Review, Seen, Source
from streams.domain.channels.payload import MAX_PAYLOAD_BYTES
from streams.domain.intake.dedup import Decision, Reading, dedup
from streams.domain.intake.reading import NotAChannelEvent, read_event
from tests.domain.raw_orders import ORDER_NO, SOUND, TAOBAO, Doc, changed

SKUS = frozenset({"SKU-A", "SKU-B"})
CHANNELS = sorted(SOUND)


def at(offset: int) -> Source:
    return {"topic": "channel.taobao.events", "partition": 0, "offset": offset}


def envelope(channel: str, payload: bytes, /, **fields: Any) -> ChannelEvent:
    event: dict[str, Any] = {
        "channel": channel,
        "shop": "shop-1",
        "order_no": ORDER_NO.get(channel, "1"),
        "kind": "order",
        "event_id": "event-1",
        "occurred_at_ms": 1,
        "received_at_ms": 2,
        "content_type": "application/json",
        "payload": payload,
        **fields,
    }
    return event  # type: ignore[return-value]


def reading(
    channel: str, payload: bytes | Doc, /, *, key: bytes | str | None = "", offset: int = 0, **fields: Any
) -> Reading:
    """One message read; a document is sent as JSON, the key is the envelope's order id if not given."""
    raw = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    event = envelope(channel, raw, **fields)
    message_key = f"{event['channel']}:{event['order_no']}" if key == "" else key
    found = read_event(CODEC.encode("ChannelEvent", event), message_key, at(offset), SKUS)
    assert (found.order is None) != (found.review is None)
    # Whatever comes out can be written to its topic.
    if found.order is not None:
        assert CODEC.decode(CODEC.encode("Order", found.order))[1] == found.order
    if found.review is not None:
        assert found.review["reasons"]
        assert CODEC.decode(CODEC.encode("Review", found.review))[1] == found.review
    return found


def order_of(found: Reading) -> Order:
    assert found.order is not None, found.review
    return found.order


def review_of(found: Reading) -> Review:
    assert found.review is not None
    return found.review


def codes(found: Reading) -> list[str]:
    return [reason["code"] for reason in review_of(found)["reasons"]]


# Reading


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_sound_event_becomes_its_order(channel: str) -> None:
    order = order_of(reading(channel, SOUND[channel], offset=7))
    assert order["order_id"] == f"{channel}:{ORDER_NO[channel]}"
    assert (order["channel"], order["shop"], order["order_no"]) == (channel, "shop-1", ORDER_NO[channel])
    assert (order["received_at_ms"], order["source"]) == (2, at(7))
    assert len(order["fingerprint"]) == 8


def test_a_review_keeps_the_whole_message() -> None:
    event = envelope("taobao", b"{")
    value = CODEC.encode("ChannelEvent", event)
    review = review_of(read_event(value, "taobao:2300000000000000001", at(3), SKUS))
    assert (review["event"], review["source"], review["received_at_ms"]) == (value, at(3), 2)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b'{"tid": NaN}', "invalid_json"),
        (b'{"tid": -Infinity}', "invalid_json"),
        (b'{"tid": ' + b"9" * 5000 + b"}", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a":' * 100_000, "invalid_json"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
        (b'"order"', "wrong_type"),
        (b"1.5", "wrong_type"),
        ('{"title": "订单"}'.encode("gbk"), "wrong_encoding"),
        ('{"title": "订单"}'.encode("utf-16"), "wrong_encoding"),
        (b"\xef\xbb\xbf{}", "wrong_encoding"),
        (b'{"title": "\\ud83d"}', "wrong_encoding"),
        (b"{}" + b" " * MAX_PAYLOAD_BYTES, "payload_too_large"),
    ],
)
def test_what_is_no_json_object(payload: bytes, code: str) -> None:
    assert codes(reading("taobao", payload)) == [code]


def test_gbk_is_called_by_its_name() -> None:
    reasons = review_of(reading("taobao", '{"title": "订单"}'.encode("gbk")))["reasons"]
    assert "GBK" in reasons[0]["fix"]


def test_escaped_characters_beyond_the_basic_plane_are_fine() -> None:
    doc = changed(TAOBAO, buyer_message="好😀")
    assert order_of(reading("taobao", json.dumps(doc).encode()))["attributes"]["buyer_note"] == "好😀"


@pytest.mark.parametrize(
    ("fields", "key", "code"),
    [
        ({"channel": "kaola"}, "", "unknown_channel"),
        ({"kind": "refund"}, "", "unknown_kind"),
        ({"content_type": "text/xml"}, "", "unknown_content_type"),
        ({"shop": ""}, "", "missing_field"),
        ({"order_no": "2300000000000000009"}, "", "order_no_mismatch"),
        ({}, "taobao:5", "key_mismatch"),
        ({}, None, "key_mismatch"),
        ({}, b"\xff\xfe", "key_mismatch"),
    ],
)
def test_envelopes_that_disagree(fields: dict[str, Any], key: bytes | str | None, code: str) -> None:
    assert codes(reading("taobao", TAOBAO, key=key, **fields)) == [code]


def test_a_review_goes_by_the_messages_own_key() -> None:
    assert reading("taobao", TAOBAO, key=b"taobao:5").order_id == "taobao:5"
    assert reading("taobao", TAOBAO, key=None).order_id == "taobao:2300000000000000001"


LINE: Doc = TAOBAO["orders"]["order"][0]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "no_goods_lines"),
        ([LINE, LINE], "duplicate_line"),
        ([changed(LINE, outer_sku_id="SKU-X")], "unknown_sku"),
        ([changed(LINE, num=0)], "quantity_not_positive"),
        ([changed(LINE, num=-3)], "quantity_not_positive"),
        ([changed(LINE, num="-3")], "quantity_not_positive"),
        ([changed(LINE, num=1.5)], "wrong_type"),
        ([changed(LINE, num=True)], "wrong_type"),
        ([changed(LINE, num=2**31)], "out_of_range"),
        ([changed(LINE, num=10**30)], "out_of_range"),
        ([changed(LINE, num="10000000")], "out_of_range"),
        ([LINE] * 501, "too_many_lines"),
        (["SKU-A"], "wrong_type"),
    ],
)
def test_lines_that_cannot_be_shipped(lines: list[Any], code: str) -> None:
    assert codes(reading("taobao", changed(TAOBAO, orders={"order": lines}))) == [code]


def test_more_pieces_returned_than_bought() -> None:
    doc = changed(
        SOUND["shopify"],
        fulfillment_status="fulfilled",
        refunds=[{"refund_line_items": [{"line_item_id": 830000000000001, "quantity": 3, "restock_type": "return"}]}],
    )
    assert codes(reading("shopify", doc)) == ["returned_too_many"]


@pytest.mark.parametrize("field", ["receiver_name", "receiver_mobile", "receiver_address"])
def test_a_parcel_needs_its_label(field: str) -> None:
    assert codes(reading("taobao", changed(TAOBAO, **{field: ""}))) == ["missing_field"]
    assert reading("taobao", changed(TAOBAO, status="WAIT_BUYER_PAY", **{field: ""})).order


def test_every_reason_is_reported() -> None:
    doc = changed(TAOBAO, modified="soon", receiver_name="", orders={"order": [changed(LINE, num=0, outer_sku_id="X")]})
    found = codes(reading("taobao", doc, shop="", key="taobao:5"))
    assert found == [
        *("missing_field", "key_mismatch"),
        *("quantity_not_positive", "invalid_time"),
        *("missing_field", "unknown_sku"),
    ]


def test_reasons_are_bounded() -> None:
    lines = [changed(LINE, oid=n + 1, num=0, price="x", outer_sku_id="X") for n in range(500)]
    found = codes(reading("taobao", changed(TAOBAO, orders={"order": lines})))
    assert len(found) == 101
    assert found[-1] == "more_reasons"


def test_a_cancelled_order_needs_no_known_goods() -> None:
    doc = changed(TAOBAO, status="TRADE_CLOSED", orders={"order": [changed(LINE, outer_sku_id="SKU-X")]})
    assert order_of(reading("taobao", doc))["status"] == "CANCELLED"


def test_what_is_no_channel_event_raises() -> None:
    with pytest.raises(NotAChannelEvent, match="tombstone"):
        read_event(None, "taobao:1", at(0), SKUS)
    other = CODEC.encode("Seen", {"outcome": "REVIEW", "version": 0, "fingerprint": b"", "source": at(0)})
    with pytest.raises(NotAChannelEvent, match="Seen"):
        read_event(other, "taobao:1", at(0), SKUS)
    with pytest.raises(CodecError):
        read_event(b"no avro", "taobao:1", at(0), SKUS)


# The generator's malformations

GOODS = catalogue(50, 3)
KNOWN = frozenset(item.sku for item in GOODS)


def sound_events() -> dict[str, RawEvent]:
    """A plain new order of each channel."""
    events = generate(200, 3, start_ms=10**12, items=GOODS, duplicate_rate=0, malformed_rate=0)
    found: dict[str, RawEvent] = {}
    for raw in events:
        if raw.note == "new" and b"WAIT_BUYER_PAY" not in raw.event["payload"]:
            found.setdefault(raw.event["channel"], raw)
    return found


EVENTS = sound_events()


def read_raw(raw: RawEvent) -> Reading:
    return read_event(CODEC.encode("ChannelEvent", raw.event), raw.key, at(0), KNOWN)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_generators_events_are_sound(channel: str) -> None:
    assert read_raw(EVENTS[channel]).order


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", MALFORMATIONS)
def test_every_malformation_is_reviewed_for_its_reason(channel: str, name: str) -> None:
    raw = spoil(name, EVENTS[channel])
    assert raw.note == f"malformed:{name}"
    assert MALFORMATIONS[name][1] in codes(read_raw(raw))


def test_there_are_ten_malformations() -> None:
    assert len(MALFORMATIONS) == 10
    assert len({code for _, code in MALFORMATIONS.values()}) >= 8


# Dedup


def taobao(offset: int = 0, minute: int = 0, received: int = 2, **fields: Any) -> Reading:
    """A Taobao order modified `minute` minutes after ten."""
    doc = changed(TAOBAO, modified=f"2026-01-01 10:{minute:02d}:00", **fields)
    return reading("taobao", doc, offset=offset, received_at_ms=received)


def first_seen(found: Reading) -> Seen:
    seen = dedup(found, None).seen
    assert seen is not None
    return seen


def outcome(decision: Decision) -> str:
    return f"Duplicate {decision.record['kind']}" if decision.name == "Duplicate" else decision.name  # type: ignore[typeddict-item]


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


# Fingerprints


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same JSON with its keys in another order at every level."""
    if isinstance(value, dict):
        names = list(value)
        rng.shuffle(names)
        return {name: shuffled(value[name], rng) for name in names}
    return [shuffled(one, rng) for one in value] if isinstance(value, list) else value


@given(channel=st.sampled_from(CHANNELS), rng=st.randoms(use_true_random=False))
def test_the_fingerprint_ignores_key_order(channel: str, rng: random.Random) -> None:
    assert reading(channel, shuffled(SOUND[channel], rng)).fingerprint == reading(channel, SOUND[channel]).fingerprint


def test_the_fingerprint_ignores_line_order_arrival_and_version() -> None:
    lines = [LINE, changed(LINE, oid=9, outer_sku_id="SKU-B")]
    one = taobao(1, orders={"order": lines})
    other = taobao(2, minute=9, received=99, orders={"order": lines[::-1]})
    assert one.fingerprint == other.fingerprint


def test_the_fingerprint_sees_content() -> None:
    found = {
        taobao().fingerprint,
        taobao(payment="98.00").fingerprint,
        taobao(status="TRADE_CLOSED").fingerprint,
        taobao(receiver_address="别处").fingerprint,
        taobao(buyer_message="快").fingerprint,
        taobao(orders={"order": [changed(LINE, num=3)]}).fingerprint,
        taobao(top_hold=1).fingerprint,
        reading("taobao", TAOBAO, shop="shop-2").fingerprint,
    }
    assert len(found) == 8


FINGERPRINTS = {
    "douyin": "367f95162b189e30",
    "jd": "02a0b006598125a2",
    "pdd": "25b6c278c7302626",
    "shopify": "19297a93ec80bfe3",
    "taobao": "fefac0bc7ebe7326",
}


def test_fingerprints_stay_the_same_over_releases() -> None:
    """A change here makes every order in `seen` look new: then bump it on purpose, with a migration."""
    assert {channel: reading(channel, SOUND[channel]).fingerprint.hex() for channel in CHANNELS} == FINGERPRINTS


# Nothing raises

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**30), max_value=10**30)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "0001-01-01 00:00:00", "99.00", "-1", "１", "NaN", "1E400", 2**31, 2**63, 1e308, "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(channel=st.sampled_from(CHANNELS), payload=st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(channel: str, payload: bytes) -> None:
    assert reading(channel, payload).review


@given(channel=st.sampled_from(CHANNELS), value=JSON_VALUES)
def test_arbitrary_json_never_raises(channel: str, value: Any) -> None:
    assert reading(channel, json.dumps(value).encode()).review


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a JSON value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        found += places(inner, (*path, name))
    return found


@settings(max_examples=400)
@given(channel=st.sampled_from(CHANNELS), data=st.data())
def test_any_mutation_of_a_sound_order_never_raises(channel: str, data: st.DataObject) -> None:
    doc = changed(SOUND[channel])
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(doc)))
        owner = doc
        for name in path[:-1]:
            owner = owner[name]
        owner[path[-1]] = data.draw(JSON_VALUES)
    found = reading(channel, json.dumps(doc).encode())
    decision = dedup(found, first_seen(reading(channel, SOUND[channel])))
    assert decision.name in ("Order", "Review", "Duplicate")


@given(
    st.fixed_dictionaries(
        {name: st.text(max_size=12) for name in ("channel", "shop", "order_no", "kind", "content_type")}
    ),
    st.none() | st.binary(max_size=20) | st.text(max_size=20),
)
def test_arbitrary_envelopes_never_raise(fields: dict[str, Any], key: bytes | str | None) -> None:
    assert reading("taobao", TAOBAO, key=key, **fields).review
