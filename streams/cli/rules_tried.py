"""The facts that rules are tried on: of a file, or of a running hub."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.documents.rules.case import Case, CaseOrder, CaseRefused, CaseWarehouse, case
from schemas.records import Order, StockLevel, Warehouse
from streams.cli.common import Refused, connected, text_of
from streams.cli.faults import print_faults
from streams.domain.reference import place_of
from streams.domain.routing.geography import centre_of, destination
from streams.domain.routing.rules.facts import (
    Facts,
    LineFacts,
    OrderFacts,
    names_of_place,
    order_facts,
    warehouse_facts,
)


def of_file(file: str) -> tuple[Facts, Mapping[str, int]]:
    """Those of a case, and pieces that warehouses were given today. Raises Refused: it has faults, of which every one was printed."""
    try:
        given = case(text_of(file))
    except CaseRefused as exc:
        print_faults(file, exc.faults, exc.read.lines)
        raise Refused(f"{file} has {len(exc.faults)} faults: put them right") from None
    return of_case(given), {each.code: each.given_today for each in given.warehouses if each.given_today is not None}


def of_case(given: Case) -> Facts:
    """Those of a case that has no fault of its form. Raises Refused: a time or a place in it is none."""
    order = given.order
    levels: dict[str, list[StockLevel]] = {}
    for each in given.warehouses:
        for shelf in each.stock:
            level: StockLevel = {
                "warehouse": each.code,
                "on_hand": shelf.pieces,
                "reserved": 0,
                "safety_stock": 0,
                "open": True,
            }
            levels.setdefault(shelf.sku, []).append(level)
    skus = list(dict.fromkeys(line.sku for line in order.lines))
    place = next((name for name in (order.province, order.city, order.district) if place_of(name)), order.province)
    return Facts(
        order_of(order),
        warehouse_facts(
            skus,
            levels,
            [_warehouse(each) for each in given.warehouses],
            {each.code: each.open_units for each in given.warehouses},
            place,
            order.country,
        ),
        moment_ms("now", given.now) or _now_ms(),
    )


def order_of(order: CaseOrder) -> OrderFacts:
    """An order as a person wrote it down. Raises Refused: a time is none."""
    province, city, district = names_of_place(order.province, order.city, order.district)
    return OrderFacts(
        tuple(
            LineFacts(str(number), line.sku, line.quantity, line.unit_price_minor, line.bundle)
            for number, line in enumerate(order.lines, start=1)
        ),
        *(order.channel, order.shop, order.currency, order.country, province, city, district, order.town),
        total_minor=order.total_minor,
        collect_minor=order.collect_minor,
        placed_at_ms=moment_ms("order.placed_at", order.placed_at),
        paid_at_ms=moment_ms("order.paid_at", order.paid_at),
        ship_by_ms=moment_ms("order.ship_by", order.ship_by),
    )


def _warehouse(each: CaseWarehouse) -> Warehouse:
    place = centre_of(each.province)
    if place is None:
        raise Refused(
            f"warehouse {each.code} stands in {each.province!r}, which is no place that is known: write its province, such as 浙江"
        )
    return {
        "warehouse": each.code,
        "name": each.code,
        "province": each.province,
        "latitude": place[0],
        "longitude": place[1],
        "max_open_units": each.max_open_units,
        "enabled": each.enabled,
        "priority": each.priority,
        "version": 1,
    }


def moment_ms(field: str, text: str) -> int | None:
    """ms since the epoch; None: nothing is written. Raises Refused."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(f"{field} is {text!r}: write a time with its offset, such as 2026-11-11T00:00:00+08:00")
    return int(moment.timestamp() * 1000)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def of_hub(order_id: str) -> Facts:
    """Those of an order as the hub knows it now; what it holds itself counts as free. Raises Refused: nothing is known of it."""
    from streams.aside import orders, stock
    from streams.ops.history import history

    cluster = connected()
    versions: list[Any] = [each.record for each in history(cluster, order_id) if each.name == "Order"]
    if not versions:
        raise Refused(f"nothing is known of order {order_id}")
    order: Order = versions[-1]
    facts = order_facts(order)
    if not facts.lines:
        raise Refused(f"order {order_id} has nothing that this merchant is to send")
    state = orders.states(cluster, [order_id]).get(order_id)
    own: Counter[tuple[str, str]] = Counter()
    for part in state["parts"] if state is not None else ():
        if part["state"] == "GRANTED":
            own[part["sku"], part["warehouse"]] += part["quantity"]
    levels: dict[str, list[StockLevel]] = {}
    load: Counter[str] = Counter()
    for sku, balance in stock.balances(cluster).items():
        for level in balance["levels"]:
            reserved = level["reserved"] - own[sku, level["warehouse"]]
            load[level["warehouse"]] += reserved
            levels.setdefault(sku, []).append({**level, "reserved": reserved})
    warehouses = stock.warehouses(cluster)
    receiver = order["receiver"]
    return Facts(
        facts,
        warehouse_facts(
            list(dict.fromkeys(line.sku for line in facts.lines)),
            levels,
            [warehouses[code] for code in sorted(warehouses)],
            load,
            destination(receiver),
            receiver["country"],
        ),
        _now_ms(),
        {
            "order": order["version"],
            "config.warehouses": max((each["version"] for each in warehouses.values()), default=0),
        },
    )
