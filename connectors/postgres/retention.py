"""What tells of persons is kept in the tables for so many days after its end, by kind: then the row is emptied, and nothing fills it again.

The days stand in ``personal_retention``, so that whoever writes rows obeys them, whatever its own environment says: the sink sets them
when it starts. A row is emptied by one condition (``_RULES``) in two places:

- ``Sweep``: once a day all rows are looked through in pages by their keys, each page a transaction of its own;
- ``empty_overdue``: what a flush has written of old records (a replay), in the flush's transaction.

An order is closed, an after-sale settled, a review decided before its time begins: what is still to be sent keeps its receiver.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg

from connectors.postgres.faults import Fault, fault_of, reason_of
from connectors.postgres.forgetting import orders_of
from connectors.postgres.schema import version_of
from connectors.postgres.telling import ALONE, TELLING
from streams.domain.allocation.order_state import CLOSED
from streams.ops.sinks import Record

logger = logging.getLogger(__name__)

#: Rows that are looked at, and emptied at the most, in one transaction.
PAGE = 2_000
#: Any number that nobody else locks in this database.
_ONE_SWEEP = 0x6B657074
_TIMEOUT_S = 60.0
_DAY_MS = 86_400_000
_HOUR_S, _MINUTE_S = 3_600.0, 60.0

_PLACES = "(topic, partition, log_offset) IN (SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[]))"
_PHASES = ", ".join(f"'{phase}'" for phase in sorted(CLOSED))
#: Kinds that are not kept for ever.
_KEPT = "personal_retention WHERE kept_days > 0"


class _Rule(NamedTuple):
    """When a row (``it``) of a table is overdue: ``CUT`` is the moment before which its end must lie, null where nothing is overdue."""

    table: str
    kind: str
    ended: str

    @property
    def due(self) -> str:
        """The condition."""
        cut = f"(SELECT now() - make_interval(days => kept_days) FROM {_KEPT} AND kind = '{self.kind}')"
        return f"coalesce({self.ended.replace('CUT', cut)}, false)"

    @property
    def keys(self) -> str:
        """The table's key columns."""
        return ", ".join(TELLING[self.table].key)

    def values(self, first: int) -> str:
        """As many parameters, from the ``first``."""
        return ", ".join(f"${first + at}" for at in range(len(TELLING[self.table].key)))


_DECIDED = "state <> 'open' AND state_at < CUT"
_RULES = (
    _Rule(
        "order_receivers",
        "receivers",
        # News of a closed order, and an after-sale for which something may have to be sent, begin its time anew.
        f"EXISTS (SELECT FROM order_status s WHERE s.order_id = it.order_id AND s.phase IN ({_PHASES}) AND s.changed_at < CUT) "
        "AND EXISTS (SELECT FROM orders o WHERE o.order_id = it.order_id AND o.received_at < CUT) "
        "AND NOT EXISTS (SELECT FROM aftersales a WHERE a.order_id = it.order_id AND (a.state = 'OPEN' OR a.received_at >= CUT))",
    ),
    _Rule(
        "aftersale_reasons",
        "reasons",
        "EXISTS (SELECT FROM aftersales a WHERE a.order_id = it.order_id AND a.aftersale_id = it.aftersale_id "
        "AND a.state <> 'OPEN' AND a.received_at < CUT)",
    ),
    _Rule("logistics_traces", "traces", "it.received_at < CUT"),
    _Rule(
        "review_originals",
        "reviews",
        f"EXISTS (SELECT FROM review_queue q WHERE q.record = it.record AND {_DECIDED})",
    ),
    _Rule("review_queue", "reviews", _DECIDED),
    # By when it was written to the log: one that a replay refuses again is no younger for it.
    _Rule("refused_rows", "refused", "coalesce(it.logged_at, it.refused_at) < CUT"),
)

_SET = """
INSERT INTO personal_retention AS it (kind, kept_days) SELECT * FROM unnest($1::text[], $2::int[])
ON CONFLICT (kind) DO UPDATE SET kept_days = excluded.kept_days, looked_at = NULL WHERE it.kept_days <> excluded.kept_days
"""
_DUE = f"SELECT kind FROM {_KEPT} AND (looked_at IS NULL OR looked_at < now() - interval '1 day')"
_LOOKED = "UPDATE personal_retention SET looked_at = now() WHERE kind = $1"
_COUNTED = "UPDATE personal_retention SET emptied = emptied + $2 WHERE kind = $1"
#: Whether something written at ``$1`` (ms) may be overdue.
_OLD = f"SELECT to_timestamp($1::bigint / 1000.0) < now() - make_interval(days => min(kept_days)) FROM {_KEPT}"


