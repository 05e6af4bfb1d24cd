"""What the order itself, its after-sales, and an operator tell. A version older than the known one changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from schemas.records import AfterSale, OperatorDecision, Order, OrderLine, OrderState, PersonForgotten, StateLine
from streams.domain.receiver import FORGOTTEN, has_moved, mark_of, merged
from streams.domain.routing.geography import destination

from . import aftersales, companions
from .by_rules import routing_facts
from .collecting import cannot_be_reached
from .course import BY_OPERATOR, STAYING, reconsider
from .flow_state import BY_FLOW, held_by_flow
from .flowing import hear_clock, hear_order, hear_person, hear_what_followed
from .merge_events import hear_clock as hear_own_time
from .order_state import CLOSED, Key, has_arrived, is_others, is_under_way_here, key_of, lines_of, units_overrun
from .returns import units_back_untold
from .saga import withdraw
from .step import Step

#: By whom a hold that waits for its time is released.
CLOCK = "clock"

#: What a decision may lead to that leads to another within it.
_TURNS_MAX = 4
_ANSWERED = {"APPROVE": "approved", "REFUSE": "refused", "CLAIM": "taken on"}
#: What a release overrules nothing of.
_NOT_HELD = frozenset(("", *STAYING, BY_OPERATOR))


def on_order(step: Step, order: Order) -> None:
    """A newer version of the order as its platform shows it."""
    state = step.state
    if order["version"] <= state["order_version"]:
        return
    first = not has_arrived(state)
    known = state["receiver_mark"]
    mark = FORGOTTEN if known == FORGOTTEN else mark_of(order["receiver"])
    # The first version kept the region alone, and so does an order whose person is forgotten.
    if first or known not in ("", FORGOTTEN):
        moved = has_moved(known, mark)
    else:
        moved = state["province"] not in (order["receiver"]["province"], destination(order["receiver"]))
    _adopt(step, order, merged(known, mark))
    if first and state["aftersales"]:
        step.update(aftersales=[aftersales.judged(step.state, known) for known in state["aftersales"]])
    elif state["aftersales"] and (fewer := _fewer_ordered(state["lines"], step.state["lines"])):
        step.update(aftersales=[aftersales.doubted(known, fewer) for known in state["aftersales"]])
    companions.hear_order(step, order)
    if step.view.flows is not None or state["flow"] is not None:
        hear_order(step, moved=moved and not first)
        if step.cancels:
            cancel_by_flow(step)
            return
    who = _who_sends(order["lines"]) if is_others(step.state) else ""
    reconsider(step, "hold released" if order["status"] == "HOLD" else "paid", moved=moved, who=who)
    if moved and step.state["phase"] == "SHIPPED" and is_under_way_here(step.state):
        step.note(
            "the receiver changed after it was shipped: have the carrier redirect the parcel or call it back",
            "receiver_changed_after_parcel",
        )
    if step.state["status"] != "CANCELLED":
        if step.state["parts"]:
            _say_what_is_too_much(step)
        _say_what_was_closed(step, order, state)
    if state["collect_minor"] != step.state["collect_minor"] and (why := cannot_be_reached(step.state)):
        step.note(why, "collect_changed_after_parcel")
    if order["correction_id"] and not step.statuses:
        step.note("its receiver is corrected" if order["receiver_from"] else "its receiver is its platform's again")


def _fewer_ordered(before: Iterable[StateLine], now: Iterable[StateLine]) -> set[Key]:
    """Lines of which fewer are ordered, and not because more are cancelled."""
    old = {key_of(line): line for line in before}
    return {
        key
        for line in now
        if (key := key_of(line)) in old
        and 0 < line["quantity"] < old[key]["quantity"]
        and line["cancelled_quantity"] <= old[key]["cancelled_quantity"]
    }


def _say_what_is_too_much(step: Step) -> None:
    """Fewer are ordered than have left. That all of it is cancelled is told as such."""
    before = units_overrun(step.before)
    for key, units in units_overrun(step.state).items():
        if units > before.get(key, 0):
            step.note(
                f"{units} x {key[1]} more have left than are ordered from here now: have the carrier call them back, or ask the buyer",
                "cancelled_after_shipping",
            )


def _say_what_was_closed(step: Step, order: Order, before: OrderState) -> None:
    """Lines that the platform showed as sent and calls cancelled now: taken for sent until a warehouse has them back."""
    known = {key_of(line): line["cancelled_quantity"] for line in before["lines"]}
    for line, kept in zip(order["lines"], step.state["lines"], strict=False):
        units = line["cancelled_quantity"] - kept["cancelled_quantity"]
        if units > 0 and line["cancelled_quantity"] > known.get(key_of(line), 0):
            step.note(
                f"its platform has closed {units} x {line['sku']} that it had shown as sent: taken for sent, nothing of it is for sale; "
                "cancel it here if it never left",
                "cancelled_after_shipping",
            )


def _adopt(step: Step, order: Order, mark: str) -> None:
    """Take over what a version of the order says."""
    state, receiver, status = step.state, order["receiver"], order["status"]
    platform_hold = (order["hold_reason"] or "held") if status == "HOLD" else ""
    # A hold that the platform itself has lifted is over; the next one is another hold and needs its own release.
    released = state["hold_released"] and status != "PAID"
    view = step.view
    asked = view.book is not None or (view.flows is not None and view.flows.asks)
    step.state = {
        **state,
        "channel": order["channel"],
        "shop": order["shop"],
        "order_version": order["version"],
        "province": destination(receiver),
        "country": receiver["country"],
        "lines": lines_of(order, state),
        "received_at_ms": order["received_at_ms"],
        "status": status,
        "platform_hold": platform_hold,
        "hold_released": released,
        # Released before its reasons were known: from those it has first.
        "released_reasons": (state["released_reasons"] or platform_hold) if released else "",
        "not_before_ms": order["not_before_ms"],
        "placed_at_ms": order["placed_at_ms"],
        "ship_by_ms": order["ship_by_ms"],
        "collect_minor": order["collect_minor"],
        "receiver_mark": mark,
        "routing": routing_facts(order, mark) if asked or state["routing"] is not None else None,
    }


def _who_sends(lines: Iterable[OrderLine]) -> str:
    """Who sends the lines that are not this merchant's to send, in words."""
    others: list[str] = []
    for line in lines:
        if line["sent_by"] == "NOBODY":
            others.append(f"not shipped: {line['sender'] or 'no reason given'}")
        elif line["sent_by"] != "MERCHANT":
            others.append(f"sent by the {line['sent_by'].lower()}" + (f" {line['sender']}" if line["sender"] else ""))
    return "; ".join(dict.fromkeys(others))


