"""``python -m tests.connectors.console.web.pictures``: the README's pictures of the console, taken of the demo's data.

make demo ARGS=--keep; .venv/bin/penstock up, and in another terminal, with the address and the password of ``admin`` that they print:

    .venv/bin/python -m tests.connectors.console.web.pictures http://127.0.0.1:9460
"""

from __future__ import annotations

import argparse
import getpass
import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from connectors.console import __file__ as console
from tests.connectors.console.web import browsers

FOLDER = Path(console).parent / "pictures"
SIZE = {"width": 1280, "height": 800}
#: Of the JPEGs: letters stay sharp, and all eight together take less than a megabyte.
QUALITY = 60


def orders(page: Page) -> None:
    """The list of orders that wait for stock."""
    page.goto("/orders?status=BACKORDERED")
    page.locator("tbody a").nth(8).wait_for()


def order(page: Page) -> None:
    """The story of one that no warehouse had the whole of: which sends what, and why no other."""
    page.goto("/orders?split=true")
    page.locator("tbody a").first.click()
    page.get_by_role("heading", level=1, name=re.compile(r"\d{6}")).wait_for()


def reviews(page: Page) -> None:
    """What cannot be read, by its cause."""
    page.goto("/reviews")
    page.locator("tbody button").first.click()
    page.wait_for_url("**item=**")


def rules(page: Page) -> None:
    """The rule document that the demo decides by."""
    page.goto("/rules")
    page.locator("tbody a").first.click()
    page.locator("main h1").wait_for()


PICTURES: tuple[Callable[[Page], None], ...] = (orders, order, reviews, rules)


def main() -> None:
    parser = argparse.ArgumentParser(description="The README's pictures of the console, taken of the demo's data.")
    parser.add_argument("address", help="of the console, as penstock up prints it")
    parser.add_argument(
        "--user",
        default="admin",
        help="who signs in (admin); the password is asked for, or in PENSTOCK_CONSOLE_PASSWORD",
    )
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder (%(default)s)")
    args = parser.parse_args()
    password = os.environ.get("PENSTOCK_CONSOLE_PASSWORD") or getpass.getpass(f"password of {args.user}: ")
    args.into.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=30_000)
    with browsers.driven() as playwright:
        browser = browsers.opened(playwright)
        for language, locale in (("", "en-GB"), ("-zh", "zh-CN")):
            context = browser.new_context(viewport=SIZE, locale=locale, base_url=args.address)  # type: ignore[arg-type]
            context.set_default_timeout(30_000)
            page = context.new_page()
            page.goto("/login")
            page.locator("input[autocomplete=username]").fill(args.user)
            page.locator("input[autocomplete=current-password]").fill(password)
            page.locator("button[type=submit]").click()
            page.wait_for_url(lambda url: "/login" not in url)
            # How far the tables are behind is measured when first asked for: not at once, on a machine that has much else to do.
            for _ in range(20):
                orders(page)
                if not page.locator(".behind").count():
                    break
                page.wait_for_timeout(1_500)
            for picture in PICTURES:
                picture(page)
                page.locator(".ant-skeleton").first.wait_for(state="detached")
                page.wait_for_timeout(500)
                file = args.into / f"{picture.__name__}{language}.jpg"
                page.screenshot(path=file, type="jpeg", quality=QUALITY)
                print(f"{file}  {file.stat().st_size // 1024} kB")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
