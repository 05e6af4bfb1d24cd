"""An SRE's first night: what runs is killed, an order waits for a person, a log is read again, all is proven. By the README's lines."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.first_hour import walks
from tests.first_hour.typed import Shell
from tests.first_hour.up import Up, needs_curl, port_of, up

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200), needs_curl]


def test_from_kills_to_a_proof(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "hub")
    with up(shell, walks.START, tmp_path / "up.log") as it:
        shell.known["PORT"] = port_of(it.said(), "jd")
        walks.until_an_order_waits_for_a_person(shell)
        _kill(it, lambda line: "worker" in line and "decisions" in line, "worker 0")
        _kill(it, lambda line: any("kafka.Kafka" in word for word in line), "kafka")
        it.says("kafka answers again")
        walks.from_review_to_a_proof(shell, tmp_path)
    assert it.said().endswith("stopped\n")


def _kill(it: Up, which: Callable[[list[str]], bool], name: str) -> None:
    (first, *_) = [child for child in psutil.Process(it.process.pid).children(recursive=True) if which(child.cmdline())]
    os.kill(first.pid, signal.SIGKILL)
    it.says(f"{name} was killed by SIGKILL; it is started again (1 of 5)")
