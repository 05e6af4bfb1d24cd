"""Lists as CSV: page after page as they are read, so that a long one takes no more memory than a short one; and no further than a bound.

A spreadsheet takes a cell that begins with one of ``= + - @`` for a formula, and does what it says: such a cell begins with an
apostrophe here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from streams.ops.moments import utc

#: Rows of a file at the most, and of a page that is read for it.
ROWS_MAX, PAGE = 100_000, 500
#: So many digits of a number a spreadsheet keeps.
_EXACT = 15
#: What begins a formula, also behind what a spreadsheet leaves out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

#: A page of rows behind a mark, and the mark behind it; None: that is all.
Read = Callable[[Any], Awaitable[tuple[Sequence[Mapping[str, Any]], Any]]]


def cell(value: object) -> str:
    """As a spreadsheet shows it and does nothing else with it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return utc(int(value.timestamp() * 1000))
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value)
    if len(text) > _EXACT and text.isdecimal():
        # Spreadsheets know fifteen digits of a number and make zeros of the others: with a tab behind it, it is a text.
        return f"{text}\t"
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else text


def lines(rows: Sequence[Sequence[object]]) -> bytes:
    """Rows in the form of RFC 4180, UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows([[cell(value) for value in row] for row in rows])
    return out.getvalue().encode()


async def streamed(
    columns: Mapping[str, str], first: tuple[Sequence[Mapping[str, Any]], Any], read: Read, cut: str
) -> AsyncIterator[bytes]:
    """The file.

    Args:
        columns: field of a row -> what stands above it.
        first: the first page, which was read before anything was answered.
        cut: what the last line says where there is more than a file may have.
    """
    # Excel takes it for UTF-8 by these three bytes.
    yield b"\xef\xbb\xbf" + lines([list(columns.values())])
    (rows, behind), room = first, ROWS_MAX
    while True:
        if rows:
            yield lines([[row[name] for name in columns] for row in rows[:room]])
        if len(rows) > room or (behind is not None and len(rows) == room):
            yield lines([[cut]])
            return
        if behind is None:
            return
        room -= len(rows)
        rows, behind = await read(behind)
