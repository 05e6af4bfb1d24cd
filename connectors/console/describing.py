"""``python -m connectors.console.describing``: writes ``openapi.json``, of which the pages' types are made; a test holds it fresh."""

from __future__ import annotations

import json
from pathlib import Path

from connectors.console.app import build

FILE = Path(__file__).with_name("openapi.json")


def described() -> str:
    """The description of all routes, as the file has it."""
    return json.dumps(build(None).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(described(), "utf-8")
