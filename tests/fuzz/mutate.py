"""Changes of a payload that keep it JSON: what a field says, whether it is there, how often, and where."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from tests.fuzz.corpus import strange, texts, words

_CHANGES_MAX = 4
#: The fuzzer keeps what reaches new lines, and most of that is wrong somewhere: what is accepted is found near what is sound.
_ANEW = 0.3


def mutated(target: str, data: bytes, size_max: int, seed: int) -> bytes:
    """Another payload, by the seed alone; one that is no JSON any more begins anew."""
    rng = Random(seed)
    try:
        doc = json.loads(data)
    except (ValueError, RecursionError):
        doc = None
    if not isinstance(doc, dict) or rng.random() < _ANEW:
        doc = json.loads(rng.choice(texts(target)))
    try:
        for _ in range(min(rng.randint(1, _CHANGES_MAX), rng.randint(1, _CHANGES_MAX))):
            _change(target, doc, rng)
        raw = json.dumps(doc, ensure_ascii=rng.random() < 0.1).encode("utf-8", "surrogatepass")
    except RecursionError:
        # Copied into itself again and again: too deep to be changed further, not too deep to be read.
        return data
    return raw if len(raw) <= size_max else data


def crossed(first: bytes, second: bytes, size_max: int, seed: int) -> bytes:
    """The first with a piece of the second in its place."""
    rng = Random(seed)
    try:
        doc, other = json.loads(first), json.loads(second)
    except (ValueError, RecursionError):
        return first
    if not (isinstance(doc, dict) and isinstance(other, dict) and doc and other):
        return first
    try:
        owner, name = rng.choice(places(doc))
        there = [o[n] for o, n in places(other) if n == name or rng.random() < 0.05]
        if there:
            owner[name] = copy.deepcopy(rng.choice(there))
        raw = json.dumps(doc, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except RecursionError:
        return first
    return raw if len(raw) <= size_max else first


def places(value: Any) -> list[tuple[Any, Any]]:
    """(owner, key or index) of everything in a document."""
    found: list[tuple[Any, Any]] = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        found.append((value, name))
        found += places(inner)
    return found


def _change(target: str, doc: dict[str, Any], rng: Random) -> None:
    there = places(doc)
    if not there:
        doc[rng.choice(words(target))] = strange(rng)
        return
    owner, name = rng.choice(there)
    value = owner[name]
    match rng.randint(0, 9):
        case 0 | 1:
            owner[name] = strange(rng)
        case 2:
            owner[name] = rng.choice(words(target))
        case 3:
            del owner[name]
        case 4 | 5:
            # A field that the mapper knows, where it may belong.
            objects = [doc, *(o[n] for o, n in there if isinstance(o[n], dict))]
            rng.choice(objects)[rng.choice(words(target))] = _some(target, there, rng)
        case 6:
            lists = [o[n] for o, n in there if isinstance(o[n], list) and o[n]]
            if lists:
                items = rng.choice(lists)
                items.insert(rng.randint(0, len(items)), copy.deepcopy(rng.choice(items)))
        case 7:
            source, at = rng.choice(there)
            owner[name] = copy.deepcopy(source[at])
        case 8:
            owner[name] = _other_number(value, rng)
        case _:
            owner[name] = _other_text(value, rng)


def _some(target: str, there: list[tuple[Any, Any]], rng: Random) -> Any:
    if rng.random() < 0.3:
        owner, name = rng.choice(there)
        return copy.deepcopy(owner[name])
    return strange(rng) if rng.random() < 0.6 else rng.choice(words(target))


def _other_number(value: Any, rng: Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return rng.choice([value + 1, value - 1, -value, value * 10, str(value), value + 0.5])
    if isinstance(value, str) and value.isdecimal():
        return rng.choice([str(int(value) + 1), int(value), f"{value}.0", f"-{value}", f" {value}"])
    return rng.randint(0, 9)


def _other_text(value: Any, rng: Random) -> Any:
    if not isinstance(value, str) or not value:
        return [value] if rng.random() < 0.5 else {"": value}
    at = rng.randrange(len(value))
    return rng.choice(
        [value[:at], value[at:], value + value, value[:at] + strange_char(rng) + value[at:], value.upper(), [value]]
    )


def strange_char(rng: Random) -> str:
    """One that breaks naive reading."""
    return rng.choice('\t\n \u3000\u200b０é省市#$~*-,"\\')
