"""Lists as files: what a spreadsheet makes of a cell, how long a file gets, and that it is on record."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest

from connectors.console import exporting
from connectors.console.exporting import cell, streamed
from connectors.console.permissions import Grant, Kind, Shops, within
from tests.connectors.console.conftest import OURS, THEIRS, Console
from tests.connectors.console.rows import order_id


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=cmd|' /C calc'!A0", "\n+1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (-5, "-5"),
        (True, "True"),
        (["=1", "b"], "'=1, b"),
        ("杭州, 浙江", "杭州, 浙江"),
        ("2300000000000000001", "2300000000000000001\t"),
        ("123456789012345", "123456789012345"),
        ("a=b", "a=b"),
    ],
)
def test_what_is_none_stays_what_it_is(value: object, shown: str) -> None:
    assert cell(value) == shown


def written(pages: Sequence[Sequence[dict[str, Any]]]) -> list[list[str]]:
    """The file of these pages, read again."""

    async def read(behind: int) -> Any:
        return pages[behind], behind + 1 if behind + 1 < len(pages) else None

    async def all_of_it() -> bytes:
        first = await read(0)
        return b"".join([part async for part in streamed({"a": "A", "b": "B"}, first, read, "cut")])

    text = asyncio.run(all_of_it())
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))


def test_pages_follow_each_other_and_an_empty_one_ends_nothing() -> None:
    pages = [[{"a": 1, "b": 'say "x",\ny', "c": 9}], [], [{"a": 2, "b": None, "c": 9}]]
    assert written(pages) == [["A", "B"], ["1", 'say "x",\ny'], ["2", ""]]
    assert written([[]]) == [["A", "B"]]


def test_a_file_that_is_cut_says_so_and_one_that_is_just_full_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ROWS_MAX", 3)
    rows = [{"a": n, "b": n} for n in range(5)]
    assert [row[0] for row in written([rows[:2], rows[2:]])] == ["A", "0", "1", "2", "cut"]
    assert [row[0] for row in written([rows[:2], rows[2:3]])] == ["A", "0", "1", "2"]
    assert [row[0] for row in written([rows[:2], [], rows[2:3], []])] == ["A", "0", "1", "2", "cut"]
    assert [row[0] for row in written([rows[:2], rows[2:4], rows[4:]])] == ["A", "0", "1", "2", "cut"]
    assert [row[0] for row in written([rows[:3]])] == ["A", "0", "1", "2"]


def test_it_is_on_record_before_it_leaves_or_does_not_leave(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = console.signed_in(Grant("operator", Kind.SHOP, OURS))
    answer = browser.get("/api/exports/orders", channel="taobao")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment;filename="orders-')
    head, *rows = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert head[0] == "order id" and [row[0] for row in rows] == [order_id(OURS)]
    entry = console.of("list:orders")[-1]
    assert (entry["action"], entry["by"]) == ("list.exported", browser.get("/api/session").body["name"])
    assert entry["details"] == {"channel": "taobao"}
    monkeypatch.setattr(console.audit, "away", True)
    refused = browser.get("/api/exports/orders")
    assert (refused.status, refused.body["code"]) == (503, "kafka_away")


def test_a_file_has_the_shops_in_which_both_the_list_and_taking_it_away_are_allowed(console: Console) -> None:
    browser = console.signed_in(Grant("operator", Kind.SHOP, OURS), Grant("viewer", Kind.SHOP, THEIRS))
    assert THEIRS in browser.get("/api/orders").text
    assert THEIRS not in browser.get("/api/exports/orders").text
    assert console.signed_in(Grant("viewer", Kind.ALL, "")).get("/api/exports/orders").status == 403


def test_where_both_are() -> None:
    everywhere, tea, cups = (
        Shops(True, frozenset()),
        Shops(False, frozenset({"tea"})),
        Shops(False, frozenset({"cups"})),
    )
    assert within(everywhere, tea) == within(tea, everywhere) == tea
    assert within(everywhere, everywhere).everywhere and not within(tea, cups)
