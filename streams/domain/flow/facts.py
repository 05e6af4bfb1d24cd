"""What a flow decides on: the event, and what is known of its order. Everything is handed in; a flow looks nothing up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from streams.domain.routing.rules.facts import Facts, Value

#: Events that are no part of a document: a time that has come, the order's own end, and what persons say.
TICK, CANCELLED, RELEASED, APPROVED, REFUSED = "tick", "cancelled", "released", "approved", "refused"


class Event(NamedTuple):
    """What happened to an order."""

    #: One of a document's events, or of those above.
    kind: str
    #: Name of an event of the merchant's own, where ``kind`` is custom.
    custom: str = ""
    #: Who it was, and this person's roles; empty: no person.
    by: str = ""
    roles: tuple[str, ...] = ()
    #: Of an answer: the task that it answers (``state.task_of``); empty: whichever is open.
    task: str = ""


class FlowFacts(NamedTuple):
    """All that a flow is asked on, beside its own state."""

    order: Facts
    #: Fields of the merchant's own, as they came with the order; what the flow set itself goes before.
    fields: Mapping[str, Value] = {}
    #: None: the order was not scored.
    risk_bp: int | None = None
    risk_signals: tuple[str, ...] = ()
    #: The channel's payload and the hub's order as plain values, for transforms.
    raw: Any = None
    record: Any = None


def key_of(kind: str, custom: str) -> str:
    """An event's name in the table."""
    return f"custom:{custom}" if kind == "custom" else kind
