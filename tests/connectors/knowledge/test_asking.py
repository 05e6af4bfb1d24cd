"""Failures as the tables have them, and what became of each: on a real Postgres."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.knowledge.asking import asked
from connectors.knowledge.cases import Said
from connectors.knowledge.failures import Deed, Failure
from connectors.postgres.reading import NotKept
from tests.connectors.postgres.conftest import run
from tests.connectors.report.made import fill

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)


def at(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


class Tables:
    """Rows as the sink would have written them, each a record later in its log."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def put(self, table: str, **row: Any) -> None:
        self.rows[table].append(row)

    def parcel(self, order: str, kind: str, status: str, hours: float, shop: str = "tea", **more: Any) -> None:
        offset = sum(map(len, self.rows.values()))
        row = {"order_id": order, "channel": order.partition(":")[0], "shop": shop, "shipment_id": "s", "kind": kind}
        log = {
            "logged_at": at(hours),
            "at": at(hours),
            "log_topic": "writeback.status",
            "log_partition": 0,
            "log_offset": offset,
        }
        self.put("writeback_events", **row, status=status, **log, **more)

    def order(self, order: str, kind: str, status: str | None, hours: float, shop: str = "tea", **more: Any) -> None:
        offset = sum(map(len, self.rows.values()))
        row = {"order_id": order, "channel": order.partition(":")[0], "shop": shop, "kind": kind, "status": status}
        log = {
            "logged_at": at(hours),
            "at": at(hours),
            "log_topic": "order.status",
            "log_partition": 0,
            "log_offset": offset,
        }
        self.put("order_events", **row, **log, **more)

    def review(self, number: int, state: str = "open", hours: float = 0, shop: str = "tea", **more: Any) -> None:
        reasons = [{"code": "unknown_sku", "field": "lines[1].sku", "value": "王小明", "fix": "receive stock for it"}]
        settled = {} if state == "open" else {"state_at": at(hours + 1), "state_by": "li", "state_reason": "stock came"}
        about = {
            "order_id": f"jd:{number}",
            "channel": "jd",
            "shop": shop,
            "codes": ["unknown_sku"],
            "reasons": json.dumps(reasons),
        }
        log = {"log_partition": 0, "log_offset": number}
        self.put(
            "review_queue",
            **{
                **about,
                "record": f"orders.review/0@{number}",
                "received_at": at(hours),
                "state": state,
                **settled,
                **log,
                **more,
            },
        )

    def failures(self, url: str, *shops: str, since: datetime = BEGIN) -> dict[str, Failure]:
        asyncio.run(fill(url, self.rows))
        found, _ = asyncio.run(asked(url, since, shops))
        assert len({each.subject for each in found}) == len(found)
        return {each.subject: each for each in found}


def test_a_dead_parcel_is_known_by_what_the_platform_answered_and_by_what_came_of_the_next_command(hub: str) -> None:
    tables = Tables()
    for order in ("taobao:1", "taobao:2", "taobao:3", "taobao:4", "taobao:5"):
        tables.parcel(order, "WritebackResult", "REFUSED", 1, code="B60", reason="运单号不合规则")
        tables.parcel(order, "WritebackChanged", "DEAD", 1.1, code="B60", reason="运单号不合规则")
    for order in ("taobao:2", "taobao:3", "taobao:4"):
        tables.parcel(order, "WritebackCommand", "REDRIVE", 2, done_by="li", reason="number put right")
        # What is said of it while it is dead is no other death.
        tables.parcel(order, "WritebackChanged", "DEAD", 2, code="B60", reason="redrive had no effect")
        tables.parcel(order, "WritebackChanged", "REQUESTED", 2.1)
    tables.parcel("taobao:2", "WritebackChanged", "WRITTEN", 3)
    tables.parcel("taobao:3", "WritebackChanged", "RETRYING", 3)
    tables.parcel("taobao:5", "WritebackCommand", "ABANDON", 2, done_by="wang", reason="sent by hand")
    tables.parcel("taobao:5", "WritebackChanged", "ABANDONED", 2.1)
    tables.parcel("taobao:4", "WritebackChanged", "WRITTEN", 2.5)
    found = tables.failures(hub)

    one = found["taobao:1"]
    assert one[:8] == ("writeback", "taobao", "writeback", "REFUSED B60", "运单号不合规则", "tea", "taobao:1", at(1.1))
    assert one.deed is None
    assert found["taobao:2"].deed == Deed("redriven", "li", "number put right", at(2), True)
    assert found["taobao:4"].deed == Deed("redriven", "li", "number put right", at(2), True)
    assert found["taobao:5"].deed == Deed("abandoned", "wang", "sent by hand", at(2), True)


def test_a_parcel_that_dies_again_was_not_helped_and_is_two_failures(hub: str) -> None:
    tables = Tables()
    for hours, kind, status in (
        (1, "WritebackChanged", "DEAD"),
        (2, "WritebackCommand", "REDRIVE"),
        (2.1, "WritebackChanged", "REQUESTED"),
        (3, "WritebackChanged", "DEAD"),
    ):
        tables.parcel("jd:1", kind, status, hours, done_by="li" if kind == "WritebackCommand" else None)
    asyncio.run(fill(hub, tables.rows))
    found, _ = asyncio.run(asked(hub, BEGIN, ()))
    assert [(each.at, each.deed and each.deed.worked) for each in sorted(found, key=lambda each: each.at)] == [
        (at(1), False),
        (at(3), None),
    ]


