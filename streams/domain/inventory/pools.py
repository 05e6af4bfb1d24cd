"""Pools: what may be sold of a SKU before it is there (预售锁库), set by a document, frozen by orders, served as goods come.

A piece that is frozen is a reservation at no warehouse yet. It resolves once, as any other, and gets its warehouse by itself (`serving`).
A deposit keeps it for the pool's time (soft), the balance for good (hard). Who comes when the cap or a quota is reached waits in turn.
"""

from __future__ import annotations

from schemas.records import (
    Freeze,
    FreezeAnswer,
    OfPool,
    Pool,
    PoolChain,
    PoolPart,
    Release,
    Reservation,
    Stock,
)
from streams.domain.named import Named

from . import quotas
from .serving import expiry, is_frozen, of_pool, pool_of
from .stock import InvariantViolation, StockDecision


def with_pool(stock: Stock, pool: Pool) -> Stock:
    """The balance with its pool as it is now."""
    return {**stock, "version": stock["version"] + 1, "pool": pool}


def refusal(before: Pool | None, wanted: Pool) -> str:
    """Why a pool cannot be what a document says, in words; empty: it can."""
    if before is None:
        return ""
    if before["name"] != wanted["name"]:
        if before["frozen"] or before["waiting"]:
            return (
                f"{before['frozen']} pieces of {before['name']} are frozen and {before['waiting']} lines wait: "
                "keep its name until their goods are there"
            )
        return ""
    units = {part["name"]: part["units"] for part in wanted["parts"]}
    for part in before["parts"]:
        if part["sold"] > units.get(part["name"], 0):
            return f"{part['sold']} pieces of {part['name']} are sold, and it would have {units.get(part['name'], 0)}"
    return ""


def as_wanted(before: Pool | None, wanted: Pool) -> Pool:
    """The pool of a document, with what is counted of the same sale."""
    if before is None or before["name"] != wanted["name"]:
        turns = 0 if before is None else before["turns"]
        return {**_uncounted(wanted), "turns": turns}
    sold = {part["name"]: part["sold"] for part in before["parts"]}
    queue = {chain["channel"]: chain["waiting"] for chain in before["chains"]}
    parts: list[PoolPart] = [{**part, "sold": sold.get(part["name"], 0)} for part in wanted["parts"]]
    named = {chain["channel"] for chain in wanted["chains"]}
    chains: list[PoolChain] = [{**chain, "waiting": queue.get(chain["channel"], 0)} for chain in wanted["chains"]]
    # A channel that is named no more: who waits goes on waiting for goods.
    chains += [
        {**chain, "parts": []} for chain in before["chains"] if chain["waiting"] and chain["channel"] not in named
    ]
    return {
        **wanted,
        "sold": before["sold"],
        "frozen": before["frozen"],
        "waiting": before["waiting"],
        "turns": before["turns"],
        "parts": parts,
        "chains": chains,
    }


def _uncounted(pool: Pool) -> Pool:
    return {
        **pool,
        "sold": 0,
        "frozen": 0,
        "waiting": 0,
        "parts": [{**part, "sold": 0} for part in pool["parts"]],
        "chains": [{**chain, "waiting": 0} for chain in pool["chains"]],
    }


def freeze(stock: Stock | None, command: Freeze, prior: Reservation | None, at_ms: int) -> StockDecision:
    """Keep all of the pieces, or let the order wait in turn; asked again with the balance paid, keep them for good."""
    if prior is not None:
        return _asked_again(stock, command, prior, at_ms)
    pool = stock["pool"] if stock is not None else None
    channel, quantity = command["channel"], command["quantity"]
    if stock is None or pool is None or not _is_of_the_sale(pool, command):
        return StockDecision(
            reservation=_reservation(command, None), results=(_answered(pool, command, "NO_POOL", at_ms),)
        )
    drawn = quotas.draw(pool, channel, quantity, quotas.awaited(pool))
    its: OfPool = {
        "name": pool["name"],
        "channel": channel,
        "turn": pool["turns"] + 1,
        "hard": command["hard"],
        "waits": drawn is None,
        "drawn": drawn or [],
    }
    after = quotas.queued(pool, channel, 1) if drawn is None else quotas.taken(pool, drawn)
    after = {**after, "turns": its["turn"]}
    reservation = _reservation(command, its)
    if drawn is not None:
        reservation = {
            **reservation,
            "state": "RESERVED",
            "expires_at_ms": expiry(pool, command["hard"], at_ms),
        }
    answer: FreezeAnswer = "POOL_EXHAUSTED" if drawn is None else "FROZEN"
    return StockDecision(
        stock=with_pool(stock, after),
        reservation=reservation,
        results=(_answered(after, command, answer, at_ms, reservation, ahead=pool["waiting"]),),
    )


