"""What the README has typed: its indented blocks, line by line, for a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests import handbook
from tests.integration.conftest import until

ROOT = Path(__file__).parents[2]


def block(holding: str) -> list[str]:
    """The lines of the one block that holds this text, without their remarks."""
    blocks = re.findall(r"(?:^    \S.*\n)+", handbook.text(), re.MULTILINE)
    (found,) = [lines for lines in blocks if holding in lines]
    return [re.sub(r"\s+# .*", "", line).strip() for line in found.splitlines()]


class Shell:
    """Types lines in the checkout, with Penstock's data in a folder of the test's."""

    def __init__(self, data: Path, known: Mapping[str, str] | None = None) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        self.environment = {**clean, "PENSTOCK_DATA": str(data), "PENSTOCK_PARTITIONS": "1", "COLUMNS": "140"}
        #: What stands for something in the README, PORT, or for something else than there.
        self.known = dict(known or {})

    def here(self, text: str) -> str:
        """What the README's text is here."""
        for name, value in self.known.items():
            text = text.replace(name, value)
        return text

    def typed(self, line: str) -> list[str]:
        """The line for ``subprocess``, with this checkout's Penstock."""
        penstock = str(Path(sys.executable).parent / "penstock")
        return ["bash", "-c", self.here(line).replace(".venv/bin/penstock", penstock)]

    def type(self, line: str) -> str:
        """What it prints; it ends well."""
        done = subprocess.run(
            self.typed(line), env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def until(self, line: str, says: str) -> str:
        """Types it again, as a person does, until it says this."""
        return self.until_it(line, lambda said: says in said, says)

    def until_it(self, line: str, fits: Callable[[str], bool], what: str) -> str:
        return until(lambda: self.type(line), fits, f"{line} says {what}", 240.0)
