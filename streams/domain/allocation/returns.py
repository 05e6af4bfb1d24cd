"""Goods that came back: what a warehouse has received and found fit goes back to sale, at once, each receipt once.

Only units that have left can come back. A receipt that is read before its parcel waits for it; what never left, or is
nothing of the order, is told, and nothing moves.
"""

from __future__ import annotations

from schemas.records import OrderState, ParcelLine, ReturnGrade, ReturnReceived, StateLine, TakenParcel

from .order_state import Key, has_arrived, key_of, units_committed
from .step import Step
from .troubles import Trouble


def on_return_received(step: Step, received: ReturnReceived) -> None:
    """A warehouse has counted what came back."""
    state = step.state
    if received["return_id"] in state["returns"]:
        return
    step.update(returns=[*state["returns"], received["return_id"]])
    sellable, defective = _receipt(received, "SELLABLE"), _receipt(received, "DEFECTIVE")
    for line in _account(step, defective, restock=False):
        step.note(*_why_not(step.state, defective, line, "defective: see whose they are"))
    early = _account(step, sellable, restock=True)
    _say_untold_parcels(step)
    if early:
        step.update(receipts=[*step.state["receipts"], {**sellable, "lines": early}])
        if has_arrived(step.state):
            for line in early:
                step.note(*_why_not(step.state, sellable, line, "kept back until their parcel is told of"))


def _receipt(received: ReturnReceived, grade: ReturnGrade) -> TakenParcel:
    """What was counted in one condition."""
    lines: list[ParcelLine] = [
        {"line_no": line["line_no"], "sku": line["sku"], "quantity": line["quantity"]}
        for line in received["lines"]
        if line["grade"] == grade
    ]
    return {"shipment_id": received["return_id"], "warehouse": received["warehouse"], "lines": lines}


def meet_receipts(step: Step) -> None:
    """Something has left: what had come back of it before that was read."""
    waiting: list[TakenParcel] = []
    for receipt in step.state["receipts"]:
        early = _account(step, receipt, restock=True)
        if early:
            waiting.append({**receipt, "lines": early})
    step.update(receipts=waiting)


def _say_untold_parcels(step: Step) -> None:
    before = units_back_untold(step.before)
    for key, units in units_back_untold(step.state).items():
        if units > before.get(key, 0):
            step.note(f"{units} x {key[1]} came back of a parcel that no warehouse has told of", "shown_as_sent")


def units_back_untold(state: OrderState) -> dict[Key, int]:
    """Units that have come back, so had left, and that no parcel told here carried: their reservation still stands."""
    committed = units_committed(state["parts"])
    back = {
        key_of(line): line["restocked_quantity"] - line["elsewhere_quantity"] - committed.get(key_of(line), 0)
        for line in state["lines"]
        if line["restocked_quantity"]
    }
    return {key: units for key, units in back.items() if units > 0}


def _account(step: Step, receipt: TakenParcel, *, restock: bool) -> list[ParcelLine]:
    """Take what came back into the lines' account, and restock it; what of it no line accounts for."""
    lines = list(step.state["lines"])
    left: list[ParcelLine] = []
    fit: dict[str, int] = {}
    for each in receipt["lines"]:
        units = each["quantity"]
        for index, line in enumerate(lines):
            if each["sku"] != line["sku"] or each["line_no"] not in ("", line["line_no"]):
                continue
            share = min(units, _out(step.state, line))
            if share > 0:
                units -= share
                fit[line["sku"]] = fit.get(line["sku"], 0) + share
                lines[index] = {**line, "restocked_quantity": line["restocked_quantity"] + share}
        if units > 0:
            left.append({**each, "quantity": units})
    if fit:
        step.update(lines=lines)
    for sku, units in fit.items() if restock else ():
        # The units of the order's that are back by now tell a second share of a receipt from the first.
        back = sum(line["restocked_quantity"] for line in lines if line["sku"] == sku)
        step.commands.append(
            (
                "Restock",
                {
                    "command_id": f"{step.state['order_id']}/return/{receipt['shipment_id']}/{sku}/{back}",
                    "order_id": step.state["order_id"],
                    "sku": sku,
                    "warehouse": receipt["warehouse"],
                    "quantity": units,
                    "requested_at_ms": step.at_ms,
                },
            )
        )
    return left


def _out(state: OrderState, line: StateLine) -> int:
    """Units of a line that have left from this merchant's warehouses and have not come back."""
    if line["sent_by"] != "MERCHANT":
        return 0
    committed = units_committed(state["parts"]).get(key_of(line), 0)
    return max(committed + line["elsewhere_quantity"], line["shipped_quantity"]) - line["restocked_quantity"]


def _why_not(state: OrderState, receipt: TakenParcel, line: ParcelLine, so: str) -> tuple[str, Trouble]:
    what = f"return {receipt['shipment_id']} to {receipt['warehouse']} has {line['quantity']} x {line['sku']}"
    if any(known["sku"] == line["sku"] and line["line_no"] in ("", known["line_no"]) for known in state["lines"]):
        return f"{what} more than have left: {so}", "return_too_many"
    return f"{what} (line {line['line_no'] or '?'}), which the order does not have", "return_unknown"
