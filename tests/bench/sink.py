"""Table 6, the database: catching up with full topics, by Penstock's sink, by Quix Streams' Postgres sink, and plain COPY of the same rows.

1. A worker decides generated orders: the topics are full, with everything a day brings (updates, duplicates, reviews, backorders).
2. Each contestant, in interleaved rounds, brings them into a database of its own in one Postgres, with what it is made to do:
   Penstock: exactly once, into 20 tables with natural keys, indexes, lines and parts in rows of their own, positions in the same
   transaction. Quix: at least once with upserts, a table a type of record, nested values as JSON, no index but its key.
   COPY: the rows that Penstock's tables hold at the end, from memory, into the same tables: no Kafka, no Avro, no upsert, the ceiling.
3. Timed from a contestant's first batch in to its last, so without its start.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from connectors.postgres import PostgresSink
from connectors.postgres.schema import migrate
from connectors.postgres.tables import TABLES
from deploy.local import LocalPostgres
from streams.demo.source import generated
from tests.bench.measure import Bench, Child, ContestantDied, Spread, interleaved
from tests.bench.peers import BENCH_PYTHON
from tests.bench.report import Goal, Report, spread, spread_json
from tests.bench.saga_peers import PENSTOCK as WORKER
from tests.bench.saga_rig import SagaRig, encoded

ORDERS, ORDERS_QUICK = 20_000, 1_200
SEED = 3
START_MS = 1_760_000_000_000
PENSTOCK, QUIX, COPY = "Penstock", "Quix Streams", "plain COPY"
GUARANTEES = {PENSTOCK: "exactly once", QUIX: "at least once, upserts", COPY: "none"}
_COPY_ROWS = 5_000
#: Generous: a contestant that hangs must be named, a slow machine must not fail.
_PATIENCE_S = 600.0

Rows = dict[str, list[tuple[Any, ...]]]


def run(bench: Bench, orders: int | None = None) -> Iterable[Report]:
    """The table. Raises ContestantDied when one ends early or its tables are not what they must be."""
    orders = orders or (ORDERS_QUICK if bench.quick else ORDERS)
    source = generated(orders, SEED, START_MS)
    with SagaRig(bench.folder, WORKER, source) as rig, LocalPostgres(bench.folder / "sink-postgres") as postgres:
        rig.publish(encoded(source.events))
        rig.wait_until_decided()
        rig.stop()
        counts = {topic: sum(1 for _ in rig.cluster.read(topic)) for topic in PostgresSink.topics}
        field = _Field(rig.settings.brokers, postgres.url, counts, bench.folder)
        # Once before the rounds: what its tables hold is what COPY is given, and every later run must hold as many.
        field.penstock()
        runs: dict[str, Callable[[], Mapping[str, float]]] = {PENSTOCK: field.penstock, COPY: field.copy}
        if BENCH_PYTHON.exists():
            runs[QUIX] = field.quix
        yield report(orders, field, interleaved(runs, bench, "sink"))


class _Field:
    """The contestants on the same full topics, each run with a database of its own."""

    def __init__(self, brokers: str, postgres: str, counts: Mapping[str, int], folder: Path) -> None:
        self._brokers, self._postgres, self._folder = brokers, postgres, folder
        self.topics = [topic for topic, count in counts.items() if count]
        self.records = sum(counts.values())
        self.rows: Rows = {}

    def penstock(self) -> dict[str, float]:
        url = asyncio.run(self._database())
        asyncio.run(migrate(url))
        found = self._child(url, "python", "tests.bench.apps.penstock_sink")
        rows = asyncio.run(_rows(url))
        self.rows = self.rows or rows
        if rows != self.rows:
            raise ContestantDied("Penstock's tables differ between two runs on the same topics")
        asyncio.run(self._drop(url))
        total = sum(map(len, rows.values()))
        # A record makes so many rows on average, those that a later one replaced not counted.
        return found | {"rows_s": found["records_s"] * total / self.records}

    def quix(self) -> dict[str, float]:
        url = asyncio.run(self._database())
        found = self._child(url, str(BENCH_PYTHON), "tests.bench.apps.quix_sink")
        total = asyncio.run(_count(url))
        asyncio.run(self._drop(url))
        return found | {"rows_s": found["records_s"] * total / self.records}

    def copy(self) -> dict[str, float]:
        url = asyncio.run(self._database())
        asyncio.run(migrate(url))
        seconds, cpu_s = asyncio.run(_copy(url, self.rows))
        asyncio.run(self._drop(url))
        total = sum(map(len, self.rows.values()))
        # Of the records these rows stand for, as if someone had decoded them.
        return {
            "records_s": self.records / seconds,
            "rows_s": total / seconds,
            "cpu_s_million": cpu_s / self.records * 1e6,
        }

    def _child(self, url: str, python: str, module: str) -> dict[str, float]:
        import sys

        program = sys.executable if python == "python" else python
        env = {"BROKERS": self._brokers, "APP_ID": f"sink-{uuid.uuid4().hex}", "DATABASE_URL": url}
        env |= {"RECORDS": str(self.records), "TOPICS": ",".join(self.topics)}
        log = self._folder / f"{env['APP_ID']}.log"
        with Child([program, "-m", module], env, log) as child:
            deadline = time.monotonic() + _PATIENCE_S
            while not (said := _said(log)):
                child.check()
                if time.monotonic() > deadline:
                    raise ContestantDied(f"{module} has not finished after {_PATIENCE_S:.0f} s:\n{child.last_lines()}")
                time.sleep(0.05)
            cpu_s = child.cpu_s()
        return {
            "records_s": said["records"] / said["seconds"],
            # Of the whole run, its start included.
            "cpu_s_million": cpu_s / self.records * 1e6,
        }

    async def _database(self) -> str:
        name = f"bench_{uuid.uuid4().hex}"
        await self._ask(f"CREATE DATABASE {name}")
        return urlunsplit(urlsplit(self._postgres)._replace(path=f"/{name}"))

    async def _drop(self, url: str) -> None:
        await self._ask(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")

    async def _ask(self, command: str) -> None:
        connection = await asyncpg.connect(self._postgres)
        await connection.execute(command)
        await connection.close()


def _said(log: Path) -> dict[str, float] | None:
    """The figures a contestant prints at its end."""
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith('{"records"'):
            figures: dict[str, float] = json.loads(line)
            return figures
    return None


async def _rows(url: str) -> Rows:
    """Everything in the hub's tables, in an order that is the same in every run."""
    connection = await asyncpg.connect(url)
    rows = {}
    for table in TABLES.values():
        if table.into is None:
            columns, key = ", ".join(table.columns), ", ".join(table.key)
            found = await connection.fetch(f"SELECT {columns} FROM {table.name} ORDER BY {key}")
            rows[table.name] = [tuple(row) for row in found]
    await connection.close()
    return rows


