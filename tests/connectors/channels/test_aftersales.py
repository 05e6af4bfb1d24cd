"""A refund asked for on a platform reaches the topic ``aftersales``, once: by its push, by the pull where that was lost, never doubled."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.channels.reconcile.process import Options, Reconciler
from connectors.shops import Shops
from schemas.codec import CODEC
from schemas.topics import CHANNELS
from streams.domain.intake.kinds import KINDS
from streams.ops.cluster import Cluster
from tests.connectors.channels.edge import Edge, until
from tests.connectors.channels.sales import asked
from tests.connectors.reconcile.conftest import Hub

QUICK = Options(settle_s=0, lookback_s=600, calls_per_s=500, confirm_percent=0)


@pytest.fixture
def hub(edge: Edge, tmp_path: Path) -> Iterator[Hub]:
    settings = replace(edge.settings, data=tmp_path)
    it = Hub(settings, Cluster(settings))
    yield it
    it.close()


def ask(edge: Edge, channel: str, shop: str, payload: dict[str, Any]) -> str:
    body = {"aftersales": [{"shop": shop, "payload": copy.deepcopy(payload)}]}
    return str(edge.control(channel, "POST", "/_sim/aftersales", body)["aftersales"][0]["id"])


def sales(hub: Hub, order_id: str) -> list[dict[str, Any]]:
    hub.judge()
    return [CODEC.decode(m.value() or b"")[1] for m in hub.cluster.read("aftersales", key=order_id)]


def every(hub: Hub) -> list[dict[str, Any]]:
    hub.judge()
    return [CODEC.decode(m.value() or b"")[1] for m in hub.cluster.read("aftersales")]


def pull(hub: Hub, edge: Edge, channel: str, shop: str) -> int:
    """How much was sent in."""
    shops = Shops(tuple(it for it in edge.shops.shops if (it.channel, it.shop) == (channel, shop)))
    (outcome,), _ = asyncio.run(Reconciler(hub.settings, shops, QUICK).once())
    assert outcome.error == ""
    return outcome.pulled.found


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_refund_is_told_once_by_push_and_pull(edge: Edge, hub: Hub, channel: str) -> None:
    ((order_no, order),) = edge.orders(channel, 1).items()
    here = edge.here()
    edge.place(channel, [order])
    until(lambda: edge.events(here, channel), "the order is there")

    # 1. Asked for: the push tells of it, or the poll finds it.
    ident = ask(edge, channel, order["shop"], asked(channel, order_no, order["payload"]))
    until(lambda: told(edge, here, channel, order_no), "the after-sale is there")
    order_id = f"{channel}:{order_no}"
    (sale,) = sales(hub, order_id)
    assert (sale["aftersale_id"], sale["state"], sale["shop"]) == (ident, "OPEN", order["shop"])
    assert sale["lines"] if channel != "jd" else not sale["lines"]

    # 2. The pull lists it too, and has nothing to add.
    pull(hub, edge, channel, order["shop"])
    assert len(sales(hub, order_id)) == 1

    # 3. Carried out, and no push comes: the pull finds it.
    edge.faults(channel, lost_pushes=1)
    try:
        ask(edge, channel, order["shop"], asked(channel, order_no, order["payload"], done=True))
        found = pull(hub, edge, channel, order["shop"])
    finally:
        edge.faults(channel)
    assert found or channel == "jd"
    until(lambda: len(sales(hub, order_id)), "the change is there", lambda count: count >= 2)
    assert [it["state"] for it in sales(hub, order_id)] == ["OPEN", "DONE"]

    # 4. Once more by the pull: nothing doubles, and nothing is left to a person.
    pull(hub, edge, channel, order["shop"])
    assert len(sales(hub, order_id)) == 2
    assert not list(hub.cluster.read("orders.review", key=order_id))


def told(edge: Edge, here: int, channel: str, order_no: str) -> list[Any]:
    events = edge.events(here, channel).get(order_no, [])
    return [event for event in events if KINDS[event["kind"]].aftersale]


@pytest.mark.parametrize("channel", CHANNELS)
def test_messages_twice_and_calls_that_fail_lose_none_and_double_none(edge: Edge, hub: Hub, channel: str) -> None:
    orders = edge.orders(channel, 8)
    here = edge.here()
    edge.place(channel, orders.values())
    until(lambda: edge.events(here, channel), "the orders are there", lambda found: found.keys() >= orders.keys())
    edge.faults(channel, errors=0.15, resets=0.05, lost_answers=0.05, duplicate_pushes=0.3, reorder_pushes=0.2)
    try:
        for order_no, order in orders.items():
            ask(edge, channel, order["shop"], asked(channel, order_no, order["payload"]))
        until(
            lambda: {order_no for order_no in orders if told(edge, here, channel, order_no)},
            "all after-sales are there",
            lambda found: found == orders.keys(),
        )
    finally:
        edge.faults(channel)
    until(lambda: edge.counts(channel), "all are confirmed", lambda counts: counts["pushes_pending"] == 0)
    assert Counter(sale["order_no"] for sale in every(hub) if sale["order_no"] in orders) == dict.fromkeys(orders, 1)
