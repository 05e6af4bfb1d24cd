"""An order in flight when its flow gets a new version: it goes over where the new one asks the same, else it ends on the old one."""

from __future__ import annotations

from typing import NamedTuple

from schemas.documents.flows.document import Approve, Document, Hold, Node, Wait

from .graph import rests
from .state import FlowState


class InFlight(NamedTuple):
    """What becomes of orders that rest at a node."""

    node: str
    #: The node of the new version; empty: they finish on the old one.
    now: str
    why: str = ""


def in_flight(old: Document, new: Document) -> tuple[InFlight, ...]:
    """For each node of the old version where an order rests: where it goes on."""
    return tuple([_of_node(node, new) for node in old.nodes if rests(node)])


def carried(old: Document, new: Document, digest: str, state: FlowState) -> FlowState | None:
    """The state in the new version, deadline and votes as they are; None: it finishes on the old one.

    :param digest: hash of the new document.
    """
    if state.closed:
        return None
    if not state.at:
        return state._replace(digest="")
    node = next(each for each in old.nodes if each.name == state.at)
    found = _of_node(node, new)
    if not found.now:
        return None
    limited = {each.name for each in new.nodes if isinstance(each, (Hold, Approve, Wait)) and each.rounds is not None}
    moved = {each.was: each.now for each in new.moved}
    visits = [(moved.get(name, name), count) for name, count in state.visits]
    kept = tuple([(name, count) for name, count in visits if name in limited])
    return state._replace(digest=digest, at=found.now, visits=kept)


def _of_node(node: Node, new: Document) -> InFlight:
    name = next((each.now for each in new.moved if each.was == node.name), node.name)
    other = next((each for each in new.nodes if each.name == name), None)
    if other is None:
        return InFlight(node.name, "", "the new version has no such node")
    if type(other) is not type(node):
        return InFlight(node.name, "", "it is a node of another kind now")
    if isinstance(node, Approve) and isinstance(other, Approve):
        # Who said yes said it under the old conditions.
        if (node.role, node.persons, node.asker_may) != (other.role, other.persons, other.asker_may):
            return InFlight(node.name, "", "other persons approve now")
    if isinstance(node, (Hold, Approve, Wait)) and isinstance(other, (Hold, Approve, Wait)):
        if (node.minutes is None) != (other.minutes is None):
            return InFlight(node.name, "", "one of the two has no deadline")
    return InFlight(node.name, name)
