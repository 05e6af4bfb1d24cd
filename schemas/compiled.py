"""Turns a schema into two Python functions, one that writes its Avro body and one that reads it.

Why not fastavro for these: it interprets the schema anew for every record and checks a nullable record twice.
Functions made once per schema, as `dataclasses` makes `__init__`, encode two to four times as fast and check every type
on the way, so that a wrong one never becomes wrong bytes. Reading what an older version wrote is fastavro's part.

Both take and give what `schemas.records` types: str, int, bytes, bool, float, list (or tuple), dict, None.
Only what this project's schemas use is supported: no fixed, no float, no union but ["null", T], no recursion.
"""

from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any

from schemas.avsc import Schema

Writer = Callable[[Mapping[str, Any]], bytes]
Reader = Callable[[bytes, int], tuple[dict[str, Any], int]]
"""(message, position) -> (record, position after it), which lies beyond the message when that is truncated."""


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


# Varints are put together from 14-bit pieces looked up here: a piece that ends the number, a piece that goes on.
_LAST = [_varint(n) for n in range(1 << 14)]
_MORE = [bytes((n & 0x7F | 0x80, n >> 7 | 0x80)) for n in range(1 << 14)]
_DOUBLE = Struct("<d")


def write_long(v: int) -> bytes:
    if type(v) is not int:
        raise TypeError
    n = v + v if v >= 0 else -v - v - 1
    if n < 1 << 14:
        return _LAST[n]
    if n < 1 << 42:  # times of this century in ms take 42 bits
        if n < 1 << 28:
            return _MORE[n & 0x3FFF] + _LAST[n >> 14]
        return _MORE[n & 0x3FFF] + _MORE[n >> 14 & 0x3FFF] + _LAST[n >> 28]
    if n >> 64:
        raise OverflowError
    return _varint(n)


def write_int(v: int) -> bytes:
    if type(v) is not int:
        raise TypeError
    n = v + v if v >= 0 else -v - v - 1
    if n >> 32:
        raise OverflowError
    return _LAST[n] if n < 1 << 14 else _varint(n)


def write_string(v: str) -> bytes:
    b = v.encode()
    n = len(b)
    return _LAST[n + n] + b if n < 1 << 13 else _varint(n + n) + b


def write_bytes(v: bytes) -> bytes:
    if type(v) is not bytes:
        raise TypeError
    return _varint(2 * len(v)) + v


def write_boolean(v: bool) -> bytes:
    if type(v) is not bool:
        raise TypeError
    return b"\x01" if v else b"\x00"


def write_double(v: float) -> bytes:
    if type(v) is not float and type(v) is not int:
        raise TypeError
    return _DOUBLE.pack(v)


def write_count(v: list[Any] | tuple[Any, ...]) -> bytes:
    if type(v) is not list and type(v) is not tuple:
        raise TypeError
    return write_long(len(v))


def read_long(d: bytes, p: int) -> tuple[int, int]:
    n = shift = 0
    while (byte := d[p]) > 0x7F:
        n |= (byte & 0x7F) << shift
        p += 1
        shift += 7
        if shift > 63:
            raise ValueError("a number of more than 10 bytes")
    n |= byte << shift
    if n >> 64:
        raise ValueError("a number of more than 64 bits")
    return n >> 1 ^ -(n & 1), p + 1


def read_int(d: bytes, p: int) -> tuple[int, int]:
    v, p = read_long(d, p)
    if not -(1 << 31) <= v < 1 << 31:
        raise ValueError(f"{v} where an int belongs")
    return v, p


def read_length(d: bytes, p: int) -> tuple[int, int]:
    """The length of a string or of bytes; checked here, so that no position ever runs far beyond the message."""
    n, p = read_long(d, p)
    if not 0 <= n <= len(d) - p:
        raise ValueError(f"a length of {n} with {len(d) - p} bytes left")
    return n, p


def read_count(d: bytes, p: int) -> tuple[int, int]:
    """How many items the next block of an array or map has; a negative count is followed by the block's size."""
    n, p = read_long(d, p)
    return (n, p) if n >= 0 else (-n, read_long(d, p)[1])


def compile_writer(schema: Schema) -> Writer:
    """A function from a record to its Avro body. It raises some Exception, no more telling, for a wrong record."""
    writer: Writer = _WriterSource().function(schema)
    return writer


def compile_reader(schema: Schema) -> Reader:
    """A function that reads a record. It raises some Exception for a corrupt body; trailing bytes are the caller's."""
    reader: Reader = _ReaderSource().function(schema)
    return reader


