"""What goes wrong on the way: shares of calls and pushes, drawn from a seeded generator.

A call meets, in this order: latency, a 5xx, a reset before its body is read, a reset after, the platform's throttling; then it is
carried out; then its answer may be lost. Only a lost answer has had an effect.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Annotated, Generic, TypeVar

from aiohttp import web
from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
#: A message that is to arrive late waits for the next one, but no longer than this.
_LATE_S = 0.5
# A reset, not an orderly end: what is in flight is thrown away.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Rates(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of ``PUT /_sim/faults``; what is left out is 0."""

    #: The mean of an exponential distribution.
    latency_ms: Annotated[float, Meta(ge=0)] = 0
    errors: Share = 0
    resets: Share = 0
    lost_answers: Share = 0
    throttle: Share = 0
    duplicate_pushes: Share = 0
    reorder_pushes: Share = 0
    lost_pushes: Share = 0


CALM = Rates()


class Faults:
    """Draws; ``seen`` counts what was drawn."""

    def __init__(self, rates: Rates, rng: Random, seen: Counter[str]) -> None:
        self.rates = rates
        self.rng = rng
        self.seen = seen

    def hits(self, kind: str) -> bool:
        """Whether this fault happens now."""
        share: float = getattr(self.rates, kind)
        if not share or self.rng.random() >= share:
            return False
        self.seen[kind] += 1
        return True

    async def delay(self) -> None:
        """The latency of one call."""
        if self.rates.latency_ms:
            await asyncio.sleep(self.rng.expovariate(1000 / self.rates.latency_ms))


def reset(request: web.BaseRequest) -> None:
    """Cuts the connection of a request."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


Message = TypeVar("Message")


class Scatter(Generic[Message]):
    """The way of messages from the platform to the hub: some go twice, some overtake each other, some never arrive."""

    def __init__(self, faults: Faults, send: Callable[[Message], None]) -> None:
        self._faults = faults
        self._send = send
        self._late: list[Message] = []
        self._timer: asyncio.TimerHandle | None = None

    def put(self, message: Message) -> None:
        """Sends it, now, or after the next one, or not at all."""
        faults = self._faults
        if faults.rates is CALM:
            self._send(message)
            return
        if faults.hits("lost_pushes"):
            return
        if faults.hits("reorder_pushes"):
            self._late.append(message)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(_LATE_S, self.release)
            return
        self._send(message)
        if faults.hits("duplicate_pushes"):
            self._send(message)
        if self._late:
            self.release()

    @property
    def waiting(self) -> int:
        """Messages that are late."""
        return len(self._late)

    def release(self) -> None:
        """What was late goes out."""
        late, self._late = self._late, []
        self.stop()
        for message in late:
            self._send(message)

    def stop(self) -> None:
        """Forgets what is late."""
        self._late.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
