"""An order and what happens to it, as a person writes it down, to try flows on."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from .. import shape
from ..faults import NOTHING
from ..parts import Name, Number, Remark, Share
from ..rules.case import CaseOrder, CaseRefused
from ..text import read
from .document import Few, Value

EVENTS_MAX = 1_000


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """What every part of a case has in common."""


class CaseEvent(_Part, frozen=True):
    """What happened, and when (ISO 8601, with its offset). ``by``, ``roles``: of a person; ``task``: which question is answered.

    ``risk_bp`` and ``risk_signals``: what is known of the order's risk from then on.
    """

    event: Literal[
        "accepted", "paid", "changed", "allocated", "backordered", "shipped", "traced", "after_sale", "risk_answered", "custom",
        "tick", "cancelled", "released", "approved", "refused",
    ]  # fmt: skip
    at: Remark
    custom: Remark = ""
    by: Remark = ""
    roles: Few = ()
    task: Remark = ""
    risk_bp: Share | None = None
    risk_signals: Few = ()
    total_minor: Number | None = None


class FlowCase(_Part, frozen=True):
    """One order, its fields, and its events in their order."""

    order: CaseOrder
    events: Annotated[tuple[CaseEvent, ...], Meta(min_length=1, max_length=EVENTS_MAX)]
    fields: Annotated[tuple[Value, ...], Meta(max_length=100)] = ()
    name: Name = "case"


def case(text: str) -> FlowCase:
    """Read a case, JSON or TOML. Raises CaseRefused: it has faults."""
    found = read(text)
    if not found.faults:
        found.faults.extend(shape.faults(found.tree, msgspec.inspect.type_info(FlowCase)))
    if found.faults or found.tree is NOTHING:
        raise CaseRefused(found)
    return msgspec.convert(found.tree, FlowCase)
