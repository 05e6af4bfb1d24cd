"""Every version ever released: its message still reads, its bytes never change, versions read each other."""

import json
import shutil
from collections.abc import Iterator
from io import BytesIO, StringIO
from itertools import permutations
from pathlib import Path
from typing import Any

import avro.schema
import fastavro
import msgspec
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from fastavro import parse_schema, schemaless_writer

from schemas import avsc, codec, generate
from schemas.avsc import GOLDEN, HERE, fingerprint, load, named_types, released
from schemas.codec import CODEC, Codec, CorruptBody

SCHEMAS, RELEASED = load(), released()
VERSIONS = sorted(path.stem for path in GOLDEN.glob("*.avsc"))


def golden(stem: str) -> tuple[str, dict[str, Any], dict[str, Any], bytes]:
    """(record name, schema, example record, message) of one released version."""
    schema = json.loads((GOLDEN / f"{stem}.avsc").read_text("utf-8"))
    [record] = fastavro.json_reader(StringIO((GOLDEN / f"{stem}.json").read_text("utf-8").replace("\n", "")), schema)
    assert isinstance(record, dict)
    return stem.rpartition(".v")[0], schema, record, (GOLDEN / f"{stem}.bin").read_bytes()


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_current_schema_is_released(name: str) -> None:
    known = [fingerprint(version) for version in RELEASED.get(name, [])]
    assert fingerprint(SCHEMAS[name]) in known, f"{name} changed: python -m schemas.generate --golden {name}"


@pytest.mark.parametrize("stem", VERSIONS)
def test_its_integers_are_integers_to_programs_whose_numbers_are_doubles(stem: str) -> None:
    def integers(value: object) -> Iterator[int]:
        if isinstance(value, (dict, list)):
            for each in value.values() if isinstance(value, dict) else value:
                yield from integers(each)
        elif isinstance(value, int):
            yield value

    assert all(abs(each) < (1 << 53) - 1 for each in integers(golden(stem)[2]))


@pytest.mark.parametrize("stem", VERSIONS)
def test_a_golden_message_has_exactly_these_bytes_and_values(stem: str) -> None:
    name, schema, record, message = golden(stem)
    body = BytesIO()
    schemaless_writer(body, parse_schema(schema), record)
    assert message == b"\xc3\x01" + fingerprint(schema) + body.getvalue()
    read_name, read = CODEC.decode(message)
    assert read_name == name
    if fingerprint(schema) == fingerprint(SCHEMAS[name]):
        assert read == record
        assert CODEC.encode(name, record) == message
    assert CODEC.decode(CODEC.encode(name, read)) == (name, read)


@pytest.mark.parametrize("stem", VERSIONS)
def test_a_tables_value_of_any_version_reads_as_its_message_does(stem: str) -> None:
    _, schema, record, message = golden(stem)
    value = b"M" + fingerprint(schema) + msgspec.msgpack.encode(record)
    assert CODEC.decode(value) == CODEC.decode(message)


def test_a_tables_value_of_an_older_version_is_read_by_avros_rules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A version that lacked a field which has a default now.
    current = SCHEMAS["Reservation"]
    older = {**current, "fields": [field for field in current["fields"] if field["name"] != "expires_at_ms"]}
    (tmp_path / "Reservation.v0.avsc").write_text(json.dumps(older))
    monkeypatch.setattr(codec, "released", lambda: avsc.released(tmp_path))
    _, _, record, _ = golden("Reservation.v2")
    was = {name: value for name, value in record.items() if name != "expires_at_ms"}
    value = b"M" + fingerprint(older) + msgspec.msgpack.encode(was)
    assert Codec().decode(value) == ("Reservation", {**was, "expires_at_ms": None})
    with pytest.raises(CorruptBody):
        Codec().decode(value[:9] + msgspec.msgpack.encode({"sku": "S"}))


@pytest.mark.parametrize("stem", VERSIONS)
def test_a_golden_message_cut_anywhere_or_prolonged_is_corrupt(stem: str) -> None:
    message = golden(stem)[3]
    for damaged in (*(message[:cut] for cut in range(10, len(message))), message + b"\x00"):
        with pytest.raises(CorruptBody):
            CODEC.decode(damaged)


