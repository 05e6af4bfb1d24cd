"""Every page in both languages, light and dark: nothing that axe finds serious, nothing wider than the window."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.connectors.console.web.conftest import SIZE, Visit

PAGES = {
    "sign in": "/login",
    "orders": "/orders",
    "orders that are few": "/orders?status=BACKORDERED&channel=pdd",
    "no such orders": "/orders?q=0",
    "an order": "{order}",
    "in review": "/reviews",
    "an item in review": "/reviews?item={item}",
    "what was settled": "/reviews?state=settled",
    "live": "/live",
    "dead writebacks": "/writebacks",
    "stock": "/stock",
    "system without Kafka": "/system",
    "no such order": "/orders/taobao%3A0",
    "no such page": "/nowhere",
}


@pytest.mark.long
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_can_be_read_by_everybody(visit: Visit, language: str, mode: str) -> None:
    page = visit("/login", language=language, mode=mode, signed_in=False)
    looked_at(page, "sign in")
    page = visit("/orders", language=language, mode=mode)
    page.locator("tbody a").first.wait_for()
    order = page.locator("tbody a").first.get_attribute("href")
    page.goto("/reviews")
    page.locator("tbody button").first.click()
    page.wait_for_url("**item=**")
    item = page.url.rpartition("item=")[2]
    for name, path in PAGES.items():
        if name != "sign in":
            page.goto(path.format(order=order, item=item))
            looked_at(page, name)


def looked_at(page: Page, name: str) -> None:
    """What axe finds serious in it, and how wide it is."""
    page.locator("main h1, main .state").first.wait_for()
    page.locator(".ant-skeleton").first.wait_for(state="detached")
    found = Axe().run(page).response["violations"]
    grave = [
        f"{each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
    assert grave == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZE["width"], name
