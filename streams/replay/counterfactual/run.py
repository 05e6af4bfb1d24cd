"""A simulation from beginning to end.

1. The logs as far as they are written; balances and warehouses whole, in memory.
2. Partition by partition: each decision of the period is decided again on its recorded facts (point by point), and noted for the sequence.
3. Shipments and stock commands of the period; then it runs twice (in sequence): by what is built in, and by the draft.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from streams.domain.routing.planning import Plan
from streams.domain.routing.rules.compiling import Rules
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.explaining import explained
from streams.domain.routing.rules.facts import Facts, with_tables
from streams.domain.routing.tables.reckoning import Tables
from streams.replay.counterfactual.figures import Comparison, Parts, Sent, joined, priced
from streams.replay.counterfactual.happened import Happened, Happenings, Planned
from streams.replay.counterfactual.points import compiled_default, point
from streams.replay.counterfactual.recorded import (
    COMMANDS,
    DECISIONS,
    ORDERS,
    SHIPMENTS,
    Logs,
    Period,
    Recorded,
    decisions,
)
from streams.replay.counterfactual.sequence import Ran, Went, run
from streams.replay.log import Log
from streams.replay.shadow.books import Books
from streams.replay.shadow.views import TOPICS as VIEWED
from streams.replay.shadow.views import Views
from streams.settings import Settings

Export = Callable[[dict[str, Any]], None]


@dataclass
class ByPoint:
    """Point by point: exact for those decisions that have their facts."""

    comparison: Comparison
    #: Why others have none -> how many.
    missing: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For JSON. ``per_second``: decisions decided again, with the reading of the log."""
        known, missing = self.comparison.before.orders, self.missing.total()
        all_ = known + missing
        return {
            **self.comparison.as_dict(),
            "coverage": {
                "decisions": all_,
                "with_facts": known,
                "missing": dict(self.missing),
                "missing_basis_points": missing * 10_000 // all_ if all_ else None,
            },
            "seconds": round(self.seconds, 2),
            "per_second": round(all_ / self.seconds) if self.seconds else None,
        }


@dataclass
class InSequence:
    """In sequence: a model of the period."""

    comparison: Comparison
    #: Orders that the built-in rule, run so, sends as was recorded last; and those that it does not.
    as_recorded: int = 0
    not_as_recorded: int = 0
    #: Pieces that the record took where a simulation had promised them: of the built-in rule's, and of the draft's.
    cut_short: tuple[int, int] = (0, 0)
    without_balance: int = 0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **self.comparison.as_dict(),
            "fidelity": {"as_recorded": self.as_recorded, "not_as_recorded": self.not_as_recorded},
            "pieces_cut_short": {"before": self.cut_short[0], "draft": self.cut_short[1]},
            "skus_without_a_balance_before": self.without_balance,
            "seconds": round(self.seconds, 2),
            "per_second": round(self.comparison.before.orders * 2 / self.seconds) if self.seconds else None,
        }


@dataclass
class Simulated:
    """What was found; None: that way was not asked for."""

    points: ByPoint | None
    sequence: InSequence | None


def simulate(
    settings: Settings,
    rules: Rules,
    period: Period,
    ways: Iterable[str],
    *,
    tables: Tables | None = None,
    export: Export,
    begin: Callable[[int], None],
    advance: Callable[[int], None],
) -> Simulated:
    """Decide a period by a draft.

    Args:
        ways: ``points``, ``sequence``.
        tables: what the draft looks at, and what freight and arrival of both sides are reckoned by.
        export: given each order that went otherwise, as it is found.
        begin: told how many offsets will be read.
        advance: told how many more were read.

    Raises:
        ReplayRefused: no broker answers, or a topic is missing.
        ReplayStopped: the log cannot be read on.
    """
    by_point = ByPoint(Comparison(lambda each: export({"way": "points", **each}))) if "points" in ways else None
    wanted = "sequence" in ways
    topics = [*VIEWED, ORDERS, DECISIONS, *((SHIPMENTS, COMMANDS) if wanted else ())]
    log = Log(settings)
    try:
        # 1. Logs
        logs = Logs(log, topics, advance)
        begin(logs.offsets())
        began = time.monotonic()
        views = Views(logs)
        books = views.books()
        happenings = Happenings(period, views)
        # 2. Decisions
        for partition in range(logs.partitions(DECISIONS)):
            for recorded in decisions(logs, partition, period):
                if by_point is not None and recorded.name != "AllocationReleased":
                    _again(recorded, views, books, rules, tables, by_point)
                if wanted:
                    happenings.decided(recorded)
            if wanted:
                happenings.shipped(logs, partition)
        if by_point is not None:
            by_point.seconds = time.monotonic() - began
        # 3. The period
        sequence = None
        if wanted:
            happenings.stock_moved(logs)
            happened = happenings.all()
            begin(2 * len(happened.events))
            sequence = _in_sequence(happened, rules, tables, export, advance)
        return Simulated(by_point, sequence)
    finally:
        log.close()


