"""The sink into Postgres: what the topics say, exactly once, in tables for people and programs that ask in SQL.

One flush is one transaction:
1. Move the positions, each from where this driver left it: none moved means that another driver did (SinkFenced). Its row
   locks make two drivers of the same partitions take turns. Persons who are forgotten are taken out of the records (``forgetting.py``).
2. COPY the rows whose keys are new into their tables; the others into temporary tables, and from there into their own, guarded
   by the offsets they came from. A key that was taken for new and is none (a replay ran ahead) costs another try: all by that way.
   So goes all of a login that the tables' policies hold for (one of penstock_sink): Postgres takes no COPY into them from it.
3. If Postgres refuses that because of some record: once more from 1. on a new connection, since what a session has (temporary
   tables, plans, types) is of tables as they were, and somebody may have altered them. Refused there too: back to before 2., and in
   halves, down to the records at fault.
4. Store those, with what was refused before, in ``refused_rows``; empty what tells of the forgotten, and what is kept no longer.
5. Commit. When the connection breaks here, nobody has said whether it took place: the next flush looks at the positions.

Speed: Avro to rows in Python, one pass; binary COPY; no statement but a table's one. `synchronous_commit` stays on, as the
server has it: what is flushed is on the server's disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import asyncpg

from connectors.postgres import statements
from connectors.postgres.batch import Batch, prepared
from connectors.postgres.bring_in import bring_in, forget_refused, store_refused
from connectors.postgres.faults import Fault, fault_of, reason_of
from connectors.postgres.forgetting import empty, without_persons
from connectors.postgres.retention import empty_overdue
from connectors.postgres.schema import Version, version_of, versions
from connectors.postgres.tables import TABLES
from streams.ops.sinks import Partition, Record, Refused, Sink, SinkFenced, SinkMisfit, SinkUnavailable, Span
from streams.topology import STORED

_ATTEMPTS = 5
_CONNECT_TIMEOUT_S = 20.0
#: Partitions are there so many months ahead; months of old records are made back to so many.
_AHEAD, _BACK = timedelta(days=92), timedelta(days=3 * 366)


class PostgresSink(Sink):
    """The database at ``url`` (``postgresql://user:password@host,host/name``).

    Args:
        hub: whose positions they are; one database holds one hub's tables.
        timeout_s: how long one statement may take, or the connection stay silent, before the database counts as away.
    """

    name = "postgres"
    topics = STORED

    def __init__(self, url: str, *, hub: str = "penstock", timeout_s: float = 60.0) -> None:
        self._url = url
        self._hub = hub
        self._timeout_s = timeout_s
        self._connection: asyncpg.Connection | None = None
        #: The server's process of this one, or of the last.
        self._process: int | None = None
        self._batch = Batch()
        #: Partitions that the store knew when it was asked, or has learnt from this driver since.
        self._known: set[Partition] = set()
        #: A flush whose commit may or may not have taken place, and what it refused.
        self._doubtful: tuple[Mapping[Partition, Span], list[Refused]] | None = None
        self._months: set[date] = set()
        #: Whether Postgres takes COPY into the tables from this login: not where it holds rows' policies against it.
        self._copies = True
        #: Rows that the last flushes have written, for metrics: by table.
        self.rows_written: dict[str, int] = dict.fromkeys((table.target for table in TABLES.values()), 0)

    async def setup(self) -> None:
        await self._guarded(self._connected())

    async def positions(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        rows = await self._guarded(self._fetch_positions())
        stored = {Partition(topic, number): position for topic, number, position in rows}
        found = {partition: stored[partition] for partition in partitions if partition in stored}
        self._batch, self._doubtful = Batch(), None
        self._known -= set(partitions)
        self._known |= found.keys()
        return found

    async def prepare(self, batch: Sequence[Record]) -> Batch:
        return await prepared(batch)

    def accept(self, prepared: Batch) -> Sequence[Refused]:
        if self._batch:
            self._batch.add(prepared.records)
            self._batch.refused += prepared.refused
        else:
            self._batch = prepared
        return prepared.refused

    async def flush(self, spans: Mapping[Partition, Span]) -> Sequence[Refused]:
        if not spans and not self._batch:
            return ()
        try:
            refused: list[Refused] = await self._guarded(self._flush(spans))
        except SinkFenced:
            self._batch, self._doubtful = Batch(), None
            raise
        self._known |= spans.keys()
        self._batch, self._doubtful = Batch(), None
        return refused

    def paused(self, reason: str) -> None:
        self._let_go()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Whatever it is: the server ends what is left of it.
            with suppress(Exception):
                await connection.close(timeout=5)

    # Connecting

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        connection = await self._connect()
        try:
            if self._process is not None:
                await connection.execute(statements.END_LEFT, self._process)
            _checked(await version_of(connection))
            await connection.execute(statements.ALL_THERE)
            self._copies = not await connection.fetchval(statements.HAS_POLICIES)
            await self._make_months(connection, date.today(), date.today() + _AHEAD)
        except BaseException:
            connection.terminate()
            raise
        self._connection, self._process = connection, connection.get_server_pid()
        return connection

    async def _connect(self) -> asyncpg.Connection:
        milliseconds = str(int(self._timeout_s * 1000))
        try:
            return await asyncpg.connect(
                self._url,
                timeout=_CONNECT_TIMEOUT_S,
                # Longer than the server's own: it says why it gave up. This one is for a connection that has gone silent.
                command_timeout=self._timeout_s + 10,
                # A column's type is asked for at each COPY: one remembered from before an ALTER TABLE would write other bytes
                # than the column's, of the same length perhaps.
                statement_cache_size=0,
                server_settings={
                    "application_name": "penstock sink",
                    "statement_timeout": milliseconds,
                    "lock_timeout": str(int(self._timeout_s * 500)),
                    "idle_in_transaction_session_timeout": milliseconds,
                    # A sink whose machine is gone holds its locks for half a minute, not for TCP's two hours.
                    "tcp_keepalives_idle": "10",
                    "tcp_keepalives_interval": "5",
                    "tcp_keepalives_count": "4",
                    "tcp_user_timeout": "30000",
                    "timezone": "UTC",
                    "jit": "off",
                    # Temporary tables are made where they are missing: nobody needs to hear of each that is not.
                    "client_min_messages": "warning",
                    # The temporary tables of a batch in memory.
                    "temp_buffers": "64MB",
                    # Batches are small beside tables: always by the index, whatever statistics say of a table that grows.
                    "enable_hashjoin": "off",
                    "enable_mergejoin": "off",
                    "enable_seqscan": "off",
                },
            )
        except ValueError as error:
            raise SinkMisfit(
                f"the database's URL is not usable: {reason_of(error)}; "
                "set PENSTOCK_DATABASE_URL to postgresql://user:password@host/name"
            ) from error

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _guarded(self, work: Any) -> Any:
        """Awaits ``work``; what goes wrong becomes a SinkError, and the connection is let go of.

        Raises SinkUnavailable, SinkFenced, SinkMisfit.
        """
        try:
            return await work
        except (SinkMisfit, SinkFenced):
            raise
        except (Exception, asyncio.CancelledError) as error:
            self._let_go()
            fault = fault_of(error)
            if fault is None:
                raise
            if fault in (Fault.MISFIT, Fault.RECORD):
                # A record's fault outside its savepoint: nothing of the batch is to blame.
                raise SinkMisfit(f"the database cannot be used as it is: {reason_of(error)}") from error
            raise SinkUnavailable(reason_of(error)) from error

    async def _fetch_positions(self) -> Any:
        connection = await self._connected()
        return await connection.fetch(statements.POSITIONS, self._hub)

    # Flushing

    async def _flush(self, spans: Mapping[Partition, Span]) -> list[Refused]:
        old = self._connection
        for attempt in range(1, _ATTEMPTS + 1):
            connection = await self._connected()
            if self._doubtful is not None and self._doubtful[0] == spans and await self._landed(connection, spans):
                return self._doubtful[1]
            try:
                return await self._transaction(connection, spans, new=connection is not old)
            except (asyncpg.PostgresError, SinkMisfit, OverflowError) as error:
                fault = fault_of(error)
                if connection is old and fault not in (Fault.RETRY, Fault.UNAVAILABLE):
                    self._let_go()
                elif fault is not Fault.RETRY or attempt == _ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    async def _transaction(
        self, connection: asyncpg.Connection, spans: Mapping[Partition, Span], *, new: bool
    ) -> list[Refused]:
        """``new``: the connection was made for this flush; what is refused on it is refused."""
        await self._make_months_of(connection)
        transaction = connection.transaction()
        await transaction.start()
        try:
            # 1. Positions, and persons.
            await self._move(connection, spans)
            batch, forgotten = await without_persons(connection, self._batch)
            rows = batch.rows()
            # 2. and 3. Rows.
            refused = await bring_in(connection, batch.records, rows, straight=self._copies and bool(spans), halve=new)
            # 4. What has no place; a replay may find one for what had none.
            if not spans:
                await forget_refused(connection, batch.records)
            await store_refused(connection, [*((each, None) for each in batch.refused), *refused])
            await empty(connection, forgotten)
            gone = [each.record for each in (*batch.refused, *(each for each, _ in refused))]
            await empty_overdue(connection, batch.records, gone, replay=not spans)
        except BaseException as error:
            # What has fallen silent does not hear that either.
            if not isinstance(error, TimeoutError):
                with suppress(Exception):
                    await transaction.rollback()
            raise
        # 5. Commit. Before that, what was refused is safe outside: a kill right after it would leave nobody to tell.
        answered = [each for each, _ in refused]
        if answered:
            await self.set_aside(answered)
        self._doubtful = dict(spans), answered
        await transaction.commit()
        for table, its in rows.items():
            self.rows_written[table.target] += len(its)
        return answered

    async def _landed(self, connection: asyncpg.Connection, spans: Mapping[Partition, Span]) -> bool:
        """Whether the flush that was cut off in its commit took place. A replay has no positions: it is done again."""
        if not spans:
            return False
        stored = {Partition(t, p): at for t, p, at in await connection.fetch(statements.POSITIONS, self._hub)}
        return all(stored.get(partition) == span.end for partition, span in spans.items())

    async def _move(self, connection: asyncpg.Connection, spans: Mapping[Partition, Span]) -> None:
        # In one order everywhere: two drivers wait for each other instead of blocking each other.
        ordered = sorted(spans.items())
        known = [(*partition, *span) for partition, span in ordered if partition in self._known]
        new = [(*partition, span.end) for partition, span in ordered if partition not in self._known]
        moved: list[Any] = []
        if known:
            moved += await connection.fetch(statements.MOVE_KNOWN, self._hub, *map(list, zip(*known, strict=True)))
        if new:
            moved += await connection.fetch(statements.MOVE_NEW, self._hub, *map(list, zip(*new, strict=True)))
        if len(moved) != len(spans):
            raise SinkFenced(
                f"{len(spans) - len(moved)} of {len(spans)} positions are not where this sink left them: "
                "another one drives these partitions, or the database was set back"
            )
        for (version,) in moved[:1]:
            _checked(Version(version, versions()[-1]))

    # Partitions by month

    async def _make_months_of(self, connection: asyncpg.Connection) -> None:
        """Partitions for the months the rows are of, within reason: the default one takes what is far off."""
        today = date.today()
        for month in sorted(self._batch.months() - self._months):
            if today - _BACK < month < today + _AHEAD:
                await self._make_months(connection, month, month)
            self._months.add(month)

    async def _make_months(self, connection: asyncpg.Connection, first: date, last: date) -> None:
        """A partition that can't be made just now is none the worse: the default one takes its rows."""
        with suppress(asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError):
            await connection.execute(f"SELECT make_month_partitions('{first}', '{last}')")


def _checked(version: Version) -> None:
    """Raises SinkMisfit when the tables are of another version."""
    if not version.fits:
        raise SinkMisfit(version.advice())
