"""Hypothesis strategies for every record, read off its schema."""

from typing import Any

from hypothesis import strategies as st

from schemas.avsc import load, named_types

SCHEMAS = load()
PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(exclude_categories=["Cs"]), max_size=70),
    "bytes": st.binary(max_size=70),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1) | st.integers(1_600_000_000_000, 1_900_000_000_000),
    "boolean": st.booleans(),
    "double": st.floats(allow_nan=False),
}


def _values(node: Any, names: dict[str, Any]) -> st.SearchStrategy[Any]:
    match node:
        case str():
            return PRIMITIVES[node] if node in PRIMITIVES else _values(names[node], names)
        case ["null", branch]:
            return st.none() | _values(branch, names)
        case {"type": "enum", "symbols": symbols}:
            return st.sampled_from(symbols)
        case {"type": "array", "items": items}:
            return st.lists(_values(items, names), max_size=2)
        case {"type": "map", "values": values}:
            return st.dictionaries(PRIMITIVES["string"], _values(values, names), max_size=2)
    return st.fixed_dictionaries({field["name"]: _values(field["type"], names) for field in node["fields"]})


def records(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any valid record of this type."""
    return _values(SCHEMAS[name], {node["name"]: node for node in named_types(SCHEMAS[name])})


STRATEGIES = {name: records(name) for name in SCHEMAS}
any_record = st.sampled_from(sorted(SCHEMAS)).flatmap(lambda name: st.tuples(st.just(name), STRATEGIES[name]))
