"""The terminal in which ``penstock up`` runs."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.first_hour.typed import ROOT, Shell
from tests.integration.conftest import until

PATIENCE_S = 240.0
#: The README's orders are sent by it.
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


class Up:
    """The terminal in which ``up`` runs."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self.log = process, log

    def said(self) -> str:
        return self.log.read_text()

    def says(self, what: str) -> None:
        until(self.said, lambda said: what in said, f"up says {what!r}", PATIENCE_S)


@contextmanager
def up(shell: Shell, line: str, log: Path) -> Iterator[Up]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {shell.typed(line)[2]}"],
            env={**shell.environment, "PENSTOCK_AS_ROOT": "1"},
            cwd=ROOT,
            stdout=out,
            stderr=out,
        )
    it = Up(process, log)
    try:
        it.says("Ctrl-C stops.")
        yield it
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0, it.said()


def port_of(said: str, channel: str) -> str:
    """As it stands in the last line to copy."""
    *_, port = re.findall(rf"curl --data @deploy/examples/orders/{channel}\.json http://127\.0\.0\.1:(\d+)/", said)
    return str(port)
