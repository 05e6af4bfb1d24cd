"""The decision trace: what was looked at in each round, and why it was chosen or not. Bounded, whatever the order.

A trace travels with every decision and lies in the order's state, so its size is a cost of every order: at most 3
rounds of 20 warehouses and 20 missing SKUs, some 5 KiB at the worst; where a rule document decides, it has those warehouses once more for
each strategy that was tried, of those 5.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.records import DecisionTrace, Missing

from .planning import Plan

CONSIDERED_MAX = 20
MISSING_MAX = 20


def with_round(trace: DecisionTrace | None, number: int, planned: Plan) -> DecisionTrace:
    """The trace with one more round; the first round of an attempt starts a new one."""
    return {
        "rounds": [
            *(trace["rounds"] if trace is not None and number > 1 else ()),
            {
                "round": number,
                "considered": planned.considered[:CONSIDERED_MAX],
                "rejected": planned.missing[:MISSING_MAX],
                "by_rules": planned.by_rules,
                "first_choice": planned.first_choice,
                "pools": [],
            },
        ]
    }


def with_rejection(trace: DecisionTrace | None, sku: str, shortfall: int) -> DecisionTrace:
    """The trace with a rejected reservation in its last round; shortfalls of one SKU add up."""
    if trace is None:
        return with_round(None, 1, Plan((), [], [{"sku": sku, "shortfall": shortfall}]))
    last = trace["rounds"][-1]
    rejected = list(last["rejected"])
    for index, missing in enumerate(rejected):
        if missing["sku"] == sku:
            rejected[index] = {"sku": sku, "shortfall": missing["shortfall"] + shortfall}
            break
    else:
        rejected.append({"sku": sku, "shortfall": shortfall})
    return {**trace, "rounds": [*trace["rounds"][:-1], {**last, "rejected": rejected[:MISSING_MAX]}]}


def missing_in(trace: DecisionTrace | None) -> Sequence[Missing]:
    """What the last round of a trace lacked."""
    return trace["rounds"][-1]["rejected"] if trace is not None and trace["rounds"] else ()
