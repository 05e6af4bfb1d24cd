"""From each platform to its topic: whole snapshots, each change, nothing lost, whatever the platform does with its messages."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.topics import CHANNELS
from streams.domain.channels import MAPPERS
from streams.domain.channels.payload import read_object
from streams.domain.intake.reading import FETCHED, PUSHED
from tests.connectors.channels.edge import Edge, until


def snapshot_of(channel: str, event: Any) -> Any:
    reasons: list[Any] = []
    document = read_object(event["payload"], reasons)
    assert document is not None, reasons
    return MAPPERS[channel](document, reasons)


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_order_comes_whole_and_dated_by_its_platform(edge: Edge, channel: str) -> None:
    orders = edge.orders(channel, 20)
    here = edge.here()
    changed = edge.place(channel, orders.values())
    events = until(lambda: edge.events(here, channel), f"all of {channel}", lambda found: found.keys() >= orders.keys())
    # What an earlier test placed may be told once more, as platforms do.
    for order_no, (event, *_) in [(order_no, events[order_no]) for order_no in orders]:
        kind = PUSHED if channel == "shopify" else FETCHED
        assert (event["channel"], event["shop"], event["kind"]) == (channel, orders[order_no]["shop"], kind)
        assert snapshot_of(channel, event).order_no == order_no
        # Platforms write whole seconds.
        assert changed[order_no] - 1_000 <= event["occurred_at_ms"] <= changed[order_no] + 1
        # By the log's time, which is behind the host's by what an answer takes.
        assert event["received_at_ms"] >= changed[order_no] - 1_000


@pytest.mark.parametrize("channel", CHANNELS)
def test_messages_twice_and_out_of_order_and_calls_that_fail_lose_nothing(edge: Edge, channel: str) -> None:
    orders = edge.orders(channel, 40)
    here = edge.here()
    edge.faults(
        channel, errors=0.15, resets=0.05, lost_answers=0.05, throttle=0.02, duplicate_pushes=0.2, reorder_pushes=0.2
    )
    try:
        edge.place(channel, orders.values())
        until(lambda: edge.events(here, channel), f"all of {channel}", lambda found: found.keys() >= orders.keys())
    finally:
        edge.faults(channel)
    until(lambda: edge.counts(channel), "all are confirmed", lambda counts: counts["pushes_pending"] == 0)


def test_jd_orders_that_a_look_sees_again_are_sent_again_only_when_they_changed(edge: Edge) -> None:
    """Each look begins before the end of the last one."""
    (first,), (second,), (third,) = (orders := [edge.orders("jd", 1) for _ in range(3)])
    here = edge.here()
    edge.place("jd", orders[0].values())
    until(lambda: edge.events(here, "jd"), "the first is there", lambda found: first in found)
    # By the time that the next one has come, a look has seen the first one again.
    edge.place("jd", orders[1].values())
    until(lambda: edge.events(here, "jd"), "the second is there", lambda found: second in found)
    assert len(edge.events(here, "jd")[first]) == 1
    changed = orders[0][first]
    changed["payload"]["orderState"] = "TRADE_CANCELED"
    edge.place("jd", [changed])
    until(lambda: edge.events(here, "jd")[first], "its change is there", lambda events: len(events) == 2)
    edge.place("jd", orders[2].values())
    until(lambda: edge.events(here, "jd"), "the third is there", lambda found: third in found)
    assert len(edge.events(here, "jd")[first]) == 2


def test_jd_goes_on_at_its_mark(edge: Edge) -> None:
    """What changed while no gateway ran is found by the next one."""
    orders = edge.orders("jd", 10)
    here = edge.here()
    assert edge.gateway.stop() == 0
    edge.place("jd", orders.values())
    edge.gateway.start()
    until(lambda: edge.events(here, "jd"), "all are there", lambda found: found.keys() >= orders.keys())
