"""A report for machines: every figure, nothing turned or rounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.report.figures import KPIS, Exceptions, Figures, Kpi, movers


def plain(now: Figures, before: Figures, shops: Sequence[str]) -> dict[str, Any]:
    return {
        "week": now.week.name,
        "from": str(now.week.days[0]),
        "to": str(now.week.days[-1]),
        "shops": list(shops),
        "written_until": None if now.written_until is None else now.written_until.isoformat(),
        "kpis": [_kpi(kpi, now, before) for kpi in KPIS],
        "orders": {str(day): now.orders.get(day, 0) for day in now.week.days},
        "exceptions": list(map(_exceptions, now.exceptions)),
        "exceptions_before": list(map(_exceptions, before.exceptions)),
        "movers": [each._asdict() for each in movers(now.exceptions, before.exceptions)],
        "outages": [
            {
                **each._asdict(),
                "since": each.since.isoformat(),
                "until": None if each.until is None else each.until.isoformat(),
            }
            for each in now.outages
        ],
        "open": [{**each._asdict(), "since": each.since.isoformat()} for each in now.open],
    }


def _kpi(kpi: Kpi, now: Figures, before: Figures) -> dict[str, Any]:
    its, was = now.kpi(kpi), before.kpi(kpi)
    return {
        **kpi._asdict(),
        "value": its.value,
        "of": its.of,
        "meets": its.meets(kpi),
        "before": was.value,
        "of_before": was.of,
        **{
            dimension: {
                value: {"value": found.value, "of": found.of}
                for value in now.values(dimension)
                for found in [now.kpi(kpi, dimension, value)]
            }
            for dimension in ("channel", "shop")
        },
    }


def _exceptions(each: Exceptions) -> dict[str, Any]:
    return {**each._asdict(), "day": str(each.day)}
