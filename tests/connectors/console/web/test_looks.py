"""Every page in both languages, light and dark: nothing that axe finds serious, nothing wider than the window."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from connectors.console.permissions import Grant, Kind
from connectors.report.weeks import of
from tests.connectors.console.web.conftest import SIZE, Visit
from tests.connectors.console.web.trade import AT_MS

PAGES = {
    "sign in": "/login",
    "orders": "/orders",
    "orders that are few": "/orders?status=BACKORDERED&channel=pdd",
    "no such orders": "/orders?q=0",
    "an order": "{order}",
    "in review": "/reviews",
    "an item in review": "/reviews?item={item}",
    "in review of one cause": "/reviews?reason=unknown_sku",
    "dead writebacks of one cause": "/writebacks?outcome=NUMBER_WRONG",
    "what was settled": "/reviews?state=settled",
    "live": "/live",
    "dead writebacks": "/writebacks",
    "delivery orders for a person": "/deliveries",
    "delivery orders of one cause": "/deliveries?cause=REFUSED%2FS003",
    "all delivery orders": "/deliveries?state=all",
    "no such delivery orders": "/deliveries?q=taobao%3A0",
    "a delivery order": "{delivery}",
    "stock on channels for a person": "/listings",
    "stock that is shown otherwise": "/listings?state=different",
    "all stock on channels": "/listings?state=all",
    "an entry of a shop": "{listing}",
    "stock": "/stock",
    "the weekly report": "/report?week={week}",
    "a week without trade": "/report?week=2020-W01",
    "audit": "/audit",
    "an entry of the audit": "/audit?item=entry-13",
    "nothing in the audit": "/audit?by=nobody",
    "access": "/access",
    "a user": "/access?item={user}",
    "a new user": "/access?item=%2B",
    "departments": "/access?view=departments",
    "a new department": "/access?view=departments&item=%2B",
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
    item, delivery, listing = (first_of(page, path) for path in ("/reviews", "/deliveries", "/listings"))
    item = item.rpartition("item=")[2]
    user = visit.user(Grant("service", Kind.DEPARTMENT, "east"), Grant("viewer", Kind.SHOP, "jd-pop"))
    week = of(datetime.fromtimestamp(AT_MS / 1000, UTC).date()).name
    for name, path in PAGES.items():
        if name != "sign in":
            found = {"order": order, "item": item, "delivery": delivery, "listing": listing, "user": user, "week": week}
            page.goto(path.format(**found))
            looked_at(page, name)


def first_of(page: Page, path: str) -> str:
    """The address at which the first of a list is opened."""
    page.goto(path)
    page.locator("tbody button").first.click()
    page.wait_for_url("**item=**")
    return page.url


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
