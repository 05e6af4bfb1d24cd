"""What an order is to be, by all that is known of it: what the platform says, after-sales, parcels, operators, the time.

Whatever was told goes into the state first; then `reconsider` finds what follows. So it makes no difference in which
order an update, an after-sale, a parcel and an operator's decision arrive.

| what is known | the order is |
| --- | --- |
| no line of it is this merchant's | ELSEWHERE, with who sends it |
| cancelled by the platform | CANCELLED, or SHIPPED after a parcel has left; it opens again when the platform says so |
| cancelled by this merchant's operator | CANCELLED for good; what the platform says later is told |
| nothing of it is left to send | SHIPPED (or CANCELLED, when nothing was sent); ALLOCATED while a parcel is awaited |
| not paid | UNPAID |
| a reason to hold it | HELD, with its reasons |
| else | planned: what is held and still wanted stays, what is too much is given back, what is new is planned |
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.records import OrderState
from streams.domain.routing.planning import Need

from . import aftersales, companions, presale
from .collecting import with_amounts
from .flow_state import held_by_flow
from .order_state import (
    CLOSED,
    HOLDING,
    Key,
    are_other_goods,
    has_arrived,
    is_others,
    is_under_way,
    is_under_way_here,
    key_of,
    outstanding,
    unheld,
    units_committed,
    units_in,
    units_left,
    units_unclear,
)
from .parcels import meet_remembered
from .saga import announce, begin, end, shrink, withdraw
from .step import Step

NOT_BEFORE, PAID_AFTER_CANCELLED, BY_OPERATOR = "not_before", "paid_after_cancelled", "held_by_operator"
#: The platform says that some of the order has left, and not what: answered by a parcel of this merchant's, which was written back to it.
SENT_UNCLEAR = "sent_unclear"
#: Opened again after a parcel had left that nothing was reserved for.
SENT_WHILE_CANCELLED = "sent_while_cancelled"
#: Until an operator says so: nothing else ends these.
STAYING = (PAID_AFTER_CANCELLED, SENT_WHILE_CANCELLED)
OTHER_GOODS = "goods_changed_after_parcel"
#: Held for one of these, units may have left: they stay reserved.
_MAY_HAVE_LEFT = frozenset((SENT_UNCLEAR, aftersales.SENT_CONTRADICTS))


def reconsider(step: Step, reason: str, *, moved: bool = False, who: str = "") -> None:
    """Find what follows from the state.

    :param reason: why it is looked at, in words: the reason of an attempt that begins.
    :param moved: the receiver is another one.
    :param who: who sends an order of which nothing is this merchant's.
    """
    _follow(step, reason, moved, who)
    if step.state["phase"] == "ALLOCATED" and step.state["parcels"]:
        meet_remembered(step)
        _follow(step, reason, False, who)


def _follow(step: Step, reason: str, moved: bool, who: str) -> None:
    state = step.state
    status = state["status"]
    if state["phase"] == "CANCELLED" and state["cancelled_by_operator"]:
        _stay_cancelled(step)
    elif status == "CANCELLED":
        _cancel(step)
    elif is_others(state) and status != "UNPAID" and not is_under_way_here(state):
        withdraw(step, "sent_elsewhere", ends=True)
        _hold_no_more(step)
        others = [line["sent_by"] for line in step.before["lines"]] != [line["sent_by"] for line in state["lines"]]
        step.enter("ELSEWHERE", who, note=others)
    else:
        _go_on(step, reason, moved)


def _go_on(step: Step, reason: str, moved: bool) -> None:
    state = step.state
    needs = outstanding(state)
    held = _hold_reasons(state, step.at_ms) if _may_be_held(state) else []
    if state["merge"] is not None and not held and needs and state["status"] != "UNPAID":
        held = _companions(step, needs)
    if not needs and (is_under_way(state) or (state["status"] != "UNPAID" and not held)):
        _nothing_left(step)
    elif state["status"] == "UNPAID":
        withdraw(step, "unpaid", ends=True)
        _hold_no_more(step)
        step.enter("UNPAID", "not paid yet", note=step.before["status"] is None)
    elif held:
        _hold(step, ",".join(held))
    else:
        _hold_no_more(step)
        _ship(step, reason, moved, needs)


def _companions(step: Step, needs: Sequence[Need]) -> list[str]:
    """Whether it waits, or begins to wait, for orders that it may leave with."""
    if not companions.waits(step.state):
        if not companions.may_ask(step, needs):
            return []
        companions.ask(step)
    return [companions.COMPANIONS]


def _hold(step: Step, reason: str) -> None:
    """Take back what is allocated, and wait for what ends these reasons. What is of a pool keeps its turn."""
    withdraw(step, f"held: {reason}", staying=_held(step.state) if _may_have_left(reason) else None)
    news = step.state["hold_reason"] != reason
    step.update(hold_reason=reason)
    step.enter("HELD", reason, note=news)
    presale.freeze_while_held(step)


def _may_have_left(hold_reason: str) -> bool:
    return not _MAY_HAVE_LEFT.isdisjoint(hold_reason.split(","))


def _hold_no_more(step: Step) -> None:
    if step.state["hold_reason"]:
        step.update(hold_reason="")


def _may_be_held(state: OrderState) -> bool:
    """Whether anything known of it could be a reason: for nearly every order there is none."""
    return bool(
        state["status"] == "HOLD"
        or state["not_before_ms"] is not None
        or state["aftersales"]
        or state["hold_reason"]
        or state["held_by"]
        or held_by_flow(state)
        or any(part["state"] == "COMMITTED" for part in state["parts"])
    )


def _hold_reasons(state: OrderState, at_ms: int) -> list[str]:
    """Why it may not be sent now: what the platform says, its time, its after-sales, and what only an operator knows."""
    due_ms = state["not_before_ms"]
    # What is answered since: the after-sale is over, the date that is known says when, our parcel says what was sent.
    answered = {NOT_BEFORE: due_ms is not None, SENT_UNCLEAR: is_under_way_here(state)}
    told = state["platform_hold"].split(",") if state["status"] == "HOLD" else []
    waits = [each for each in told if not answered.get(each) and not aftersales.answers(state, each)]
    if due_ms is not None and due_ms > at_ms:
        waits.append(NOT_BEFORE)
    if are_other_goods(state):
        waits.append(OTHER_GOODS)
    released = state["released_reasons"].split(",") if state["hold_released"] else ()
    reasons = [each for each in waits if each not in released]
    reasons += aftersales.hold_reasons(state)
    reasons += (each for each in STAYING if each in state["hold_reason"])
    if state["held_by"]:
        reasons.append(BY_OPERATOR)
    if by_flow := held_by_flow(state):
        reasons.append(by_flow)
    if reasons and any(map(presale.is_waiting, state["parts"])):
        reasons.append(presale.POOL_EXHAUSTED)
    # Once each, in this order.
    return list(dict.fromkeys(reasons))


def _stay_cancelled(step: Step) -> None:
    before, state = step.before, step.state
    if not has_arrived(before):
        step.note("cancelled by an operator before it arrived")
    elif (
        before["order_version"] != state["order_version"]
        and state["status"] in ("PAID", "HOLD")
        and (before["status"] != state["status"] or outstanding(before) != outstanding(state))
    ):
        step.note("paid after an operator cancelled it; it stays cancelled", "paid_after_cancelled")
    elif state["status"] == "SHIPPED" and before["status"] != "SHIPPED" and _shown_beyond_parcels(state):
        step.note(
            "its platform shows it as sent after an operator cancelled it: see whether it left; its units are for sale again",
            "sent_after_cancelled",
        )


def _shown_beyond_parcels(state: OrderState) -> bool:
    committed = units_committed(state["parts"])
    return any(line["shipped_quantity"] > committed.get(key_of(line), 0) for line in state["lines"])


def _cancel(step: Step) -> None:
    state = step.state
    if state["phase"] == "CANCELLED":
        return
    if (
        state["phase"] == "HELD"
        and _held(state)
        and not is_under_way_here(state)
        and _may_have_left(state["hold_reason"])
    ):
        if step.before["status"] != "CANCELLED":
            step.note(
                "cancelled after its platform had shown some of it as sent, how many is not said: it stays reserved; "
                "release it, or cancel it here, if nothing has left",
                "cancelled_after_shipping",
            )
        return
    _hold_no_more(step)
    if state["phase"] == "SHIPPED":
        if step.before["status"] != "CANCELLED":
            step.note("cancelled after it was shipped", "cancelled_after_shipping")
        return
    if state["phase"] == "ALLOCATED" and _is_all_shown_as_sent(state):
        if step.before["status"] != "CANCELLED":
            step.note(
                "cancelled after its platform had shown it as sent; the warehouse has not told of its parcel: it stays reserved, "
                "cancel it here if it never left",
                "cancelled_after_shipping",
            )
        return
    withdraw(step, "cancelled", ends=True)
    if any(part["state"] == "GRANTED" for part in step.state["parts"]):
        # Shown as sent: they may have left, and wait for the warehouse's word.
        end(step)
        return
    if is_under_way_here(step.state):
        step.enter("SHIPPED", "cancelled by the platform after a parcel had left: the rest is not sent")
        return
    step.update(cancelled_by_operator=False)
    step.enter("CANCELLED", "cancelled by the platform")


def _nothing_left(step: Step) -> None:
    """Nothing more is to be sent. What is held of it all the same is held because the platform shows it as sent."""
    state = step.state
    _hold_no_more(step)
    match state["phase"]:
        case "SHIPPED" | "ELSEWHERE" | "CANCELLED" if not is_under_way(state) or state["phase"] == "SHIPPED":
            _say_what_changed(step)
        case "RESERVING" if state["parcels"]:
            pass  # A parcel has left, and the reservation it is to be met with is under way.
        case "ALLOCATED":
            if _beyond(state):
                shrink(step, "order_changed")
            elif not _held(state):
                end(step)
            elif step.before["status"] != "SHIPPED" and state["status"] == "SHIPPED":
                step.note("its platform shows it as sent; the warehouse has not told of its parcel", "shown_as_sent")
        case _:
            withdraw(step, "shipped_elsewhere" if is_under_way(state) else "nothing_left", ends=True)
            end(step)


def _say_what_changed(step: Step) -> None:
    """A closed order stays closed; what its platform says of it is not passed over."""
    before, state = step.before, step.state
    if state["status"] == "UNPAID" and before["status"] != "UNPAID":
        step.note("not paid any more after it was shipped", "unpaid_after_shipping")
    for line, old in zip(state["lines"], before["lines"], strict=False):
        if line["line_no"] == old["line_no"] and line["shipped_quantity"] < old["shipped_quantity"]:
            step.note(
                f"its platform shows {old['shipped_quantity'] - line['shipped_quantity']} x {line['sku']} as sent no more; "
                "they left with a parcel",
                "shipment_reversed",
            )


def _ship(step: Step, reason: str, moved: bool, needs: Sequence[Need]) -> None:
    state = step.state
    match state["phase"]:
        case "CANCELLED" if state["cancelled_by_operator"] is None:
            _hold(step, PAID_AFTER_CANCELLED)
        case "CANCELLED" if state["parcels"]:
            step.update(parcels=[])
            _hold(step, SENT_WHILE_CANCELLED)
        case "RESERVING" | "BACKORDERED":
            if needs != outstanding(step.before):
                withdraw(step, "order_changed")
                begin(step, "order changed")
            elif moved and state["phase"] == "RESERVING":
                _plan_for_the_new_receiver(step)
            else:
                _keep(step)
        case "ALLOCATED":
            if moved:
                _plan_for_the_new_receiver(step)
            elif unheld(state, state["parts"]):
                withdraw(step, "order_changed")
                begin(step, "order changed")
            elif _beyond(state):
                shrink(step, "order_changed")
            elif with_amounts(state) is not state["parts"]:
                announce(step, "another amount to collect")
            else:
                _keep(step)
                _say_shown_as_sent(step)
        case phase:
            if phase in CLOSED:
                reason = f"opened again: {reason}"
            if _beyond(state):
                # Kept while it was held, and not all of it is wanted any more.
                withdraw(step, "order_changed")
            begin(step, reason, None if state["parts"] else needs)


def _plan_for_the_new_receiver(step: Step) -> None:
    if is_under_way_here(step.state):
        step.note(
            "the receiver changed after a parcel had left: have its carrier redirect it or call it back; "
            "what has not left is planned for the new one",
            "receiver_changed_after_parcel",
        )
    withdraw(step, "receiver_changed")
    begin(step, "receiver changed")


def _keep(step: Step) -> None:
    """The decision stands: how long it took is reckoned from what it was made on."""
    if step.state["received_at_ms"] != step.before["received_at_ms"]:
        step.update(received_at_ms=step.before["received_at_ms"])


def _say_shown_as_sent(step: Step) -> None:
    before = units_unclear(step.before)
    for key, units in units_unclear(step.state).items():
        more = units - before.get(key, 0)
        if more > 0:
            step.note(
                f"its platform shows {more} x {key[1]} as sent; the warehouse has not told of a parcel with it",
                "shown_as_sent",
            )


def _held(state: OrderState) -> dict[Key, int]:
    return units_in((part for part in state["parts"] if part["warehouse"]), ("GRANTED",))


def _is_all_shown_as_sent(state: OrderState) -> bool:
    """Whether all that is held waits for a warehouse's word alone: its platform has shown it as sent."""
    held, unclear = _held(state), units_unclear(state)
    return bool(held) and all(units <= unclear.get(key, 0) for key, units in held.items())


def _beyond(state: OrderState) -> bool:
    """Whether more is held of a line than may still be sent of it."""
    left = units_left(state)
    return any(units > left.get(key, 0) for key, units in units_in(state["parts"], HOLDING).items())
