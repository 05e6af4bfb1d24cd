"""The audit trail: who did what to which order or record, and why; on the topic ``audit``, and from there in the database."""

from __future__ import annotations

import getpass
import time
import uuid
from collections.abc import Mapping, Sequence

from schemas.records import AuditEntry
from streams.ops.cluster import Cluster


def operator() -> str:
    """The account of who runs this command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user may have no name.
        return "unknown"


def entry(
    action: str,
    subject: str,
    *,
    by: str,
    reason: str = "",
    outcome: str = "done",
    correlation_id: str = "",
    details: Mapping[str, object] | None = None,
) -> AuditEntry:
    """One entry, dated now. ``action`` is ``area.verb``; ``details`` must hold neither secrets nor personal data."""
    entry_id = str(uuid.uuid4())
    return {
        "entry_id": entry_id,
        "correlation_id": correlation_id or entry_id,
        "at_ms": time.time_ns() // 1_000_000,
        "by": by,
        "action": action,
        "subject": subject,
        "reason": reason,
        "outcome": outcome,
        "details": {name: str(value) for name, value in (details or {}).items()},
    }


def publish(cluster: Cluster, entries: Sequence[AuditEntry]) -> None:
    """Returns when the cluster has them. Raises ClusterError."""
    cluster.publish([("audit", e["subject"], "AuditEntry", e) for e in entries])
