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
from tests.connectors.console.conftest import with_roles
from tests.connectors.postgres.conftest import named
from tests.integration.conftest import Shop, penstock

__all__ = ["with_roles"]


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
def test_a_reader_that_has_gone_is_no_error(
    shop: Shop, postgres: str, with_roles: str, args: tuple[str, ...], form: tuple[str, ...]
) -> None:
    if form and args[0] in ("topology", "tail"):
        pytest.skip("it has one form")
    done = penstock(*args, *form, heard=False, **settings(shop, args, named(postgres, with_roles)))
    assert done.returncode == 0, done
    # Where it looks is no complaint.
    assert [line for line in done.stderr.splitlines() if not line.startswith("the topics are asked: ")] == []


def test_every_listing_is_tried() -> None:
    assert {("order", "list"), ("stock", "list"), ("writeback", "list")} <= set(listings())


@pytest.mark.parametrize("args", ["stock list", "--version"])
def test_head_in_a_shell_leaves_nothing_on_the_terminal(shop: Shop, args: str) -> None:
    env = {**in_no_hub(), **settings(shop), "PYTHON": sys.executable}
    script = f'set -o pipefail; "$PYTHON" -m streams.cli {args} | head -1'
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1), done


@pytest.mark.parametrize("args", ["--help", "order --help", "order list --help"])
def test_help_that_is_not_read_to_its_end_leaves_nothing_there_either(args: str) -> None:
    """Rich's own console ends the process, with 1."""
    script = f'"$PYTHON" -m streams.cli {args} | head -1'
    env = {**in_no_hub(), "PYTHON": sys.executable}
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True)
    assert (done.stderr, done.stdout.count("\n")) == ("", 1), done


def in_no_hub() -> dict[str, str]:
    """This process's surroundings without what is said of a hub, or of how it is tested."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}


def settings(shop: Shop, args: tuple[str, ...] = (), database: str = "") -> dict[str, Any]:
    """``database``: what the console's users stand in, and what has gone wrong; of the others none is told of it."""
    more = {"PENSTOCK_DATABASE_URL": database} if args[:1] in (("console",), ("case",)) else {}
    here = str(shop.settings.data)
    return {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": here, "PENSTOCK_BACKUP": here, **more}
