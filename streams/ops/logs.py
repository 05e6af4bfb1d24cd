"""How every process logs: one line a record on standard error, as text for people or as JSON for machines.

PENSTOCK_LOG_FORMAT   text, or json (default: text on a terminal, json elsewhere)

A JSON line has ``time`` (UTC, ISO 8601), ``level``, ``logger``, ``message``; where they are known ``order_id``, ``topic``, ``partition``,
``offset``; ``exc_info`` with an exception. Say them with ``extra={"topic": ..., "partition": ..., "offset": ...}``. Of a message on a topic
that is keyed by order, ``extra={"key": ...}`` (bytes or text) becomes its ``order_id``.

Neither messages nor extras may hold personal data: no receiver, no payload, no value taken from either, nothing a platform said. Control
and format characters are escaped: no value begins a line of its own, or does something to the terminal that shows it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from schemas.terminal import plain
from schemas.topics import TOPICS
from streams.settings import InvalidSetting

#: Where a line's subject is, in the order it is shown.
PLACE = ("order_id", "topic", "partition", "offset")

#: A key that is not one of these may be anything, a person's name among it.
_ORDER_ID = re.compile(r"[a-z]{2,20}:[\w-]{1,64}", re.ASCII)


def setup(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sets up the process's logging, in place of any before.

    Raises:
        InvalidSetting: PENSTOCK_LOG_FORMAT is neither json nor text.
    """
    stream = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Json() if _as_json(stream) else _Text())
    handler.addFilter(_order_id)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Warnings of libraries join the lines.
    logging.captureWarnings(True)


def as_text(line: str) -> str:
    """A line of a process's log as a person reads it: time, level, message; one that is text already stays as it is."""
    try:
        it = json.loads(line)
        return f"{it['time']} {it['level']:7} {it['message']}"
    except (ValueError, KeyError, TypeError):
        return line


def indented(trace: str) -> str:
    """A traceback's lines, none of which can be taken for a line of the log."""
    return "\n".join(f"  {plain(line)}" for line in trace.splitlines())


def _as_json(stream: TextIO) -> bool:
    chosen = os.environ.get("PENSTOCK_LOG_FORMAT", "")
    if chosen not in ("", "json", "text"):
        raise InvalidSetting(f"PENSTOCK_LOG_FORMAT is {chosen!r}: set it to json or text")
    return chosen == "json" or (not chosen and not stream.isatty())


def _order_id(record: logging.LogRecord) -> bool:
    """Turns the key of a message into the order it is about, where its topic is keyed by order; drops it elsewhere."""
    key = record.__dict__.pop("key", None)
    topic = TOPICS.get(getattr(record, "topic", ""))
    if key is not None and topic is not None and topic.key == "order_id" and not hasattr(record, "order_id"):
        text = key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)
        if _ORDER_ID.fullmatch(text):
            record.order_id = text
    return True


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Json(JsonFormatter):
    """Fields by the names above; all other extras follow."""

    def __init__(self) -> None:
        super().__init__(
            ["asctime", "levelname", "name", "message"],
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
        )

    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return _at(record)


class _Text(logging.Formatter):
    """Time, level, message, and in brackets what it is about."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        about = " ".join(f"{name}={getattr(record, name)}" for name in PLACE if hasattr(record, name))
        return plain(super().formatMessage(record) + (f" [{about}]" if about else ""))

    def formatException(self, ei: Any) -> str:
        return indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        return indented(stack_info)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return _at(record)
