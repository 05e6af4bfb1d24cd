"""Processes of the hub don't outlive the one that started them, even when it is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

#: Tells its number, and when it is told to end.
CHILD = """
import os, signal, sys, time
from streams.ops import leash
signal.signal(signal.SIGTERM, lambda *_: (print("told to end", flush=True), os._exit(0)))
leash.heed()
print(os.getpid(), flush=True)
time.sleep(600)
"""
PARENT = """
import sys, time
from pathlib import Path
from streams.ops.processes import HubProcess
from streams.settings import Settings
HubProcess.program = ("-c", sys.argv[2])
process = HubProcess(Settings(brokers="localhost:1", data=Path(sys.argv[1])), "child", ())
process.start()
time.sleep(600)
"""


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_a_killed_process_started_ends_in_order(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), CHILD])
    log = tmp_path / "child.log"
    try:
        until(lambda: log.exists() and log.read_text().endswith("\n"))
        parent.kill()
        until(lambda: log.read_text().endswith("told to end\n"))
    finally:
        parent.kill()
        parent.wait()


@pytest.mark.parametrize("fd", ["", "no number", "9999"])
def test_a_process_without_a_leash_runs_on(fd: str) -> None:
    code = "from streams.ops import leash; import time; leash.heed(); time.sleep(0.5); print('on')"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PENSTOCK_LEASH_FD": fd}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "on\n"), done.stderr
