"""Table 9, what a flow's step costs: microseconds of CPU an event, interpreted, with its trace.

The facts stand ready. Of the approval above an amount every second order is asked about, and approved by two persons. A figure is the least
of some batches.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial

from schemas.documents.flows.builtin import default, read
from schemas.documents.flows.document import Document
from streams.domain.flow.compiling import compiled
from streams.domain.flow.facts import Event, FlowFacts
from streams.domain.flow.state import START
from streams.domain.flow.stepping import step
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts
from tests.bench.measure import ROOT, Bench, interleaved
from tests.bench.report import Goal, Report, spread, spread_json

ORDERS, ORDERS_QUICK, BATCHES = 5_000, 50, 7
GOAL_US = 5
APPROVAL = ROOT / "deploy/examples/flows/approval.toml"


def run(bench: Bench) -> Iterable[Report]:
    count, batches = (ORDERS_QUICK, 1) if bench.quick else (ORDERS, BATCHES)
    documents = {"built-in flow": default(), "approval above an amount": read(APPROVAL.read_text("utf-8"))}
    contestants = {name: partial(measure, document, count, batches) for name, document in documents.items()}
    figures = interleaved(contestants, bench, "flows")
    rows = [(name, spread(found["us"], 1)) for name, found in figures.items()]
    worst = max(found["us"].median for found in figures.values())
    goal = Goal(f"<= {GOAL_US} us an event", f"{worst:.1f} us", worst <= GOAL_US)
    data = {name: {"us": spread_json(found["us"])} for name, found in figures.items()}
    note = f"{count:,} orders; an approval has two events more, of which the first only counts a vote."
    yield Report("flows", "9. A flow's step", ("µs per event", "with trace"), rows, data, [goal], [note])


def measure(document: Document, count: int, batches: int) -> Mapping[str, float]:
    """Microseconds an event."""
    table = compiled(document)
    lines = (LineFacts("1", "A", 1),)
    orders = [
        FlowFacts(Facts(OrderFacts(lines, channel="jd", total_minor=total), ()))
        for total in (100, 900_000)
        for _ in range(count // 2)
    ]
    events = [Event("accepted"), *(Event("approved", by=by, roles=("lead",)) for by in ("ann", "bo"))]
    best = float("inf")
    for _ in range(batches):
        made = 0
        began = time.process_time()
        for facts in orders:
            state = step(table, START, events[0], facts, 1).state
            made += 1
            if state.due_ms is not None:
                for event in events[1:]:
                    state = step(table, state, event, facts, 2).state
                    made += 1
        best = min(best, (time.process_time() - began) / made)
    return {"us": best * 1e6}
