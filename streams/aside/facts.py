"""The facts that rules are tried on: of an order that a person wrote down, or of orders of a running hub."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from schemas.codec import CODEC, CodecError
from schemas.documents.rules.case import Case, CaseOrder, CaseWarehouse
from schemas.records import Order, OrderState, Stock, StockLevel, Warehouse
from streams.aside import orders, stock
from streams.aside.config.rows import live_documents
from streams.aside.config.standing import Standing
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
from streams.domain.routing.tables.documents import TABLES, tables_of
from streams.domain.routing.tables.reckoning import Tables
from streams.ops.cluster import Cluster


class NoFacts(Exception):
    """Nothing can be tried on it; the message says why, and what to do."""


def of_case(given: Case) -> Facts:
    """Those of a case that has no fault of its form. Raises NoFacts: a time or a place in it is none."""
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
    return Facts(
        order_of(order),
        warehouse_facts(
            _skus(order),
            levels,
            [_warehouse(each) for each in given.warehouses],
            {each.code: each.open_units for each in given.warehouses},
            _place(order),
            order.country,
        ),
        moment_ms("now", given.now) or _now_ms(),
    )


def order_of(order: CaseOrder) -> OrderFacts:
    """An order as a person wrote it down. Raises NoFacts: a time is none."""
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


def moment_ms(field: str, text: str) -> int | None:
    """ms since the epoch; None: nothing is written. Raises NoFacts."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NoFacts(f"{field} is {text!r}: write a time with its offset, such as 2026-11-11T00:00:00+08:00")
    return int(moment.timestamp() * 1000)


class Shelves(NamedTuple):
    """What a hub's warehouses have, read once for however many orders."""

    balances: dict[str, Stock]
    warehouses: dict[str, Warehouse]

    @classmethod
    def of(cls, cluster: Cluster) -> Shelves:
        """As they are known now."""
        return cls(stock.balances(cluster), stock.warehouses(cluster))

    def for_given(self, order: CaseOrder) -> Facts:
        """An order that a person wrote down, at these shelves. Raises NoFacts: a time in it is none."""
        return self._facts(order_of(order), Counter(), _place(order), order.country, {})

    def for_order(self, order: Order, state: OrderState | None) -> Facts:
        """An order of the hub's; what it holds itself counts as free. Raises NoFacts: none of it is to be sent from here."""
        facts = order_facts(order)
        if not facts.lines:
            raise NoFacts(f"order {order['order_id']} has nothing that this merchant is to send")
        own: Counter[tuple[str, str]] = Counter()
        for part in state["parts"] if state is not None else ():
            if part["state"] == "GRANTED":
                own[part["sku"], part["warehouse"]] += part["quantity"]
        receiver = order["receiver"]
        return self._facts(facts, own, destination(receiver), receiver["country"], {"order": order["version"]})

    def _facts(
        self,
        order: OrderFacts,
        own: Counter[tuple[str, str]],
        place: str,
        country: str,
        versions: dict[str, int | str],
    ) -> Facts:
        levels: dict[str, list[StockLevel]] = {}
        load: Counter[str] = Counter()
        for sku, balance in self.balances.items():
            for level in balance["levels"]:
                reserved = level["reserved"] - own[sku, level["warehouse"]]
                load[level["warehouse"]] += reserved
                levels.setdefault(sku, []).append({**level, "reserved": reserved})
        return Facts(
            order,
            warehouse_facts(
                list(dict.fromkeys(line.sku for line in order.lines)),
                levels,
                [self.warehouses[code] for code in sorted(self.warehouses)],
                load,
                place,
                country,
            ),
            _now_ms(),
            {
                **versions,
                "config.warehouses": max((each["version"] for each in self.warehouses.values()), default=0),
            },
        )


def of_hub(cluster: Cluster, order_id: str) -> Facts:
    """Those of an order as the hub knows it now. Raises NoFacts: nothing is known of it, or none of it is to be sent."""
    ((_, found),) = of_orders(cluster, [order_id])
    if isinstance(found, NoFacts):
        raise found
    return found


def of_orders(cluster: Cluster, order_ids: Collection[str]) -> list[tuple[str, Facts | NoFacts]]:
    """The same of several, or why there are none of one; balances and warehouses are those of one moment."""
    newest = _newest(cluster, order_ids)
    states = orders.states(cluster, order_ids)
    shelves = Shelves.of(cluster)

    def one(order_id: str) -> Facts | NoFacts:
        order = newest.get(order_id)
        if order is None:
            return NoFacts(f"nothing is known of order {order_id}")
        try:
            return shelves.for_order(order, states.get(order_id))
        except NoFacts as none:
            return none

    return [(order_id, one(order_id)) for order_id in order_ids]


def live_tables(stands: Standing) -> Tables | None:
    """The documents of tables that are live, as workers join them; None: there are none. Raises ConfigRefused: one cannot be read."""
    found = [(name, document) for name, document in live_documents(stands).items() if _kind(name) in TABLES]
    if not found:
        return None
    return tables_of(
        [(_kind(name), document) for name, document in found],
        {name: stands.releases[name]["live"] or 0 for name, _ in found},
    )


def _kind(name: str) -> str:
    return name.partition("/")[0]


def _newest(cluster: Cluster, order_ids: Collection[str]) -> dict[str, Order]:
    found: dict[str, Any] = {}
    for message in cluster.read("orders", keys=order_ids):
        with suppress(CodecError):
            name, record = CODEC.decode(message.value() or b"")
            if name == "Order":
                found[record["order_id"]] = record
    return found


def _skus(order: CaseOrder) -> list[str]:
    return list(dict.fromkeys(line.sku for line in order.lines))


def _place(order: CaseOrder) -> str:
    names: Iterable[str] = (order.province, order.city, order.district)
    return next((name for name in names if place_of(name)), order.province)


def _warehouse(each: CaseWarehouse) -> Warehouse:
    place = centre_of(each.province)
    if place is None:
        raise NoFacts(
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


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
