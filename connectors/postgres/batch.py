"""Records turned into rows, in memory: the records, their rows by table, and the records that have none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from connectors.postgres.rows import Row, Rows, Unfit, place_of, rows_of
from connectors.postgres.tables import TABLES, Table
from schemas.codec import CODEC, CodecError
from streams.ops.sinks import Record, Refused

_Key = Callable[[Row], Any]

#: A flush that waits for Postgres' answer is not kept waiting for longer than so many records take: a millisecond.
_GIVE_WAY_AFTER = 50


class Batch:
    """Grows by ``add``. A record of an offset that is in it already is not taken again."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.refused: list[Refused] = []
        self._rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self._upto: dict[tuple[str, int], int] = {}
        self._folded: dict[Table, Sequence[Row]] | None = None
        self._months: set[date] | None = None

    def add(self, records: Iterable[Record]) -> list[Refused]:
        """Takes records, each partition's in the order of their offsets; answers those that have no rows."""
        rows, upto, refused = self._rows, self._upto, []
        self._folded = self._months = None
        taken, partition, last = self.records, None, -1
        for record in records:
            # Most come in runs of one partition.
            if record[:2] != partition:
                if partition is not None:
                    upto[partition] = last
                partition = record[:2]
                last = upto.get(partition, -1)
            if record[2] <= last:
                continue
            last = record[2]
            try:
                made = rows_of_record(record)
            except (Unfit, CodecError) as error:
                refused.append(Refused(record, str(error)))
                continue
            taken.append(record)
            for table, row in made:
                rows[table].append(row)
        if partition is not None:
            upto[partition] = last
        self.refused += refused
        return refused

    def rows(self) -> dict[Table, Sequence[Row]]:
        """By table, parents first; of several rows with one key the one that wins, and what belongs to it."""
        if self._folded is None:
            self._folded = {}
            for name, its in self._rows.items():
                if its:
                    table = TABLES[name]
                    parents = self._folded.get(TABLES[table.parent], ()) if table.parent else ()
                    self._folded[table] = _of_winners(table, parents, its) if table.parent else _winners(table, its)
        return self._folded

    def months(self) -> set[date]:
        """First days of the months whose partitions the rows belong to."""
        if self._months is None:
            self._months = set()
            for table, its in self.rows().items():
                if table.month:
                    self._months |= _months(list(map(_columns(table, (table.month,)), its)))
        return self._months

    def __bool__(self) -> bool:
        return bool(self.records or self.refused)


async def prepared(records: Sequence[Record]) -> Batch:
    """A batch of these records, made in slices between which others on the event loop have their turn."""
    batch = Batch()
    for start in range(0, len(records), _GIVE_WAY_AFTER):
        batch.add(records[start : start + _GIVE_WAY_AFTER])
        await asyncio.sleep(0)
    batch.months()
    return batch


def rows_of_record(record: Record) -> Rows:
    """Raises Unfit or a CodecError."""
    if record.value is None:
        raise Unfit("no value (a tombstone): the sink deletes nothing; send what is to stand there instead")
    name, decoded = CODEC.decode(record.value)
    place = place_of(record.topic, record.partition, record.offset, record.timestamp_ms)
    return rows_of(name, decoded, place, zero_byte=b"\0" in record.value)


def _winners(table: Table, rows: list[Row]) -> Sequence[Row]:
    """Each key's last row with the highest guard: what the database would keep if it took them one by one."""
    if table.append and "log_offset" in table.key:
        return rows
    key = _columns(table, table.key)
    kept: dict[Any, Row] = {}
    if table.guard == ("log_offset",):
        # A key's records are all in one partition, and they came in the order of their offsets: the last one.
        kept.update(zip(map(key, rows), rows, strict=True))
        return list(kept.values())
    guard = _columns(table, table.guard)
    for row in rows:
        k = key(row)
        present = kept.get(k)
        if present is None or guard(present) <= guard(row):
            kept[k] = row
    return list(kept.values())


def _of_winners(table: Table, parents: Sequence[Row], rows: list[Row]) -> Sequence[Row]:
    """What belongs to the parents' rows that have won: they come and go with them."""
    parent = TABLES[table.parent or ""]
    belongs = (*table.parent_key, "log_offset")
    won = set(map(_columns(parent, belongs), parents))
    of = _columns(table, belongs)
    return [row for row in rows if of(row) in won]


def _months(times: list[datetime]) -> set[date]:
    first, last = min(times).date().replace(day=1), max(times).date().replace(day=1)
    return {first} if first == last else {time.date().replace(day=1) for time in times}


def _columns(table: Table, names: tuple[str, ...]) -> _Key:
    return itemgetter(*(table.columns.index(name) for name in names))
