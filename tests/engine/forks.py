"""Worker processes without their second of imports: a process that has imported what they need makes each by a fork.

A worker is a process of its own all the same, with its environment, folder and log, and ends as if Python had started it: what is forked
has opened no client, store, thread or event loop yet. The tests' own process could not be forked like that.

    python -m tests.engine.forks    asks and answers, a line of JSON each, on its standard input and output; it ends, and its workers
                                    with it, when whoever asks has ended
"""

from __future__ import annotations

import gc
import json
import math
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


class Worker:
    """What tests do with a ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or minus the signal's number; None while it runs."""
        if self.returncode is None:
            self.returncode = _ask(wait=self.pid)
        return self.returncode

    def wait(self, timeout: float = math.inf) -> int:
        """Raises subprocess.TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"worker {self.pid}", timeout)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        # Until it is waited for its number is nobody else's.
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(module: str, args: Sequence[str], env: Mapping[str, str], log: Path) -> Worker:
    """``python -m module args``, in this environment, what it prints appended to ``log``, which is there at once."""
    log.touch()
    return Worker(_ask(module=module, args=args, env=dict(env), log=str(log)))


def _ask(**question: Any) -> Any:
    maker = _maker()
    assert maker.stdin is not None and maker.stdout is not None
    maker.stdin.write(json.dumps(question) + "\n")
    maker.stdin.flush()
    return json.loads(maker.stdout.readline())


@cache
def _maker() -> subprocess.Popen[str]:
    """One for all tests of this process."""
    command = [sys.executable, "-m", __name__]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)


def _answer() -> dict[str, Any]:
    """Serves until a worker is asked for: returns in the worker, with what it is to be. Ends the process when nobody asks any more."""
    running: set[int] = set()
    for line in sys.stdin:
        question = json.loads(line)
        if "wait" in question:
            pid, status = os.waitpid(question["wait"], os.WNOHANG)
            running.discard(pid)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if not answer:
                return question
            running.add(answer)
        print(json.dumps(answer), flush=True)
    for pid in running:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    sys.exit()


def _become(worker: Mapping[str, Any]) -> None:
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(worker["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard, file in enumerate((nothing, log, log)):
        os.dup2(file, standard)
    os.environ.clear()
    os.environ.update(worker["env"])
    sys.argv[1:] = worker["args"]
    runpy.run_module(worker["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    # What the tests' apps need, by the time they run.
    for name in (
        "faust.cli.faust",
        "faust.worker",
        "streams.engine.transport",
        "streams.ops.http",
        "tests.chaos.mutants",
    ):
        import_module(name)
    gc.freeze()
    _become(_answer())
