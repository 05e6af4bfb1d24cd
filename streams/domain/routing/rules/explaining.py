"""A decision as plain values with names, for JSON and for screens: figures as the document has them, whatever they are ranked by."""

from __future__ import annotations

from typing import Any

from .compiling import Choice, Rules
from .criteria import BY_MORE
from .trace import SPLIT_SEARCH_CAPPED, UNKNOWN, Attempt, Decision, Looked, PassedOver


def explained(rules: Rules, decision: Decision) -> dict[str, Any]:
    """A decision of these rules. In its attempts every warehouse that was looked at has ``refused`` or its ``scores``."""
    choices = {choice.name: choice for choice in rules.choices}
    return {
        "outcome": "allocated" if decision.parts else "backordered",
        "strategy": decision.attempts[-1].strategy,
        "parts": [part._asdict() for part in decision.parts],
        "unplaced": dict(decision.unplaced),
        "attempts": [_attempt(choices[each.strategy], each) for each in decision.attempts],
        "passed_over": [_passed_over(choices[each.strategy], each) for each in decision.passed_over],
        "rules": decision.rules,
        "versions": dict(decision.versions),
    }


def _attempt(choice: Choice, attempt: Attempt) -> dict[str, Any]:
    margin = attempt.margin
    return {
        "strategy": attempt.strategy,
        "result": attempt.result,
        "warehouses": [_looked(choice, each, each.warehouse in attempt.chosen) for each in attempt.looked],
        "chosen": list(attempt.chosen),
        "runner_up": attempt.runner_up or None,
        "margin": None if margin is None else margin._asdict(),
        "notes": [SPLIT_SEARCH_CAPPED] if attempt.capped else [],
    }


def _looked(choice: Choice, each: Looked, chosen: bool) -> dict[str, Any]:
    about: dict[str, Any] = {"warehouse": each.warehouse, "chosen": chosen, "covers": each.covers}
    if each.refused:
        return {**about, "refused": each.refused, "actual": each.actual, "limit": each.limit}
    scores: list[dict[str, Any]] = []
    for at, name in enumerate(choice.criteria):
        score: dict[str, Any] = {"by": name, "value": figure_of(name, each.costs[at])}
        if choice.weights:
            score |= {"points": each.parts[at], "weight": choice.weights[at]}
        elif choice.bands and choice.bands[at] is not None:
            score["band"] = abs(each.parts[at])
        scores.append(score)
    whole = None if each.score is None else each.score // sum(choice.weights)
    return {**about, "scores": scores, **({} if whole is None else {"score": whole})}


def figure_of(name: str, cost: int) -> int | str | None:
    """A criterion's figure as the document has it, of what it is ranked by."""
    if cost == UNKNOWN:
        return None
    if cost == -UNKNOWN:
        return "unlimited"
    return -cost if name in BY_MORE else cost


def _passed_over(choice: Choice, each: PassedOver) -> dict[str, Any]:
    actual = list(each.actual) if isinstance(each.actual, tuple) else each.actual
    return {
        "strategy": each.strategy,
        "condition": each.condition,
        "field": choice.when[each.condition].field,
        "actual": actual,
    }
