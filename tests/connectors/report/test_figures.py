"""What a week comes to, and against the week before; and which week is meant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.report.figures import KPIS, Exceptions, Measured, Mover, by_day, by_reason, movers, slices
from connectors.report.weeks import InvalidWeek, Week, last, named, of

MONDAY = date(2026, 11, 16)
TIMELY, _, PROCESSING, *_ = KPIS


def times(number: int, kind: str = "review", code: str = "", shop: str = "s", day: date = MONDAY) -> Exceptions:
    return Exceptions(day, kind, code, "jd", shop, number)


@pytest.mark.parametrize(
    ("text", "monday"),
    [("2026-W47", MONDAY), ("2026W47", MONDAY), ("2026-11-22", MONDAY), ("2026-W01", date(2025, 12, 29))],
)
def test_a_week_is_named_by_its_number_or_a_day(text: str, monday: date) -> None:
    assert named(text).monday == monday


@pytest.mark.parametrize("text", ["2026-W54", "2025-W53", "W47", "2026-13-01", "last", "", "2026-W4"])
def test_what_is_no_week_is_told_with_how_one_is_written(text: str) -> None:
    with pytest.raises(InvalidWeek, match="write it as 2026-W48"):
        named(text)


@given(st.dates(date(2000, 1, 3), date(2100, 1, 1)))
def test_a_week_has_its_days_and_is_known_by_its_name(day: date) -> None:
    week = of(day)
    assert day in week.days and len(week.days) == 7 and named(week.name) == week
    assert week.before.days[-1] + timedelta(days=1) == week.days[0]
    assert last(datetime(day.year, day.month, day.day, 23, 59)) == week.before


def test_a_week_in_which_clocks_change_is_an_hour_longer() -> None:
    midnights = of(date(2026, 10, 25)).midnights(ZoneInfo("Europe/Berlin"))
    assert midnights[-1].timestamp() - midnights[0].timestamp() == 169 * 3600
    assert len(Week(MONDAY).midnights(None)) == 8 and all(each.tzinfo for each in Week(MONDAY).midnights(None))


def test_a_kpi_meets_its_target_on_its_own_side() -> None:
    assert Measured(995, 1000).meets(TIMELY) and not Measured(994, 1000).meets(TIMELY)
    assert Measured(1800 * 3, 3).meets(PROCESSING) and not Measured(1801 * 3, 3).meets(PROCESSING)
    assert Measured(0, 0).meets(TIMELY) is None and Measured(0, 0).value is None


def test_exceptions_by_day_and_by_reason_the_most_frequent_first() -> None:
    other = MONDAY + timedelta(days=1)
    them = [times(2, "held"), times(3, "review", "b"), times(1, "review", "a", day=other), times(1, "held", day=other)]
    assert list(by_day(them, [MONDAY, other]).items()) == [("review", [3, 1]), ("held", [2, 1])]
    assert by_reason(them) == [(("held", ""), 3), (("review", "b"), 3), (("review", "a"), 1)]


def test_a_pie_shows_the_most_frequent_and_the_rest_together() -> None:
    reasons = [(("review", str(number)), 20 - number) for number in range(12)]
    shown = slices(reasons)
    assert len(shown) == 8 and shown[-1] == (None, sum(20 - number for number in range(7, 12)))
    assert sum(count for _, count in shown) == sum(count for _, count in reasons)
    assert slices(reasons[:8]) == reasons[:8]


def test_what_changed_most_is_told_with_the_shop_it_comes_from() -> None:
    now = [times(10, code="a", shop="s"), times(4, code="a", shop="t"), times(1, "held"), times(5, "no stock")]
    before = [times(1, code="a", shop="s"), times(6, code="a", shop="t"), times(9, "held"), times(5, "no stock")]
    assert movers(now, before) == [Mover("held", "", 1, 9, "s", -8), Mover("review", "a", 14, 7, "s", 9)]
    # What only one of them has; and what has no shop.
    assert movers([], [times(2, "refused row", "22003", "")]) == [Mover("refused row", "22003", 0, 2, "", 0)]


@given(
    st.lists(
        st.builds(
            times, st.integers(1, 9), st.sampled_from(["review", "held"]), st.sampled_from("ab"), st.sampled_from("st")
        )
    ),
    st.lists(
        st.builds(
            times, st.integers(1, 9), st.sampled_from(["review", "held"]), st.sampled_from("ab"), st.sampled_from("st")
        )
    ),
)
def test_the_shop_named_moved_in_the_direction_of_the_whole(now: list[Exceptions], before: list[Exceptions]) -> None:
    for each in movers(now, before):
        change = each.now - each.before
        assert change and each.of_shop * change > 0
