"""What happens to an order between two snapshots, as a person writes it: one JSON object with one field, which names the kind.

{"shipped": {"warehouse": "HZ1", "lines": {"LINE": 1}}}        a parcel left; without lines: all that the warehouse had of the order
{"returned": {"warehouse": "HZ1", "lines": {"LINE": 1}}}       goods came back and were counted; a SKU will do for a line
{"decision": {"action": "CANCEL", "reason": "no address"}}     an operator decided
{"aftersale": {...}}                                           the platform pushed an after-sale: its payload
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from schemas.records import OperatorAction

Units = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Text = Annotated[str, Meta(min_length=1)]


class NoHappening(ValueError):
    """The text is none; the message names the field and the fix."""


class Parcel(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    warehouse: Text
    #: By line number, or by SKU.
    lines: dict[Text, Units] = {}
    carrier: str = "SF"
    tracking_no: str = ""
    shipment_id: str = ""


class Received(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    warehouse: Text
    lines: Annotated[dict[Text, Units], Meta(min_length=1)]
    grade: Literal["SELLABLE", "DEFECTIVE"] = "SELLABLE"
    return_id: str = ""
    shipment_id: str = ""


class Decided(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    action: OperatorAction
    reason: str = "decided in a trial"
    by: str = "trial"


class _Happening(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    shipped: Parcel | None = None
    returned: Received | None = None
    decision: Decided | None = None
    aftersale: msgspec.Raw = msgspec.Raw(b"")
    time: Annotated[datetime, Meta(tz=True)] | None = None


Happening = Parcel | Received | Decided | datetime | bytes


class Message(NamedTuple):
    """A record for one of the hub's topics."""

    topic: str
    name: str
    record: Mapping[str, Any]


def parse(text: str) -> Happening:
    """What the text says happened; bytes are an after-sale's payload.

    Raises:
        NoHappening: it is no JSON, no kind or two, a field is missing, unknown or of the wrong type.
    """
    try:
        read = msgspec.json.decode(text, type=_Happening)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as exc:
        raise NoHappening(f"{exc}; {_FORMS}") from None
    found = [each for each in (read.shipped, read.returned, read.decision, read.time) if each is not None]
    happenings: list[Happening] = [*found, *([bytes(read.aftersale)] if bytes(read.aftersale) else [])]
    if len(happenings) != 1:
        raise NoHappening(f"it says {len(happenings)} things; {_FORMS}")
    return happenings[0]


_FORMS = (
    'give one of {"shipped": {"warehouse": "HZ1", "lines": {"LINE": 1}}}, {"returned": {"warehouse": "HZ1", "lines": {"LINE": 1}}}, '
    '{"decision": {"action": "HOLD", "RELEASE_HOLD" or "CANCEL", "reason": "..."}}, '
    '{"aftersale": {the platform\'s payload}}, {"time": "2026-01-20T00:00:00+08:00"}'
)


def message(
    happening: Parcel | Received | Decided, order_id: str, lines: Iterable[Mapping[str, Any]], number: int, at_ms: int
) -> Message:
    """The record that tells of it.

    Args:
        lines: the order's, with ``line_no`` and ``sku``.
        number: of the step, for ids that nobody gave.
    """
    skus = {line["line_no"]: line["sku"] for line in lines}
    match happening:
        case Parcel():
            record: dict[str, Any] = {
                "shipment_id": happening.shipment_id or f"{order_id}/trial/{number}",
                "order_id": order_id,
                "warehouse": happening.warehouse,
                "carrier": happening.carrier,
                "tracking_no": happening.tracking_no,
                "shipped_at_ms": at_ms,
                "lines": [
                    # A SKU of several lines is what a warehouse that knows no lines tells.
                    {
                        "line_no": "" if line_no not in skus and sku in skus.values() else line_no,
                        "sku": sku,
                        "quantity": units,
                    }
                    for line_no, sku, units in _named(happening.lines, skus)
                ],
            }
            return Message("shipments", "Shipped", record)
        case Received():
            record = {
                "return_id": happening.return_id or f"{order_id}/trial/{number}",
                "order_id": order_id,
                "shipment_id": happening.shipment_id,
                "warehouse": happening.warehouse,
                "lines": [
                    # A line that the order does not have is a SKU to the warehouse.
                    {
                        "line_no": line_no if line_no in skus else "",
                        "sku": sku,
                        "quantity": units,
                        "grade": happening.grade,
                    }
                    for line_no, sku, units in _named(happening.lines, skus)
                ],
                "received_at_ms": at_ms,
            }
            return Message("returns", "ReturnReceived", record)
        case Decided():
            record = {
                "decision_id": f"{order_id}/trial/{number}",
                "order_id": order_id,
                "action": happening.action,
                "by": happening.by,
                "reason": happening.reason,
                "decided_at_ms": at_ms,
                "task": "",
                "roles": [],
            }
            return Message("orders.decisions", "OperatorDecision", record)


def _named(units: Mapping[str, int], skus: Mapping[str, str]) -> Iterable[tuple[str, str, int]]:
    """(line, SKU, units): a name that is no line is a SKU, and its line the only one that has it."""
    for name, quantity in units.items():
        on = [line_no for line_no, sku in skus.items() if sku == name]
        if name not in skus and len(on) == 1:
            yield on[0], name, quantity
        else:
            yield name, skus.get(name, name), quantity
