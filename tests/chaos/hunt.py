"""The hunt for a mutant: the cheapest runs in which a broken engine must show. The sound engine must pass the same runs.

The battery is the same for every mutant: a harness that had to be told where to look would not be one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from tests.chaos.checks.penstock import Calm, decisions
from tests.chaos.counting import Counting
from tests.chaos.faults import FAULTS, MISSED
from tests.chaos.run import Act, Run, Verdict, Workload
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
#: With sales before goods are there, which plenty has none of.
SCARCE_ACTS = (Act("kill", "commit"), Act("kill", "applied"))
COUNTING_ORDERS, PENSTOCK_ORDERS, SCARCE_ORDERS = 6_000, 600, 400
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

    def run(workload: Workload, acts: Sequence[Act], calm: Calm | None = None) -> Verdict:
        it = Run(workload, seed, say, mutant=mutant or "", **settle_s)
        it.perform(acts, FAULTS, calm=calm)
        return it.verdict

    total = run(Counting(COUNTING_ORDERS, seed), COUNTING_ACTS)
    total.name = f"{mutant or 'sound'}-{seed}"
    if not total.violations:
        shop, calm = _undisturbed(seed, say)
        _add(total, run(shop, PENSTOCK_ACTS, calm))
    if not total.violations:
        _add(total, run(Shop(SCARCE_ORDERS, seed, plenty=False), SCARCE_ACTS))
    return total


def _add(total: Verdict, more: Verdict) -> None:
    total.orders += more.orders
    for field in ("kills", "faults", "seen"):
        getattr(total, field).update(getattr(more, field))
    total.violations += more.violations
    total.seconds += more.seconds


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
