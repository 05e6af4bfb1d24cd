"""Brings back processes that die, says so, and knows when to give up.

One that dies is started again at once; the second time within ten minutes after a second, then 2, 4, 8: what fails right after its start
is given time. The sixth time is the last: nobody is helped by a process that runs for seconds. Servers come first: what needs one is not
started while it is down, and what it died of before is forgiven.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

_WINDOW_S = 600.0
_TIMES = 5


class Supervised(Protocol):
    """A process that was started."""

    @property
    def name(self) -> str: ...

    @property
    def log(self) -> Path: ...

    def exit_code(self) -> int | None:
        """How it has ended, negative for a signal; None while it runs."""

    def revive(self) -> None:
        """Starts it again; what goes wrong is raised, and it is tried again."""


class GivenUp(Exception):
    """A process dies again and again; the message names it, how it ended and its log."""


def how(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


class Supervisor:
    """Of ``servers``, and ``others`` that need them. ``say`` takes a line for the person at the terminal."""

    def __init__(
        self,
        servers: Sequence[Supervised],
        others: Sequence[Supervised],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = servers
        self._others = others
        self._say = say
        self._clock = clock
        self._deaths: dict[str, list[float]] = {}
        #: Those that are down, and when they are to be started again.
        self._due: dict[str, float] = {}

    def check(self) -> None:
        """Call it every second or so. Raises GivenUp."""
        for process in self._servers:
            self._look_at(process)
        if not any(server.name in self._due for server in self._servers):
            for process in self._others:
                self._look_at(process)

    def _look_at(self, process: Supervised) -> None:
        if process.name not in self._due:
            code = process.exit_code()
            if code is None:
                return
            self._died(process, how(code))
        if self._clock() < self._due[process.name]:
            return
        try:
            process.revive()
        except Exception as exc:
            self._died(process, f"does not start: {exc}")
            return
        del self._due[process.name]
        if process in self._servers:
            self._say(f"{process.name} answers again")
            for other in self._others:
                self._deaths.pop(other.name, None)

    def _died(self, process: Supervised, what: str) -> None:
        now = self._clock()
        deaths = self._deaths.setdefault(process.name, [])
        deaths[:] = [*(at for at in deaths if now - at < _WINDOW_S), now]
        if len(deaths) > _TIMES:
            raise GivenUp(
                f"{process.name} {what}, and was started again {_TIMES} times within {_WINDOW_S / 60:.0f} minutes: "
                f"not once more; its log: {process.log}"
            )
        wait_s = 0.0 if len(deaths) == 1 else 2.0 ** (len(deaths) - 2)
        self._due[process.name] = now + wait_s
        when = f"in {wait_s:.0f} s " if wait_s else ""
        self._say(
            f"{process.name} {what}; it is started again {when}({len(deaths)} of {_TIMES}); its log: {process.log}"
        )
