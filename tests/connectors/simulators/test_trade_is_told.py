"""What buyers do in the demo and in the chaos run is told by the platform: then a change that no push brought was dropped."""

from __future__ import annotations

import time

import pytest

from connectors.generator import catalogue
from connectors.simulators.douyin import DouyinSimulator
from connectors.simulators.faults import Rates
from connectors.simulators.pdd import PddSimulator
from connectors.simulators.shopify import ShopifySimulator
from connectors.simulators.simulator import ChannelSimulator, Options
from connectors.simulators.taobao import TaobaoSimulator
from streams.demo.trade import trade

#: Each push is counted, and goes nowhere.
_NOWHERE = Options(gateway="http://127.0.0.1:9", faults=Rates(lost_pushes=1.0))


@pytest.mark.parametrize("simulator", [TaobaoSimulator, PddSimulator, DouyinSimulator, ShopifySimulator])
@pytest.mark.parametrize("seed", [1, 2])
def test_each_change_of_the_trade_has_its_push(simulator: type[ChannelSimulator], seed: int) -> None:
    platform = simulator(_NOWHERE)
    changes = [
        change
        for change in trade(600, seed, catalogue(40, seed), time.time_ns() // 1_000_000, 8.0, 3.0)
        if change.channel == platform.name
    ]
    assert len(changes) > 30
    untold = []
    for change in changes:
        before = platform.counts.faults.get("lost_pushes", 0)
        platform.place(change.shop, change.payload)
        if platform.counts.faults.get("lost_pushes", 0) == before:
            untold.append(f"{change.order_no}: {platform.status(change.payload)}")
    assert untold == []
