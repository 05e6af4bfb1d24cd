"""The figures of a week are those of its rows, counted the slow way."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from connectors.report.asking import asked
from connectors.report.figures import KPIS, NOTHING, Figures, Measured
from streams.domain.routing.planning import Need, plan
from streams.domain.routing.trace import with_round
from tests.connectors.postgres.conftest import rows as asked_of
from tests.connectors.postgres.conftest import run
from tests.connectors.report.made import CHINA, SHOPS, WEEK, counted, fill, history, measured


def figures(url: str, *shops: str) -> Figures:
    now, before = asyncio.run(asked(url, [WEEK, WEEK.before], shops, CHINA))
    assert (now.week, before.week) == (WEEK, WEEK.before)
    return now


def days(url: str) -> list[tuple[Any, ...]]:
    """What stands in ``cross_warehouse_days``."""
    return [
        tuple(row) for row in asyncio.run(asked_of(url, "SELECT * FROM cross_warehouse_days ORDER BY shop, warehouse"))
    ]


@pytest.mark.parametrize("shops", [(), ("tb-1",), ("tb-2", "us"), ("nobody's",)])
def test_a_week_is_its_rows(hub: str, shops: tuple[str, ...]) -> None:
    made = history(Random(47), 900)
    asyncio.run(fill(hub, made.tables))
    for found in asyncio.run(asked(hub, [WEEK, WEEK.before], shops, CHINA)):
        for kpi in KPIS:
            its, expected = found.kpi(kpi), measured(made, kpi.name, found.week, shops=shops)
            assert (its.of, pytest.approx(its.total)) == (expected.of, expected.total), kpi
            assert its.of > 30 or shops, kpi
            for channel in SHOPS:
                its = found.kpi(kpi, "channel", channel)
                expected = measured(made, kpi.name, found.week, channel=channel, shops=shops)
                assert (its.of, pytest.approx(its.total)) == (expected.of, expected.total), (kpi, channel)
        exceptions = Counter({tuple(each[:5]): each.number for each in found.exceptions})
        assert exceptions == counted(made, found.week, shops)
        accepted = [row for row in made.rows if row.what == "sync timeliness" and (not shops or row.shop in shops)]
        days = Counter(row.at.astimezone(CHINA).date() for row in accepted)
        assert found.orders == {day: count for day, count in days.items() if day in found.week.days}


def test_empty_tables_come_to_nothing(untouched: str) -> None:
    found = figures(untouched)
    assert [found.kpi(kpi) for kpi in KPIS] == [NOTHING] * len(KPIS)
    assert (found.orders, found.exceptions, found.outages, found.open, found.written_until) == ({}, [], [], [], None)


def test_an_outage_is_told_by_when_it_was(hub: str) -> None:
    monday = WEEK.midnights(CHINA)[0]

    def look(interface: str, hours: float, healthy: bool, changed: bool = True) -> dict[str, object]:
        said = {
            "kind": "http",
            "healthy": healthy,
            "changed": changed,
            "took_ms": 1,
            "error": "" if healthy else "refused",
        }
        at = monday + timedelta(hours=hours)
        return {"interface": interface, "checked_at": at, "log_partition": 0, "log_offset": 1, **said}

    looks = [
        *(look("jd", -30, True), look("jd", 10, False), look("jd", 10.5, False, changed=False), look("jd", 11, True)),
        # Began before the week; was over before it; is not over.
        *(look("kafka", -5, False), look("kafka", 2, True), look("wms", -9, False), look("wms", -8, True)),
        look("crm", 160, False),
        # Came after it.
        *(look("erp", 170, False), look("erp", 171, True)),
    ]
    asyncio.run(fill(hub, {"health_checks": looks}))
    told = [
        (
            each.interface,
            (each.since - monday) / timedelta(hours=1),
            each.until and (each.until - monday) / timedelta(hours=1),
        )
        for each in figures(hub).outages
    ]
    assert told == [("kafka", -5, 2), ("jd", 10, 11), ("crm", 160, None)]


def test_what_stands_open_longest_comes_first_and_no_more_than_ten(hub: str) -> None:
    made = history(Random(3), 300)
    asyncio.run(fill(hub, made.tables))
    found = figures(hub).open
    assert len(found) == 10 and [each.since for each in found] == sorted(each.since for each in found)
    assert {each.kind for each in found} == {"held", "review"}
    assert {each.shop for each in figures(hub, "jd-1").open} == {"jd-1"}
    oldest = min(row.at for row in made.rows if row.what in ("held", "review"))
    assert found[0].since == oldest


def test_a_day_is_the_merchants_and_not_utcs(hub: str) -> None:
    """Five past midnight on Monday in Shanghai is Sunday afternoon in UTC."""
    begins = datetime(2026, 11, 16, 0, 5, tzinfo=CHINA)
    asyncio.run(
        fill(
            hub, {"refused_rows": [{"topic": "t", "partition": 0, "log_offset": 1, "refused_at": begins, "error": ""}]}
        )
    )
    assert [each.day for each in figures(hub).exceptions] == [WEEK.monday]


def test_the_first_choice_is_the_planners(hub: str) -> None:
    """Of a real trace: what may not send is no first choice, what lacks the goods is."""
    level: dict[str, Any] = {"on_hand": 5, "reserved": 0, "safety_stock": 0, "open": True}
    stand = [
        ("closed", "杭州", {"enabled": False}, 5),
        ("full", "杭州", {"max_open_units": 3}, 5),
        ("first", "宁波", {}, 0),
        ("second", "上海", {}, 5),
        ("third", "北京", {}, 5),
    ]
    rest: Any = {"priority": 0, "max_open_units": None, "enabled": True, "latitude": None, "longitude": None}
    places = {"杭州": (30.27, 120.15), "宁波": (29.87, 121.54), "上海": (31.23, 121.47), "北京": (39.9, 116.4)}
    warehouses: list[Any] = [
        {
            **rest,
            "warehouse": code,
            "province": "浙江",
            "latitude": places[city][0],
            "longitude": places[city][1],
            **more,
        }
        for code, city, more, _ in stand
    ]
    levels: Any = {"MUG": [{**level, "warehouse": code, "on_hand": pieces} for code, _, _, pieces in stand]}
    levels["MUG"].append({**level, "warehouse": "nobody's"})
    planned = plan([Need("1", "MUG", 2)], levels, warehouses, {"full": 3}, "杭州")
    assert [part.warehouse for part in planned.parts] == ["second"]
    made = history(Random(1), 1)
    (row,) = [{**made.tables["orders"][0]}]
    decided = WEEK.midnights(CHINA)[1]
    log = {"log_partition": 0, "log_offset": 0}
    attempt = {"order_id": row["order_id"], "attempt": 1, "shop": "s", **log}
    decision = {"channel": "jd", "order_version": 1, "rounds": 1, "decision": "ALLOCATED", "received_at": decided}
    trace = json.dumps(with_round(None, 1, planned))
    part = {**attempt, "reservation_id": "r", "line_no": "1", "sku": "MUG", "warehouse": "second", "quantity": 2}
    rows = {"allocations": [{**attempt, **decision, "decided_at": decided, "trace": trace}], "allocation_parts": [part]}
    asyncio.run(fill(hub, rows))
    assert figures(hub).kpis["cross-warehouse", "all", ""] == Measured(2, 2)
    day = decided.astimezone(CHINA).date()
    assert days(hub) == [(day, "s", "second", 2, 2, 0)]
    moved = {"at": decided, "correlation_id": "", "done_by": "li", "action": "stock.transfer", "subject": "sku:MUG"}
    moved |= {"reason": "", "outcome": "done", **log}
    told = [{"warehouse": "first", "to": "second", "quantity": "3", "command_id": f"c{number}"} for number in range(3)]
    entries = [
        {**moved, "entry_id": f"e{number}", "log_offset": number, "details": json.dumps(details)}
        for number, details in enumerate(told)
    ]
    answer = {"logged_at": decided, "at": decided, "order_id": None, "sku": "MUG", "warehouse": "first", "reason": ""}
    answers = [
        {**answer, "log_partition": 0, "log_offset": number, "command_id": f"c{number}", "answer": said}
        for number, said in enumerate(("APPLIED", "REFUSED"))
    ]
    asyncio.run(fill(hub, {"audit": entries, "stock_answers": answers}))
    # The inventory has taken one, refused one, and not yet answered the third.
    assert days(hub) == [(day, "", "first", 0, 0, 6), (day, "s", "second", 2, 2, 0)]
    asyncio.run(run(hub, "UPDATE allocation_parts SET warehouse = 'first'"))
    assert figures(hub).kpis["cross-warehouse", "all", ""] == Measured(0, 2)
