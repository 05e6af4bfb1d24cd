"""Who waits for a SKU, first come first served.

An order that could not be allocated asks with AwaitStock to be told when enough is there. Waking is a hint, never a
promise: the woken order leaves the queue, plans again and reserves like any other. Whether it reserved or could not use
the units (another of its SKUs is still missing, or it has been cancelled), it then says ForgetStock, and whoever stands
behind it is woken with what is left. Without that answer the units would lie there until the next delivery.
"""

from __future__ import annotations

from schemas.records import AwaitStock, ForgetStock, Stock, WaitingOrder
from streams.domain.named import Named

from .stock import StockDecision, empty_stock, sellable_total

# The queue is a field of the stock record, which is written whole with each change: 500 x 30 bytes. Orders beyond it
# are not queued; the allocation asks again on its retry.
WAITING_MAX = 500


def wake(stock: Stock, at_ms: int) -> tuple[Stock, tuple[Named, ...]]:
    """Wake waiting orders in their turn while what is sellable covers them all together.

    Stops at the first order it does not cover: an order for ten is not overtaken for ever by orders for one. Who is in a pool of the SKU's
    comes first: then nobody is woken before the pool is served (`serving`).
    """
    pool = stock["pool"]
    if pool is not None and (pool["frozen"] or pool["waiting"]):
        return stock, ()
    return wake_the_others(stock, at_ms)


def wake_the_others(stock: Stock, at_ms: int) -> tuple[Stock, tuple[Named, ...]]:
    """The same, once the SKU's pool is served."""
    waiting = stock["waiting"]
    if not waiting:
        return stock, ()
    levels = stock["levels"]
    left = sellable_total(levels)
    woken = 0
    for order in waiting:
        left -= order["quantity"]
        if left < 0:
            break
        woken += 1
    if not woken:
        return stock, ()
    sku = stock["sku"]
    arrived: list[Named] = [
        (
            "StockArrived",
            {
                "order_id": order["order_id"],
                "sku": sku,
                "quantity": order["quantity"],
                "levels": levels,
                "at_ms": at_ms,
            },
        )
        for order in waiting[:woken]
    ]
    return {**stock, "waiting": list(waiting[woken:])}, tuple(arrived)


def await_stock(stock: Stock | None, command: AwaitStock, prior: object, at_ms: int) -> StockDecision:
    """Queue an order. It is woken at once when the units are already there: they may have come while it was planning.

    An order that already waits keeps its turn; its quantity becomes the one asked last.
    """
    before = stock if stock is not None else empty_stock(command["sku"])
    entry: WaitingOrder = {"order_id": command["order_id"], "quantity": command["quantity"]}
    queue = list(before["waiting"])
    for index, order in enumerate(queue):
        if order["order_id"] == entry["order_id"]:
            queue[index] = entry
            break
    else:
        if len(queue) < WAITING_MAX:
            queue.append(entry)
    return _requeued(before, queue, at_ms)


def forget_stock(stock: Stock | None, command: ForgetStock, prior: object, at_ms: int) -> StockDecision:
    """Drop an order from the queue, if it is there, and wake those behind it in either case."""
    if stock is None:
        return StockDecision()
    order_id = command["order_id"]
    return _requeued(stock, [order for order in stock["waiting"] if order["order_id"] != order_id], at_ms)


def _requeued(before: Stock, queue: list[WaitingOrder], at_ms: int) -> StockDecision:
    after, arrived = wake_the_others({**before, "version": before["version"] + 1, "waiting": queue}, at_ms)
    if after["waiting"] == before["waiting"]:
        return StockDecision(results=arrived)
    return StockDecision(stock=after, results=arrived)
