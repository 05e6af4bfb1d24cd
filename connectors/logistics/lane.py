"""One shop's requests at hand: which is submitted next, and how many at once. Shops don't wait for each other.

The order with the least time left to its platform's deadline goes first. One order's requests go one after another, as they were read.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Callable

from connectors.logistics.entries import result
from connectors.logistics.job import Job
from connectors.logistics.ledger import Ledger, Lost
from connectors.logistics.progress import Assignment
from connectors.logistics.submission import Submitter

logger = logging.getLogger(__name__)

#: Of a shop that is not set up: its requests are refused without a call.
_UNKNOWN_AT_ONCE = 64


class Lane:
    """``run`` it as a task. ``on_room`` is called when it holds less than before."""

    def __init__(self, name: str, submitter: Submitter, ledger: Ledger, on_room: Callable[[], None]) -> None:
        self.name = name
        self.submitter = submitter
        self._ledger = ledger
        self._on_room = on_room
        shop = submitter.shopkeeper
        self._endpoint = shop.endpoint if shop is not None else None
        self._slots = asyncio.Semaphore(self._endpoint.limits.concurrent if self._endpoint else _UNKNOWN_AT_ONCE)
        self._waiting: dict[str, deque[Job]] = {}
        self._running: dict[str, Job] = {}
        # (deadline, number, order id) of orders that wait and have nothing under way.
        self._urgent: list[tuple[int, int, str]] = []
        self._numbers = itertools.count()
        self._arrived = asyncio.Event()

    @property
    def held(self) -> int:
        """Requests that are not answered yet."""
        return len(self._running) + sum(map(len, self._waiting.values()))

    def add(self, job: Job) -> None:
        """Takes it on."""
        order_id = job.request["order_id"]
        if order_id in self._waiting:
            self._waiting[order_id].append(job)
            return
        self._waiting[order_id] = deque((job,))
        if order_id not in self._running:
            self._line_up(order_id)

    async def run(self) -> None:
        """Until it is cancelled; what is under way then goes on."""
        while True:
            await self._slots.acquire()
            job = await self._next()
            self._running[job.request["order_id"]] = job
            job.task = asyncio.create_task(self._submit(job), name=f"submit {self.name}")

    async def give_up(self, assignment: Assignment, patience_s: float) -> None:
        """Forgets what waits of this assignment; returns when nothing of it is under way. Calls that were made are told to their end."""
        for order_id in list(self._waiting):
            left = deque(job for job in self._waiting[order_id] if job.assignment is not assignment)
            if left:
                self._waiting[order_id] = left
            else:
                del self._waiting[order_id]
        mine = [job for job in self._running.values() if job.assignment is assignment]
        for job in mine:
            if not job.calling and job.task is not None:
                job.task.cancel()
        tasks = [job.task for job in mine if job.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _next(self) -> Job:
        while True:
            while not self._urgent:
                self._arrived.clear()
                await self._arrived.wait()
            if self._endpoint is not None:
                # Choose when one can go: what is urgent then.
                await self._endpoint.available()
            while self._urgent:
                _, _, order_id = heapq.heappop(self._urgent)
                jobs = self._waiting.get(order_id)
                if not jobs or order_id in self._running:
                    continue
                job = jobs.popleft()
                if not jobs:
                    del self._waiting[order_id]
                return job

    async def _submit(self, job: Job) -> None:
        order_id = job.request["order_id"]
        try:
            await self._submitted(job)
        except Lost:
            logger.info("left to its new owner", extra={"order_id": order_id})
        finally:
            del self._running[order_id]
            if order_id in self._waiting:
                self._line_up(order_id)
            self._slots.release()
            self._on_room()

    async def _submitted(self, job: Job) -> None:
        request = job.request
        about = {"order_id": request["order_id"]}
        try:
            answer = await self.submitter.submit(job)
        except Lost:
            raise
        except Exception as exc:
            # A fault of ours. Its next attempt asks the platform first, so that nothing is sent twice.
            logger.exception("request %s could not be dealt with", request["request_id"], extra=about)
            said = result(
                *(request, "RETRYABLE", "", f"a fault in Penstock: {type(exc).__name__}"),
                carrier=request["carrier"],
                tracking_no=request["tracking_no"],
            )
            await self._ledger.tell(job.assignment, job.partition, [said], job.offset)
            return
        level = logging.INFO if answer.outcome in ("SHIPPED", "ALREADY_SHIPPED") else logging.WARNING
        # The reason may hold a platform's words; they are in the result and the audit.
        logger.log(level, "%s: %s %s", request["request_id"], answer.outcome, answer.code, extra=about)

    def _line_up(self, order_id: str) -> None:
        due = self._waiting[order_id][0].request["ship_by_ms"]
        heapq.heappush(self._urgent, (due, next(self._numbers), order_id))
        self._arrived.set()
