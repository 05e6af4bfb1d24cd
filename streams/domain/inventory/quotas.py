"""Pieces of a pool and who may have them: the arithmetic of its parts.

    invariant: 0 <= frozen <= sold <= cap     and 0 <= sold <= units of every part, whose units make up the cap

A channel draws on the parts of its chain, the first as long as it has pieces, then the next. A part that somebody waits for is
theirs first: who comes later does not draw on it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from schemas.records import Drawn, Pool, PoolAlert, PoolAlertKind, PoolChain, PoolPart, PoolTold

#: All of a share, in basis points.
_WHOLE_BP = 10_000
_NOBODY: frozenset[str] = frozenset()


def chain_of(pool: Pool, channel: str) -> Sequence[str]:
    """The parts that a channel draws on, in turn; none: it sells nothing of it."""
    for chain in pool["chains"]:
        if chain["channel"] == channel:
            return chain["parts"]
    return ()


def most(pool: Pool, channel: str) -> int:
    """Pieces that one order of a channel could have at the very most."""
    chain = chain_of(pool, channel)
    return sum(part["units"] for part in pool["parts"] if part["name"] in chain)


def awaited(pool: Pool) -> frozenset[str]:
    """Parts that somebody waits for."""
    if not pool["waiting"]:
        return _NOBODY
    return frozenset(part for chain in pool["chains"] if chain["waiting"] for part in chain["parts"])


def draw(pool: Pool, channel: str, quantity: int, barred: Collection[str] = _NOBODY) -> list[Drawn] | None:
    """Parts that have so many pieces for a channel, in the order of its chain; None: they have not.

    :param barred: parts that are not drawn on.
    """
    room = {part["name"]: part["units"] - part["sold"] for part in pool["parts"]}
    drawn: list[Drawn] = []
    for name in chain_of(pool, channel):
        units = 0 if name in barred else min(room.get(name, 0), quantity)
        if units > 0:
            drawn.append({"part": name, "units": units})
            quantity -= units
    return drawn if not quantity else None


def has_room(pool: Pool, barred: Collection[str]) -> bool:
    """Whether any part that is not barred has a piece."""
    return any(part["units"] > part["sold"] and part["name"] not in barred for part in pool["parts"])


def taken(pool: Pool, drawn: Sequence[Drawn]) -> Pool:
    """With these pieces sold and frozen."""
    units = sum(each["units"] for each in drawn)
    return {
        **pool,
        "sold": pool["sold"] + units,
        "frozen": pool["frozen"] + units,
        "parts": _moved(pool["parts"], drawn, 1),
    }


def given_back(pool: Pool, drawn: Sequence[Drawn]) -> Pool:
    """With these pieces for sale again; whether they were frozen is the caller's to say."""
    return {
        **pool,
        "sold": pool["sold"] - sum(each["units"] for each in drawn),
        "parts": _moved(pool["parts"], drawn, -1),
    }


def cut(drawn: Sequence[Drawn], units: int) -> tuple[list[Drawn], list[Drawn]]:
    """So many of the pieces, the last drawn first, and the others: what is given back leaves a channel's own part for last."""
    first: list[Drawn] = []
    others: list[Drawn] = []
    for each in reversed(drawn):
        here = min(units, each["units"])
        units -= here
        if here:
            first.insert(0, {**each, "units": here})
        if here < each["units"]:
            others.insert(0, {**each, "units": each["units"] - here})
    return first, others


def queued(pool: Pool, channel: str, by: int) -> Pool:
    """With so many more lines of a channel's orders that wait; fewer where it is negative."""
    chains: list[PoolChain] = [
        {**chain, "waiting": chain["waiting"] + by} if chain["channel"] == channel else chain
        for chain in pool["chains"]
    ]
    return {**pool, "waiting": pool["waiting"] + by, "chains": chains}


def told(pool: Pool | None, sku: str, channel: str, quantity: int, answer: str, ahead: int = 0) -> PoolTold:
    """An answer with the figures of the pool, as a trace has it."""
    quotas = ""
    if pool is not None and len(pool["parts"]) > 1:
        chain = chain_of(pool, channel)
        mine = [part for name in chain for part in pool["parts"] if part["name"] == name]
        quotas = ", ".join(f"{part['name']} {part['sold']}/{part['units']}" for part in mine)
    return {
        "sku": sku,
        "quantity": quantity,
        "pool": pool["name"] if pool is not None else "",
        "answer": answer,
        "cap": pool["cap"] if pool is not None else 0,
        "sold": pool["sold"] if pool is not None else 0,
        "ahead": ahead,
        "quotas": quotas,
    }


def alerts(sku: str, before: Pool | None, after: Pool, at_ms: int) -> tuple[PoolAlert, ...]:
    """What a change of its pieces is worth telling: each crossing once."""
    was, now = (0 if before is None or before["name"] != after["name"] else _fullness(before)), _fullness(after)
    if was == now:
        return ()
    kinds: tuple[PoolAlertKind, ...] = ("POOL_REOPENED", "POOL_NEARLY_SOLD", "POOL_SOLD_OUT")
    return (alert(sku, after, kinds[now] if now > was else "POOL_REOPENED", at_ms),)


def alert(sku: str, pool: Pool, kind: PoolAlertKind, at_ms: int, reason: str = "") -> PoolAlert:
    """An alert with the figures of the pool."""
    return {
        "sku": sku,
        "pool": pool["name"],
        "kind": kind,
        "cap": pool["cap"],
        "sold": pool["sold"],
        "frozen": pool["frozen"],
        "waiting": pool["waiting"],
        "reason": reason,
        "at_ms": at_ms,
    }


def unsound(pool: Pool) -> str:
    """What of the invariant does not hold, with its figures; empty: all of it does."""
    if not 0 <= pool["frozen"] <= pool["sold"] <= pool["cap"]:
        return f"pool {pool['name']}: frozen {pool['frozen']}, sold {pool['sold']}, cap {pool['cap']}; 0 <= frozen <= sold <= cap must hold"
    for part in pool["parts"]:
        if not 0 <= part["sold"] <= part["units"]:
            return f"pool {pool['name']}: {part['name']} has sold {part['sold']} of {part['units']}"
    sold, units = sum(part["sold"] for part in pool["parts"]), sum(part["units"] for part in pool["parts"])
    if (sold, units) != (pool["sold"], pool["cap"]):
        return f"pool {pool['name']}: its parts have sold {sold} of {units}, and it {pool['sold']} of {pool['cap']}"
    if pool["waiting"] != sum(chain["waiting"] for chain in pool["chains"]) or pool["waiting"] < 0:
        return f"pool {pool['name']}: {pool['waiting']} wait, and by channels others"
    return ""


def _fullness(pool: Pool) -> int:
    """0: there are pieces; 1: nearly sold out; 2: sold out."""
    if pool["sold"] >= pool["cap"]:
        return 2
    return 1 if pool["sold"] * _WHOLE_BP >= pool["near_bp"] * pool["cap"] else 0


def _moved(parts: Sequence[PoolPart], drawn: Sequence[Drawn], sign: int) -> list[PoolPart]:
    units = {each["part"]: sign * each["units"] for each in drawn}
    return [{**part, "sold": part["sold"] + units.get(part["name"], 0)} for part in parts]
