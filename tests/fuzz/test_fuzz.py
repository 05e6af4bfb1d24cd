"""The short form of ``make fuzz``, led by nothing but its seed; and what it must notice when a mapper goes wrong."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streams.domain import aftersales
from streams.domain.aftersales import Sale
from streams.domain.channels import MAPPERS, Snapshot
from tests.fuzz import corpus
from tests.fuzz.check import check
from tests.fuzz.mutate import crossed, mutated

SEED = int(os.environ.get("FUZZ_SEED", "1"))
COUNT = 400


def tried(target: str) -> tuple[Counter[str], list[str]]:
    """Outcomes, and what was wrong with its seed."""
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    sound = corpus.texts(target)
    for number in range(COUNT):
        payload = mutated(target, sound[number % len(sound)], 100_000, SEED * 1_000_003 + number)
        found = check(target, payload)
        outcomes[found.outcome] += 1
        wrong += [f"FUZZ_SEED={SEED}, number {number}: {each}: {payload.decode()}" for each in found.wrong]
    return outcomes, wrong


@pytest.mark.parametrize("target", corpus.TARGETS)
def test_no_payload_raises_or_becomes_what_it_does_not_describe(target: str) -> None:
    outcomes, wrong = tried(target)
    assert wrong == []
    # Neither does all of it end in review, which would show nothing.
    assert COUNT - outcomes["review"] - outcomes["no JSON"] > COUNT // 20, outcomes


@pytest.mark.parametrize("target", corpus.TARGETS)
def test_sound_payloads_are_accepted_and_nothing_is_wrong(target: str) -> None:
    found = [check(target, each) for each in corpus.texts(target)]
    assert [each.wrong for each in found] == [()] * len(found)
    assert found[0].outcome in ("PAID", "OPEN", "DONE")


def test_an_island_by_shopifys_own_code_is_named() -> None:
    payload = json.loads(corpus.texts("shopify")[0])
    payload["shipping_address"] |= {"country_code": "AC", "country": None}
    found = check("shopify", json.dumps(payload).encode())
    assert (found.outcome, found.wrong) == ("PAID", ())


def test_changes_come_by_the_seed_and_stay_json() -> None:
    first, second = corpus.texts("taobao")[:2]
    assert mutated("taobao", first, 100_000, 7) == mutated("taobao", first, 100_000, 7)
    assert len({mutated("taobao", first, 100_000, seed) for seed in range(50)}) > 40
    for seed in range(50):
        assert isinstance(json.loads(mutated("taobao", b"no json", 100_000, seed)), dict)
        assert isinstance(json.loads(crossed(first, second, 100_000, seed)), dict)


def test_a_payload_is_the_same_whatever_was_changed_before() -> None:
    # Values shared between payloads once came to hold themselves, which ended the fuzzer after thousands of them.
    before = repr(corpus._STRANGE)
    data = corpus.texts("pdd")[0]
    for seed in range(1_000):
        data = mutated("pdd", data, 65_536, seed)
    assert repr(corpus._STRANGE) == before


def test_no_depth_of_a_payload_ends_the_fuzzer() -> None:
    for depth in range(200, 1200, 25):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        assert mutated("pdd", deep, 65_536, depth)
        assert crossed(deep, deep, 65_536, depth)


def line(snapshot: Snapshot, **more: Any) -> Snapshot:
    first, *rest = snapshot.lines
    return snapshot._replace(lines=[{**first, **more}, *rest])  # type: ignore[typeddict-item]


def receiver(snapshot: Snapshot, **more: Any) -> Snapshot:
    return snapshot._replace(receiver={**snapshot.receiver, **more})  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda s: line(s, quantity=7_777), "quantity 7777 is no number"),
        (
            lambda s: line(s, shipped_quantity=s.lines[0]["quantity"] + 1, cancelled_quantity=-1),
            "cancelled_quantity -1",
        ),
        (lambda s: line(s, sku="SKU-Z"), "sku 'SKU-Z' is not in the payload"),
        (lambda s: line(s, unit_price_minor=12_345), "unit_price_minor 12345 is no amount"),
        (
            lambda s: s._replace(lines=[*s.lines, *({**s.lines[0], "line_no": f"x{n}"} for n in range(9))]),
            "lines of SKU-A",
        ),
        (lambda s: s._replace(total_minor=s.total_minor + 1), "total_minor"),
        (lambda s: s._replace(collect_minor=777), "collect_minor 777 is no amount"),
        (lambda s: receiver(s, name="Nobody"), "receiver.name: 'nobody'"),
        (lambda s: receiver(s, address=s.receiver["address"] + "9"), "receiver.address"),
        (lambda s: receiver(s, country="NZ"), "receiver.country 'NZ' is named nowhere"),
        (lambda s: receiver(s, forms={"name": "odd"}), "receiver.forms"),
        (lambda s: [][0], "IndexError"),
        (lambda s: s._replace(version=2**80), "raised"),
    ],
)
@pytest.mark.parametrize("channel", MAPPERS)
def test_a_mapper_that_makes_something_up_is_noticed(
    channel: str, broken: Callable[[Snapshot], Snapshot], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = MAPPERS[channel]
    monkeypatch.setitem(MAPPERS, channel, lambda *arguments: broken(sound(*arguments)))
    found = check(channel, corpus.texts(channel)[0])
    assert found.wrong
    assert says in "; ".join([found.outcome, *found.wrong])


def sale(made: Sale, **more: Any) -> Sale:
    first, *rest = made.lines
    return made._replace(lines=[{**first, **more}, *rest])  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda s: sale(s, quantity=7_777), "quantity 7777 is no number"),
        (lambda s: sale(s, sku="SKU-Z"), "line.sku: 'sku-z'"),
        (lambda s: s._replace(amount_minor=777), "amount_minor 777 is no amount"),
        (lambda s: s._replace(tracking_no="YT-MADE-UP"), "tracking_no: 'yt-made-up'"),
        (lambda s: s._replace(aftersale_id="other/4711"), "aftersale_id: '4711'"),
        (lambda s: [][0], "IndexError"),
    ],
)
@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin", "shopify"])
def test_an_after_sales_mapper_that_makes_something_up_is_noticed(
    channel: str, broken: Callable[[Sale], Sale], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = aftersales.MAPPERS[channel]
    monkeypatch.setitem(aftersales.MAPPERS, channel, lambda *arguments: broken(sound(*arguments)))
    target = f"{channel}-aftersale"
    found = check(target, corpus.texts(target)[0])
    assert says in "; ".join(found.wrong)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="make fuzz installs the fuzzer")
def test_the_fuzzer_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--channel", "pdd", "--seconds", "5", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        *("pdd", "pdd-aftersale"),
        "nothing was found",
    ]
