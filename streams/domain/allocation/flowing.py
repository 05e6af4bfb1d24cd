"""An order's flow, asked in the decision that its event is part of: so a hold takes effect before a warehouse hears of the order.

| what the flow says | what becomes of it |
| --- | --- |
| hold, approve; wait before a route | the order is HELD with the flow's reason, and its task is told of |
| route | nothing of the flow keeps the order from its warehouses |
| set, transform | kept with the order; nobody else is told of them yet |
| merge | it may wait for companions before it is planned (`companions`) |
| notify | told of as a task that nobody answers |
| cancel | the order is cancelled, as by an operator |

What a person answers is judged here, in the order of the order's log: who is first decides. An order that was planned before a flow was
released follows none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.records import OperatorDecision, OrderFlow, OrderState, Task, TaskKind, TaskState
from streams.domain.flow.book import FlowBook, Place, place
from streams.domain.flow.compiling import Rest
from streams.domain.flow.effects import Asked, Cancelled, Denied, Effect, Held, Hinted, Left, Notified, Routed, Voted
from streams.domain.flow.facts import APPROVED, CANCELLED, REFUSED, RELEASED, TICK, Event, FlowFacts, key_of
from streams.domain.flow.roles import person
from streams.domain.flow.state import START, FlowState, task_of
from streams.domain.flow.stepping import Stepped
from streams.domain.flow.stepping import step as stepped
from streams.domain.releases.sharing import Release
from streams.domain.routing.rules.facts import Facts, OrderFacts

from .by_rules import facts_of, merge_group
from .companions import let_wait
from .flow_state import APPROVAL, NOT_BEGUN, NOT_ROUTED, WAITS, kept, state_of
from .order_state import CLOSED, is_others, outstanding
from .order_state import key_of as line_key
from .step import Step

#: How an open task is left, by the edge that leads on -> where it stands then.
_LEFT: dict[str, TaskState] = {"approved": "APPROVED", "refused": "REFUSED", "released": "RELEASED", "late": "LATE"}
#: Why an answer changes nothing, in words.
_DENIED = {
    "NOTHING_OPEN": "its flow asks nothing that this answers",
    "ANOTHER_TASK": "its flow asks something else by now",
    "NOBODY": "it is not said who answers",
    "WRONG_ROLE": "it is asked of another role",
    "ASKED_IT": "who asked may not answer",
    "TWICE": "they have said yes already",
}
#: The version that an order follows is not on the topic any more, or damaged: the order stays as it is.
LOST = "the version of its flow cannot be read: release or cancel the order"
#: What a person's release ends although the flow has no edge for it.
_RELEASED_BY_ANYBODY = (NOT_BEGUN, WAITS, NOT_ROUTED)
#: Rests that ask a person.
_ASKING = ("hold", "approve")
#: Events that are heard at any node.
_ALWAYS = (CANCELLED, APPROVED, REFUSED, RELEASED)
_NO_FACTS = Facts(OrderFacts(()), ())
_NOTHING_RELEASED = FlowBook("", Release(), lambda document, version: None)


def hear_order(step: Step, *, moved: bool) -> None:
    """A newer version of the order, which the state has taken over, and nothing has followed from yet."""
    before, state = step.before, step.state
    known = state["flow"]
    if known is None:
        book = step.view.flows
        if book is None or book.idle or not _may_begin(state):
            return
        _hear(step, [Event("accepted"), *_paid(state)], begins=START)
    elif known["closed"] and _opens_again(state):
        carried = START._replace(arrivals=known["arrivals"])
        step.update(flow=None)
        _hear(step, [Event("accepted"), *_paid(state)], begins=carried)
    else:
        paid = _paid(state) if before["status"] == "UNPAID" else []
        changed = [Event("changed")] if moved or _has_changed(before, state) else []
        _hear(step, [*changed, *paid])


def hear_what_followed(step: Step, told: int | None) -> bool:
    """What the decision so far says of the order; whether its flow has something else done with it now.

    :param told: decision events that its flow has heard of; None: it has heard nothing of this decision.
    """
    before, state = step.before, step.state
    known = state["flow"]
    if known is None or known["closed"]:
        return False
    if (
        state["phase"] in CLOSED
        and before["phase"] != state["phase"]
        and (state["phase"] == "CANCELLED" or known["hold"])
    ):
        if _hear(step, [Event(CANCELLED)]) == LOST:
            _withdraw_unread(step, known)
            step.update(flow={**known, "hold": "", "closed": True})
        return False
    events = []
    if told is None and state["aftersales"] is not before["aftersales"]:
        events.append(Event("after_sale"))
    if told is None and len(state["shipments"]) > len(before["shipments"]):
        events.append(Event("shipped"))
    for name, _ in step.events[told or 0 :]:
        if name in ("OrderAllocated", "OrderBackordered"):
            events.append(Event("allocated" if name == "OrderAllocated" else "backordered"))
    _hear(step, events)
    now = step.state["flow"]
    return bool(step.cancels) or (now is not None and now["hold"] != known["hold"])


def hear_clock(step: Step) -> None:
    """A time may have come: whether it has is judged by the log's time."""
    _hear(step, [Event(TICK)])