class _Source:
    """Python source of one function per record, array and map of a schema; subclasses write their bodies."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.scope: dict[str, Any] = dict(globals())
        self.records: set[str] = set()

    def function(self, schema: Schema) -> Any:
        self.record(schema)
        exec("\n".join(self.lines), self.scope)  # made of this package's own schemas, never of a message's content
        return self.scope[schema["name"]]

    def add(self, name: str, body: list[str], parameters: str) -> None:
        self.lines += [f"def {name}({parameters}):", *(f" {line}" for line in body)]

    def unique(self, stem: str) -> str:
        self.scope[name := f"{stem}{len(self.scope)}"] = None
        return name

    def record(self, schema: Schema) -> str:
        raise NotImplementedError

    def reference(self, node: Schema | str) -> str:
        """The name of the function for a record: defined now, or the first time it was mentioned."""
        if isinstance(node, str) and node in self.records:
            return node
        if isinstance(node, dict) and node["type"] == "record":
            self.records.add(node["name"])
            return self.record(node)
        raise ValueError(f"the schemas of this project don't use {node}")


class _WriterSource(_Source):
    def record(self, schema: Schema) -> str:
        fields = ", ".join(self.expression(field["type"], f"r[{field['name']!r}]") for field in schema["fields"])
        check = f"if len(r) != {len(schema['fields'])}: raise KeyError"
        self.add(schema["name"], [check, f"return b''.join([{fields}])"], "r")
        return str(schema["name"])

    def expression(self, node: Any, value: str) -> str:
        """A Python expression that gives the bytes of `value`."""
        match node:
            case "string" | "long" | "int" | "bytes" | "boolean" | "double":
                return f"write_{node}({value})"
            case ["null", branch]:
                return f"(b'\\0' if (v := {value}) is None else b'\\2' + {self.expression(branch, 'v')})"
            case {"type": "enum", "symbols": symbols}:
                self.scope[name := self.unique("enum")] = {symbol: _LAST[2 * i] for i, symbol in enumerate(symbols)}
                return f"{name}[{value}]"
            case {"type": "array", "items": items}:
                each = f"*[{self.expression(items, 'e')} for e in a]"
                body = ["n = write_count(a)", f"return b''.join([n, {each}, b'\\0']) if a else n"]
                self.add(name := self.unique("array"), body, "a")
                return f"{name}({value})"
            case {"type": "map", "values": values}:
                each = f"*[write_string(k) + {self.expression(values, 'e')} for k, e in items]"
                body = ["items = m.items()", f"return b''.join([write_long(len(m)), {each}, b'\\0']) if m else b'\\0'"]
                self.add(name := self.unique("map"), body, "m")
                return f"{name}({value})"
        return f"{self.reference(node)}({value})"


class _ReaderSource(_Source):
    def record(self, schema: Schema) -> str:
        fields = [(field["name"], f"f{i}", field["type"]) for i, field in enumerate(schema["fields"])]
        body = [line for _, variable, node in fields for line in self.statements(node, variable)]
        items = ", ".join(f"{name!r}: {variable}" for name, variable, _ in fields)
        self.add(schema["name"], [*body, f"return {{{items}}}, p"], "d, p")
        return str(schema["name"])

    def statements(self, node: Any, v: str) -> list[str]:
        """Python statements that read a value at position p of the message d into variable `v` and move p behind it."""
        match node:
            case "long" | "int":
                one_byte = f"if ({v} := d[p]) < 0x80: {v} = {v} >> 1 ^ -({v} & 1); p += 1"
                return [one_byte, f"else: {v}, p = read_{node}(d, p)"]
            case "string" | "bytes":
                # 0x81: the length goes on in the next byte, or is negative.
                length = ["if (n := d[p]) & 0x81: n, p = read_length(d, p)", "else: n >>= 1; p += 1"]
                return [*length, f"{v} = d[p:p + n]{'.decode()' if node == 'string' else ''}; p += n"]
            case "boolean":
                return [f"{v} = (False, True)[d[p]]; p += 1"]
            case "double":
                return [f"{v}, = _DOUBLE.unpack_from(d, p); p += 8"]
            case ["null", branch]:
                some = [f" {line}" for line in self.statements(branch, v)]
                bad = "else: raise ValueError(f'no branch {n >> 1} in a union')"
                return ["n = d[p]; p += 1", f"if n == 0: {v} = None", "elif n == 2:", *some, bad]
            case {"type": "enum", "symbols": symbols}:
                self.scope[name := self.unique("enum")] = {2 * i: symbol for i, symbol in enumerate(symbols)}
                return [f"{v} = {name}[d[p]]; p += 1"]
            case {"type": "array", "items": items}:
                return self.blocks(v, "[]", [*self.statements(items, "e"), "a.append(e)"])
            case {"type": "map", "values": values}:
                return self.blocks(
                    v, "{}", [*self.statements("string", "k"), *self.statements(values, "e"), "a[k] = e"]
                )
        return [f"{v}, p = {self.reference(node)}(d, p)"]

    def blocks(self, v: str, empty: str, item: list[str]) -> list[str]:
        loop = [" c, p = read_count(d, p)", " if c == 0: return a, p", " for _ in range(c):", *(f"  {s}" for s in item)]
        self.add(name := self.unique("blocks"), [f"a = {empty}", "while True:", *loop], "d, p")
        return [f"if d[p]: {v}, p = {name}(d, p)", f"else: {v} = {empty}; p += 1"]
