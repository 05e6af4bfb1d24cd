"""A draft held against what was decided in the last days: in a process of its own, one at a time, which can be stopped.

The process reads only. It gives way to all others, and ends when it has run for too long or would take too much memory.
"""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from connectors.console.deeds import Refusal
from connectors.console.rule_deeds import Counterfactual
from streams.ops.cluster import Cluster, ClusterError
from streams.settings import Settings

_DAY_MS = 86_400_000
_LONGEST_S = 1_800.0
_MEMORY_MAX = 2 << 30
#: No more often is it told how far it is.
_TELL_S = 0.2
#: Not inherited: a copy of a process with threads would hold their locks.
_SPAWN = get_context("spawn")

TOO_LONG = "it took too long: fewer days, or penstock rules simulate on a machine with time"
TOO_LARGE = "it took too much memory: fewer days, or penstock rules simulate on a machine with more"
BROKE_OFF = "its process broke off: the console's log may say why"
RUNNING = "another is running: wait for it, or stop it"


class Counterfactuals:
    """The one that runs, or the last one that did: kept until another is started."""

    def __init__(self, settings: Settings, longest_s: float = _LONGEST_S) -> None:
        self._settings, self._longest_s = settings, longest_s
        self._turn = threading.Lock()
        self._process: Any = None
        self.last: Counterfactual | None = None

    def start(self, text: str, name: str, digest: str, days: int, by: str) -> Counterfactual:
        """Raises Refusal: one is running; ClusterError: there is no broker."""
        if not self._settings.brokers:
            raise ClusterError("no broker")
        with self._turn:
            if self.last is not None and self.last.state == "running":
                raise Refusal(RUNNING)
            now_ms = _now_ms()
            ours, theirs = _SPAWN.Pipe(duplex=False)
            period = (now_ms - days * _DAY_MS, now_ms)
            self._process = _SPAWN.Process(target=_run, args=(self._settings, text, period, theirs), daemon=True)
            self._process.start()
            theirs.close()
            self.last = Counterfactual(name, digest, by, days, "running", now_ms, None, 0, 0, "", None)
            threading.Thread(target=self._follow, args=(self._process, ours), daemon=True).start()
            return self.last

    def stop(self) -> Counterfactual | None:
        """Ends the one that runs; what has ended stays as it is."""
        with self._turn:
            if self.last is not None and self.last.state == "running":
                self._process.kill()
                self.last = self.last._replace(state="stopped", ended_at_ms=_now_ms())
            return self.last

    def _follow(self, process: Any, told: Connection) -> None:
        """Until it has ended, whatever way."""
        until = time.monotonic() + self._longest_s
        end: dict[str, Any] = {"state": "failed", "says": BROKE_OFF}
        with told, suppress(EOFError):
            while True:
                if not told.poll(max(0.0, until - time.monotonic())):
                    process.kill()
                    end = {"state": "failed", "says": TOO_LONG}
                    break
                kind, *what = told.recv()
                if kind == "ended":
                    end = what[0]
                else:
                    self._note(process, read=what[0], total=what[1])
        process.join()
        self._note(process, **end, ended_at_ms=_now_ms())
        process.close()

    def _note(self, process: Any, **what: Any) -> None:
        with self._turn:
            if process is self._process and self.last is not None and self.last.state == "running":
                self.last = self.last._replace(**what)


class _Progress:
    """Tells how many records of how many were read, now and then."""

    def __init__(self, tell: Connection) -> None:
        self._tell = tell
        self._read = self._total = 0
        self._told = 0.0

    def begin(self, more: int) -> None:
        """So many more will be."""
        self._total += more
        self._told = 0.0
        self.advance(0)

    def advance(self, count: int) -> None:
        """So many more were."""
        self._read += count
        if (now := time.monotonic()) - self._told > _TELL_S:
            self._told = now
            self._tell.send(("read", self._read, self._total))


def _run(settings: Settings, text: str, period: tuple[int, int], tell: Connection) -> None:
    """The process."""
    # Whoever ends the console by Ctrl-C ends it too, without a word of its own.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.nice(10)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_MAX, _MEMORY_MAX))
    with tell:
        tell.send(("ended", _ended(settings, text, period, _Progress(tell))))


def _ended(settings: Settings, text: str, period: tuple[int, int], progress: _Progress) -> dict[str, Any]:
    from schemas.documents.rules.builtin import read
    from streams.aside.config.standing import standing
    from streams.aside.facts import live_tables
    from streams.domain.routing.rules.compiling import compiled
    from streams.replay.counterfactual.recorded import Period
    from streams.replay.counterfactual.run import simulate
    from streams.replay.errors import ReplayRefused, ReplayStopped

    try:
        found = simulate(
            *(settings, compiled(read(text)), Period(*period), ("points", "sequence")),
            tables=live_tables(standing(Cluster(settings))),
            export=lambda _: None,
            begin=progress.begin,
            advance=progress.advance,
        )
    except (ReplayRefused, ReplayStopped, ClusterError) as error:
        return {"state": "failed", "says": str(error)}
    except MemoryError:
        return {"state": "failed", "says": TOO_LARGE}
    points, sequence = found.points, found.sequence
    sides = {"points": points and points.as_dict(), "sequence": sequence and sequence.as_dict()}
    return {"state": "done", "found": sides}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
