"""The simulated ledger against plain counts, and what follows from what when a period runs on it."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents.rules.builtin import default, read
from streams.domain.inventory.stock import InvariantViolation
from streams.domain.routing.planning import PlannedPart
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.facts import LineFacts, OrderFacts
from streams.replay.counterfactual.happened import Event, GivenBack, Happened, Left, Moved, Planned, WarehousesSet
from streams.replay.counterfactual.ledger import Ledger
from streams.replay.counterfactual.sequence import Ran, run
from tests.domain.make import level, warehouse

CODES, SKUS = ("HZ1", "GZ1", "CD1"), ("A", "B")
BUILT_IN = compiled(default())
#: The same, but Guangdong goes before all others.
GUANGDONG_FIRST = compiled(
    read(
        'version = 1\nname = "d"\n[default]\nrank = { mode = "lexicographic", criteria = '
        '[{ by = "sequence", warehouses = ["GZ1"] }, { by = "distance" }] }\n'
    )
)
HERE = (warehouse("HZ1", "浙江"), warehouse("GZ1", "广东"))


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_it_is_what_a_plain_count_of_pieces_gives(random: Random) -> None:
    ledger = Ledger({sku: [level(code, 5, 2, 1) for code in CODES] for sku in SKUS})
    shelf, promised = (
        Counter({(s, c): 5 for s in SKUS for c in CODES}),
        Counter({(s, c): 2 for s in SKUS for c in CODES}),
    )
    older = promised.copy()
    held: dict[str, PlannedPart] = {}
    for number in range(30):
        sku, code, units = random.choice(SKUS), random.choice(CODES), random.randint(1, 4)
        match random.choice(("reserve", "reserve", "release", "ship", "old parcel", "receive", "adjust", "move")):
            case "reserve":
                part = PlannedPart("1", sku, code, units)
                if shelf[sku, code] - promised[sku, code] - 1 >= units:
                    ledger.reserve(str(number), [part])
                    held[str(number)] = part
                    promised[sku, code] += units
                else:
                    with pytest.raises(InvariantViolation):
                        ledger.reserve(str(number), [part])
            case "release" if held:
                name, part = held.popitem()
                assert ledger.release(name) == [part.sku]
                promised[part.sku, part.warehouse] -= part.quantity
            case "ship" if held:
                name, part = held.popitem()
                ledger.ship(name, random.choice(CODES), [(sku, units)])
                promised[part.sku, part.warehouse] -= part.quantity
                shelf[part.sku, part.warehouse] -= part.quantity
            case "old parcel":
                ledger.ship("from before", code, [(sku, units)])
                promised[sku, code] -= min(units, older[sku, code])
                older[sku, code] -= min(units, older[sku, code])
                shelf[sku, code] = max(shelf[sku, code] - units, promised[sku, code])
            case "receive":
                assert ledger.stock("Receive", {"sku": sku, "warehouse": code, "quantity": units}) == [sku]
                shelf[sku, code] += units
            case "adjust":
                ledger.stock("Adjust", {"sku": sku, "warehouse": code, "delta": -units})
                shelf[sku, code] = max(shelf[sku, code] - units, promised[sku, code])
            case "move":
                to = random.choice(CODES)
                ledger.stock("Transfer", {"sku": sku, "warehouse": code, "to": to, "quantity": units})
                shelf[sku, code] = max(shelf[sku, code] - units, promised[sku, code])
                shelf[sku, to] += units
        found = {(s, each["warehouse"]): each for s, levels in ledger.levels(SKUS).items() for each in levels}
        assert {key: (each["on_hand"], each["reserved"]) for key, each in found.items()} == {
            key: (shelf[key], promised[key]) for key in found
        }
        assert all(0 <= each["reserved"] <= each["on_hand"] for each in found.values())
        assert ledger.load == {code: sum(promised[s, code] for s in SKUS) for code in CODES}
        for s in SKUS:
            assert ledger.sellable(s) == sum(max(0, shelf[s, c] - promised[s, c] - 1) for c in CODES)


def order(order_id: str, *skus: str) -> Planned:
    lines = tuple(LineFacts(str(at), sku, 1) for at, sku in enumerate(skus))
    return Planned(order_id, OrderFacts(lines), 1, "浙江", "CN", ())


def ran(rules: object, *events: Event) -> Ran:
    balances = {"A": [level("HZ1", 1), level("GZ1", 1)], "B": [level("GZ1", 1)]}
    counted: list[int] = []
    found = run(rules, Happened(balances, HERE, list(enumerate(events))), counted.append)  # type: ignore[arg-type]
    assert sum(counted) == len(events)
    return found


def senders(found: Ran) -> dict[str, str]:
    return {
        name: "+".join(sorted({part.warehouse for part in went.decision.parts})) for name, went in found.orders.items()
    }


def test_what_one_order_takes_the_next_one_lacks() -> None:
    """Which point by point never shows."""
    events = (order("1", "A"), order("2", "A", "B"))
    assert senders(ran(BUILT_IN, *events)) == {"1": "HZ1", "2": "GZ1"}
    assert senders(ran(GUANGDONG_FIRST, *events)) == {"1": "GZ1", "2": "GZ1+HZ1"}


def test_who_waits_is_served_first_when_something_comes_in() -> None:
    orders = [order(str(number), "B") for number in range(4)]
    more = Moved("Receive", {"sku": "B", "warehouse": "HZ1", "quantity": 1})
    assert senders(ran(BUILT_IN, *orders, more)) == {"0": "GZ1", "1": "HZ1", "2": "", "3": ""}
    assert senders(ran(BUILT_IN, *orders, GivenBack("0"))) == {"0": "GZ1", "1": "GZ1", "2": "", "3": ""}
    assert senders(ran(BUILT_IN, *orders, GivenBack("1"), more)) == {"0": "GZ1", "1": "", "2": "HZ1", "3": ""}
    # Looked at again it keeps its place.
    assert senders(ran(BUILT_IN, *orders, order("2", "B"), order("1", "B"), more))["1"] == "HZ1"


def test_what_has_left_is_gone_and_an_order_holds_what_it_holds() -> None:
    parcel = Left("1", "HZ1", (("A", 1),))
    found = ran(GUANGDONG_FIRST, order("1", "A"), order("1", "A"), parcel, order("2", "A"), order("3", "A"))
    assert senders(found) == {"1": "GZ1", "2": "HZ1", "3": ""}


def test_a_warehouse_that_is_disabled_meanwhile_sends_nothing_from_then_on() -> None:
    away = WarehousesSet((warehouse("HZ1", "浙江", enabled=False), HERE[1]))
    assert senders(ran(BUILT_IN, away, order("1", "A"))) == {"1": "GZ1"}


def test_an_order_is_planned_at_the_time_of_the_log_and_so_is_one_that_has_waited() -> None:
    late = compiled(
        read(
            'version = 1\nname = "d"\n[[strategies]]\nname = "late"\nwhen = [{ field = "paid_minutes", at_least = 10 }]\n'
            'rank = { mode = "lexicographic", criteria = [{ by = "sequence", warehouses = ["GZ1"] }] }\n'
            '[default]\nrank = { mode = "lexicographic", criteria = [{ by = "distance" }] }\n'
        )
    )
    paid = [order(name, "A") for name in "12"]
    paid = [each._replace(order=each.order._replace(paid_at_ms=0)) for each in paid]
    balances = {"A": [level("HZ1", 1)]}
    events = [(1, paid[0]), (2, paid[1])]
    more = [Moved("Receive", {"sku": "A", "warehouse": code, "quantity": 1}) for code in ("HZ1", "GZ1")]
    early = run(late, Happened(balances, HERE, [*events, (9, more[0])]), lambda count: None)
    assert [early.orders[name].decision.attempts[0].strategy for name in "12"] == ["default", "default"]
    waited = run(late, Happened(balances, HERE, [*events, (600_000, more[1])]), lambda count: None)
    assert [waited.orders[name].decision.attempts[0].strategy for name in "12"] == ["default", "late"]
