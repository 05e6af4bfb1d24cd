"""Keeps personal data out of what is shown: names, phones, addresses and raw payloads, unless asked for."""

from __future__ import annotations

from typing import Any

#: Fields of a receiver that say who or where a person is; province, city and country stay readable.
PERSONAL = frozenset({"name", "phone", "address", "district", "postal_code", "oaid"})

#: A review's reason quotes the value it found: of a field whose path says one of these, the value is a person's.
_TELLING = ("name", "phone", "mobile", "tel", "address", "receiver", "zip", "oaid", "detail", "buyer", "memo")


def readable(record: Any, *, unmask: bool = False) -> Any:
    """The record as JSON-ready values: bytes as text or their length, personal fields masked unless ``unmask``."""
    return _readable(record, unmask, personal=False)


def _readable(value: Any, unmask: bool, personal: bool) -> Any:
    if isinstance(value, dict):
        if not unmask and value.keys() >= {"code", "field", "value", "fix"}:
            return {**value, "value": shown_value(value)}
        return {
            key: _masked(item)
            if personal and not unmask and key in PERSONAL
            else _readable(item, unmask, key == "receiver")
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_readable(item, unmask, False) for item in value]
    if isinstance(value, bytes):
        # A payload or an original event may hold anything about a person; fingerprints are short.
        if len(value) <= 16:
            return value.hex()
        return value.decode("utf-8", "backslashreplace") if unmask else f"<{len(value)} bytes>"
    return value


def shown_value(reason: Any) -> str:
    """The value that a review's reason quotes, masked where its field tells of a person."""
    field = reason["field"].lower()
    return _masked(reason["value"]) or "" if any(word in field for word in _TELLING) else reason["value"]


def _masked(value: Any) -> str | None:
    if not value:
        return value  # type: ignore[no-any-return]
    text = str(value)
    # At least one star: a single character may be the whole name.
    return text[0] + "*" * min(len(text) - 1, 8) if len(text) > 1 else "*"
