"""``penstock report weekly``: on the terminal, as a page, for machines."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from random import Random

import pytest

from connectors.report.figures import KPIS
from tests.connectors.report.made import CHINA, WEEK, counted, fill, history, measured

SCRIPT = "<script>alert('x')</script>"


def weekly(url: str, *arguments: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "PENSTOCK_DATABASE_URL": url,
        "PENSTOCK_LANG": lang,
        "PENSTOCK_TZ": "Asia/Shanghai",
        "COLUMNS": "120",
    }
    command = [sys.executable, "-m", "streams.cli", "report", "weekly", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture
def filled(hub: str) -> str:
    made = history(Random(5), 400)
    review = {"order_id": "jd:1", "channel": "jd", "shop": SCRIPT, "codes": [SCRIPT], "record": "orders.review/1@1"}
    # The oldest of all that is open, and in the week.
    early = WEEK.midnights(CHINA)[0] - timedelta(days=300)
    made.tables["review_queue"] += [
        {**review, "received_at": early},
        {**review, "record": "orders.review/1@2", "received_at": WEEK.midnights(CHINA)[1]},
    ]
    moved = {"hub": "penstock", "topic": "orders", "partition": 0, "position": 1, "moved_at": WEEK.midnights(CHINA)[6]}
    made.tables["sink_positions"] = [moved]
    asyncio.run(fill(hub, made.tables))
    return hub


class Read(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


@pytest.mark.parametrize(("lang", "said"), [("en", "Weekly report 2026-W47"), ("zh", "周报 2026-W47")])
def test_a_page_runs_no_script_and_fetches_nothing_whatever_a_shop_is_called(
    filled: str, tmp_path: Path, lang: str, said: str
) -> None:
    file = tmp_path / "week.html"
    done = weekly(filled, "--week", "2026-W47", "--to", str(file), lang=lang)
    assert (done.returncode, done.stdout) == (0, ""), done
    page = file.read_text("utf-8")
    read = Read(page)
    assert "script" not in read.tags and read.fetched == [] and "@import" not in page and "url(" not in page
    assert read.tags.count("svg") == 2 and said in read.texts and SCRIPT in read.texts
    # Charts show numbers, and not "nothing".
    assert len(re.findall(r'class="dot', page)) > 10 and read.tags.count("path") > 8


def test_the_terminal_says_the_same_as_the_page_and_what_is_missing(filled: str, tmp_path: Path) -> None:
    done = weekly(filled, "--week", "2026-11-18")
    assert done.returncode == 0 and "what was logged after 2026-11-22T00:00+08:00 is missing" in done.stderr, done
    file = tmp_path / "week.html"
    assert weekly(filled, "--week", "2026-W47", "--to", str(file)).returncode == 0
    texts = Read(file.read_text("utf-8")).texts
    made = history(Random(5), 400)
    for kpi in KPIS:
        value = measured(made, kpi.name, WEEK).value
        assert value is not None
        shown = f"{value * 100:.2f} %" if kpi.unit == "share" else f"{round(value) // 60} min {round(value) % 60} s"
        assert shown in done.stdout and shown in texts, kpi


def test_machines_get_every_figure(filled: str) -> None:
    done = weekly(filled, "--week", "2026-W47", "--shop", "tb-1", "--shop", "us", "--json")
    found = json.loads(done.stdout)
    made = history(Random(5), 400)
    shops = ("tb-1", "us")
    assert (found["week"], found["shops"], found["from"], found["to"]) == (
        "2026-W47",
        [*shops],
        "2026-11-16",
        "2026-11-22",
    )
    for kpi, it in zip(KPIS, found["kpis"], strict=True):
        now, before = (measured(made, kpi.name, week, shops=shops) for week in (WEEK, WEEK.before))
        assert (it["of"], it["of_before"]) == (now.of, before.of) and it["value"] == pytest.approx(now.value)
        assert it["shop"].keys() <= set(shops) and it["meets"] == now.meets(kpi)
    assert sum(each["number"] for each in found["exceptions"]) == sum(counted(made, WEEK, shops).values())
    assert {each["shop"] for each in (*found["exceptions"], *found["open"])} <= set(shops)


def test_a_week_without_data_is_told_and_is_no_error(hub: str, tmp_path: Path) -> None:
    done = weekly(hub, "--week", "2026-W47", "--to", str(tmp_path / "w.html"))
    assert done.returncode == 0, done
    texts = Read((tmp_path / "w.html").read_text("utf-8")).texts
    assert "the tables were never written to: penstock sink postgres fills them" in texts
    assert "nothing went wrong that the tables know of" in texts and "nothing is open" in texts
    assert "none that the monitor saw" in texts


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--week", "2026-W60"), "'2026-W60' is no week: write it as 2026-W48, or a day of it as 2026-11-25"),
        (("--week", "2999-W01"), "2999-W01 has not begun yet: it begins on 2998-12-31"),
        (("--to", "week.pdf"), "--to week.pdf is no .html: the report is written as a page"),
        (("--to", "/nowhere/week.html"), "/nowhere/week.html cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_told(untouched: str, arguments: tuple[str, ...], says: str) -> None:
    done = weekly(untouched, *arguments)
    assert done.returncode == 2 and says in " ".join(done.stderr.split()), done
