"""``penstock risk``: what is measured on orders whose oddities are known."""

from __future__ import annotations

import json
from collections import Counter

from typer.testing import CliRunner

from streams.cli import risk_labelled
from streams.cli.main import app
from streams.domain.risk.classes import classes_of
from streams.domain.risk.weights import WEIGHTS


def typed(*args: str, **env: str) -> tuple[int, str]:
    result = CliRunner(env={"NO_COLOR": "1", "PENSTOCK_LANG": "en", **env}).invoke(app, ["risk", *args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_signals_find_what_was_planted_and_little_else() -> None:
    code, text = typed("labelled", "--count", "3000", "--json")
    found = json.loads(text)
    assert (code, found["orders"]) == (0, 3_000)
    signals = {each["signal"]: each for each in found["signals"]}
    assert signals.keys() == WEIGHTS.keys() and all(each["planted"] for each in signals.values())
    assert all(each["found"] >= each["planted"] * 0.4 for each in signals.values())
    # A naive check would hold every masked order.
    assert all(each["wrong"] <= 30 for each in signals.values())
    assert found["held"] - found["held_with_an_oddity"] <= 30
    assert found["all_signals_right"] >= 2_900


def test_orders_are_the_same_for_a_seed_and_of_every_class_and_channel() -> None:
    orders = list(risk_labelled.labelled(400, 7))
    again = list(risk_labelled.labelled(400, 7))
    assert [(each.planted, each.facts.receiver) for each in orders] == [
        (each.planted, each.facts.receiver) for each in again
    ]
    assert [each.planted for each in risk_labelled.labelled(400, 8)] != [each.planted for each in orders]
    phones = Counter(classes_of(each.facts.receiver).phone for each in orders)
    assert phones.keys() >= {"plain", "masked", "privacy", "cipher"}
    assert {each.channel for each in orders} == {"taobao", "jd", "pdd", "douyin", "shopify"}


def test_it_is_told_in_both_languages() -> None:
    code, text = typed("labelled", "--count", "200", "--missed")
    assert code == 0 and "200 orders, of which" in text and all(len(line) <= 80 for line in text.splitlines())
    assert "个订单" in typed("labelled", "--count", "200", PENSTOCK_LANG="zh")[1]
