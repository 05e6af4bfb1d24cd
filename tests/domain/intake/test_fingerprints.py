"""Fingerprints: the same content has the same one, whatever its form; other content has another."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.intake.messages import CHANNELS, LINE, RECEIVED_MS, reading, taobao
from tests.domain.raw_orders import SOUND, TAOBAO, changed


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
    other = taobao(2, minute=9, received=RECEIVED_MS + 99, orders={"order": lines[::-1]})
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
    "douyin": "7fe3c39d6f45d41d",
    "jd": "4261c0fa75b32c8f",
    "pdd": "76268ee0edcc96f7",
    "shopify": "23c7bf4b27da1b05",
    "taobao": "5e71c44acca1080f",
}


def test_fingerprints_stay_the_same_over_releases() -> None:
    """A change here makes every order in `seen` look new: then bump it on purpose, with a migration."""
    assert {channel: reading(channel, SOUND[channel]).fingerprint.hex() for channel in CHANNELS} == FINGERPRINTS
