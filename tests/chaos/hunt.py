"""The hunt for a mutant: the cheapest runs in which a broken engine must show. The sound engine must pass the same runs.

The battery is the same for every mutant: a harness that had to be told where to look would not be one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.chaos.checks.penstock import Calm, decisions
from tests.chaos.counting import Counting
from tests.chaos.faults import FAULTS, MISSED
from tests.chaos.run import Act, Run, Verdict
from tests.chaos.shop import Shop

COUNTING_ACTS = (
    *(Act("kill", step) for step in ("commit", "apply", "fetched", "applied")),
    # Of a transaction that is undone under a worker only what it reads again at once meets what was left of it: more than one.
    *(
        Act("nap", "offsets"),
        Act("nap", "produce"),
        Act("nap", "offsets"),
        # At either step it has something in hand; which of them it still has it at when it wakes is a race with its own consumer.
        Act("zombie", "decided"),
        Act("zombie", "begin"),
        Act("kill-random", "2"),
    ),
)
PENSTOCK_ACTS = (
    *(Act("kill", step) for step in ("commit", "committed", "applied")),
    *(Act("clock-ahead", "9600"), Act("upgrade", "shopify")),
)
COUNTING_ORDERS, PENSTOCK_ORDERS = 6_000, 600
#: A mutant may lose what the workers wait for: they never come to rest.
SETTLE_S = 60.0
#: Hunts in which nothing showed and faults were missed prove nothing: another seed is tried, so many in all.
TRIES = 3


def hunt(mutant: str | None, seed: int, say: Callable[[str], None] = print) -> Verdict:
    """What the checks say of the engine with this mutant in it (None: as it is). Ends with the first run that shows something."""
    for tried in range(seed, seed + TRIES):
        verdict = _hunted(mutant, tried, say)
        if mutant is None or verdict.violations or not verdict.seen[MISSED]:
            break
        say(f"{mutant}: nothing showed with seed {tried}, and {verdict.seen[MISSED]} faults were missed")
    return verdict


def _hunted(mutant: str | None, seed: int, say: Callable[[str], None]) -> Verdict:
    settle_s = {"settle_s": SETTLE_S} if mutant else {}
    name = mutant or "sound"
    run = Run(Counting(COUNTING_ORDERS, seed), seed, say, mutant=mutant or "", **settle_s)
    run.perform(COUNTING_ACTS, FAULTS)
    total = run.verdict
    total.name = f"{name}-{seed}"
    if total.violations:
        return total
    shop, calm = _undisturbed(seed, say)
    second = Run(shop, seed, say, mutant=mutant or "", **settle_s)
    second.perform(PENSTOCK_ACTS, FAULTS, calm=calm)
    total.orders += second.verdict.orders
    for field in ("kills", "faults", "seen"):
        getattr(total, field).update(getattr(second.verdict, field))
    total.violations += second.verdict.violations
    total.seconds += second.verdict.seconds
    return total


_calms: dict[int, tuple[Shop, Calm]] = {}
_one_calm = threading.Lock()


def _undisturbed(seed: int, say: Callable[[str], None]) -> tuple[Shop, Calm]:
    """The sound engine's decisions, once for all mutants."""
    with _one_calm:
        if seed not in _calms:
            shop = Shop(PENSTOCK_ORDERS, seed, plenty=True)
            _calms[seed] = shop, Run(shop, seed, say).perform((), FAULTS, after=decisions)
    return _calms[seed]


def known_mutants() -> dict[str, str]:
    """Name -> what is broken; empty where there is no module of mutants."""
    try:
        from tests.chaos.mutants import MUTANTS
    except ModuleNotFoundError:
        return {}
    return {name: mutant.what for name, mutant in MUTANTS.items()}
