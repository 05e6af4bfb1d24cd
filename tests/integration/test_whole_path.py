"""The whole path on a real Kafka: generated orders, every kind of bad input and a killed worker; what comes out is exact."""

from __future__ import annotations

import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from confluent_kafka import Message

from schemas.codec import CODEC
from schemas.topics import QUARANTINE, TOPICS, channel_topic
from streams.demo.source import generated
from streams.ops.cluster import Publisher
from streams.verify import verify
from tests.integration.conftest import TAOBAO_EVENTS, Shop, envelope, receipt, trade, until
from tests.people import told_of

ORDERS = 600
KILL_AT = 250


class Bad(NamedTuple):
    """A record that cannot be taken as it is; ``expected``: the review's reason code, or a part of the quarantine's error."""

    topic: str
    key: str | None
    value: bytes | None
    expected: str


Judged = Callable[[str], bytes]


def many_lines(no: str) -> bytes:
    line = {"outer_sku_id": "BAD", "num": 1, "price": "1.00", "refund_status": "NO_REFUND", "status": "TRADE"}
    lines = [{**line, "oid": int(no) + i} for i in range(2_000)]
    return envelope(no, trade(no, "BAD", orders={"order": lines}))


#: Name -> the message's value by order number, the reason that must be given.
REVIEWED: dict[str, tuple[Judged, str]] = {
    "unparsable": (lambda no: envelope(no, b'{"tid": '), "invalid_json"),
    "empty": (lambda no: envelope(no, b""), "invalid_json"),
    "not an object": (lambda no: envelope(no, b"[]"), "wrong_type"),
    "missing field": (lambda no: envelope(no, trade(no, "BAD", modified=...)), "missing_field"),
    "wrong type": (lambda no: envelope(no, trade(no, "BAD", orders="see attachment")), "wrong_type"),
    "quantity with a fraction": (lambda no: envelope(no, trade(no, "BAD", 1.5)), "wrong_type"),  # type: ignore[arg-type]
    "money in words": (lambda no: envelope(no, trade(no, "BAD", payment="九十九元")), "invalid_money"),
    "negative quantity": (lambda no: envelope(no, trade(no, "BAD", -2)), "quantity_not_positive"),
    "zero quantity": (lambda no: envelope(no, trade(no, "BAD", 0)), "quantity_not_positive"),
    "unknown sku": (lambda no: envelope(no, trade(no, "NO-SUCH-SKU")), "unknown_sku"),
    "1 MB": (lambda no: envelope(no, trade(no, "BAD", buyer_message="x" * 2**20)), "payload_too_large"),
    "2,000 lines": (many_lines, "too_many_lines"),
    "GBK": (lambda no: envelope(no, '{"title": "订单"}'.encode("gbk")), "wrong_encoding"),
    "UTF-16": (lambda no: envelope(no, '{"title": "订单"}'.encode("utf-16")), "wrong_encoding"),
    "another order's payload": (lambda no: envelope(no, trade("1", "BAD")), "order_no_mismatch"),
}

WAREHOUSE = {
    "warehouse": "w",
    "name": "w",
    "province": "浙江",
    "latitude": 30.0,
    "longitude": 120.0,
    "max_open_units": None,
    "enabled": True,
    "priority": 0,
    "version": 1,
}
UNKNOWN_FINGERPRINT = b"\xc3\x01\x00\x01\x02\x03\x04\x05\x06\x07body"
COMMANDS = "inventory.commands"

