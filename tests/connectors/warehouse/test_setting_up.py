"""A system that is set up wrong is said at the start, by entry, field and fix; its health is looked at without an entry of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.shops import load
from connectors.warehouse.run import limits_book
from streams.monitor.interfaces import interfaces
from streams.settings import InvalidSetting, Settings

SYSTEM = """
[[wms]]
name = "hz"
kind = "qimen"
url = "https://wms.example/x"
app_key = "1"
customer = "c"
owner = "O"
secret = "hush"
warehouses = ["HZ1=WH-HZ", "HZ2"]
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "shops.toml"
    file.write_text(text)
    os.chmod(file, 0o600)
    return file


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SYSTEM * 2, "name: letters, digits and -, and each once"),
        (SYSTEM.replace('"hz"', '"h z"'), "name: letters, digits and -, and each once"),
        (SYSTEM.replace("qimen", "csv"), "kind is 'csv': one of qimen, webhook"),
        (SYSTEM.replace('customer = "c"', ""), "'hz': customer is missing"),
        (SYSTEM.replace('owner = "O"', ""), "'hz': owner is missing"),
        (SYSTEM.replace('secret = "hush"', ""), "secret is missing"),
        (SYSTEM.replace('["HZ1=WH-HZ", "HZ2"]', "[]"), "warehouses is missing"),
        (SYSTEM.replace('"HZ2"', '"HZ1"'), "warehouses has 'HZ1' twice"),
        (SYSTEM.replace("https", "http"), "url"),
        (SYSTEM + 'since = "yesterday"\n', "since is 'yesterday'"),
        (SYSTEM + 'since = "2026-12-01T00:00:00"\n', "since is '2026-12-01T00:00:00'"),
        (SYSTEM + 'sign = "both"\n', "sign is 'both': one of tail"),
        (SYSTEM + 'token = "x"\n', "'token' is not known"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidSetting) as told:
        load(written(tmp_path, text), {})
    assert says in str(told.value)
    assert "hush" not in str(told.value)


def test_its_health_is_looked_at(tmp_path: Path) -> None:
    settings = Settings(brokers="127.0.0.1:1", data=tmp_path, shops=written(tmp_path, SYSTEM))
    assert ("wms.hz", "wms.example:443") in {(it.name, it.target) for it in interfaces(settings).all}


def test_its_rates_can_be_said(tmp_path: Path) -> None:
    systems = load(written(tmp_path, SYSTEM), {}).wms
    limits = tmp_path / "limits.toml"
    limits.write_text('[hz]\nconcurrent = 2\n[warehouse."HZ1"]\ncalls = [1, 2]\n')
    book = limits_book(systems, limits)
    assert (book.of("hz", "HZ1").calls, book.of("hz", "HZ1").concurrent, book.of("hz", "HZ2").calls) == (
        (1, 2),
        2,
        (20, 1),
    )
