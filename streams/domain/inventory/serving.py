"""What a pool's owner does by itself whenever goods come or pieces are given back, in this order:

1. Goods that nobody has reserved go to what is frozen, first come first served; one order's pieces may meet at several warehouses.
2. Pieces of the pool that are free go to who waits for them, in turn, as far as its channel's parts have them. Who cannot have all of
   its pieces yet bars the parts that it draws on for those behind it.
3. Goods that are left when nothing is frozen any more go to who waits, in turn: the cap bounds what is sold before it is there. Who has
   them bars nobody any more: from 2. on again.

So nothing is frozen while a piece for sale lies on a shelf, and nobody waits for a piece that is free. All of it is one decision with the
command that made room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from schemas.records import OfPool, Pool, Reservation, Stock, StockAlert, StockLevel
from streams.domain.named import Named

from . import quotas
from .stock import InvariantViolation, StockDecision, move, sellable, sellable_total


class Turns(NamedTuple):
    """Reservations of a SKU's pool as they stood before the command, the lowest turn first: those frozen, and those that wait."""

    frozen: Callable[[], Iterable[Reservation]]
    waiting: Callable[[], Iterable[Reservation]]


def _nobody() -> tuple[()]:
    return ()


NO_TURNS = Turns(_nobody, _nobody)


def is_frozen(reservation: Reservation) -> bool:
    """Whether it has pieces of a pool, and no goods yet."""
    return reservation["pool"] is not None and reservation["state"] == "RESERVED" and not reservation["warehouse"]


def waits(reservation: Reservation) -> bool:
    """Whether it waits for pieces of a pool."""
    its = reservation["pool"]
    return its is not None and its["waits"]


def of_pool(reservation: Reservation) -> OfPool:
    """What it has of its pool. Raises InvariantViolation: it is of none."""
    if reservation["pool"] is None:
        raise InvariantViolation(f"{reservation['reservation_id']} is of no pool")
    return reservation["pool"]


def pool_of(stock: Stock) -> Pool:
    """The SKU's pool. Raises InvariantViolation: it has none."""
    if stock["pool"] is None:
        raise InvariantViolation(f"{stock['sku']} has no pool")
    return stock["pool"]


def served(decision: StockDecision, before: Pool | None, turns: Turns, at_ms: int, about: str) -> StockDecision:
    """The decision with all that it lets come further.

    :param before: the pool before the command, for what is worth telling.
    :param about: the reservation that the command is about: what the turns still show of it is over. Empty for none.
    """
    stock = decision.stock
    if stock is None or stock["pool"] is None:
        return decision
    serving = _Serving(stock, at_ms)
    # The turns don't show yet what the command itself has just made of a reservation.
    fresh = decision.reservation
    serving.goods_to_frozen(turns, about, fresh if fresh is not None and is_frozen(fresh) else None)
    waiting = fresh if fresh is not None and waits(fresh) else None
    serving.pieces_to_waiting(turns, about, waiting)
    while serving.goods_to_waiting(turns, about, waiting):
        serving.pieces_to_waiting(turns, about, waiting)
    after = pool_of(serving.stock)
    if wrong := quotas.unsound(after):
        raise InvariantViolation(f"{stock['sku']}: {wrong}")
    return decision._replace(
        stock=serving.stock,
        others=(*decision.others, *serving.changed.values()),
        results=(*decision.results, *serving.results),
        alerts=(*decision.alerts, *serving.alerts),
        pool_alerts=(*decision.pool_alerts, *quotas.alerts(stock["sku"], before, after, at_ms)),
    )


