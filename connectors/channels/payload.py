"""What the connectors read from pushes and messages: JSON objects, ids that exceed 2^53, and times of several platforms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.channels.base import Malformed
from schemas.json_text import NotJson, parser
from streams.domain.channels.values import BadValue, to_ms

_ORDER_NO = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_parse = parser(str)


def json_of(raw: bytes | str) -> Any:
    """The JSON value, whole numbers exact. Raises Malformed."""
    try:
        return _parse(raw.encode() if isinstance(raw, str) else raw)
    except (NotJson, RecursionError, ValueError):
        raise Malformed("no JSON") from None


def object_of(raw: bytes | str) -> dict[str, Any]:
    """The JSON object. Raises Malformed."""
    found = json_of(raw)
    if not isinstance(found, dict):
        raise Malformed("no JSON object")
    return found


def order_no_of(value: object, field: str) -> str:
    """An order number as text. Raises Malformed, naming the field."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _ORDER_NO.fullmatch(text):
        raise Malformed(f"{field} is no order number")
    return text


def aftersale_id_of(told: Mapping[str, Any], field: str) -> str:
    """An after-sale's id; empty where the message names none: the pull finds it. Raises Malformed."""
    return order_no_of(told[field], field) if told.get(field) else ""


def time_ms(value: object) -> int | None:
    """A platform's time (``yyyy-MM-dd HH:mm:ss`` of China, ISO 8601, unix seconds) -> ms since the epoch; None when it is none."""
    try:
        return to_ms(value)
    except BadValue:
        return None
