"""What a flow document does, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.documents.flows.catalogue import entries
from schemas.documents.flows.document import (
    Approve,
    Cancel,
    Document,
    Hold,
    If,
    Merge,
    Node,
    Notify,
    On,
    Route,
    Set,
    Split,
    Transform,
    Wait,
)
from schemas.documents.rules.document import Condition
from schemas.texts import said
from streams.cli.documents import in_language
from streams.cli.rules_told import condition_told
from streams.domain.flow.compiling import value_of
from streams.domain.flow.graph import edges
from streams.domain.flow.versions import InFlight


def told(document: Document) -> Iterator[str]:
    """Node by node, as they stand."""
    if document.description:
        yield document.description
    for node in document.nodes:
        yield f"{node.name}: {said(_does(node))}"
        if isinstance(node, If):
            for at, condition in enumerate(node.when):
                yield f"  {said('if') if at == 0 else said('and')} {_condition(condition)}"
        for edge in edges(node):
            yield f"  {edge.name} → {edge.to}"
    for move in document.moved:
        yield said(f"orders at {move.was} of an earlier version go on at {move.now}")


def in_flight_told(ways: Iterable[InFlight]) -> Iterator[str]:
    """What becomes of orders that rest at an earlier version's nodes."""
    for each in ways:
        if each.now:
            yield said(f"orders that rest at {each.node} go on at {each.now}")
        else:
            yield said(f"orders that rest at {each.node} finish on their own version: {said(each.why)}")


def _called(kind: str, name: str) -> str:
    entry = entries().get((kind, name))
    return name if entry is None else in_language(entry)


def _condition(condition: Condition) -> str:
    entry = entries().get(("condition", condition.field))
    return condition_told(condition, _called("condition", condition.field) if entry else "")


def _does(node: Node) -> str:
    match node:
        case On():
            event = f"{_called('event', node.event)} {node.custom}".strip()
            return (
                f"begins on the event: {event}; while the order rests at {', '.join(node.at)}"
                if node.at
                else f"begins on the event: {event}"
            )
        case Route():
            return f"warehouses are chosen by the rules {node.rules}"
        case Set():
            values = [f"{each.field} = {value_of(each)}" for each in node.fields]
            values += [f"+{tag}" for tag in node.tags] + [f"-{tag}" for tag in node.untag]
            values += [] if node.priority is None else [f"priority = {node.priority}"]
            return f"what is set here: {', '.join(values)}"
        case Transform():
            return f"fills {', '.join(step.to for step in node.steps if step.to[0] != '_')} of {node.into} from {node.source}"
        case Hold():
            return f"held for {node.reason}, {node.minutes or 0:,} min at most"
        case Approve():
            return f"{node.persons} of the role {node.role} have to say yes, within {node.minutes or 0:,} min"
        case Wait(event=None):
            return f"waits for a time: {node.minutes or 0:,} min"
        case Wait():
            event = f"{_called('event', node.event or '')} {node.custom}".strip()
            return f"waits until: {event}; {node.minutes or 0:,} min at most"
        case Notify():
            return f"told by {node.by}, to {node.target}: {node.text}"
        case Split():
            return f"a hint to routing: split {node.by}"
        case Merge():
            return f"it may wait {node.minutes} min for others of its receiver"
        case Cancel():
            return f"the order is cancelled: {node.reason}"
        case If():
            return "then, where all of this is so; otherwise, where not"
        case _:
            return "nothing more is waited for"
