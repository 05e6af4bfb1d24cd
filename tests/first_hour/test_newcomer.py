"""From ``penstock up --with-simulators`` to a number at the platform, by the README alone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.first_hour.typed import ROOT, Shell, block
from tests.integration.conftest import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

_PATIENCE_S = 240.0


class Up:
    """The terminal in which ``up`` runs."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self.log = process, log

    def said(self) -> str:
        return self.log.read_text()

    def says(self, what: str) -> None:
        until(self.said, lambda said: what in said, f"up says {what!r}", _PATIENCE_S)


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
        assert process.wait(_PATIENCE_S) == 0, it.said()


def port_of(said: str, channel: str) -> str:
    """As it stands in the last line to copy."""
    *_, port = re.findall(rf"curl --data @deploy/examples/orders/{channel}\.json http://127\.0\.0\.1:(\d+)/", said)
    return str(port)


def test_from_up_to_a_number_at_the_platform(tmp_path: Path) -> None:
    start, warehouse, stock, place, orders, ship, written, asked, shown = block("penstock up --with-simulators")
    shell = Shell(tmp_path / "hub")
    with up(shell, start, tmp_path / "up.log") as it:
        shell.known["PORT"] = port_of(it.said(), "jd")
        shell.type(warehouse)
        assert "TS-RED" in shell.type(stock)
        assert "300000424242" in shell.type(place)
        shell.until(orders, "ALLOCATED")
        assert "applied" in shell.type(ship)
        shell.until(written, "WRITTEN")
        at_jd = json.loads(shell.type(asked))
        assert [parcel["tracking_no"] for parcel in at_jd["shipments"]] == ["SF1234567890123"]
        assert at_jd["ship_effects"] == 1
        assert "SHIPPED" in shell.type(shown)

        # The simulators die: with them those come back that have their keys, and orders go on.
        children = psutil.Process(it.process.pid).children()
        (simulators,) = [child for child in children if "simulate" in child.cmdline()]
        os.kill(simulators.pid, signal.SIGKILL)
        it.says("simulate was killed by SIGKILL; it is started again (1 of 5)")
        until(it.said, lambda said: said.count("to place an order there") == 2, "they are back", _PATIENCE_S)
        shell.known["PORT"] = port_of(it.said(), "shopify")
        shell.type(place.replace("jd.json", "shopify.json"))
        shell.until(orders.replace("jd", "shopify"), "ALLOCATED")
    assert it.said().endswith("stopped\n")
