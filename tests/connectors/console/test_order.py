"""One order's story, and whom it goes to."""

from __future__ import annotations

from connectors.console.permissions import Grant, Kind
from connectors.console.story import _EVENTS
from tests.connectors.console.conftest import OURS, THEIRS, Console
from tests.connectors.console.rows import order_id, record

PATH = f"/api/orders/{order_id(OURS)}"


def test_a_story_has_every_table_with_where_it_is_from(console: Console) -> None:
    told = console.signed_in(Grant("viewer", Kind.SHOP, OURS)).get(PATH)
    assert told.status == 200, told
    it = told.body
    assert it["order_id"] == order_id(OURS) and it["status"] == "HELD"
    assert {line["sku"] for line in it["lines"]} == {f"{OURS}-1 sku"}
    assert [decision["missing"] for decision in it["decisions"]] == [[{"sku": f"{OURS}-1 sku", "shortfall": 1}]]
    assert [part["warehouse"] for part in it["decisions"][0]["parts"]] == [f"{OURS}-1 warehouse"]
    assert it["decisions"][0]["released_because"] == f"{OURS}-1 reason"
    assert [each["tracking_no"] for each in it["shipments"] + it["writebacks"]] == [f"{OURS}-1 tracking_no"] * 2
    # A happening a branch of the question: none of them is left out.
    assert len(it["events"]) == _EVENTS.count("UNION ALL") + 1
    assert {event["topic"] for event in it["events"]} >= {"audit", "orders.duplicates", "returns", "logistics.traces"}
    assert not it["more_events"]
    # What a courier said may name somebody.
    assert f"{OURS}-1 text" not in told.text
    # Where to go on.
    assert record(OURS) in {event["about"] for event in it["events"]}


def test_an_order_of_another_shop_is_no_order(console: Console) -> None:
    browser = console.signed_in(Grant("admin", Kind.SHOP, OURS))
    for path in (f"/api/orders/{order_id(THEIRS)}", "/api/orders/taobao:none", "/api/orders/%27%20OR%201=1"):
        answer = browser.get(path)
        assert (answer.status, answer.body["code"]) == (404, "not_found")
        assert browser.ask("POST", f"{path}/receiver").status == 404
    assert console.audit.seen == []


def test_a_receiver_is_masked_until_asked_for_and_that_is_on_record_first(console: Console) -> None:
    browser = console.signed_in(Grant("service", Kind.SHOP, OURS))
    name = browser.get("/api/session").body["name"]
    masked = browser.get(PATH).body["receiver"]
    assert masked["name"] == "a********" and masked["phone"] == "a********" and masked["address"] == "a********"
    assert masked["attributes"] == {"attributes": "a********"}
    assert masked["province"] == f"{OURS}-1 province"
    console.audit.seen.clear()
    shown = browser.ask("POST", f"{PATH}/receiver")
    assert shown.status == 200
    assert shown.body["name"] == f"{OURS}-1 name" and shown.body["attributes"] == {"attributes": f"{OURS}-1"}
    ((subject, by),) = console.audit.seen
    assert (subject, by.who) == (order_id(OURS), name)
    console.audit.seen.clear()


def test_what_cannot_be_put_on_record_is_not_shown(console: Console) -> None:
    browser = console.signed_in(Grant("service", Kind.SHOP, OURS))
    console.audit.away = True
    try:
        denied = browser.ask("POST", f"{PATH}/receiver")
    finally:
        console.audit.away = False
    assert (denied.status, denied.body["code"]) == (503, "kafka_away")
    assert f"{OURS}-1 name" not in denied.text


def test_reasons_are_in_the_browsers_language(console: Console) -> None:
    console.sql(f"UPDATE order_status SET reason = 'the platform is closed' WHERE shop = '{OURS}'")
    browser = console.signed_in(Grant("viewer", Kind.SHOP, OURS))
    denied = browser.ask("GET", "/api/orders/none", Accept_Language="zh-CN,zh;q=0.9,en;q=0.8")
    assert denied.body["message"] == "没有这样的内容，或者这个账号看不到它"
    assert browser.ask("GET", "/api/orders/none", Accept_Language="en-US,zh").body["message"].startswith("there is no")
