"""What a connector cannot use and must not drop: to ``penstock.quarantine``, in the form that ``penstock quarantine`` lists and redrives.

Redriving sends the original bytes to the topic they were meant for: a notice that the fetcher gave up is fetched again.
"""

from __future__ import annotations

from connectors.channels.base import Outgoing
from schemas.topics import QUARANTINE
from streams.engine.aside import message


def aside(
    topic: str,
    key: str,
    value: bytes,
    error: Exception,
    at_ms: int,
    partition: int = 0,
    offset: int = 0,
    *,
    whole: bool = True,
) -> Outgoing:
    """The record for quarantine, ``whole`` or by reference to where it stands in ``topic``: at ``partition`` and ``offset``, if it does.

    The error's text is written beside it: it must name no person and no secret.
    """
    about = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "timestamp": at_ms,
        "error": f"{type(error).__name__}: {error}",
        "at": "gateway",
    }
    made = message(key.encode(), value, about, whole=whole)
    return Outgoing(QUARANTINE, (made["key"] or b"").decode(), made["value"], tuple(made["headers"]))
