"""The owner of a merge group: orders join a batch, and leave it as one parcel. One event or tick in, one decision out.

| event | does |
| --- | --- |
| JOIN | into the batch that gathers, or a new one; its window begins with its first |
| READY | of the first: the others are planned, to its warehouse; of the last: all are told to go |
| GONE | it has left with the others: with the last one's nothing is kept of the batch |
| LEAVE | it is out: of a batch that waits for it alone, the others go on; of one that is gone, the others are told |
| the tick | a window that is over: the first is planned, or sent on alone; nobody waits any more: the batch is forgotten |

    GATHERS  --window over-->  LEADS  --READY of the first-->  FOLLOWS  --READY of all-->  GONE

What holds at any time:
1. An order is in one batch at the most.
2. Who has left is in none, and in no list that is told afterwards.
3. A batch ends: each of its orders has a time of its own, at which it goes without being told; then nothing is kept of it. One that is gone
   ends with the last answer, GONE or LEAVE: of two that cross, whoever left with the parcel hears of who did not.

A batch gathers until a while before the first of these times, so that all is planned within: a minute, of short windows half of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from schemas.records import MergeAnswer, MergeBatch, MergeGroup, MergeMember, MergeRequest

from .naming import code_of

#: What one parcel may have orders of.
MEMBERS_MAX = 20
#: Of a window so much is kept for planning, at the most.
_PLANNING_MS = 60_000
#: Who has not answered for so long after its time is known to nobody any more.
_FORGOTTEN_AFTER_MS = 7 * 86_400_000


class Decision(NamedTuple):
    """``state`` None: nothing is kept of the group."""

    state: MergeGroup | None
    answers: tuple[MergeAnswer, ...] = ()


class _Step:
    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms
        self.answers: list[MergeAnswer] = []

    def tell(self, order_id: str, kind: str, **more: Any) -> None:
        nothing = {"warehouse": "", "carrier": "", "code": "", "orders": [], "until_ms": 0}
        self.answers.append({"order_id": order_id, "kind": kind, **nothing, **more, "at_ms": self.at_ms})  # type: ignore[typeddict-item]


def closes_ms(at_ms: int, until_ms: int) -> int:
    """Until when an order that waits from one time to another can be joined."""
    return until_ms - min(_PLANNING_MS, max(0, until_ms - at_ms) // 2)


def decide(state: MergeGroup | None, request: MergeRequest, at_ms: int) -> Decision:
    """What an order tells.

    :param state: what is known of the group, None when nothing.
    :param at_ms: the request's time in the log.
    """
    step = _Step(at_ms)
    batches = list(state["batches"]) if state is not None else []
    order_id = request["order_id"]
    index = next((i for i, batch in enumerate(batches) if order_id in _orders(batch)), None)
    if request["kind"] == "JOIN":
        if index is None:
            batches = _joined(batches, request, at_ms)
            step.tell(order_id, "JOINED", orders=_orders(batches[-1]), until_ms=request["until_ms"])
    elif index is not None:
        heard = _HANDLERS[request["kind"]](step, batches[index], request)
        batches[index : index + 1] = [] if heard is None else [heard]
    return _decision(request["group"], state, batches, step)


def wake(state: MergeGroup, at_ms: int) -> Decision:
    """What the time itself sets in motion."""
    step = _Step(at_ms)
    batches: list[MergeBatch] = []
    for batch in state["batches"]:
        kept: MergeBatch | None = batch
        if _ends_ms(batch) <= at_ms:
            kept = None
        elif batch["phase"] == "GATHERS" and batch["closes_ms"] <= at_ms:
            kept = _led(step, batch)
        if kept is not None:
            batches.append(kept)
    return _decision(state["group"], state, batches, step)


def due_ms(state: MergeGroup | None) -> int | None:
    """When the group is next to be looked at, with nothing else happening; None: never."""
    times = [_due_ms(batch) for batch in state["batches"]] if state is not None else []
    return min(times, default=None)


def _due_ms(batch: MergeBatch) -> int:
    ends = _ends_ms(batch)
    return min(ends, batch["closes_ms"]) if batch["phase"] == "GATHERS" else ends


def _ends_ms(batch: MergeBatch) -> int:
    """When the last of it goes by itself; of one that is gone, when nobody is waited for any more."""
    last = max((member["until_ms"] for member in batch["members"]), default=0)
    return last + _FORGOTTEN_AFTER_MS if batch["phase"] == "GONE" else last


def _decision(group: str, before: MergeGroup | None, batches: list[MergeBatch], step: _Step) -> Decision:
    answers = tuple(step.answers)
    if before is not None and batches == before["batches"]:
        return Decision(before, answers)
    return Decision({"group": group, "batches": batches} if batches else None, answers)


def _orders(batch: MergeBatch) -> list[str]:
    return [member["order_id"] for member in batch["members"]]


def _joined(batches: list[MergeBatch], request: MergeRequest, at_ms: int) -> list[MergeBatch]:
    member: MergeMember = {"order_id": request["order_id"], "until_ms": request["until_ms"], "ready": False}
    closes = closes_ms(request["at_ms"], request["until_ms"])
    if batches:
        last = batches[-1]
        if last["phase"] == "GATHERS" and at_ms < last["closes_ms"] and len(last["members"]) < MEMBERS_MAX:
            joined: MergeBatch = {
                **last,
                "members": [*last["members"], member],
                "closes_ms": min(last["closes_ms"], closes),
            }
            return [*batches[:-1], joined]
    new: MergeBatch = {"phase": "GATHERS", "closes_ms": closes, "members": [member], "warehouse": "", "carrier": ""}
    return [*batches, new]


def _led(step: _Step, batch: MergeBatch) -> MergeBatch | None:
    """The first of those that are left is to say where; one alone goes by itself."""
    orders = _orders(batch)
    if len(orders) < 2:
        for order_id in orders:
            step.tell(order_id, "ALONE")
        return None
    step.tell(orders[0], "PLAN", orders=orders)
    return {**batch, "phase": "LEADS"}


def _ready(step: _Step, batch: MergeBatch, request: MergeRequest) -> MergeBatch | None:
    order_id, phase = request["order_id"], batch["phase"]
    if phase == "LEADS" and order_id == batch["members"][0]["order_id"]:
        orders, warehouse, carrier = _orders(batch), request["warehouse"], request["carrier"]
        for other in orders[1:]:
            step.tell(other, "PLAN", orders=orders, warehouse=warehouse, carrier=carrier)
        members = _with_ready(batch, order_id)
        return {**batch, "phase": "FOLLOWS", "warehouse": warehouse, "carrier": carrier, "members": members}
    if phase != "FOLLOWS" or request["warehouse"] != batch["warehouse"]:
        return batch
    return _gone(step, {**batch, "members": _with_ready(batch, order_id)})


def _answered(step: _Step, batch: MergeBatch, request: MergeRequest) -> MergeBatch | None:
    if batch["phase"] != "GONE":
        return batch
    members = _with_ready(batch, request["order_id"])
    return None if _all_ready(members) else {**batch, "members": members}


def _with_ready(batch: MergeBatch, order_id: str) -> list[MergeMember]:
    return [{**each, "ready": True} if each["order_id"] == order_id else each for each in batch["members"]]


def _all_ready(members: Sequence[MergeMember]) -> bool:
    return all(member["ready"] for member in members)


def _left(step: _Step, batch: MergeBatch, request: MergeRequest) -> MergeBatch | None:
    order_id = request["order_id"]
    led = batch["members"][0]["order_id"] == order_id
    rest: MergeBatch = {**batch, "members": [each for each in batch["members"] if each["order_id"] != order_id]}
    if not rest["members"]:
        return None
    match batch["phase"]:
        case "LEADS" if led:
            return _led(step, rest)
        case "LEADS" if len(rest["members"]) == 1:
            step.tell(rest["members"][0]["order_id"], "ALONE")
            return None
        case "FOLLOWS":
            return _gone(step, rest)
        case "GONE":
            for other in _orders(rest):
                step.tell(other, "LEFT", orders=[order_id])
            return None if _all_ready(rest["members"]) else rest
    return rest


def _gone(step: _Step, batch: MergeBatch) -> MergeBatch | None:
    """Once all that are left are reserved, they go; None: the batch is over."""
    if not _all_ready(batch["members"]):
        return batch
    orders = _orders(batch)
    if len(orders) == 1:
        step.tell(orders[0], "ALONE")
        return None
    for order_id in orders:
        step.tell(order_id, "GO", code=code_of(orders[0]), orders=orders)
    unanswered: list[MergeMember] = [{**each, "ready": False} for each in batch["members"]]
    return {**batch, "phase": "GONE", "members": unanswered}


_HANDLERS: dict[str, Callable[[_Step, MergeBatch, MergeRequest], MergeBatch | None]] = {
    "READY": _ready,
    "GONE": _answered,
    "LEAVE": _left,
}
