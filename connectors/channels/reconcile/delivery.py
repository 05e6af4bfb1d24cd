"""What reconciliation puts on topics, and the certainty that it is there."""

from __future__ import annotations

import asyncio

from schemas.codec import CODEC
from schemas.records import ChannelCheck, ChannelEvent, PullMark
from schemas.topics import channel_topic
from streams.ops.cluster import ClusterError, Publisher
from streams.settings import Settings


class Delivery:
    """Records are queued, and stand in Kafka when ``flush`` returns."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._publisher = Publisher(settings)

    def event(self, event: ChannelEvent) -> None:
        """A snapshot for intake."""
        key = f"{event['channel']}:{event['order_no']}"
        self._publisher.send(channel_topic(event["channel"]), key, CODEC.encode("ChannelEvent", event))

    def check(self, check: ChannelCheck) -> None:
        """A comparison, for the record."""
        self._publisher.send("channel.checks", check["order_id"], CODEC.encode("ChannelCheck", check))

    def mark(self, mark: PullMark) -> None:
        """How far a shop is pulled: only after a flush of what was found before it."""
        self._publisher.send("channel.marks", mark["source"], CODEC.encode("PullMark", mark))

    async def flush(self) -> None:
        """Raises ClusterError: not all of it was taken; what was queued may be in or not, and is to be sent again."""
        try:
            await asyncio.to_thread(self._publisher.flush)
        except ClusterError:
            self._publisher = Publisher(self._settings)
            raise
