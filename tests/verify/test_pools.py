"""The verifier's own pools: they come to what the inventory decides, and say what it must not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings

from streams.domain.inventory.decide import availability
from tests.domain.pools import Ledger, freeze, pool
from tests.properties.test_pool_properties import BARRED, COMMANDS, FIRST, live
from tests.verify.logs import Logs

#: What is judged here; orders of these logs are never told of.
OF_POOLS = {"pool_oversold", "pool_served_differs"}
OF_STOCK = OF_POOLS | {
    *("answer_wrong", "resolved_twice", "expired_early", "applied_twice", "oversold", "availability_differs"),
}


def told(commands: list[Any], spoil: Callable[[str, Any], Any] = lambda name, record: record) -> dict[str, int]:
    """What is violated where the inventory answers so."""
    return {kind: count for kind, count in logs_of(commands, spoil).kinds().items() if kind in OF_STOCK}


def logs_of(commands: list[Any], spoil: Callable[[str, Any], Any]) -> Logs:
    """What a SKU's topics hold after these commands; ``spoil`` changes a result, or drops it with None."""
    logs, ledger = Logs(), Ledger()
    for name, command, decision in live(ledger, commands):
        logs.now_ms = ledger.at_ms
        logs.add("inventory.commands", command["sku"], name, **command)
        for kind, record in decision.results:
            if (changed := spoil(kind, record)) is not None:
                logs.add("inventory.results", record["order_id"] or record["sku"], kind, **changed)
        if (seen := availability(None, decision.stock)) is not None:
            logs.add("inventory.availability", seen["sku"], "Availability", **seen)
    return logs


@given(COMMANDS)
@example([*BARRED, BARRED[0]])
@settings(max_examples=150, deadline=None)
def test_two_interpreters_come_to_the_same(commands: list[Any]) -> None:
    assert told([FIRST, *commands]) == {}


def wrong(name: str, **fields: Any) -> Callable[[str, Any], Any]:
    return lambda kind, record: {**record, **fields} if kind == name else record


LIFE: list[Any] = [
    ("SetPool", {**FIRST[1], "pool": pool(2)}),
    *[("Freeze", freeze(f"jd:{number}")) for number in range(3)],
    (
        "Receive",
        {"command_id": "r", "sku": "MUG", "warehouse": "HZ", "quantity": 1, "requested_at_ms": 0},
    ),
]


def test_a_life_as_it_should_be_has_no_violation() -> None:
    assert told(LIFE) == {}


@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        (wrong("FreezeAnswered", answer="FROZEN"), {"answer_wrong", "pool_oversold", "availability_differs"}),
        (wrong("FreezeAnswered", answer="POOL_EXHAUSTED"), {"answer_wrong"}),
        (wrong("PoolServed", warehouse="GZ"), {"pool_served_differs"}),
        (wrong("PoolServed", reservation_id="jd:1/1.1/1/pool"), {"pool_served_differs"}),
        (lambda kind, record: None if kind == "PoolServed" else record, {"pool_served_differs"}),
    ],
)
def test_what_must_not_be_is_said(spoil: Callable[[str, Any], Any], kinds: set[str]) -> None:
    assert kinds <= told(LIFE, spoil).keys()


def test_a_figure_that_is_published_wrongly_is_said() -> None:
    logs, ledger = Logs(), Ledger()
    for name, command, decision in live(ledger, LIFE):
        logs.now_ms = ledger.at_ms
        logs.add("inventory.commands", command["sku"], name, **command)
        for kind, record in decision.results:
            logs.add("inventory.results", record["order_id"] or record["sku"], kind, **record)
    seen = availability(None, ledger.stock)
    assert seen is not None and seen["pool"] is not None
    logs.add("inventory.availability", "MUG", "Availability", **{**seen, "pool": {**seen["pool"], "sold": 1}})
    assert logs.kinds()["availability_differs"] == 1
