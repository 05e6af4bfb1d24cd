"""What quarantine holds by reference only is shown and redriven from where it stands, and said to be gone when it is."""

from __future__ import annotations

import json

import pytest
from confluent_kafka import Producer

from schemas.codec import CODEC
from schemas.topics import QUARANTINE
from streams.aside import quarantine
from streams.aside.quarantine import Item
from streams.verify import verify
from tests.aside.look import allocated_once, answer, penstock, refused
from tests.domain.make import shipped
from tests.integration.conftest import TAOBAO_EVENTS, Shop, envelope, trade, until
from tests.raw import LARGE, send

KEY = "taobao:large"


def items(shop: Shop) -> list[Item]:
    return [item for item in quarantine.items(shop.cluster) if item.key == KEY.encode()]


@pytest.mark.long
def test_shown_redriven_and_gone(shop: Shop) -> None:
    send(shop.settings.brokers, TAOBAO_EVENTS, KEY, LARGE)
    (item,) = until(lambda: items(shop), lambda found: len(found) == 1, "it is in quarantine")
    assert (item.value, item.is_reference, item.headers["bytes"]) == (None, True, str(len(LARGE)))
    # Shown from where it stands.
    shown = penstock(shop, "quarantine", "show", str(item.place), "--unmask")
    assert shown.returncode == 0, shown
    assert "no recordno record" in shown.stdout
    # Redriven with all its bytes, it fails again, of course.
    done = penstock(shop, "quarantine", "redrive", str(item.place), "--yes")
    assert done.returncode == 0, done
    _, again = until(lambda: items(shop), lambda found: len(found) == 2, "it is back")
    assert again.origin is not None
    sent = shop.cluster.at(*again.origin)
    assert sent is not None and sent.value() == LARGE
    assert dict(sent.headers() or ())["redriven-from"] == str(item.place).encode()
    report = verify(shop.settings.brokers)
    assert report.violations == []


def test_one_that_is_gone_is_said_to_be(shop: Shop) -> None:
    (stands,) = shop.cluster.read("config.warehouses", last=1)
    origin = {"topic": "config.warehouses", "partition": "0", "bytes": "9", "sha256": "0" * 64}
    dropped = put(shop, 3, **{**origin, "offset": "99999"})
    changed = put(shop, 4, **{**origin, "offset": str(stands.offset())})
    for item, why in ((dropped, "has dropped it: discard the item"), (changed, "another one stands at")):
        shown = penstock(shop, "quarantine", "show", str(item.place))
        assert (shown.returncode, why in shown.stdout) == (0, True), shown
        said = json.loads(penstock(shop, "quarantine", "show", str(item.place), "--json").stdout)
        assert why in said["message"]["gone"]
        refused(penstock(shop, "quarantine", "redrive", str(item.place), "--yes"), why)
        done = penstock(shop, "quarantine", "discard", str(item.place), "--because", "it is gone", "--yes")
        assert done.returncode == 0, done


def test_a_message_in_the_wrong_partition_is_shown_and_redriven(shop: Shop) -> None:
    number = shop.order_no()
    key = f"taobao:{number}"
    shop.misplace(TAOBAO_EVENTS, key, envelope(number, trade(number, "GOOD")))
    (item,) = until(
        lambda: [i for i in quarantine.items(shop.cluster) if i.key == key.encode()], bool, "it is in quarantine"
    )
    shown = penstock(shop, "order", "show", key)
    assert (shown.returncode, "WrongPartition: its key belongs to partition" in shown.stdout) == (0, True), shown
    report = verify(shop.settings.brokers)
    assert (report.misplaced, report.violations) == (1, [])
    done = penstock(shop, "quarantine", "redrive", str(item.place), "--yes")
    assert done.returncode == 0, done
    allocated_once(shop, key)


def put(shop: Shop, number: int, **headers: str) -> Item:
    """A message of ``shipments`` in quarantine, or what the headers say."""
    key = f"taobao:two-{number}".encode()
    about = {"topic": "shipments", "partition": "0", "offset": str(number), "error": "ValueError: a bug", **headers}
    producer = Producer({"bootstrap.servers": shop.settings.brokers})
    # A warehouse's word on an order that nobody knows: sound, and of no effect.
    record = shipped("hz1", f"parcel-{number}", key.decode())
    value = None if "sha256" in about else CODEC.encode("Shipped", record)
    producer.produce(QUARANTINE, key=key, value=value, headers=[(n, v.encode()) for n, v in about.items()])
    assert producer.flush(30) == 0
    (item,) = [item for item in quarantine.items(shop.cluster) if item.key == key]
    return item


def test_a_message_goes_back_to_the_group_that_set_it_aside(shop: Shop) -> None:
    known, unknown = put(shop, 1, group="penstock-writeback"), put(shop, 2)
    assert (
        answer(shop, "quarantine", "list", "--topic", "shipments", "--state", "all")[0]["group"] == "penstock-writeback"
    )
    done = penstock(shop, "quarantine", "redrive", str(known.place), "--yes")
    assert done.returncode == 0, done
    redrive = ("quarantine", "redrive", str(unknown.place), "--yes")
    refused(penstock(shop, *redrive), "does not say whose stage", "decisions and writeback read shipments: add --group")
    refused(penstock(shop, *redrive, "--group", "nobody"), "--group is 'nobody'")
    done = penstock(shop, *redrive, "--group", "writeback")
    assert done.returncode == 0, done
    sent = {m.key(): dict(m.headers() or ()).get("for-group") for m in shop.messages("shipments")}
    assert sent == {known.key: b"penstock-writeback", unknown.key: b"penstock-writeback"}
    # The workers here are the other group's: they pass it over.
    shop.settled()
    places = {item.origin.topic for item in quarantine.items(shop.cluster) if item.state == "open" and item.origin}
    assert "shipments" not in places