def test_a_review_is_known_by_its_field_and_fix_and_never_by_its_value(hub: str) -> None:
    tables = Tables()
    tables.review(1)
    tables.review(2, "discarded")
    for number in (3, 4, 5):
        tables.review(number, "resubmitted")
    tables.order("jd:3", "Order", "PAID", 1.1)
    tables.review(60, hours=1.2, order_id="jd:4")
    tables.order("jd:5", "Order", "PAID", 0.5)
    asyncio.run(fill(hub, tables.rows))
    found, _ = asyncio.run(asked(hub, BEGIN, ()))
    by = {(each.subject, each.at): each for each in found}

    assert by["jd:1", at(0)][:5] == ("review", "jd", "intake", "unknown_sku", "lines[1].sku: receive stock for it")
    assert by["jd:1", at(0)].deed is None
    assert by["jd:2", at(0)].deed == Deed("discarded", "li", "stock came", at(1), True)
    assert [by[f"jd:{each}", at(0)].deed.worked for each in (3, 4, 5)] == [True, False, None]  # type: ignore[union-attr]
    assert "王小明" not in str(found)


def test_a_held_order_is_helped_when_it_is_held_no_more(hub: str) -> None:
    tables = Tables()
    for order in ("pdd:1", "pdd:2", "pdd:3"):
        tables.order(order, "OrderStatusChanged", "HELD", 1, reason="risk_review")
    for order, after in (("pdd:2", "RESERVING"), ("pdd:3", "HELD")):
        tables.order(order, "OperatorDecision", "RELEASE", 2, done_by="li", reason="rang the buyer")
        tables.order(order, "OrderStatusChanged", after, 2.1, reason="")
    asyncio.run(fill(hub, tables.rows))
    found, _ = asyncio.run(asked(hub, BEGIN, ()))
    deeds = {(each.subject, each.at): each.deed for each in found}
    assert deeds["pdd:1", at(1)] is None
    assert [deeds[order, at(1)].worked for order in ("pdd:2", "pdd:3")] == [True, False]  # type: ignore[union-attr]
    assert {each.code for each in found if each.at == at(1)} == {"risk_review"}


def test_what_a_database_refused_and_what_was_short_are_failures_too(hub: str) -> None:
    tables = Tables()
    error = {"error": "value too long for type character varying(10)", "sqlstate": "22001", "refused_at": at(1)}
    tables.put("refused_rows", topic="orders", partition=0, log_offset=7, **error)
    about = {
        "order_id": "jd:1",
        "channel": "jd",
        "shop": "tea",
        "order_version": 1,
        "rounds": 1,
        "trace": "{}",
        "log_partition": 0,
    }
    for attempt in (1, 2):
        tables.put(
            "allocations",
            **about,
            attempt=attempt,
            decision="BACKORDERED",
            reason="out_of_stock",
            received_at=at(0),
            decided_at=at(attempt),
            log_offset=attempt,
        )
    found = tables.failures(hub)
    assert found["orders/0@7"][:5] == ("refused row", "", "orders", "22001", error["error"])
    assert found["jd:1"][:4] == ("no stock", "jd", "allocation", "out_of_stock")


def test_a_person_of_one_shop_sees_its_failures_and_no_others(hub: str) -> None:
    tables = Tables()
    tables.review(1)
    tables.review(2, shop="cups")
    tables.parcel("jd:3", "WritebackChanged", "DEAD", 1, shop="cups")
    tables.order("jd:4", "OrderStatusChanged", "HELD", 1, shop="cups", reason="x")
    tables.put("refused_rows", topic="orders", partition=0, log_offset=7, error="e", refused_at=at(1))
    assert {*tables.failures(hub, "tea")} == {"jd:1"}


def test_what_is_older_is_left_out(hub: str) -> None:
    tables = Tables()
    tables.review(1)
    tables.review(2, hours=30)
    tables.parcel("jd:3", "WritebackChanged", "DEAD", 1)
    assert {*tables.failures(hub, since=at(24))} == {"jd:2"}


def test_the_last_advice_counts_and_of_each_person_the_last_mark(hub: str) -> None:
    tables = Tables()
    said = [
        ("case.advised", "K1", "li", "ask", {}),
        ("case.advised", "K1", "wang", "ask the carrier", {}),
        ("case.rated", "K1", "li", "", {"helpful": "True"}),
        ("case.rated", "K1", "li", "", {"helpful": "False"}),
        ("case.rated", "K1", "wang", "", {"helpful": "True"}),
        ("case.rated", "K2", "wang", "", {"helpful": "True"}),
        ("order.held", "K3", "wang", "why", {}),
    ]
    for offset, (action, subject, who, reason, details) in enumerate(said):
        row = {"done_by": who, "action": action, "subject": subject, "reason": reason, "outcome": "done"}
        ids = {"entry_id": str(offset), "correlation_id": str(offset), "log_partition": 0, "log_offset": offset}
        tables.put("audit", at=at(1), details=json.dumps(details), **row, **ids)
    asyncio.run(fill(hub, tables.rows))
    _, told = asyncio.run(asked(hub, BEGIN, ()))
    assert told == {"K1": Said("ask the carrier", "wang", 1, 1), "K2": Said(helpful=1)}


def test_a_database_of_another_version_is_told(hub: str) -> None:
    asyncio.run(run(hub, "DROP TABLE alembic_version"))
    with pytest.raises(NotKept, match="penstock db migrate"):
        asyncio.run(asked(hub, BEGIN, ()))
