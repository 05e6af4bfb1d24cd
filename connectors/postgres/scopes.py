"""Which rows the console's roles see: those of the shops that its transaction names, held by the database itself (row-level security).

A transaction says ``set_config('penstock.shops', ...)``, names between which stands ``SEPARATOR``, or ``penstock.all_shops`` = ``on``; one
that says neither sees no row. Everybody else sees and writes what their rights allow, as before; owners and superusers are asked nothing.

A condition names as few columns as it can: a column that one names takes no other type.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.postgres.tables import TABLES

#: Between shops in the setting: no shop's name has it.
SEPARATOR = "\x1f"

#: Read once a statement, not once a row.
_ALL = "(SELECT current_setting('penstock.all_shops', true) = 'on')"
_OF_SHOP = "shop = ANY ((SELECT string_to_array(current_setting('penstock.shops', true), chr(31)))::text[])"

_BY_SHOP = f"{_OF_SHOP} OR {_ALL}"


def _by_order(table: str, column: str = "order_id") -> str:
    """As the order's own row, which the same transaction sees or not."""
    return f"EXISTS (SELECT FROM orders o WHERE o.order_id = {table}.{column})"


#: Rows of a table that are seen; a table that is not here is nobody's in particular (``FOR_ALL``) or closed to the console.
SCOPES = {
    **dict.fromkeys(
        (
            *("orders", "order_receivers", "order_lines", "order_status", "allocations", "allocation_parts"),
            *("backorders", "allocation_releases", "review_queue", "review_originals", "aftersales"),
            *("aftersale_reasons", "writebacks", "dead_writebacks", "channel_checks", "compared_decisions"),
            *("tasks", "deliveries", "listings"),
        ),
        _BY_SHOP,
    ),
    # Not every record says its shop.
    **{
        table: f"{_BY_SHOP} OR (shop IS NULL AND {_by_order(table)})"
        for table in ("order_events", "writeback_events", "delivery_events")
    },
    **{
        table: f"{_by_order(table)} OR {_ALL}"
        for table in ("shipments", "reservations", "duplicates", "logistics_traces", "returned_goods")
    },
    # Of what is in review the entry names the record; its order may be none that was ever accepted.
    "audit": f"{_by_order('audit', 'subject')} OR {_ALL} "
    "OR EXISTS (SELECT FROM review_queue r WHERE r.record IN (audit.subject, audit.details->>'record'))",
}
#: Of the whole company, or of no order.
FOR_ALL = frozenset(
    {
        *(
            "stock",
            "stock_alerts",
            "pools",
            "pool_alerts",
            "warehouses",
            "bundles",
            "listed_skus",
            "health_checks",
            "sink_positions",
            "alembic_version",
        ),
        "personal_retention",
    }
)
#: Not to be read by the console: what has no shop, whatever it tells of; and views, which have their owner's rights.
CLOSED = frozenset(
    {"stock_answers", "forgotten_persons", "refused_rows", "orders_now", "sent_pieces", "cross_warehouse_days"}
)
#: Columns of those that the console reads nevertheless: how many rows there are, and why, and nothing of what is in them.
COUNTED = frozenset({("refused_rows", "refused_at"), ("refused_rows", "sqlstate")})


def statements(roles: list[str]) -> Iterator[str]:
    """SQL that has the tables show these roles their scope's rows alone; none of them: shows everybody what they have rights to."""
    for table in sorted({each.target for each in TABLES.values()}):
        yield f"DROP POLICY IF EXISTS penstock_everybody ON {table}"
        yield f"DROP POLICY IF EXISTS penstock_shops ON {table}"
        condition = SCOPES.get(table)
        if condition is None or not roles:
            yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
            continue
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"CREATE POLICY penstock_everybody ON {table} USING (true)"
        yield (
            f"CREATE POLICY penstock_shops ON {table} AS RESTRICTIVE FOR SELECT TO {', '.join(roles)} USING ({condition})"
        )
