"""The command line on a cluster that works."""

from __future__ import annotations

import json
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


def test_topics_list(shop: Shop) -> None:
    (statuses,) = lines(shop, "topics", "list", "--json")
    assert [s["name"] for s in statuses] == list(TOPICS)
    found = {s["name"]: s for s in statuses}
    assert {s["partitions"] for s in statuses} == {1, 4}
    own_count = {name for name, topic in TOPICS.items() if topic.partitions}
    assert {name for name, status in found.items() if status["partitions"] == 1} == own_count
    assert found["inventory.commands"]["records"] >= len(PIECES)
    assert found["orders"] | {"records": 0} == {
        "name": "orders",
        "partitions": 4,
        "records": 0,
        "key": "order_id",
        "records_of": ["Order"],
        "retention_ms": -1,
    }
    assert found["audit"]["retention_ms"] == 3 * 365 * 86_400_000
    assert found["config.warehouses"]["retention_ms"] is None
    text = shop.penstock("topics", "list").stdout
    assert all(name in text for name in TOPICS)
    kept = {words[0]: words for words in map(str.split, text.splitlines())}
    assert kept["orders.review"][2:4] == ["180", "d"] and kept["orders"][2:4] == ["for", "ever"]


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


def test_a_receipt_repeated_with_its_id_counts_once(shop: Shop) -> None:
    args = ("stock", "receive", "CLI", "5", "--warehouse", "hz1", "--safety-stock", "1", "--command-id", "delivery-7")
    assert shop.penstock(*args).stdout == "5 x CLI sent to hz1 as command delivery-7\n"
    assert shop.penstock(*args).returncode == 0
    answers = until(lambda: shop.records("inventory.results", "CLI"), lambda found: len(found) == 4, "four answers")
    assert sorted(record["answer"] for _, record in answers) == ["ALREADY_APPLIED"] * 2 + ["APPLIED"] * 2
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
