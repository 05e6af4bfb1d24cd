"""The text of `avro_bodies.py`: for each record a function that writes it as an Avro body and one that reads it, field by field.

What they are made of, and what they refuse, stands in `avro_parts.py`. A text's usual case stands in the line itself: a call for each
of an order's sixty would be a third of what it takes.
"""

import re
import textwrap
from collections.abc import Iterator
from typing import Any

from schemas import avro_parts
from schemas.avsc import Schema, fingerprint, named_types

HEADER = '''"""Records as Avro bodies and back, in their schemas' order.

GENERATED from schemas/*.avsc by `python -m schemas.generate`: edit those. Parts, and what is refused: schemas/avro_parts.py.
"""

# A line a field.
# fmt: off
from __future__ import annotations

from typing import Any

'''
_WIDTH = 120
_PRIMITIVES = ("bytes", "int", "long", "boolean", "double")
#: The byte of an enum's symbol has room for so many.
_SYMBOLS_MAX = 64


def render(schemas: dict[str, Schema]) -> str:
    """The module's text: enums first, then records, each after those it mentions, then all messages by their schema's fingerprint."""
    named = {node["name"]: node for schema in schemas.values() for node in named_types(schema)}
    text = "".join(_enum(node) for node in named.values() if node["type"] == "enum")
    for node in named.values():
        if node["type"] == "record":
            text += _Functions(named).of(node)
    text += "\n\n#: By the fingerprint of the schema they are for: of another version they are not.\n"
    text += "BODIES: dict[bytes, tuple[Write, Read]] = {\n"
    for name, schema in schemas.items():
        text += f'    bytes.fromhex("{fingerprint(schema).hex()}"): (write_{name}, read_{name}),\n'
    text += "}\n"
    return HEADER + _imports(text) + "\n" + text


def _imports(text: str) -> str:
    """Sorted as the linter does it: constants, classes, functions."""
    parts = {word for word in re.findall(r"\w+", text) if getattr(avro_parts, word, Any) is not Any}
    ordered = sorted(parts, key=lambda part: (not part.isupper(), part.islower(), part))
    return "from schemas.avro_parts import (\n" + "".join(f"    {part},\n" for part in ordered) + ")\n"


def _enum(node: Schema) -> str:
    if len(node["symbols"]) > _SYMBOLS_MAX:
        raise ValueError(f"{node['name']} has more than {_SYMBOLS_MAX} symbols: their numbers need a second byte")
    name = _constant(node["name"])
    to_byte = [f'"{symbol}": b"\\x{2 * i:02x}"' for i, symbol in enumerate(node["symbols"])]
    to_symbol = f"{name}_AT = {{byte[0]: symbol for symbol, byte in {name}.items()}}\n"
    return _folded(f"{name} = {{", to_byte, "}") + to_symbol


def _folded(begin: str, items: list[str], end: str, indent: str = "") -> str:
    """On one line, or the items on lines of their own."""
    flat = f"{indent}{begin}{', '.join(items)}{end}\n"
    if len(flat) <= _WIDTH + 1:
        return flat
    # A blank within an item is no place to break.
    unbroken = ", ".join(item.replace(" ", "\0") for item in items) + ","
    within = textwrap.fill(unbroken, _WIDTH, initial_indent=indent + "    ", subsequent_indent=indent + "    ")
    return f"{indent}{begin}\n{within}\n{indent}{end}\n".replace("\0", " ")


def _constant(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).strip("_").upper()


class _Functions:
    """Of one record: ``named`` are all types there are."""

    def __init__(self, named: dict[str, Schema]) -> None:
        self._named = named

    def of(self, node: Schema) -> str:
        name, fields = node["name"], node["fields"]
        lines = [
            f"def write_{name}(r: Any) -> bytes:",
            f"    if type(r) is not dict or len(r) != {len(fields)}:",
            "        raise Refused",
            '    return b"".join((',
            *(f"        {self._field(field['type'], _item(field))}," for field in fields),
            "    ))",
            "",
            "",
            f"def read_{name}(message: bytes, at: int) -> tuple[dict[str, Any], int]:",
            *(f"    {line}" for field in fields for line in self._assign(field["type"], _local(field))),
        ]
        items = [f'"{field["name"]}": {_local(field)}' for field in fields]
        return "\n\n" + "\n".join(lines) + "\n" + _folded("return {", items, "}, at", "    ")

    def _field(self, node: Any, value: str) -> str:
        """What is joined for a field."""
        if node == "string":
            return f"SIZE[len(raw := {value}.encode())], raw"
        return self._bytes(node, value)

    def _bytes(self, node: Any, value: str) -> str:
        match self._type(node):
            case ["null", branch]:
                return f"NULL if (value := {value}) is None else SOME + {self._bytes(branch, 'value')}"
            case {"type": "enum", "name": name}:
                return f"{_constant(name)}[{value}]"
            case {"type": "array" | "map" as kind} as outer:
                return f"write_{kind}({value}, write_{self._call(outer['items' if kind == 'array' else 'values'])})"
        return f"write_{self._call(node)}({value})"

    def _assign(self, node: Any, name: str) -> Iterator[str]:
        """Lines that read a field: what is small is read in place."""
        if node in ("string", "int"):
            yield "if (n := message[at]) & NOT_SMALL:"
            yield f"    {name}, at = {self._read(node, 'at')}"
            yield "else:"
            if node == "string":
                yield f"    {name} = message[(at := at + 1) : (at := at + (n >> 1))].decode()"
            else:
                yield f"    {name}, at = n >> 1, at + 1"
        else:
            yield f"{name}, at = {self._read(node, 'at')}"

    def _read(self, node: Any, at: str) -> str:
        """A pair: the value that begins there, and where it ends."""
        match self._type(node):
            case ["null", branch]:
                there = self._read(branch, "at + 1")
                return f"{there} if FOLLOWS[message[at]] else (None, at + 1)"
            case {"type": "enum", "name": name}:
                pair = f"{_constant(name)}_AT[message[{at}]], {at} + 1"
                return pair if at == "at" else f"({pair})"
            case {"type": "array" | "map" as kind} as outer:
                return f"read_{kind}(message, {at}, read_{self._call(outer['items' if kind == 'array' else 'values'])})"
        return f"read_{'long' if node == 'int' else self._call(node)}(message, {at})"

    def _call(self, node: Any) -> str:
        """How the functions for a type end."""
        match self._type(node):
            case "string":
                return "text"
            case str() as kind if kind in _PRIMITIVES:
                return kind
            case {"type": "record", "name": name}:
                return str(name)
        raise ValueError(f"the schemas of this project don't use {node} here")

    def _type(self, node: Any) -> Any:
        return self._named.get(node, node) if isinstance(node, str) else node


def _item(field: Schema) -> str:
    return f'r["{field["name"]}"]'


def _local(field: Schema) -> str:
    """A field may be called as what the function needs."""
    return f"{field['name']}_" if field["name"] in ("message", "at", "n") else str(field["name"])
