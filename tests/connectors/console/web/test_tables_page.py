"""The tables' page in a browser, over a real Kafka: a document is written, judged as it is written, published, overtaken, rolled back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.connectors.console import test_deeds
from tests.connectors.console.conftest import Browser, Console
from tests.connectors.console.test_deeds import Hub
from tests.connectors.console.test_tables import products, publish
from tests.connectors.console.test_tables import seen as seen_of
from tests.connectors.console.web.conftest import EVERYTHING, Visit, apart
from tests.connectors.console.web.test_looks import looked_at

pytestmark = pytest.mark.long

#: A broker of this module's own.
hub = test_deeds.hub


@pytest.fixture(scope="module")
def seen(hub: Hub) -> Console:
    return hub.console


def other(hub: Hub) -> Browser:
    return apart(lambda: hub.console.signed_in(EVERYTHING))


def text(page: Page, it: str) -> None:
    page.get_by_label("文档内容").fill(it)


def test_a_document_is_written_published_and_rolled_back(visit: Visit) -> None:
    page = visit("/tables")
    expect(page.get_by_text("还没有文档")).to_be_visible()
    page.get_by_role("button", name="新建").click()
    page.get_by_role("menuitem", name="商品资料").click()
    text(page, products("shelf").replace("grams", "gramms"))
    faults = page.get_by_role("list", name="错误")
    expect(faults).to_contain_text("grams")
    faults.get_by_role("button", name="第 5 行").first.click()
    expect(page.get_by_label("文档内容")).to_be_focused()
    expect(page.locator(".editor-wrong")).to_have_text("5")
    # What is written is there after the page was loaded anew.
    page.reload()
    expect(faults).to_contain_text("grams")
    text(page, products("shelf"))
    expect(page.get_by_text("没有错误")).to_be_visible()
    expect(page.get_by_role("button", name="发布并生效")).to_be_disabled()
    page.get_by_label("原因说明").fill("新商品")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/tables/products%2Fshelf"))
    expect(page.get_by_role("row", name=re.compile("第 1 版"))).to_contain_text("生效中")
    text(page, products("shelf", 900))
    changes = page.get_by_role("list", name="与生效版本的差别")
    expect(changes.locator("del")).to_contain_text("220")
    expect(changes.locator("ins")).to_contain_text("900")
    page.get_by_label("原因说明").fill("重了")
    page.get_by_role("button", name="发布并生效").click()
    expect(page.get_by_role("row", name=re.compile("第 2 版"))).to_contain_text("生效中")
    page.get_by_role("button", name="第 1 版").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("ins")).to_contain_text("220")
    dialog.get_by_label("原因说明").fill("称错了")
    dialog.get_by_role("button", name="恢复第 1 版").click()
    expect(page.get_by_role("row", name=re.compile("第 1 版"))).to_contain_text("生效中")
    expect(dialog).to_have_count(0)
    assert "220" in page.get_by_label("文档内容").input_value()


def test_who_was_overtaken_sees_both_and_decides(visit: Visit, hub: Hub) -> None:
    first = other(hub)
    assert apart(lambda: publish(first, products("race"), {"newest": 0, "change": 0})).status == 200
    page = visit("/tables/products%2Frace")
    expect(page.get_by_text("没有错误")).to_be_visible()
    text(page, products("race", 500))
    expect(page.get_by_role("list", name="与生效版本的差别").locator("ins")).to_contain_text("500")
    assert apart(lambda: publish(first, products("race", 700), seen_of(first, "products/race"))).status == 200
    page.get_by_label("原因说明").fill("更正")
    page.get_by_role("button", name="发布并生效").click()
    alert = page.locator(".ant-alert-warning")
    expect(alert).to_contain_text("已发布第 2 版")
    expect(alert.get_by_role("list", name="对方改了什么").locator("ins")).to_contain_text("700")
    expect(page.get_by_role("list", name="与生效版本的差别").locator("del")).to_contain_text("700")
    expect(page.get_by_role("button", name="发布并生效")).to_be_disabled()
    alert.get_by_role("button", name="看过了").click()
    page.get_by_label("原因说明").fill("更正")
    page.get_by_role("button", name="发布并生效").click()
    expect(page.get_by_role("row", name=re.compile("第 3 版"))).to_contain_text("生效中")


@pytest.mark.parametrize(("language", "mode"), [("zh", "light"), ("en", "dark"), ("en", "light"), ("zh", "dark")])
def test_the_tables_can_be_read_by_everybody(visit: Visit, hub: Hub, language: str, mode: str) -> None:
    first = other(hub)
    apart(lambda: publish(first, products("looked"), {"newest": 0, "change": 0}))
    page = visit("/tables", language=language, mode=mode)
    page.locator("tbody tr").first.wait_for()
    looked_at(page, "tables")
    page.goto("/tables/products%2Flooked")
    page.locator(".judged .status").first.wait_for()
    looked_at(page, "a document")
    page.locator("textarea").first.fill("kind = 'products'\nversion = 1\nname = 'looked'\nprodcuts = 1\n")
    page.locator(".faults li").first.wait_for()
    looked_at(page, "a document with faults")
    page.goto("/tables/new?kind=freight")
    page.locator(".judged .status").first.wait_for()
    looked_at(page, "a new document")
    page.goto("/tables/products%2Fnone")
    page.locator(".state").first.wait_for()
