"""Where an order stands in its flow, as its state keeps it, and back; and the questions asked of that."""

from __future__ import annotations

from schemas.records import FlowField, OrderFlow, OrderState
from streams.domain.flow.book import Place
from streams.domain.flow.compiling import Rest
from streams.domain.flow.state import FlowState
from streams.domain.routing.rules.facts import Value

#: Before a reason that the order's flow holds it for.
BY_FLOW = "flow:"
#: No event that its flow names has come; it waits; nobody routed it; it is asked about; its version cannot be read.
NOT_BEGUN, WAITS, NOT_ROUTED, APPROVAL = (
    f"{BY_FLOW}{each}" for each in ("not_begun", "waits", "not_routed", "approval")
)


def state_of(flow: OrderFlow) -> FlowState:
    """As the flow's own code has it."""
    return FlowState(
        digest=flow["digest"],
        at=flow["at"],
        since_ms=flow["since_ms"],
        due_ms=flow["due_ms"],
        closed=flow["closed"],
        arrivals=flow["arrivals"],
        asked_by=flow["asked_by"],
        votes=tuple(flow["votes"]),
        visits=tuple([(each["node"], each["count"]) for each in flow["visits"]]),
        tags=tuple(flow["tags"]),
        priority=flow["priority"],
        fields=tuple([(each["name"], _value(each)) for each in flow["fields"]]),
    )


def kept(place: Place, state: FlowState, *, routed: bool, claimed_by: str) -> OrderFlow:
    """As the order's state keeps it. ``place``: which version it follows, and its ``state`` there now."""
    rest = place.flow.table.rests[place.flow.table.places[state.at]] if state.at else None
    return {
        "document": place.document,
        "version": place.version,
        "digest": state.digest,
        "at": state.at,
        "since_ms": state.since_ms,
        "due_ms": state.due_ms,
        "closed": state.closed,
        "arrivals": state.arrivals,
        "asked_by": state.asked_by,
        "votes": list(state.votes),
        "visits": [{"node": node, "count": count} for node, count in state.visits],
        "tags": list(state.tags),
        "priority": state.priority,
        "fields": [_field(name, value) for name, value in state.fields],
        "routed": routed,
        "hold": "" if state.closed else hold_of(rest, routed=routed),
        "claimed_by": claimed_by,
    }


def hold_of(rest: Rest | None, *, routed: bool) -> str:
    """Why an order that rests there is kept from its warehouses; empty: it is not. None: at the start."""
    if rest is not None and rest.kind == "hold":
        return BY_FLOW + rest.reason
    if rest is not None and rest.kind == "approve":
        return APPROVAL
    if routed:
        return ""
    return NOT_BEGUN if rest is None else WAITS if rest.kind == "wait" else NOT_ROUTED


def held_by_flow(state: OrderState) -> str:
    """Why its flow keeps the order from its warehouses; empty: it does not, or it follows none."""
    flow = state["flow"]
    return "" if flow is None else flow["hold"]


def flow_due_ms(state: OrderState) -> int | None:
    """When the order's time where it rests is over; None: never, or it follows no flow."""
    flow = state["flow"]
    return None if flow is None or flow["closed"] else flow["due_ms"]


def _value(field: FlowField) -> Value:
    return next((each for each in (field["text"], field["number"], field["yes_no"]) if each is not None), None)


def _field(name: str, value: Value) -> FlowField:
    return {
        "name": name,
        "text": value if isinstance(value, str) else None,
        "number": value if isinstance(value, int) and not isinstance(value, bool) else None,
        "yes_no": value if isinstance(value, bool) else None,
    }
