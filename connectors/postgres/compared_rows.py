"""What versions of the rules that are tried make of orders, as rows."""

from __future__ import annotations

from typing import Any

from connectors.postgres.row import Place, Rows, moment, moment_or_none
from connectors.postgres.tables import SIDE
from schemas.json_text import compact


def compared(r: dict[str, Any], p: Place) -> Rows:
    """A DecisionCompared."""
    # 0: it began before this was noted.
    began = moment_or_none("DecisionCompared.trial_ms", r["trial_ms"] or None)
    row = (
        *(moment("DecisionCompared.at_ms", r["at_ms"]), r["order_id"], r["attempt"], r["role"], r["channel"]),
        *(r["shop"], r["order_version"], r["document"], began, r["effect"], r["currency"], r["equal"]),
        *_side(r["stands"]),
        *_side(r["tried"]),
        *(p.partition, p.offset),
    )
    return [("compared_decisions", row)]


def _side(side: dict[str, Any]) -> tuple[Any, ...]:
    *told, trace = [side[name] for name in SIDE]
    return *told, None if trace is None else compact(trace).decode()
