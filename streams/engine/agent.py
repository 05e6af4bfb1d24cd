"""Faust's agents and streams, with one change: an agent that fails tells the cycle, which decides what becomes of the records.

Stock Faust acknowledges the event that made an agent fail and restarts the agent on the next one: the event is lost. Here the agent's
function is begun anew on the same stream, and the cycle delivers the records again, in halves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from faust.agents.agent import Agent as FaustAgent
from faust.streams import Stream as FaustStream

from streams.engine.errors import Fault


class Stream(FaustStream[Any]):
    """A stream that can be closed from outside, to be iterated anew."""

    _iteration: Any = None

    def __aiter__(self) -> AsyncIterator[Any]:
        # Not the compiled iterator: it acknowledges by itself and tells nobody.
        self._iteration = self._py_aiter()
        iteration: AsyncIterator[Any] = self._iteration
        return iteration

    async def end_iteration(self) -> None:
        """Closes the present iteration, so that its clean-up does not run into the next one."""
        iteration, self._iteration = self._iteration, None
        if iteration is not None:
            await iteration.aclose()


class Agent(FaustAgent):
    """An agent whose failures belong to the cycle; it is never restarted by a supervisor."""

    app: Any

    async def _execute_actor(self, coro: Any, aref: Any) -> None:
        while True:
            try:
                await coro
                if not self.app.should_stop:
                    self.app.engine_cycle.agent_failed(
                        Fault(f"agent {self.name!r} has returned: it must go on for ever")
                    )
                return
            except Exception as exc:
                # Closing the iteration acknowledges what the agent failed on: from here on that counts for nothing.
                self.app.engine_cycle.agent_failing()
                await aref.stream.end_iteration()
                if self._on_error is not None:
                    await self._on_error(self, exc)
                # Begun first, so that it waits on its stream when the cycle delivers again.
                coro = self._begin_again(aref)
                self.app.engine_cycle.agent_failed(exc)

    def _begin_again(self, aref: Any) -> Any:
        result: Any = self.fun(aref.stream)
        return self._slurp(aref, aiter(result)) if hasattr(result, "__aiter__") else result
