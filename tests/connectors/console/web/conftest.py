"""Browsers that look at the built pages of a real console, over a database with a day's trade."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from connectors.console.pages import FOLDER
from connectors.console.permissions import Grant, Kind
from tests.connectors.console.conftest import PASSWORD, Console, copy_of, serving
from tests.connectors.console.web import browsers
from tests.connectors.console.web.trade import traded, written

#: What the window of a person is at the least.
SIZE = {"width": 1280, "height": 800}
#: How long a page may take to show what is expected: the machine may have much else to do.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
Made = TypeVar("Made")
EVERYTHING = Grant("admin", Kind.ALL, "")


@pytest.fixture(scope="package")
def traded_database(postgres: str, with_roles: str) -> Iterator[str]:
    """Some hundred orders, decided."""
    with copy_of(postgres, with_roles) as url:
        asyncio.run(written(url, traded(160, seed=7)))
        yield url


@pytest.fixture(scope="package")
def shop(traded_database: str) -> Iterator[Console]:
    """The console over it."""
    with serving(traded_database) as it:
        yield it


@pytest.fixture(scope="module")
def seen(shop: Console) -> Console:
    """The console that is looked at; a module may have another."""
    return shop


@pytest.fixture(scope="module")
def browser(seen: Console) -> Iterator[Browser]:
    """One for a module's tests: each opens windows of its own in it. Opened last: with it a loop runs in this thread (``apart``)."""
    if not (FOLDER / "index.html").exists():
        pytest.fail("the console's pages are not built: make pages")
    with browsers.driven() as playwright:
        it = browsers.opened(playwright)
        yield it
        it.close()


def apart(made: Callable[[], Made]) -> Made:
    """In a thread of its own, where a loop can be run."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(made).result()


@dataclass
class Visit:
    """Opens windows; ``troubles``: what browsers complained of in them."""

    browser: Browser
    console: Console
    troubles: list[str]
    contexts: list[BrowserContext]

    def __call__(
        self,
        path: str = "/",
        *grants: Grant,
        language: str = "zh",
        mode: str = "light",
        signed_in: bool = True,
        as_: str = "",
    ) -> Page:
        """A window of a person with these grants, or of one who is known by name, on that page."""
        locale = "zh-CN" if language == "zh" else "en-GB"
        base = f"http://127.0.0.1:{self.console.port}"
        context = self.browser.new_context(
            viewport=SIZE,
            locale=locale,
            color_scheme=mode,
            base_url=base,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        if signed_in:
            person = apart(
                lambda: self.console.known(as_) if as_ else self.console.signed_in(*(grants or (EVERYTHING,)))
            )
            name, _, value = person.cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": base, "httpOnly": True, "sameSite": "Lax"}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(page, said.type, said.text))
        page.goto(path)
        return page

    def user(self, *grants: Grant) -> str:
        """The name of a new one."""
        return apart(lambda: self.console.user(*grants))

    def _heard(self, page: Page, kind: str, text: str) -> None:
        # Of a refused request the browser says so itself, whatever the page makes of it.
        if kind in ("error", "warning") and not re.match(
            r"Failed to load resource: .* status of (40[1349]|410|503)", text
        ):
            self.troubles.append(f"{page.url}: {text}")


@pytest.fixture
def visit(browser: Browser, seen: Console, tmp_path: Path) -> Iterator[Visit]:
    """Windows of one test; any complaint of a browser fails it, and what they showed at last is kept."""
    it = Visit(browser, seen, [], [])
    yield it
    for number, context in enumerate(it.contexts):
        for page in context.pages:
            page.screenshot(path=tmp_path / f"{number}.png")
        context.close()
    assert it.troubles == [], f"the last of each window is in {tmp_path}"


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """As a person does."""
    page.locator("input[autocomplete=username]").fill(name)
    page.locator("input[autocomplete=current-password]").fill(password)
    page.locator("button[type=submit]").click()
