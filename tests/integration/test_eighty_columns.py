"""What is listed fits a terminal of 80 columns: no number and no name is cut."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.connectors.postgres.conftest import named
from tests.integration.conftest import Shop, penstock
from tests.integration.test_heard_enough import OTHERS, listings, settings, with_roles

__all__ = ["with_roles"]


@pytest.mark.parametrize("args", [*listings(), *OTHERS], ids=" ".join)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_cut(shop: Shop, postgres: str, with_roles: str, args: tuple[str, ...], language: str) -> None:
    done = penstock(*args, COLUMNS="80", PENSTOCK_LANG=language, **settings(shop, args, named(postgres, with_roles)))
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    assert [line for line in lines if "…" in line] == []
    # A record is one line whatever its length, and the picture of the topology is as wide as it is.
    if args[0] not in ("tail", "topology"):
        assert [line for line in lines if cell_len(line) > 80] == []


def test_large_numbers_of_long_names_are_whole(shop: Shop) -> None:
    sku = "TEA-GIFT-BOX-2026-AUTUMN-LIMITED-01"
    here = {"COLUMNS": "80", **settings(shop)}
    assert penstock("stock", "receive", sku, "1234567", "--warehouse", "hz1", **here).returncode == 0
    for look in (("stock", "list"), ("stock", "show", sku)):
        told = penstock(*look, **here).stdout
        # Where it is too long for its column it goes on below.
        first = [line[: told.index("warehouse")].strip() for line in told.splitlines()]
        assert sku in "".join(first) and "1,234,567" in told, told
