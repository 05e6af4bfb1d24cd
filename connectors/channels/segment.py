"""A segment of the spool as bytes: records one behind the other, and what can be read of it when the disk has spoilt some of them.

    length of the body (4 bytes, big-endian), CRC-32 of the body (4 bytes), body: MessagePack [topic, key, value, headers]

The last one of a segment that was closed in good order has the number of its records as its body. The CRC is begun with the segment's
seed, a random number that stands in its name (``NNNNNNNN-SEED.spool``; what an older release wrote has none, which is 0): bytes that
somebody sends us, and that look like a record, are none.

Where a record doesn't hold, the next one that does is looked for, byte by byte: damage costs the records it lies in, and no other. One of
which the length alone is damaged is whole: it ends where the next begins.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from connectors.channels.base import Outgoing

_HEAD = struct.Struct(">II")
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Outgoing).decode
_count = msgspec.msgpack.Decoder(int).decode

#: How every body begins: four fields, the first of them a text.
_BODY = re.compile(rb"\x94[\xa0-\xbf\xd9]")


class Contents(NamedTuple):
    """What stands in a segment."""

    records: list[Outgoing]
    #: How many were written; None: it was not closed, so the last ones may never have been accepted.
    written: int | None
    #: (begin, end) of bytes that are no record.
    damaged: list[tuple[int, int]]
    #: They are what a crash leaves of the record that was being written.
    cut: bool

    @property
    def whole(self) -> bool:
        """Nothing is lost."""
        return not self.damaged and self.written in (None, len(self.records))


def framed(record: Outgoing, seed: int = 0) -> bytes:
    """A record as it stands in a segment."""
    return _framed(_pack(record), seed)


def closing(written: int, seed: int) -> bytes:
    """The end of a segment of so many records."""
    return _framed(_pack(written), seed)


def read(raw: bytes, seed: int) -> Contents:
    """All of a segment that can be read, in its order."""
    records: list[Outgoing] = []
    damaged: list[tuple[int, int]] = []
    written: int | None = None
    at = 0
    while at < len(raw):
        end = _end(raw, at)
        found = _held(raw, at, end, seed)
        if found is None:
            end = _next(raw, at + 1, seed)
            found = _held(raw, at, end, seed)
        if found is None:
            damaged.append((at, end))
        elif isinstance(found, int):
            written = found
        else:
            records.append(found)
        at = end
    cut = written is None and len(damaged) == 1 and damaged[0][1] == len(raw) and _cut_off(raw, damaged[0][0])
    return Contents(records, written, damaged, cut)


def _framed(body: bytes, seed: int) -> bytes:
    return _HEAD.pack(len(body), zlib.crc32(body, seed)) + body


def _end(raw: bytes, at: int) -> int:
    """Where the record that begins here ends, as its head says."""
    return at + _HEAD.size + int.from_bytes(raw[at : at + 4])


def _held(raw: bytes, at: int, end: int, seed: int) -> Outgoing | int | None:
    """What stands between the two, if its CRC holds; an int: the number of records."""
    begin = at + _HEAD.size
    if not begin < end <= len(raw):
        return None
    body = memoryview(raw)[begin:end]
    if zlib.crc32(body, seed) != _HEAD.unpack_from(raw, at)[1]:
        return None
    try:
        return _unpack(body) if _BODY.match(body) else _count(body)
    except msgspec.MsgspecError:
        return None


def _next(raw: bytes, at: int, seed: int) -> int:
    """Where the next record that holds begins, or the closing one; the segment's end when there is none."""
    for match in _BODY.finditer(raw, at + _HEAD.size):
        begin = match.start() - _HEAD.size
        if _held(raw, begin, _end(raw, begin), seed) is not None:
            return begin
    return next((begin for begin in _closing_ones(raw, at) if _held(raw, begin, len(raw), seed) is not None), len(raw))


def _closing_ones(raw: bytes, at: int) -> Sequence[int]:
    """Where a closing one may begin: a count has 1 to 9 bytes."""
    return range(max(at, len(raw) - _HEAD.size - 9), len(raw) - _HEAD.size)


def _cut_off(raw: bytes, at: int) -> bool:
    """Whether a write that was not finished may have left this: fewer bytes than there were to be, or zeros in their place."""
    return len(raw) - at < _HEAD.size or _end(raw, at) > len(raw) or raw[-1] == 0
