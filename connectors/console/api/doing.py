"""What somebody does: in a thread, since it waits for Kafka; and what may come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Header
from pydantic import BaseModel, Field

from connectors.console.deeds import AlreadyDone, Gone, Overtaken, Refusal
from connectors.console.problems import Problem
from connectors.console.redriving import Done
from connectors.console.rule_deeds import Faulty
from streams.ops.cluster import ClusterError
from streams.ops.moments import utc

T = TypeVar("T")

#: The same key of the same user is the same deed: sent again, it is not done again.
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=200)]
#: Why, for the audit.
Because = Annotated[str, Field(min_length=1, max_length=1_000, pattern=r"\S")]


class Accepted(BaseModel):
    """It is in Kafka, and the tables have it when the audit's entry is in them. ``repeated``: it was there before."""

    entry_id: str
    by: str
    at: datetime
    repeated: bool

    @staticmethod
    def of(done: Done) -> Accepted:
        """As answered."""
        at = datetime.fromtimestamp(done.at_ms / 1000, UTC)
        return Accepted(entry_id=done.entry_id, by=done.by, at=at, repeated=done.repeated)


async def done(deed: Callable[..., T], *values: object) -> T:
    """What a deed answers. Raises Problem."""
    try:
        return await asyncio.to_thread(deed, *values)
    except AlreadyDone as error:
        raise Problem("already_done", why=f"it is {error.state} by {error.by} since {utc(error.at_ms)}") from error
    except Overtaken as error:
        raise Problem("overtaken", why=str(error)) from error
    except Faulty as error:
        raise Problem("faulty") from error
    except Refusal as error:
        raise Problem("refused", why=str(error)) from error
    except Gone as error:
        raise Problem("gone") from error
    except ClusterError as error:
        raise Problem("kafka_away") from error