def hear_person(step: Step, decision: OperatorDecision) -> str:
    """A person releases, approves, refuses or claims. Why that changes nothing; empty: it does."""
    known = step.state["flow"]
    if known is None:
        return "it follows no flow, which could ask anything"
    if decision["action"] == "CLAIM":
        return _claim(step, decision)
    kind = {"RELEASE_HOLD": RELEASED, "APPROVE": APPROVED, "REFUSE": REFUSED}[decision["action"]]
    if kind == APPROVED and known["hold"] != APPROVAL and known["hold"] not in _RELEASED_BY_ANYBODY:
        # What holds the order is the flow's own: whoever approves releases that, and no other hold.
        kind = RELEASED
    event = Event(kind, by=person(decision["by"]), roles=tuple(decision["roles"]), task=decision["task"])
    why = _hear(step, [event], because=decision["reason"])
    now = step.state["flow"]
    if (
        decision["action"] == "RELEASE_HOLD"
        and why
        and now is not None
        and (why == LOST or now["hold"] in _RELEASED_BY_ANYBODY)
    ):
        # Its flow has no edge for that: the person stands for it.
        step.update(flow={**now, "routed": True, "hold": "", "closed": now["closed"] or why == LOST})
        return ""
    return _DENIED.get(why, why)


def _claim(step: Step, decision: OperatorDecision) -> str:
    known = step.state["flow"]
    its = None if known is None else _place(step, known, START)
    if known is None or its is None:
        return LOST
    task = task_of(its.state)
    rest = its.flow.table.rests[its.flow.table.places[known["at"]]] if known["at"] else None
    if known["closed"] or rest is None or rest.kind not in _ASKING:
        return _DENIED["NOTHING_OPEN"]
    if decision["task"] not in ("", task):
        return _DENIED["ANOTHER_TASK"]
    by = person(decision["by"])
    if known["claimed_by"] not in ("", by):
        return f"{known['claimed_by']} has taken it on"
    step.update(flow={**known, "claimed_by": by})
    _tell(step, its, task, "OPEN", its.state.since_ms, its.state.due_ms, votes=its.state.votes)
    return ""


def _may_begin(state: OrderState) -> bool:
    """Whether an order may follow a flow from now on: nothing was decided of it, and there is something to decide."""
    if state["attempt"] or state["cancelled_by_operator"] or state["status"] in ("CANCELLED", "SHIPPED"):
        return False
    return not is_others(state) and bool(outstanding(state))


def _opens_again(state: OrderState) -> bool:
    return (
        state["phase"] == "CANCELLED"
        and state["status"] not in ("CANCELLED", "SHIPPED")
        and not state["cancelled_by_operator"]
    )


def _paid(state: OrderState) -> list[Event]:
    return [Event("paid")] if state["status"] in ("PAID", "HOLD") else []


