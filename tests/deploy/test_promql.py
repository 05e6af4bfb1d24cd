"""What holds panels and alerts against the metrics must see a wrong name wherever it stands."""

from __future__ import annotations

import pytest
from prometheus_client import Counter, Gauge, Histogram

from tests.deploy.promql import TARGET, Registry, UnknownName, names_in_template, result_labels


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("orders_total", "no process serves orders_total"),
        ("sum(rate(known[5m])) / sum(rate(knwon[5m]))", "no process serves knwon"),
        ('known{chanel="jd"}', r"a matcher of known names \['chanel'\]"),
        (
            "sum by (channel) (sum by (job) (known))",
            r"grouping of .* names \['channel'\]: the labels there are \['job'\]",
        ),
        ("histogram_quantile(0.9, sum by (channel) (rate(took_bucket[5m])))", r"names \['le'\]"),
        ("known - on (shop) took_count", r"matching of .* names \['shop'\]"),
        ("known and ignoring (shop) took_count", r"matching of .* names \['shop'\]"),
        ("sum(took)", "no process serves took$"),
    ],
)
def test_a_wrong_name_anywhere_in_a_query_is_seen(query: str, said: str) -> None:
    metrics = {"known": TARGET | {"channel"}, "took_bucket": TARGET | {"channel", "le"}, "took_count": TARGET}
    with pytest.raises(UnknownName, match=said):
        result_labels(query, metrics)


def test_the_labels_of_a_result_are_those_that_prometheus_leaves() -> None:
    metrics = {"known": TARGET | {"channel"}, "took_bucket": TARGET | {"channel", "le"}}
    assert result_labels("known", metrics) == {"job", "instance", "channel"}
    assert result_labels("sum(known)", metrics) == set()
    assert result_labels("sum without (job) (known)", metrics) == {"instance", "channel"}
    assert result_labels("histogram_quantile(0.5, rate(took_bucket[5m]))", metrics) == {"job", "instance", "channel"}
    assert result_labels("known - on (channel) known", metrics) == {"channel"}
    assert result_labels("vector(1)", metrics) == set()


def test_metrics_that_have_no_series_yet_are_known_with_their_labels() -> None:
    registry = Registry()
    Counter("read", "", ["topic", "partition"], registry=registry)
    Gauge("level", "", registry=registry)
    Histogram("took", "", ["channel"], registry=registry)
    known = registry.known()
    assert known["read_total"] == TARGET | {"topic", "partition"}
    assert known["level"] == TARGET
    assert known["took_bucket"] == TARGET | {"channel", "le"}
    assert "read" not in known


def test_names_in_legends_and_annotations_are_found() -> None:
    assert names_in_template("{{sink}} p99") == {"sink"}
    assert names_in_template("{{ $labels.sink }} {{ .Labels.job }} for {{ $value | humanizeDuration }}") == {
        "sink",
        "job",
    }