#: Name -> (topic, key, value, what the error must say).
QUARANTINED: dict[str, Bad] = {
    "fingerprint nobody knows": Bad(TAOBAO_EVENTS, "taobao:q1", UNKNOWN_FINGERPRINT, "0001020304050607"),
    "not Avro": Bad(TAOBAO_EVENTS, "taobao:q2", b'{"tid": 1}', "NotAvro"),
    "no bytes": Bad(TAOBAO_EVENTS, "taobao:q3", b"", "empty"),
    "cut off": Bad(TAOBAO_EVENTS, "taobao:q4", envelope("4", b"{}")[:-5], "CorruptBody"),
    "tombstone": Bad(TAOBAO_EVENTS, "taobao:q5", None, "tombstone"),
    "another record": Bad(TAOBAO_EVENTS, "taobao:q6", CODEC.encode("Warehouse", WAREHOUSE), "a Warehouse"),
    "no key, not Avro": Bad(channel_topic("jd"), None, b"\x00", "NotAvro"),
    "command of unknown type": Bad(COMMANDS, "BAD", CODEC.encode("Warehouse", WAREHOUSE), "a Warehouse"),
    "command tombstone": Bad(COMMANDS, "BAD", None, "tombstone"),
    "command not Avro": Bad(COMMANDS, "BAD", b"receive 5", "NotAvro"),
    "command of another partition": Bad(
        COMMANDS, "SOMEONE-ELSE", CODEC.encode("Receive", receipt("BAD", 5, "misled")), "SOMEONE-ELSE"
    ),
    "shipment tombstone": Bad("shipments", "taobao:q7", None, "tombstone"),
    "decision of unknown type": Bad("orders.decisions", "x", CODEC.encode("Warehouse", WAREHOUSE), "a Warehouse"),
}


class Day(NamedTuple):
    """What was sent, and what stands in the topics afterwards."""

    events: int
    #: Order ids of REVIEWED, by name, and the bytes sent.
    judged: dict[str, tuple[str, bytes]]
    pids: list[int]
    reviews: dict[str, list[dict[str, Any]]]
    quarantined: list[Message]
    #: What other tests of this hub had in quarantine before.
    quarantined_before: int


