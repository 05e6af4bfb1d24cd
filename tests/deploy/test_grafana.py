"""The dashboard: what it queries exists, its JSON is what its table says, Grafana can lay it out.

Grafana itself is not loaded: no registry the tests may use has it. Its own library wrote the JSON, and reads it back here.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.__main__ import OUTPUT, dashboard
from tests.deploy.metrics import all_known
from tests.deploy.promql import check_names, names_in_template, result_labels

PROVISIONING = OUTPUT.parents[1] / "provisioning"
RULES = OUTPUT.parents[2] / "prometheus/rules/penstock.yml"
#: Grafana's page is this many columns wide.
COLUMNS = 24
PAGE = json.loads(OUTPUT.read_text())
PANELS = [panel for panel in PAGE["panels"] if panel["type"] != "row"]


def targets() -> Iterator[Any]:
    for panel in PANELS:
        for target in panel["targets"]:
            yield pytest.param(target["expr"], target["legendFormat"], id=f"{panel['title']} {target['refId']}")


@pytest.mark.parametrize(("expr", "legend"), list(targets()))
def test_a_panel_queries_metrics_and_labels_that_exist(expr: str, legend: str) -> None:
    labels = result_labels(expr, all_known())
    check_names(names_in_template(legend), labels, f"the legend {legend!r}")


def test_the_choice_of_channels_comes_from_a_metric_that_exists() -> None:
    [variable] = [v for v in PAGE["templating"]["list"] if v["name"] == "channel"]
    function, metric, label = variable["query"].replace("(", " ").replace(",", " ").rstrip(")").split()
    assert function == "label_values" and label in all_known()[metric]


def test_the_json_is_what_the_table_says() -> None:
    assert OUTPUT.read_text() == dashboard(), "run python -m deploy.grafana and commit what it writes"


def test_grafanas_own_library_reads_it_back() -> None:
    page = Dashboard.from_json(json.loads(OUTPUT.read_text()))
    assert [panel.title for panel in page.panels or []] == [panel["title"] for panel in PAGE["panels"]]


def test_every_panel_says_what_it_shows_in_which_unit_and_what_it_means() -> None:
    for panel in PANELS:
        assert panel["title"] and panel["description"].endswith("."), panel
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"] and all(target["legendFormat"] for target in panel["targets"]), panel["title"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]), panel["title"]


def test_no_panel_lies_on_another_or_beside_the_page() -> None:
    assert len({panel["id"] for panel in PAGE["panels"]}) == len(PAGE["panels"])
    taken: dict[tuple[int, int], str] = {}
    for panel in PAGE["panels"]:
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["x"] + place["w"] <= COLUMNS and place["h"] > 0, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies on {taken[x, y]}"
                taken[x, y] = panel["title"]


def test_a_row_of_panels_fills_the_page() -> None:
    # What is left over at the right is a panel forgotten or a width mistyped.
    filled: dict[int, int] = {}
    for panel in PAGE["panels"]:
        filled[panel["gridPos"]["y"]] = filled.get(panel["gridPos"]["y"], 0) + panel["gridPos"]["w"]
    assert set(filled.values()) == {COLUMNS}


def test_what_the_mission_asks_for_is_on_it() -> None:
    """Each of the mission's figures, by the metric that carries it."""
    shown = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    for metric in (
        *("hub_channel_events_total", 'outcome="review"', 'outcome=~"duplicate"', 'outcome=~"accepted|duplicate"'),
        *(
            "hub_review_backlog",
            "hub_review_oldest_seconds",
            "hub_sync_timeliness_ratio",
            "hub_processing_mean_seconds",
            "hub_cross_warehouse_ratio",
        ),
        *("histogram_quantile(0.5, ", "histogram_quantile(0.99, ", "hub_decision_latency_seconds_bucket"),
        *("hub_stage_lag_records", "hub_stage_lag_seconds", "hub_sink_lag_records", "hub_sink_lag_seconds", "sink_up"),
        *("engine_restore_progress_ratio", "hub_interface_up", "engine_aborted_batches_total"),
        *("engine_decide_seconds_bucket", "engine_transaction_seconds_bucket", "engine_apply_seconds_bucket"),
        "engine_quarantined_records_total",
    ):
        assert metric in shown, metric


def test_a_figure_is_red_when_an_alert_on_it_fires() -> None:
    compared = set()
    for panel in PANELS:
        if panel["type"] != "stat":
            continue
        [limit] = [
            step for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"] if step["value"] is not None
        ]
        for target in panel["targets"]:
            for rule in rules_on(bare(target["expr"])):
                comparison = first_comparison(promql_parser.parse(rule["expr"]))
                fires = {">": operator.gt, "<": operator.lt, "==": operator.eq}[str(comparison.op)]
                mailed = constant(comparison.rhs)
                for value in (mailed, mailed + 1, max(mailed - 0.01, 0)):
                    red = (value >= limit["value"]) == (limit["color"] == "red")
                    assert red == fires(value, mailed), (
                        f"{panel['title']} at {value}: its colour and {rule['alert']} differ"
                    )
                compared.add(rule["alert"])
    assert compared >= {"Oversold", "NoWorkers", "ReviewBacklogLarge", "SyncTimelinessBelowTarget", "ProcessingTooSlow"}
    assert "CrossWarehouseAboveTarget" in compared


def bare(expr: str) -> str:
    """The metric of ``max(metric)``."""
    return expr.removeprefix("max(").removeprefix("min(").removesuffix(")")


def first_comparison(node: Any) -> Any:
    """The first of several that are joined by ``or``."""
    return first_comparison(node.lhs) if str(node.op) == "or" else node


def rules_on(metric: str) -> list[dict[str, Any]]:
    """Alert rules that compare just this metric with a limit."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"] if bare(rule["expr"].split(" ")[0]) == metric]


def constant(node: promql_parser.Expr) -> float:
    """What an expression of numbers comes to."""
    if isinstance(node, promql_parser.BinaryExpr):
        assert str(node.op) == "*"
        return constant(node.lhs) * constant(node.rhs)
    assert isinstance(node, promql_parser.NumberLiteral)
    return float(node.val)


def test_provisioning_points_at_a_prometheus_and_at_a_folder_of_dashboards() -> None:
    [source] = yaml.safe_load((PROVISIONING / "datasources/prometheus.yml").read_text())["datasources"]
    assert source["type"] == "prometheus" and source["url"].startswith("http")
    [provider] = yaml.safe_load((PROVISIONING / "dashboards/penstock.yml").read_text())["providers"]
    assert provider["type"] == "file" and provider["options"]["path"].startswith("/")
    # The dashboard asks for its source by kind, not by this name: it goes into any Grafana.
    assert {target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]} == {"${source}"}
