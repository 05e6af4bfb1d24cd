"""Orders of one receiver that leave as one parcel, through the live agents, without a broker: from the platform's event to the decision."""

from __future__ import annotations

import json
from typing import Any

from connectors.generator import warehouses
from schemas.topics import channel_topic
from streams.replay.trial.hub import Hub
from streams.settings import Settings
from tests.domain.allocation.flows import HEAD, MINUTE_MS
from tests.domain.make import count, operator
from tests.domain.raw_orders import TEN_O_CLOCK_MS
from tests.domain.released import FLOWS, release, version
from tests.domain.sales import raw

WINDOW = """
nodes = [
  { name = "came", do = "on", event = "accepted", then = "whose" },
  { name = "whose", do = "if", when = [{ field = "shop", in = ["tea"] }], then = "together", otherwise = "send" },
  { name = "together", do = "merge", minutes = 30, then = "send" },
  { name = "send", do = "route", rules = "built-in", then = "done" },
  { name = "done", do = "end" },
]
"""


class Trade:
    """A hub whose flow lets orders of the shop tea wait for half an hour; its clock stands at ten until it is told otherwise."""

    def __init__(self, *stock: tuple[str, str, int]) -> None:
        self.hub = Hub(Settings.from_env({}), ())
        self.at_ms = TEN_O_CLOCK_MS
        for each in warehouses():
            self.hub.put("config.warehouses", each["warehouse"], "Warehouse", each)
        self.hub.put("config.documents", f"{FLOWS}@1", "ConfigDocument", version(1, HEAD + WINDOW, FLOWS))
        self.hub.put("config.releases", FLOWS, "ConfigRelease", release(1, name=FLOWS))
        for number, (sku, warehouse, quantity) in enumerate(stock or (("SKU-A", "hz1", 20),)):
            arrived = count(f"r{number}", sku=sku, warehouse=warehouse, quantity=quantity)
            self.put("inventory.commands", sku, "Receive", arrived)

    def put(self, topic: str, key: str, name: str, record: Any) -> None:
        self.hub.put(topic, key, name, record)
        self.hub.run(self.at_ms)

    def order(self, number: int, shop: str = "tea", sku: str = "SKU-A", newer: bool = False, **shows: Any) -> str:
        """An order of the same receiver, unless it shows another."""
        order_no = f"23000000000000001{number:02}0"
        event = {
            "channel": "taobao",
            "shop": shop,
            "order_no": order_no,
            "kind": "order",
            "event_id": f"e{number}{newer}",
            "occurred_at_ms": self.at_ms,
            "received_at_ms": self.at_ms,
            "content_type": "application/json",
            "payload": json.dumps(raw("taobao", shows, order_no=order_no, sku=sku, newer=newer)).encode(),
        }
        order_id = f"taobao:{order_no}"
        self.put(channel_topic("taobao"), order_id, "ChannelEvent", event)
        return order_id

    def later(self, minutes: int) -> None:
        self.at_ms += minutes * MINUTE_MS
        self.hub.settle(self.at_ms)

    def stands(self, order_id: str) -> tuple[str, str]:
        state = self.hub.row("order_state", order_id)
        return state["phase"], state["merge"]["stage"] if state["merge"] else ""

    def allocated(self, order_id: str) -> list[tuple[set[str], Any]]:
        """Warehouses, and the parcel, of each allocation."""
        its = [t.record for t in self.hub.told if t.name == "OrderAllocated" and t.record["order_id"] == order_id]
        return [({part["warehouse"] for part in each["parts"]}, each["merged"]) for each in its]

    def said(self, order_id: str) -> list[str]:
        told = [t.record for t in self.hub.told if t.name == "OrderStatusChanged"]
        return [each["reason"] for each in told if each["order_id"] == order_id]