@pytest.fixture(scope="module")
def day(shop: Shop) -> Day:
    """Generated orders with bad input in between; one worker is killed in the middle."""
    source = generated(ORDERS, seed=3, start_ms=time.time_ns() // 1_000_000)
    shop.cluster.publish([(COMMANDS, command["sku"], name, command) for name, command in source.stock])
    wanted = set(source.skus)
    until(
        lambda: {record["sku"] for _, record in shop.records("inventory.availability")},
        lambda known: wanted <= known,
        "all stock is known",
    )
    shop.settled()
    before = len(shop.messages(QUARANTINE))
    numbers = {name: shop.order_no() for name in REVIEWED}
    judged = {name: (f"taobao:{numbers[name]}", value(numbers[name])) for name, (value, _) in REVIEWED.items()}
    # Its envelope names a channel nobody has a mapper for, and stands on another channel's topic.
    judged["unknown channel"] = ("kaola:1", envelope("1", b"{}", channel="kaola"))
    # The key leads it to a partition that does not own the order.
    no = shop.order_no()
    judged["misled"] = ("taobao:elsewhere", envelope(no, trade(no, "BAD")))
    bad = [*((TAOBAO_EVENTS, key, value) for key, value in judged.values()), *(b[:3] for b in QUARANTINED.values())]
    with Publisher(shop.settings) as publisher:
        for sent, event in enumerate(source.events):
            publisher.send(event.topic, event.key, CODEC.encode("ChannelEvent", event.event))
            if sent % 15 == 0 and bad:
                publisher.send(*bad.pop())
            if sent == KILL_AT:
                publisher.flush()
                shop.workers.kill(0)
        assert not bad
    shop.settled()
    reviews: dict[str, list[dict[str, Any]]] = {}
    for message in shop.messages("orders.review"):
        value, key = message.value(), message.key()
        assert value is not None and key is not None
        reviews.setdefault(key.decode(), []).append(CODEC.decode(value)[1])
    return Day(len(source.events), judged, shop.workers.pids(), reviews, shop.messages(QUARANTINE), before)


def test_the_verifier_finds_nothing(shop: Shop, day: Day) -> None:
    report = verify(shop.settings.brokers, settled=True)
    assert report.violations == []
    assert report.quarantined - day.quarantined_before == len(QUARANTINED)
    on_channels = sum(bad.topic.startswith("channel.") for bad in QUARANTINED.values())
    assert sum(c["events"] for c in report.channels.values()) >= day.events + len(day.judged) + on_channels
    assert sum(c.get("quarantine", 0) for c in report.channels.values()) == on_channels
    assert report.decisions["OrderAllocated"] > ORDERS * 0.8


def test_both_workers_live(shop: Shop, day: Day) -> None:
    assert len(day.pids) == 2
    assert shop.workers.check() == [], shop.logs()
    assert shop.workers.pids() == day.pids


@pytest.mark.parametrize("name", [*REVIEWED, "unknown channel", "misled"])
def test_in_review_with_its_reason_and_its_bytes(day: Day, name: str) -> None:
    order_id, value = day.judged[name]
    (review,) = day.reviews[order_id]
    expected = {"unknown channel": "unknown_channel", "misled": "key_mismatch"}.get(name) or REVIEWED[name][1]
    assert expected in [reason["code"] for reason in review["reasons"]]
    assert all(reason["field"] and reason["fix"] for reason in review["reasons"])
    assert review["event"] == value
    assert review["source"]["topic"] == TAOBAO_EVENTS


@pytest.mark.parametrize("name", QUARANTINED)
def test_in_quarantine_with_its_place_its_error_and_its_bytes(shop: Shop, day: Day, name: str) -> None:
    bad = QUARANTINED[name]
    key = bad.key.encode() if bad.key is not None else None
    found = []
    for message in day.quarantined:
        headers = {name: (value or b"").decode() for name, value in message.headers() or ()}
        if (headers["topic"], message.key(), message.value()) == (bad.topic, key, bad.value):
            found.append(headers)
    (headers,) = found
    assert bad.expected in headers["error"]
    # The place named is where it stands.
    (stood,) = [
        m
        for m in shop.messages(bad.topic)
        if (m.partition(), m.offset()) == (int(headers["partition"]), int(headers["offset"]))
    ]
    assert (stood.key(), stood.value()) == (key, bad.value)


def test_bad_commands_moved_no_stock(shop: Shop, day: Day) -> None:
    assert shop.level("BAD") == (100, 0)


def test_every_generated_order_that_was_accepted_has_one_open_decision(shop: Shop, day: Day) -> None:
    open_decisions: Counter[str] = Counter()
    for name, record in shop.records("allocations"):
        if name != "OrderBackordered":
            open_decisions[record["order_id"]] += 1 if name == "OrderAllocated" else -1
    assert set(open_decisions.values()) <= {0, 1, -1}
    assert sum(count == 1 for count in open_decisions.values()) > ORDERS * 0.7


def test_a_corrected_order_is_accepted_after_its_review(shop: Shop, day: Day) -> None:
    no = shop.order_no()
    order_id = shop.place(no, "CORRECTED", receiver_mobile="", oaid="")
    until(lambda: shop.records("orders.review", order_id), lambda found: len(found) == 1, "it is in review")
    assert shop.statuses(order_id) == []
    shop.place(no, "CORRECTED")
    assert shop.becomes(order_id, "ALLOCATED") == ["RESERVING", "ALLOCATED"]
    assert shop.level("CORRECTED") == (10, 2)


def test_an_event_told_twice_counts_once(shop: Shop, day: Day) -> None:
    no = shop.order_no()
    order_id = shop.place(no, "TWICE")
    shop.becomes(order_id, "ALLOCATED")
    shop.place(no, "TWICE")
    (found,) = until(lambda: shop.records("orders.duplicates", order_id), bool, "it is called a duplicate")
    assert found[1]["kind"] == "EXACT"
    shop.settled()
    assert len(shop.records("orders", order_id)) == 1
    assert shop.level("TWICE") == (10, 2)


def test_a_receipt_allocates_the_order_that_waits(shop: Shop, day: Day) -> None:
    order_id = shop.place(shop.order_no(), "LATE", quantity=3)
    assert shop.becomes(order_id, "BACKORDERED") == ["BACKORDERED"]
    assert shop.level("LATE") == (1, 0)
    shop.cluster.publish([(COMMANDS, "LATE", "Receive", receipt("LATE", 5, "late"))])
    shop.becomes(order_id, "ALLOCATED")
    shop.settled()
    assert shop.level("LATE") == (6, 3)
    assert [name for name, _ in shop.records("allocations", order_id)] == ["OrderBackordered", "OrderAllocated"]


def test_a_cancellation_gives_its_units_back(shop: Shop, day: Day) -> None:
    before = shop.level("CANCELLED")
    no = shop.order_no()
    order_id = shop.place(no, "CANCELLED", quantity=4)
    shop.becomes(order_id, "ALLOCATED")
    until(lambda: shop.level("CANCELLED"), lambda level: level == (10, 4), "four are reserved")
    shop.place(no, "CANCELLED", quantity=4, status="TRADE_CLOSED", modified="2026-01-01 11:00:00")
    shop.becomes(order_id, "CANCELLED")
    until(lambda: shop.level("CANCELLED"), lambda level: level == before, "they are given back")
    names = [name for name, _ in shop.records("allocations", order_id)]
    assert names == ["OrderAllocated", "AllocationReleased"]


def test_a_shipment_takes_its_units_off_the_shelf_once(shop: Shop, day: Day) -> None:
    order_id = shop.place(shop.order_no(), "SHIPPED", quantity=3)
    shop.becomes(order_id, "ALLOCATED")
    shipped = {
        "shipment_id": "parcel-1",
        "order_id": order_id,
        "warehouse": "hz1",
        "carrier": "SF",
        "tracking_no": "SF1",
        "shipped_at_ms": 1_767_232_900_000,
        "lines": [],
    }
    shop.cluster.publish([("shipments", order_id, "Shipped", shipped)] * 2)
    shop.becomes(order_id, "SHIPPED")
    until(lambda: shop.level("SHIPPED"), lambda level: level == (7, 0), "they are off the shelf")
    shop.settled()
    assert shop.level("SHIPPED") == (7, 0)
    answers = [r["answer"] for name, r in shop.records("inventory.results", order_id) if name == "ReservationResolved"]
    assert answers == ["COMMITTED"]


def test_and_still_nothing_at_the_end(shop: Shop, day: Day) -> None:
    shop.settled()
    report = verify(shop.settings.brokers, settled=True)
    assert report.violations == []
    assert report.quarantined - day.quarantined_before == len(QUARANTINED)


def test_no_log_metric_file_or_answer_tells_of_a_person(shop: Shop, day: Day) -> None:
    people = told_of(order for _, order in shop.records("orders"))
    assert len(people) > ORDERS
    # What a broker keeps in data/, and a worker in state/, are the records, not what it says.
    top = shop.settings.data
    logs = [path for path in top.rglob("*.log") if not {"data", "state"} & set(path.relative_to(top).parts)]
    assert len(logs) >= 3
    said = {str(path): path.read_text("utf-8", "replace") for path in logs}
    said |= {url: _got(url) for slot in range(2) if (url := shop.metrics_url(slot))}
    for look in (("review", "list"), ("quarantine", "list"), ("verify",), *(("tail", t, "-n", "50") for t in TOPICS)):
        done = shop.penstock(*look)
        said[" ".join(look)] = done.stdout + done.stderr
    told = {(where, person) for where, text in said.items() for person in people if person in text}
    assert not told


def test_what_was_written_is_for_its_owner_alone(shop: Shop, day: Day) -> None:
    """The shop was opened under umask 000."""
    data = shop.settings.data
    written = [path for path in (data, *data.rglob("*")) if not path.is_symlink()]
    open_to_others = {path for path in written if path.stat().st_mode & 0o077}
    # Inside a folder that is its owner's alone nobody else gets: Kafka writes its own files.
    assert not {path for path in open_to_others if not any(p.stat().st_mode & 0o077 == 0 for p in _above(path, data))}
    ours = [path for path in written if "kafka" not in path.relative_to(data).parts]
    assert len(ours) > 10
    assert not open_to_others & set(ours)


def _above(path: Path, top: Path) -> list[Path]:
    return [folder for folder in path.parents if folder == top or top in folder.parents]


def _got(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read(), "utf-8")
