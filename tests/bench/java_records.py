"""Java classes for Penstock's Avro records, written from their first released versions: what Avro's own compiler makes with custom coders.

    python -m tests.bench.java_records      writes ``java/saga/penstock/records/`` anew

One class a record, its fields plain and mutable, ``encode`` and ``decode`` field by field through Avro's encoder and decoder: the fastest
way of Avro's Java library, without the detour over generic records. A test holds the folder to the schemas.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from schemas.avsc import NAMESPACE, Schema, fingerprint, named_types, released

FOLDER = Path(__file__).with_name("java") / "saga" / "penstock" / "records"
#: What the saga reads, keeps and writes.
MESSAGES = (
    *("ChannelEvent", "Order", "Review", "Duplicate", "Seen"),
    *("OrderState", "Warehouse", "OrderAllocated", "OrderBackordered", "AllocationReleased", "OrderStatusChanged"),
    *("Reserve", "Release", "Receive", "SetSafetyStock", "AwaitStock", "ForgetStock"),
    *("Reserved", "ReservationRejected", "ReservationResolved", "StockArrived", "StockCommandAnswered"),
    *("Stock", "Reservation", "Applied", "Availability", "StockAlert"),
)
_MARK = "// Written by `python -m tests.bench.java_records` from schemas/golden/.\n"
_JAVA = {"string": "String", "int": "int", "long": "long", "boolean": "boolean", "double": "double", "bytes": "byte[]"}
_BOXED = {"int": "Integer", "long": "Long", "boolean": "Boolean", "double": "Double"}
_VERB = {"string": "String", "int": "Int", "long": "Long", "boolean": "Boolean", "double": "Double"}


def sources() -> dict[str, str]:
    """File name -> Java source."""
    schemas = _schemas()
    parts: dict[str, Schema] = {}
    for name in MESSAGES:
        for part in named_types(schemas[name]):
            parts.setdefault(part["name"], part)
    files = {}
    for name, part in sorted(parts.items()):
        message = schemas.get(name) if name in MESSAGES else None
        body = _enum(part) if part["type"] == "enum" else _record(part, parts, message)
        files[f"{name}.java"] = f"{_MARK}package penstock.records;\n\n{body}"
    files["Messages.java"] = _messages(schemas)
    return files


def _schemas() -> dict[str, Schema]:
    """The versions the peer speaks: those first released, which every later Penstock reads."""
    return {name: versions[0] for name, versions in released().items()}


def camel(name: str) -> str:
    """``order_id`` -> ``orderId``."""
    head, *rest = name.split("_")
    return head + "".join(each.capitalize() for each in rest)


def _messages(schemas: dict[str, Schema]) -> str:
    cases = "".join(f"            case (int) {n}.FINGERPRINT -> {n}.decode(in);\n" for n in MESSAGES)
    keys = [int.from_bytes(fingerprint(schemas[name]), "little") & 0xFFFFFFFF for name in MESSAGES]
    if len(set(keys)) != len(keys):
        raise ValueError("two schemas share the low half of their fingerprints: switch on the whole")
    return f"""{_MARK}package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;

/** Which class reads what stands behind a fingerprint. */
public final class Messages {{
    private Messages() {{}}

    /** Throws IOException when nobody wrote such a schema. */
    public static Message decode(long fingerprint, Decoder in) throws IOException {{
        // The low half tells the schemas apart; the whole is compared below.
        Message message = switch ((int) fingerprint) {{
{cases}            default -> null;
        }};
        if (message == null || message.fingerprint() != fingerprint) {{
            throw new IOException("no schema has the fingerprint " + Long.toHexString(fingerprint));
        }}
        return message;
    }}
}}
"""


def _enum(schema: Schema) -> str:
    symbols = ", ".join(schema["symbols"])
    return f"""/** {schema["doc"]} */
public enum {schema["name"]} {{
    {symbols};

    static final {schema["name"]}[] ALL = values();
}}
"""


def _record(schema: Schema, parts: dict[str, Schema], message: Schema | None) -> str:
    name = schema["name"]
    fields = [(camel(field["name"]), field["type"]) for field in schema["fields"]]
    declared = "".join(f"    public {_type(kind)} {field};\n" for field, kind in fields)
    writes = "".join(_write(f"this.{field}", kind, parts, "        ") for field, kind in fields)
    reads = "".join(_read(f"read.{field}", kind, parts, "        ") for field, kind in fields)
    mark = ""
    if message is not None:
        number = int.from_bytes(fingerprint(message), "little")
        mark = f"    public static final long FINGERPRINT = 0x{number:016X}L;\n\n"
    told = "    public long fingerprint() {\n        return FINGERPRINT;\n    }\n\n" if message else ""
    kind = " implements Message" if message else ""
    text = declared + writes
    imports = [
        "java.io.IOException",
        *(["java.nio.ByteBuffer"] if "byte[]" in text else []),
        *(["java.util.ArrayList", "java.util.List"] if "List<" in text else []),
        *(["java.util.LinkedHashMap", "java.util.Map"] if "Map<" in text else []),
        "org.apache.avro.io.Decoder",
        "org.apache.avro.io.Encoder",
    ]
    lines = "".join(f"import {each};\n" for each in imports)
    return f"""{lines}
