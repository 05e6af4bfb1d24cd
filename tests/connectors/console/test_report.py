"""The weekly report at the console: the figures of ``penstock report weekly``, of the shops that somebody may see."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from connectors.console.permissions import Grant, Kind
from connectors.report.weeks import Week, of
from tests.connectors.console.conftest import Console, copy_of, serving
from tests.connectors.report.made import CHINA, WEEK, fill, history
from tests.integration.conftest import penstock

EVERYTHING = Grant("viewer", Kind.ALL, "")
OF_ONE = Grant("viewer", Kind.SHOP, "tb-1")


@pytest.fixture(scope="module")
def weeks(postgres: str, with_roles: str) -> Iterator[Console]:
    """A console over two weeks of chance."""
    with copy_of(postgres, with_roles) as url:
        asyncio.run(fill(url, history(Random(9), 300).tables))
        with serving(url) as it:
            yield it


@pytest.fixture(autouse=True)
def in_china(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_TZ", "Asia/Shanghai")


def printed(console: Console, *args: str, language: str) -> str:
    """What the command prints."""
    here = {"PENSTOCK_DATABASE_URL": console.database, "PENSTOCK_TZ": "Asia/Shanghai", "PENSTOCK_LANG": language}
    done = penstock("report", "weekly", "--week", WEEK.name, *args, COLUMNS="300", **here)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("grants", "asked", "args"),
    [
        ((EVERYTHING,), {}, ()),
        ((EVERYTHING,), {"shop": "us"}, ("--shop", "us")),
        ((OF_ONE,), {}, ("--shop", "tb-1")),
        ((OF_ONE, Grant("viewer", Kind.SHOP, "jd-1")), {}, ("--shop", "jd-1", "--shop", "tb-1")),
    ],
    ids=["all", "one of all", "one's own", "one's own two"],
)
def test_the_page_has_the_figures_that_the_command_prints(
    weeks: Console, grants: tuple[Grant, ...], asked: dict[str, str], args: tuple[str, ...], language: str
) -> None:
    said = printed(weeks, *args, language=language)
    rows = {tuple(re.split(r"\s{2,}", line.strip())) for line in said.splitlines()}
    query = "&".join(f"{name}={value}" for name, value in ({"week": WEEK.name} | asked).items())
    answer = weeks.signed_in(*grants).ask("GET", f"/api/report/weekly?{query}", Accept_Language=language)
    found = answer.body
    for table in (*found["kpis"], found["reasons"], found["open"]):
        assert table["title"] in said
        for row in (table["heads"], *([cell["text"] for cell in row] for row in table["rows"])):
            assert tuple(row) in rows
    for sentence in (found["title"], found["about"], *found["changed"]["lines"], *found["outages"]["lines"]):
        assert sentence in said
    # It is something: every KPI was measured, and things went wrong.
    assert [row[1]["mark"] in ("ok", "missed") for row in found["kpis"][0]["rows"]].count(True) >= 4
    assert sum(sum(line["counts"]) for line in found["trend"]) == sum(each["count"] for each in found["slices"]) > 0


def test_who_is_of_a_shop_finds_no_other(weeks: Console) -> None:
    browser = weeks.signed_in(OF_ONE)
    found = browser.get("/api/report/weekly", week=WEEK.name)
    assert "tb-1" in found.text and not {"tb-2", "jd-1", "us"} & _words(found.body)
    assert browser.get("/api/report/weekly", week=WEEK.name, shop="tb-2").status == 404


def test_weeks_lead_to_the_one_before_and_the_one_behind_as_far_as_there_are_any(weeks: Console) -> None:
    browser = weeks.signed_in(EVERYTHING)
    found = browser.get("/api/report/weekly", week=WEEK.name).body
    assert (found["before"], found["week"], found["after"]) == ("2026-W46", "2026-W47", "2026-W48")
    this = of(datetime.now(CHINA).date())
    assert browser.get("/api/report/weekly", week=this.name).body["after"] is None
    assert browser.get("/api/report/weekly").body["week"] == this.before.name
    for wrong in ("2026-W60", "tomorrow", "0001-W01", "9999-W52", Week(this.monday + timedelta(days=7)).name):
        answer = browser.get("/api/report/weekly", week=wrong)
        assert (answer.status, answer.body["field"]) == (422, "week"), wrong


def _words(found: Any) -> set[str]:
    if isinstance(found, dict):
        return set().union(*map(_words, found.values()))
    if isinstance(found, list):
        return set().union(*map(_words, found))
    return set(re.split(r"[\s,:]+", found)) if isinstance(found, str) else set()
