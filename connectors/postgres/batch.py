"""What was written since the last flush, in memory: records, their rows by table, and the records that have none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from connectors.base import Record, Refused
from connectors.postgres.rows import Row, Rows, Unfit, place_of, rows_of
from connectors.postgres.tables import TABLES, Table
from schemas.codec import CODEC, CodecError

_Key = Callable[[Row], Any]


class Batch:
    """Grows by ``add``. A record of an offset that is in it already is not taken again."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.refused: list[Refused] = []
        self._rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self._upto: dict[tuple[str, int], int] = {}

    def add(self, records: Iterable[Record]) -> list[Refused]:
        """Takes records, each partition's in the order of their offsets; answers those that have no rows."""
        rows, upto, refused = self._rows, self._upto, []
        for record in records:
            partition = record[:2]
            if record.offset <= upto.get(partition, -1):
                continue
            upto[partition] = record.offset
            try:
                made = rows_of_record(record)
            except (Unfit, CodecError) as error:
                refused.append(Refused(record, str(error)))
                continue
            self.records.append(record)
            for table, row in made:
                rows[table].append(row)
        self.refused += refused
        return refused

    def rows(self) -> dict[Table, Sequence[Row]]:
        """By table, parents first; of several rows with one key the one that wins."""
        return {TABLES[name]: _winners(TABLES[name], rows) for name, rows in self._rows.items() if rows}

    def __bool__(self) -> bool:
        return bool(self.records or self.refused)


def rows_of_record(record: Record) -> Rows:
    """Raises Unfit or a CodecError."""
    if record.value is None:
        raise Unfit("no value (a tombstone): the sink deletes nothing; send what is to stand there instead")
    name, decoded = CODEC.decode(record.value)
    return rows_of(name, decoded, place_of(record.topic, record.partition, record.offset, record.timestamp_ms))


def _winners(table: Table, rows: list[Row]) -> Sequence[Row]:
    """Each key's last row with the highest guard: what the database would keep if it took them one by one."""
    if table.parent:
        # They come and go with their parents, which the database joins them to.
        return rows
    key, guard = _columns(table, table.key), _columns(table, table.guard)
    kept: dict[Any, Row] = {}
    for row in rows:
        k = key(row)
        present = kept.get(k)
        if present is None or guard(present) <= guard(row):
            kept[k] = row
    return list(kept.values())


def _columns(table: Table, names: tuple[str, ...]) -> _Key:
    return itemgetter(*(table.columns.index(name) for name in names))
