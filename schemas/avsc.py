"""Loads the `.avsc` files: one message per file beside this module, parts that several messages share in `types/`.

A file mentions a shared part by its name (`"type": "Source"`). `load` puts the part's definition where it is mentioned
first, so that every schema it returns stands alone, as Avro wants it for a fingerprint, a registry or another reader.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAMESPACE = "penstock"

Schema = dict[str, Any]


def load(folder: Path = HERE) -> dict[str, Schema]:
    """All messages by name, sorted, each self-contained. Raises ValueError for a file not named as its record."""
    parts = _read(folder / "types")
    return {name: _inline(schema, parts, set()) for name, schema in _read(folder).items()}


def _read(folder: Path) -> dict[str, Schema]:
    schemas = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.avsc"))}
    for stem, schema in schemas.items():
        if (schema["name"], schema.get("namespace")) != (stem, NAMESPACE):
            raise ValueError(f"{folder / stem}.avsc must define {NAMESPACE}.{stem}, it defines {schema['name']}")
    return schemas


def _inline(node: Any, parts: dict[str, Schema], defined: set[str]) -> Any:
    """`node` with the first mention of each part replaced by its definition; Avro forbids to define a name twice."""
    if isinstance(node, str) and node in parts and node not in defined:
        defined.add(node)
        return _inline(parts[node], parts, defined)
    if isinstance(node, list):
        return [_inline(branch, parts, defined) for branch in node]
    if isinstance(node, dict):
        # Only these keys hold schemas: a doc or a symbol that happens to be a part's name stays what it is.
        nested = {
            key: _inline(node[key], parts, defined) for key in ("type", "items", "values", "fields") if key in node
        }
        return {**node, **nested}
    return node
