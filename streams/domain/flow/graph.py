"""A flow as a graph: which edges leave a node, what is reached, what leads to an end, and what goes round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.documents.flows.document import (
    Approve,
    Cancel,
    End,
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


class Edge(NamedTuple):
    """A way out of a node, by its name there."""

    name: str
    to: str
    #: Whether ``rounds`` of its node counts it: such an edge is taken only so often.
    counted: bool = False


def edges(node: Node) -> tuple[Edge, ...]:
    """All ways out of a node; none of an ``end`` or a ``cancel``."""
    if isinstance(node, If):
        return Edge("then", node.then), Edge("otherwise", node.otherwise)
    if isinstance(node, (On, Route, Set, Transform, Notify, Split, Merge)):
        return (Edge("then", node.then),)
    if not isinstance(node, (Hold, Approve, Wait)):
        return ()
    given: list[tuple[str, str | None]] = []
    if isinstance(node, Hold):
        given = [("released", node.released)]
    elif isinstance(node, Approve):
        given = [("approved", node.approved), ("refused", node.refused)]
    else:
        given = [("then", node.then)]
    counted = node.rounds is not None
    found = [Edge(name, to, counted) for name, to in (*given, ("late", node.late)) if to is not None]
    # What is spent is passed at once, and counts nothing.
    return (*found, *([Edge("spent", node.spent)] if node.spent is not None else []))


def rests(node: Node) -> bool:
    """Whether an order can rest at a node."""
    return isinstance(node, (Hold, Approve, Wait, End, Cancel))


def reached(nodes: Sequence[Node]) -> frozenset[str]:
    """Nodes that an event can lead to, the ``on`` nodes among them."""
    ways = {node.name: [edge.to for edge in edges(node)] for node in nodes}
    return _closure(ways, [node.name for node in nodes if isinstance(node, On)])


def ending(nodes: Sequence[Node]) -> frozenset[str]:
    """Nodes from which an ``end`` or a ``cancel`` can be reached."""
    back: dict[str, list[str]] = {node.name: [] for node in nodes}
    for node in nodes:
        for edge in edges(node):
            back.setdefault(edge.to, []).append(node.name)
    return _closure(back, [node.name for node in nodes if isinstance(node, (End, Cancel))])


def circle(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The names along a way that leads round for ever, the first again at its end; none: every way round has a limit.

    A way round may be taken often where one of its nodes counts, and then goes out by ``spent``: counted edges are no part of one.
    """
    ways = {node.name: [edge.to for edge in edges(node) if not edge.counted] for node in nodes}
    done: set[str] = set()
    for name in ways:
        found = _walked(name, ways, done)
        if found:
            return found
    return ()


def _walked(start: str, ways: Mapping[str, Sequence[str]], done: set[str]) -> tuple[str, ...]:
    """Depth first, without recursion; ``done``: from where nothing leads round."""
    trail: list[str] = []
    open_: list[tuple[str, bool]] = [(start, True)]
    while open_:
        name, enters = open_.pop()
        if not enters:
            trail.pop()
            done.add(name)
        elif name in trail:
            return (*trail[trail.index(name) :], name)
        elif name not in done:
            trail.append(name)
            open_.append((name, False))
            open_.extend([(to, True) for to in reversed(ways.get(name, ()))])
    return ()


def _closure(ways: Mapping[str, Sequence[str]], begin: Iterable[str]) -> frozenset[str]:
    found = dict.fromkeys(begin)
    open_ = list(found)
    while open_:
        for to in ways.get(open_.pop(), ()):
            if to not in found:
                found[to] = None
                open_.append(to)
    return frozenset(found)