class Sweep:
    """Empties what is overdue. ``emptied``: rows so far, by table."""

    def __init__(self, url: str, *, page: int = PAGE) -> None:
        self._url = url
        self._page = page
        self.emptied: dict[str, int] = {rule.table: 0 for rule in _RULES}

    async def run(self, days: Mapping[str, int]) -> None:
        """Sets the days, and looks through the kinds that nobody has within a day, unless somebody does at this moment.

        Does nothing in tables of another version, which the sink refuses. What was emptied before an error stays so, and the next
        run begins anew. Raises asyncpg's and OS errors.
        """
        connection = await asyncpg.connect(
            self._url,
            timeout=_TIMEOUT_S,
            command_timeout=_TIMEOUT_S,
            server_settings={"application_name": "penstock retention", "lock_timeout": str(int(_TIMEOUT_S * 500))},
        )
        try:
            if not (await version_of(connection)).fits:
                return
            if not await connection.fetchval(f"SELECT pg_try_advisory_lock({_ONE_SWEEP})"):
                return
            await connection.execute(_SET, list(days), list(days.values()))
            for (kind,) in await connection.fetch(_DUE):
                for rule in _RULES:
                    if rule.kind == kind:
                        await self._through(connection, rule)
                await connection.execute(_LOOKED, kind)
        finally:
            await connection.close()

    async def keep(self, days: Mapping[str, int], tell: Callable[[Mapping[str, int]], None]) -> None:
        """Runs every hour until it is cancelled; ``tell`` is given the rows so far. What goes wrong is told, and tried again."""
        while True:
            before, wait_s = dict(self.emptied), _HOUR_S
            try:
                await self.run(days)
            except Exception as error:
                fault = fault_of(error)
                if fault is Fault.UNAVAILABLE:
                    # The sink says that the database is away, and when it is back.
                    wait_s = _MINUTE_S
                else:
                    reason = reason_of(error) if fault else repr(error)
                    logger.error("sink postgres: what tells of persons could not be looked through: %s", reason)
            now = {table: count - before[table] for table, count in self.emptied.items() if count > before[table]}
            if now:
                said = ", ".join(f"{count:,} in {table}" for table, count in now.items())
                logger.warning("sink postgres: rows tell of persons no longer, their days have passed: %s", said)
            tell(self.emptied)
            await asyncio.sleep(wait_s)

    async def _through(self, connection: asyncpg.Connection, rule: _Rule) -> None:
        """All rows of a table, page by page in the order of their keys."""
        first = (
            f"SELECT {rule.keys}, {rule.due} AS due FROM {rule.table} AS it {{}}ORDER BY {rule.keys} LIMIT {self._page}"
        )
        after: Sequence[Any] = ()
        while True:
            query = first.format(f"WHERE ({rule.keys}) > ({rule.values(1)}) " if after else "")
            page = await connection.fetch(query, *after)
            if any(row["due"] for row in page):
                await self._empty(connection, rule, tuple(page[0])[:-1], tuple(page[-1])[:-1])
            if len(page) < self._page:
                return
            after = tuple(page[-1])[:-1]

    async def _empty(
        self, connection: asyncpg.Connection, rule: _Rule, first: Sequence[Any], last: Sequence[Any]
    ) -> None:
        where = f"({rule.keys}) BETWEEN ({rule.values(1)}) AND ({rule.values(1 + len(first))}) AND {rule.due}"
        async with connection.transaction():
            await connection.execute(ALONE)
            emptied = _rows(await connection.execute(TELLING[rule.table].emptying(where), *first, *last))
            await connection.execute(_COUNTED, rule.kind, emptied)
        self.emptied[rule.table] += emptied


async def empty_overdue(
    connection: asyncpg.Connection, records: Sequence[Record], refused: Sequence[Record], *, replay: bool
) -> None:
    """Within a flush's transaction, of what it has written: rows that are overdue are as if they had been looked through.

    What has just come in is none of these, and costs no question. Raises asyncpg's errors.
    """
    oldest_ms = max(0, min((record.timestamp_ms for record in (*records, *refused)), default=0))
    if not replay:
        if oldest_ms > time.time() * 1000 - _DAY_MS or not await connection.fetchval(_OLD, oldest_ms):
            return
    orders = orders_of(records)
    places = [list(each) for each in zip(*(record[:3] for record in refused), strict=True)]
    for rule in _RULES:
        telling = TELLING[rule.table]
        if rule.table != "refused_rows":
            await connection.execute(telling.emptying(f"{telling.of_orders} AND {rule.due}"), orders)
        elif places:
            await connection.execute(telling.emptying(f"{_PLACES} AND {rule.due}"), *places)


def _rows(status: str) -> int:
    """Of a command's answer, such as ``UPDATE 3``."""
    return int(status.rpartition(" ")[2])