async def _count(url: str) -> int:
    """Rows in all tables of a database that is a contestant's own."""
    connection = await asyncpg.connect(url)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    total = sum([await connection.fetchval(f'SELECT count(*) FROM "{table}"') for (table,) in tables])
    await connection.close()
    return total


async def _copy(url: str, rows: Rows) -> tuple[float, float]:
    """Seconds, and this process' CPU seconds."""
    connection = await asyncpg.connect(url)
    begun, cpu = time.perf_counter(), time.process_time()
    for table, its in rows.items():
        for start in range(0, len(its), _COPY_ROWS):
            records = its[start : start + _COPY_ROWS]
            await connection.copy_records_to_table(table, records=records, columns=TABLES[table].columns)
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    await connection.close()
    return seconds, cpu_s


def report(orders: int, field: _Field, figures: dict[str, dict[str, Spread]]) -> Report:
    """The figures as a table, with the issue's goals."""
    names = [name for name in (PENSTOCK, QUIX, COPY) if name in figures]
    rows = [
        (
            name,
            GUARANTEES[name],
            spread(figures[name]["records_s"]),
            spread(figures[name]["rows_s"]),
            spread(figures[name]["cpu_s_million"], 1),
        )
        for name in names
    ]
    ours = figures[PENSTOCK]
    to_copy = ours["rows_s"].median / figures[COPY]["rows_s"].median
    to_quix = ours["records_s"].median / figures[QUIX]["records_s"].median if QUIX in figures else None
    total = sum(map(len, field.rows.values()))
    return Report(
        "sink",
        f"Catching up with {field.records:,} records of {orders:,} orders: {total:,} rows",
        ("", "guarantee", "records/s", "rows/s", "CPU s per million records"),
        rows,
        {name: {figure: spread_json(value) for figure, value in figures[name].items()} for name in names},
        [
            Goal.at_least(">= 0.5 x plain COPY of the same rows", to_copy, 0.5),
            Goal.at_least("> 1.0 x Quix Streams' Postgres sink, records/s", to_quix, 1.0),
        ],
        [
            "Rows are those in the tables at the end; COPY gets them from memory, without Kafka, Avro or upserts.",
            "CPU is the contestant's own process, its start included; Postgres' is not in it.",
        ],
    )
