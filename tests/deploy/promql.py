"""Holds PromQL against the metrics that exist: every metric and label a query names, and the labels its result has.

A misspelt metric or label is no error to Prometheus: the panel stays empty, the alert never fires. So both are looked for here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set

import promql_parser as promql
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

#: What Prometheus adds to every series it scrapes.
TARGET = frozenset({"job", "instance"})

#: Labels by the name of the series, as they are queried: ``x_total``, ``x_bucket``...
Metrics = Mapping[str, Set[str]]


class UnknownName(Exception):
    """A query names a metric or a label that no process serves."""


class Registry(CollectorRegistry):
    """Tells which series its metrics have, also those of which there is none yet."""

    def __init__(self) -> None:
        super().__init__()
        self._collectors: list[Collector] = []

    def register(self, collector: Collector) -> None:
        super().register(collector)
        self._collectors.append(collector)

    def known(self) -> Metrics:
        for collector in self._collectors:
            _make_a_series(collector)
        found: dict[str, Set[str]] = {"up": TARGET}
        for family in self.collect():
            for sample in family.samples:
                found[sample.name] = TARGET | sample.labels.keys()
        return found


def _make_a_series(collector: Collector) -> None:
    """A metric with labels has no series, and so shows no labels, until it is first used."""
    for count in range(1, 6):
        try:
            collector.labels(*["x"] * count)  # type: ignore[attr-defined]
        except (AttributeError, ValueError):
            continue
        return


def result_labels(query: str, metrics: Metrics) -> Set[str]:
    """The labels that the query's result has. Raises UnknownName."""
    # Grafana's own variables stand for a duration, and inside of strings for a value.
    return _labels(promql.parse(query.replace("$__rate_interval", "5m")), metrics)


def check_names(names: Iterable[str], labels: Set[str], where: str) -> None:
    """Raises UnknownName unless all names are among the labels."""
    if unknown := set(names) - labels:
        raise UnknownName(f"{where} names {sorted(unknown)}: the labels there are {sorted(labels)}")


def names_in_template(text: str) -> Set[str]:
    """``{{label}}`` of a legend, ``$labels.label`` and ``.Labels.label`` of an annotation."""
    return {a or b for a, b in re.findall(r"\{\{\s*(\w+)\s*\}\}|[$.][lL]abels\.(\w+)", text)}


def _labels(node: promql.Expr, metrics: Metrics) -> Set[str]:
    match node:
        case promql.VectorSelector():
            return _selected(node, metrics)
        case promql.MatrixSelector():
            return _selected(node.vector_selector, metrics)
        case promql.SubqueryExpr() | promql.ParenExpr() | promql.UnaryExpr():
            return _labels(node.expr, metrics)
        case promql.AggregateExpr():
            return _aggregated(node, metrics)
        case promql.Call():
            return _called(node, metrics)
        case promql.BinaryExpr():
            return _combined(node, metrics)
    return frozenset()


def _selected(node: promql.VectorSelector, metrics: Metrics) -> Set[str]:
    if node.name not in metrics:
        raise UnknownName(f"no process serves {node.name}")
    labels = metrics[node.name]
    check_names((m.name for m in node.matchers.matchers), labels, f"a matcher of {node.name}")
    return labels


def _aggregated(node: promql.AggregateExpr, metrics: Metrics) -> Set[str]:
    inner = _labels(node.expr, metrics)
    if node.modifier is None:
        return frozenset()
    named = set(node.modifier.labels)
    check_names(named, inner, f"the grouping of {node.prettify()}")
    return named if node.modifier.type == promql.AggModifierType.By else inner - named


def _called(node: promql.Call, metrics: Metrics) -> Set[str]:
    inner: Set[str] = frozenset().union(*(_labels(argument, metrics) for argument in node.args))
    if node.func.name == "histogram_quantile":
        check_names({"le"}, inner, node.prettify())
        return inner - {"le"}
    return inner


def _combined(node: promql.BinaryExpr, metrics: Metrics) -> Set[str]:
    left, right = _labels(node.lhs, metrics), _labels(node.rhs, metrics)
    matching = node.modifier.matching if node.modifier else None
    if matching is None:
        return left | right
    for side in (left, right):
        check_names(matching.labels, side, f"the matching of {node.prettify()}")
    if matching.type == promql.LabelModifierType.Exclude:
        return left - set(matching.labels)
    return set(matching.labels)