@pytest.mark.parametrize("name", SCHEMAS)
def test_all_versions_read_each_other(name: str) -> None:
    versions = [avro.schema.parse(json.dumps(schema)) for schema in (*RELEASED.get(name, []), SCHEMAS[name])]
    for (older, reader), (newer, writer) in permutations(enumerate(versions), 2):
        checker: Any = ReaderWriterCompatibilityChecker  # untyped package
        result = checker().get_compatibility(reader, writer)
        if older < newer and result.messages:
            # An earlier version without a default symbol can't read a symbol that came later: it must be upgraded first.
            later = ("ELSEWHERE", "HOLD", "APPROVE")
            assert all(any(each in message for each in later) for message in result.messages), result.messages
        else:
            assert result.compatibility is SchemaCompatibilityType.compatible, result.messages


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_type_and_field_is_documented(name: str) -> None:
    for node in named_types(SCHEMAS[name]):
        assert len(node.get("doc", "")) > 10, node["name"]
        for field in node.get("fields", []):
            assert len(field.get("doc", "")) > 5, f"{node['name']}.{field['name']}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_names_tell_the_unit_and_nullable_fields_default_to_null(name: str) -> None:
    for node in named_types(SCHEMAS[name]):
        for field in node.get("fields", []):
            kind = field["type"]
            if isinstance(kind, list):
                assert kind[0] == "null" and field["default"] is None, field
            if "ms since the epoch" in field["doc"] and field["name"] not in ("version", "order_version"):
                assert field["name"].endswith("_ms"), field
            if "minor units" in field["doc"]:
                assert field["name"].endswith("_minor"), field


def test_what_is_generated_is_what_the_schemas_say() -> None:
    assert generate.main(["--check"]) == 0


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the schemas in which Seen has one more field; the codec and the generator work on it."""
    shutil.copytree(GOLDEN, tmp_path / "golden")
    shutil.copytree(HERE / "types", tmp_path / "types")
    for path in HERE.glob("*.avsc"):
        shutil.copy(path, tmp_path)
    seen = json.loads((tmp_path / "Seen.avsc").read_text("utf-8"))
    seen["fields"].append({"name": "note", "type": "string", "default": "none", "doc": "A field of the next release."})
    (tmp_path / "Seen.avsc").write_text(json.dumps(seen), "utf-8")
    for module in (codec, generate):
        monkeypatch.setattr(module, "load", lambda: avsc.load(tmp_path))
    monkeypatch.setattr(codec, "released", lambda: avsc.released(tmp_path / "golden"))
    return tmp_path / "golden"


def test_what_an_older_version_wrote_reads_as_the_current_one(next_release: Path) -> None:
    _, _, record, message = golden("Seen.v3")
    assert Codec().decode(message) == ("Seen", {**record, "note": "none"})


@pytest.mark.parametrize("cut", range(10, 30))
def test_a_damaged_message_of_an_older_version_is_corrupt(next_release: Path, cut: int) -> None:
    message = golden("Seen.v3")[3]
    for damaged in (
        message[:cut],
        message + b"\x00",
        message[:cut] + b"\xff" * 12,
        message[:cut] + b"\xfe" * 8 + b"\x01",
    ):
        with pytest.raises(CorruptBody):
            Codec().decode(damaged)


def test_a_new_version_is_added_once_and_nothing_is_overwritten(next_release: Path) -> None:
    before = {path.name: path.read_bytes() for path in next_release.iterdir()}
    generate.release("Seen", folder=next_release)
    with pytest.raises(ValueError, match="released already"):
        generate.release("Seen", folder=next_release)
    after = {path.name: path.read_bytes() for path in next_release.iterdir()}
    assert after.keys() - before.keys() == {"Seen.v4.avsc", "Seen.v4.bin", "Seen.v4.json"}
    assert {name: after[name] for name in before} == before
    assert Codec().decode(after["Seen.v4.bin"])[1]["note"] == "none"


def test_a_first_version_needs_an_example(next_release: Path) -> None:
    for version in next_release.glob("Stock.v*.avsc"):
        version.unlink()
    with pytest.raises(ValueError, match="--values"):
        generate.release("Stock", folder=next_release)


def test_a_file_must_be_named_as_its_record(tmp_path: Path) -> None:
    (tmp_path / "types").mkdir()
    shutil.copy(HERE / "Seen.avsc", tmp_path / "Sean.avsc")
    with pytest.raises(ValueError, match=r"penstock\.Sean"):
        load(tmp_path)


def test_each_schema_stands_alone() -> None:
    for schema in SCHEMAS.values():
        fastavro.parse_schema(schema, named_schemas={})  # an unresolved name would raise
