"""From ``penstock up --with-simulators`` to a number at the platform, by the README alone; and past the simulators' death."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.first_hour import walks
from tests.first_hour.typed import Shell
from tests.first_hour.up import PATIENCE_S, needs_curl, port_of, up
from tests.integration.conftest import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(900), needs_curl]


def test_from_up_to_a_number_at_the_platform(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "hub")
    with up(shell, walks.START, tmp_path / "up.log") as it:
        shell.known["PORT"] = port_of(it.said(), "jd")
        walks.from_an_order_to_its_number(shell)

        # The simulators die: with them those come back that have their keys, and orders go on.
        children = psutil.Process(it.process.pid).children()
        (simulators,) = [child for child in children if "simulate" in child.cmdline()]
        os.kill(simulators.pid, signal.SIGKILL)
        it.says("simulate was killed by SIGKILL; it is started again (1 of 5)")
        until(it.said, lambda said: said.count("to place an order there") == 2, "they are back", PATIENCE_S)
        shell.known["PORT"] = port_of(it.said(), "shopify")
        shell.type(walks.PLACE.replace("jd.json", "shopify.json"))
        shell.until(walks.ORDERS.replace("jd", "shopify"), "ALLOCATED")
    assert it.said().endswith("stopped\n")
