"""After-sales of the simulated platforms: what their orders tell of is there to be read, whole, and changes with them."""

from __future__ import annotations

import copy
import json
import time

import pytest

from connectors.generator import catalogue
from connectors.generator.shapes import SHAPES
from connectors.generator.stream import raw_event
from connectors.simulators.douyin import DouyinSimulator
from connectors.simulators.jd import JdSimulator
from connectors.simulators.pdd import PddSimulator
from connectors.simulators.shopify import ShopifySimulator
from connectors.simulators.shopify_paging import utc
from connectors.simulators.simulator import ChannelSimulator, Options
from connectors.simulators.taobao import TaobaoSimulator
from schemas.json_text import compact
from schemas.records import Reason
from streams.demo.trade import trade
from streams.domain.aftersales import MAPPERS, Sale
from streams.domain.channels.payload import read_object
from tests.connectors.channels.sales import asked
from tests.connectors.simulators.sales import sale

OF_ORDERS = [TaobaoSimulator, PddSimulator, DouyinSimulator, ShopifySimulator]
EVERY = [*OF_ORDERS, JdSimulator]


def read(platform: ChannelSimulator, ident: str) -> Sale:
    """As the hub reads what the platform shows; nothing is wrong with it."""
    kept = platform.aftersales.get(ident)
    assert kept is not None
    reasons: list[Reason] = []
    doc = read_object(compact(kept.doc), reasons)
    assert doc is not None
    if ident.startswith("Return/"):
        # Its order's, which the API shows with it.
        doc["order"] |= {"updatedAt": utc(kept.changed_at_ms), "currencyCode": "CNY"}
    found = MAPPERS[platform.name](doc, reasons)
    assert reasons == [], kept.doc
    return found


@pytest.mark.parametrize("simulator", OF_ORDERS)
def test_every_refund_that_an_order_shows_is_there_to_be_read(simulator: type[ChannelSimulator]) -> None:
    platform = simulator(Options())
    shop = next(iter(platform.shops))
    for serial in range(20):
        it = sale(platform.name, serial, (1, 2))
        doc = json.loads(raw_event(it, "shipped", it.placed_at_ms, 0, "new").event["payload"])
        platform.place(shop, copy.deepcopy(doc))
        SHAPES[platform.name].returned(doc, None, it.placed_at_ms + serial)
        platform.place(shop, doc)
    assert len(platform.aftersales) == 20
    for it in platform.aftersales:
        found = read(platform, it.order_no)
        assert found.aftersale_id == it.order_no
        assert platform.orders.get(found.order_no) is not None
        assert all(line["quantity"] > 0 for line in found.lines)


@pytest.mark.parametrize("simulator", EVERY)
def test_one_that_is_asked_for_and_carried_out_is_one(simulator: type[ChannelSimulator]) -> None:
    platform = simulator(Options())
    changes = trade(200, 2, catalogue(40, 2), time.time_ns() // 1_000_000, 8.0, 3.0)
    change = next(it for it in changes if it.channel == platform.name)
    order = platform.place(change.shop, change.payload)
    before = len(platform.aftersales)
    first = platform.ask(order.shop, asked(platform.name, order.order_no, copy.deepcopy(order.doc)))
    number, at = first.order_no, first.change_no
    assert read(platform, number).state == "OPEN"
    platform.ask(order.shop, asked(platform.name, order.order_no, copy.deepcopy(order.doc), done=True))
    assert read(platform, number).state == "DONE"
    kept = platform.aftersales.get(number)
    assert kept is not None and kept.change_no > at and len(platform.aftersales) == before + 1
    # An order placed again as it is has nothing new to tell of its after-sales.
    known = kept.change_no
    platform.place(order.shop, copy.deepcopy(order.doc))
    platform.place(order.shop, copy.deepcopy(order.doc))
    again = platform.aftersales.get(number)
    assert again is not None and again.change_no == known
    platform.cleared()
    assert len(platform.aftersales) == 0


def test_a_refund_of_shopify_stands_in_its_order_too() -> None:
    platform = ShopifySimulator(Options())
    changes = trade(200, 2, catalogue(40, 2), time.time_ns() // 1_000_000, 8.0, 3.0)
    change = next(it for it in changes if it.channel == "shopify")
    order = platform.place(change.shop, change.payload)
    line = order.doc["line_items"][0]
    refund = {
        "id": 77,
        "order_id": int(order.order_no),
        "refund_line_items": [{"line_item_id": line["id"], "quantity": 1, "restock_type": "cancel"}],
        "transactions": [{"kind": "refund", "status": "success", "amount": "1.00", "currency": "CNY"}],
    }
    made = platform.ask(order.shop, refund)
    assert made.order_no == "Refund/77" and [it["id"] for it in order.doc["refunds"]] == [77]
    assert read(platform, "Refund/77").before_shipping is True
    with pytest.raises(KeyError, match="no order here"):
        platform.ask(order.shop, {**refund, "order_id": 1})
