"""Which records that waited on disk tell of somebody who is forgotten, and what is left of them."""

from __future__ import annotations

import pytest

from connectors.channels.aside import aside
from connectors.channels.base import NOTICES, Outgoing
from connectors.channels.forgotten import sorted_out
from schemas.codec import CODEC
from tests.personal.forgetting import about

GONE, OTHER = "douyin:4811", "douyin:4812"
AT_MS = 1_767_232_800_000
FORGOTTEN = {GONE: AT_MS}


def told(topic: str, name: str, key: str, at_ms: int = AT_MS) -> Outgoing:
    return Outgoing(topic, key, CODEC.encode(name, about(name, key.encode()) | {"received_at_ms": at_ms}))


def unread(text: str, at_ms: int = AT_MS) -> Outgoing:
    return aside(NOTICES, "", text.encode(), ValueError("no order"), at_ms)


EVENT, NOTICE = ("channel.douyin.events", "ChannelEvent"), (NOTICES, "ChannelNotice")


@pytest.mark.parametrize(
    "record",
    [
        told(*EVENT, GONE),
        told(*NOTICE, GONE),
        told(*EVENT, GONE, AT_MS - 1),
        Outgoing(NOTICES, GONE, b"no Avro"),
        unread('{"p_id": "4811"}'),
        aside(NOTICES, GONE, b"\xff", ValueError("no order"), AT_MS),
    ],
)
def test_what_came_before_the_order_was_named_is_held_back(record: Outgoing) -> None:
    assert sorted_out([record], FORGOTTEN) == ([], [GONE])
    assert sorted_out([record], {}) == ([record], [])


@pytest.mark.parametrize(
    "record",
    [
        told(*EVENT, OTHER),
        told(*EVENT, GONE, AT_MS + 1),
        unread('{"p_id": "14811"}'),
        unread('{"p_id": "48110"}'),
        unread('{"p_id": "4811"}', AT_MS + 1),
        # An event of another order that has the number somewhere.
        Outgoing("channel.douyin.events", OTHER, b"4811"),
    ],
)
def test_of_others_and_of_what_came_later_all_goes(record: Outgoing) -> None:
    assert sorted_out([record], FORGOTTEN) == ([record], [])


def test_of_a_parcels_step_what_is_left_goes() -> None:
    step = told("logistics.traces", "LogisticsTrace", GONE)
    (kept,), held = sorted_out([step], FORGOTTEN)
    assert held == []
    assert CODEC.decode(kept.value)[1] == CODEC.decode(step.value)[1] | {"text": ""}
