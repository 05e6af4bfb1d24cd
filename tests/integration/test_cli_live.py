"""The command line on a cluster that works."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from connectors.generator import warehouses
from schemas.topics import TOPICS
from tests.integration.conftest import PIECES, Shop, penstock, until


def lines(shop: Shop, *args: str) -> list[Any]:
    """A command's JSON lines; it must end well and say nothing else."""
    done = shop.penstock(*args)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def allocated(shop: Shop) -> str:
    """An order that has its goods, of a person whose name is told."""
    order_id = shop.place(shop.order_no(), "MASKED", receiver_name="王小明", receiver_mobile="13800000000")
    shop.becomes(order_id, "ALLOCATED")
    return order_id


def test_topics_are_created_once(shop: Shop) -> None:
    assert " ".join(shop.created.split()) == f"created {len(TOPICS)} topics: {', '.join(TOPICS)}"
    assert shop.penstock("topics", "create").stdout == "created 0 topics, all were there\n"


def test_topics_of_an_earlier_version_are_kept_for_longer(shop: Shop) -> None:
    admin = AdminClient({"bootstrap.servers": shop.settings.brokers})
    entry = ConfigEntry("retention.ms", None, incremental_operation=AlterConfigOpType.DELETE)
    old = ConfigResource(ResourceType.TOPIC, "writeback.dead", incremental_configs=[entry])
    for future in admin.incremental_alter_configs([old]).values():
        future.result(20)
    assert shop.penstock("topics", "create").stdout.splitlines()[1:] == ["kept longer from now on: writeback.dead"]
    assert len(shop.penstock("topics", "create").stdout.splitlines()) == 1


def test_topics_that_keep_persons_for_ever_are_told_and_cut_only_when_asked_to(shop: Shop) -> None:
    admin = AdminClient({"bootstrap.servers": shop.settings.brokers})
    entry = ConfigEntry("retention.ms", "-1", incremental_operation=AlterConfigOpType.SET)
    for future in admin.incremental_alter_configs(
        [ConfigResource(ResourceType.TOPIC, "aftersales", incremental_configs=[entry])]
    ).values():
        future.result(20)
    (told,) = shop.penstock("topics", "create").stdout.splitlines()[1:]
    assert "longer on: aftersales;" in told and "--shorten" in told
    (kept,) = [line for line in shop.penstock("topics", "list").stdout.splitlines() if line.startswith("aftersales ")]
    assert "for ever, with persons" in kept
    assert shop.penstock("topics", "create", "--shorten").stdout.splitlines()[1:] == ["kept from now on: aftersales"]
    assert len(shop.penstock("topics", "create").stdout.splitlines()) == 1


def test_topics_list(shop: Shop) -> None:
    (statuses,) = lines(shop, "topics", "list", "--json")
    assert [s["name"] for s in statuses] == list(TOPICS)
    found = {s["name"]: s for s in statuses}
    assert {s["partitions"] for s in statuses} == {1, shop.settings.partitions}
    own_count = {name for name, topic in TOPICS.items() if topic.partitions}
    assert {name for name, status in found.items() if status["partitions"] == 1} == own_count
    assert found["inventory.commands"]["records"] >= len(PIECES)
    assert found["orders"] | {"records": 0} == {
        "name": "orders",
        "partitions": shop.settings.partitions,
        "records": 0,
        "key": "order_id",
        "records_of": ["Order"],
        "retention_ms": 90 * 86_400_000,
    }
    assert found["audit"]["retention_ms"] == 3 * 365 * 86_400_000
    assert found["config.warehouses"]["retention_ms"] is None
    text = shop.penstock("topics", "list").stdout
    assert all(name in text for name in TOPICS)
    kept = {words[0]: words for words in map(str.split, text.splitlines())}
    assert kept["orders.review"][2:4] == ["180", "d"] and kept["orders"][2:4] == ["90", "d"]
    assert kept["order.status"][2:4] == ["for", "ever"]


def test_the_local_stack_is_found_by_its_folder(shop: Shop) -> None:
    done = penstock("topics", "list", PENSTOCK_DATA=str(shop.settings.data))
    assert done.returncode == 0, done.stderr
    assert "inventory.commands" in done.stdout


