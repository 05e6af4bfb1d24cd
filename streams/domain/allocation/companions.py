"""Companions of an order (合单): it may wait for others of its receiver, and leave with them as one parcel. It waits once in its life.

| stage | the order | until |
| --- | --- | --- |
| MAY | has asked nothing; its flow may let it wait | it is to be planned for the first time |
| WAITS | HELD, nothing of it is reserved | PLAN |
| PLANS | RESERVING: the first of them wherever its rules say, the others at that warehouse | all is reserved, at one warehouse |
| READY | RESERVING, all of it reserved, no warehouse has heard of it | GO |
| MERGED | ALLOCATED with the others; from here on it is like any other | |
| ALONE | like any other; why it goes by itself is said | |

From WAITS, PLANS and READY it goes ALONE with any change to it (another receiver, other goods, a hold, a cancellation, a parcel), where its
goods are not all at that warehouse, when the owner of the group says so, and when its own time is over, whatever anybody says.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.records import MergeAnswer, Merged, MergeRequestKind, Order, OrderMerge, OrderState
from streams.domain.merging.naming import group_of
from streams.domain.routing.planning import Need

from . import presale
from .order_state import CLOSED, carrier_chosen, is_under_way, outstanding
from .step import Step

#: Why an order is held that waits for its companions.
COMPANIONS = "waits_for_companions"
_ACTIVE = frozenset(("WAITS", "PLANS", "READY"))
#: Where another receiver, or other goods, still make a difference.
_HEARS = _ACTIVE | {"MAY"}
_MAY: OrderMerge = {
    "stage": "MAY",
    "group": "",
    "window_ms": 0,
    "until_ms": 0,
    "attempt": 0,
    "warehouse": "",
    "carrier": "",
    "code": "",
    "orders": [],
    "why": "",
}


def active(state: OrderState) -> OrderMerge | None:
    """Where it stands, while it may still leave with others; None: it may not."""
    its = state["merge"]
    return its if its is not None and its["stage"] in _ACTIVE else None


def waits(state: OrderState) -> bool:
    """Whether nothing of it is asked for yet, because others may come."""
    its = state["merge"]
    return its is not None and its["stage"] == "WAITS"


def due_ms(state: OrderState) -> int | None:
    """When it goes by itself, whatever anybody says; None: it does not wait."""
    its = active(state)
    return None if its is None else its["until_ms"]


def merged_as(state: OrderState) -> Merged | None:
    """The parcel, for the decision that has just been made; None: by itself."""
    its = state["merge"]
    if its is None or its["stage"] != "MERGED" or its["attempt"] != state["attempt"]:
        return None
    return {"code": its["code"], "orders": its["orders"]}


def hear_order(step: Step, order: Order) -> None:
    """A version of the order, which the state has taken over: whose it is, and whether that, or what is wanted, is another by now."""
    its, flows = step.state["merge"], step.view.flows
    if its is None and (flows is None or not flows.merges or step.state["attempt"]):
        return
    if its is not None and its["stage"] not in _HEARS:
        return
    group = group_of(order, step.state["receiver_mark"], step.view.merge_secret)
    if its is None or its["stage"] == "MAY":
        if (its or _MAY)["group"] != group:
            step.update(merge={**(its or _MAY), "group": group})
    elif group != its["group"]:
        leave(step, "its receiver changed")
    elif outstanding(step.before) != outstanding(step.state):
        leave(step, "its goods changed")
    elif step.state["collect_minor"] is not None:
        leave(step, "it is paid on delivery")


def let_wait(step: Step, minutes: int) -> None:
    """Its flow lets it wait for so long."""
    its = step.state["merge"]
    if its is not None and its["stage"] == "MAY":
        step.update(merge={**its, "window_ms": minutes * 60_000})


def may_ask(step: Step, needs: Sequence[Need]) -> bool:
    """Whether it is to wait now: it is planned for the first time, may be sent with others, and there is time until it must have left."""
    state, its = step.state, step.state["merge"]
    if its is None or its["stage"] != "MAY" or not its["window_ms"] or not its["group"]:
        return False
    if state["status"] != "PAID" or state["attempt"] or state["parts"] or state["parcels"] or is_under_way(state):
        return False
    if state["collect_minor"] is not None or presale.of_sales(step, needs, ()):
        return False
    return state["ship_by_ms"] is None or step.at_ms + its["window_ms"] < state["ship_by_ms"]


def ask(step: Step) -> None:
    """Say that it waits, and until when at the longest."""
    its = step.state["merge"]
    if its is not None:
        its = {**its, "stage": "WAITS", "until_ms": step.at_ms + its["window_ms"]}
        step.update(merge=its)
        _tell(step, its, "JOIN", until_ms=its["until_ms"])


def leave(step: Step, why: str) -> None:
    """It goes by itself, and says so to the others."""
    its = active(step.state)
    if its is not None:
        _tell(step, its, "LEAVE")
        goes_alone(step, why)


def goes_alone(step: Step, why: str) -> None:
    """It goes by itself; nobody waits for it."""
    step.update(merge={**_MAY, "stage": "ALONE", "why": why})
    if step.state["phase"] not in CLOSED:
        step.note(f"goes alone: {why}")


def is_kept(step: Step) -> bool:
    """Of an order all of whose goods are reserved: whether its companions are awaited before a warehouse hears of it."""
    state, its = step.state, active(step.state)
    if its is None or its["stage"] == "WAITS":
        return False
    places = {part["warehouse"] for part in state["parts"] if part["state"] == "GRANTED"}
    if state["attempt"] != its["attempt"] or state["parcels"]:
        leave(step, "it was planned anew")
    elif len(places) != 1:
        leave(step, "its goods come from several warehouses")
    elif its["stage"] == "PLANS":
        its = {**its, "stage": "READY"}
        step.update(merge=its)
        (warehouse,) = places
        _tell(step, its, "READY", warehouse=warehouse, carrier=carrier_chosen(state, warehouse))
    return active(step.state) is not None


def is_out(state: OrderState) -> str:
    """Why an order that may still leave with others cannot; empty: it can, or does not wait."""
    its = active(state)
    if its is None:
        return ""
    if state["parcels"]:
        return "a parcel of it has left"
    if its["stage"] == "WAITS":
        return (
            ""
            if state["phase"] == "HELD" and state["hold_reason"] == COMPANIONS
            else _WHY.get(state["phase"], "it changed")
        )
    if state["phase"] != "RESERVING" or state["attempt"] != its["attempt"]:
        return _WHY.get(state["phase"], "it was planned anew")
    return ""


_WHY = {
    "HELD": "it is held",
    "BACKORDERED": "its goods are not all there",
    "CANCELLED": "it is cancelled",
    "UNPAID": "it is not paid any more",
}


def planning(step: Step, answer: MergeAnswer) -> None:
    """Its window is over: its goods are to be reserved, where the first one's are."""
    its = step.state["merge"]
    if its is not None:
        about = {"warehouse": answer["warehouse"], "carrier": answer["carrier"], "orders": answer["orders"]}
        step.update(merge={**its, "stage": "PLANS", "attempt": step.state["attempt"] + 1, **about})


def gone(step: Step, answer: MergeAnswer) -> None:
    """All are reserved: it leaves with these."""
    its = step.state["merge"]
    if its is not None:
        _tell(step, its, "GONE")
        about = {"code": answer["code"], "orders": answer["orders"], "group": ""}
        step.update(merge={**its, "stage": "MERGED", **about})


def without(step: Step, others: Sequence[str]) -> None:
    """These had gone their own way when it was told that they leave with it."""
    its = step.state["merge"]
    if its is not None and its["stage"] == "MERGED":
        step.update(merge={**its, "orders": [each for each in its["orders"] if each not in others]})
        step.note(f"not in its parcel any more: {', '.join(others)}")


def _tell(
    step: Step, its: OrderMerge, kind: MergeRequestKind, until_ms: int = 0, warehouse: str = "", carrier: str = ""
) -> None:
    step.merging.append(
        {
            "group": its["group"],
            "order_id": step.state["order_id"],
            "kind": kind,
            "until_ms": until_ms,
            "warehouse": warehouse,
            "carrier": carrier,
            "at_ms": step.at_ms,
        }
    )