def _has_changed(before: OrderState, state: OrderState) -> bool:
    """Whether other goods, or for another amount, are ordered."""

    def goods(it: OrderState) -> list[Any]:
        return [(line_key(x), x["quantity"], x["cancelled_quantity"], x["unit_price_minor"]) for x in it["lines"]]

    totals = [None if it["routing"] is None else it["routing"]["total_minor"] for it in (before, state)]
    return goods(before) != goods(state) or (None not in totals and totals[0] != totals[1])


def _place(step: Step, known: OrderFlow | None, begins: FlowState) -> Place | None:
    book = step.view.flows or _NOTHING_RELEASED
    its = None if known is None else (known["document"], known["version"], state_of(known))
    key = b"" if book.release.share is None else merge_group(step.state)
    return place(book, key, its, begins)


def _hear(step: Step, events: Sequence[Event], *, begins: FlowState = START, because: str = "") -> str:
    """Ask the flow about events that happen at once. Why the last of them changes nothing; empty: it was taken, or is nobody's answer."""
    known = step.state["flow"]
    if not events or (known is not None and _goes_unheard(step, known, events)):
        return ""
    its = _place(step, known, begins)
    if its is None:
        return LOST if known is not None else ""
    if known is None and its.flow.idle:
        return ""
    if known is not None and its.state.at != known["at"]:
        _ask_by_its_new_name(step, known, its)
    facts, denied = _facts(step, its), ""
    for event in events:
        # Of one order it never goes back: topics are read side by side.
        now_ms = max(step.at_ms, its.state.since_ms)
        came = stepped(its.flow.table, its.state, event, facts, now_ms)
        before, its = its.state, its._replace(state=came.state)
        denied = _done(step, its, before, came, because)
    return denied


def _goes_unheard(step: Step, known: OrderFlow, events: Sequence[Event]) -> bool:
    """Whether the version that is in use, and that the order follows, has no node for any of these: so it is nearly always."""
    book = step.view.flows
    if (
        book is None
        or book.release.share is not None
        or (known["document"], known["version"]) != (book.document, book.release.live)
    ):
        return False
    flow = book.flow(known["document"], known["version"])
    if flow is None or (known["due_ms"] is not None and step.at_ms >= known["due_ms"]):
        return False
    return all(event.kind not in _ALWAYS and key_of(event.kind, event.custom) not in flow.heard for event in events)


def _done(step: Step, its: Place, before: FlowState, came: Stepped, because: str) -> str:
    """Keep where it stands now, and do what is to be done. Why an answer was none."""
    flow = step.state["flow"]
    routed = (flow is not None and flow["routed"]) or any(isinstance(each, Routed) for each in came.effects)
    stays = came.state.arrivals == before.arrivals and not came.state.closed
    claimed = flow["claimed_by"] if flow is not None and stays else ""
    step.update(flow=kept(its, came.state, routed=routed, claimed_by=claimed))
    tellers = iter([each.node for each in came.passed if each.node in its.flow.tellers])
    denied = ""
    for effect in came.effects:
        if isinstance(effect, Denied):
            denied = effect.why
        elif isinstance(effect, Cancelled):
            step.cancels = effect.reason
        elif isinstance(effect, Hinted) and effect.kind == "merge":
            let_wait(step, effect.minutes)
        elif isinstance(effect, Notified):
            _notify(step, its, effect, next(tellers))
        else:
            _task(step, its, before, effect, because)
    return denied


def _task(step: Step, its: Place, before: FlowState, effect: Effect, because: str) -> None:
    """Tell where the task stands that an effect opens, counts for, or closes."""
    now = its.state
    if isinstance(effect, (Held, Asked)):
        _tell(step, its, effect.task, "OPEN", step.at_ms, effect.until_ms, not_by=getattr(effect, "not_by", ""))
    elif isinstance(effect, Voted):
        _tell(step, its, effect.task, "OPEN", now.since_ms, now.due_ms, not_by=now.asked_by, votes=now.votes)
    elif isinstance(effect, Left):
        if _rest(its, effect.task).kind not in _ASKING:
            return
        is_before = effect.task == task_of(before)
        votes = before.votes if is_before else ()
        answered = effect.by if effect.how in _LEFT and effect.how != "late" else ""
        if effect.how == APPROVED:
            votes = (*votes, effect.by)
        _tell(
            step,
            its,
            effect.task,
            _LEFT.get(effect.how, "WITHDRAWN"),
            before.since_ms if is_before else step.at_ms,
            before.due_ms if is_before else None,
            not_by=before.asked_by if is_before else "",
            votes=votes,
            by=answered,
            because=because if answered else "",
        )


