"""What the demo sells before it is there, and the versions of the rules that it tries: each is such that it shows what it is for."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from random import Random

import deploy
from connectors.generator import RawEvent, catalogue, generate
from schemas.codec import CODEC
from schemas.documents.kinds import KINDS, drafted
from schemas.documents.rules.reading import draft
from schemas.topics import CHANNELS
from streams.demo.canary import FASTER, NEAR_ALONE
from streams.demo.documents import rules_text
from streams.demo.presale import CAP, SKU, Presale
from streams.domain.intake.reading import read_event
from streams.domain.inventory import pool_documents
from streams.domain.routing.rules.compiling import Rules, compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.lint import lint
from tests.deploy.test_example_config import WAREHOUSES, order

NOW_MS = 1_796_000_000_000


def test_its_pool_is_without_a_fault_and_open_on_all_channels() -> None:
    form, read = drafted((Path(deploy.__file__).parent / "examples/pools/demo.toml").read_text("utf-8"))
    assert form is KINDS["pools"] and not read.faults and not [*pool_documents.faults(read, {})]
    (pool,) = read.document.pools
    record = pool_documents.record("pools/demo", "demo", pool)
    assert (pool.sku, record["cap"]) == (SKU, CAP)
    assert record["from_ms"] < NOW_MS < record["until_ms"]
    assert {chain["channel"] for chain in record["chains"] if chain["parts"]} == {*CHANNELS}


def test_more_is_asked_for_than_there_is_a_piece_an_order_on_every_channel() -> None:
    told: dict[str, list[RawEvent]] = defaultdict(list)
    for event in Presale(11, NOW_MS).among(()):
        told[event.key].append(event)
    last = []
    for number, (key, events) in enumerate(told.items()):
        read = [
            read_event(CODEC.encode("ChannelEvent", each.event), key, ("channel.jd.events", 0, number), {SKU})
            for each in events
        ]
        orders = [each.order for each in read]
        assert all(it is not None for it in orders), [each.reasons for each in read]
        assert all([(line["sku"], line["quantity"]) for line in it["lines"]] == [(SKU, 1)] for it in orders if it)
        last.append(orders[-1])
    bought = [it for it in last if it is not None and it["status"] != "CANCELLED"]
    assert CAP < len(bought) < len(told), "it sells out, and some give up their piece"
    assert {it["channel"] for it in bought} == {*CHANNELS}


def test_its_orders_are_spread_among_the_others_and_each_keeps_its_turn() -> None:
    others = list(generate(900, 11, start_ms=NOW_MS, items=catalogue(50, 11)))
    mixed = Presale(11, NOW_MS).among(others)
    assert [each for each in mixed if each.note != "presale"] == others
    assert [each for each in mixed if each.note == "presale"] == Presale(11, NOW_MS).among(())
    for part in (mixed[: len(mixed) // 4], mixed[-len(mixed) // 4 :]):
        assert any(each.note == "presale" for each in part)


def rules(text: str) -> Rules:
    read = draft(text)
    assert lint(read, WAREHOUSES) == [] and read.document is not None
    return compiled(read.document)


def test_of_the_versions_that_are_tried_one_lets_no_more_orders_wait_and_one_many() -> None:
    first = rules_text()
    second = FASTER.of(first)
    third = NEAR_ALONE.of(second)
    assert len({first, second, third}) == 3
    versions = [rules(text) for text in (first, second, third)]
    waiting, otherwise = [0, 0, 0], 0
    for seed in range(300):
        decisions = [decide(each, order(Random(seed))) for each in versions]
        waiting = [count + (not each.parts) for count, each in zip(waiting, decisions, strict=True)]
        senders = [{part.warehouse for part in each.parts} for each in decisions]
        otherwise += senders[0] != senders[1]
    assert waiting[1] <= waiting[0] and otherwise > 10
    # Its guardrail allows 3 of 100 more.
    assert waiting[2] > waiting[1] + 300 * 20 // 100
