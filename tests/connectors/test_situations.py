"""The generator's situations: on every platform that can show one, intake reads it as what it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import cast

import pytest

from connectors.generator import generate
from connectors.generator.draw import CHANNELS
from connectors.generator.situations import PATCHES, SITUATIONS
from schemas.records import Order
from tests.connectors.test_generator import ITEMS, SKUS, START_MS, decisions, digest

#: Situations that any platform shows: in fields that every order has.
ANYWHERE = {name for name in SITUATIONS if name not in PATCHES} | {"sku_twice"}
SHOWN = [(channel, name) for channel in CHANNELS for name in SITUATIONS if name in ANYWHERE or channel in PATCHES[name]]
Told = list[Order]
"""The versions of one order, as they were accepted."""


@cache
def accepted() -> Mapping[tuple[str, str], list[Told]]:
    """(channel, situation) -> its orders."""
    events = generate(1_200, 5, start_ms=START_MS, items=ITEMS, situations=1.0, duplicate_rate=0)
    found: dict[tuple[str, str], dict[str, Told]] = defaultdict(lambda: defaultdict(list))
    for raw, decision in decisions([raw for raw in events if raw.note.startswith("situation:")], SKUS):
        assert decision.name == "Order", decision.record
        found[raw.event["channel"], raw.note.partition(":")[2]][raw.key].append(cast(Order, decision.record))
    return {key: list(orders.values()) for key, orders in found.items()}


def statuses(told: Told) -> list[tuple[str, str | None]]:
    return [(order["status"], order["hold_reason"]) for order in told]


def units(order: Order, field: str) -> int:
    return sum(int(line[field]) for line in order["lines"])  # type: ignore[literal-required]


def is_given(order: Order) -> bool:
    skus = [line["sku"] for line in order["lines"]]
    return len(set(skus)) < len(skus) and len({line["line_no"] for line in order["lines"]}) == len(skus)


PAID = ("PAID", None)
IS: dict[str, Callable[[Told], bool]] = {
    "others_send": lambda told: told[0]["lines"][0]["sent_by"] in ("SUPPLIER", "PLATFORM", "SERVICE"),
    "not_shipped": lambda told: all(line["sent_by"] == "NOBODY" for line in told[0]["lines"]),
    "presale": lambda told: statuses(told) == [("HOLD", "deposit_only"), PAID],
    "cash_on_delivery": lambda told: statuses(told) == [PAID] and (told[0]["collect_minor"] or 0) > 0,
    "sku_twice": lambda told: statuses(told) == [PAID] and is_given(told[0]),
    "refund_open": lambda told: statuses(told) == [("HOLD", "refund_open"), PAID],
    "refund_in_part": lambda told: (
        # Whether a gift that is among its goods is left alone is not known either.
        [statuses(told)[0], statuses(told)[1][0]] == [PAID, "HOLD"]
        and "refund_amount_unknown" in (statuses(told)[1][1] or "")
    ),
    "line_cancelled": lambda told: (
        units(told[1], "quantity") - units(told[1], "cancelled_quantity") < units(told[0], "quantity")
    ),
    "address_changed": lambda told: told[0]["receiver"]["address"] != told[1]["receiver"]["address"],
    "sent_by_hand": lambda told: told[1]["status"] == "SHIPPED" and units(told[1], "shipped_quantity") > 0,
}


@pytest.mark.parametrize(("channel", "name"), SHOWN)
def test_intake_reads_it_as_what_it_is(channel: str, name: str) -> None:
    orders = accepted()[channel, name]
    assert orders
    for told in orders:
        assert IS[name](told), told


def test_what_a_platform_cannot_show_is_an_ordinary_order() -> None:
    assert accepted().keys() == set(SHOWN)


def test_the_other_orders_stay_as_they_are() -> None:
    # What is spoilt may name another order.
    without = list(generate(400, 3, start_ms=START_MS, items=ITEMS, malformed_rate=0))
    some = list(generate(400, 3, start_ms=START_MS, items=ITEMS, malformed_rate=0, situations=0.2))
    own = {raw.key for raw in some if raw.note.startswith("situation:")}
    assert 40 < len(own) < 90
    assert digest([raw for raw in without if raw.key not in own]) == digest([raw for raw in some if raw.key not in own])


def test_the_same_seed_gives_the_same_bytes_in_every_release() -> None:
    assert digest(list(generate(50, 1, start_ms=START_MS, situations=1.0)))[:16] == "4281b9601a0d324b"


def test_their_shares_are_whole() -> None:
    assert sum(SITUATIONS.values()) == pytest.approx(1)
