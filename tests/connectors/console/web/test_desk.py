"""The work lists in a browser: what is wrong is read, put right and sent without a mouse; a real Kafka takes it."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from streams.aside import review
from tests.connectors.console import test_deeds
from tests.connectors.console.conftest import Console
from tests.connectors.console.test_deeds import OPERATOR, Hub
from tests.connectors.console.web.conftest import Visit, apart
from tests.integration.conftest import trade

pytestmark = pytest.mark.long

#: A broker with a dozen orders in review, for this module too.
hub = test_deeds.hub


@pytest.fixture(scope="module")
def seen(hub: Hub) -> Console:
    return hub.console


def opened(page: Page) -> str:
    """The number of the item in the panel."""
    title = page.get_by_role("complementary").get_by_role("heading", level=2)
    expect(title).to_have_text(re.compile(r"^\d+$"))
    return title.inner_text()


def record_of(page: Page) -> str:
    """The record of the item in the panel, as the address has it."""
    return page.url.rpartition("item=")[2].partition("&")[0]


def put_away(page: Page, record: str) -> None:
    """It is done: another one is open, or none. Its row may come back until the tables have it."""
    expect(page).not_to_have_url(re.compile(f"item={re.escape(record)}(&|$)"))


def test_an_item_is_put_right_by_keys_alone_and_the_next_one_opens(visit: Visit, hub: Hub) -> None:
    page = visit("/reviews", OPERATOR)
    page.locator("tbody tr").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    first = opened(page)
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1)).to_have_attribute("aria-current", "true")
    number = opened(page)
    record = record_of(page)
    assert number != first
    page.get_by_role("button", name="显示", exact=True).click()
    expect(page.get_by_label("原始字节")).to_have_value(page.get_by_label("原始字节").input_value())
    assert "0000  7b" in page.get_by_label("原始字节").input_value()
    page.keyboard.press("e")
    expect(page.get_by_label("报文", exact=True)).to_be_focused()
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_role("complementary").get_by_text("没有此 SKU").nth(1)).to_be_visible()
    page.get_by_label("报文", exact=True).fill(json.dumps(trade(number, "MUG"), ensure_ascii=False))
    page.get_by_role("button", name="试算").click()
    expect(page.locator(".ant-alert-success")).to_be_visible()
    page.get_by_label("原因说明").fill("问过买家")
    page.keyboard.press("Control+Enter")
    put_away(page, record)
    (event,) = apart(lambda: hub.sent(number))
    assert json.loads(event["payload"]) == trade(number, "MUG")
    (entry,) = [each for each in apart(lambda: hub.audit(number)) if each["action"] == "review.resubmitted"]
    assert entry["reason"] == "问过买家"
    # The next: nothing is to be done about it.
    other, record = opened(page), record_of(page)
    page.get_by_label("原因说明").fill("测试订单")
    page.get_by_role("button", name="作废").click()
    put_away(page, record)
    apart(hub.caught_up)
    page.goto("/reviews?state=settled")
    expect(page.locator("tbody tr", has_text=number)).to_have_count(1)
    expect(page.locator("tbody tr", has_text=other)).to_have_count(1)


def test_who_comes_second_is_told_who_was_first(visit: Visit, hub: Hub) -> None:
    first, second = visit("/reviews", OPERATOR), visit("/reviews", OPERATOR)
    for page in (first, second):
        page.locator("tbody tr").last.locator("button").click()
        page.get_by_label("原因说明").fill("重复")
    number = opened(first)
    assert opened(second) == number
    record = record_of(first)
    first.get_by_role("button", name="作废").click()
    put_away(first, record)
    second.get_by_role("button", name="作废").click()
    expect(second.get_by_role("complementary").get_by_role("alert")).to_contain_text("user-")
    expect(second.locator("tbody tr", has_text=number)).to_have_count(1)
    assert len([each for each in apart(lambda: hub.audit(number)) if each["action"] == "review.discarded"]) == 1


def test_many_of_one_cause_are_settled_together_each_with_a_result_of_its_own(visit: Visit, hub: Hub) -> None:
    page = visit("/reviews", OPERATOR)
    page.locator("tbody tr").first.wait_for()
    # Rows are chosen of one cause alone.
    expect(page.get_by_role("checkbox")).to_have_count(0)
    page.goto("/reviews?reason=unknown_sku")
    boxes = page.get_by_role("checkbox", name=re.compile("^选择 orders"))
    boxes.first.wait_for()
    records = [str(boxes.nth(n).get_attribute("aria-label")).removeprefix("选择 ") for n in range(3)]
    for n in range(3):
        boxes.nth(n).check()
    other = apart(lambda: hub.console.signed_in(OPERATOR))
    first = {"because": "somebody was first"}
    assert apart(lambda: other.ask("POST", f"/api/reviews/{quote(records[1])}/discard", first)).status == 202
    page.get_by_role("button", name="作废", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="开始处理 3 行")).to_be_disabled()
    dialog.get_by_label("原因说明").fill("测试订单")
    dialog.get_by_role("button", name="开始处理 3 行").click()
    expect(dialog.get_by_text("完成 2，失败 1，未处理 0")).to_be_visible()
    expect(dialog.get_by_role("listitem").nth(1)).to_contain_text("user-")
    dialog.get_by_role("button", name="关闭").click()
    expect(page.get_by_text("可勾选多行一起处理")).to_be_visible()
    states = apart(lambda: {str(item.place): [it["reason"] for it in item.trail] for item in review.items(hub.cluster)})
    assert [states[record] for record in records] == [["测试订单"], ["somebody was first"], ["测试订单"]]


def test_a_dead_parcel_is_told_again_with_another_number(visit: Visit, hub: Hub) -> None:
    page = visit("/writebacks", OPERATOR)
    page.locator("tbody tr", has_text="SF1").locator("button").click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_text("运单号错误")).to_be_visible()
    panel.get_by_label("更正运单号").fill("SF2")
    panel.get_by_label("原因说明").fill("仓库更正")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("没有回传失败的包裹")).to_be_visible()
    (command,) = apart(lambda: list(hub.cluster.read("writeback.commands")))
    assert b"SF2" in (command.value() or b"")


def test_a_dead_delivery_order_is_told_again_by_keys_alone(visit: Visit, hub: Hub) -> None:
    page = visit("/deliveries", OPERATOR)
    page.locator("tbody tr", has_text="taobao.1.1.hz1").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_text("仓库拒绝 · S0")).to_be_visible()
    # What led there: all of its steps that the tables have.
    expect(panel.get_by_text("出库单进展")).to_be_visible()
    page.keyboard.press("e")
    expect(panel.get_by_label("原因说明")).to_be_focused()
    page.keyboard.type("仓库系统已恢复")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("没有待人处理的出库单")).to_be_visible()
    (command,) = apart(lambda: list(hub.cluster.read("warehouse.commands")))
    assert b"taobao.1.1.hz1" in (command.value() or b"")


def test_what_shops_show_is_told_again_all_of_a_cause(visit: Visit, hub: Hub) -> None:
    page = visit("/listings", OPERATOR)
    # Of one cause alone.
    page.get_by_role("button", name="平台拒绝 · E7").click()
    page.get_by_role("checkbox", name="选择 MUG").check()
    page.get_by_role("button", name="重新推送", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("原因说明").fill("商品已重新上架")
    dialog.get_by_role("button", name="开始处理 1 行").click()
    expect(dialog.get_by_text("完成 1，失败 0，未处理 0")).to_be_visible()
    (command,) = apart(lambda: list(hub.cluster.read("listing.commands")))
    assert b"pdd/tea/1/2/" in (command.value() or b"")
