"""Loads the `.avsc` files: one message per file beside this module, parts that several messages share in `types/`.

A file mentions a shared part by its name (`"type": "Source"`). `load` puts the part's definition where it is mentioned
first, so that every schema it returns stands alone, as Avro wants it for a fingerprint, a registry or another reader.

Beside Avro's own attributes a field may have `"personal": true`: its values are never shown in errors, logs or metrics,
and masked wherever a record is shown (`streams/ops/masking.py`).
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastavro.schema import fingerprint as _fingerprint
from fastavro.schema import to_parsing_canonical_form

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
NAMESPACE = "penstock"

Schema = dict[str, Any]


def load(folder: Path = HERE) -> dict[str, Schema]:
    """All messages by name, sorted, each self-contained. Raises ValueError for a file not named as its record."""
    parts = _read(folder / "types")
    return {name: _inline(schema, parts, set()) for name, schema in _read(folder).items()}


def released(folder: Path = GOLDEN) -> dict[str, list[Schema]]:
    """Every version ever released, oldest first, by record name; version n is `NAME.vN.avsc`, self-contained."""
    versions: dict[str, list[Schema]] = {}
    for path in sorted(folder.glob("*.avsc"), key=lambda path: int(path.stem.rpartition(".v")[2])):
        versions.setdefault(path.stem.rpartition(".v")[0], []).append(json.loads(path.read_text("utf-8")))
    return versions


def fingerprint(schema: Schema) -> bytes:
    """CRC-64-AVRO of the schema's parsing canonical form: 8 bytes, little-endian as single-object encoding wants it."""
    return _crc_64(to_parsing_canonical_form(schema))


@cache
def _crc_64(text: str) -> bytes:
    # fastavro goes through it byte by byte, in Python: once for a schema that is the present one and a released one, and asked for often.
    return bytes.fromhex(_fingerprint(text, "CRC-64-AVRO"))


def named_types(node: Any) -> Iterator[Schema]:
    """Definitions of records and enums at and below `node`, each after those it contains."""
    if isinstance(node, list):
        for branch in node:
            yield from named_types(branch)
    if isinstance(node, dict):
        for key in ("type", "items", "values", "fields"):
            yield from named_types(node.get(key))
        if "name" in node and node["type"] in ("record", "enum"):
            yield node


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
