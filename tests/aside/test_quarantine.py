"""What yesterday's release could not digest goes on today, once; what nobody can digest comes back or is discarded."""

from __future__ import annotations

import pytest

from schemas.topics import QUARANTINE
from streams.aside import quarantine
from streams.aside.trail import REDRIVEN
from streams.ops import audit
from streams.verify import verify
from tests.aside.conftest import FAILED, GARBAGE
from tests.aside.look import allocated_once, answer, penstock, refused
from tests.integration.conftest import TAOBAO_EVENTS, Shop, until


def state_of(shop: Shop, place: str) -> str:
    (state,) = [item.state for item in quarantine.items(shop.cluster) if str(item.place) == place]
    return state


def test_list_and_show(shop: Shop) -> None:
    listed = answer(shop, "quarantine", "list", "--topic", TAOBAO_EVENTS, "--error", "zerodivision", "--state", "all")
    assert {item["key"] for item in listed} == {f"taobao:{number}" for number in FAILED}
    assert {item["error"] for item in listed} == {"ZeroDivisionError: a bug of yesterday's release"}
    text = penstock(shop, "quarantine", "list", "--state", "all", "-n", "1000").stdout
    assert all(item["item"] in text for item in listed)
    assert "ZeroDivisionError 2" in text.splitlines()[-1]
    assert penstock(shop, "quarantine", "list", "--until", "2020-01-01T00:00Z").stdout == "nothing is in quarantine\n"
    shown = penstock(shop, "quarantine", "show", listed[0]["item"])
    assert shown.returncode == 0, shown
    assert f"topic: {TAOBAO_EVENTS}" in shown.stdout and "ChannelEvent" in shown.stdout
    assert "receiver_name" not in shown.stdout
    assert "receiver_name" in penstock(shop, "quarantine", "show", listed[0]["item"], "--unmask").stdout


def test_redriven_once_and_allocated_once(shop: Shop) -> None:
    redrive = ("quarantine", "redrive", "--error", "ZeroDivisionError", "--topic", TAOBAO_EVENTS)
    asked = penstock(shop, *redrive)
    refused(asked, "add --yes")
    items = answer(shop, "quarantine", "list", "--error", "ZeroDivisionError")
    assert all(item["item"] in asked.stdout for item in items)
    done = penstock(shop, *redrive, "--yes", "--because", "mended in today's release")
    assert (done.returncode, "2 sent" in done.stdout) == (0, True), done
    for number in FAILED:
        allocated_once(shop, f"taobao:{number}")
    refused(penstock(shop, *redrive, "--yes"), "no open item is like that; errors of open ones: ")
    name = items[0]["item"]
    refused(penstock(shop, "quarantine", "redrive", name, "--yes"), f"{name} is redriven by", "not open")
    (entry,) = [e for _, e in shop.records("audit", name) if e["action"] == REDRIVEN]
    assert (entry["by"], entry["reason"]) == (audit.operator(shop.cluster).who, "mended in today's release")
    # The bytes and the key are the original's, and the message says where it comes from.
    sent = [m for m in shop.messages(TAOBAO_EVENTS) if dict(m.headers() or ()).get("redriven-from") == name.encode()]
    light = [i for i in quarantine.items(shop.cluster) if str(i.place) == name]
    (stood,) = quarantine.with_messages(shop.cluster, light)
    assert [(m.key(), m.value()) for m in sent] == [(stood.key, stood.value)]


def test_what_still_fails_comes_back_as_a_new_item(shop: Shop) -> None:
    (item,) = [i for i in answer(shop, "quarantine", "list") if i["key"] == "taobao:garbage-1"]
    before = len(shop.messages(QUARANTINE))
    done = penstock(shop, "quarantine", "redrive", item["item"].partition("/")[2], "--yes")
    assert done.returncode == 0, done
    until(lambda: len(shop.messages(QUARANTINE)), lambda n: n == before + 1, "it is back")
    (again,) = [i for i in answer(shop, "quarantine", "list") if i["key"] == "taobao:garbage-1"]
    assert again["item"] != item["item"]
    assert state_of(shop, item["item"]) == "redriven"


def test_discarded_with_a_reason(shop: Shop) -> None:
    (item,) = [i for i in answer(shop, "quarantine", "list") if i["key"] == "taobao:garbage-2"]
    refused(penstock(shop, "quarantine", "discard", item["item"], "--because", "", "--yes"), "--because is empty")
    done = penstock(shop, "quarantine", "discard", item["item"], "--because", "a connector's test", "--yes")
    assert done.returncode == 0, done
    assert state_of(shop, item["item"]) == "discarded"
    refused(penstock(shop, "quarantine", "redrive", item["item"], "--yes"), "is discarded by")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("show", "x"), "'x' names no item: write it as listed, penstock.quarantine/"),
        (("show", "orders.review/0@1"), "is on topic 'orders.review'"),
        (("show", "sink.refused/0@7"), "there is no sink.refused/0@7"),
        (("list", "--state", "resubmitted"), "--state is 'resubmitted': write one of open"),
        (("list", "--until", "2026-11-24"), "--until is '2026-11-24', without a time zone"),
        (("redrive", "--yes"), "say which: ITEMs, or"),
        (("redrive", "0@0", "--topic", "orders"), "say which: ITEMs, or"),
        (("redrive", "--topic", "no.such", "--yes"), "no open item is like that"),
        (("discard", "--sink", "oracle", "--because", "x"), "no open item is like that"),
    ],
)
def test_bad_input(shop: Shop, args: tuple[str, ...], says: str) -> None:
    done = penstock(shop, "quarantine", *args)
    refused(done, says)
    assert done.stdout == ""


def test_the_verifier_finds_nothing(shop: Shop) -> None:
    shop.settled()
    report = verify(shop.settings.brokers, settled=True)
    assert report.violations == []
    assert report.quarantined >= len(FAILED) + len(GARBAGE)