class _Serving:
    """One balance while it is being served. Lives for one decision."""

    def __init__(self, stock: Stock, at_ms: int) -> None:
        self.stock = stock
        self.at_ms = at_ms
        self.changed: dict[str, Reservation] = {}
        self.results: list[Named] = []
        self.alerts: list[StockAlert] = []

    def goods_to_frozen(self, turns: Turns, about: str, fresh: Reservation | None) -> None:
        if not pool_of(self.stock)["frozen"] or not sellable_total(self.stock["levels"]):
            return
        for reservation in turns.frozen():
            if not sellable_total(self.stock["levels"]):
                return
            if reservation["reservation_id"] != about:
                self._give(reservation)
        if fresh is not None:
            self._give(fresh)

    def pieces_to_waiting(self, turns: Turns, about: str, fresh: Reservation | None) -> None:
        barred: frozenset[str] = frozenset()
        if not pool_of(self.stock)["waiting"] or not quotas.has_room(pool_of(self.stock), barred):
            return
        for reservation in self._waiting(turns, about, fresh):
            pool, its = pool_of(self.stock), of_pool(reservation)
            if not quotas.has_room(pool, barred):
                return
            drawn = quotas.draw(pool, its["channel"], reservation["quantity"], barred)
            if drawn is not None:
                self._pool(quotas.taken(pool, drawn))
                frozen = self._let_in(reservation, {**its, "drawn": drawn})
                self._say(frozen, "", frozen["quantity"], "", 0)
                self._give(frozen)
            elif reservation["quantity"] <= quotas.most(pool, its["channel"]):
                barred |= frozenset(quotas.chain_of(pool, its["channel"]))

    def goods_to_waiting(self, turns: Turns, about: str, fresh: Reservation | None) -> bool:
        """Whether somebody has some."""
        pool, had = pool_of(self.stock), False
        if not pool["waiting"] or pool["frozen"] or not sellable_total(self.stock["levels"]):
            return False
        for reservation in self._waiting(turns, about, fresh):
            if sellable_total(self.stock["levels"]) < reservation["quantity"]:
                break
            self._give(self._let_in(reservation, of_pool(reservation)), frozen=False)
            had = True
        return had

    def _waiting(self, turns: Turns, about: str, fresh: Reservation | None) -> Iterator[Reservation]:
        """Who waits still, in turn; ``fresh``: also who begins to."""
        others = (each for each in turns.waiting() if each["reservation_id"] != about)
        for reservation in chain(others, () if fresh is None else (fresh,)):
            if reservation["reservation_id"] not in self.changed:
                yield reservation

    def _let_in(self, reservation: Reservation, its: OfPool) -> Reservation:
        """It waits no more: its time begins now."""
        pool = quotas.queued(pool_of(self.stock), its["channel"], -1)
        self._pool({**pool, "turns": pool["turns"] + 1})
        let_in: Reservation = {
            **reservation,
            "state": "RESERVED",
            "expires_at_ms": expiry(pool, its["hard"], self.at_ms),
            "pool": {**its, "waits": False, "turn": pool["turns"] + 1},
        }
        self.changed[let_in["reservation_id"]] = let_in
        return let_in

    def _give(self, reservation: Reservation, *, frozen: bool = True) -> None:
        """Reserve goods for it, as far as there are any: at the warehouse that has all of it, else at those that have most."""
        while reservation["quantity"]:
            level = _best(self.stock["levels"], reservation["quantity"])
            if level is None:
                break
            units = min(sellable(level), reservation["quantity"])
            rest = reservation["quantity"] - units
            moved = move(self.stock, self.stock["sku"], level["warehouse"], self.at_ms, reserved=units)
            self.stock = moved.stock
            self.alerts += moved.alerts
            if frozen:
                pool = pool_of(self.stock)
                self._pool({**pool, "frozen": pool["frozen"] - units})
            its = of_pool(reservation)
            here, others = quotas.cut(its["drawn"], units)
            rest_id = f"{reservation['reservation_id']}/goods" if rest else ""
            there: Reservation = {
                **reservation,
                "warehouse": level["warehouse"],
                "quantity": units,
                "pool": {**its, "drawn": here},
            }
            self.changed[there["reservation_id"]] = there
            self._say(there, level["warehouse"], units, rest_id, rest)
            if not rest:
                return
            reservation = {
                **reservation,
                "reservation_id": rest_id,
                "quantity": rest,
                "pool": {**its, "drawn": others},
            }
            self.changed[rest_id] = reservation

    def _pool(self, pool: Pool) -> None:
        self.stock = {**self.stock, "version": self.stock["version"] + 1, "pool": pool}

    def _say(self, reservation: Reservation, warehouse: str, quantity: int, rest_id: str, rest: int) -> None:
        self.results.append(
            (
                "PoolServed",
                {
                    "reservation_id": reservation["reservation_id"],
                    "order_id": reservation["order_id"],
                    "sku": reservation["sku"],
                    "pool": of_pool(reservation)["name"],
                    "warehouse": warehouse,
                    "quantity": quantity,
                    "rest_id": rest_id,
                    "rest_quantity": rest,
                    "at_ms": self.at_ms,
                },
            )
        )


def expiry(pool: Pool, hard: bool, at_ms: int) -> int | None:
    """Until when pieces that are frozen now are kept; None: for good."""
    return None if hard or pool["soft_ms"] is None else at_ms + pool["soft_ms"]


def _best(levels: Sequence[StockLevel], quantity: int) -> StockLevel | None:
    """The first warehouse that has all of it, else the first of those that have most; None: none has a piece."""
    best: StockLevel | None = None
    most = 0
    for level in levels:
        units = min(sellable(level), quantity)
        if units > most:
            best, most = level, units
    return best
