"""The audit: who did what, when, to what, and why."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from connectors.console import cursor, trail
from connectors.console.api.orders import Text
from connectors.console.asking import Used, Who, asks
from connectors.console.freshness import freshness
from connectors.console.permissions import Permission

router = APIRouter(tags=["audit"])


class AuditRow(BaseModel):
    """An entry. ``action``: ``area.verb``; ``correlation_id`` is common to all that was done at once."""

    at: datetime
    entry_id: str
    correlation_id: str
    done_by: str
    action: str
    #: An order's id, a record of a topic, or what else was acted upon, as ``user:li``.
    subject: str
    reason: str
    outcome: str
    details: dict[str, str]


class AuditPage(BaseModel):
    """Newest first; ``next`` is null on the last page."""

    rows: list[AuditRow]
    next: str | None
    as_of: datetime | None
    behind_s: float | None


@router.get("/audit", **asks(Permission.AUDIT_READ))
async def list_audit(
    used: Used,
    who: Who,
    by: Text = "",
    area: Text = "",
    subject: Text = "",
    begins: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    ends: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditPage:
    """What was done about orders of these shops; in all shops also what is of no order. ``to`` is exclusive."""
    filters = trail.Filters(by.strip(), area, subject.strip(), begins, ends)
    async with used.store.reading(who.shops) as connection:
        found = await trail.page(connection, filters, cursor.behind(after) if after else None, limit)
        fresh = await freshness(connection, used.hub)
    return AuditPage(
        rows=[_row(row) for row in found.rows],
        next=cursor.marked(*found.behind) if found.behind else None,
        as_of=fresh,
        behind_s=await used.lagging.tables_behind_s(),
    )


def _row(row: Any) -> AuditRow:
    return AuditRow.model_validate({**row, "details": json.loads(row["details"])})
