"""The system, as ``penstock status`` shows it: read from Kafka, not from the tables."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from connectors.console.api.doing import done
from connectors.console.asking import Used, asks
from connectors.console.permissions import Permission

router = APIRouter(tags=["system"])


class StageLag(BaseModel):
    """A stage or sink on one topic; ``gone``: offsets ahead of it that retention has deleted."""

    reader: str
    topic: str
    records: int
    seconds: float
    behind: int
    partitions: int
    gone: int


class Check(BaseModel):
    """How an interface was found when it was last asked; ``error`` is empty when it is well."""

    interface: str
    kind: str
    healthy: bool
    took_ms: int
    error: str
    checked_at: datetime


class System(BaseModel):
    """All of it at one moment."""

    at: datetime
    brokers: list[str]
    #: Members of the group that decides.
    workers: int
    stages: list[StageLag]
    sinks: list[StageLag]
    review_backlog: int
    review_oldest_s: float
    quarantined: int
    sink_refused: int
    #: Balances that break 0 <= reserved <= on hand.
    oversold: int
    #: Phase -> parcels that are neither written back nor abandoned; and those whose deadline is near or past.
    writebacks: dict[str, int]
    writebacks_near: int
    checks: list[Check]
    #: What of the workers' state does not belong together, a sentence each.
    misfits: list[str]


@router.get("/system", **asks(Permission.SYSTEM_READ))
async def show_system(used: Used) -> System:
    """503 where Kafka does not answer. Looked at no more often than every two seconds."""
    return System.model_validate(await done(used.deeds.system))
