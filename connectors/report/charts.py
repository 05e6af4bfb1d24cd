"""Charts as SVG that need no script and fetch nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pygal import Line, Pie
from pygal.style import Style

#: In the order of lines, slices and what the page says of them.
COLOURS = ("#0958d9", "#c41d7f", "#d46b08", "#389e0d", "#531dab", "#08979c", "#876800", "#595959")
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#262626",
    foreground_strong="#262626",
    foreground_subtle="#8c8c8c",
    colors=COLOURS,
    font_family="inherit",
    label_font_size=13,
    major_label_font_size=13,
    guide_stroke_color="#d9d9d9",
    major_guide_stroke_color="#d9d9d9",
    guide_stroke_dasharray="0",
    major_guide_stroke_dasharray="0",
    value_font_size=12,
)
_COMMON = {
    "style": _STYLE,
    "disable_xml_declaration": True,
    "js": (),
    # The page has one: a chart cuts off what is long.
    "show_legend": False,
    "margin": 8,
    "explicit_size": False,
}


def trend(days: Sequence[str], lines: Mapping[str, Sequence[int]]) -> str:
    """A line for each name, of which there is one, a point for each day."""
    top = max(max(values) for values in lines.values())
    chart = Line(
        **_COMMON,
        width=760,
        height=300,
        dots_size=3,
        range=(0, max(4, top)),
    )
    # Of what is counted there are no halves.
    chart.value_formatter = lambda value: f"{value:,.0f}"
    chart.y_labels = _ticks(max(4, top))
    chart.x_labels = list(days)
    for name, values in lines.items():
        chart.add(name, list(values))
    return _drawn(chart)


def pie(parts: Sequence[tuple[str, int]]) -> str:
    """A slice for each (name, number), of which there is one, clockwise in their order."""
    chart = Pie(**_COMMON, width=360, height=300, inner_radius=0.45)
    chart.value_formatter = lambda value: f"{value:,.0f}"
    for name, count in parts:
        chart.add(name, count)
    return _drawn(chart)


def _drawn(chart: Any) -> str:
    """Without the script that is put into every chart: it has the names in it, and they are anybody's."""

    def no_script(root: Any) -> Any:
        for parent in [*root.iter()]:
            for child in [child for child in parent if str(child.tag).endswith("script")]:
                parent.remove(child)
        return root

    chart.add_xml_filter(no_script)
    return str(chart.render(is_unicode=True))


def _ticks(top: int) -> list[int]:
    """At most six round numbers from 0 to at least the top."""
    step = 1
    while step * 5 < top:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    return [step * each for each in range(-(-top // step) + 1)]
