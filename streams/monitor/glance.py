"""Reads a few fields of a record and skips the others: a decision's trace is most of its bytes, and nobody here looks at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from io import BytesIO
from typing import Any

from fastavro import parse_schema, schemaless_reader

from schemas.avsc import fingerprint, load, released
from schemas.codec import CODEC, SINGLE_OBJECT, CorruptBody, Reader

_HEADER_BYTES = 10


class Glance:
    """Knows the records it was made for, in every version ever released; all else is read whole by the codec."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        """``fields``: record name -> the fields to read, ``a.b`` within another; none: its name is all there is to know."""
        self._readers: dict[bytes, tuple[str, Reader | None]] = {}
        schemas, older = load(), released()
        for name, wanted in fields.items():
            narrow = _narrow(schemas[name], wanted)
            for written in (*older.get(name, ()), schemas[name]):
                read = partial(
                    schemaless_reader, writer_schema=parse_schema(written), reader_schema=parse_schema(narrow)
                )
                self._readers[SINGLE_OBJECT + fingerprint(written)] = name, read if wanted else None

    def read(self, message: bytes) -> tuple[str, Mapping[str, Any]]:
        """(record name, the wanted fields at least).

        Raises a CodecError, and RegistryUnavailable with a registry.
        """
        name, read = self._readers.get(message[:_HEADER_BYTES], ("", None))
        if not name:
            return CODEC.decode(message)
        if read is None:
            return name, {}
        body = BytesIO(message)
        body.seek(_HEADER_BYTES)
        try:
            return name, read(body)
        except Exception as error:
            # Its text may quote the record.
            raise CorruptBody(f"{name} of {len(message)} bytes: {type(error).__name__}") from error


def _narrow(schema: Any, wanted: Sequence[str]) -> Any:
    """What a record's schema leaves of it, or that of an array's items. Raises ValueError: there is no such field."""
    if schema["type"] == "array":
        return {**schema, "items": _narrow(schema["items"], wanted)}
    within: dict[str, list[str]] = {}
    for path in wanted:
        name, _, rest = path.partition(".")
        within.setdefault(name, []).append(rest)
    fields = [
        {**field, "type": _narrow(field["type"], rests)} if all(rests) else field
        for field in schema["fields"]
        if (rests := within.get(field["name"]))
    ]
    if len(fields) != len(within):
        raise ValueError(f"{schema['name']} has no such fields: {wanted}")
    return {**schema, "fields": fields}
