"""The README's sixth channel, put into a copy of the hub by the README's steps and no others."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests import handbook

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\|[^|]*\|(?P<module>[^|]*)\| (?P<how>[^|]*) \|$", re.M)
_LINES = re.compile(
    r"^(?:`(?P<imports>from [^`]+)` )?`(?P<line>[^`]+)` in `(?P<table>\w+)` of \[[^]]+\]\((?P<file>[^)]+)\)$"
)


def add(folder: Path) -> None:
    """Copies the packages to a folder, and adds the channel there."""
    for package in ("connectors", "deploy", "schemas", "streams"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    section = handbook.section("Add a channel")
    shown = re.search(r"^```python\n(.*?)^```", section, re.M | re.S)
    assert shown is not None
    rows = [row for row in _ROW.finditer(section) if "youzan" in row["module"] + row["how"]]
    assert len(rows) == 6
    for row in rows:
        if place := re.search(r"`(\S+/\S+\.py)`", row["module"]):
            its = re.match(r" `(\w+\.py)`: ", row["module"])
            code = (ROOT / "deploy/examples/youzan" / its[1]).read_text("utf-8") if its else shown[1]
            (folder / place[1]).write_text(code, "utf-8")
        if found := _LINES.match(row["how"]):
            _insert(folder / "connectors" / found["file"], found["table"], found["line"], found["imports"])
        else:
            assert row["how"].startswith("none: "), row["how"]


def _insert(path: Path, table: str, line: str, imports: str | None) -> None:
    """The line at the end of the table, the import behind the others."""
    text = path.read_text("utf-8")
    begins = re.search(rf"^{table}\b.*?[({{]", text, re.M)
    assert begins is not None, (path, table)
    if begins[0][-1] == "{":
        end = text.index("\n}", begins.end()) + 1
        text = f"{text[:end]}    {line}\n{text[end:]}"
    else:
        end = text.index(")", begins.end())
        text = f"{text[:end]}, {line}{text[end:]}"
    if imports:
        at = [found.end() for found in re.finditer(r"^from [.\w]+ import .*\n", text, re.M)][-1]
        text = f"{text[:at]}{imports}\n{text[at:]}"
    path.write_text(text, "utf-8")
