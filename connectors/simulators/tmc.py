"""TMC, Taobao's message queue: messages are consumed and confirmed; what is not confirmed comes again.

Source: the platform's reference of ``taobao.tmc.messages.consume`` and ``confirm``; that unconfirmed messages come again after minutes
is known from client code alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any

from connectors.simulators.counts import Counts

_FIRST_ID = 9_000_000_000_000_000_000
#: After a delivery that was not confirmed.
AGAIN_MS = 60_000


class Queue:
    """The messages of one app. Each delivery counts as a push, each that is not the first as a retry."""

    def __init__(self, counts: Counts, first_id: int, again_ms: float) -> None:
        self._counts = counts
        self._next_id = _FIRST_ID + first_id
        self._again_ms = again_ms
        self._ready: deque[dict[str, Any]] = deque()
        # Delivered, not confirmed: by id, and in the order in which they come again.
        self._delivered: dict[int, dict[str, Any]] = {}
        self._due: list[tuple[float, int]] = []

    @property
    def pending(self) -> int:
        """Messages that are not confirmed."""
        return len(self._ready) + len(self._delivered)

    def new_id(self) -> int:
        """The id of the next message: 19 digits."""
        self._next_id += 1
        return self._next_id

    def put(self, message: dict[str, Any]) -> None:
        """A message (with its ``id``) to be consumed; the same one twice is delivered twice."""
        self._ready.append(message)

    def consume(self, quantity: int, now_ms: int) -> list[dict[str, Any]]:
        """At most ``quantity`` messages, those that come again first."""
        messages: list[dict[str, Any]] = []
        while self._due and self._due[0][0] <= now_ms and len(messages) < quantity:
            _, ident = heappop(self._due)
            message = self._delivered.get(ident)
            if message is not None:
                self._counts.pushes_retried += 1
                messages.append(message)
        while self._ready and len(messages) < quantity:
            messages.append(self._ready.popleft())
        for message in messages:
            self._delivered[message["id"]] = message
            heappush(self._due, (now_ms + self._again_ms, message["id"]))
        self._counts.pushes += len(messages)
        return messages

    def confirm(self, idents: Iterable[int]) -> None:
        """These are done with; what was never delivered, or is confirmed already, is passed over."""
        for ident in idents:
            if self._delivered.pop(ident, None) is not None:
                self._counts.pushes_acked += 1

    def clear(self) -> None:
        """Forgets all messages."""
        self._ready.clear()
        self._delivered.clear()
        self._due.clear()
