"""What a SKU's pool tells of an order's pieces: kept, to wait, come further."""

from __future__ import annotations

from schemas.records import FreezeAnswered, Part, PoolServed

from .course import reconsider
from .order_state import HOLDING, part_of, unheld
from .presale import is_waiting, keep_for_good, lacks_goods, remember, wait
from .saga import announce, begin, settle
from .step import Step
from .stock_events import lose

GOODS_ARE_THERE = "the goods of the sale are there"


def on_freeze_answered(step: Step, answered: FreezeAnswered) -> None:
    """Its pieces are kept; or it waits in turn; or it is of no sale, and is planned as any other."""
    part = part_of(step.state, answered["reservation_id"])
    if part is None or part["pool"] is None or part["state"] not in HOLDING:
        return
    match answered["answer"]:
        case "ALREADY_RESOLVED":
            lose(step, part["reservation_id"], "EXPIRED")
            return
        case _ if part["state"] == "GRANTED":
            return  # It was kept already, and is kept for good by now.
        case "FROZEN":
            after: Part = {**part, "state": "GRANTED", "pool": {**part["pool"], "waits": False}}
        case "POOL_EXHAUSTED":
            after = {**part, "pool": {**part["pool"], "waits": True}}
        case "NO_POOL":
            after = {**part, "state": "REJECTED"}
    remember(step, answered["told"])
    _replace(step, part, after)
    _go_on(step)


def on_pool_served(step: Step, served: PoolServed) -> None:
    """Who waited is frozen, or goods are there. Of a part that is given back meanwhile, the rest is given back, too."""
    state = step.state
    part = part_of(state, served["reservation_id"])
    if part is None or part["pool"] is None or part["state"] not in HOLDING:
        if served["rest_id"]:
            _give_back(step, served)
        return
    if part["warehouse"]:
        return  # Told once more: its goods are there.
    kept: Part = {
        **part,
        "state": "GRANTED",
        "warehouse": served["warehouse"],
        "quantity": served["quantity"],
        "pool": {**part["pool"], "waits": False},
    }
    if served["rest_id"]:
        rest: Part = {**part, "reservation_id": served["rest_id"], "quantity": served["rest_quantity"]}
        _replace(step, part, kept, rest)
        if part["pool"]["hard"]:
            keep_for_good(step, rest)
    else:
        _replace(step, part, kept)
    _go_on(step)


def _replace(step: Step, part: Part, *after: Part) -> None:
    parts: list[Part] = []
    for each in step.state["parts"]:
        parts += after if each["reservation_id"] == part["reservation_id"] else (each,)
    step.update(parts=parts)


def _give_back(step: Step, served: PoolServed) -> None:
    part: Part = {
        "reservation_id": served["rest_id"],
        "line_no": "",
        "sku": served["sku"],
        "warehouse": "",
        "quantity": served["rest_quantity"],
        "state": "GRANTED",
        "collect_minor": None,
        "carrier": None,
        "pool": None,
    }
    step.resolve(part, "Release", reason="given back before its goods came")


def _go_on(step: Step) -> None:
    state = step.state
    if state["phase"] == "HELD":
        reconsider(step, GOODS_ARE_THERE)
    if state["phase"] not in ("RESERVING", "BACKORDERED"):
        return
    if any(part["state"] == "ASKED" and not is_waiting(part) for part in state["parts"]):
        return
    if any(map(lacks_goods, state["parts"])):
        wait(step)
    elif needs := unheld(state, state["parts"]):
        begin(step, GOODS_ARE_THERE, needs)
    elif state["phase"] == "RESERVING":
        settle(step, {})
    else:
        announce(step, GOODS_ARE_THERE)
    if step.state["parcels"] and step.state["phase"] == "ALLOCATED":
        reconsider(step, "a parcel had left")