def _is_of_the_sale(pool: Pool, command: Freeze) -> bool:
    return (
        not pool["closed"]
        and pool["from_ms"] <= command["placed_at_ms"] < pool["until_ms"]
        and 0 < command["quantity"] <= quotas.most(pool, command["channel"])
    )


def _asked_again(stock: Stock | None, command: Freeze, prior: Reservation, at_ms: int) -> StockDecision:
    pool, its = (stock["pool"] if stock is not None else None), prior["pool"]
    if its is None or (prior["state"] != "RESERVED" and not its["waits"]):
        answer: FreezeAnswer = "NO_POOL" if its is None and prior["resolved_by"] is None else "ALREADY_RESOLVED"
        return StockDecision(results=(_answered(pool, command, answer, at_ms),))
    reservation = prior
    if command["hard"] and not its["hard"]:
        reservation = {**prior, "expires_at_ms": None, "pool": {**its, "hard": True}}
    answer = "POOL_EXHAUSTED" if its["waits"] else "FROZEN"
    ahead = pool["waiting"] - 1 if its["waits"] and pool is not None else 0
    return StockDecision(
        reservation=None if reservation is prior else reservation,
        results=(_answered(pool, command, answer, at_ms, reservation, ahead=ahead),),
    )


def wait_no_more(stock: Stock | None, command: Release, prior: Reservation) -> StockDecision:
    """Who waited gives up its turn: there is nothing else to give back, and the caller answers so."""
    if stock is None:
        raise InvariantViolation(f"{prior['reservation_id']} waits for {prior['sku']}, which nobody knows")
    its = of_pool(prior)
    return StockDecision(
        stock=with_pool(stock, quotas.queued(pool_of(stock), its["channel"], -1)),
        reservation={**prior, "resolved_by": command["command_id"], "pool": {**its, "waits": False}},
    )


def resolved(stock: Stock, prior: Reservation, units: int, rest: int, *, is_sent: bool) -> tuple[Stock, OfPool, OfPool]:
    """The balance once so many pieces of a pool's reservation are given back or sent, and what both halves of it have.

    What is sent stays sold. What another sale had does not count in this one.
    """
    its = of_pool(prior)
    here, others = quotas.cut(its["drawn"], units)
    pool = stock["pool"]
    if pool is not None and pool["name"] == its["name"]:
        if is_frozen(prior):
            pool = {**pool, "frozen": pool["frozen"] - (units if rest else prior["quantity"])}
        if not is_sent:
            pool = quotas.given_back(pool, here if rest else its["drawn"])
        stock = with_pool(stock, pool)
    return stock, {**its, "drawn": here}, {**its, "drawn": others}


def _reservation(command: Freeze, its: OfPool | None) -> Reservation:
    """As it is refused, or waits."""
    return {
        "reservation_id": command["reservation_id"],
        "order_id": command["order_id"],
        "sku": command["sku"],
        "warehouse": "",
        "quantity": command["quantity"],
        "state": "REJECTED",
        "expires_at_ms": None,
        "command_id": command["command_id"],
        "resolved_by": None,
        "pool": its,
    }


def _answered(
    pool: Pool | None,
    command: Freeze,
    answer: FreezeAnswer,
    at_ms: int,
    reservation: Reservation | None = None,
    *,
    ahead: int = 0,
) -> Named:
    return (
        "FreezeAnswered",
        {
            "command_id": command["command_id"],
            "reservation_id": command["reservation_id"],
            "order_id": command["order_id"],
            "sku": command["sku"],
            "quantity": command["quantity"],
            "answer": answer,
            "expires_at_ms": reservation["expires_at_ms"] if reservation is not None else None,
            "told": quotas.told(pool, command["sku"], command["channel"], command["quantity"], answer, ahead),
            "at_ms": at_ms,
        },
    )
