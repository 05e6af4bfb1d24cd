"""Says what is wrong with a record that could not be encoded: only looked for once something is."""

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.avsc import Schema, named_types

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "bytes": (bytes,),
    "int": (int,),
    "long": (int,),
    "boolean": (bool,),
    "double": (float, int),
}
_BITS = {"int": 32, "long": 64}


def find_fault(schema: Schema, record: object) -> str | None:
    """The first fault, as `Order.lines[1].quantity: '2' is no int`; None when there is none.

    The value of a field marked `"personal": true` in its schema is never shown, nor anything below it.
    """
    records = {node["name"]: node for node in named_types(schema)}
    return _fault(schema, record, schema["name"], True, records)


def _fault(node: Any, value: Any, path: str, show: bool, records: dict[str, Schema]) -> str | None:
    shown = _short(value) if show else f"the {type(value).__name__}"
    match node:
        case "string" | "bytes" | "int" | "long" | "boolean" | "double":
            problem = _primitive(node, value)
            return f"{path}: {shown} {problem}" if problem else None
        case ["null", branch]:
            return None if value is None else _fault(branch, value, path, show, records)
        case {"type": "enum", "name": name, "symbols": symbols}:
            return None if value in symbols else f"{path}: {shown} is no {name} ({', '.join(symbols)})"
        case {"type": "array", "items": items}:
            if type(value) not in (list, tuple):
                return f"{path}: {shown} is no list"
            return _first(_fault(items, item, f"{path}[{i}]", show, records) for i, item in enumerate(value))
        case {"type": "map", "values": values}:
            if not isinstance(value, Mapping):
                return f"{path}: {shown} is no dict"
            keys = _first(_fault("string", key, f"{path} key", show, records) for key in value)
            places = ((f"{path}[{k!r}]" if show else f"{path}[...]", v) for k, v in value.items())
            return keys or _first(_fault(values, v, place, show, records) for place, v in places)
        case str():
            node = records[node]
    if not isinstance(value, Mapping):
        return f"{path}: {shown} is no {node['name']} (a dict)"
    fields = {field["name"]: field for field in node["fields"]}
    missing, unknown = [f for f in fields if f not in value], [key for key in value if key not in fields]
    if missing or unknown:
        return f"{path}: " + "; ".join([f"{f} is missing" for f in missing] + [f"no field {u!r}" for u in unknown])
    return _first(
        _fault(field["type"], value[name], f"{path}.{name}", show and not field.get("personal"), records)
        for name, field in fields.items()
    )


def _primitive(kind: str, value: Any) -> str | None:
    if type(value) not in _TYPES[kind] and not (kind == "string" and isinstance(value, str)):
        return f"is no {kind}"
    if kind in _BITS and not -(1 << _BITS[kind] - 1) <= value < 1 << _BITS[kind] - 1:
        return f"does not fit {kind} ({_BITS[kind]} bits)"
    try:
        value.encode() if kind == "string" else float(value) if kind == "double" else None
    except UnicodeEncodeError:
        return "has a lone surrogate, which UTF-8 cannot express"
    except OverflowError:
        return "does not fit double"
    return None


def _first(faults: Iterable[str | None]) -> str | None:
    return next(filter(None, faults), None)


def _short(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}..."
