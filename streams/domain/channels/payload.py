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

from schemas.json_text import NotJson, parser
from schemas.records import Reason

# A real order of 500 lines is below 400 KiB on every platform, and the review record that carries it must fit a Kafka
# message (1 MiB).
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


def read_object(payload: bytes, reasons: list[Reason]) -> dict[str, Any] | None:
    """The JSON object of a payload; None with the reason appended when there is none."""
    try:
        return _object(payload)
    except BadPayload as problem:
        reasons.append({"code": problem.code, "field": "payload", "value": problem.value, "fix": problem.fix})
        return None


class BadPayload(ValueError):
    """No JSON object in these bytes: the reason's code, what stands there, the fix."""

    def __init__(self, code: str, value: str, fix: str) -> None:
        super().__init__(f"{code}: {value}; {fix}")
        self.code = code
        self.value = value
        self.fix = fix


def _object(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise BadPayload(
            "payload_too_large", f"{len(payload)} bytes", f"at most {MAX_PAYLOAD_BYTES}: one order per event"
        )
    try:
        doc = _parse(payload)
    except (NotJson, RecursionError):
        # Slower, and it says what is wrong.
        doc = _parsed(_text(payload))
    if not isinstance(doc, dict):
        raise BadPayload("wrong_type", shown(doc), "expected one JSON object, the order's snapshot")
    return doc


def _text(payload: bytes) -> str:
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {payload[error.start]:#04x} at {error.start}"
        raise BadPayload("wrong_encoding", where, f"send UTF-8{_guess(payload)}") from None
    if text.startswith("\ufeff"):
        raise BadPayload("wrong_encoding", "byte order mark", "send UTF-8 without a byte order mark")
    return text


def _parsed(text: str) -> object:
    try:
        doc: object = _decode(text)
        # An escaped half of a surrogate pair is valid JSON and no valid text: no encoder takes it.
        if "\\ud" in text or "\\uD" in text:
            json.dumps(doc, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise BadPayload("wrong_encoding", "half a surrogate pair", "send the character itself, in UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"at character {error.pos} of {len(text)}"
        raise BadPayload("invalid_json", where, f"{error.msg}: send the body as received") from None
    except RecursionError:
        raise BadPayload(
            "invalid_json", "nested too deeply", "no order nests like that: look at who sends it"
        ) from None
    except ValueError as error:
        what = str(error).split(";")[0]
        raise BadPayload("invalid_json", what, "JSON has no such number: send it as the platform did") from None
    return doc


def _guess(payload: bytes) -> str:
    try:
        payload.decode("gbk")
    except UnicodeDecodeError:
        return ""
    return ": these bytes read as GBK"


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


_parse = parser(Decimals)
_decode = json.JSONDecoder(parse_float=Decimals, parse_constant=_no_number).decode
