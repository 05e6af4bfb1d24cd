"""The pages' sources: types, lint, their own tests, and how heavy they are built."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.console.pages import FOLDER

WEB = FOLDER.with_name("web")
#: Where make puts Node, before any that the machine has.
PATH = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
#: What a person waits for on the first page, and all there is, in bytes as they travel.
FIRST_MAX, ANY_MAX, WHOLE_MAX = 350_000, 358_000, 800_000


def run(*args: str) -> str:
    npm = shutil.which("npm", path=PATH["PATH"])
    assert npm, "Node is not here: make .venv/.web-dev"
    done = subprocess.run([npm, *args], cwd=WEB, env=os.environ | PATH, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("script", ["types", "lint", "test"])
def test_the_sources_are_sound(script: str) -> None:
    """Types are those of the server's description as it is now: what it no longer has, no page may use."""
    run("run", "--silent", script)


def test_no_registry_is_named_in_the_lock() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())["packages"]
    assert [name for name, package in lock.items() if "resolved" in package] == []
    assert [name for name, package in lock.items() if name and "integrity" not in package] == []


def test_the_pages_are_light() -> None:
    manifest: dict[str, dict[str, Any]] = json.loads((FOLDER / "manifest.json").read_text())
    weight = {
        path.relative_to(FOLDER).as_posix(): len(gzip.compress(path.read_bytes(), 6))
        for path in FOLDER.rglob("*")
        if path.suffix in (".js", ".css", ".html")
    }

    def loaded(chunk: str) -> set[str]:
        """Its own files, and those of what it cannot begin without."""
        parts = [chunk, *manifest[chunk].get("imports", ())]
        files = {file for part in parts for file in (manifest[part]["file"], *manifest[part].get("css", ()))}
        return files.union(*(loaded(part) for part in parts[1:]))

    languages = [loaded(chunk) for chunk in manifest if chunk.startswith("src/locales/")]
    assert len(languages) == 2
    entry = loaded("index.html").union(max(languages, key=lambda files: sum(weight[file] for file in files)))
    pages = {chunk: loaded(chunk) for chunk, found in manifest.items() if chunk.endswith("Page.tsx")}
    first = {page: sum(weight[file] for file in entry | files) for page, files in pages.items()}
    # The page that one comes to first; and whichever other somebody may see first. What is drawn on it comes when it stands.
    assert first["src/features/orders/OrdersPage.tsx"] <= FIRST_MAX, first
    assert max(first.values()) <= ANY_MAX and len(first) > 8, first
    assert sum(weight.values()) <= WHOLE_MAX, weight