def test_warehouse_set_writes_its_settings(shop: Shop) -> None:
    done = shop.penstock(
        *("warehouse", "set", "xa1", "--province", "陕西", "--title", "西安一号仓"),
        *("--max-open-units", "40", "--priority", "9", "--disabled"),
    )
    assert (done.returncode, done.stdout) == (0, "warehouse xa1 is set\n")
    *_, (name, record) = shop.records("config.warehouses", "xa1")
    assert name == "Warehouse"
    assert 33 < record["latitude"] < 36
    assert 107 < record["longitude"] < 111
    assert {k: record[k] for k in ("name", "province", "max_open_units", "priority", "enabled")} == {
        "name": "西安一号仓",
        "province": "陕西",
        "max_open_units": 40,
        "priority": 9,
        "enabled": False,
    }
    shop.penstock("warehouse", "set", "xa1", "--province", "Atlantis", "--latitude", "1.5", "--longitude", "-2")
    *_, (_, changed) = shop.records("config.warehouses", "xa1")
    assert (changed["latitude"], changed["longitude"], changed["enabled"]) == (1.5, -2.0, True)
    assert changed["version"] > record["version"]


def test_a_bundle_is_set_listed_removed_and_audited(shop: Shop) -> None:
    done = shop.penstock("bundle", "set", "TEA-SET", "POT", "CUP=4", "--because", "spring")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "one TEA-SET is shipped as 1 x POT + 4 x CUP"
    assert "never received yet: POT, CUP" in done.stdout
    assert shop.penstock("bundle", "set", "TEA-SET", "CUP=6", "POT").returncode == 0
    assert json.loads(shop.penstock("bundle", "list", "--json").stdout) == [
        {"sku": "TEA-SET", "parts": [{"sku": "CUP", "quantity": 6}, {"sku": "POT", "quantity": 1}], "version": 2}
    ]
    for args, says in (
        (("set", "BIG", "TEA-SET=2"), "TEA-SET is a bundle itself"),
        (("set", "CUP", "HANDLE"), "CUP is a part of TEA-SET"),
        (("set", "X", "X=2"), "X is a bundle itself"),
        (("set", "X", "A=0"), "'A=0' is no part"),
        (("set", "X", "A=many"), "'A=many' is no part"),
        (("set", "X", "A", "A=2"), "A is given twice"),
        (("remove", "X"), "'X' is no bundle"),
    ):
        refused = shop.penstock("bundle", *args)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert says in refused.stderr
    assert shop.penstock("bundle", "remove", "TEA-SET").stdout == "TEA-SET is no bundle any more\n"
    assert "no bundles" in shop.penstock("bundle", "list").stdout
    *_, (name, record) = shop.records("config.bundles", "TEA-SET")
    assert (name, record["parts"], record["version"]) == ("Bundle", [], 3)
    entries = [entry for _, entry in shop.records("audit", "bundle:TEA-SET")]
    assert [(entry["action"], entry["reason"]) for entry in entries] == [
        ("bundle.set", "spring"),
        ("bundle.set", ""),
        ("bundle.removed", ""),
    ]
    assert entries[1]["details"]["before"] == "1 x POT + 4 x CUP"


def test_an_order_of_a_bundle_is_allocated_as_its_parts(shop: Shop) -> None:
    """Through the running workers: the view, the intake, the reservations."""
    for sku in ("BUNDLE-POT", "BUNDLE-CUP"):
        assert shop.penstock("stock", "receive", sku, "9", "--warehouse", "hz1").returncode == 0
    assert shop.penstock("bundle", "set", "BUNDLE", "BUNDLE-POT", "BUNDLE-CUP=4").returncode == 0
    until(lambda: shop.level("BUNDLE-CUP"), lambda level: level == (9, 0), "the cups are there")
    order_no, sent = shop.order_no(), iter(range(100))

    def allocated() -> Any:
        # The view of the bundles is late by as much as it is: an event that came before it is in review, and another comes.
        if not (
            found := [r for name, r in shop.records("allocations", f"taobao:{order_no}") if name == "OrderAllocated"]
        ):
            shop.place(order_no, "BUNDLE", modified=f"2026-01-01 11:00:{next(sent):02d}")
        return found

    found = until(allocated, bool, "an allocation of the parts")
    assert sorted((part["sku"], part["quantity"]) for part in found[0]["parts"]) == [
        ("BUNDLE-CUP", 8),
        ("BUNDLE-POT", 2),
    ]
    until(lambda: shop.level("BUNDLE-CUP"), lambda level: level == (9, 8), "they are reserved")


