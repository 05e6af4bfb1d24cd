"""Records to bytes and back: the only place that knows the wire format.

    Avro single-object encoding     C3 01, CRC-64-AVRO fingerprint of the writer's schema (8 bytes, little-endian), body
    Confluent wire format           00, id of the writer's schema in the registry (4 bytes, big-endian), body
    state                           4D, CRC-64-AVRO fingerprint (8 bytes, little-endian), the record as a MessagePack map

The second is written when a schema registry is configured; then both are read, so that a running system can move over.
The third is for the values of tables, which nobody else reads: an order's state is written in a tenth of the time. Its schema is
the same `.avsc`, and a value of an older version becomes one of the present by Avro's own rules.
What may go wrong stands in ``schemas/errors.py``.

Avro bodies of the present schemas are written and read by functions generated from them (``avro_bodies.py``), twice as fast as
fastavro. What these refuse goes to fastavro, which takes it after all or names the fault; older versions are fastavro's alone.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import msgspec
from fastavro import parse_schema, schemaless_reader, schemaless_writer

from schemas.avro_bodies import BODIES
from schemas.avro_parts import Read, Write, refuse
from schemas.avsc import NAMESPACE, Schema, fingerprint, load, released
from schemas.errors import CodecError, CorruptBody, InvalidRecord, NotAvro, RegistryUnavailable, UnknownFingerprint
from schemas.faults import find_fault

#: Whoever encodes and decodes finds here what may come of it, too.
__all__ = [
    "CODEC",
    "CONFLUENT",
    "SINGLE_OBJECT",
    "STATE",
    "Codec",
    "CodecError",
    "CorruptBody",
    "InvalidRecord",
    "NotAvro",
    "Reader",
    "RegistryUnavailable",
    "UnknownFingerprint",
]

SINGLE_OBJECT = b"\xc3\x01"
CONFLUENT = b"\x00"
STATE = b"\x4d"

#: Reads a record from where the stream stands.
Reader = Callable[[BytesIO], Any]

_STATE_HEADER_BYTES = 9
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class _Writer(NamedTuple):
    header: bytes
    write: Write
    #: As fastavro wants it.
    schema: Any


class _Reader(NamedTuple):
    name: str
    read: Read
    by_fastavro: Reader


class Codec:
    """Encodes with the current schemas; decodes every version ever released into the current one.

    With `registry_url` it writes Confluent's wire format: each schema is registered when first used, under the record's
    full name (`penstock.Reserve`), because one topic carries several records. That call blocks, once per schema.
    """

    def __init__(self, registry_url: str | None = None) -> None:
        self._schemas = load()
        self._writers: dict[str, _Writer] = {}
        self._readers: dict[bytes, _Reader] = {}
        self._state_writers: dict[str, tuple[bytes, frozenset[str]]] = {}
        self._state_readers: dict[bytes, tuple[str, Schema | None]] = {}
        older = released()
        for name, schema in self._schemas.items():
            current = SINGLE_OBJECT + fingerprint(schema)
            self._writers[name] = _writer(current, schema)
            self._readers[current] = self._reader(name, schema)
            state = STATE + fingerprint(schema)
            self._state_writers[name] = state, frozenset(field["name"] for field in schema["fields"])
            self._state_readers[state] = name, None
            for version in older.get(name, []):
                header = SINGLE_OBJECT + fingerprint(version)
                if header != current:
                    self._readers[header] = self._reader(name, version)
                    self._state_readers[STATE + fingerprint(version)] = name, version
        self._registry = None
        if registry_url:
            from schemas.registry import Registry  # its packages are only needed with a registry

            self._registry, self._writers = Registry(registry_url), {}

    def encode(self, name: str, record: Mapping[str, Any]) -> bytes:
        """The message for a record of type `name`. Raises InvalidRecord, and RegistryUnavailable with a registry.

        fastavro lets some wrong types pass (2.0 or True for an int, 2**31 for a 32-bit one): the type checker holds the
        code to the right ones, and intake holds the payloads to them.
        """
        try:
            header, write, schema = self._writers[name]
        except KeyError:
            header, write, schema = self._register(name)
        try:
            return header + write(record)
        except Exception:
            # Not for these functions to say whether it is right.
            message = BytesIO(header)
            message.seek(len(header))
        try:
            schemaless_writer(message, schema, record, strict=True)
        except Exception as error:
            raise InvalidRecord(find_fault(self._schemas[name], record) or f"{name}: {error!r}") from error
        return message.getvalue()

    def encode_state(self, name: str, record: Mapping[str, Any]) -> bytes:
        """A table's value: a record of type `name` for this system alone. Raises InvalidRecord.

        All fields must be there and no other; their types are the type checker's to hold, as with `encode`.
        """
        header, fields = self._state_writers[name]
        if record.keys() != fields:
            raise InvalidRecord(find_fault(self._schemas[name], record) or f"{name}: not its fields")
        try:
            return header + _pack(record)
        except (TypeError, OverflowError) as error:
            raise InvalidRecord(find_fault(self._schemas[name], record) or f"{name}: {error!r}") from error

    def decode(self, message: bytes) -> tuple[str, dict[str, Any]]:
        """(record name, record) of a message or of a table's value.

        Raises a CodecError, and RegistryUnavailable with a registry.
        """
        if not message:
            raise NotAvro("an empty message")
        if message[0] == STATE[0]:
            return self._decode_state(message)
        header = message[:10] if message[0] == 0xC3 else message[:5]
        try:
            name, read, by_fastavro = self._readers[header]
        except KeyError:
            name, read, by_fastavro = self._look_up(header)
        try:
            record, end = read(message, len(header))
            if end == len(message):
                return name, record
        except Exception:
            pass  # as in `encode`
        stream = BytesIO(message)
        stream.seek(len(header))
        try:
            record = by_fastavro(stream)
        except Exception as error:
            raise CorruptBody(f"{name} of {len(message)} bytes: {_reason(error)}") from error
        if stream.tell() != len(message):
            raise CorruptBody(f"{name} of {len(message)} bytes: {len(message) - stream.tell()} bytes after its end")
        return name, record

    def name_of(self, message: bytes) -> str:
        """What record a message is of, by its header alone. Raises as `decode`."""
        header = message[:10] if message[:1] == SINGLE_OBJECT[:1] else message[:5]
        return (self._readers.get(header) or self._look_up(header)).name

    def _decode_state(self, value: bytes) -> tuple[str, dict[str, Any]]:
        try:
            name, older = self._state_readers[value[:_STATE_HEADER_BYTES]]
        except KeyError:
            written = value[1:_STATE_HEADER_BYTES].hex()
            raise UnknownFingerprint(f"no released schema has the fingerprint {written}") from None
        try:
            record = _unpack(value[_STATE_HEADER_BYTES:])
            if older is not None:
                record = self._upgraded(name, older, record)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise CorruptBody(f"{name} of {len(value)} bytes: {_reason(error)}") from error
        if not isinstance(record, dict) or record.keys() != self._state_writers[name][1]:
            raise CorruptBody(f"{name} of {len(value)} bytes: not the fields of its schema")
        return name, record

    def _upgraded(self, name: str, older: Schema, record: Any) -> Any:
        """A record of an older version, read as Avro reads what that version wrote."""
        body = BytesIO()
        schemaless_writer(body, parse_schema(older), record, strict=True)
        body.seek(0)
        return self._reader(name, older).by_fastavro(body)

    def _reader(self, name: str, written: Schema) -> _Reader:
        """Reads what `written` wrote into the current schema of `name`."""
        current = self._schemas[name]
        same = fingerprint(written) == fingerprint(current)
        writer_schema, reader_schema = parse_schema(written), None if same else parse_schema(current)
        by_fastavro = partial(schemaless_reader, writer_schema=writer_schema, reader_schema=reader_schema)
        return _Reader(name, _body(written)[1] if same else refuse, by_fastavro)

    def _register(self, name: str) -> _Writer:
        if name not in self._schemas:
            raise InvalidRecord(f"there is no record type {name!r}")
        assert self._registry  # without one every writer is known from the start
        schema = self._schemas[name]
        schema_id = self._registry.register(f"{NAMESPACE}.{name}", schema)
        self._writers[name] = _writer(CONFLUENT + schema_id.to_bytes(4, "big"), schema)
        return self._writers[name]

    def _look_up(self, header: bytes) -> _Reader:
        """The reader for a header met for the first time: only a registry can know it."""
        if header.startswith(SINGLE_OBJECT) and len(header) == 10:
            raise UnknownFingerprint(f"no released schema has the fingerprint {header[2:].hex()}")
        if not header.startswith(CONFLUENT) or len(header) < 5:
            raise NotAvro(f"starts with {header[:5].hex(' ')}: neither single-object encoding nor Confluent's format")
        if not self._registry:
            raise NotAvro("in Confluent's wire format, but no schema registry is configured")
        schema_id = int.from_bytes(header[1:], "big")
        schema = self._registry.schema(schema_id)
        full_name = f"{schema.get('namespace')}.{schema.get('name')}"
        name = full_name.removeprefix(f"{NAMESPACE}.")
        if name not in self._schemas:
            raise UnknownFingerprint(f"schema {schema_id} of the registry is {full_name}, no record of this project")
        self._readers[header] = self._reader(name, schema)
        return self._readers[header]


def _body(schema: Schema) -> tuple[Write, Read]:
    """What was generated for this very version; what stands in tables alone has none."""
    return BODIES.get(fingerprint(schema), (refuse, refuse))


def _writer(header: bytes, schema: Schema) -> _Writer:
    return _Writer(header, _body(schema)[0], parse_schema(schema))


def _reason(error: Exception) -> str:
    match error:
        case IndexError() | EOFError():
            return "it ends too early, or an index is out of range"
        case KeyError():
            return f"no symbol has the index {error}"
        case UnicodeDecodeError():
            return f"a string is not UTF-8 ({error.reason})"  # not the string itself: it may be personal
    return str(error) or repr(error)


#: What the whole program encodes and decodes with; PENSTOCK_REGISTRY is the URL of a schema registry, if there is one.
CODEC = Codec(os.environ.get("PENSTOCK_REGISTRY") or None)
