"""Tracking numbers on a real Kafka: a writeback worker that is killed loses no request, sends none twice, and ends where it would have."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Any

import pytest

from schemas.codec import CODEC
from streams.aside.writebacks import Wanted, items
from streams.ops.workers import Workers
from tests.domain.writebacks import result
from tests.integration.conftest import Shop, until
from tests.patience import PATIENCE_S

ORDERS = 30
#: What the platform says to the first, second... submission, by the order's place; all others are taken at once.
SCRIPTS = {3: ("RETRYABLE", "SHIPPED"), 7: ("RETRYABLE",) * 3, 11: ("NUMBER_WRONG",), 15: ("ALREADY_SHIPPED",)}
ENDS = {"SHIPPED": "WRITTEN", "ALREADY_SHIPPED": "WRITTEN", "RETRYABLE": "DEAD", "NUMBER_WRONG": "DEAD"}


@pytest.fixture
def writers(shop: Shop) -> Iterator[Workers]:
    """One writeback worker that tries again after a second."""
    # Without metrics: the shop's own workers have its ports.
    it = Workers(replace(shop.settings, writeback_retry="RETRYABLE=3:1", metrics_port=0), 1, "writeback")
    it.start()
    yield it
    assert it.stop() == [0], it.log(0).read_text()[-3000:]


@pytest.mark.long
def test_a_killed_writeback_worker_loses_and_doubles_nothing(shop: Shop, writers: Workers) -> None:
    ids = [shop.place(shop.order_no(), "WRITTEN", 1) for _ in range(ORDERS)]
    scripts = {order_id: SCRIPTS.get(place, ("SHIPPED",)) for place, order_id in enumerate(ids)}
    shop.cluster.publish([("shipments", order_id, "Shipped", parcel(order_id)) for order_id in ids])

    asked = {f"{o}/1#{n}" for o, script in scripts.items() for n in range(1, len(script) + 1)}
    answered: set[str] = set()
    killed = False
    deadline = time.monotonic() + PATIENCE_S
    while not asked <= answered:
        assert time.monotonic() < deadline, f"unanswered: {asked - answered}; {writers.log(0).read_text()[-2000:]}"
        answered |= answer(shop, scripts, answered)
        time.sleep(0.2)
        if not killed and len(answered) > len(asked) // 3:
            # Answers it has not read, requests it has not committed, retries that are due: it is in the middle of all of it.
            writers.kill(0)
            killed = True
    ends = until(lambda: phases(shop, scripts), settled, "every parcel has ended")

    assert killed
    assert ends == {order_id: ENDS[script[-1]] for order_id, script in scripts.items()}
    # Parcels of other tests' orders are told here, too.
    requests = [record for _, record in shop.records("writeback.requests") if record["order_id"] in scripts]
    assert Counter(record["request_id"] for record in requests) == Counter(asked)
    dead = {record["order_id"] for _, record in shop.records("writeback.dead")} & scripts.keys()
    assert dead == {order_id for order_id, phase in ends.items() if phase == "DEAD"}
    told = shop.penstock("order", "show", ids[3]).stdout
    assert f"{ids[3]}/1#1 RETRYABLE" in told and f"{ids[3]}/1 WRITTEN" in told


def parcel(order_id: str) -> dict[str, Any]:
    return {
        "shipment_id": f"{order_id}/1",
        "order_id": order_id,
        "warehouse": "hz1",
        "carrier": "SF",
        "tracking_no": f"SF{order_id[-6:]}",
        "shipped_at_ms": time.time_ns() // 1_000_000,
        "lines": [],
    }


def answer(shop: Shop, scripts: dict[str, tuple[str, ...]], answered: set[str]) -> set[str]:
    """The platform: answers every request it has not answered yet; returns their ids."""
    new = {r["request_id"]: r for _, r in shop.records("writeback.requests") if r["request_id"] not in answered}
    for request_id, request in new.items():
        script = scripts.get(request["order_id"], ("SHIPPED",))
        outcome = script[min(int(request_id.rpartition("#")[2]), len(script)) - 1]
        record = result(request, outcome, at_ms=time.time_ns() // 1_000_000)
        shop.send("writeback.results", request["order_id"], CODEC.encode("WritebackResult", record))
    return set(new)


def phases(shop: Shop, orders: Container[str]) -> dict[str, str]:
    """Order id -> where its parcel stands."""
    found = (item.status for item in items(shop.cluster, Wanted()))
    return {status["order_id"]: status["phase"] for status in found if status["order_id"] in orders}


def settled(ends: dict[str, str]) -> bool:
    return len(ends) == ORDERS and set(ends.values()) <= {"WRITTEN", "DEAD"}
