"""Signing in and out, for the audit: put on record while the answer is on its way, since who can read nothing else can still sign in.

What Kafka does not take is said in the server's log, with who it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from schemas.records import AuditEntry
from streams.ops import audit
from streams.ops.cluster import ClusterError

logger = logging.getLogger(__name__)

#: As long is waited at the end for what is not on record yet.
_LEAVING_S = 5.0
#: So many at once wait for a Kafka that is away; what is more is said in the log alone.
_AT_A_TIME = 100
_MISSED = "%s of %s is not on record in the audit: %s"


class Noting:
    """``note`` blocks, and raises ClusterError."""

    def __init__(self, note: Callable[[AuditEntry], None]) -> None:
        self._note = note
        self._going: set[asyncio.Task[None]] = set()

    def session(self, action: str, name: str, address: str, *, outcome: str = "done") -> None:
        """``action``: began, refused, ended."""
        entry = audit.noted(f"session.{action}", f"user:{name}", by=name, outcome=outcome, details={"address": address})
        if len(self._going) >= _AT_A_TIME:
            logger.error(_MISSED, entry["action"], entry["subject"], "too many wait already")
            return
        task = asyncio.create_task(self._put(entry))
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def close(self) -> None:
        """Waits a little for what is under way."""
        if self._going:
            await asyncio.wait(self._going, timeout=_LEAVING_S)

    async def _put(self, entry: AuditEntry) -> None:
        try:
            await asyncio.to_thread(self._note, entry)
        except ClusterError as error:
            logger.error(_MISSED, entry["action"], entry["subject"], error)
