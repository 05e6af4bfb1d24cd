"""Writes `records.py` from the schemas, and keeps the golden messages.

python -m schemas.generate                         write records.py
python -m schemas.generate --check                 exit 1 when records.py is not what the schemas say
python -m schemas.generate --golden Reserve        release the current Reserve: add its next version to golden/
python -m schemas.generate --golden Reserve --values reserve.json     ... with this example (Avro's JSON encoding)
"""

import argparse
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from schemas.avsc import HERE, Schema, load

RECORDS = HERE / "records.py"
HEADER = '''"""Types of the records on the wire, all read-only.

GENERATED from schemas/*.avsc by `python -m schemas.generate`: edit those.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from typing_extensions import ReadOnly, TypedDict
'''
WIDTH = 120
PYTHON = {"string": "str", "long": "int", "int": "int", "bytes": "bytes", "boolean": "bool", "double": "float"}


def render(schemas: dict[str, Schema]) -> str:
    """The text of records.py: enums as Literal first, then records as TypedDict, each after the types it mentions."""
    named = dict(pair for schema in schemas.values() for pair in _definitions(schema))
    enums = [text for text in named.values() if not text.startswith("class")]
    return HEADER + "\n" + "".join(enums) + "".join(f"\n\n{text}" for text in named.values() if text not in enums)


def _definitions(node: Any) -> Iterator[tuple[str, str]]:
    """Named types at and below `node`, innermost first, with their Python source."""
    match node:
        case list():
            for branch in node:
                yield from _definitions(branch)
        case {"type": "enum", "name": name, "symbols": symbols}:
            literal = ", ".join(f'"{symbol}"' for symbol in symbols)
            flat = f"{name} = Literal[{literal}]"
            folded = "".join(f'    "{symbol}",\n' for symbol in symbols)
            yield name, f"{flat}\n" if len(flat) <= WIDTH else f"{name} = Literal[\n{folded}]\n"
        case {"type": "record", "name": name, "doc": doc, "fields": fields}:
            for field in fields:
                yield from _definitions(field["type"])
            items = "".join(f"    {field['name']}: ReadOnly[{_python(field['type'])}]\n" for field in fields)
            yield name, f"class {name}(TypedDict):\n{_docstring(doc)}\n\n{items}"
        case {"items": below} | {"values": below}:
            yield from _definitions(below)


def _docstring(doc: str) -> str:
    flat = f'    """{doc}"""'
    if len(flat) <= WIDTH:
        return flat
    return textwrap.fill(f'"""{doc}', WIDTH, initial_indent="    ", subsequent_indent="    ") + '\n    """'


def _python(node: Any) -> str:
    match node:
        case str():
            return PYTHON.get(node, node)
        case ["null", branch]:
            return f"{_python(branch)} | None"
        case {"type": "array", "items": items}:
            return f"Sequence[{_python(items)}]"
        case {"type": "map", "values": values}:
            return f"Mapping[str, {_python(values)}]"
        case {"name": name}:
            return str(name)
    raise ValueError(f"the schemas of this project don't use {node}")


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.generate", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when records.py is stale")
    parser.add_argument("--golden", metavar="NAME", help="add the current version of this record to golden/")
    parser.add_argument("--values", metavar="FILE", help="with --golden: the example message, in Avro's JSON encoding")
    args = parser.parse_args(argv)
    if args.golden:
        return golden.add(args.golden, args.values)
    text = render(load())
    if args.check:
        stale = not RECORDS.exists() or RECORDS.read_text("utf-8") != text
        print(
            "schemas/records.py is stale: run python -m schemas.generate"
            if stale
            else "schemas/records.py is up to date"
        )
        return int(stale)
    RECORDS.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
