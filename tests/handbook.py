"""What is written for readers: one page about all of it, and a handbook a folder. Tests type its lines and hold it to what is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ONE_PAGE, IN_CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
PAGES = (ONE_PAGE, *(ROOT / folder / "README.md" for folder in ("streams", "connectors", "deploy", "tests")))


def text() -> str:
    """All pages of it, in English."""
    return "\n".join(page.read_text("utf-8") for page in PAGES)


def section(title: str) -> str:
    """What stands under the one heading of the second level that says this."""
    (found,) = [each for each in re.split(r"^## ", text(), flags=re.MULTILINE) if each.startswith(f"{title}\n")]
    return found.partition("\n")[2]
