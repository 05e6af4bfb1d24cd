"""Goods that are sold before they are there (预售锁库): an order freezes its pieces of a pool at once, and is sent when they have come.

| the order | its pieces |
| --- | --- |
| held, a deposit is paid | frozen softly: the pool keeps them for its time |
| held until a date, or paid | frozen for good |
| waits for the cap or a quota | wait in turn: it is told so, with the pool's figures |
| held for any other reason | stay as they are; an order gives up its turn when it is over, or no longer paid |

A part of a pool has no warehouse until its goods are there. Which one that is, the inventory says (``PoolServed``); it is not planned. The
order's other goods are planned then: they are not kept from others while it waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.records import Missing, OrderState, Part, Pool, PoolTold
from streams.domain.routing.planning import Need, Plan
from streams.domain.routing.trace import MISSING_MAX, missing_in, with_round

from .order_state import HOLDING, key_of, outstanding
from .step import Step

#: Why an order that freezes is held: for money or a date of the sale.
DEPOSIT_ONLY = "deposit_only"
_OF_A_SALE = frozenset((DEPOSIT_ONLY, "not_before", "presale_without_date"))
#: Beside the reasons it is held for anyway.
POOL_EXHAUSTED = "pool_exhausted"
#: Why an order is backordered whose pieces are frozen.
GOODS_TO_COME = "goods_to_come"


def lacks_goods(part: Part) -> bool:
    """Whether it is frozen in a pool, or asks to be, and has no warehouse yet."""
    return part["pool"] is not None and not part["warehouse"] and part["state"] in HOLDING


def is_waiting(part: Part) -> bool:
    """Whether its pool has no pieces for it yet."""
    return lacks_goods(part) and part["pool"] is not None and part["pool"]["waits"]


def waits_for_goods(state: OrderState) -> bool:
    """Whether any part of the order is of a pool and not there yet."""
    return any(lacks_goods(part) for part in state["parts"])


def of_sales(step: Step, needs: Sequence[Need], parts: Iterable[Part]) -> list[Need]:
    """Those of the needs that are of a sale, as far as the view knows it: the inventory judges it."""
    open_to = [need for need in needs if _is_open(step.view.pool(need.sku), step.state["placed_at_ms"])]
    if not open_to:
        return open_to
    refused = {key_of(part) for part in parts if part["pool"] is not None and part["state"] == "REJECTED"}
    return [need for need in open_to if (need.line_no, need.sku) not in refused]


def _is_open(pool: Pool | None, placed_at_ms: int | None) -> bool:
    if pool is None or placed_at_ms is None or pool["closed"]:
        return False
    return pool["from_ms"] <= placed_at_ms < pool["until_ms"]


def freeze_while_held(step: Step) -> None:
    """A held order of a sale freezes at once; what was asked before, and given back since, is not asked again until it may go."""
    state = step.state
    reasons = state["hold_reason"].split(",")
    if _OF_A_SALE.isdisjoint(reasons):
        return
    hard = DEPOSIT_ONLY not in reasons
    if hard:
        harden(step)
    asked = {key_of(part) for part in state["parts"] if part["pool"] is not None}
    needs = [need for need in outstanding(state) if (need.line_no, need.sku) not in asked]
    if needs := of_sales(step, needs, state["parts"]):
        step.update(attempt=state["attempt"] + 1, round=1, trace=with_round(None, 1, Plan((), [], [])))
        freeze(step, needs, hard=hard)


def freeze(step: Step, needs: Sequence[Need], *, hard: bool) -> None:
    """Send one Freeze per need."""
    state = step.state
    prefix = f"{state['order_id']}/{state['attempt']}.{state['round']}/"
    asked: list[Part] = []
    for line_no, sku, quantity in needs:
        part: Part = {
            "reservation_id": f"{prefix}{line_no}/pool",
            "line_no": line_no,
            "sku": sku,
            "warehouse": "",
            "quantity": quantity,
            "state": "ASKED",
            "collect_minor": None,
            "carrier": None,
            "pool": {"hard": hard, "waits": False},
        }
        asked.append(part)
        _ask(step, part, "freeze", hard=hard)
    step.update(parts=[*state["parts"], *asked])


def harden(step: Step) -> None:
    """The balance is paid: what was frozen for a deposit is kept for good, wherever its goods are."""
    parts = list(step.state["parts"])
    for index, part in enumerate(parts):
        if part["pool"] is not None and not part["pool"]["hard"] and part["state"] in HOLDING:
            _ask(step, part, "harden", hard=True)
            parts[index] = {**part, "pool": {**part["pool"], "hard": True}}
            step.update(parts=parts)


def keep_for_good(step: Step, part: Part) -> None:
    """Ask once more for a part that came of another: that one's wish may have come before both were two."""
    _ask(step, part, "harden", hard=True)


