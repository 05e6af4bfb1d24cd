"""What is wrong with one node of a flow by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from schemas.documents.faults import NOTHING, Fault, Path
from schemas.documents.flows.catalogue import FIELD_PREFIX, own_condition
from schemas.documents.flows.document import Approve, Hold, If, Node, Notify, On, Route, Set, Transform, Value, Wait
from streams.domain.routing.rules.condition_faults import condition_faults, operator_faults

from .conditions import is_own
from .step_faults import step_faults

#: The rule document that every hub has.
BUILT_IN = "built-in"


class Names(NamedTuple):
    """What a node may refer to; None: not known, and then not judged."""

    #: The document's own fields -> their type.
    fields: Mapping[str, str] | None
    rules: Collection[str] | None
    roles: Mapping[str, Collection[str]] | None
    targets: Mapping[str, Collection[str]] | None


def node_faults(node: Node, path: Path, names: Names) -> Iterator[Fault]:
    """All faults of a node whose form is right."""
    if isinstance(node, (On, Wait)):
        yield from _of_custom(node, path)
    if isinstance(node, If):
        yield from _of_if(node, path, names)
    elif isinstance(node, Set):
        yield from _of_set(node, path, names)
    elif isinstance(node, Transform):
        yield from step_faults(node, path, names.fields)
    elif isinstance(node, Route) and names.rules is not None:
        there = [BUILT_IN, *names.rules]
        if node.rules not in there:
            yield Fault((*path, "rules"), node.rules, f"is no rule document: {_one_of(there, node.rules)}")
    elif isinstance(node, Notify) and names.targets is not None:
        targets = sorted(names.targets.get(node.by, ()))
        if node.target not in targets:
            more = _one_of(targets, node.target) if targets else "none is set up"
            yield Fault((*path, "target"), node.target, f"is no target for {node.by}: {more}")
    if isinstance(node, Approve):
        yield from _of_approvers(node, path, names.roles)
    if isinstance(node, (Hold, Approve, Wait)):
        yield from _of_time(node, path)


def _one_of(names: Collection[str], name: str) -> str:
    near = get_close_matches(name, list(names), n=1)
    return f"did you mean {near[0]}?" if near else f"write one of {', '.join(names)}"


def _of_custom(node: On | Wait, path: Path) -> Iterator[Fault]:
    if node.event == "custom" and not node.custom:
        yield Fault((*path, "custom"), NOTHING, "is missing: name the event of your own that is meant")
    if node.event != "custom" and node.custom:
        yield Fault((*path, "custom"), node.custom, 'means nothing here: it is for event = "custom"; take it out')


def _of_if(node: If, path: Path, names: Names) -> Iterator[Fault]:
    place: Path = (*path, "when")
    if not node.when:
        yield Fault(place, NOTHING, "asks nothing: write at least one condition, or go on without this node")
    if node.then == node.otherwise:
        yield Fault(
            (*path, "otherwise"), node.otherwise, "is where then leads too: nothing is decided; take the node out"
        )
    yield from condition_faults([(at, it) for at, it in enumerate(node.when) if not is_own(it.field)], place)
    for at, condition in enumerate(node.when):
        if not is_own(condition.field) or (names.fields is None and condition.field.startswith(FIELD_PREFIX)):
            continue
        entry = own_condition(condition.field, names.fields or {})
        if entry is None:
            more = _one_of([FIELD_PREFIX + name for name in names.fields or ()], condition.field)
            more = more if names.fields else "it has none: write [[fields]] with its name and type"
            yield Fault((*place, at, "field"), condition.field, f"is no field of this document: {more}")
            continue
        yield from operator_faults(condition, entry, (*place, at))
        if condition.lines is not None:
            says = f"{condition.field} is a fact of the whole order: take it out"
            yield Fault((*place, at, "lines"), condition.lines, says)
        low, high = condition.at_least, condition.at_most
        if low is not None and high is not None and low > high:
            yield Fault((*place, at, "at_least"), low, f"is more than at_most, {high:,}: no order meets both")


def _of_set(node: Set, path: Path, names: Names) -> Iterator[Fault]:
    if not (node.tags or node.untag or node.fields) and node.priority is None:
        yield Fault(path, NOTHING, "sets nothing: write tags, untag, priority or fields, or take the node out")
    for at, tag in enumerate(node.untag):
        if tag in node.tags:
            yield Fault((*path, "untag", at), tag, "is put on by tags of the same node: leave one")
    seen: list[str] = []
    for at, value in enumerate(node.fields):
        place: Path = (*path, "fields", at)
        yield from _of_value(value, place, names.fields)
        if value.field in seen:
            yield Fault((*place, "field"), value.field, "is named twice: leave one")
        seen.append(value.field)


def _of_value(value: Value, path: Path, fields: Mapping[str, str] | None) -> Iterator[Fault]:
    given = {"text": value.text, "number": value.number, "yes_no": value.yes_no}
    named = [name for name, it in given.items() if it is not None]
    if len(named) != 1:
        yield Fault(path, NOTHING, "sets no value, or several: write exactly one of text, number, yes_no")
    if fields is None:
        return
    if value.field not in fields:
        more = _one_of(list(fields), value.field) if fields else "it has none: write [[fields]] with its name and type"
        yield Fault((*path, "field"), value.field, f"is no field of this document: {more}")
    elif named and named[0] != fields[value.field]:
        says = f"does not fit {value.field}: write {fields[value.field]}"
        yield Fault((*path, named[0]), given[named[0]], says)


def _of_approvers(node: Approve, path: Path, roles: Mapping[str, Collection[str]] | None) -> Iterator[Fault]:
    if roles is None:
        return
    if node.role not in roles:
        more = _one_of(sorted(roles), node.role) if roles else "no role is set up"
        yield Fault((*path, "role"), node.role, f"is no role of this hub: {more}")
        return
    count = len(set(roles[node.role]))
    if count == 0:
        yield Fault((*path, "role"), node.role, "is nobody's: no one could ever approve; give somebody the role")
    elif count < node.persons:
        yield Fault((*path, "persons"), node.persons, f"are needed, and {count} person has the role {node.role}")
    elif count == node.persons and not node.asker_may:
        says = f"has {count} persons: if one of them asks, too few are left; give one more the role, or write asker_may"
        yield Fault((*path, "role"), node.role, says)


def _of_time(node: Hold | Approve | Wait, path: Path) -> Iterator[Fault]:
    if node.minutes is None:
        says = "is missing: nothing may wait without an end; write minutes, and late, where the order goes then"
        yield Fault((*path, "minutes"), NOTHING, says)
    if node.minutes is not None and node.late is None:
        yield Fault((*path, "late"), NOTHING, "is missing: say where the order goes when the time is over")
    if node.rounds is not None and node.spent is None:
        yield Fault((*path, "spent"), NOTHING, "is missing: say where the order goes when rounds are used up")
    if node.rounds is None and node.spent is not None:
        yield Fault((*path, "spent"), node.spent, "means nothing without rounds: write rounds, or take it out")
    if isinstance(node, Wait) and node.event is not None and node.then is None:
        yield Fault((*path, "then"), NOTHING, "is missing: say where the order goes when the event comes")
    if isinstance(node, Wait) and node.event is None and node.then is not None:
        yield Fault((*path, "then"), node.then, "means nothing without an event: write event, or take it out")
