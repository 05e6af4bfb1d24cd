"""The generated functions against fastavro, which is the judge: the same bytes, values and refusals for all that can be thought of.

``divergence`` looks at one type of record; faults planted into the generated code and its parts show that it would see them.
"""

from __future__ import annotations

import math
import random
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any

import fastavro
import pytest

from schemas import codec
from schemas.avro_bodies import BODIES
from schemas.avsc import GOLDEN, HERE, fingerprint, load, named_types
from schemas.codec import Codec, CodecError
from schemas.topics import TOPICS

SCHEMAS = load()
MESSAGES = sorted({name for topic in TOPICS.values() for name in topic.records})
#: No enum has more symbols: each is seen.
RECORDS_PER_TYPE = 8
#: Every length that needs another byte, and one that the generated code leaves to fastavro.
_LENGTHS = (*(0, 1, 2, 3) * 10, 31, 32, 63, 64, 700)
_BEYOND = 9_000
_LETTERS = "aZ0 \0é中文🚚"
_NUMBERS = {"int": 31, "long": 63}
_PLAIN = {
    "string": lambda r: "".join(r.choices(_LETTERS, k=r.choice(_LENGTHS))),
    "bytes": lambda r: r.randbytes(r.choice((*_LENGTHS, _BEYOND))),
    "boolean": lambda r: r.random() < 0.5,
    "double": lambda r: r.choice((0.0, -0.0, 1.5, math.inf, -math.inf, math.nan, 5e-324, r.uniform(-1e9, 1e9))),
}
#: What is wrong somewhere, or right though it is none of the usual types.
_ODD = (
    None,
    True,
    0,
    1,
    -1,
    2.0,
    1.5,
    math.nan,
    "",
    "PAID",
    "1",
    "\ud800",
    b"",
    b"PAID",
    bytearray(b"x"),
    [],
    (),
    [1],
    ["a"],
    {},
)
_ODD += (
    {"a": "b"},
    {1: "b"},
    {"a": None},
    types.MappingProxyType({"a": "b"}),
    2**31 - 1,
    2**31,
    -(2**31) - 1,
    2**62,
    2**63 - 1,
)
_ODD += (2**63, -(2**63), -(2**63) - 1, 2**64, 2**65, 2**200, -(2**200), "x" * _BEYOND, "中" * _BEYOND)


def made(node: Any, r: random.Random, named: Mapping[str, Any], turn: int) -> Any:
    """Any value of a type: the ``turn``-th symbol of an enum, a number near a power of two, where an encoding changes."""
    match node:
        case str() if node in named:
            return made(named[node], r, named, turn)
        case "int" | "long":
            bits = _NUMBERS[node]
            near = r.choice((1, -1)) * (1 << r.randint(0, bits)) + r.randint(-2, 1)
            return max(-(1 << bits), min((1 << bits) - 1, near))
        case str():
            return _PLAIN[node](r)
        case ["null", branch]:
            return made(branch, r, named, turn) if r.random() < 0.7 else None
        case {"type": "enum", "symbols": symbols}:
            return symbols[turn % len(symbols)]
        case {"type": "array", "items": items}:
            return [made(items, r, named, turn) for _ in range(r.choice((0, 1, 3)))]
        case {"type": "map", "values": values}:
            return {_PLAIN["string"](r): made(values, r, named, turn) for _ in range(r.choice((0, 1, 3)))}
    return {field["name"]: made(field["type"], r, named, turn) for field in node["fields"]}


def changed(value: Any, r: random.Random) -> Any:
    """The value with one thing in it, however deep, replaced, missing, too many, or of another type that holds the same."""
    if isinstance(value, dict) and value and r.random() < 0.85:
        key = r.choice(list(value))
        return {**value, key: changed(value[key], r)}
    if isinstance(value, list) and value and r.random() < 0.85:
        at = r.randrange(len(value))
        return [*value[:at], changed(value[at], r), *value[at + 1 :]]
    if isinstance(value, dict):
        fewer = dict(list(value.items())[1:])
        return r.choice(
            (fewer, {**value, "more": 1}, {**fewer, "more": 1}, types.MappingProxyType(value), list(value), None)
        )
    if isinstance(value, list):
        return r.choice((tuple(value), value * 70, deque(value), {"a": value}, "ab", None))
    return r.choice(_ODD)


def outcome(of: Callable[..., Any], *args: Any) -> str:
    """What came of it; a text tells True from 1, 1.0 from 1, -0.0 from 0.0 and one order of fields from another."""
    try:
        return repr(of(*args))
    except CodecError as error:
        return f"{type(error).__name__}: {error}"


def divergence(name: str, ours: Codec, judge: Codec, seed: int = 1) -> str | None:
    """The first difference between two codecs at records of this type, what is wrong with them, and their messages' damage."""
    r = random.Random(f"{name} {seed}")
    named = {node["name"]: node for node in named_types(SCHEMAS[name])}
    for turn in range(RECORDS_PER_TYPE):
        record = made(SCHEMAS[name], r, named, turn)
        message = judge.encode(name, record)
        for given in (record, *(changed(record, r) for _ in range(35)), {**record, "more": 1}, *_without_one(record)):
            if outcome(ours.encode, name, given) != outcome(judge.encode, name, given):
                return f"encode {given!r}"
        for damaged in (message, message + b"\0", *_cut(message, r), *_damaged(message, r)):
            if outcome(ours.decode, damaged) != outcome(judge.decode, damaged):
                return f"decode {damaged!r}"
    return None


