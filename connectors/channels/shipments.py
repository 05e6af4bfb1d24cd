"""``POST /in/<shop>/shipments``: a warehouse system without a connector tells that a parcel has left.

    X-Penstock-System      its name in the shops file, ``[[warehouse_system]]``
    X-Penstock-Timestamp   unix seconds
    X-Penstock-Signature   ``signing.warehouse_system``: HMAC-SHA256, in hex

The body is what ``penstock order tell`` takes as a line. It is held against the order, as there, before it is taken:

    200  it is in Kafka with its audit entry, now or since it was told before
    400  no JSON                              409  its id stands for another parcel
    401  no such system, or not its signature 422  a field that can't be, an order that is not known, more than was asked for
    403  dated more than five minutes off; a shop that is not the system's
    503  not taken: send it again, with the same id

Nothing is kept on disk while Kafka is away: what can't be held against its order is not accepted, and its sender tells it again.

What comes while others are looked up waits, and is looked up together (group commit): a look-up reads the orders' table as the log has it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from connectors.channels.base import Answer, BadSignature, Counter, Push, Stale
from connectors.platforms.signing import same, warehouse_system
from connectors.shops import WarehouseSystem
from schemas.json_text import compact

logger = logging.getLogger(__name__)

#: Clocks differ, and a request takes a moment. What is caught and sent again within it bears the same id.
WINDOW_S = 300
_AT_ONCE, _WAITING_MAX = 100, 1_000
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_LABELS = {200: "accepted", 400: "malformed", 403: "refused", 409: "conflict", 422: "refused", 503: "retry"}


class Told(NamedTuple):
    """What a system tells, as it was sent."""

    system: WarehouseSystem
    shop: str
    body: bytes


class Verdict(NamedTuple):
    """What became of it. ``repeated``: it had been told before; ``why`` it was not taken, with field, value and what to do."""

    status: int
    why: str = ""
    id: str = ""
    repeated: bool = False


#: A verdict each, in their order; blocks. What it raises is Kafka's fault: none counts as told.
Tell = Callable[[Sequence[Told]], Sequence[Verdict]]


class Shipments(Counter):
    """All systems'."""

    body_max_bytes = 64 * 1024
    answer_within_s = 10.0

    def __init__(self, systems: Sequence[WarehouseSystem], tell: Tell) -> None:
        self._systems = {system.name: system for system in systems}
        self._tell = tell
        self._waiting: list[tuple[Told, asyncio.Future[Verdict]]] = []
        self._working: asyncio.Task[None] | None = None

    @staticmethod
    def takes(path: tuple[str, ...]) -> bool:
        """Whether a path is a shop's."""
        return len(path) == 2 and path[0] != "" and path[1] == "shipments"

    def verify(self, push: Push) -> None:
        system, at_s = self._systems.get(push.headers.get("X-Penstock-System", "")), _at(push)
        expected = warehouse_system(system.secret if system else "", at_s, f"/in/{'/'.join(push.path)}", push.body)
        # As long as it takes with a name that is known.
        if not same(expected, push.headers.get("X-Penstock-Signature", ""), ignore_case=True) or system is None:
            raise BadSignature("X-Penstock-Signature is not that of X-Penstock-System over timestamp, path and body")
        if not _SECONDS.fullmatch(at_s) or abs(push.received_ms - int(at_s) * 1000) > WINDOW_S * 1000:
            raise Stale(f"X-Penstock-Timestamp is {at_s[:20]!r}: send unix seconds, at most {WINDOW_S} s off")

    def answer(self, status: int, reason: str) -> Answer:
        return _answer(Verdict(status, reason))

    async def take(self, push: Push, within_s: float) -> tuple[str, Answer]:
        system, shop = self._systems[push.headers["X-Penstock-System"]], push.path[0]
        if system.shops and shop not in system.shops:
            return "refused", self.answer(403, f"shop is {shop!r}: {system.name} tells of {', '.join(system.shops)}")
        verdict = await self._verdict(Told(system, shop, push.body), within_s)
        return _LABELS[verdict.status], _answer(verdict)

    async def _verdict(self, told: Told, within_s: float) -> Verdict:
        if len(self._waiting) >= _WAITING_MAX:
            return Verdict(503, "too many wait to be looked up: send it again")
        done: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append((told, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                return await done
        return Verdict(503, "not known to be taken: send it again, with the same id")

    async def _work(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            # Who was told to send it again does.
            taken = [(told, done) for told, done in taken if not done.done()]
            try:
                verdicts = await asyncio.to_thread(self._tell, [told for told, _ in taken]) if taken else ()
            except Exception as exc:
                logger.warning("%d parcels were not taken: %s", len(taken), type(exc).__name__)
                verdicts = [Verdict(503, "not taken: send it again, with the same id")] * len(taken)
            for (_, done), verdict in zip(taken, verdicts, strict=True):
                if not done.done():
                    done.set_result(verdict)


def _at(push: Push) -> str:
    return push.headers.get("X-Penstock-Timestamp", "")


def _answer(verdict: Verdict) -> Answer:
    if verdict.status == 200:
        return Answer(200, compact({"answer": "accepted", "id": verdict.id, "repeated": verdict.repeated}))
    word = "not taken" if verdict.status == 503 else "refused"
    return Answer(verdict.status, compact({"answer": word, "why": verdict.why}))
