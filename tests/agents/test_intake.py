"""The intake's agent on a table in memory: what it sends of two pushes of one second, and which shops' orders it has read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import CODEC
from streams.agents.intake import Intake
from streams.engine import Batch
from streams.ops.shops import named
from tests.agents.test_writeback import Memory
from tests.domain.intake.messages import SKUS, envelope
from tests.domain.raw_orders import TAOBAO, changed

TOPIC, ORDER = "channel.taobao.events", "taobao:2300000000000000001"
HOME = frozenset({("taobao", "shop-1")})


class Message:
    """A push, or what was fetched."""

    def __init__(self, offset: int, note: str, kind: str = "order") -> None:
        payload = json.dumps(changed(TAOBAO, buyer_message=note)).encode()
        self._offset, self._value = offset, CODEC.encode("ChannelEvent", envelope("taobao", payload, kind=kind))

    def key(self) -> bytes:
        return ORDER.encode()

    def value(self) -> bytes:
        return self._value

    def offset(self) -> int:
        return self._offset


class Rig:
    """The agent, and what it sent."""

    def __init__(self, connected: frozenset[tuple[str, str]]) -> None:
        self.agent = Intake(Memory(), SKUS, connected=connected)  # type: ignore[arg-type]
        self.sent: list[tuple[str, str, Any]] = []

    def read(self, *messages: Message) -> list[str]:
        """The topics sent to."""
        self.sent.clear()
        self.agent.on_batch(Batch(TOPIC, 0, list(messages), 0, self))  # type: ignore[arg-type]
        return [topic for topic, _, _ in self.sent]

    def send(self, topic: str, key: bytes, value: bytes) -> None:
        assert key == ORDER.encode()
        self.sent.append((topic, *CODEC.decode(value)))


def test_two_pushes_of_one_second_have_the_order_read_again_and_what_is_read_counts() -> None:
    rig = Rig(HOME)
    # In one batch, as they come.
    assert rig.read(Message(0, "first"), Message(1, "second")) == ["orders", "orders.duplicates", "channel.notices"]
    assert [(name, record["order_id"]) for _, name, record in rig.sent[2:]] == [("ChannelNotice", ORDER)]
    assert rig.read(Message(2, "second", "order.fetched")) == ["orders"]
    assert "second" in rig.sent[0][2]["attributes"].values()
    assert rig.read(Message(3, "second"), Message(4, "second", "order.fetched")) == 2 * ["orders.duplicates"]


def test_a_shop_that_cannot_be_asked_has_a_review_that_says_how_it_could() -> None:
    rig = Rig(frozenset({("taobao", "taobao-other"), ("jd", "shop-1")}))
    assert rig.read(Message(0, "first"), Message(1, "second")) == ["orders", "orders.review"]
    (reason,) = rig.sent[1][2]["reasons"]
    assert reason["code"] == "conflicting_content" and "PENSTOCK_SHOPS" in reason["fix"]


def test_shops_are_named_by_the_file_and_none_of_its_secrets_is_needed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "shops.toml"
    path.write_text('[[shop]]\nchannel = "taobao"\nshop = "shop-1"\nurl = "u"\nsecret = "env:NOT_SET_HERE"\n')
    assert named(path) == HOME
    assert named(None) == frozenset() and not caplog.records
    for spoilt in ("[[shop]]\nchannel = 'x'", "shop = 3", "not toml ="):
        path.write_text(spoilt)
        assert named(path) == frozenset()
    assert named(tmp_path / "nowhere.toml") == frozenset()
    assert len(caplog.records) == 4 and str(path) in caplog.text
