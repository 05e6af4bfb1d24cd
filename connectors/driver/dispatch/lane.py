"""One account's requests at hand: which is dealt with next, and how many at once. Lanes don't wait for each other.

The key whose most urgent request is due first goes first. One key's requests go one after another, as they were read: what stands before an
urgent one is urgent with it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from connectors.driver.dispatch.assignment import Assignment
from connectors.driver.dispatch.contract import Answer, Clerk
from connectors.driver.dispatch.job import Job
from connectors.driver.dispatch.ledger import Lost

logger = logging.getLogger(__name__)

#: Of an account that is not set up: its requests are refused without a call.
_UNKNOWN_AT_ONCE = 64


class Lane:
    """``run`` it as a task. ``topic``: where its requests stand. ``on_room`` is called when it holds less than before."""

    def __init__(self, topic: str, name: str, clerk: Clerk, on_room: Callable[[], None]) -> None:
        self.name = name
        self._topic = topic
        self._clerk = clerk
        self._on_room = on_room
        self._endpoint = clerk.endpoint
        self._slots = asyncio.Semaphore(self._endpoint.limits.concurrent if self._endpoint else _UNKNOWN_AT_ONCE)
        self._waiting: dict[str, deque[Job]] = {}
        self._running: dict[str, Job] = {}
        # (due, number, key) of keys that wait and have nothing under way.
        self._urgent: list[tuple[int, int, str]] = []
        self._numbers = itertools.count()
        self._arrived = asyncio.Event()

    @property
    def held(self) -> int:
        """Requests that are not answered yet."""
        return len(self._running) + sum(map(len, self._waiting.values()))

    def add(self, job: Job) -> None:
        """Takes it on."""
        key = job.request.key
        if (waiting := self._waiting.get(key)) is not None:
            sooner = job.request.due_ms < min(each.request.due_ms for each in waiting)
            waiting.append(job)
            if sooner and key not in self._running:
                self._line_up(key)
            return
        self._waiting[key] = deque((job,))
        if key not in self._running:
            self._line_up(key)

    async def run(self) -> None:
        """Until it is cancelled; what is under way then goes on."""
        while True:
            await self._slots.acquire()
            job = await self._next()
            self._running[job.request.key] = job
            job.task = asyncio.create_task(self._see_to(job), name=f"request {self.name}")

    async def give_up(self, assignment: Assignment, patience_s: float) -> None:
        """Forgets what waits of this assignment; returns when nothing of it is under way. Calls that were made are told to their end."""
        for key in list(self._waiting):
            left = deque(job for job in self._waiting[key] if job.assignment is not assignment)
            if left:
                self._waiting[key] = left
            else:
                del self._waiting[key]
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
                _, _, key = heapq.heappop(self._urgent)
                jobs = self._waiting.get(key)
                if not jobs or key in self._running:
                    continue
                job = jobs.popleft()
                if not jobs:
                    del self._waiting[key]
                return job

    async def _see_to(self, job: Job) -> None:
        key = job.request.key
        try:
            answer = await self._dealt_with(job)
            # Its end is to be told, whatever is given up meanwhile.
            job.calling = True
            await job.finish(*answer.said)
            answer.then()
        except Lost:
            logger.info("left to its new owner", extra=self._about(job))
        finally:
            del self._running[key]
            if key in self._waiting:
                self._line_up(key)
            self._slots.release()
            self._on_room()

    async def _dealt_with(self, job: Job) -> Answer:
        request, about = job.request, self._about(job)
        try:
            answer = await self._clerk.deal(job)
        except Lost:
            raise
        except Exception as exc:
            # A fault of ours. Its next attempt asks the system first, so that nothing is sent twice.
            logger.exception("request %s could not be dealt with", request.id, extra=about)
            return self._clerk.fault(request, exc)
        level = logging.INFO if answer.well else logging.WARNING
        why = f": {answer.reason}" if answer.reason else ""
        logger.log(level, "%s: %s%s", request.id, f"{answer.outcome} {answer.code}".rstrip(), why, extra=about)
        return answer

    def _about(self, job: Job) -> dict[str, Any]:
        return {"topic": self._topic, "partition": job.partition, "offset": job.offset, "key": job.request.key}

    def _line_up(self, key: str) -> None:
        due = min(job.request.due_ms for job in self._waiting[key])
        heapq.heappush(self._urgent, (due, next(self._numbers), key))
        self._arrived.set()