def test_a_receipt_repeated_with_its_id_counts_once(shop: Shop) -> None:
    args = ("stock", "receive", "CLI", "5", "--warehouse", "hz1", "--safety-stock", "1", "--command-id", "delivery-7")
    first, again = shop.penstock(*args), shop.penstock(*args)
    planned = ["receive 5 x CLI at hz1", "keep 1 x CLI back from sale at hz1"]
    assert first.stdout.splitlines() == [*planned, "applied (delivery-7)", "applied (delivery-7/safety)"]
    assert again.stdout.splitlines()[2:] == [
        "told before, applied (delivery-7)",
        "told before, applied (delivery-7/safety)",
    ]
    assert len(shop.records("inventory.commands", "CLI")) == 2
    assert shop.level("CLI") == (5, 0)
    assert shop.penstock("stock", "receive", "CLI", "2", "--warehouse", "hz1").returncode == 0
    until(lambda: shop.level("CLI"), lambda level: level == (7, 0), "a receipt without an id is a new one")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("tail", "ordres"), "there is no topic 'ordres'"),
        (("order", "show", "taobao:404"), "nothing is known of order taobao:404"),
        (("order", "show", "kaola:404"), "nothing is known of order kaola:404"),
        (("stock", "receive", "CLI", "1", "--warehouse", "moon"), "unknown warehouse 'moon'; there are: bj1, "),
    ],
)
def test_one_clear_line_and_exit_code_2(shop: Shop, args: tuple[str, ...], says: str) -> None:
    done = shop.penstock(*args)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_tail_shows_records_with_their_place_and_without_personal_data(shop: Shop, allocated: str) -> None:
    (shown,) = lines(shop, "tail", "orders", "--key", allocated, "--json")
    assert (shown["topic"], shown["record"], shown["key"]) == ("orders", "Order", allocated)
    (message,) = shop.cluster.read("orders", key=allocated)
    assert (shown["partition"], shown["offset"]) == (message.partition(), message.offset())
    assert shown["value"]["receiver"]["name"] == "王**"
    assert shown["value"]["receiver"]["province"] == "浙江省"
    assert "3800000000" not in json.dumps(shown)


def test_tail_counts_records_and_not_the_markers_behind_them(shop: Shop, allocated: str) -> None:
    def shown(count: int) -> Counter[int]:
        found = lines(shop, "tail", "inventory.availability", "-n", str(count), "--json")
        return Counter(record["partition"] for record in found)

    there = shown(100_000)
    assert sum(there.values()) > 3
    for count in (1, 3):
        assert shown(count) == {partition: min(count, records) for partition, records in there.items()}


def test_tail_unmasked_shows_the_person(shop: Shop, allocated: str) -> None:
    (shown,) = lines(shop, "tail", "orders", "--key", allocated, "--json", "--unmask")
    assert (shown["value"]["receiver"]["name"], shown["value"]["receiver"]["phone"]) == ("王小明", "13800000000")


def test_tail_hides_raw_payloads(shop: Shop, allocated: str) -> None:
    (shown,) = lines(shop, "tail", "channel.taobao.events", "--key", allocated, "--json")
    assert shown["value"]["payload"].endswith(" bytes>")
    (shown,) = lines(shop, "tail", "channel.taobao.events", "--key", allocated, "--json", "--unmask")
    assert json.loads(shown["value"]["payload"])["receiver_name"] == "王小明"


def test_tail_for_people(shop: Shop, allocated: str) -> None:
    done = shop.penstock("tail", "orders", "--key", allocated)
    assert done.returncode == 0, done.stderr
    assert allocated in done.stdout
    assert "王小明" not in done.stdout


