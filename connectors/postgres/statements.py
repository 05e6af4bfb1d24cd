"""The SQL that brings rows into tables: COPY into temporary tables, then one statement a table.

Temporary tables are made when first needed on a connection and emptied at every commit, which takes a while for each there is.
No rows go through them without their guard (see ``tables.py``), so applying a batch twice, or an old one late, leaves what is there.
"""

from __future__ import annotations

from connectors.postgres.tables import TABLES, Table


def staging(table: Table) -> str:
    """The temporary table that rows are copied into."""
    return f"in_{table.name}"


def make_staging(table: Table) -> str:
    """With the target's types, without its constraints: those are judged when the rows go in."""
    columns = ", ".join(table.columns)
    return (
        f"CREATE TEMP TABLE IF NOT EXISTS {staging(table)} ON COMMIT DELETE ROWS "
        f"AS SELECT {columns} FROM {table.target} WITH NO DATA"
    )


def there(table: Table) -> str:
    """Which of the keys ``$1`` the table has; of its first column, which is text."""
    return f"SELECT {table.columns[0]} FROM {table.target} WHERE {table.columns[0]} = ANY($1::text[])"


def bring_in(table: Table) -> str:
    """From the temporary table into the target."""
    return _replace_children(table) if table.parent else _upsert(table)


def _upsert(table: Table) -> str:
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    changes = ", ".join(f"{c} = excluded.{c}" for c in table.columns if c not in table.key)
    present, new = _row("present", table.guard), _row("excluded", table.guard)
    # IS NOT TRUE: a guard that is null (a row that only another topic has filled so far) is lower than any.
    return f"INSERT INTO {table.target} AS present ({columns}) SELECT {columns} FROM {staging(table)} " + (
        f"ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE ({present} > {new}) IS NOT TRUE"
        if changes
        else f"ON CONFLICT ({key}) DO NOTHING"
    )


def _replace_children(table: Table) -> str:
    """Two statements: away with what belonged to older versions of the parents, in with what belongs to the present ones.

    The parents have been brought in before. Of those in this batch some may be older than what stands there: their
    children find nothing older to remove, and no parent of their own offset to go with.
    """
    columns = ", ".join(table.columns)
    qualified = ", ".join(f"child.{column}" for column in table.columns)
    same = " AND ".join(f"child.{c} = parent.{c}" for c in table.parent_key)
    return (
        f"DELETE FROM {table.target} AS child USING in_{table.parent} AS parent "
        f"WHERE {same} AND child.log_offset <= parent.log_offset; "
        f"INSERT INTO {table.target} ({columns}) SELECT {qualified} FROM {staging(table)} AS child "
        f"JOIN {table.parent} AS parent ON {same} AND child.log_offset = parent.log_offset"
    )


def _row(alias: str, columns: tuple[str, ...]) -> str:
    return f"ROW({', '.join(f'{alias}.{column}' for column in columns)})"


#: Fails when a table is missing, so that it is known at once and not when the first record of that kind comes.
ALL_THERE = "SELECT " + ", ".join(sorted({f"'{table.target}'::regclass" for table in TABLES.values()}))

#: Whether the tables' policies (``scopes.py``) hold for this login: not for their owner, nor where no roles were made.
HAS_POLICIES = "SELECT row_security_active('orders')"

#: Ends what is left of this login's own connection ``$1``, of which the server has not heard that it is over. No time-out of the server's
#: does: one that waits for the rest of a COPY listens to nothing but its end, and holds its locks until TCP gives up.
END_LEFT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = $1 AND pid <> pg_backend_pid() AND usename = current_user AND application_name = current_setting('application_name')
"""

#: Names and types of a table's columns.
TYPES = """
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
"""

POSITIONS = "SELECT topic, partition, position FROM sink_positions WHERE hub = $1"

#: Known partitions move only from where this driver left them; the others only when they are not known yet. Each answers the
#: version of the tables: somebody may have migrated them since the connection was made.
MOVE_KNOWN = """
UPDATE sink_positions AS p SET position = t.to_offset, moved_at = now()
FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS t(topic, partition, from_offset, to_offset)
WHERE p.hub = $1 AND p.topic = t.topic AND p.partition = t.partition AND p.position = t.from_offset
RETURNING (SELECT version_num FROM alembic_version)
"""
MOVE_NEW = """
INSERT INTO sink_positions (hub, topic, partition, position)
SELECT $1, topic, partition, to_offset FROM unnest($2::text[], $3::int[], $4::bigint[]) AS t(topic, partition, to_offset)
ON CONFLICT DO NOTHING RETURNING (SELECT version_num FROM alembic_version)
"""

REFUSE = """
INSERT INTO refused_rows (topic, partition, log_offset, logged_at, key, value, error, sqlstate)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (topic, partition, log_offset) DO UPDATE SET logged_at = excluded.logged_at, key = excluded.key,
    value = excluded.value, error = excluded.error, sqlstate = excluded.sqlstate, refused_at = excluded.refused_at
"""

#: What a replay has brought in after all.
FORGET_REFUSED = """
DELETE FROM refused_rows AS r USING unnest($1::text[], $2::int[], $3::bigint[]) AS t(topic, partition, log_offset)
WHERE r.topic = t.topic AND r.partition = t.partition AND r.log_offset = t.log_offset
"""
