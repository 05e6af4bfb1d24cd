"""What is wrong with the conditions of a strategy or a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from schemas.documents.faults import NOTHING, Fault, Path
from schemas.documents.rules.catalogue import Entry, entries, offered, why_not
from schemas.documents.rules.document import Condition
from schemas.topics import CHANNELS
from streams.domain.reference import place_of

from .conditions import exclude, meant
from .facts import known_name

_OPERATORS = {"text": ("in",), "number": ("at_least", "at_most"), "yes_no": ("is",)}
_PLACES = ("province", "city", "warehouse_province")


def condition_faults(when: Sequence[tuple[int, Condition]], path: Path) -> Iterator[Fault]:
    """All faults of conditions that an order has to meet together, given with their places."""
    sound = []
    for at, condition in when:
        place: Path = (*path, at)
        found = list(_of_one(condition, place))
        yield from found
        if not found:
            sound.append((at, meant(condition)))
    for number, (at, one) in enumerate(sound):
        for earlier, other in sound[:number]:
            if exclude(one, other):
                yield Fault((*path, at), NOTHING, f"contradicts when[{earlier}]: no order meets both; take one out")


def name_faults(field: str, names: Sequence[str], path: Path) -> Iterator[Fault]:
    """Names that nothing can ever be called."""
    for at, name in enumerate(names):
        if field == "channel" and name not in CHANNELS:
            near = get_close_matches(name, CHANNELS, n=1)
            more = f"did you mean {near[0]}?" if near else f"write one of {', '.join(CHANNELS)}"
            yield Fault((*path, at), name, f"is no channel of this hub: {more}")
        # A foreign one is written in Latin letters, and there is no list of those.
        if field in _PLACES and not name.isascii() and place_of(name) is None:
            yield Fault((*path, at), name, "is no place that is known: write it as its government does, such as 浙江省")
    known = [known_name(field, name) for name in names]
    for at, name in enumerate(known):
        if name in known[:at]:
            yield Fault((*path, at), names[at], "is named twice: leave one")


def _of_one(condition: Condition, path: Path) -> Iterator[Fault]:
    entry = entries().get(("condition", condition.field))
    if entry is None or not entry.offered:
        more = why_not("field", condition.field)
        near = get_close_matches(condition.field, offered("condition"), n=1)
        known = f"did you mean {near[0]}?" if near else f"write one of {', '.join(offered('condition'))}"
        yield Fault((*path, "field"), condition.field, more or f"is no fact of an order: {known}")
        return
    yield from operator_faults(condition, entry, path)
    if condition.lines is not None and not entry.of_lines:
        yield Fault((*path, "lines"), condition.lines, f"{entry.name} is a fact of the whole order: take it out")
    if condition.in_ is not None:
        yield from name_faults(entry.name, condition.in_, (*path, "in"))
    low, high = condition.at_least, condition.at_most
    if low is not None and high is not None and low > high:
        yield Fault((*path, "at_least"), low, f"is more than at_most, {high:,}: no order meets both")


def operator_faults(condition: Condition, entry: Entry, path: Path) -> Iterator[Fault]:
    """What a condition asks that its fact cannot answer."""
    given = {
        "in": condition.in_,
        "at_least": condition.at_least,
        "at_most": condition.at_most,
        "is": condition.is_,
    }
    fit = _OPERATORS[entry.type]
    for name, value in given.items():
        if value is not None and name not in fit:
            shown = list(value) if isinstance(value, tuple) else value
            yield Fault((*path, name), shown, f"does not fit {entry.name}: write {' or '.join(fit)}")
    if all(value is None for value in given.values()):
        yield Fault(path, NOTHING, f"asks nothing of {entry.name}: write {' or '.join(fit)}")
