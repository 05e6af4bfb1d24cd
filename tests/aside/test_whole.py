"""Of however many items are worked on at once, a few messages are in memory at a time: what is kept is counted, byte by byte."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import subprocess
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NamedTuple

import pytest
from confluent_kafka import Producer

import streams.aside.fenced
import streams.aside.whole
import streams.cli.quarantine
import streams.ops.reading
from connectors.postgres.schema import migrate
from schemas.codec import CODEC
from schemas.topics import QUARANTINE, SINK_REFUSED
from streams.aside import review
from tests.aside.look import penstock, refused
from tests.command_line import in_process
from tests.integration.conftest import TAOBAO_EVENTS, Shop, envelope, receipt, trade, until
from tests.patience import PATIENCE_S

# Each is of so many bytes that the hub of the others would be kept busy for a minute.
pytestmark = pytest.mark.long

FEW, MANY, PART = 4, 20, 2
BYTES = 200_000
#: By so much what is kept of many may be more than of a few; those more are sixteen times as many bytes as one has.
MORE_MAX = 6 * BYTES
LOOK_S = 0.01

#: Puts so many items there, called so, and returns the command for them.
Given = Callable[[str, int], Sequence[str]]


class Kept:
    """Looks every few milliseconds at the bytes of Python's that are kept: rubbish that nobody has collected yet is not kept."""

    def __init__(self, most_allowed: int | None) -> None:
        self.most = 0
        #: Who keeps what, when it is more than is allowed.
        self.by: list[str] = []
        self._allowed = most_allowed
        self._over = threading.Event()
        self._looks = threading.Thread(target=self._look, name="kept")

    def __enter__(self) -> Kept:
        gc.collect()
        # What there is already is not looked through again and again.
        gc.freeze()
        tracemalloc.start(8)
        self._looks.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._looks.join()
        tracemalloc.stop()
        gc.unfreeze()

    def _look(self) -> None:
        while not self._over.wait(LOOK_S):
            if tracemalloc.get_traced_memory()[0] <= self.most:
                continue
            gc.collect()
            self.most = max(self.most, tracemalloc.get_traced_memory()[0])
            if self._allowed is not None and self.most > self._allowed and not self.by:
                largest = tracemalloc.take_snapshot().statistics("traceback")[:5]
                self.by = [
                    "\n".join((f"{it.count} of together {it.size:,} bytes", *it.traceback.format())) for it in largest
                ]


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


class Ran(NamedTuple):
    """A command that has run."""

    done: subprocess.CompletedProcess[str]
    #: The most bytes that it kept.
    most: int
    by: list[str]


def commands(asked: Connection) -> None:
    """Runs one command after the other, for a process in which nothing else goes on. Asked: (arguments, environment, most bytes)."""
    streams.aside.whole.PART = streams.cli.quarantine.PART = PART
    streams.aside.fenced._ITEMS = streams.ops.reading.TAKEN = PART
    with suppress(EOFError):
        while True:
            args, env, most = asked.recv()
            with Kept(most) as seen:
                done = in_process(args, env)
            asked.send(Ran(done, seen.most, seen.by))


@pytest.fixture(scope="module")
def process() -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=commands, args=(its,))
    process.start()
    its.close()
    with ours:
        yield ours
    process.join(PATIENCE_S)
    assert process.exitcode == 0


def keeps_as_much_of_many(process: Connection, shop: Shop, says: str, given: Given, **env: str) -> None:
    """As of few."""
    env |= {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": str(shop.settings.data)}
    most = None
    # The first one also loads what the command is made of.
    for what, count in (("First", 1), ("FewAtOnce", FEW), ("ManyAtOnce", MANY)):
        args = given(what, count)
        process.send(((*args, "--yes"), env, most if count == MANY else None))
        ran: Ran = process.recv()
        assert (ran.done.returncode, f"{count} {says}" in ran.done.stdout) == (0, True), ran.done
        if ran.by:
            pytest.fail("\n\n".join((f"{ran.most:,} bytes are kept, and {most:,} may be, by", *ran.by)), pytrace=False)
        most = ran.most + MORE_MAX


def test_redriving_from_quarantine(process: Connection, shop: Shop) -> None:
    def given(error: str, count: int) -> Sequence[str]:
        put_aside(shop, QUARANTINE, error, count)
        return "quarantine", "redrive", "--error", error

    keeps_as_much_of_many(process, shop, "sent", given)
    values = [CODEC.decode(m.value() or b"")[1] for m in shop.messages("health.checks") if m.key() == b"ManyAtOnce"]
    assert values == [check(f"ManyAtOnce/{n}") for n in range(MANY)]
    refused(penstock(shop, "quarantine", "redrive", "--error", "AtOnce", "--yes"), "no open item is like that")


def test_discarding_from_quarantine(process: Connection, shop: Shop) -> None:
    def given(error: str, count: int) -> Sequence[str]:
        put_aside(shop, QUARANTINE, f"{error}ForNothing", count)
        return "quarantine", "discard", "--error", f"{error}ForNothing", "--because", "x"

    keeps_as_much_of_many(process, shop, "discarded", given)


def test_applying_to_a_sink(process: Connection, shop: Shop, database: str) -> None:
    def given(error: str, count: int) -> Sequence[str]:
        put_aside(shop, SINK_REFUSED, f"{error}Rows", count, sink="postgres", timestamp="1767232800000")
        return "quarantine", "redrive", "--error", f"{error}Rows"

    asyncio.run(migrate(database))
    keeps_as_much_of_many(process, shop, "applied to postgres", given, PENSTOCK_DATABASE_URL=database)


def test_sending_events_of_the_review_again(process: Connection, shop: Shop) -> None:
    ids = set[str]()

    def given(sku: str, count: int) -> Sequence[str]:
        resubmitted(shop, ids)
        ids.update(in_review(shop, sku, count))
        shop.cluster.publish([("inventory.commands", sku, "Receive", receipt(sku, 1_000, sku))])
        shop.settled()
        return "review", "resubmit", "--reason", "unknown_sku", "--since", "-1h"

    keeps_as_much_of_many(process, shop, "sent", given)
    resubmitted(shop, ids)
    shop.settled()
    assert {r["order_id"] for name, r in shop.records("orders") if name == "Order"} >= ids


def resubmitted(shop: Shop, ids: set[str]) -> None:
    until(lambda: its(shop, ids), lambda all_: {i.state for i in all_} <= {"resubmitted"}, "all were sent")


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
