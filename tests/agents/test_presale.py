"""Orders of a sale as each of the five platforms shows them, through the live agents: frozen at once, sent when they may."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.generator import warehouses
from schemas.topics import CHANNELS, channel_topic
from streams.replay.trial.hub import Hub
from streams.settings import Settings
from tests.domain.make import count
from tests.domain.pools import DAY_MS, pool, set_pool
from tests.domain.raw_orders import ORDER_NO, TEN_O_CLOCK_MS
from tests.domain.sales import DEPOSIT, FROM_A_DAY, raw

SALE = {"from_ms": TEN_O_CLOCK_MS - DAY_MS, "until_ms": TEN_O_CLOCK_MS + DAY_MS}


class Trade:
    """A hub with a sale of SKU-A; its clock stands at ten o'clock until it is told otherwise."""

    def __init__(self, cap: int, **fields: Any) -> None:
        self.hub = Hub(Settings.from_env({}), ())
        self.at_ms = TEN_O_CLOCK_MS + 60_000
        for each in warehouses():
            self.hub.put("config.warehouses", each["warehouse"], "Warehouse", each)
        self.put("inventory.commands", "SKU-A", "SetPool", set_pool(1, pool(cap, **SALE, **fields), "SKU-A"))

    def put(self, topic: str, key: str, name: str, record: Any) -> None:
        self.hub.put(topic, key, name, record)
        self.hub.run(self.at_ms)

    def order(self, channel: str, shows: Any, **more: Any) -> str:
        order_no = more.get("order_no") or ORDER_NO[channel]
        event = {
            "channel": channel,
            "shop": "tea",
            "order_no": order_no,
            "kind": "order",
            "event_id": f"{order_no}-{len(self.hub.told)}",
            "occurred_at_ms": self.at_ms,
            "received_at_ms": self.at_ms,
            "content_type": "application/json",
            "payload": json.dumps(raw(channel, shows, **more)).encode(),
        }
        order_id = f"{channel}:{order_no}"
        self.put(channel_topic(channel), order_id, "ChannelEvent", event)
        return order_id

    def receive(self, quantity: int) -> None:
        arrived = count(f"r{len(self.hub.told)}", sku="SKU-A", warehouse="hz1", quantity=quantity)
        self.put("inventory.commands", "SKU-A", "Receive", arrived)

    def later(self, days: int) -> None:
        self.at_ms += days * DAY_MS
        self.hub.settle(self.at_ms)

    def status(self, order_id: str) -> tuple[str, str]:
        found = [t.record for t in self.hub.told if t.name == "OrderStatusChanged" and t.record["order_id"] == order_id]
        return (found[-1]["status"], found[-1]["reason"]) if found else ("", "")

    def figures(self) -> tuple[int, int, int]:
        its = self.hub.row("stock", "SKU-A")["pool"]
        return its["sold"], its["frozen"], its["waiting"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_deposit_freezes_softly_the_balance_for_good_and_it_is_sent_once_its_goods_are_there(channel: str) -> None:
    trade = Trade(2)
    deposit, balance = DEPOSIT[channel]
    order_id = trade.order(channel, deposit)
    assert (trade.status(order_id), trade.figures()) == (("HELD", "deposit_only"), (2, 2, 0))
    trade.order(channel, balance, newer=True)
    assert trade.status(order_id) == ("BACKORDERED", "goods_to_come: 2 x SKU-A frozen")
    trade.later(30)
    assert trade.figures() == (2, 2, 0)
    trade.receive(2)
    assert trade.status(order_id)[0] == "ALLOCATED"


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_balance_that_is_not_paid_in_the_pools_time_gives_its_pieces_back(channel: str) -> None:
    trade = Trade(2)
    order_id = trade.order(channel, DEPOSIT[channel][0])
    trade.later(2)
    assert trade.figures() == (0, 0, 0)
    assert "frozen no more" in trade.status(order_id)[1]
    trade.receive(2)
    assert trade.status(order_id)[0] == "HELD"


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_order_that_may_go_from_a_day_on_is_frozen_for_good_and_not_sent_before(channel: str) -> None:
    trade = Trade(2)
    order_id = trade.order(channel, FROM_A_DAY[channel])
    assert (trade.status(order_id), trade.figures()) == (("HELD", "not_before"), (2, 2, 0))
    trade.receive(2)
    trade.later(3)
    assert (trade.status(order_id)[0], trade.figures()) == ("HELD", (2, 0, 0))
    trade.later(9)
    assert trade.status(order_id)[0] == "ALLOCATED"


def test_all_five_draw_on_one_pool_and_who_comes_after_the_cap_waits_in_turn() -> None:
    trade = Trade(6)
    orders = [trade.order(channel, DEPOSIT[channel][1]) for channel in CHANNELS]
    assert trade.figures() == (6, 6, 2)
    assert [trade.status(each)[1].split(":")[0] for each in orders] == [
        *["goods_to_come"] * 3,
        *["POOL_EXHAUSTED"] * 2,
    ]
    trade.receive(7)
    assert [trade.status(each)[0] for each in orders] == ["ALLOCATED"] * 3 + ["BACKORDERED"] * 2
    trade.receive(1)
    assert trade.status(orders[3])[0] == "ALLOCATED"
    assert not [t for t in trade.hub.told if t.name == "Quarantined"]
