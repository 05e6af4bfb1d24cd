"""The report as who reads Chinese sees it: every violation there is a log of, and every count."""

from __future__ import annotations

import io

import pytest

from schemas.terminal import Terminal
from streams.verify import Report
from tests.chinese import english
from tests.verify.test_cuts import shop
from tests.verify.test_model import CASES


@pytest.fixture(autouse=True)
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_LANG", "zh")


def printed(report: Report) -> str:
    out = io.StringIO()
    report.print(Terminal(file=out, width=200))
    return out.getvalue()


def test_no_violation_stays_english() -> None:
    left = {
        case.__name__: found
        for cases in CASES.values()
        for case in cases
        if (found := english(printed(case().verify())))
    }
    assert left == {}


def test_it_says_what_was_found_and_where() -> None:
    (oversold,) = [
        case for case in CASES["oversold"] if case.__name__ == "goods_are_counted_away_from_under_a_reservation"
    ]
    shown = printed(oversold().verify())
    assert "1 x oversold: 不满足 0 <= 预占 <= 在库" in shown
    assert "收货 r2 之后不再满足：east 的 tea（在库 1，预占 2）" in shown
    assert "核对：1 处违反，读取" in shown


def test_counts_and_what_is_cut_are_said() -> None:
    logs = shop()
    logs.begins["allocations"] = 1
    report = logs.verify(at_rest=False)
    shown = printed(report)
    assert english(shown) == [] and report.cut
    assert "截断：日志开头已删的位移：1 allocations" in shown and "没有比对订单与库存" in shown
    assert "渠道" in shown and "已接受" in shown