def _rest(its: Place, task: str) -> Rest:
    rest = its.flow.table.rests[its.flow.table.places[task.rpartition("#")[0]]]
    assert rest is not None
    return rest


def _tell(
    step: Step,
    its: Place,
    task: str,
    state: TaskState,
    opened_at_ms: int,
    due_at_ms: int | None,
    *,
    not_by: str = "",
    votes: Sequence[str] = (),
    by: str = "",
    because: str = "",
) -> None:
    rest, flow = _rest(its, task), step.state["flow"]
    asks = rest.kind == "approve"
    step.tasks.append(
        {
            **_head(step, its, task, "APPROVE" if asks else "HOLD", state),
            "reason": rest.reason,
            "role": rest.role,
            "persons": rest.persons,
            "not_by": "" if rest.asker_may else not_by,
            "votes": list(votes),
            "claimed_by": flow["claimed_by"] if flow is not None and state == "OPEN" else "",
            "answered_by": by,
            "because": because,
            "opened_at_ms": opened_at_ms,
            "due_at_ms": due_at_ms,
        }
    )


def _notify(step: Step, its: Place, effect: Notified, node: str) -> None:
    head = _head(step, its, f"{node}#{its.state.arrivals}", "NOTIFY", "TOLD")
    step.tasks.append({**head, "role": effect.target, "by": effect.by, "text": effect.text})


def _ask_by_its_new_name(step: Step, known: OrderFlow, its: Place) -> None:
    """The version that the order goes over to calls the node otherwise where it rests: what is asked is asked by that name."""
    task, state = task_of(its.state), its.state
    if not known["closed"] and _rest(its, task).kind in _ASKING:
        _withdraw_unread(step, known)
        _tell(step, its, task, "OPEN", state.since_ms, state.due_ms, not_by=state.asked_by, votes=state.votes)


def _withdraw_unread(step: Step, flow: OrderFlow) -> None:
    """What a version asked that is not followed any more, or cannot be read, is asked no longer; whose it was is not known."""
    if flow["hold"] and flow["hold"] not in _RELEASED_BY_ANYBODY:
        kind: TaskKind = "APPROVE" if flow["hold"] == APPROVAL else "HOLD"
        step.tasks.append(_head(step, flow, task_of(state_of(flow)), kind, "WITHDRAWN"))


def _head(step: Step, its: Place | OrderFlow, task: str, kind: TaskKind, state: TaskState) -> Task:
    order = step.state
    document, version = (its.document, its.version) if isinstance(its, Place) else (its["document"], its["version"])
    return {
        "task_id": f"{order['order_id']}/{task}",
        "order_id": order["order_id"],
        "channel": order["channel"],
        "shop": order["shop"],
        "kind": kind,
        "state": state,
        "document": document,
        "version": version,
        "node": task.rpartition("#")[0],
        "reason": "",
        "role": "",
        "by": "",
        "text": "",
        "persons": 1,
        "not_by": "",
        "votes": [],
        "claimed_by": "",
        "answered_by": "",
        "because": "",
        "opened_at_ms": step.at_ms,
        "due_at_ms": None,
        "at_ms": step.at_ms,
    }


def _facts(step: Step, its: Place) -> FlowFacts:
    """What is known of the order; of its receiver no more than the region, for what is made of it goes to topics."""
    if not its.flow.asks:
        return FlowFacts(_NO_FACTS)
    state, routing = step.state, step.state["routing"]
    if routing is None:
        order = OrderFacts((), channel=state["channel"], shop=state["shop"], country=state["country"])
    else:
        order = facts_of(state, routing, outstanding(state))
    record = {**order._asdict(), "order_id": state["order_id"], "lines": [line._asdict() for line in order.lines]}
    for personal in ("district", "town"):
        del record[personal]
    return FlowFacts(Facts(order, (), step.at_ms), record=record)