def test_tail_begins_as_many_records_before_the_end(shop: Shop) -> None:
    assert len(lines(shop, "tail", "config.warehouses", "-n", "3", "--json")) == 3
    assert lines(shop, "tail", "config.warehouses", "-n", "0", "--json") == []
    assert len(lines(shop, "tail", "config.warehouses", "-n", "1000", "--json")) >= len(warehouses())


def test_order_show_tells_everything_in_order(shop: Shop, allocated: str) -> None:
    (found,) = lines(shop, "order", "show", allocated, "--json")
    assert [h["name"] for h in found] == [
        "ChannelEvent",
        "Order",
        "OrderStatusChanged",
        "Reserved",
        "OrderAllocated",
        "OrderStatusChanged",
    ]
    assert [h["at_ms"] for h in found] == sorted(h["at_ms"] for h in found)
    (decision,) = [h["record"] for h in found if h["name"] == "OrderAllocated"]
    (considered,) = [c for c in decision["trace"]["rounds"][0]["considered"] if c["chosen"]]
    assert considered["warehouse"] == "hz1"
    assert "王小明" not in json.dumps(found, ensure_ascii=False)


def test_order_show_for_people_has_the_trace(shop: Shop, allocated: str) -> None:
    done = shop.penstock("order", "show", allocated)
    assert done.returncode == 0, done.stderr
    assert "round 1: warehouse" in done.stdout
    assert "2 x MASKED from hz1" in done.stdout
    assert "王小明" not in done.stdout
    assert "王小明" in shop.penstock("order", "show", allocated, "--unmask").stdout


def test_verify_ends_well(shop: Shop, allocated: str) -> None:
    shop.settled()
    (report,) = lines(shop, "verify", "--settled", "--json")
    assert (report["ok"], report["violations"], report["at_rest"]) == (True, [], True)
    assert report["decisions"]["OrderAllocated"] >= 1
    text = shop.penstock("verify", "--settled")
    assert text.returncode == 0
    assert "verify: 0 violations" in text.stdout.splitlines()[-1]


def test_verify_of_an_unknown_group_still_ends(shop: Shop, tmp_path: Path) -> None:
    done = penstock(
        "verify",
        "--json",
        PENSTOCK_BROKERS=shop.settings.brokers,
        PENSTOCK_APP_ID="nobody",
        PENSTOCK_DATA=str(tmp_path),
    )
    assert done.returncode == 0, done.stdout


def test_a_held_order_is_let_go_and_one_that_waits_is_ended(shop: Shop) -> None:
    order_id = shop.place(shop.order_no(), "CANCELLED", step_trade_status="FRONT_PAID_FINAL_NOPAID")
    shop.becomes(order_id, "HELD")
    shown = shop.penstock("order", "show", order_id).stdout.splitlines()[-1]
    assert "HELD for " in shown and "deposit_only; what ends it: penstock order release lets it go" in shown
    asked = shop.penstock("order", "release", order_id, "--because", "the balance is paid by transfer")
    assert (asked.returncode, "add --yes" in asked.stderr) == (2, True), asked
    done = shop.penstock("order", "release", order_id, "--because", "the balance is paid by transfer", "--yes")
    assert done.returncode == 0, done
    shop.becomes(order_id, "ALLOCATED")
    again = shop.penstock("order", "release", order_id, "--because", "twice", "--yes")
    assert (again.returncode, f"{order_id}: it is ALLOCATED, not held" in again.stderr) == (2, True), again
    done = shop.penstock("order", "cancel", order_id, "--because", "the buyer rang", "--yes")
    assert done.returncode == 0, done
    shop.becomes(order_id, "CANCELLED")
    assert [record["action"] for _, record in shop.records("audit", order_id)] == ["order.release", "order.cancel"]


def test_an_order_nobody_knows_can_not_be_let_go(shop: Shop) -> None:
    done = shop.penstock("order", "release", "taobao:0", "--because", "a typing error", "--yes")
    assert (done.returncode, "nothing is known of an order 'taobao:0'" in done.stderr) == (2, True), done


def test_what_a_reader_has_still_to_take_is_called_the_same_everywhere(shop: Shop) -> None:
    assert "records behind" in shop.penstock("status", "--once").stdout
    assert re.match(r" +records .*\nstage +topic +behind ", shop.penstock("lag").stdout)
