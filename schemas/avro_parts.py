"""Parts of Avro bodies: what the functions in ``avro_bodies.py`` are made of, after Avro 1.12's binary encoding.

They write and read what this project writes, to the bit as fastavro does, and refuse everything else by any exception that comes first:
a ``Refused``, or the KeyError, IndexError or AttributeError of an ordinary line. The codec then gives the whole record to fastavro,
which takes it after all or names the fault. So a part may refuse what is right, and must never take what is wrong.

A reader gets the message and where to start, and returns the value and where it ends. That is checked once, at the end of the record:
what goes on behind the message's end cannot come back, for no part steps backwards.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any, NoReturn


class Refused(Exception):
    """Not what these parts are for."""


def refuse(*_: object) -> NoReturn:
    """For a record that has no function of its own."""
    raise Refused


Write = Callable[[Any], bytes]
Read = Callable[[bytes, int], tuple[Any, int]]

#: Numbers of 14 bits as Avro's variable-length ones: alone or as the end of a longer one, and as a part that others follow.
_END = tuple(bytes((n,)) if n < 128 else bytes((n & 127 | 128, n >> 7)) for n in range(1 << 14))
_PART = tuple(bytes((n & 127 | 128, n >> 7 | 128)) for n in range(1 << 14))
_LOW = (1 << 14) - 1

#: How a text, an array or a map of so many bytes or items begins; longer ones are refused.
SIZE = _END[::2]
NULL, SOME, END = b"\x00", b"\x02", b"\x00"
#: Whether a value follows, by the byte that says so.
FOLLOWS = {0: False, 2: True}
#: A size or an int for which the first byte has no room, or one below zero: a bit of these is set.
NOT_SMALL = 0b1000_0001

_double = Struct("<d")


def write_text(value: Any) -> bytes:
    raw: bytes = value.encode()
    return SIZE[len(raw)] + raw


def write_bytes(value: Any) -> bytes:
    if type(value) is not bytes:
        raise Refused
    return write_long(len(value)) + value


def write_long(value: Any) -> bytes:
    if type(value) is not int:  # True is 1 to Python, and no long to fastavro where it may be null
        raise Refused
    zigzag = value << 1 ^ value >> 63
    if zigzag < 1 << 14:
        return _END[zigzag]
    if zigzag >> 28 and zigzag < 1 << 42:  # a time in ms
        return _PART[zigzag & _LOW] + _PART[zigzag >> 14 & _LOW] + _END[zigzag >> 28]
    if zigzag >> 64:
        raise Refused
    return _varint(zigzag)


def _varint(number: int) -> bytes:
    return _END[number] if number < 1 << 14 else _PART[number & _LOW] + _varint(number >> 14)


def write_int(value: Any) -> bytes:
    if type(value) is int and 0 <= value < len(SIZE):
        return SIZE[value]
    if not -(1 << 31) <= value < 1 << 31:
        raise Refused
    return write_long(value)


def write_boolean(value: Any) -> bytes:
    if value is True:
        return b"\x01"
    if value is False:
        return b"\x00"
    raise Refused


def write_double(value: Any) -> bytes:
    if type(value) is not float:
        raise Refused
    return _double.pack(value)


def write_array(value: Any, write: Write) -> bytes:
    if type(value) is not list and type(value) is not tuple:
        raise Refused
    return b"".join((SIZE[len(value)], *map(write, value), END)) if value else END


def write_map(value: Any, write: Write) -> bytes:
    if type(value) is not dict:
        raise Refused
    if not value:
        return END
    return b"".join((SIZE[len(value)], *[write_text(key) + write(item) for key, item in value.items()], END))


def read_long(message: bytes, at: int) -> tuple[int, int]:
    byte = message[at]
    at += 1
    zigzag = byte & 127
    shift = 7
    while byte > 127:
        byte = message[at]
        at += 1
        zigzag |= (byte & 127) << shift
        shift += 7
    if zigzag >> 64:
        raise Refused
    return zigzag >> 1 ^ -(zigzag & 1), at


def read_text(message: bytes, at: int) -> tuple[str, int]:
    size = message[at]
    if size & NOT_SMALL:
        size, at = _size(message, at)
        return message[at : at + size].decode(), at + size
    end = at + 1 + (size >> 1)
    return message[at + 1 : end].decode(), end


def read_bytes(message: bytes, at: int) -> tuple[bytes, int]:
    size, at = _size(message, at)
    return message[at : at + size], at + size


def read_boolean(message: bytes, at: int) -> tuple[bool, int]:
    return (False, True)[message[at]], at + 1


def read_double(message: bytes, at: int) -> tuple[float, int]:
    number: float = _double.unpack_from(message, at)[0]
    return number, at + 8


def read_array(message: bytes, at: int, read: Read) -> tuple[list[Any], int]:
    count, at = _size(message, at)
    items = []
    for _ in range(count):
        item, at = read(message, at)
        items.append(item)
    return items, _last_block(message, at) if count else at


def read_map(message: bytes, at: int, read: Read) -> tuple[dict[str, Any], int]:
    count, at = _size(message, at)
    items = {}
    for _ in range(count):
        key, at = read_text(message, at)
        items[key], at = read(message, at)
    return items, _last_block(message, at) if count else at


def _size(message: bytes, at: int) -> tuple[int, int]:
    """Of a text, or how many items a block has; one below zero tells of a block that can be skipped, which only others write."""
    size = message[at]
    if not size & NOT_SMALL:
        return size >> 1, at + 1
    more = message[at + 1]
    if more < 128 and not size & 1:
        return (size & 127 | more << 7) >> 1, at + 2
    size, at = read_long(message, at)
    if size < 0:
        raise Refused
    return size, at


def _last_block(message: bytes, at: int) -> int:
    """Only others write several."""
    if message[at]:
        raise Refused
    return at + 1
