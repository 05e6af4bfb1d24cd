"""What tells of persons is in the tables for so many days after its end; what is open stays, and no replay fills again what was emptied."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from connectors.postgres import roles
from connectors.postgres.retention import Sweep
from connectors.postgres.schema import migrate, status
from connectors.postgres.telling import TELLING
from schemas.codec import CODEC
from streams.domain.retention import KEPT_DAYS, kept_days
from streams.ops.sinks import Partition, Record, Span
from tests.connectors.postgres.conftest import rows, run
from tests.connectors.postgres.test_forgotten import everything, opened, telling
from tests.connectors.postgres.test_rights import Login, login
from tests.personal.filled import PERSONAL
from tests.personal.forgetting import about, naming, take

__all__ = ["login"]

DAY_MS = 86_400_000
DAYS = dict.fromkeys(KEPT_DAYS, 30)
#: Told of 40 days ago, and ended then.
OVER = "taobao:over"


def said(topic: str, name: str, order: str, days: float, **fields: Any) -> Record:
    """A record of so many days ago."""
    at_ms = int(time.time() * 1000 - days * DAY_MS)
    record = about(name, order.encode()) | {
        field: at_ms
        for field in ("received_at_ms", "at_ms", "asked_at_ms", "occurred_at_ms")
        if field in about(name, b"")
    }
    return Record(topic, 0, next(_offsets), at_ms, order.encode(), CODEC.encode(name, record | fields))


_offsets = iter(range(10_000))


def order(order_id: str, days: float, phase: str | None = "SHIPPED", closed: float | None = None) -> list[Record]:
    """Accepted so many days ago, and in its phase since then, or for ``closed`` days."""
    record = said("orders", "Order", order_id, days)
    if phase is None:
        return [record]
    changed = said("order.status", "OrderStatusChanged", order_id, closed or days, status=phase, refused=False)
    return [record, changed]


def aftersale(order_id: str, days: float, state: str) -> Record:
    return said("aftersales", "AfterSale", order_id, days, state=state, aftersale_id=f"{order_id}/{state}")


def trace(order_id: str, days: float) -> Record:
    return said("logistics.traces", "LogisticsTrace", order_id, days, trace_id=order_id)


def review(order_id: str, days: float, decided: float | None) -> list[Record]:
    its = said("orders.review", "Review", order_id, days)
    if decided is None:
        return [its]
    name = f"{its.topic}/{its.partition}@{its.offset}"
    done = {"action": "review.discarded", "outcome": "done", "entry_id": name, "details": {"record": name}}
    return [its, said("audit", "AuditEntry", name, decided, **done)]


def refused(order_id: str, days: float) -> Record:
    return said("orders", "Order", order_id, days)._replace(value=f"{order_id} {PERSONAL}, no Avro".encode())


def everyone() -> list[Record]:
    """One of each kind that is overdue after 30 days, and all that look like it and are not."""
    return [
        *(*order(OVER, 40), aftersale(OVER, 40, "DONE"), trace(OVER, 40), *review(OVER, 50, 40), refused(OVER, 40)),
        *(*order("taobao:young", 20), trace("taobao:young", 20), *review("taobao:young", 20, 10)),
        refused("taobao:young", 20),
        *order("taobao:open", 400, "BACKORDERED"),
        *order("taobao:silent", 400, None),
        *order("taobao:late", 400, closed=20),
        *(*order("taobao:asking", 400), aftersale("taobao:asking", 400, "OPEN")),
        *(*order("taobao:asked", 400), aftersale("taobao:asked", 20, "DONE")),
        *review("taobao:undecided", 400, None),
        *review("taobao:just-decided", 400, 20),
    ]


async def emptied(url: str, days: Mapping[str, int] = DAYS, *, page: int = 2_000) -> Mapping[str, int]:
    sweep = Sweep(url, page=page)
    await sweep.run(days)
    return {table: count for table, count in sweep.emptied.items() if count}


async def of_whom(url: str) -> dict[str, set[str]]:
    """Orders whose persons are in the tables, by table."""
    found: dict[str, set[str]] = {}
    names = dict(await rows(url, "SELECT record, order_id FROM review_queue"))
    for table, text in await telling(url):
        first = text.partition("|")[0]
        order_id = next((cell for cell in text.replace(" ", "|").split("|") if cell.startswith("taobao:")), "")
        found.setdefault(table.partition("_2")[0].removesuffix("_default"), set()).add(
            (names.get(first) or order_id).partition("/")[0]
        )
    return found


def names(*short: str) -> set[str]:
    return {f"taobao:{each}" for each in short}


LEFT = {
    "order_receivers": names("young", "open", "silent", "late", "asking", "asked"),
    "aftersale_reasons": names("asking", "asked"),
    "logistics_traces": names("young"),
    "review_originals": names("young", "undecided", "just-decided"),
    "review_queue": names("young", "undecided", "just-decided"),
    "refused_rows": names("young"),
}


def test_what_is_over_is_emptied_what_is_open_or_young_stays_and_a_replay_changes_nothing(hub: str) -> None:
    async def live() -> None:
        sink, told = await opened(hub), everyone()
        await take(sink, told)
        assert {table for table, orders in (await of_whom(hub)).items() if OVER in orders} == set(TELLING)
        assert await emptied(hub) == dict.fromkeys(TELLING, 1)
        assert await of_whom(hub) == LEFT
        stands = await everything(hub)
        # A replay, by a process that has not been told the days, and the live sink that reads them again.
        other = await opened(hub)
        await take(other, told)
        assert await everything(hub) == stands
        for record in told:
            await sink.write([record])
            await sink.flush({Partition(record.topic, 0): Span(0, record.offset + 1)})
            await run(hub, "TRUNCATE sink_positions")
            await sink.positions([Partition(record.topic, 0)])
        assert await everything(hub) == stands
        await sink.close()
        await other.close()

    asyncio.run(live())


def test_news_of_a_closed_order_is_kept_as_long_as_any(hub: str) -> None:
    async def live() -> None:
        sink = await opened(hub)
        await take(sink, everyone())
        await emptied(hub)
        news = said("orders", "Order", OVER, 0)
        await sink.write([news])
        await sink.flush({Partition("orders", 0): Span(0, news.offset + 1)})
        assert OVER in (await of_whom(hub))["order_receivers"]
        await run(hub, "UPDATE personal_retention SET looked_at = NULL")
        assert await emptied(hub) == {}
        await sink.close()

    asyncio.run(live())


def test_no_transaction_looks_at_more_than_a_page(hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"taobao:{n:03}" for n in range(25)]
    pages: list[int] = []

    async def counted(self: asyncpg.Connection, query: str, *args: Any, **more: Any) -> list[Any]:
        found = await fetch(self, query, *args, **more)
        pages.append(len(found))
        return found  # type: ignore[no-any-return]

    async def live() -> None:
        sink = await opened(hub)
        await take(sink, [record for name in many for record in order(name, 40)])
        await sink.close()
        monkeypatch.setattr(asyncpg.Connection, "fetch", counted)
        assert await emptied(hub, page=10) == {"order_receivers": 25}

    fetch = asyncpg.Connection.fetch
    asyncio.run(live())
    assert max(pages) == 10 and pages.count(10) == 2


def test_it_is_done_once_a_day_by_one_and_at_once_when_the_days_are_others(hub: str) -> None:
    async def live() -> None:
        sink = await opened(hub)
        await take(sink, [*order(OVER, 40), *order("taobao:older", 40)])
        assert await emptied(hub, kept_days("")) == {}
        year = "interval '400 days' WHERE order_id = 'taobao:older'"
        await run(hub, f"UPDATE orders SET received_at = received_at - {year}")
        await run(hub, f"UPDATE order_status SET changed_at = changed_at - {year}")
        # Looked through today.
        assert await emptied(hub, kept_days("")) == {}
        both = await asyncio.gather(emptied(hub, DAYS), emptied(hub, DAYS))
        assert sorted(both, key=len) == [{}, {"order_receivers": 2}]
        kept = {each["kind"]: each for each in (await status(hub)).kept}
        assert kept.keys() == KEPT_DAYS.keys()
        assert (kept["receivers"]["kept_days"], kept["receivers"]["emptied"]) == (30, 2)
        assert kept["receivers"]["looked_at"]
        await sink.close()

    asyncio.run(live())


def test_for_ever_is_for_ever_also_when_it_was_not_before(hub: str) -> None:
    async def live() -> None:
        sink = await opened(hub)
        await emptied(hub, DAYS)
        await emptied(hub, dict.fromkeys(DAYS, 0))
        await take(sink, everyone())
        assert await emptied(hub, dict.fromkeys(DAYS, 0)) == {}
        assert OVER in (await of_whom(hub))["order_receivers"]
        await sink.close()

    asyncio.run(live())


def test_the_sinks_own_rights_are_enough(hub: str, login: Login) -> None:
    asyncio.run(roles.make(hub))
    asyncio.run(migrate(hub))
    writer, monitor = login(roles.SINK), login(roles.MONITOR)

    async def live() -> None:
        sink = await opened(writer)
        await take(sink, everyone())
        assert (await emptied(writer)).keys() == TELLING.keys()
        await sink.close()
        assert {each["kept_days"] for each in (await status(monitor)).kept} == {30}

    asyncio.run(live())


def test_it_is_told_and_a_database_that_is_away_ends_nothing(hub: str, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Mapping[str, int]] = []

    async def live() -> None:
        sink = await opened(hub)
        await take(sink, everyone())
        await sink.close()
        away = "postgresql://nobody@127.0.0.1:1/none"
        tasks = [
            asyncio.create_task(Sweep(url).keep(DAYS, lambda rows: told.append(dict(rows)))) for url in (away, hub)
        ]
        async with asyncio.timeout(30):
            while len(told) < 2:
                await asyncio.sleep(0.05)
        assert not any(task.done() for task in tasks)
        for task in tasks:
            task.cancel()

    with caplog.at_level(logging.WARNING):
        asyncio.run(live())
    assert dict.fromkeys(TELLING, 1) in told
    (line,) = [record.getMessage() for record in caplog.records if record.name == "connectors.postgres.retention"]
    assert "1 in order_receivers" in line and "1 in refused_rows" in line


def test_who_is_forgotten_and_whose_days_have_passed_are_left_alike(hub: str, database: str) -> None:
    """A row does not tell which of the two it was."""

    async def live() -> None:
        await migrate(database)
        told = [record for record in everyone() if OVER.encode() in (record.key or b"") or record.topic == "audit"]
        for url in (hub, database):
            sink = await opened(url)
            await take(sink, told)
            if url == hub:
                await emptied(hub)
                await run(hub, "DELETE FROM forgotten_persons")
            else:
                await take(sink, [naming(OVER.encode())])
                await run(database, "DELETE FROM forgotten_persons")
            await sink.close()
        assert await everything(hub) == await everything(database)

    asyncio.run(live())


@pytest.mark.parametrize("text", ["receivers", "people=3", "receivers=-1", "receivers=1.5", "receivers=3;traces=4"])
def test_days_that_cannot_be_read_are_refused_with_what_they_should_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"write KIND=DAYS, such as receivers=90 .*refused"):
        kept_days(text)


def test_only_what_is_named_is_kept_otherwise() -> None:
    assert kept_days("receivers=7, traces=0") == {**KEPT_DAYS, "receivers": 7, "traces": 0}
