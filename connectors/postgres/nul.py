"""The character that Postgres' text cannot hold."""

from __future__ import annotations

import re

from connectors.postgres.row import FIXED_AT_SOURCE, Row, Unfit
from connectors.postgres.tables import PERSONAL, TABLES

#: An escaped NUL in JSON text; behind an even number of backslashes it is one, behind an odd number it is text.
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def refuse_nul(table: str, row: Row) -> None:
    """Raises Unfit where a text of the row has it, or JSON text its escape: with the column, and the value unless it is personal."""
    for column, value in zip(TABLES[table].columns, row, strict=True):
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if isinstance(text, str) and ("\0" in text or _ESCAPED_NUL.search(text)):
                shown = "" if (table, column) in PERSONAL else f" is {text[:80]!r}, which"
                raise Unfit(
                    f"{table}.{column}{shown} holds the character NUL: Postgres' text cannot; {FIXED_AT_SOURCE}"
                )
