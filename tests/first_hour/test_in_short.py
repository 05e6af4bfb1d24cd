"""The walks without what takes minutes, one after another in one hub, each with an order and goods of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.first_hour import walks
from tests.first_hour.typed import ROOT, Shell
from tests.first_hour.up import needs_curl, port_of, up

JD = "deploy/examples/orders/jd.json"

pytestmark = needs_curl

#: A shell that knows the order of this number, and its goods, by the README's names.
ShellOf = Callable[[int], Shell]


@pytest.fixture(scope="module")
def shell_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShellOf]:
    """In a hub that runs until the last of these tests."""
    folder = tmp_path_factory.mktemp("up")
    first = Shell(folder / "hub")
    with up(first, walks.START, folder / "up.log") as it:

        def shell_of(number: int) -> Shell:
            shell = Shell(folder / "hub", {walks.ORDER_NO: str(number), walks.SKU: f"TS-{number}"})
            order = folder / f"{number}.json"
            order.write_text(shell.here((ROOT / JD).read_text("utf-8")), "utf-8")
            shell.known |= {JD: str(order), "PORT": port_of(it.said(), "jd")}
            return shell

        yield shell_of


def test_a_newcomers(shell_of: ShellOf) -> None:
    walks.from_an_order_to_its_number(shell_of(300000424243))


def test_an_operators_in_chinese(shell_of: ShellOf) -> None:
    walks.from_review_to_release_in_chinese(shell_of(300000424244))


def test_an_sres(shell_of: ShellOf, tmp_path: Path) -> None:
    shell = shell_of(300000424245)
    walks.until_an_order_waits_for_a_person(shell)
    walks.from_review_to_a_proof(shell, tmp_path)