def _ask(step: Step, part: Part, verb: str, *, hard: bool) -> None:
    state = step.state
    step.commands.append(
        (
            "Freeze",
            {
                "command_id": f"{part['reservation_id']}/{verb}",
                "reservation_id": part["reservation_id"],
                "order_id": state["order_id"],
                "sku": part["sku"],
                "warehouse": "",
                "channel": state["channel"],
                "quantity": part["quantity"],
                "hard": hard,
                "placed_at_ms": state["placed_at_ms"] or 0,
                "requested_at_ms": step.at_ms,
            },
        )
    )


def wait(step: Step) -> None:
    """Decide that the order waits for its goods, or for pieces of a pool; again where that is another decision than the one that stands."""
    state = step.state
    lacking = [part for part in state["parts"] if lacks_goods(part)]
    missing = _missing(lacking)
    reason = POOL_EXHAUSTED if any(map(is_waiting, lacking)) else GOODS_TO_COME
    if state["phase"] == "BACKORDERED":
        stood = POOL_EXHAUSTED if any(map(is_waiting, step.before["parts"])) else GOODS_TO_COME
        if stood == reason and missing[:MISSING_MAX] == missing_in(state["trace"]):
            return
        step.update(attempt=state["attempt"] + 1, round=1)
    pools = _told_in(state)
    trace = with_round(None, 1, Plan((), [], missing))
    step.update(trace={"rounds": [{**trace["rounds"][0], "pools": pools}]})
    step.decide("OrderBackordered", missing=missing, reason=reason)
    step.enter("BACKORDERED", in_words(reason, lacking, pools), note=True)


def remember(step: Step, told: PoolTold) -> None:
    """Keep what a pool answered for the trace: the newest of each SKU."""
    trace = step.state["trace"] or with_round(None, 1, Plan((), [], []))
    last = trace["rounds"][-1]
    others = [each for each in last["pools"] if each["sku"] != told["sku"]]
    step.update(trace={"rounds": [*trace["rounds"][:-1], {**last, "pools": [*others, told][:MISSING_MAX]}]})


def in_words(reason: str, lacking: Sequence[Part], pools: Sequence[PoolTold]) -> str:
    """Why it waits, with the figures that are known."""
    said = []
    for told in pools:
        if told["answer"] != "POOL_EXHAUSTED" or not any(p["sku"] == told["sku"] for p in lacking if is_waiting(p)):
            continue
        sold, ahead = f"{told['sold']} of {told['cap']} x {told['sku']}", told["ahead"]
        if told["quotas"]:
            said.append(
                f"POOL_EXHAUSTED: {told['pool']} has sold {sold}, by quotas {told['quotas']}; {ahead} before it"
            )
        else:
            said.append(f"POOL_EXHAUSTED: {told['pool']} has sold {sold}; {ahead} before it")
    if reason == POOL_EXHAUSTED:
        return "; ".join(said) or reason
    units = ", ".join(f"{each['shortfall']} x {each['sku']}" for each in _missing(lacking))
    return f"goods_to_come: {units} frozen"


def _missing(lacking: Iterable[Part]) -> list[Missing]:
    units: dict[str, int] = {}
    for part in lacking:
        units[part["sku"]] = units.get(part["sku"], 0) + part["quantity"]
    return [{"sku": sku, "shortfall": shortfall} for sku, shortfall in units.items()]


def _told_in(state: OrderState) -> list[PoolTold]:
    trace = state["trace"]
    return list(trace["rounds"][-1]["pools"]) if trace is not None and trace["rounds"] else []
