"""The report as one HTML file: nothing is fetched, no script runs, whatever a record says is text."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from mako.template import Template

from connectors.report.charts import COLOURS, pie, trend
from connectors.report.content import Content
from schemas.texts import language


def page(content: Content) -> str:
    template = Template(
        filename=str(Path(__file__).with_name("page.html")), default_filters=["str", "h"], strict_undefined=True
    )
    return str(
        template.render_unicode(
            **{name: value for name, value in content._asdict().items() if name not in ("trend", "slices")},
            lang="zh-CN" if language() == "zh" else "en",
            trend=SimpleNamespace(
                title=content.trend_title,
                names=list(content.trend),
                svg=content.trend and trend(content.days, content.trend),
            ),
            pie=SimpleNamespace(names=[name for name, _ in content.slices], svg=content.slices and pie(content.slices)),
            colours=COLOURS,
        )
    )
