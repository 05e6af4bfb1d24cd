"""Of however many items are worked on at once, a few messages are in memory at a time: what is kept is counted, byte by byte."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer

import streams.aside.whole
import streams.cli.quarantine
from connectors.postgres.schema import migrate
from schemas.codec import CODEC
from schemas.topics import QUARANTINE, SINK_REFUSED
from streams.aside import review
from tests.aside.look import penstock, refused
from tests.integration.conftest import TAOBAO_EVENTS, Shop, envelope, receipt, trade, until

FEW, MANY, PART = 4, 20, 2
BYTES = 200_000
#: By so much what is kept of many may be more than of a few; those more are sixteen times as many bytes as one has.
MORE_MAX = 6 * BYTES


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (streams.aside.whole, streams.cli.quarantine):
        monkeypatch.setattr(module, "PART", PART)
    for name in ("streams.aside.fenced._ITEMS", "streams.ops.reading.TAKEN"):
        monkeypatch.setattr(name, PART)


@contextmanager
def counted() -> Iterator[list[int]]:
    """The most bytes of Python's that were kept at once."""
    most: list[int] = []
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    # What nobody has any more is not kept, however seldom rubbish would be collected: the oldest generation is looked at once
    # it has grown by a quarter of what was there at the last look, which is everything unless one looks again after freezing.
    gc.collect()
    gc.set_threshold(200, 1, 1)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    try:
        yield most
        most.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def check(text: str) -> dict[str, object]:
    return {
        "interface": text,
        "kind": "test",
        "checked_at_ms": 1_767_232_800_000,
        "healthy": False,
        "changed": False,
        "took_ms": 1,
        "error": "e" * BYTES,
    }


def put_aside(shop: Shop, topic: str, error: str, count: int, **headers: str) -> None:
    """Health checks that somebody could not take; no worker reads them."""
    producer = Producer({"bootstrap.servers": shop.settings.brokers})
    for n in range(count):
        about = {"topic": "health.checks", "partition": "0", "offset": str(n), "error": error, **headers}
        value = CODEC.encode("HealthCheck", check(f"{error}/{n}"))
        producer.produce(topic, key=error.encode(), value=value, headers=[(k, v.encode()) for k, v in about.items()])
    assert producer.flush(30) == 0


def kept(shop: Shop, says: str, *args: str, **env: str) -> int:
    """The most bytes that a command keeps, which goes well."""
    with counted() as most:
        done = penstock(shop, *args, "--yes", **env)
    assert (done.returncode, says in done.stdout) == (0, True), done
    return most[0]


def test_redriving_from_quarantine(shop: Shop) -> None:
    found = []
    # The first one also loads what the command is made of.
    for error, count in (("First", 1), ("FewAtOnce", FEW), ("ManyAtOnce", MANY)):
        put_aside(shop, QUARANTINE, error, count)
        found.append(kept(shop, f"{count} sent", "quarantine", "redrive", "--error", error))
    assert found[2] < found[1] + MORE_MAX
    values = [CODEC.decode(m.value() or b"")[1] for m in shop.messages("health.checks") if m.key() == b"ManyAtOnce"]
    assert values == [check(f"ManyAtOnce/{n}") for n in range(MANY)]
    refused(penstock(shop, "quarantine", "redrive", "--error", "AtOnce", "--yes"), "no open item is like that")


def test_discarding_from_quarantine(shop: Shop) -> None:
    found = []
    for error, count in (("First", 1), ("FewForNothing", FEW), ("ManyForNothing", MANY)):
        put_aside(shop, QUARANTINE, error, count)
        how = ("quarantine", "discard", "--error", error, "--because", "x")
        found.append(kept(shop, f"{count} discarded", *how))
    assert found[2] < found[1] + MORE_MAX


def test_applying_to_a_sink(shop: Shop, database: str) -> None:
    asyncio.run(migrate(database))
    found = []
    for error, count in (("First", 1), ("FewRows", FEW), ("ManyRows", MANY)):
        put_aside(shop, SINK_REFUSED, error, count, sink="postgres", timestamp="1767232800000")
        how = ("quarantine", "redrive", "--error", error)
        found.append(kept(shop, f"{count} applied to postgres", *how, PENSTOCK_DATABASE_URL=database))
    assert found[2] < found[1] + MORE_MAX


def test_sending_events_of_the_review_again(shop: Shop) -> None:
    found = []
    for sku, count in (("FIRST", 1), ("FEW", FEW), ("MANY", MANY)):
        ids = in_review(shop, sku, count)
        shop.cluster.publish([("inventory.commands", sku, "Receive", receipt(sku, 1_000, sku))])
        shop.settled()
        found.append(kept(shop, f"{count} sent", "review", "resubmit", "--reason", "unknown_sku", "--since", "-1h"))
        until(lambda ids=ids: its(shop, ids), lambda all_: {i.state for i in all_} == {"resubmitted"}, "all were sent")  # type: ignore[misc]
    assert found[2] < found[1] + MORE_MAX
    shop.settled()
    assert {r["order_id"] for name, r in shop.records("orders") if name == "Order"} >= ids


def in_review(shop: Shop, sku: str, count: int) -> set[str]:
    """Orders of a SKU that nobody knows yet; without their events in memory."""
    ids = set()
    for _ in range(count):
        number = shop.order_no()
        shop.send(TAOBAO_EVENTS, f"taobao:{number}", envelope(number, trade(number, sku, buyer_message="b" * BYTES)))
        ids.add(f"taobao:{number}")
    until(lambda: its(shop, ids), lambda all_: len(all_) == count, "all are in review")
    assert {item.review["event"] for item in its(shop, ids)} == {b""}
    return ids


def its(shop: Shop, ids: set[str]) -> list[review.Item]:
    return [item for item in review.items(shop.cluster) if item.key in ids]
