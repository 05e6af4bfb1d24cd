"""Table 11, the console's answers: milliseconds a question over a database of many orders, and what watchers of the live panel cost.

The server is a process of its own, asked over HTTP one question after another; the database is the bundled Postgres, its rows made by
generate_series and its statistics fresh. Watchers are connections of one client.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from connectors.console import users
from connectors.console.passwords import hashed
from connectors.console.permissions import Grant, Kind
from connectors.postgres import roles
from connectors.postgres.schema import migrate
from deploy.local import database
from tests.bench.measure import ROOT, Bench
from tests.bench.report import Goal, Report
from tests.connectors.console.conftest import Browser

ORDERS, ORDERS_QUICK = 200_000, 2_000
SHOPS, SKUS, WAREHOUSES = 50, 10_000, 8
ASKED, ASKED_QUICK = 100, 3
WATCHERS, WATCHERS_QUICK = 200, 5
WATCHED_S = 20
GOAL_MS, GOAL_CORE = 200, 0.1
PASSWORD = "a password of the bench"

#: $1 orders, $2 shops, $3 SKUs, $4 warehouses: minutes apart, each shop as often as the others, few in a phase that must not last.
_FILL = (
    """
INSERT INTO orders SELECT 'taobao:' || n, 'taobao', 'shop' || n % $2, n::text, 1, 'PAID', NULL, 'CNY', 9900, t, t, t + interval '2 days',
    'CN', 'Zhejiang', 'Hangzhou', t, 'channel.taobao.events', 0, n, 0, n
FROM generate_series(1, $1::int) n, LATERAL (SELECT now() - ($1 - n) * interval '20 seconds') at(t)
""",
    """
INSERT INTO order_lines (order_id, line_no, position, shop, sku, title, quantity, unit_price_minor, returned_quantity, log_partition,
    log_offset) SELECT 'taobao:' || n, line::text, line, 'shop' || n % $2, 'SKU-' || (n * 7 + line * 31) % $3, 'a title', 1, 9900, 0, 0, n
FROM generate_series(1, $1::int) n, generate_series(1, 2) line
""",
    """
INSERT INTO order_status SELECT order_id, channel, shop, CASE WHEN log_offset % 500 = 0 THEN 'HELD' WHEN log_offset % 300 = 0
    THEN 'BACKORDERED' WHEN log_offset % 10 < 7 THEN 'SHIPPED' ELSE 'ALLOCATED' END, '', 1, placed_at + interval '1 minute', 0, log_offset
FROM orders
""",
    """
INSERT INTO order_events (logged_at, log_topic, log_partition, log_offset, order_id, channel, shop, kind, at, status)
SELECT o.placed_at + step * interval '1 second', 'orders', step, o.log_offset, o.order_id, o.channel, o.shop,
    CASE step WHEN 0 THEN 'Order' ELSE 'OrderStatusChanged' END, o.placed_at + step * interval '1 second', 'PAID'
FROM orders o, generate_series(0, 3) step
""",
    """
INSERT INTO allocations SELECT order_id, 1, channel, shop, 1, 'ALLOCATED', 1, NULL, '{"rounds": []}', received_at,
    received_at + interval '2 seconds', 0, log_offset FROM orders
""",
    """
INSERT INTO allocation_parts SELECT order_id, 1, 'r' || line, 'shop' || log_offset % $2, line::text, 'SKU', 'W' || log_offset % $4, 1, 0,
    log_offset FROM orders, generate_series(1, 2) line
""",
    """
INSERT INTO shipments SELECT order_id, 's', 'W' || log_offset % $4, 'SF', 'SF' || log_offset, placed_at, 0, log_offset
FROM orders WHERE log_offset % 10 < 7
""",
    """
INSERT INTO writebacks SELECT order_id, 's', channel, shop, 'W1', 'SF', 'SF' || log_offset,
    CASE WHEN log_offset % 100 = 0 THEN 'DEAD' ELSE 'WRITTEN' END, 3, 3, 'NUMBER_WRONG', 'E1', '', ship_by, placed_at, NULL, placed_at, 0,
    log_offset FROM orders WHERE log_offset % 10 < 7
""",
    """
INSERT INTO review_queue (record, order_id, channel, shop, order_no, codes, reasons, received_at, state, state_at)
SELECT 'orders.review/0@' || n, 'taobao:r' || n, 'taobao', 'shop' || n % $2, 'r' || n, ARRAY['unknown_sku'],
    '[]', now() - n * interval '1 second', CASE WHEN n % 10 = 0 THEN 'open' ELSE 'resubmitted' END, now() - n * interval '1 second'
FROM generate_series(1, $1 / 4) n
""",
    """
