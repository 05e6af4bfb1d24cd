"""The folder's page: its settings are read, its commands are there, its report is taken by the gateway, its links lead somewhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from connectors.channels.base import Push
from connectors.channels.reports import PlainReports
from connectors.shops import Wms, load
from schemas.codec import CODEC
from streams.cli.main import app

PAGE = Path(__file__).parents[3] / "connectors/warehouse/README.md"
TEXT = PAGE.read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_its_settings_are_read(tmp_path: Path) -> None:
    file = tmp_path / "shops.toml"
    file.write_text(blocks("toml")[0])
    os.chmod(file, 0o600)
    secrets = dict.fromkeys(("HZ_WMS_SECRET", "HZ_WMS_CUSTOMER"), "0123456789abcdef0123456789")
    (system,) = load(file, secrets).wms
    assert (system.ours, system.theirs("HZ1"), system.our("WH-HZ"), system.our("?")) == (("HZ1",), "WH-HZ", "HZ1", "")
    assert system.since_ms == 1_796_054_400_000


@pytest.mark.parametrize("line", re.findall(r"^    penstock (.+)$", TEXT, re.MULTILINE))
def test_its_commands_are_there(line: str) -> None:
    words = line.partition("#")[0].split()
    options = [word for word in words if word.startswith("--")]
    command, group = [], typer.main.get_command(app)
    for word in words:
        if not isinstance(getattr(group, "commands", None), dict) or word not in group.commands:  # type: ignore[attr-defined]
            break
        command.append(word)
        group = group.commands[word]  # type: ignore[attr-defined]
    shown = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"}).output
    assert command
    assert [option for option in options if option not in shown] == []


def test_its_report_is_taken() -> None:
    there: dict[str, object] = {}
    exec(blocks("python")[0], there)
    door = PlainReports(Wms("own", "webhook", "", "secret", warehouses=("HZ1",)), lambda _, code: code)
    push = Push(there["headers"], there["body"], int(float(str(there["at"])) * 1000), ("own",))  # type: ignore[arg-type]
    door.verify(push)
    ((_, key, value, _),) = door.read(push)
    name, record = CODEC.decode(value)
    assert (name, key, record["warehouse"], record["parcels"][0]["lines"][0]["quantity"]) == (
        "WarehouseReport",
        "jd:300000424242",
        "HZ1",
        2,
    )


def test_its_links_lead_somewhere() -> None:
    linked = re.findall(r"\]\(([^)\s]+)\)", TEXT)
    assert linked
    assert [each for each in linked if not (PAGE.parent / each).exists()] == []
