"""A decision as it stands in an order's trace, bounded whatever the document and the order, and back to plain values with names.

A trace travels with every decision: names of criteria stand in it once a strategy, figures as they are ranked by. What would tell where
the receiver lives more closely than the city is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.records import (
    Considered,
    DecidedBy,
    Missing,
    TracedAttempt,
    TracedByRules,
    TracedPassedOver,
    TracedWarehouse,
)

from ..planning import Plan
from ..trace import CONSIDERED_MAX
from .compiling import Choice, Rules
from .explaining import figure_of
from .facts import Facts, Value
from .trace import SPLIT_SEARCH_CAPPED, Attempt, Decision, Looked, PassedOver
from .words import in_words

#: The last strategies that were tried, and the first that were passed over; and of one with a condition on lines so many of its lines.
ATTEMPTS_MAX = 5
PASSED_OVER_MAX = 20
ACTUAL_MAX = 20

#: Facts that are personal data in the order's own record.
PERSONAL = ("district", "town")


def considered(facts: Facts, decision: Decision) -> list[Considered]:
    """Every warehouse as the strategy that decided saw it: those that send, then the others by rank, then the refused."""
    attempt = decision.attempts[-1]
    about = {each.code: each for each in facts.warehouses}
    ranked = sorted([each for each in attempt.looked if not each.refused], key=_rank)
    reasons = {each.warehouse: f"number {at} of {len(ranked)} by rank" for at, each in enumerate(ranked, start=1)}
    chosen = [each for each in ranked if each.warehouse in attempt.chosen]
    others = [each for each in ranked if each.warehouse not in attempt.chosen]
    found: list[Considered] = []
    for each in (*chosen, *others, *[each for each in attempt.looked if each.refused]):
        it = about[each.warehouse]
        found.append(
            {
                "warehouse": each.warehouse,
                "covers": each.covers,
                "distance_km": None if it.metres is None else it.metres / 1_000,
                "open_units": it.open_units,
                "chosen": each.warehouse in attempt.chosen,
                "reason": reasons.get(each.warehouse) or in_words(each.refused, each.actual, each.limit),
            }
        )
    return found


def planned_by(by: DecidedBy, rules: Rules, facts: Facts, decision: Decision) -> Plan:
    """A decision of these rules as a plan."""
    missing: list[Missing] = []
    if not decision.parts:
        missing = [{"sku": sku, "shortfall": units} for sku, units in decision.unplaced.items()]
    return Plan(decision.parts, considered(facts, decision), missing, traced(by, rules, decision), by)


def traced(by: DecidedBy, rules: Rules, decision: Decision) -> TracedByRules:
    """A decision of these rules, with the reason of every warehouse."""
    choices = {choice.name: choice for choice in rules.choices}
    return {
        "decided_by": by,
        "attempts": [_attempt(choices[each.strategy], each) for each in decision.attempts[-ATTEMPTS_MAX:]],
        "passed_over": [_passed_over(choices[each.strategy], each) for each in decision.passed_over[:PASSED_OVER_MAX]],
    }


def told(trace: TracedByRules) -> dict[str, Any]:
    """Attempts and strategies passed over, as ``explaining.explained`` has them."""
    return {
        "attempts": [_told_attempt(each) for each in trace["attempts"]],
        "passed_over": [{**each, "actual": list(each["actual"])} for each in trace["passed_over"]],
    }


def _rank(each: Looked) -> tuple[Sequence[int], str]:
    return (-each.score,) if each.score is not None else each.parts or each.costs, each.warehouse


def _attempt(choice: Choice, attempt: Attempt) -> TracedAttempt:
    margin = attempt.margin
    return {
        "strategy": attempt.strategy,
        "result": attempt.result,
        "criteria": list(choice.criteria),
        "weights": list(choice.weights),
        "banded": [each is not None for each in choice.bands],
        "warehouses": [_warehouse(each) for each in attempt.looked[:CONSIDERED_MAX]],
        "chosen": list(attempt.chosen[:CONSIDERED_MAX]),
        "runner_up": attempt.runner_up,
        "margin_by": "" if margin is None else margin.by,
        "margin": None if margin is None else margin.difference,
        "capped": attempt.capped,
    }


def _warehouse(each: Looked) -> TracedWarehouse:
    actual, limit = each.actual, each.limit
    return {
        "warehouse": each.warehouse,
        "covers": each.covers,
        "refused": each.refused,
        "figure": actual if isinstance(actual, int) else None,
        "text": actual if isinstance(actual, str) else "",
        "limit": limit if isinstance(limit, int) else None,
        "costs": list(each.costs),
        "parts": list(each.parts),
        "score": each.score,
    }


def _passed_over(choice: Choice, each: PassedOver) -> TracedPassedOver:
    field = choice.when[each.condition].field
    actual = each.actual if isinstance(each.actual, tuple) else (each.actual,)
    known = [] if field in PERSONAL else [_text(one) for one in actual[:ACTUAL_MAX] if one not in (None, "")]
    return {"strategy": each.strategy, "condition": each.condition, "field": field, "actual": known}


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _told_attempt(attempt: TracedAttempt) -> dict[str, Any]:
    margin = {"by": attempt["margin_by"], "difference": attempt["margin"]} if attempt["margin_by"] else None
    return {
        "strategy": attempt["strategy"],
        "result": attempt["result"],
        "warehouses": [_told_warehouse(attempt, each) for each in attempt["warehouses"]],
        "chosen": list(attempt["chosen"]),
        "runner_up": attempt["runner_up"] or None,
        "margin": margin,
        "notes": [SPLIT_SEARCH_CAPPED] if attempt["capped"] else [],
    }


def _told_warehouse(attempt: TracedAttempt, each: TracedWarehouse) -> dict[str, Any]:
    chosen = each["warehouse"] in attempt["chosen"]
    about: dict[str, Any] = {"warehouse": each["warehouse"], "chosen": chosen, "covers": each["covers"]}
    if each["refused"]:
        actual = each["figure"] if each["figure"] is not None else each["text"] or None
        return {**about, "refused": each["refused"], "actual": actual, "limit": each["limit"]}
    scores: list[dict[str, Any]] = []
    for at, name in enumerate(attempt["criteria"]):
        score: dict[str, Any] = {"by": name, "value": figure_of(name, each["costs"][at])}
        if attempt["weights"]:
            score |= {"points": each["parts"][at], "weight": attempt["weights"][at]}
        elif attempt["banded"] and attempt["banded"][at]:
            score["band"] = abs(each["parts"][at])
        scores.append(score)
    score_ = each["score"]
    whole = {} if score_ is None else {"score": score_ // sum(attempt["weights"])}
    return {**about, "scores": scores, **whole}