def on_aftersale(step: Step, record: AfterSale) -> None:
    """An after-sale was asked for, or has come further."""
    known = aftersales.known_from(record)
    others = []
    for each in step.state["aftersales"]:
        if each["aftersale_id"] != known["aftersale_id"]:
            others.append(each)
        elif each["version"] >= known["version"]:
            return
        elif each["state"] == known["state"]:
            known = {**known, "released": each["released"]}
    if not has_arrived(step.state):
        step.update(aftersales=[*others, known])
        return
    step.update(aftersales=others)
    known = aftersales.judged(step.state, known)
    step.update(aftersales=[*others, known])
    if aftersales.came_too_late(known):
        step.note(
            f"after-sale {known['aftersale_id']} was paid back before sending; its goods have left", "refunded_and_sent"
        )
    reconsider(step, f"after-sale {known['aftersale_id']}: {known['state'].lower()}")


def on_operator_decision(step: Step, decision: OperatorDecision) -> None:
    """What an operator decided, each decision once; may come before the order itself.

    One about an order that has arrived is answered, by what follows from it or in words.
    """
    state = step.state
    if decision["by"] == CLOCK:
        # It overrules nothing: whether the time has come is judged here, by the log's time.
        if state["flow"] is not None:
            hear_clock(step)
        hear_own_time(step)
        if step.cancels:
            cancel_by_flow(step)
        elif state["phase"] == "HELD" or held_by_flow(step.state) != held_by_flow(state):
            reconsider(step, "its time has come")
    elif decision["decision_id"] not in state["decisions"]:
        step.update(decisions=[*state["decisions"], decision["decision_id"]])
        _ON_ACTION[decision["action"]](step, decision)


def _on_release_hold(step: Step, decision: OperatorDecision) -> None:
    stood = held_by_flow(step.state)
    why_not = hear_person(step, decision) if stood else ""
    if step.cancels:
        _end_by_flow(step, why_not)
        return
    state = step.state
    if state["phase"] == "HELD" or state["held_by"]:
        reasons = [each for each in state["hold_reason"].split(",") if each not in _NOT_HELD]
        held = [each for each in reasons if not each.startswith(BY_FLOW) and each != companions.COMPANIONS]
        companions.leave(step, "an operator released it")
        if why_not and not held and not state["held_by"]:
            if held_by_flow(state) != stood:
                reconsider(step, "its time has come")
            step.refuse(why_not)
            return
        before = state["released_reasons"].split(",") if state["hold_released"] and state["released_reasons"] else []
        overruled = [{**known, "released": True} for known in state["aftersales"]] if held else state["aftersales"]
        step.update(
            hold_released=state["hold_released"] or bool(held),
            released_reasons=",".join(dict.fromkeys((*before, *held))),
            hold_reason="",
            held_by="",
            aftersales=overruled,
        )
        if has_arrived(state):
            reconsider(step, f"hold released: {decision['reason']}")
            if why_not:
                step.refuse(why_not)
            elif not step.statuses:
                step.note("the operator's hold is released")
    elif has_arrived(state):
        step.refuse(f"it is {state['phase']}, not held: there is nothing to release")
    elif not state["hold_released"]:
        step.update(hold_released=True)