def _again(recorded: Recorded, views: Views, books: Books, rules: Rules, tables: Tables | None, found: ByPoint) -> None:
    """One decision on its recorded facts."""
    it = point(recorded, views, books)
    if isinstance(it, str):
        found.missing[it] += 1
        return
    facts, planned = it.facts, it.planned
    before = Sent(planned.parts)
    if tables is not None:
        # What was decided, was decided by the tables of then, or without any.
        facts = with_tables(facts, tables, {})
        before = priced(it.rules, tables, facts, decide(it.rules, it.looked))
    decision = decide(rules, facts)

    def about() -> dict[str, Any]:
        return {
            "order_id": recorded.order_id,
            "attempt": recorded.decision["attempt"],
            "decided_at_ms": recorded.decision["decided_at_ms"],
            "before": _planned(planned),
            "draft": explained(rules, decision),
        }

    metres = {each.code: each.metres for each in facts.warehouses}
    found.comparison.add(before, priced(rules, tables, facts, decision), metres, about)


def _planned(planned: Plan) -> dict[str, Any]:
    return {
        "outcome": "allocated" if planned.parts else "backordered",
        "parts": [part._asdict() for part in planned.parts],
        "considered": planned.considered,
        "missing": planned.missing,
    }


def _in_sequence(
    happened: Happened, rules: Rules, tables: Tables | None, export: Export, advance: Callable[[int], None]
) -> InSequence:
    began = time.monotonic()
    builtin = compiled_default()
    before, draft = run(builtin, happened, advance), run(rules, happened, advance, tables)
    found = InSequence(Comparison(lambda each: export({"way": "sequence", **each})))
    for order_id, was in before.orders.items():
        now = draft.orders[order_id]
        sides = (
            priced(builtin, tables, _asked(was, tables), was.decision),
            priced(rules, tables, now.facts, now.decision),
        )
        metres = {each.code: each.metres for each in was.facts.warehouses}
        found.comparison.add(*sides, metres, _about(order_id, builtin, before, rules, draft))
    for order_id, parts in _last_recorded(happened).items():
        same = joined(parts) == joined(before.orders[order_id].decision.parts)
        found.as_recorded += same
        found.not_as_recorded += not same
    found.cut_short = before.cut_short, draft.cut_short
    asked = {line.sku for _, event in happened.events if isinstance(event, Planned) for line in event.order.lines}
    found.without_balance = sum(1 for sku in asked if not happened.balances.get(sku))
    found.seconds = time.monotonic() - began
    return found


def _asked(went: Went, tables: Tables | None) -> Facts:
    return went.facts if tables is None else with_tables(went.facts, tables, {})


def _about(order_id: str, builtin: Rules, before: Ran, rules: Rules, draft: Ran) -> Callable[[], dict[str, Any]]:
    return lambda: {
        "order_id": order_id,
        "before": explained(builtin, before.orders[order_id].decision),
        "draft": explained(rules, draft.orders[order_id].decision),
    }


def _last_recorded(happened: Happened) -> dict[str, Parts]:
    return {event.order_id: event.parts for _, event in happened.events if isinstance(event, Planned)}
