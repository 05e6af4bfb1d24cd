"""Orders that were told of: each read once for many notices, and one that can't be read holds up no other."""

from __future__ import annotations

import time

from connectors.channels.base import Outgoing, notices
from connectors.platforms.times import now_ms
from schemas.topics import QUARANTINE
from streams.ops.cluster import Publisher
from streams.ops.groups import Groups
from streams.topology import group_id
from tests.connectors.channels.edge import Edge, until
from tests.raw import LARGE, send


def told(edge: Edge, channel: str, order_no: str, shop: str = "") -> Outgoing:
    """A notice as the connectors make them."""
    (made,) = notices(
        {
            "notice_id": "n",
            "order_id": f"{channel}:{order_no}",
            "channel": channel,
            "shop": shop or next(s.shop for s in edge.shops.shops if s.channel == channel),
            "order_no": order_no,
            "kind": "test",
            "occurred_at_ms": now_ms(),
            "received_at_ms": now_ms(),
            "payload": b"{}",
            "aftersale_id": "",
        }
    )
    return made


def publish(edge: Edge, *records: Outgoing) -> None:
    with Publisher(edge.settings) as publisher:
        for record in records:
            publisher.send(record.topic, record.key, record.value)


def test_many_notices_of_an_order_are_one_reading(edge: Edge) -> None:
    (order_no,) = orders = edge.orders("taobao", 1)
    # Before its placing: the push of that may be read before `here` and arrive after it.
    before = edge.counts("taobao")["calls"].get("taobao.trade.fullinfo.get", {}).get("ok", 0)
    edge.place("taobao", orders.values())
    shop = orders[order_no]["shop"]
    here = edge.here()
    publish(edge, *[told(edge, "taobao", order_no, shop)] * 300)
    until(lambda: edge.events(here, "taobao"), "it was read", lambda found: order_no in found)
    until(lambda: edge.gateway.metric("gateway_waiting_orders"), "nothing waits", lambda waiting: waiting == 0)
    # They may come in a few batches; the push of its placing is among them.
    readings = edge.counts("taobao")["calls"]["taobao.trade.fullinfo.get"]["ok"] - before
    assert readings < 30
    assert len(edge.events(here, "taobao")[order_no]) <= readings


def test_what_cannot_be_read_goes_to_quarantine_and_holds_up_no_other(edge: Edge) -> None:
    orders = edge.orders("pdd", 3)
    here = edge.here()
    unknown = [told(edge, channel, "999999999999") for channel in ("taobao", "pdd", "douyin")]
    strange = Outgoing("channel.notices", "pdd:1", b"no record")
    closed = told(edge, "pdd", "261125-000000000000001", shop="a shop that was closed")
    publish(edge, *unknown, strange, closed)
    edge.place("pdd", orders.values())
    until(lambda: edge.events(here, "pdd"), "the others are read", lambda found: found.keys() >= orders.keys())
    aside = until(
        lambda: {e.key: e.record for e in edge.since(here) if e.topic == QUARANTINE},
        "all five are in quarantine",
        lambda found: found.keys() >= {*(record.key for record in unknown), "pdd:1", closed.key},
    )
    for record in unknown:
        headers = aside[record.key]
        assert headers["topic"] == b"channel.notices"
        assert headers["error"].startswith(b"Refused: "), headers["error"]
    assert b"PENSTOCK_SHOPS" in aside[closed.key]["error"]
    assert aside["pdd:1"]["error"].startswith(b"NotAvro")


def test_what_is_too_large_for_quarantine_is_named_there_and_is_behind(edge: Edge) -> None:
    here = edge.here()
    send(edge.settings.brokers, "channel.notices", "pdd:large", LARGE)
    headers = until(
        lambda: {e.key: e.record for e in edge.since(here) if e.topic == QUARANTINE},
        "it is in quarantine",
        lambda found: "pdd:large" in found,
    )["pdd:large"]
    assert headers["bytes"] == str(len(LARGE)).encode() and len(headers["sha256"]) == 64
    place = "channel.notices", int(headers["partition"])
    groups = Groups(edge.settings)
    until(
        lambda: groups.committed(group_id(edge.settings.app_id, "fetcher"), [place]),
        "no successor reads it again",
        lambda found: found.get(place, 0) > int(headers["offset"]),
    )
    groups.close()


def test_a_shop_whose_platform_is_away_is_read_when_it_is_back(edge: Edge) -> None:
    away, other = edge.orders("taobao", 5), edge.orders("douyin", 5)
    here = edge.here()
    edge.place("taobao", away.values())
    edge.faults("taobao", errors=1.0)
    try:
        publish(edge, *(told(edge, "taobao", no, order["shop"]) for no, order in away.items()))
        edge.place("douyin", other.values())
        until(lambda: edge.events(here, "douyin"), "the others are read", lambda found: found.keys() >= other.keys())
    finally:
        edge.faults("taobao")
    until(lambda: edge.events(here, "taobao"), "it is read", lambda found: found.keys() >= away.keys())


def test_what_was_told_and_not_read_is_read_by_the_next_process(edge: Edge) -> None:
    """Its notice counts as done when the order is in Kafka, and not before."""
    orders = edge.orders("douyin", 5)
    here = edge.here()
    edge.place("douyin", orders.values())
    until(lambda: edge.events(here, "douyin"), "no push is under way", lambda found: found.keys() >= orders.keys())
    edge.faults("douyin", errors=1.0)
    try:
        here = edge.here()
        publish(edge, *(told(edge, "douyin", no, order["shop"]) for no, order in orders.items()))
        until(lambda: edge.gateway.metric("gateway_waiting_orders"), "they wait", lambda waiting: waiting >= 5)
        # Long enough for positions to be committed, were they wrong.
        time.sleep(2.5)
        edge.gateway.kill()
    finally:
        edge.faults("douyin")
    edge.gateway.start()
    until(lambda: edge.events(here, "douyin"), "they are read", lambda found: found.keys() >= orders.keys())
