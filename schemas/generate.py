"""Writes `records.py` and `avro_bodies.py` from the schemas, and keeps the golden messages.

python -m schemas.generate                         write both
python -m schemas.generate --check                 exit 1 when one of them is not what the schemas say
python -m schemas.generate --golden Reserve        release the current Reserve: add its next version to golden/
python -m schemas.generate --golden Reserve --values reserve.json     ... with this example (Avro's JSON encoding)
"""

import argparse
import json
import sys
import textwrap
from io import StringIO
from pathlib import Path
from typing import Any

from fastavro import json_reader, json_writer

from schemas import generate_bodies
from schemas.avsc import GOLDEN, HERE, Schema, fingerprint, load, named_types, released
from schemas.codec import Codec
from schemas.topics import TOPICS

RECORDS, BODIES = HERE / "records.py", HERE / "avro_bodies.py"
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
    named = {node["name"]: node for schema in schemas.values() for node in named_types(schema)}
    ordered = sorted(named.values(), key=lambda node: node["type"] == "record")
    return HEADER + "\n" + "".join(map(_definition, ordered))


def _definition(node: Schema) -> str:
    name = node["name"]
    if node["type"] == "record":
        items = "".join(f"    {field['name']}: ReadOnly[{_python(field['type'])}]\n" for field in node["fields"])
        return f"\n\nclass {name}(TypedDict):\n{_docstring(node['doc'])}\n\n{items}"
    symbols = [f'"{symbol}"' for symbol in node["symbols"]]
    flat = f"{name} = Literal[{', '.join(symbols)}]\n"
    folded = "".join(f"    {symbol},\n" for symbol in symbols)
    return flat if len(flat) <= WIDTH + 1 else f"{name} = Literal[\n{folded}]\n"


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


def release(name: str, values: Path | None = None, folder: Path = GOLDEN) -> None:
    """Add the current schema of `name` to golden/ as its next version, with an example message: .avsc, .json and .bin.

    The example is `values`, else the previous version's as it reads now. Raises ValueError when this version is there
    already, or when it is the first and there is no example. Nothing that is there is ever written again.
    """
    schema, versions = load()[name], released(folder).get(name, [])
    if fingerprint(schema) in map(fingerprint, versions):
        raise ValueError(f"the current {name} is released already")
    codec, stem = Codec(), f"{name}.v{len(versions) + 1}"
    if values:
        example: Any = next(json_reader(StringIO(values.read_text("utf-8")), schema))
    elif versions:
        example = codec.decode((folder / f"{name}.v{len(versions)}.bin").read_bytes())[1]
    else:
        raise ValueError(f"the first version of {name} needs an example: --values FILE")
    json_writer(text := StringIO(), schema, [example])
    message = codec.encode(name, example)
    (folder / f"{stem}.avsc").write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", "utf-8")
    pretty = json.dumps(json.loads(text.getvalue()), ensure_ascii=False, indent=1)
    (folder / f"{stem}.json").write_text(pretty + "\n", "utf-8")
    (folder / f"{stem}.bin").write_bytes(message)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.generate", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when a file is stale")
    parser.add_argument(
        "--golden", metavar="NAME", choices=load(), help="add the current version of this record to golden/"
    )
    parser.add_argument(
        "--values", metavar="FILE", type=Path, help="with --golden: the example message, in Avro's JSON encoding"
    )
    args = parser.parse_args(argv)
    if args.golden:
        try:
            release(args.golden, args.values)
        except ValueError as error:
            parser.error(str(error))
        return 0
    schemas, stale = load(), False
    # What stands in tables alone is never an Avro body.
    messages = {name: schemas[name] for name in sorted({name for topic in TOPICS.values() for name in topic.records})}
    for path, text in {RECORDS: render(schemas), BODIES: generate_bodies.render(messages)}.items():
        if not args.check:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            print(f"schemas/{path.name} is stale: run python -m schemas.generate")
            stale = True
    if args.check and not stale:
        print(f"schemas/{RECORDS.name} and schemas/{BODIES.name} are up to date")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