INSERT INTO stock (sku, warehouse, version, on_hand, reserved, safety_stock, open, log_partition, log_offset)
SELECT 'SKU-' || n, 'W' || w, 1, 100, 3, 2, true, 0, n FROM generate_series(1, $3::int) n, generate_series(1, $4::int) w
""",
)
#: By who sees all, and by who sees three shops.
QUESTIONS = {
    "orders, newest": "/api/orders",
    "of a shop": "/api/orders?shop=shop7",
    "held": "/api/orders?status=HELD",
    "shipped": "/api/orders?status=SHIPPED",
    "of a warehouse": "/api/orders?warehouse=W3",
    "with a SKU": "/api/orders?q=SKU-77",
    "by waybill": "/api/orders?q=SF101",
    "of a day long ago": "/api/orders?to=2026-11-01T00:00:00Z",
    "one order's story": "/api/orders/taobao:1007",
    "reviews, oldest": "/api/reviews",
    "reviews counted": "/api/reviews/counts",
    "dead writebacks": "/api/writebacks/dead",
    "stock": "/api/stock",
}


def run(bench: Bench) -> Iterable[Report]:
    orders, asked, watchers = (ORDERS_QUICK, ASKED_QUICK, WATCHERS_QUICK) if bench.quick else (ORDERS, ASKED, WATCHERS)
    with database(bench.folder / "postgres", {"fsync": "off"}) as url:
        asyncio.run(filled(url, orders))
        with serving(url, bench.folder) as (port, process):
            found = {
                who: {name: _asked(Browser(port, cookie), path, asked) for name, path in QUESTIONS.items()}
                for who, cookie in (("everywhere", _cookie(port, "everywhere")), ("three", _cookie(port, "three")))
            }
            core = asyncio.run(
                watched(port, _cookie(port, "three"), process, watchers, 2 if bench.quick else WATCHED_S)
            )
    yield report(found, core, orders, watchers)


def report(found: Mapping[str, Mapping[str, tuple[float, float]]], core: float, orders: int, watchers: int) -> Report:
    rows = [
        (name, *(f"{figure:,.1f}" for who in ("everywhere", "three") for figure in found[who][name]))
        for name in QUESTIONS
    ]
    worst = max(p95 for its in found.values() for _, p95 in its.values())
    goals = [
        Goal(f"<= {GOAL_MS} ms at p95, each", f"{worst:.0f} ms", worst <= GOAL_MS),
        Goal(f"<= {GOAL_CORE} of a core for {watchers} watchers", f"{core:.3f}", core <= GOAL_CORE),
    ]
    data = {who: {name: {"p50": p50, "p95": p95} for name, (p50, p95) in its.items()} for who, its in found.items()}
    note = f"{orders:,} orders, {SHOPS} shops, {SKUS:,} SKUs; pages of 50; everywhere: who sees all shops; three: who sees three."
    columns = ("ms", "everywhere, p50", "p95", "three shops, p50", "p95")
    return Report("console", "11. The console's answers", columns, rows, {**data, "watchers_core": core}, goals, [note])


async def filled(url: str, orders: int) -> None:
    """Tables, roles, rows, two users."""
    await migrate(url)
    await roles.make(url)
    await migrate(url)
    connection = await asyncpg.connect(url)
    given = {"$1": orders, "$2": SHOPS, "$3": SKUS, "$4": WAREHOUSES}
    for statement in _FILL:
        await connection.execute(re.sub(r"\$[1-4]", lambda found: str(given[found[0]]), statement))
    await connection.execute("INSERT INTO sink_positions VALUES ('penstock', 'orders', 0, 1)")
    await connection.execute("VACUUM ANALYZE")
    kept = hashed(PASSWORD)
    for name, grants in (
        ("everywhere", [Grant("admin", Kind.ALL, "")]),
        ("three", [Grant("admin", Kind.SHOP, f"shop{n}") for n in (7, 8, 9)]),
    ):
        await users.put(connection, name, kept, "bench")
        for grant in grants:
            await users.give(connection, name, grant, "bench")
    await connection.close()


@contextmanager
def serving(url: str, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The console as a process of its own, and where it answers."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    env |= {"PENSTOCK_DATABASE_URL": url, "PENSTOCK_DATA": str(folder), "PENSTOCK_LANG": "en"}
    command = [sys.executable, "-m", "streams.cli", "console", "--port", "0"]
    with (folder / "console.log").open("wb") as log:
        with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as process:
            try:
                assert process.stdout is not None
                found = re.search(r":(\d+);", process.stdout.readline())
                assert found, (folder / "console.log").read_text()
                yield int(found[1]), psutil.Process(process.pid)
            finally:
                process.terminate()


async def watched(port: int, cookie: str, process: psutil.Process, watchers: int, seconds: float) -> float:
    """Cores that the server takes while so many watch."""
    opened: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    try:
        # One after another, as people come.
        for _ in range(watchers):
            opened.append(await asyncio.open_connection("127.0.0.1", port))
            opened[-1][1].write(
                f"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
            )
            await asyncio.sleep(0.03)
        reading = [asyncio.create_task(_heard(reader)) for reader, _ in opened]
        await asyncio.sleep(3)
        before, began = sum(process.cpu_times()[:2]), time.monotonic()
        await asyncio.sleep(seconds)
        core = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)
        for task in reading:
            task.cancel()
        heard = await asyncio.gather(*reading, return_exceptions=True)
        ended = [each for each in heard if not isinstance(each, asyncio.CancelledError)]
        assert not ended, f"{len(ended)} of {watchers} streams ended: {ended[0]!r}"
        return core
    finally:
        for _, writer in opened:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _heard(reader: asyncio.StreamReader) -> None:
    """Raises when what is heard is no stream, or ends."""
    first = await reader.readline()
    if b" 200 " not in first:
        raise ConnectionError(f"no stream: {first!r}")
    while await reader.read(65_536):
        pass
    raise ConnectionError("the stream has ended")


def _cookie(port: int, name: str) -> str:
    browser = Browser(port)
    answer = browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
    assert answer.status == 201, answer
    return browser.cookie


def _asked(browser: Browser, path: str, times: int) -> tuple[float, float]:
    """Milliseconds: the median, and what 19 of 20 do not take."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        answer: Any = browser.get(path)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, answer
    return statistics.median(took), sorted(took)[max(0, round(len(took) * 0.95) - 1)]
