"""Writes ``dashboards/penstock.json``, with Grafana's own library, so that it has the form Grafana reads."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

from grafana_foundation_sdk.builders import common as ui
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus, stat, statetimeline, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import BigValueColorMode, LegendDisplayMode, LegendPlacement, VisibilityMode
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

from deploy.grafana.machinery import ENGINE, INTERFACES, LAG, RESTORE, SINKS
from deploy.grafana.orders import CHANNELS, CROSSING, LATENCY, NOW, TRIALS, WRITEBACK
from deploy.grafana.panels import Limit, Panel

ROWS = (NOW, CHANNELS, LATENCY, CROSSING, TRIALS, WRITEBACK, LAG, SINKS, ENGINE, RESTORE, INTERFACES)

OUTPUT = Path(__file__).with_name("dashboards") / "penstock.json"
#: The choice at the top of the page: the dashboard goes into any Grafana, whatever its Prometheus is called there.
_SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
_HEIGHTS = {"figure": 4, "graph": 8, "states": 8}
_GREEN, _RED = "green", "red"

Visual = stat.Panel | timeseries.Panel | statetimeline.Panel


def dashboard() -> str:
    """The dashboard as JSON, the same text each time."""
    page = (
        build.Dashboard("Penstock")
        .uid("penstock")
        .description("Orders in, decisions out: how they flow, how late they are, what needs a person.")
        .tags(["penstock"])
        .timezone("browser")
        .refresh("30s")
        .time("now-3h", "now")
        .with_variable(build.DatasourceVariable("source").label("Prometheus").type("prometheus"))
        .with_variable(
            build.QueryVariable("channel")
            .label("Channel")
            .datasource(_SOURCE)
            .query("label_values(hub_channel_events_total, channel)")
            .multi(True)
            .include_all(True)
            .all_value(".*")
        )
    )
    ids = itertools.count(1)
    for row in ROWS:
        page = page.with_row(build.Row(row.title).id(next(ids)))
        for panel in row.panels:
            page = page.with_panel(_visual(panel).id(next(ids)))
    return json.dumps(page.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def _visual(panel: Panel) -> Visual:
    visual: Visual
    if panel.kind == "figure":
        last = ui.ReduceDataOptions().calcs(["lastNotNull"])
        visual = stat.Panel().color_mode(BigValueColorMode.BACKGROUND).reduce_options(last).no_value("?")
    elif panel.kind == "states":
        up, down = panel.states
        meanings = ValueMap(
            {"1": ValueMappingResult(text=up, color=_GREEN), "0": ValueMappingResult(text=down, color=_RED)}
        )
        visual = statetimeline.Panel().mappings([meanings]).show_value(VisibilityMode.AUTO)
    else:
        legend = ui.VizLegendOptions().show_legend(True).placement(LegendPlacement.BOTTOM)
        visual = timeseries.Panel().legend(legend.display_mode(LegendDisplayMode.LIST)).fill_opacity(8).min(0)
    visual = visual.title(panel.title).description(panel.description).unit(panel.unit).datasource(_SOURCE)
    visual = visual.span(panel.width).height(_HEIGHTS[panel.kind])
    if panel.limit is not None:
        visual = visual.thresholds(_thresholds(panel.limit))
    for ref_id, query in zip("ABCDEF", panel.queries, strict=False):
        target = prometheus.Dataquery().ref_id(ref_id).expr(query.expr).legend_format(query.legend).datasource(_SOURCE)
        # A figure is of now: it says "?" when there is none, not what it was an hour ago.
        visual = visual.with_target(target.instant() if panel.kind == "figure" else target.range())
    return visual


def _thresholds(limit: Limit) -> build.ThresholdsConfig:
    below, above = (_GREEN, _RED) if limit.bad == "from" else (_RED, _GREEN)
    steps = [Threshold(value=None, color=below), Threshold(value=limit.value, color=above)]
    return build.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def main() -> int:
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(dashboard())
    print(OUTPUT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
