"""Intake: nothing that a message may hold makes it raise."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Order
from streams.domain.channels.fields import MAX_QUANTITY
from streams.domain.channels.snapshot import to_send
from streams.domain.intake.dedup import dedup
from tests.domain.intake.messages import CHANNELS, first_seen, reading
from tests.domain.raw_orders import SOUND, TAOBAO, changed

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


@settings(max_examples=400)  # drawing a whole document takes as long as it takes
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
    if found.order is not None:
        _is_possible(found.order)


def _is_possible(order: Order) -> None:
    """An accepted order's counts can be so, and where something is to be sent there is somebody to send it to."""
    for line in order["lines"]:
        assert 0 <= line["quantity"] <= MAX_QUANTITY
        assert 0 <= line["shipped_quantity"] + line["cancelled_quantity"] <= line["quantity"]
        assert min(line["asked_back_quantity"], line["returned_quantity"]) >= 0
        assert (line["sender"] != "") >= (line["sent_by"] == "NOBODY")
        assert line["sku"] or not to_send(line)
    if order["status"] == "PAID" and any(map(to_send, order["lines"])):
        receiver = order["receiver"]
        # What its platform shows nobody stands behind the token that it prints from.
        assert receiver["country"]
        assert receiver["oaid"] or (receiver["name"] and receiver["phone"] and receiver["address"])
    assert (order["hold_reason"] is not None) == (order["status"] == "HOLD")


@given(
    st.fixed_dictionaries(
        {name: st.text(max_size=12) for name in ("channel", "shop", "order_no", "kind", "content_type")}
    ),
    st.none() | st.binary(max_size=20) | st.text(max_size=20),
)
def test_arbitrary_envelopes_never_raise(fields: dict[str, Any], key: bytes | str | None) -> None:
    assert reading("taobao", TAOBAO, key=key, **fields).review
