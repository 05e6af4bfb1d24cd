"""A flow document compiled: a table from (where an order rests, event) to the node that follows, and plain functions for nodes in between.

Made once per version. Nothing of the document is read again when events come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from schemas.documents.flows.document import (
    Approve,
    Cancel,
    Document,
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
    Value,
    Wait,
)
from schemas.documents.hashing import digest
from streams.domain.routing.rules import facts as rules_facts

from . import conditions, transforming
from .effects import Effect, Hinted, Notified, Prioritised, Routed, Shaped, Tagged, Unfilled
from .facts import APPROVED, REFUSED, RELEASED, key_of
from .walk import Passed, Walk

#: The place of an order before its first event.
AT_START = -1
_MINUTE_MS = 60_000

#: Does what a node does, and gives the place of the next one.
Act = Callable[[Walk], int]


class Rest(NamedTuple):
    """A node where an order waits, or ends."""

    #: hold, approve, wait, end or cancel.
    kind: str
    name: str
    #: Of a hold or a cancel: why.
    reason: str = ""
    #: How long; None: for ever.
    ms: int | None = None
    late: int = 0
    role: str = ""
    persons: int = 1
    asker_may: bool = False
    #: None: as often as it likes.
    rounds: int | None = None
    spent: int = 0


class Table(NamedTuple):
    """A compiled flow."""

    #: Hash of the document.
    digest: str
    #: Name of a node -> its place.
    places: Mapping[str, int]
    #: By place: what happens there; the order rests where there is nothing.
    acts: tuple[Act | None, ...]
    rests: tuple[Rest | None, ...]
    #: (place where the order rests, event) -> the place that follows; AT_START before the first event.
    follows: Mapping[tuple[int, str], int]
    #: By the same key the ``on`` node that is taken, for the trace; none: the edge is the resting node's own.
    begins: Mapping[tuple[int, str], Passed]


def compiled(document: Document) -> Table:
    """Compile a document that ``lint`` finds nothing wrong with."""
    places = {node.name: place for place, node in enumerate(document.nodes)}
    follows: dict[tuple[int, str], int] = {}
    begins: dict[tuple[int, str], Passed] = {}
    for place, node in enumerate(document.nodes):
        for event, target in _own_events(node):
            follows[place, event] = places[target]
    open_ = [AT_START, *(places[node.name] for node in document.nodes if isinstance(node, End))]
    for node in document.nodes:
        if isinstance(node, On):
            key = key_of(node.event, node.custom)
            for place in [places[name] for name in node.at] if node.at else open_:
                follows[place, key] = places[node.then]
                begins[place, key] = Passed(node.name, "then")
    acts = tuple([_act(node, places) for node in document.nodes])
    rests = tuple([_rest(node, places) for node in document.nodes])
    return Table(digest(document), places, acts, rests, follows, begins)


def _own_events(node: Node) -> list[tuple[str, str]]:
    if isinstance(node, Hold):
        return [(RELEASED, node.released)]
    if isinstance(node, Approve):
        return [(APPROVED, node.approved), (REFUSED, node.refused)]
    if isinstance(node, Wait) and node.event is not None and node.then is not None:
        return [(key_of(node.event, node.custom), node.then)]
    return []


def _rest(node: Node, places: Mapping[str, int]) -> Rest | None:
    if isinstance(node, End):
        return Rest("end", node.name)
    if isinstance(node, Cancel):
        return Rest("cancel", node.name, node.reason)
    if not isinstance(node, (Hold, Approve, Wait)):
        return None
    found = Rest(
        "wait",
        node.name,
        ms=None if node.minutes is None else node.minutes * _MINUTE_MS,
        late=places[node.late] if node.late is not None else 0,
        rounds=node.rounds,
        spent=places[node.spent] if node.spent is not None else 0,
    )
    if isinstance(node, Hold):
        return found._replace(kind="hold", reason=node.reason)
    if isinstance(node, Approve):
        return found._replace(kind="approve", role=node.role, persons=node.persons, asker_may=node.asker_may)
    return found


def _act(node: Node, places: Mapping[str, int]) -> Act | None:
    if isinstance(node, If):
        return _branch(node, places[node.then], places[node.otherwise])
    if isinstance(node, Set):
        return _set(node, places[node.then])
    if isinstance(node, Transform):
        return _transform(node, places[node.then])
    if isinstance(node, Route):
        return _say(node.name, Routed(node.rules), places[node.then])
    if isinstance(node, Notify):
        return _say(node.name, Notified(node.by, node.target, node.text), places[node.then])
    if isinstance(node, Split):
        return _say(node.name, Hinted("split", node.by, 0), places[node.then])
    if isinstance(node, Merge):
        return _say(node.name, Hinted("merge", "", node.minutes), places[node.then])
    return None


def _branch(node: If, then: int, otherwise: int) -> Act:
    name = node.name
    tests = tuple([conditions.compiled(each) for each in node.when])
    by_then = Passed(name, "then")

    def act(walk: Walk) -> int:
        for at, test in enumerate(tests):
            if not test.meets(walk):
                walk.passed.append(Passed(name, "otherwise", at, test.actual(walk)))
                return otherwise
        walk.passed.append(by_then)
        return then

    return act


def _say(name: str, effect: Effect, then: int) -> Act:
    passed = Passed(name, "then")

    def act(walk: Walk) -> int:
        walk.passed.append(passed)
        walk.effects.append(effect)
        return then

    return act


def _set(node: Set, then: int) -> Act:
    passed = Passed(node.name, "then")
    tags, untag, priority = node.tags, frozenset(node.untag), node.priority
    tagged = Tagged(tags, node.untag)
    prioritised = None if priority is None else Prioritised(priority)
    fields = tuple([(each.field, value_of(each)) for each in node.fields])

    def act(walk: Walk) -> int:
        walk.passed.append(passed)
        if tags or untag:
            left = [tag for tag in walk.tags if tag not in untag]
            walk.tags = (*left, *[tag for tag in tags if tag not in left])
            walk.effects.append(tagged)
        if prioritised is not None:
            walk.priority = priority
            walk.effects.append(prioritised)
        if fields:
            walk.fill(fields)
        return then

    return act


def value_of(value: Value) -> rules_facts.Value:
    """What a field is set to."""
    given = (value.text, value.number, value.yes_no)
    return next((each for each in given if each is not None), None)


def _transform(node: Transform, then: int) -> Act:
    name, into, of_raw = node.name, node.into, node.source == "raw"
    passed = Passed(name, "then")
    mapped = transforming.compiled(node.steps)

    def act(walk: Walk) -> int:
        walk.passed.append(passed)
        found = mapped(walk.facts.raw if of_raw else walk.facts.record)
        for field, why in found.missing:
            walk.effects.append(Unfilled(name, field, why))
        if into != "fields":
            walk.effects.append(Shaped(into, found.values))
        elif found.values:
            walk.fill(found.values)
        return then

    return act
