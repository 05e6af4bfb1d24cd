"""Logs made by hand, or copied: what stands in them is as old as its producer says."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.topics import TOPICS
from streams.engine.admin import Admin
from streams.engine.options import Options


def dated_by_producers(brokers: str, topics: Iterable[str] = tuple(TOPICS)) -> None:
    """From now on these topics bear the times that records are sent with, instead of the log's."""
    Admin(brokers, Options()).hold(topics, {"message.timestamp.type": "CreateTime"})
