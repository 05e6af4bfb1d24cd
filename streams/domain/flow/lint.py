"""What is wrong with a flow document beyond its form: edges to nowhere, waits without an end, ways round without a limit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from schemas.documents.faults import NOTHING, Fault, Path, line_of
from schemas.documents.flows.document import Cancel, End, Field, Moved, Node, On, Route
from schemas.documents.flows.reading import Draft

from .graph import circle, edges, ending, reached, rests
from .node_faults import Names, node_faults

_NODES: Path = ("nodes",)
_FIELDS: Path = ("fields",)
_MOVED: Path = ("moved",)


class Known(NamedTuple):
    """What a flow may refer to outside of itself; None: not known, and then any name will do."""

    #: Names of rule documents, ``built-in`` beside them.
    rules: Collection[str] | None = None
    #: Role -> persons who have it.
    roles: Mapping[str, Collection[str]] | None = None
    #: By kind (mail, crm, webhook, care, task): targets that are set up.
    targets: Mapping[str, Collection[str]] | None = None


ANYTHING = Known()


def lint(parts: Draft, known: Known = ANYTHING) -> list[Fault]:
    """All faults of a document, those of its form among them, by line; none: it can be compiled."""
    found = list(parts.faults)
    nodes: list[tuple[int, Node]] = parts.many(_NODES, Node)
    names = _names(parts, _NODES)
    fields: list[tuple[int, Field]] = parts.many(_FIELDS, Field)
    types = {field.name: field.type for _, field in fields}
    given = Names(
        fields=None if parts.is_wrong(_FIELDS) else types,
        rules=known.rules,
        roles=known.roles,
        targets=known.targets,
    )
    found += _twice(parts, _NODES, "name")
    found += _twice(parts, _FIELDS, "name")
    for at, node in nodes:
        found += node_faults(node, (*_NODES, at), given)
        if names is not None:
            found += _of_edges(node, (*_NODES, at), names)
    if not parts.is_wrong(_NODES):
        found += _of_entries(nodes)
        found += _of_moves(parts, [node for _, node in nodes])
    # What an edge to nowhere cuts off is not unreachable by itself.
    if parts.document is not None and not found:
        found += _of_graph(nodes)
        found += _unused(fields, parts)
    apart = [fault for at, fault in enumerate(found) if fault not in found[:at]]
    return sorted(apart, key=lambda fault: (line_of(fault.path, parts.lines), str(fault.path)))


def _names(parts: Draft, path: Path) -> list[str] | None:
    """Names of all nodes; None where one cannot be told, and then no name is judged."""
    found = [parts.one((*path, at, "name"), str) for at in range(parts.count(path))]
    known = [name for name in found if name is not None]
    return known if known and len(known) == len(found) else None


def _twice(parts: Draft, path: Path, field: str) -> Iterator[Fault]:
    seen: list[str] = []
    for at in range(parts.count(path)):
        name = parts.one((*path, at, field), str)
        if name is not None and name in seen:
            yield Fault((*path, at, field), name, "is named twice: give one another name")
        seen.append(name or "")


def _of_edges(node: Node, path: Path, names: Sequence[str]) -> Iterator[Fault]:
    for edge in edges(node):
        if edge.to not in names:
            yield Fault((*path, edge.name), edge.to, f"is no node of this flow: {_near(edge.to, names)}")
    if isinstance(node, On):
        for at, name in enumerate(node.at):
            if name not in names:
                yield Fault((*path, "at", at), name, f"is no node of this flow: {_near(name, names)}")


def _near(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"write one of {', '.join(names)}"


def _of_entries(nodes: Sequence[tuple[int, Node]]) -> Iterator[Fault]:
    """Of ``on`` nodes: that there is one, where they may begin, and that no two begin by one event at one place."""
    kinds = {node.name: node for _, node in nodes}
    taken: dict[tuple[str, str, str], str] = {}
    if not any(isinstance(node, On) for _, node in nodes):
        yield Fault(_NODES, NOTHING, 'no event begins this flow: write a node with do = "on"')
    for at, node in nodes:
        for edge in edges(node):
            if isinstance(kinds.get(edge.to), On):
                says = "is where an event begins: nothing leads there; name the node after it"
                yield Fault((*_NODES, at, edge.name), edge.to, says)
        if not isinstance(node, On):
            continue
        for number, name in enumerate(node.at):
            if name in kinds and (not rests(kinds[name]) or isinstance(kinds[name], Cancel)):
                yield Fault((*_NODES, at, "at", number), name, "is no node where an order rests and goes on")
        open_ = ["", *(name for name, it in kinds.items() if isinstance(it, End))]
        for place in dict.fromkeys(node.at or open_):
            key = (node.event, node.custom, place)
            if key in taken:
                says = f"begins where {taken[key]} does: one event leads to one node; leave one, or say at"
                yield Fault((*_NODES, at, "event"), node.event, says)
                break
            taken[key] = node.name
        for name in node.at:
            own = kinds.get(name)
            if getattr(own, "event", None) == node.event and getattr(own, "custom", "") == node.custom:
                yield Fault((*_NODES, at, "event"), node.event, f"is what {name} itself waits for: take one out")


def _of_graph(nodes: Sequence[tuple[int, Node]]) -> Iterator[Fault]:
    all_ = [node for _, node in nodes]
    live, ends, places = reached(all_), ending(all_), {node.name: at for at, node in nodes}
    for at, node in nodes:
        if node.name not in live:
            yield Fault((*_NODES, at, "name"), node.name, "is never reached: no event leads to it; take it out")
        elif node.name not in ends:
            says = 'is a dead end: no way from it comes to a node with do = "end" or "cancel"'
            yield Fault((*_NODES, at, "name"), node.name, says)
    round_ = circle(all_)
    if round_:
        # A node that counts can't stand among edges that are not counted, but by its way out.
        way, first = " → ".join(round_), places[round_[0]]
        says = f"leads round without a limit: {way}; give a hold, an approval or a wait on the way rounds and spent"
        yield Fault((*_NODES, first, "name"), round_[0], says)
    if not any(isinstance(node, Route) and node.name in live for node in all_):
        yield Fault(_NODES, NOTHING, 'no order is ever routed: write a node with do = "route", else nothing is sent')


def _of_moves(parts: Draft, nodes: Sequence[Node]) -> Iterator[Fault]:
    resting = [node.name for node in nodes if rests(node)]
    names = [node.name for node in nodes]
    moves: list[tuple[int, Moved]] = parts.many(_MOVED, Moved)
    seen: list[str] = []
    for at, move in moves:
        if move.now not in resting:
            says = f"is no node of this flow where an order rests: {_near(move.now, resting or names)}"
            yield Fault((*_MOVED, at, "now"), move.now, says)
        if move.was in names:
            yield Fault(
                (*_MOVED, at, "was"), move.was, "is a node of this version: orders at it stay there; take it out"
            )
        if move.was in seen:
            yield Fault((*_MOVED, at, "was"), move.was, "is named twice: leave one")
        seen.append(move.was)


def _unused(fields: Sequence[tuple[int, Field]], parts: Draft) -> Iterator[Fault]:
    used = _texts(parts.at(_NODES))
    for at, field in fields:
        if field.name not in used and f"fields.{field.name}" not in used:
            yield Fault((*_FIELDS, at, "name"), field.name, "is used by nothing: fill it, ask it, or take it out")


def _texts(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset((value,))
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return frozenset([text for each in inner for text in sorted(_texts(each))])