/** {schema["doc"]} */
public final class {name}{kind} {{
{mark}{declared}
{told}    public void encode(Encoder out) throws IOException {{
{writes}    }}

    public static {name} decode(Decoder in) throws IOException {{
        {name} read = new {name}();
{reads}        return read;
    }}
}}
"""


def _name(kind: Any) -> str:
    """The name of a named type, defined here or mentioned."""
    name: str = kind["name"] if isinstance(kind, dict) else kind
    return name.removeprefix(f"{NAMESPACE}.")


def _type(kind: Any, boxed: bool = False) -> str:
    if isinstance(kind, list):
        return _type(kind[1], boxed=True)
    if isinstance(kind, dict) and kind["type"] == "array":
        return f"List<{_type(kind['items'], boxed=True)}>"
    if isinstance(kind, dict) and kind["type"] == "map":
        return "Map<String, String>"
    if isinstance(kind, str) and kind in _JAVA:
        return _BOXED.get(kind, _JAVA[kind]) if boxed else _JAVA[kind]
    return _name(kind)


def _write(value: str, kind: Any, parts: dict[str, Schema], pad: str) -> str:
    def line(text: str) -> str:
        return f"{pad}{text}\n"

    if isinstance(kind, list):
        inner = _write(value, kind[1], parts, pad + "    ")
        none = line(f"if ({value} == null) {{") + line("    out.writeIndex(0);") + line("} else {")
        return none + line("    out.writeIndex(1);") + inner + line("}")
    if isinstance(kind, dict) and kind["type"] == "array":
        item = _write("each", kind["items"], parts, pad + "    ")
        head = line("out.writeArrayStart();") + line(f"out.setItemCount({value}.size());")
        loop = line(f"for ({_type(kind['items'], boxed=True)} each : {value}) {{") + line("    out.startItem();")
        return head + loop + item + line("}") + line("out.writeArrayEnd();")
    if isinstance(kind, dict) and kind["type"] == "map":
        head = line("out.writeMapStart();") + line(f"out.setItemCount({value}.size());")
        loop = line(f"for (Map.Entry<String, String> each : {value}.entrySet()) {{") + line("    out.startItem();")
        body = line("    out.writeString(each.getKey());") + line("    out.writeString(each.getValue());")
        return head + loop + body + line("}") + line("out.writeMapEnd();")
    if kind == "bytes":
        return line(f"out.writeBytes({value});")
    if isinstance(kind, str) and kind in _VERB:
        return line(f"out.write{_VERB[kind]}({value});")
    if parts[_name(kind)]["type"] == "enum":
        return line(f"out.writeEnum({value}.ordinal());")
    return line(f"{value}.encode(out);")


def _read(target: str, kind: Any, parts: dict[str, Schema], pad: str) -> str:
    def line(text: str) -> str:
        return f"{pad}{text}\n"

    if isinstance(kind, list):
        return line("if (in.readIndex() == 1) {") + _read(target, kind[1], parts, pad + "    ") + line("}")
    if isinstance(kind, dict) and kind["type"] in ("array", "map"):
        is_map = kind["type"] == "map"
        empty = "LinkedHashMap" if is_map else "ArrayList"
        verb = "Map" if is_map else "Array"
        item = "in.readString(), in.readString()" if is_map else _expression(kind["items"], parts)
        head = line(f"{target} = new {empty}<>();")
        loop = line(f"for (long left = in.read{verb}Start(); left > 0; left = in.{verb.lower()}Next()) {{")
        once = line("    for (long index = 0; index < left; index++) {")
        add = line(f"        {target}.{'put' if is_map else 'add'}({item});")
        return head + loop + once + add + line("    }") + line("}")
    return line(f"{target} = {_expression(kind, parts)};")


def _expression(kind: Any, parts: dict[str, Schema]) -> str:
    if kind == "bytes":
        return "in.readBytes((ByteBuffer) null).array()"
    if isinstance(kind, str) and kind in _VERB:
        return f"in.read{_VERB[kind]}()"
    name = _name(kind)
    return f"{name}.ALL[in.readEnum()]" if parts[name]["type"] == "enum" else f"{name}.decode(in)"


def write(folder: Path = FOLDER, say: Callable[[str], None] = print) -> None:
    """Writes every class; removes those no schema asks for any more."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sources()
    for path in folder.glob("*.java"):
        if path.read_text().startswith(_MARK) and path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text)
    say(f"{len(wanted)} files in {folder}")


if __name__ == "__main__":
    write()
