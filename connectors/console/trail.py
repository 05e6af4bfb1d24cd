"""Who did what: a page of the audit's table, newest first, of what the transaction sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import asyncpg


class Filters(NamedTuple):
    """Empty or None: whatever. ``area``: the first word of an action."""

    by: str = ""
    area: str = ""
    subject: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


class Page(NamedTuple):
    """Rows, and by what the next page begins; None: that is all."""

    rows: Sequence[asyncpg.Record]
    behind: tuple[datetime, str] | None


#: By the table's own key.
_PAGE = """
SELECT at, entry_id, correlation_id, done_by, action, subject, reason, outcome, details FROM audit
WHERE at <= $1 AND (at, entry_id) < ($1, $2) AND at >= $3
    AND ($5 = '' OR done_by = $5) AND ($6 = '' OR split_part(action, '.', 1) = $6)
ORDER BY at DESC, entry_id DESC LIMIT $4
"""
#: By ``audit_subject``.
_OF_SUBJECT = _PAGE.replace("WHERE", "WHERE subject = $7 AND")
_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.fromisoformat("9999-12-31T00:00Z")


async def page(
    connection: asyncpg.Connection, filters: Filters, behind: tuple[datetime, str] | None, limit: int
) -> Page:
    """Entries behind a mark; ``ends`` is exclusive."""
    at, entry_id = behind or (filters.ends or _NEVER, "")
    asked = (at, entry_id, filters.begins or _EVER, limit + 1, filters.by, filters.area)
    if filters.subject:
        rows = await connection.fetch(_OF_SUBJECT, *asked, filters.subject)
    else:
        rows = await connection.fetch(_PAGE, *asked)
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], (rows[limit - 1]["at"], rows[limit - 1]["entry_id"]))
