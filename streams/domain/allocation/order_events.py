"""What the order itself, and an operator, set in motion. A version older than the known one changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from schemas.records import OperatorDecision, Order, StateLine

from .order_state import CLOSED, DECIDING, closed_lines, has_arrived, open_lines, outstanding, returned_lines
from .saga import begin, close, restock_returned, withdraw
from .step import Step


def on_order(step: Step, order: Order) -> None:
    """A newer version of the order as its platform shows it."""
    if order["version"] <= step.state["order_version"]:
        return
    if step.state["phase"] in CLOSED:
        _on_closed(step, order)
    else:
        _ON_STATUS[order["status"]](step, order)


def _on_paid(step: Step, order: Order) -> None:
    # The platform itself has lifted the hold; the next one is another hold and needs its own release.
    step.update(hold_released=False)
    _on_shippable(step, order, "paid")


def _on_hold(step: Step, order: Order) -> None:
    if step.state["hold_released"]:
        _on_shippable(step, order, "hold released")
        return
    reason = order["hold_reason"] or "held"
    _adopt(step, order, open_lines(order, step.state["parts"]))
    withdraw(step, f"held: {reason}")
    step.enter("HELD", reason)


def _on_shippable(step: Step, order: Order, reason: str) -> None:
    state = step.state
    parts = state["parts"]
    lines = open_lines(order, parts)
    if state["phase"] not in DECIDING:
        _adopt(step, order, lines)
        begin(step, reason)
    elif outstanding(lines, parts) == outstanding(state["lines"], parts):
        received_at_ms = state["received_at_ms"]
        _adopt(step, order, lines)
        step.update(received_at_ms=received_at_ms)
    else:
        _adopt(step, order, lines)
        withdraw(step, "order_changed")
        begin(step, "order changed")


def _on_unpaid(step: Step, order: Order) -> None:
    first = not has_arrived(step.state)
    _adopt(step, order, open_lines(order, step.state["parts"]))
    withdraw(step, "unpaid")
    step.enter("UNPAID", "not paid yet", note=first)


def _on_platform_shipped(step: Step, order: Order) -> None:
    """The platform shows it shipped. That commits no stock: the warehouse's own Shipped does."""
    state = step.state
    if state["phase"] in ("RESERVING", "ALLOCATED"):
        step.update(order_version=order["version"], lines=returned_lines(state["lines"], order))
        return
    _adopt(step, order, open_lines(order, state["parts"]))
    withdraw(step, "shipped_elsewhere")
    close(step, "SHIPPED", "shipped before it was allocated")


def _on_cancelled(step: Step, order: Order) -> None:
    _adopt(step, order, open_lines(order, step.state["parts"]))
    withdraw(step, "cancelled")
    close(step, "CANCELLED", "cancelled by the platform")


def _on_closed(step: Step, order: Order) -> None:
    """A newer version of an order nothing more is shipped of: only returns count."""
    state = step.state
    if not has_arrived(state):
        _adopt(step, order, open_lines(order, ()))
        step.update(lines=closed_lines(step.state))
        step.note("cancelled by an operator before it arrived")
        return
    step.update(order_version=order["version"], lines=returned_lines(state["lines"], order))
    restock_returned(step)
    if state["phase"] == "CANCELLED" and order["status"] in ("PAID", "HOLD"):
        step.note("paid after it was cancelled; it stays cancelled")
    elif state["phase"] == "SHIPPED" and order["status"] == "CANCELLED":
        step.note("cancelled after it was shipped")


def _adopt(step: Step, order: Order, lines: list[StateLine]) -> None:
    """Take over what a version of the order says."""
    receiver = order["receiver"]
    step.update(
        channel=order["channel"],
        shop=order["shop"],
        order_version=order["version"],
        province=receiver["province"],
        country=receiver["country"],
        lines=lines,
        received_at_ms=order["received_at_ms"],
    )


def on_operator_decision(step: Step, decision: OperatorDecision) -> None:
    """What an operator decided; may come before the order itself."""
    _ON_ACTION[decision["action"]](step, decision)


def _on_release_hold(step: Step, decision: OperatorDecision) -> None:
    state = step.state
    if state["phase"] == "HELD":
        step.update(hold_released=True)
        begin(step, f"hold released: {decision['reason']}")
    elif not has_arrived(state) and not state["hold_released"]:
        step.update(hold_released=True)


def _on_operator_cancel(step: Step, decision: OperatorDecision) -> None:
    state = step.state
    if state["phase"] == "CANCELLED":
        return
    if state["phase"] == "SHIPPED":
        step.note("an operator cancelled it after it was shipped")
    elif has_arrived(state):
        withdraw(step, "cancelled_by_operator")
        close(step, "CANCELLED", f"cancelled by an operator: {decision['reason']}")
    else:
        step.update(phase="CANCELLED")


_ON_STATUS: dict[str, Callable[[Step, Order], None]] = {
    "UNPAID": _on_unpaid,
    "PAID": _on_paid,
    "HOLD": _on_hold,
    "SHIPPED": _on_platform_shipped,
    "CANCELLED": _on_cancelled,
}

_ON_ACTION: dict[str, Callable[[Step, OperatorDecision], None]] = {
    "RELEASE_HOLD": _on_release_hold,
    "CANCEL": _on_operator_cancel,
}
