"""Keeps personal data out of what is shown: what the schemas mark ``personal`` is masked wherever a record goes, unless asked for.

A record is walked with its schema, so a field is masked because of its mark alone, and whoever adds a field decides there. What is no
record (bytes that nobody can decode) is masked whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import cache
from typing import Any

from schemas.avsc import Schema, load, named_types
from schemas.records import Reason
from schemas.topics import Topic

#: Codes of reasons that quote what is nobody's: a SKU, a channel, a kind, a media type, a number of an order or a line, a status.
_QUOTES_NOBODY = frozenset(
    {
        *("unknown_sku", "unknown_channel", "unknown_kind", "unknown_content_type", "unknown_status"),
        *("order_no_mismatch", "duplicate_line"),
    }
)
#: What no person can be told by, whatever its field: short numbers and amounts, and what the hub says of a value instead of it.
_TELLS_NOBODY = re.compile(
    r"'?-?\d{0,6}(\.\d{1,6})?'?|True|False|None|(an object|a list|a number) of \d+( fields| bits)?|\d+ bytes|and \d+ more"
    r"|\d+ of \d+|\d+ shipped and \d+ cancelled of \d+|byte 0x[0-9a-f]{2} at \d+|at character \d+ of \d+"
    r"|half a surrogate pair|byte order mark|nested too deeply",
    re.ASCII,
)

#: Digits in groups, as people write them.
_GAP = r"[-\s.‐-―]?"
_PHONE = re.compile(
    rf"""(?<![\d+])(?:
      (?:(?:\+|00)?86{_GAP})? (?:
        1[3-9](?:{_GAP}\d){{9}}                                  # a mobile
      | \(?0[12]\d\)?{_GAP}(?:\d{_GAP}){{7}}\d                  # a landline with its area code
      | \(?0[3-9]\d{{2}}\)?{_GAP}(?:\d{_GAP}){{6,7}}\d
      | [48]00{_GAP}\d{{3,4}}{_GAP}\d{{3,4}} )                    # a company's
    | (?:\+|00)\d{{1,3}}(?:[-\s.()]{{0,2}}\d){{6,12}}             # abroad, and landlines after +86
    )(?!\d) (?:\s*(?:[-,;x#转]|ext\.?|分机)\s*\d{{1,6}}(?!\d))?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_ASCII_DIGITS = str.maketrans("０１２３４５６７８９＋－（）　", "0123456789+-() ")

_Show = Callable[[Any], Any]


class _How(Enum):
    """What becomes of a record: shown with its personal fields masked, shown whole, or kept with them empty."""

    MASKED = auto()
    WHOLE = auto()
    FORGOTTEN = auto()


def readable(name: str, record: Any, *, unmask: bool = False) -> Any:
    """A record as JSON-ready values: bytes as text, hex or their length, personal fields masked unless ``unmask``.

    :param name: of its type, or of a part's (``Receiver``). What is no type of the schemas is masked as a whole.
    """
    if name not in _types():
        return record if unmask else _hidden(record)
    return _record(name, _How.WHOLE if unmask else _How.MASKED)(record)


def forgotten(name: str, record: Any) -> Any:
    """A record that tells of nobody any more: each personal field empty (text, bytes, list, map) or null, all else as it is.

    What is no type of the schemas is emptied as a whole.
    """
    if name not in _types():
        return type(record)()
    return _record(name, _How.FORGOTTEN)(record)


def may_tell_of_persons(topic: Topic) -> bool:
    """Whether records of the topic may have a personal field, at any depth, and stay for a while.

    Compacted topics are of orders' ids, goods and places; what was set aside has bytes of any kind.
    """
    schemas = load()
    fields = (f for name in topic.records for part in named_types(schemas[name]) for f in part.get("fields", ()))
    return topic.cleanup == "delete" and (not topic.records or any(field.get("personal", False) for field in fields))


def shown_bytes(value: bytes | None, *, unmask: bool = False) -> str | None:
    """Bytes that may hold anything about a person: their length, or as text."""
    if value is None:
        return None
    if unmask:
        return value.decode("utf-8", "backslashreplace")
    return f"<{len(value)} bytes>" if value else ""


def shown_value(reason: Reason | Mapping[str, Any]) -> str:
    """The value that a review's reason quotes from a payload: masked unless it can tell of nobody."""
    value: str = reason["value"]
    if reason["code"] in _QUOTES_NOBODY or _TELLS_NOBODY.fullmatch(value):
        return value
    return _hidden(value)  # type: ignore[no-any-return]


def without_phones(text: str) -> str:
    """A text with each phone number cut to its first three characters: mobiles, landlines, extensions, with +86, dashes or blanks.

    Longer runs of digits (orders, waybills) stay. Names and addresses have no form that could be found: such a text is still personal.
    """
    found = [m.span() for m in _PHONE.finditer(text.translate(_ASCII_DIGITS))]
    for start, end in reversed(found):
        text = f"{text[: start + 3]}*****{text[end:]}"
    return text


@cache
def _types() -> dict[str, Schema]:
    return {
        node["name"]: node for schema in load().values() for node in named_types(schema) if node["type"] == "record"
    }


@cache
def _record(name: str, how: _How) -> _Show:
    fields = {field["name"]: _field(field, how) for field in _types()[name]["fields"]}
    changed = [(field, show) for field, show in fields.items() if show is not None]
    if name == "Reason" and how is _How.MASKED:
        return lambda reason: {**reason, "value": shown_value(reason)}

    def show_record(record: Any) -> Any:
        # What an earlier version wrote, and stands in a file, lacks newer fields.
        return {**record, **{field: show(record[field]) for field, show in changed if field in record}}

    return show_record


def _field(field: Schema, how: _How) -> _Show | None:
    """How the field's values are shown; None: as they are."""
    personal = field.get("personal", False)
    if personal and how is not _How.WHOLE:
        return _hidden if how is _How.MASKED else _emptied(field["type"])
    return _shown(field["type"], how, personal)


def _shown(node: Any, how: _How, personal: bool) -> _Show | None:
    match node:
        case "bytes" if how is not _How.FORGOTTEN:
            # Not personal is a fingerprint.
            return (lambda value: shown_bytes(value, unmask=True)) if personal else bytes.hex
        case {"type": "record", "name": name}:
            return _record(name, how)
        case str() if node in _types():
            return _record(node, how)
        case ["null", branch]:
            inner, form = branch, _optional
        case {"type": "array", "items": items}:
            inner, form = items, _listed
        case {"type": "map", "values": values}:
            inner, form = values, _mapped
        case _:
            return None
    show = _shown(inner, how, personal)
    return form(show) if show is not None else None


def _emptied(node: Any) -> _Show:
    """The empty value of the type; null where it may be."""
    return (lambda value: None) if isinstance(node, list) else (lambda value: type(value)())


def _optional(show: _Show) -> _Show:
    return lambda value: None if value is None else show(value)


def _listed(show: _Show) -> _Show:
    return lambda items: [show(item) for item in items]


def _mapped(show: _Show) -> _Show:
    return lambda items: {key: show(item) for key, item in items.items()}


def _hidden(value: Any) -> Any:
    """Its first character at most; of a map its keys, which are names of the hub's own."""
    if isinstance(value, Mapping):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(item) for item in value]
    if isinstance(value, bytes):
        return shown_bytes(value)
    if value is None or value == "":
        return value
    text = str(value)
    # At least one star: a single character may be the whole name.
    return text[0] + "*" * min(len(text) - 1, 8) if len(text) > 1 else "*"
