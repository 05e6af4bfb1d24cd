"""What was solved before is found again, on the labelled failures: ``recall`` prints it."""

from __future__ import annotations

from random import Random

from tests.connectors.knowledge.recall import history, measured


def test_what_was_solved_is_among_the_first_three() -> None:
    found = measured(history(Random(8), 600), Random(1))
    assert found.asked > 80 and found.share >= 0.9


def test_words_alone_find_more_than_half() -> None:
    found = measured(history(Random(8), 600), Random(1), by_words_alone=True)
    assert found.asked > 70 and found.share >= 0.5


def test_what_nobody_dealt_with_is_not_asked_for() -> None:
    happened = [(cause, each) for cause, each in history(Random(8), 600) if cause == "order is closed"]
    asked = [measured(happened, Random(seed)).asked for seed in range(20)]
    assert 0 in asked and len({*asked}) == 2
