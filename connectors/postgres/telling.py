"""Which rows tell of persons, and what is left of them once they no longer may."""

from __future__ import annotations

from typing import NamedTuple

#: Any number that nobody else locks in this database. A flush has it with others; who empties rows has it alone for a moment, so that
#: neither waits for a row of the other while it holds one.
_LOCK = 0x666F7267
WITH_OTHERS, ALONE = f"SELECT pg_advisory_xact_lock_shared({_LOCK})", f"SELECT pg_advisory_xact_lock({_LOCK})"
#: What is said of a record that was refused and whose content is kept no longer: the error may quote it.
UNSAID = "whom it told of is kept no longer"


class Telling(NamedTuple):
    """A table that tells of persons: its key, its columns with what is left of each, and which rows are of the orders ``$1``."""

    table: str
    key: tuple[str, ...]
    left: dict[str, str]
    of_orders: str = "order_id = ANY($1::text[])"

    def emptying(self, which: str) -> str:
        """The statement that empties those rows of ``which`` that still tell."""
        changes = ", ".join(f"{column} = {left}" for column, left in self.left.items())
        return f"UPDATE {self.table} AS it SET {changes} WHERE {which} AND {self.still()}"

    def still(self) -> str:
        """The condition of rows that tell."""
        there = " OR ".join(f"{column} IS DISTINCT FROM {left}" for column, left in self.left.items())
        return f"({there})"


_ALL = (
    Telling(
        "order_receivers",
        ("order_id",),
        {
            **dict.fromkeys(("name", "phone", "district", "town", "address", "postal_code"), "''"),
            **dict.fromkeys(("company", "phone_extension"), "''"),
            "oaid": "NULL",
            "attributes": "'{}'::jsonb",
        },
    ),
    Telling("aftersale_reasons", ("order_id", "aftersale_id"), {"reason": "''"}),
    Telling("logistics_traces", ("occurred_at", "trace_id"), {"text": "''"}),
    Telling(
        "review_originals",
        ("record",),
        {"event": "''::bytea"},
        "record IN (SELECT record FROM review_queue WHERE order_id = ANY($1::text[]))",
    ),
    Telling(
        "review_queue",
        ("record",),
        {
            "reasons": "(SELECT coalesce(jsonb_agg(each || '{\"value\": \"\"}' ORDER BY place), '[]') "
            "FROM jsonb_array_elements(reasons) WITH ORDINALITY AS all_of_them(each, place))"
        },
    ),
    Telling(
        "refused_rows",
        ("topic", "partition", "log_offset"),
        {"value": "''::bytea", "error": f"'{UNSAID}'"},
        "key IN (SELECT convert_to(order_id, 'UTF8') FROM unnest($1::text[]) AS order_id)",
    ),
)

#: By table, as rows of records without their persons have them; a test holds them against the columns that their comments call personal.
TELLING = {telling.table: telling for telling in _ALL}
