"""Records of every type with something in every field, so that whatever shows one shows what it should not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from schemas.avsc import load, named_types

#: In every personal field, after a first character, which masking leaves.
PERSON = "Zhang-138-0013-8000"
PERSONAL = f"王{PERSON}"

SCHEMAS = load()
NAMED = {node["name"]: node for schema in SCHEMAS.values() for node in named_types(schema)}
RECORDS = {name: node for name, node in NAMED.items() if node["type"] == "record"}


class Field(NamedTuple):
    """A field that holds text or bytes: of which record, its name, and whether its schema calls it personal."""

    record: str
    name: str
    personal: bool


def fields() -> Iterator[Field]:
    """Every field of every record that holds text or bytes itself."""
    for record, node in RECORDS.items():
        for field in node["fields"]:
            if _textual(field["type"]):
                yield Field(record, field["name"], field.get("personal", False))


def _textual(node: Any) -> bool:
    match node:
        case "string" | "bytes":
            return True
        case ["null", branch]:
            return _textual(branch)
        case {"type": "array", "items": inner} | {"type": "map", "values": inner}:
            return _textual(inner)
    return False


def filled(name: str, text: Callable[[Field], str] = lambda field: field.name) -> dict[str, Any]:
    """A valid record: PERSONAL in every personal field, ``text`` in the other ones, each list and map with one item, no null."""
    return {field["name"]: _value(field["type"], _field(name, field), text) for field in RECORDS[name]["fields"]}


def _field(record: str, field: dict[str, Any]) -> Field:
    return Field(record, field["name"], field.get("personal", False))


def _value(node: Any, field: Field, text: Callable[[Field], str]) -> Any:
    match node:
        case "string":
            return PERSONAL if field.personal else text(field)
        case "bytes":
            return PERSONAL.encode() if field.personal else bytes(8)
        case "int" | "long":
            return 1_767_232_800_000 if field.name.endswith("_ms") else 1
        case "boolean":
            return True
        case "double":
            return 30.0
        case ["null", branch]:
            return _value(branch, field, text)
        case {"type": "array", "items": items}:
            return [_value(items, field, text)]
        case {"type": "map", "values": values}:
            return {"note": _value(values, field, text)}
        case {"type": "enum", "symbols": [first, *_]}:
            return first
        case {"type": "record", "name": name}:
            return filled(name, text)
        case str():
            return _value(NAMED[node], field, text)
    raise ValueError(f"the schemas of this project don't use {node}")