def _without_one(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for field in record:
        yield {key: value for key, value in record.items() if key != field}


def _cut(message: bytes, r: random.Random) -> Iterator[bytes]:
    """At every length; of a long one, where it begins and ends and at some between."""
    lengths = range(10, len(message))
    return (message[:at] for at in lengths if not 50 < at < len(message) - 50 or r.random() < 100 / len(message))


def _damaged(message: bytes, r: random.Random) -> Iterator[bytes]:
    """One byte another, a few more or fewer, a number of 64 bits or of more."""
    for _ in range(16):
        at = r.randrange(10, len(message))
        for instead in (
            bytes((r.choice((0, 1, 2, 3, 4, 127, 128, 129, 255, r.randrange(256))),)),
            r.choice((b"", b"\x01\x00")),
            b"\xff" * r.randint(1, 12),
        ):
            yield message[:at] + instead + message[at + 1 :]
        yield message[:at] + b"\xfe" * 9 + r.choice((b"\x01", b"\x7f", b"\xfe\x01")) + message[at + 1 :]


@pytest.fixture(scope="module")
def by_fastavro() -> Codec:
    """A codec that has no generated functions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codec, "BODIES", {})
        return Codec()


@pytest.mark.parametrize("name", MESSAGES)
def test_bytes_values_and_refusals_are_fastavros(name: str, by_fastavro: Codec) -> None:
    assert divergence(name, codec.CODEC, by_fastavro) is None


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_right_is_not_left_to_fastavro(name: str) -> None:
    # Else it would be as slow as before, and nobody would notice.
    write, read = BODIES[fingerprint(SCHEMAS[name])]
    message = (GOLDEN / f"{_newest(name)}.bin").read_bytes()
    body = BytesIO(message)
    body.seek(10)
    record = fastavro.schemaless_reader(body, fastavro.parse_schema(SCHEMAS[name]), None)
    assert write(record) == message[10:]
    assert read(message, 10) == (record, len(message))


def _newest(name: str) -> str:
    versions = sorted(GOLDEN.glob(f"{name}.v*.avsc"), key=lambda path: int(path.stem.rpartition(".v")[2]))
    return versions[-1].stem


def test_what_was_generated_for_another_version_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever changes a schema and forgets to generate is slow, not wrong.
    fields = [
        *SCHEMAS["Duplicate"]["fields"],
        {"name": "note", "type": "string", "doc": "A field of the next version."},
    ]
    schemas = {**SCHEMAS, "Duplicate": {**SCHEMAS["Duplicate"], "fields": fields}}
    monkeypatch.setattr(codec, "load", lambda: schemas)
    _, record = codec.CODEC.decode((GOLDEN / f"{_newest('Duplicate')}.bin").read_bytes())
    with pytest.raises(codec.InvalidRecord, match="note is missing"):
        Codec().encode("Duplicate", record)
    assert Codec().decode(Codec().encode("Duplicate", {**record, "note": "n"}))[1]["note"] == "n"


#: Record that shows it, line as it is, line with the fault.
FAULTS = {
    "a field too many": ("Reserve", " or len(r) != 8", ""),
    "two fields confused": ("Reserved", '"sku": sku', '"sku": warehouse'),
    "another symbol": ("OrderStatusChanged", '"HELD": b"\\x02"', '"HELD": b"\\x04"'),
    "what is not null is anything": ("Reserve", "if FOLLOWS[message[at]]", "if message[at]"),
    "a long of 65 bits": (
        "Reserve",
        "    if zigzag >> 64:\n        raise Refused\n    return _varint",
        "    return _varint",
    ),
    "a long of 65 bits, read": (
        "Reserve",
        "    if zigzag >> 64:\n        raise Refused\n    return zigzag",
        "    return zigzag",
    ),
    "the sign from the wrong bit": ("Reserve", "value >> 63", "value >> 31"),
    "a size below zero in two bytes": ("ChannelEvent", "more < 128 and not size & 1", "more < 128"),
    "True for a number that may be null": ("Reserve", "type(value) is not int", "not isinstance(value, int)"),
    "anything for a yes or no": ("AfterSale", "if value is False:", "if not value:"),
    "a yes or no of any byte": ("HealthCheck", "(False, True)[message[at]]", "message[at] % 2 == 1"),
    "a text for a list": ("AllocationReleased", "type(value) is not list and type(value) is not tuple", "False"),
    "a size below zero": ("AllocationReleased", "if size < 0:", "if False:"),
    "another block": (
        "AllocationReleased",
        "if message[at]:\n        raise Refused\n    return at + 1",
        "return at + 1",
    ),
}


@pytest.mark.parametrize(("name", "right", "wrong"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_seen(
    name: str, right: str, wrong: str, monkeypatch: pytest.MonkeyPatch, by_fastavro: Codec
) -> None:
    assert divergence(name, _planted(monkeypatch, right, wrong), by_fastavro) is not None


def test_without_a_fault_there_is_nothing_to_see(monkeypatch: pytest.MonkeyPatch, by_fastavro: Codec) -> None:
    assert divergence("Reserve", _planted(monkeypatch, "Refused", "Refused"), by_fastavro) is None


def _planted(monkeypatch: pytest.MonkeyPatch, right: str, wrong: str) -> Codec:
    sources = {name: (HERE / f"{name}.py").read_text("utf-8") for name in ("avro_parts", "avro_bodies")}
    assert any(right in source for source in sources.values()), right
    planted: Any = None
    for name, source in sources.items():
        planted = types.ModuleType(f"schemas.{name}")
        monkeypatch.setitem(sys.modules, planted.__name__, planted)
        exec(compile(source.replace(right, wrong), name, "exec"), vars(planted))
    monkeypatch.setattr(codec, "BODIES", planted.BODIES)
    return Codec()
