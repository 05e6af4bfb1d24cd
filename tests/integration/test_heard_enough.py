"""A reader that has heard enough (``| head -1``) is no error: every listing ends there, without a word."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from streams.cli.main import app
from tests.integration.conftest import Shop, penstock


def listings(group: typer.Typer = app, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for command in group.registered_commands:
        if command.name == "list":
            yield (*names, command.name)
    for sub in group.registered_groups:
        assert sub.typer_instance is not None
        yield from listings(sub.typer_instance, (*names, str(sub.name)))


OTHERS = (("topology",), ("lag",), ("status", "--once"), ("tail", "inventory.commands"), ("stock", "show", "HAND"))


@pytest.mark.parametrize("args", [*listings(), *OTHERS], ids=" ".join)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
def test_a_reader_that_has_gone_is_no_error(shop: Shop, args: tuple[str, ...], form: tuple[str, ...]) -> None:
    if form and args[0] in ("topology", "tail"):
        pytest.skip("it has one form")
    done = penstock(*args, *form, heard=False, **settings(shop))
    assert done.returncode == 0, done
    # Where it looks is no complaint.
    assert [line for line in done.stderr.splitlines() if not line.startswith("the topics are asked: ")] == []


def test_every_listing_is_tried() -> None:
    assert {("order", "list"), ("stock", "list"), ("writeback", "list")} <= set(listings())


def test_head_in_a_shell_leaves_nothing_on_the_terminal(shop: Shop) -> None:
    env = {**os.environ, **settings(shop), "PYTHON": sys.executable}
    script = 'set -o pipefail; "$PYTHON" -m streams.cli stock list | head -1'
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1), done


def settings(shop: Shop) -> dict[str, Any]:
    return {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": str(shop.settings.data)}
