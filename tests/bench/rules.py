"""Table 8, what a routing decision costs: microseconds of CPU an order, by rules with their whole trace and by GoRules' engine.

Both decide the same orders by the same rules (``rules_orders``), each in a process that does nothing else; that they choose the same
warehouse with the same points is checked. The facts stand ready. A figure is the least of some batches.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.documents.rules.builtin import read
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts, WarehouseFacts
from tests.bench.measure import ROOT, Bench, ContestantDied, Spread, interleaved
from tests.bench.peers import BENCH_PYTHON
from tests.bench.report import Goal, Report, spread, spread_json
from tests.bench.rules_orders import document, orders
from tests.bench.stage import WrongOutput

ORDERS, ORDERS_QUICK, BATCHES = 2_000, 50, 7
GOAL_US = 10
PENSTOCK, ZEN = "Penstock", "zen-engine"


def run(bench: Bench, names: Iterable[str] = (PENSTOCK, ZEN)) -> Iterable[Report]:
    count, batches = (ORDERS_QUICK, 1) if bench.quick else (ORDERS, BATCHES)
    chosen: dict[str, Any] = {}

    def penstock() -> Mapping[str, float]:
        found, chosen[PENSTOCK] = measure(count, batches)
        return {"traced_us": found}

    def zen() -> Mapping[str, float]:
        command = [str(BENCH_PYTHON), "-m", "tests.bench.apps.zen_rules", str(count), str(batches)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise ContestantDied(f"{ZEN}: {ended.stderr[-500:]}")
        found = json.loads(ended.stdout)
        chosen[ZEN] = found["chosen"]
        return {"traced_us": found["traced_us"], "us": found["us"]}

    contestants = {PENSTOCK: penstock, **({ZEN: zen} if ZEN in names and BENCH_PYTHON.exists() else {})}
    figures = interleaved(contestants, bench, "rules")
    if ZEN in chosen and chosen[ZEN] != chosen[PENSTOCK]:
        at = next(at for at, (one, other) in enumerate(zip(chosen[PENSTOCK], chosen[ZEN], strict=True)) if one != other)
        raise WrongOutput(f"order {at}: {PENSTOCK} chooses {chosen[PENSTOCK][at]}, {ZEN} {chosen[ZEN][at]}")
    yield report(figures, count)


def report(figures: Mapping[str, Mapping[str, Spread]], count: int) -> Report:
    rows = [
        (name, spread(found["traced_us"], 1), spread(found["us"], 1) if "us" in found else "-")
        for name, found in figures.items()
    ]
    own = figures[PENSTOCK]["traced_us"].median
    goals = [Goal(f"<= {GOAL_US} us an order with the whole trace", f"{own:.1f} us", own <= GOAL_US)]
    ratio = own / figures[ZEN]["traced_us"].median if ZEN in figures else None
    goals.append(Goal.at_most(f"<= 1.0 x {ZEN} with its trace", ratio, 1.0))
    data = {name: {figure: spread_json(it) for figure, it in found.items()} for name, found in figures.items()}
    note = f"{count:,} orders: a switch, a table of 12 rows, 6 warehouses by three criteria. Penstock's trace has every warehouse's reason."
    return Report(
        "rules", "8. A routing decision", ("µs per order", "with trace", "without"), rows, data, goals, [note]
    )


def measure(count: int, batches: int) -> tuple[float, list[list[Any]]]:
    """Microseconds an order, and each one's warehouse with its points."""
    rules = compiled(read(json.dumps(document())))
    given = [_facts(order) for order in orders(count)]
    best = float("inf")
    for _ in range(batches):
        began = time.process_time()
        for facts in given:
            decide(rules, facts)
        best = min(best, time.process_time() - began)
    chosen: list[list[Any]] = []
    for facts in given:
        (attempt,) = decide(rules, facts).attempts
        score = next(each.score for each in attempt.looked if each.warehouse == attempt.chosen[0])
        chosen.append([attempt.chosen[0], score])
    return best / count * 1e6, chosen


def _facts(order: Mapping[str, Any]) -> Facts:
    """One piece of one SKU, that every warehouse has; of 10,000 open pieces its load is in use."""
    warehouses = tuple(
        WarehouseFacts(each["code"], {"A": 9}, metres=each["metres"], open_units=each["load"], max_open_units=10_000)
        for each in order["warehouses"]
    )
    about = OrderFacts(
        (LineFacts("1", "A", 1),), channel=order["channel"], province=order["province"], total_minor=order["total"]
    )
    return Facts(about, warehouses)
