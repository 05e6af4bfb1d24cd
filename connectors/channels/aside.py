"""What a connector cannot use and must not drop: to ``penstock.quarantine``, in the form that ``penstock quarantine`` lists and redrives.

Redriving sends the original bytes to the topic they were meant for: a notice that the fetcher gave up is fetched again.
"""

from __future__ import annotations

from connectors.channels.base import Outgoing
from schemas.topics import QUARANTINE


def aside(
    topic: str, key: str, value: bytes, error: Exception, at_ms: int, partition: int = 0, offset: int = 0
) -> Outgoing:
    """The record for quarantine. ``partition`` and ``offset``: where it stands in ``topic``, if it does already.

    The error's text is written beside it: it must name no person and no secret.
    """
    headers = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "timestamp": at_ms,
        "error": f"{type(error).__name__}: {error}",
        "at": "gateway",
    }
    return Outgoing(QUARANTINE, key, value, tuple((name, str(text).encode()) for name, text in headers.items()))
