"""What a dashboard is made of: rows of panels, each with its queries, its unit and what it means."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Query(NamedTuple):
    """PromQL, and the name of each line it gives: ``{{label}}`` becomes the label's value."""

    expr: str
    legend: str


class Limit(NamedTuple):
    """Where a figure turns bad: from ``value`` on, or below it."""

    bad: Literal["from", "below"]
    value: float


class Panel(NamedTuple):
    """One figure, graph or band of states."""

    title: str
    description: str
    #: Of Grafana's units; "suffix:x" writes x behind the number.
    unit: str
    queries: tuple[Query, ...]
    width: int = 8
    kind: Literal["figure", "graph", "states"] = "graph"
    limit: Limit | None = None
    #: What 1 and 0 mean, for ``states``.
    states: tuple[str, str] = ("up", "down")


class Row(NamedTuple):
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


def quantile(q: float, histogram: str, by: str = "", where: str = "") -> str:
    """The q-quantile of a histogram, for each value of the label ``by`` if given."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({histogram}_bucket{where}[$__rate_interval])))"
