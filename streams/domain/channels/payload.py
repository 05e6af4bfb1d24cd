"""From payload bytes to one JSON object, or to the reason why not. Never raises.

    over 512 KiB                         payload_too_large   not even parsed
    not UTF-8, a byte order mark,        wrong_encoding      GBK is named when the bytes would be valid GBK
    half a surrogate pair
    not JSON, NaN, Infinity, numbers of  invalid_json
    thousands of digits, deep nesting
    JSON, but not an object              wrong_type
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from schemas.records import Reason

# A real order of 500 lines is below 400 KiB on every platform, and the review record that carries it must fit a Kafka message (1 MiB).
MAX_PAYLOAD_BYTES = 512 * 1024


class Decimals(str):
    """A JSON number with a fraction or an exponent, as the characters that were sent."""

    __slots__ = ()


def shown(value: object) -> str:
    """A value as a review shows it: short, on one line, with what cannot be printed escaped."""
    if isinstance(value, Mapping):
        return f"an object of {len(value)} fields"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        # Cut first: the value may be half a megabyte.
        text = str(value[:60]) if isinstance(value, Decimals) else repr(value[:60])
        return text if len(value) <= 60 else f"{text}..."
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a number of {value.bit_length()} bits"
    return str(value)


def read_object(payload: bytes) -> dict[str, Any] | Reason:
    """The JSON object of a payload, or the one reason why there is none."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        return _reason("payload_too_large", f"{len(payload)} bytes", f"at most {MAX_PAYLOAD_BYTES}: send one order per event")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        return _reason("wrong_encoding", f"byte {payload[error.start]:#04x} at {error.start}", f"send UTF-8{_guess(payload)}")
    if text.startswith("\ufeff"):
        return _reason("wrong_encoding", "byte order mark", "send UTF-8 without a byte order mark")
    try:
        doc = _decode(text)
        # An escaped half of a surrogate pair is valid JSON and no valid text: no encoder takes it.
        if "\\ud" in text or "\\uD" in text:
            json.dumps(doc, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return _reason("wrong_encoding", "half a surrogate pair", "send whole characters: \\ud83d\\ude00, or the character itself")
    except json.JSONDecodeError as error:
        return _reason("invalid_json", f"at character {error.pos} of {len(text)}", f"{error.msg}: send the whole body as received")
    except RecursionError:
        return _reason("invalid_json", "nested too deeply", "no order nests like that: look at who sends it")
    except ValueError as error:
        return _reason("invalid_json", str(error).split(";")[0], "JSON has no such number: send it as the platform did")
    if doc.__class__ is not dict:
        return _reason("wrong_type", shown(doc), "expected one JSON object, the order's snapshot")
    return doc  # type: ignore[no-any-return]


def _reason(code: str, value: str, fix: str) -> Reason:
    return {"code": code, "field": "payload", "value": value, "fix": fix}


def _guess(payload: bytes) -> str:
    try:
        payload.decode("gbk")
    except UnicodeDecodeError:
        return ""
    return ": these bytes read as GBK"


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


_decode = json.JSONDecoder(parse_float=Decimals, parse_constant=_no_number).decode