def _on_hold(step: Step, decision: OperatorDecision) -> None:
    state = step.state
    if state["held_by"]:
        step.refuse(f"{state['held_by']} holds it already")
        return
    if state["phase"] in CLOSED:
        step.refuse(f"it is {state['phase']}: there is nothing left to hold")
        return
    step.update(held_by=decision["by"])
    if has_arrived(state):
        reconsider(step, f"held by an operator: {decision['reason']}")
        if not step.statuses:
            step.note(f"an operator holds it; it is {step.state['phase']}, and nothing of it is on its way to be sent")


def _on_operator_cancel(step: Step, decision: OperatorDecision) -> None:
    state = step.state
    if state["phase"] == "CANCELLED":
        if not state["cancelled_by_operator"]:
            step.update(cancelled_by_operator=True)
            if has_arrived(state):
                step.note("cancelled by an operator, too: its platform does not open it again")
        elif has_arrived(state):
            step.refuse("an operator has cancelled it already")
        return
    if state["phase"] in CLOSED:
        step.refuse(
            f"an operator cancelled it after it was {'shipped' if state['phase'] == 'SHIPPED' else 'left to others'}"
        )
        return
    step.update(cancelled_by_operator=True, held_by="")
    if has_arrived(state):
        _give_back_all(step)
        step.update(hold_reason="")
        step.enter("CANCELLED", f"cancelled by an operator: {decision['reason']}")
    else:
        step.update(phase="CANCELLED")


def _on_answer(step: Step, decision: OperatorDecision) -> None:
    """A person approves, refuses or takes on what the order's flow asks."""
    stood = held_by_flow(step.state)
    why_not = hear_person(step, decision)
    if step.cancels:
        _end_by_flow(step, why_not)
        return
    if held_by_flow(step.state) != stood:
        reconsider(step, _ANSWERED[decision["action"]] if not why_not else "its time has come")
    if why_not and has_arrived(step.state):
        step.refuse(why_not)
    elif not why_not and not step.statuses:
        step.note(f"its flow has the answer: {_ANSWERED[decision['action']]}")


def _end_by_flow(step: Step, why_not: str) -> None:
    cancel_by_flow(step)
    if why_not:
        step.refuse(why_not)


def cancel_by_flow(step: Step) -> None:
    """The order's flow ends it, as an operator would: what has left is not called back."""
    why, step.cancels = step.cancels, ""
    if step.state["phase"] in CLOSED:
        step.note(f"its flow cancels it ({why}); it is {step.state['phase']} already")
        return
    step.update(cancelled_by_operator=True, held_by="")
    _give_back_all(step)
    step.update(hold_reason="")
    step.enter("CANCELLED", f"cancelled by its flow: {why}")


def follow_flow(step: Step) -> None:
    """Have the order's flow hear what was decided, and do what it says to that."""
    told: int | None = None
    for _ in range(_TURNS_MAX):
        heard = len(step.events)
        if not hear_what_followed(step, told):
            return
        told = heard
        if step.cancels:
            cancel_by_flow(step)
            return
        reconsider(step, "its flow goes on")


def _give_back_all(step: Step) -> None:
    """Also what may have left: the operator says that it has not. But for what has come back, which had."""
    back = units_back_untold(step.state)
    held = [part for part in step.state["parts"] if part["state"] == "GRANTED"] if back else []
    withdraw(step, "cancelled_by_operator", staying={}, ends=True)
    for part in held:
        units = min(part["quantity"], back.get(key_of(part), 0))
        if units:
            back[key_of(part)] -= units
            step.take_off(f"{part['reservation_id']}/back", part["sku"], part["warehouse"], units)


def on_person_forgotten(step: Step, record: PersonForgotten) -> None:
    """Whom the order tells of is forgotten; of an order that has not arrived nothing is known that could be."""
    if has_arrived(step.state) and step.state["receiver_mark"] != FORGOTTEN:
        routing = step.state["routing"]
        place = None if routing is None else {**routing, "district": "", "town": ""}
        step.update(receiver_mark=FORGOTTEN, routing=place)
        # The key of its group is made of the person's data.
        companions.leave(step, "its person is forgotten")
        if (its := step.state["merge"]) is not None and its["group"]:
            step.update(merge={**its, "group": ""})


_ON_ACTION: dict[str, Callable[[Step, OperatorDecision], None]] = {
    "RELEASE_HOLD": _on_release_hold,
    "CANCEL": _on_operator_cancel,
    "HOLD": _on_hold,
    "APPROVE": _on_answer,
    "REFUSE": _on_answer,
    "CLAIM": _on_answer,
}
