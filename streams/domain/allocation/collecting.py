"""Cash on delivery (货到付款): over all parcels of an order the amount to collect is told once.

    whole = others' + told with what has left + told for what is held

Each courier takes what his parcel is worth: so nobody pays for goods that have not come, and a refused parcel leaves no other unpaid.
No platform of the five says how an order in several parcels is collected; order systems that don't forbid its split share it like this.

1. Lines that others send, and units that left without a word of ours, are theirs to collect for: their share by price. What nobody
   ships (a voucher) is collected with the rest.
2. What has left keeps what was told with it.
3. What a warehouse was told stands where the whole is reached with it: its label may be printed. The rest goes to parts that were told
   nothing yet, by price.
4. Else all that is held is shared anew, and told as a new attempt (`course`).
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.records import OrderState, Part
from streams.domain.shares import share_of, shared

from .order_state import Key, key_of


def with_amounts(state: OrderState) -> Sequence[Part]:
    """The order's parts, each that is held with what is collected for it; the very parts where that stands already."""
    whole, parts = state["collect_minor"], state["parts"]
    held = [part for part in parts if part["state"] == "GRANTED"]
    if whole is None:
        amounts: Sequence[int | None] = [None] * len(held)
    else:
        amounts = _amounts(state, max(0, _own(state, whole) - told_with_what_left(state)), held)
    if all(part["collect_minor"] == amount for part, amount in zip(held, amounts, strict=True)):
        return parts
    rest = iter(amounts)
    return [{**part, "collect_minor": next(rest)} if part["state"] == "GRANTED" else part for part in parts]


def told_with_what_left(state: OrderState) -> int:
    """What carriers were told to collect with parcels that have left."""
    return sum(part["collect_minor"] or 0 for part in state["parts"] if part["state"] == "COMMITTED")


def cannot_be_reached(state: OrderState) -> str:
    """Why carriers will not collect what the platform says by now, in words; empty: they will, or there is no such amount."""
    if state["collect_minor"] is None:
        return ""
    told, own = told_with_what_left(state), _own(state, state["collect_minor"])
    if told > own or (told < own and state["phase"] == "SHIPPED"):
        return f"its parcels that have left collect {told}, and its platform says {own} by now (minor units): tell their carrier"
    return ""


def cut(part: Part, units: int) -> tuple[int | None, int | None]:
    """What is collected for so many of its units, and for the others."""
    amount = part["collect_minor"]
    if amount is None:
        return None, None
    share = share_of(amount, units, part["quantity"])
    return share, amount - share


def _amounts(state: OrderState, left: int, held: Sequence[Part]) -> list[int]:
    new = [part for part in held if part["collect_minor"] is None]
    weights = _weights(state, new)
    rest = left - sum(part["collect_minor"] or 0 for part in held)
    if rest == 0 or (rest > 0 and any(weights)):
        shares = iter(shared(rest, weights) if any(weights) else [0] * len(new))
        return [next(shares) if part["collect_minor"] is None else part["collect_minor"] for part in held]
    weights = _weights(state, held)
    return shared(left, weights if any(weights) else [part["quantity"] for part in held])


def _weights(state: OrderState, parts: Sequence[Part]) -> list[int]:
    prices = _prices(state)
    return [prices.get(key_of(part), 0) * part["quantity"] for part in parts]


def _own(state: OrderState, whole: int) -> int:
    """Of the whole amount, what is collected with parcels that were told of it."""
    ours = others = 0
    prices = _prices(state)
    for line in state["lines"]:
        units = max(0, line["quantity"] - line["cancelled_quantity"])
        theirs = min(units, line["elsewhere_quantity"]) if line["sent_by"] == "MERCHANT" else units
        if line["sent_by"] != "NOBODY":
            others += theirs * prices[key_of(line)]
            ours += (units - theirs) * prices[key_of(line)]
    for part, weight in zip(state["parts"], _weights(state, state["parts"]), strict=True):
        if part["state"] == "COMMITTED" and part["collect_minor"] is None:
            others, ours = others + weight, max(0, ours - weight)
    return whole if not others else shared(whole, (ours, others))[0]


def _prices(state: OrderState) -> dict[Key, int]:
    """What one unit of each line costs; where no line says (a state of an earlier version, gifts alone), all cost the same."""
    unknown = not any(line["unit_price_minor"] for line in state["lines"])
    return {key_of(line): 1 if unknown else line["unit_price_minor"] for line in state["lines"]}
