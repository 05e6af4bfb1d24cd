"""Time that passes only when nothing else can happen: an asyncio event loop without threads, sockets or waiting.

Jobs given to executors run on the loop itself, after a delay that chance chooses, one at a time per executor as its single thread would.
So a whole cluster's life is one sequence of events, the same for the same seed, and a night of it takes milliseconds.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from contextvars import ContextVar
from random import Random
from types import SimpleNamespace
from typing import Any

#: Whose code is running; None for what belongs to no worker.
worker_now: ContextVar[Any] = ContextVar("worker_now", default=None)


class Crash(BaseException):
    """The process is gone: no handler may catch it, nothing after it happens."""


class Stuck(AssertionError):
    """Nothing can happen any more, and something is still awaited."""


class SimLoop(asyncio.BaseEventLoop):
    """See the module's text. ``at`` plans what the world does by itself; it also happens while a job blocks (``pass_time``)."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self._selector: Any = self
        self._now = 0.0
        self._rng = rng
        self._planned: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._free_at: dict[Any, float] = {}
        # Of a worker that has crashed nobody asks what became of its tasks.
        self.set_exception_handler(lambda loop, context: None)
        self.set_task_factory(_of_its_worker)

    def time(self) -> float:
        return self._now

    def at(self, delay_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._planned, (self._now + delay_s, next(self._count), action))

    def pass_time(self, seconds: float) -> None:
        """What has been planned for the meantime happens."""
        end = self._now + seconds
        while self._planned and self._planned[0][0] <= end:
            due, _, action = heapq.heappop(self._planned)
            self._now = max(self._now, due)
            action()
        self._now = max(self._now, end)

    def finish(self) -> None:
        """Ends all that is still under way, and the loop."""
        left = asyncio.all_tasks(self)
        for task in left:
            task.cancel()
        if left:
            self.run_until_complete(asyncio.wait(left))
        self.close()

    # -- what BaseEventLoop asks of a real loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            if not self._planned:
                raise Stuck("nothing can happen any more")
            timeout = self._planned[0][0] - self._now
        if timeout > 0:
            # Only up to the next planned event: it may make something ready.
            until = min(self._now + timeout, self._planned[0][0] if self._planned else self._now + timeout)
            self.pass_time(max(0.0, until - self._now))
        elif self._planned and self._planned[0][0] <= self._now:
            self.pass_time(0.0)
        return []

    def _process_events(self, event_list: Any) -> None: ...

    def _write_to_self(self) -> None: ...

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        future, worker = self.create_future(), worker_now.get()

        def run() -> None:
            if future.cancelled() or (worker is not None and not worker.alive):
                return
            try:
                result = func(*args)
            except Crash:
                return
            except Exception as exc:
                if not future.cancelled():
                    future.set_exception(exc)
            else:
                if not future.cancelled():
                    future.set_result(result)

        start = max(self._now, self._free_at.get(executor, 0.0)) + self._rng.choice((0.001, 0.004, 0.02))
        self._free_at[executor] = start
        self.call_at(start, run)
        return future


def _of_its_worker(loop: Any, coroutine: Any, **kwargs: Any) -> Any:
    """Makes a task that its worker knows of, if a worker makes it."""
    task = asyncio.Task(coroutine, loop=loop, **kwargs)
    context = kwargs.get("context")
    life = context.get(worker_now) if context is not None else worker_now.get()
    if life is not None:
        life.tasks.add(task)
        task.add_done_callback(life.tasks.discard)
    return task


def time_of(loop: SimLoop) -> SimpleNamespace:
    """Stands in for the ``time`` module where the engine uses it."""
    return SimpleNamespace(monotonic=loop.time, perf_counter=loop.time, sleep=loop.pass_time)