def test_orders_of_one_receiver_wait_and_leave_as_one_parcel() -> None:
    trade = Trade(("SKU-A", "hz1", 20), ("SKU-B", "hz1", 5), ("SKU-B", "gz1", 50))
    first = trade.order(1)
    assert trade.stands(first) == ("HELD", "WAITS")
    trade.later(5)
    second, other_shop = trade.order(2, sku="SKU-B"), trade.order(3, shop="coffee")
    elsewhere = trade.order(4, oaid="oaid-2")
    assert trade.stands(other_shop) == ("ALLOCATED", "MAY")
    assert not trade.allocated(first) and not trade.allocated(second)
    trade.later(23)
    assert trade.stands(second) == ("HELD", "WAITS")
    trade.later(1)
    parcel = {"code": f"{first.replace(':', '.')}.M", "orders": [first, second]}
    assert trade.allocated(first) == [({"hz1"}, parcel)]
    assert trade.allocated(second) == [({"hz1"}, parcel)]
    assert (trade.stands(first), trade.stands(second)) == (("ALLOCATED", "MERGED"), ("ALLOCATED", "MERGED"))
    assert trade.stands(elsewhere) == ("HELD", "WAITS")
    assert trade.said(second)[-1] == f"every part is reserved; it leaves with {first}"
    trade.later(5)
    assert trade.stands(elsewhere) == ("ALLOCATED", "ALONE")
    assert "goes alone: no other order came, or stayed" in trade.said(elsewhere)
    # Nothing is kept of who had waited.
    trade.later(60)
    assert trade.hub.rows("merging") == []
    assert not [t for t in trade.hub.told if t.topic == "penstock.quarantine"]


def test_who_is_alone_in_a_shop_without_a_window_sends_no_message() -> None:
    trade = Trade()
    order_id = trade.order(1, shop="coffee")
    assert trade.stands(order_id)[0] == "ALLOCATED"
    assert not [t for t in trade.hub.told if t.topic.startswith("merging.")]


def test_whose_goods_are_not_where_the_first_ones_are_goes_alone() -> None:
    trade = Trade(("SKU-A", "hz1", 20), ("SKU-B", "gz1", 50))
    first, second, third = trade.order(1), trade.order(2, sku="SKU-B"), trade.order(3)
    trade.later(29)
    assert trade.allocated(second) == [({"gz1"}, None)]
    assert "goes alone: its goods are not all at hz1" in trade.said(second)
    assert [parcel["orders"] for _, parcel in trade.allocated(first)] == [[first, third]]
    assert [parcel["orders"] for _, parcel in trade.allocated(third)] == [[first, third]]


def test_a_first_one_without_goods_lets_the_next_lead() -> None:
    trade = Trade(("SKU-A", "hz1", 20), ("SKU-B", "hz1", 1))
    short, second, third = trade.order(1, sku="SKU-B"), trade.order(2), trade.order(3)
    trade.later(29)
    assert trade.stands(short) == ("BACKORDERED", "ALONE")
    assert [parcel["orders"] for _, parcel in trade.allocated(second)] == [[second, third]]
    assert trade.allocated(third) == trade.allocated(second)


def test_a_change_splits_it_off() -> None:
    trade = Trade()
    first, moved, held, gone, last = (trade.order(number) for number in range(1, 6))
    trade.order(2, newer=True, oaid="oaid-9")
    assert trade.stands(moved) == ("ALLOCATED", "ALONE")
    assert "goes alone: its receiver changed" in trade.said(moved)
    trade.put("orders.decisions", held, "OperatorDecision", operator("HOLD", "h", held))
    assert trade.stands(held) == ("HELD", "ALONE")
    trade.put("orders.decisions", gone, "OperatorDecision", operator("CANCEL", "c", gone))
    assert trade.stands(gone) == ("CANCELLED", "ALONE")
    trade.later(29)
    assert [parcel["orders"] for _, parcel in trade.allocated(first)] == [[first, last]]
    assert trade.allocated(last) == trade.allocated(first)
    # What is let go later goes by itself.
    trade.put("orders.decisions", held, "OperatorDecision", operator("RELEASE_HOLD", "r", held))
    assert trade.stands(held) == ("ALLOCATED", "ALONE")


def test_an_operator_lets_it_go_at_once() -> None:
    trade = Trade()
    first, second = trade.order(1), trade.order(2)
    trade.put("orders.decisions", first, "OperatorDecision", operator("RELEASE_HOLD", "r", first))
    assert trade.stands(first) == ("ALLOCATED", "ALONE")
    trade.later(29)
    assert trade.allocated(second) == [({"hz1"}, None)]


def test_its_own_time_is_over_whatever_the_owner_of_the_group_says() -> None:
    trade = Trade()
    first, second = trade.order(1), trade.order(2)
    # As if nothing of the group had been heard: its tick never comes.
    trade.hub._tables["merging_due"].rows.clear()
    trade.later(29)
    assert trade.stands(first) == ("HELD", "WAITS")
    trade.later(1)
    assert (trade.stands(first), trade.stands(second)) == (("ALLOCATED", "ALONE"), ("ALLOCATED", "ALONE"))
    assert "goes alone: its time to wait is over" in trade.said(first)
