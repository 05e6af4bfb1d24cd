"""The console's pages, looked at in a browser: a real server, a real database with a day's trade."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from connectors.console.permissions import Grant, Kind
from tests.connectors.console.conftest import PASSWORD, Console
from tests.connectors.console.web.conftest import EVERYTHING, Visit, sign_in


def rows(page: Page) -> list[str]:
    """What the list shows, when it has settled."""
    page.locator("section[aria-busy=false] tbody tr").first.wait_for()
    return page.locator("tbody tr").all_inner_texts()


def split_order(page: Page) -> str:
    """The id of one that ships from two places at once."""
    row = page.locator("tbody tr", has_text="、").first
    row.wait_for()
    return str(row.locator("a").get_attribute("href"))


def test_signing_in_leads_where_one_wanted_to_go_and_out_to_nothing(visit: Visit) -> None:
    name = visit.user(EVERYTHING)
    page = visit("/orders?status=SHIPPED", signed_in=False)
    expect(page).to_have_url(re.compile("/login"))
    sign_in(page, name, "not this one")
    expect(page.get_by_role("alert")).to_contain_text("密码")
    sign_in(page, name, PASSWORD)
    expect(page).to_have_url(re.compile(r"/orders\?status=SHIPPED$"))
    assert all("已发货" in row for row in rows(page))
    page.get_by_role("button", name=f"账号 {name}").click()
    page.get_by_text("退出登录").click()
    expect(page.get_by_label("密码")).to_be_visible()
    page.goto("/orders")
    expect(page).to_have_url(re.compile("/login"))


def test_the_address_is_the_lists_whole_state(visit: Visit) -> None:
    page = visit("/orders")
    everything = rows(page)
    assert len(everything) == 50
    page.get_by_role("combobox", name="渠道").click()
    page.get_by_title("京东").click()
    expect(page).to_have_url(re.compile(r"\?channel=jd$"))
    expect(page.get_by_text("渠道：京东")).to_be_visible()
    jd = rows(page)
    assert jd and all("京东" in row for row in jd)
    page.reload()
    assert rows(page) == jd
    page.go_back()
    expect(page.get_by_text("渠道：京东")).to_be_hidden()
    assert rows(page) == everything


def test_pages_follow_each_other_without_a_gap(visit: Visit) -> None:
    page = visit("/orders")
    first = rows(page)
    page.get_by_role("button", name="下一页").click()
    expect(page).to_have_url(re.compile("after="))
    page.locator("tbody tr", has_text=first[0].split()[0]).wait_for(state="detached")
    second = rows(page)
    assert set(first).isdisjoint(second)
    page.get_by_role("button", name="上一页").click()
    page.locator("tbody tr", has_text=first[0].split()[0]).wait_for()
    assert rows(page) == first


def test_an_order_is_found_and_opened_by_keys_alone_and_says_why_each_warehouse_lost(visit: Visit) -> None:
    page = visit("/orders?status=SHIPPED")
    href = split_order(page)
    number = href.partition("%3A")[2]
    page.keyboard.press("Control+k")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"q={number}$"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(href))
    weighed = page.locator(".weighed tbody tr")
    weighed.first.wait_for()
    lost = [row for row in weighed.all_inner_texts() if "未选中" in row]
    assert len(lost) >= 2
    assert all(re.search(r"补得比选中的少|没有|仓", row) for row in lost), lost
    assert page.locator(".parts li").count() >= 2


def test_a_receiver_is_masked_until_it_is_asked_for_which_is_on_record(visit: Visit, shop: Console) -> None:
    page = visit("/orders?channel=taobao")
    page.locator("tbody a").first.click()
    box = page.get_by_role("region", name="收件人")
    masked = box.locator("dl").first.inner_text()
    assert "*" in masked
    before = len(shop.audit.seen)
    box.get_by_role("button", name="显示完整信息").click()
    expect(box.get_by_text("已记入审计")).to_be_visible()
    assert box.locator("dl").first.inner_text() != masked
    assert [subject for subject, _ in shop.audit.seen[before:]] == [page.url.rpartition("/")[2].replace("%3A", ":")]
    page.go_back()
    page.go_forward()
    assert box.locator("dl").first.inner_text() == masked


def test_who_may_not_see_persons_is_not_offered_to(visit: Visit) -> None:
    page = visit("/orders?channel=taobao", Grant("viewer", Kind.ALL, ""))
    page.locator("tbody a").first.click()
    expect(page.get_by_role("region", name="收件人")).to_be_visible()
    expect(page.get_by_role("button", name="显示完整信息")).to_have_count(0)


def test_a_person_of_one_shop_finds_nothing_of_another(visit: Visit) -> None:
    everyone = visit("/orders")
    theirs = everyone.locator("tbody tr", has_text="tmall-flagship").first.locator("a").get_attribute("href")
    page = visit("/orders", Grant("admin", Kind.SHOP, "jd-pop"))
    assert all("jd-pop" in row for row in rows(page))
    page.goto(str(theirs))
    expect(page.get_by_text("没有订单")).to_be_visible()
    page.goto("/orders?shop=tmall-flagship")
    expect(page.get_by_text("没有符合条件的内容")).to_be_visible()


def test_language_and_light_change_where_one_stands(visit: Visit) -> None:
    page = visit("/orders")
    rows(page)
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="语言").click()
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    light = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    page.get_by_role("button", name="Dark mode").click()
    expect(page.get_by_role("button", name="Light mode")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") != light
    assert page.evaluate("window.stayed"), "the page was loaded anew"
    page.reload()
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    expect(page.get_by_role("button", name="Light mode")).to_be_visible()


def test_the_help_lists_what_works_here(visit: Visit) -> None:
    page = visit("/orders")
    rows(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("下一行")).to_be_visible()


def test_columns_are_chosen_and_stay_chosen(visit: Visit) -> None:
    page = visit("/orders")
    rows(page)
    page.get_by_role("button", name="选择列").click()
    page.get_by_role("checkbox", name="订单 ID").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="订单 ID")).to_be_visible()
    page.goto("/orders")
    expect(page.get_by_role("columnheader", name="订单 ID")).to_be_visible()


@pytest.mark.parametrize(("path", "said"), [("/nowhere", "没有这个页面"), ("/orders/taobao%3A0", "没有订单 taobao:0")])
def test_an_address_of_nothing_says_so(visit: Visit, path: str, said: str) -> None:
    expect(visit(path).get_by_text(said)).to_be_visible()


def test_the_queue_counts_by_reason_and_follows_the_keys(visit: Visit, shop: Console) -> None:
    page = visit("/reviews")
    everything = rows(page)
    causes = page.get_by_role("navigation", name="按原因")
    counted = dict(text.rsplit("\n", 1) for text in causes.get_by_role("button").all_inner_texts())
    assert int(counted.pop("全部")) == len(everything)
    reason, count = next(iter(counted.items()))
    causes.get_by_role("button", name=reason).click()
    expect(page.get_by_text(f"原因：{reason}")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(int(count))
    page.get_by_role("button", name="清除筛选").click()
    expect(page.locator("tbody tr")).to_have_count(len(everything))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("listitem").first).to_be_visible()
    first = panel.get_by_role("heading", level=2).inner_text()
    page.keyboard.press("j")
    expect(panel.get_by_role("heading", level=2)).not_to_have_text(first)
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_without_kafka_one_reads_and_is_told_that_nothing_can_be_done(visit: Visit, shop: Console) -> None:
    page = visit("/reviews")
    page.locator("tbody button").first.click()
    panel = page.get_by_role("complementary")
    before = len(shop.audit.seen)
    panel.get_by_role("button", name="显示", exact=True).click()
    expect(panel.get_by_label("原始字节")).to_be_visible()
    assert len(shop.audit.seen) == before + 1
    panel.get_by_label("原因说明").fill("试试")
    listed = len(rows(page))
    panel.get_by_role("button", name="作废").click()
    expect(panel.get_by_role("alert")).to_contain_text("Kafka")
    assert len(rows(page)) == listed
    page.goto("/system")
    expect(page.get_by_role("alert")).to_contain_text("Kafka")
    expect(page.get_by_role("button", name="重试")).to_be_visible()


def test_the_panel_shows_seconds_as_they_pass_and_its_numbers_lead_on(visit: Visit) -> None:
    page = visit("/live")
    figure = page.get_by_role("link", name="待审核", exact=False).filter(has=page.locator("strong"))
    expect(figure).to_be_visible()
    open_items = int(figure.locator("strong").inner_text())
    page.get_by_role("button", name="暂停").click()
    expect(page.get_by_role("button", name="继续")).to_be_visible()
    figure.click()
    expect(page.locator("tbody tr")).to_have_count(open_items)


def test_the_stock_is_on_hand_less_reserved_less_what_is_kept_back(visit: Visit) -> None:
    page = visit("/stock")
    expect(page.get_by_role("columnheader", name="杭州一号仓")).to_be_visible()
    rows(page)
    cells = [
        text.split("\n") for text in page.locator(".stock-cell:not(.stock-out):not(.stock-shut)").all_inner_texts()
    ]
    assert len(cells) > 20
    for sellable, parts in cells:
        on_hand, reserved, kept = (int(part) for part in parts.split(" − "))
        assert int(sellable) == on_hand - reserved - kept


def test_a_menu_has_what_one_may_see(visit: Visit) -> None:
    page = visit("/", Grant("engineer", Kind.ALL, ""))
    expect(page).to_have_url(re.compile("/live$"))
    menu = page.get_by_role("navigation", name="页面").get_by_role("link")
    assert menu.all_inner_texts() == [
        *("实时看板", "回传失败", "仓库出库单", "渠道库存"),
        *("库存", "规则", "配置表", "系统"),
    ]
    page.goto("/orders")
    expect(page.get_by_text("你没有查看这里的权限")).to_be_visible()


def test_a_user_is_added_granted_seen_through_and_removed(visit: Visit, shop: Console) -> None:
    page = visit("/access")
    page.get_by_role("button", name="新增用户").click()
    panel = page.get_by_role("complementary")
    panel.get_by_label("账号名称").fill("赵敏")
    panel.get_by_label("密码").fill(PASSWORD)
    panel.get_by_label("原因说明").fill("新入职")
    panel.get_by_role("button", name="新增用户").click()
    expect(panel.get_by_role("heading", level=2)).to_have_text("赵敏")
    expect(panel.get_by_text("没有任何授权")).to_be_visible()
    panel.get_by_label("原因说明").fill("负责天猫")
    panel.get_by_label("范围名称").fill("tmall-flagship")
    panel.get_by_role("button", name="授予").click()
    expect(panel.get_by_role("row", name=re.compile("查看订单.*tmall-flagship"))).to_contain_text(
        "只读 · tmall-flagship"
    )
    expect(page.get_by_role("row", name="赵敏")).to_contain_text("只读 · tmall-flagship")
    its = visit("/orders", signed_in=False)
    sign_in(its, "赵敏")
    assert all("tmall-flagship" in row for row in rows(its))
    panel.get_by_role("button", name="收回 只读 tmall-flagship").click()
    expect(panel.get_by_text("没有任何授权")).to_be_visible()
    panel.get_by_role("button", name="删除用户").click()
    expect(page.get_by_role("row", name="赵敏")).to_have_count(0)
    assert [
        (entry["action"], entry["reason"]) for entry in shop.of("user:赵敏") if entry["action"].startswith("access")
    ] == [
        *(("access.user_added", "新入职"), ("access.granted", "负责天猫")),
        *(("access.revoked", "负责天猫"), ("access.user_removed", "负责天猫")),
    ]


def test_who_manages_access_of_one_shop_is_not_shown_the_page(visit: Visit) -> None:
    page = visit("/orders", Grant("admin", Kind.SHOP, "pdd-home"))
    rows(page)
    expect(page.get_by_role("link", name="操作审计")).to_be_visible()
    expect(page.get_by_role("link", name="权限管理")).to_have_count(0)


def test_the_audit_leads_to_the_order_it_tells_of(visit: Visit) -> None:
    page = visit("/audit?area=order")
    assert all("挂起订单" in row for row in rows(page))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_text("买家要改地址")).to_be_visible()
    panel.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/orders/"))


def test_the_report_goes_from_week_to_week_and_changes_its_language(visit: Visit) -> None:
    page = visit("/report?week=2026-W49")
    expect(page.get_by_role("heading", level=1)).to_have_text("周报 2026-W49")
    assert page.get_by_role("table", name="指标").locator("tbody tr").count() == 5
    page.locator("canvas").first.wait_for()
    page.get_by_role("button", name="上一周").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("周报 2026-W48")
    expect(page).to_have_url(re.compile("week=2026-W48"))
    page.get_by_role("button", name="语言").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Weekly report 2026-W48")
