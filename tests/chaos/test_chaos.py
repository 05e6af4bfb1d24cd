"""The short form of ``make chaos``: the real path under a few faults, one mutant that must be caught, and checks that can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from schemas.codec import CODEC
from tests.chaos import counting, schedule
from tests.chaos.checks.finding import Logged, Violation, read
from tests.chaos.checks.penstock import decisions
from tests.chaos.counting import Counting
from tests.chaos.faults import FAULTS, STEPS
from tests.chaos.hunt import SCARCE_ACTS, SCARCE_ORDERS
from tests.chaos.report import failure
from tests.chaos.run import Act, Run, Verdict
from tests.chaos.shop import Shop

SEED = 7


def found(verdict: Verdict, acts: Sequence[Act]) -> str:
    names = ",".join(map(str, acts))
    return failure(verdict, f"python -m tests.chaos --seed {SEED} --seeds 1 --acts {names}")


@pytest.mark.long
@pytest.mark.timeout(1_500)
def test_the_whole_path_decides_as_if_nothing_had_happened() -> None:
    acts = schedule.parsed("kill:commit,zombie:begin,broker-kill:1,folder-lost,kill:applied")
    shop = Shop(1_500, SEED, plenty=True)
    calm = Run(shop, SEED, print).perform((), FAULTS, after=decisions)
    run = Run(shop, SEED, print)
    run.perform(acts, FAULTS, calm=calm)
    assert not run.verdict.violations, found(run.verdict, acts)
    assert sum(run.verdict.kills.values()) >= 6
    assert run.verdict.seen["zombies fenced"] == 1


@pytest.mark.long
@pytest.mark.timeout(900)
def test_output_sent_outside_the_transaction_is_caught() -> None:
    run = Run(Counting(4_000, SEED), SEED, print, mutant="output-outside", settle_s=120)
    run.perform([Act("kill", "commit")], FAULTS)
    assert "doubled" in run.verdict.checks, "the harness has not seen what the kill left in the output"


def logged(topic: str, partition: int, offset: int, key: bytes, value: bytes) -> Logged:
    return Logged(topic, partition, offset, key, value, 0)


@pytest.mark.long
@pytest.mark.timeout(1_500)
@pytest.mark.parametrize("mutant", ["", "pool-uncounted"])
def test_no_sale_goes_beyond_its_cap_and_an_inventory_that_lets_it_is_caught(mutant: str) -> None:
    run = Run(Shop(SCARCE_ORDERS, SEED, plenty=False), SEED, print, mutant=mutant, settle_s=120)
    answers: Counter[str] = run.perform(SCARCE_ACTS, FAULTS, after=freezes)
    assert answers["FROZEN"] > 0, "nobody has bought ahead: it proves nothing"
    if mutant:
        assert not answers["POOL_EXHAUSTED"]
        assert "verify:pool_oversold" in run.verdict.checks, "the harness has not seen what was sold twice"
    else:
        assert answers["POOL_EXHAUSTED"] > 0, "no sale has come to its cap: it proves nothing"
        assert not run.verdict.violations, found(run.verdict, SCARCE_ACTS)


def freezes(brokers: str, _: Sequence[Path]) -> Counter[str]:
    """Answers to who bought ahead."""
    told = (CODEC.decode(record.value or b"") for record in read(brokers, ("inventory.results",)))
    return Counter(record["answer"] for name, record in told if name == "FreezeAnswered")


INPUT = [logged("in", 0, i, b"k%d" % i, b"g") for i in range(4)]


def checks(written: list[tuple[bytes, bytes]]) -> list[str]:
    want, _, _ = counting.decided(INPUT)
    out = [logged("out", 0, i, key, value) for i, (key, value) in enumerate(written)]
    return [violation.check for violation in counting.compare_output(out, want)]


def test_the_judge_of_the_counting_output_tells_what_is_wrong() -> None:
    sound = [(b"k0", b"g:1"), (b"k1", b"g:2"), (b"k2", b"g:3"), (b"k3", b"g:4")]
    assert checks(sound) == []
    assert "lost" in checks(sound[:3])
    assert "doubled" in checks([*sound, sound[3]])
    assert checks([*sound[:3], (b"k3", b"g:5")]) == ["decided_otherwise"]
    assert checks([sound[1], sound[0], *sound[2:]]) == ["out_of_order"]
    assert "out_of_nothing" in checks([*sound, (b"k9", b"g:1")])


def test_the_same_seed_gives_the_same_schedule_and_every_step_has_its_turn() -> None:
    acts = schedule.schedule(3, kills=90)
    assert acts == schedule.schedule(3, kills=90) != schedule.schedule(4, kills=90)
    assert {act.detail for act in acts if act.fault == "kill"} == set(STEPS)
    assert {act.fault for act in acts} == set(FAULTS)


def test_the_same_seed_gives_the_same_input() -> None:
    assert Shop(300, 3, plenty=True).records == Shop(300, 3, plenty=True).records
    assert Counting(300, 3).records == Counting(300, 3).records != Counting(300, 4).records


def test_a_failure_says_where_and_how_to_see_it_again() -> None:
    verdict = Verdict("plenty-3", violations=[Violation("lost", "orders", 2, 17, "taobao:1", "was never decided")])
    text = failure(verdict, "python -m tests.chaos --seed 3")
    assert "orders/2@17 taobao:1: was never decided" in text
    assert "commit" in text and "--seed 3" in text
