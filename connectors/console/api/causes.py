"""How much there is of each cause: what a work list has at its side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import asyncpg
from pydantic import BaseModel


class CauseCount(BaseModel):
    """What was answered last: ``outcome``, null where nothing was, and the other system's own ``code``. ``cause`` names both.

    ``first_at``: the nearest deadline, or since when the longest is wrong.
    """

    cause: str
    outcome: str | None
    code: str
    items: int
    first_at: datetime


class CauseCounts(BaseModel):
    """The most frequent first."""

    causes: list[CauseCount]
    total: int
    as_of: datetime | None
    behind_s: float | None


def cause_counts(found: Iterable[asyncpg.Record], as_of: datetime | None, behind_s: float | None) -> CauseCounts:
    """Of what ``paging.causes`` answers."""
    causes = [CauseCount.model_validate(dict(row)) for row in found]
    return CauseCounts(causes=causes, total=sum(each.items for each in causes), as_of=as_of, behind_s=behind_s)
