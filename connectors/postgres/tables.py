"""What the sink writes into each table: columns in the order of a row, natural key, and which of two rows wins.

The tables themselves, their types and comments are in ``migrations/``; a test holds this list against them.

Which row wins. All records about one key of one topic are in one partition (topics are keyed by order, SKU, warehouse...), so
their offsets say which is newer, whatever the batches and replays they come in: a row replaces the one that stands there when
its offset is not lower. No table's columns come from two topics, with one exception, which is why states have a row of their own:

- ``review_queue``: the review itself comes from ``orders.review``, its state from ``audit``, each with columns and a guard of its
  own, whichever is read first. Audit entries of one review may have different keys and so different partitions: the newest by
  time, then by entry id, wins.
- ``reservations`` come from ``inventory.results`` alone: first what was granted or refused, once each, then perhaps what became of
  it (``reservation_ends``). Only records that changed something have a row there: what answers a
  repeated command (ALREADY_..., NEVER_RESERVED) would say less than what stands there, and becomes an event of the order.
- ``stock`` comes from ``inventory.availability`` alone; the balances that results carry along say the same, later.

Lines, parts and shortfalls belong to their order or decision: they are replaced with it, as a whole.
"""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """What the sink writes into one table."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    #: A row replaces one whose guard is not higher; null counts as lowest.
    guard: tuple[str, ...] = ("log_offset",)
    #: The table whose rows own these, and the columns that say which.
    parent: str | None = None
    parent_key: tuple[str, ...] = ()
    #: Column whose month chooses the partition.
    month: str | None = None
    #: Each record has rows of its own: outside of replays none is ever there before. They are copied where they belong.
    append: bool = False
    #: So are rows whose first column is no key of this table, which is asked for it: most of them are new.
    asked: str | None = None
    #: Where the rows go, when not into the table of this name.
    into: str | None = None

    @property
    def target(self) -> str:
        return self.into or self.name


_LOG = ("log_partition", "log_offset")
_SOURCE = ("source_topic", "source_partition", "source_offset")

_RESERVATION = (
    *("reservation_id", "order_id", "sku", "warehouse", "quantity", "state", "shortfall", "changed_at"),
    *("command_id", *_LOG),
)

#: What is told of each of two versions that are compared; fields of the record alike.
SIDE = (
    *("version", "outcome", "warehouses", "freight_minor", "arrival_minutes", "backordered", "over_capacity"),
    *("below_safety", "error", "micros", "trace"),
)


def _side(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{column}" for column in SIDE)


# Parents stand before what belongs to them.
_ALL = (
    Table(
        "orders",
        (
            *("order_id", "channel", "shop", "order_no", "version", "platform_status", "hold_reason", "currency"),
            *("total_minor", "placed_at", "paid_at", "ship_by", "not_before", "collect_minor", "country", "province"),
            *("city", "received_at"),
            *(*_SOURCE, *_LOG),
        ),
        ("order_id",),
        asked="orders",
    ),
    Table(
        "order_receivers",
        (
            *("order_id", "shop", "name", "phone", "district", "town", "address", "postal_code", "oaid", "company"),
            *("phone_extension", "forms", "attributes", *_LOG),
        ),
        ("order_id",),
        asked="orders",
    ),
    Table(
        "order_lines",
        (
            *("order_id", "line_no", "position", "shop", "sku", "title", "quantity", "unit_price_minor"),
            *("returned_quantity", "shipped_quantity", "cancelled_quantity", "asked_back_quantity", "sent_by"),
            *("sender", "bundle_line_no", *_LOG),
        ),
        ("order_id", "line_no"),
        parent="orders",
        parent_key=("order_id",),
        asked="orders",
    ),
    Table(
        "order_status",
        ("order_id", "channel", "shop", "phase", "reason", "order_version", "changed_at", *_LOG),
        ("order_id",),
        asked="order_status",
    ),
    Table(
        "order_events",
        (
            *("logged_at", "log_topic", *_LOG, "order_id", "channel", "shop", "kind", "at", "status", "reason"),
            *("order_version", "about", "done_by"),
        ),
        ("logged_at", "log_topic", *_LOG),
        month="logged_at",
        append=True,
    ),
    Table("reservations", _RESERVATION, ("reservation_id",), append=True),
    Table("reservation_ends", _RESERVATION, ("reservation_id",), into="reservations"),
    Table(
        "allocations",
        (
            *("order_id", "attempt", "channel", "shop", "order_version", "decision", "rounds", "reason", "trace"),
            *("received_at", "decided_at", "collect_minor", *_LOG),
        ),
        ("order_id", "attempt"),
        append=True,
    ),
    Table(
        "allocation_parts",
        (
            *("order_id", "attempt", "reservation_id", "shop", "line_no", "sku", "warehouse", "quantity"),
            *("collect_minor", "carrier", *_LOG),
        ),
        ("order_id", "attempt", "reservation_id"),
        parent="allocations",
        parent_key=("order_id", "attempt"),
        append=True,
    ),
    Table(
        "backorders",
        ("order_id", "attempt", "sku", "shop", "shortfall", "decided_at", *_LOG),
        ("order_id", "attempt", "sku"),
        parent="allocations",
        parent_key=("order_id", "attempt"),
        append=True,
    ),
    Table(
        "allocation_releases",
        ("order_id", "attempt", "channel", "shop", "reason", "reservation_ids", "decided_at", *_LOG),
        ("order_id", "attempt"),
        append=True,
    ),
    Table(
        "compared_decisions",
        (
            *("at", "order_id", "attempt", "role", "channel", "shop", "order_version", "document", "trial_began"),
            *("effect", "currency", "equal", *_side("stands"), *_side("tried"), *_LOG),
        ),
        ("at", "order_id", "attempt", "role"),
        month="at",
        append=True,
    ),
    Table(
        "tasks",
        (
            *("task_id", "order_id", "channel", "shop", "kind", "state", "document", "flow_version", "node", "reason"),
            *("role", "told_by", "text", "persons", "not_by", "votes", "claimed_by", "answered_by", "because"),
            *("opened_at", "due_at", "at", *_LOG),
        ),
        ("task_id",),
    ),
    Table(
        "stock",
        ("sku", "warehouse", "version", "on_hand", "reserved", "safety_stock", "open", *_LOG),
        ("sku", "warehouse"),
    ),
    Table(
        "stock_answers",
        ("logged_at", *_LOG, "command_id", "order_id", "sku", "warehouse", "answer", "reason", "at"),
        ("logged_at", *_LOG),
        month="logged_at",
        append=True,
    ),
    Table(
        "stock_alerts",
        ("logged_at", *_LOG, "sku", "warehouse", "kind", "sellable", "safety_stock", "at"),
        ("logged_at", *_LOG),
        month="logged_at",
        append=True,
    ),
    Table(
        "pools",
        (
            *("sku", "version", "document", "pool", "cap", "sold", "frozen", "waiting", "sale_from", "sale_until"),
            *("closed", "quotas", *_LOG),
        ),
        ("sku",),
    ),
    Table(
        "pool_alerts",
        (*("logged_at", *_LOG, "sku", "pool", "kind", "cap", "sold", "frozen", "waiting", "reason", "at"),),
        ("logged_at", *_LOG),
        month="logged_at",
        append=True,
    ),
    Table(
        "duplicates",
        (
            *("received_at", *_SOURCE, "order_id", "channel", "kind", "version"),
            *("first_topic", "first_partition", "first_offset", *_LOG),
        ),
        ("received_at", *_SOURCE),
        month="received_at",
        append=True,
    ),
    Table(
        "review_queue",
        (
            *("record", "order_id", "channel", "shop", "order_no", "codes", "reasons", "received_at"),
            *(*_SOURCE, *_LOG),
        ),
        ("record",),
    ),
    Table(
        "review_states",
        ("record", "state", "state_at", "state_by", "state_reason", "state_entry"),
        ("record",),
        guard=("state_at", "state_entry"),
        into="review_queue",
    ),
    Table("review_originals", ("record", "shop", "event", *_LOG), ("record",), append=True),
    Table(
        "shipments",
        ("order_id", "shipment_id", "warehouse", "carrier", "tracking_no", "shipped_at", *_LOG),
        ("order_id", "shipment_id"),
    ),
    Table(
        "aftersales",
        (
            *("order_id", "aftersale_id", "channel", "shop", "order_no", "version", "kind", "state", "platform_state"),
            *("before_shipping", "received", "currency", "amount_minor", "whole", "lines", "reason_code"),
            *("reason_class", "tracking_no", "asked_at", "received_at", *_SOURCE, *_LOG),
        ),
        ("order_id", "aftersale_id"),
    ),
    Table(
        "aftersale_reasons",
        ("order_id", "aftersale_id", "shop", "reason", *_LOG),
        ("order_id", "aftersale_id"),
    ),
    Table(
        "returned_goods",
        (
            *("order_id", "return_id", "position", "shipment_id", "warehouse", "line_no", "sku", "quantity", "grade"),
            *("received_at", *_LOG),
        ),
        ("order_id", "return_id", "position"),
    ),
    Table("forgotten_persons", ("order_id", "done_by", "reason", "forgotten_at", *_LOG), ("order_id",)),
    Table("bundles", ("sku", "parts", "version", *_LOG), ("sku",)),
    Table(
        "warehouses",
        (
            *("warehouse", "name", "province", "latitude", "longitude", "max_open_units", "enabled", "priority"),
            *("version", *_LOG),
        ),
        ("warehouse",),
    ),
    Table(
        "audit",
        (
            *("at", "entry_id", "correlation_id", "done_by", "action", "subject", "reason", "outcome", "details"),
            *_LOG,
        ),
        ("at", "entry_id"),
        month="at",
        append=True,
    ),
    Table(
        "health_checks",
        ("checked_at", "interface", "kind", "healthy", "changed", "took_ms", "error", *_LOG),
        ("checked_at", "interface"),
        month="checked_at",
        append=True,
    ),
    Table(
        "writebacks",
        (
            *("order_id", "shipment_id", "channel", "shop", "warehouse", "carrier", "tracking_no", "phase", "attempt"),
            *("requests", "outcome", "code", "reason", "ship_by", "shipped_at", "next_at", "changed_at", *_LOG),
        ),
        ("order_id", "shipment_id"),
        asked="writebacks",
    ),
    Table(
        "writeback_events",
        (
            *("logged_at", "log_topic", *_LOG, "order_id", "channel", "shop", "shipment_id", "kind", "at"),
            *("status", "request_id", "attempt", "code", "reason", "carrier", "tracking_no", "done_by"),
        ),
        ("logged_at", "log_topic", *_LOG),
        month="logged_at",
        append=True,
    ),
    Table(
        "dead_writebacks",
        (
            *("order_id", "shipment_id", "channel", "shop", "order_no", "warehouse", "carrier", "tracking_no"),
            *("attempts", "outcome", "code", "reason", "ship_by", "died_at", *_LOG),
        ),
        ("order_id", "shipment_id"),
    ),
    Table(
        "deliveries",
        (
            *("order_id", "delivery_id", "channel", "shop", "warehouse", "phase", "progress", "attempt", "outcome"),
            *("code", "reason", "ship_by", "next_at", "changed_at", *_LOG),
        ),
        ("order_id", "delivery_id"),
        asked="deliveries",
    ),
    Table(
        "delivery_events",
        (
            *("logged_at", "log_topic", *_LOG, "order_id", "shop", "delivery_id", "kind", "at", "status"),
            *("request_id", "attempt", "code", "reason", "done_by"),
        ),
        ("logged_at", "log_topic", *_LOG),
        month="logged_at",
        append=True,
    ),
    Table("listed_skus", ("sku", "places", *_LOG), ("sku",)),
    Table(
        "listings",
        (
            *("sku", "place", "channel", "shop", "item", "variant", "location", "phase", "open", "wanted", "told"),
            *("seen", "differs", "attempt", "outcome", "code", "reason", "changed_at", "told_at", "seen_at"),
            *("next_at", *_LOG),
        ),
        ("sku", "place"),
        parent="listed_skus",
        parent_key=("sku",),
    ),
    Table(
        "channel_checks",
        (
            *("checked_at", "check_id", "order_id", "channel", "shop", "about", "hub_status", "platform_status"),
            *("agrees", "healed", "reason", "occurred_at", *_LOG),
        ),
        ("checked_at", "check_id"),
        month="checked_at",
    ),
    Table(
        "logistics_traces",
        (
            *("occurred_at", "trace_id", "order_id", "shipment_id", "carrier", "tracking_no", "state", "text"),
            *("provider", "received_at", *_LOG),
        ),
        ("occurred_at", "trace_id"),
        month="occurred_at",
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}

_BIG_OF_A_SIDE = ("version", "freight_minor", "arrival_minutes", "micros")
#: Whole numbers of 64 bits; all others have 32.
BIG = frozenset(
    {
        *(
            "version",
            "total_minor",
            "unit_price_minor",
            "collect_minor",
            "amount_minor",
            "order_version",
            "max_open_units",
            "took_ms",
        ),
        *("log_offset", "source_offset", "first_offset"),
        *(f"{side}_{column}" for side in ("stands", "tried") for column in _BIG_OF_A_SIDE),
    }
)

#: What is in these columns tells of a person, or may: never shown in an error.
PERSONAL = frozenset(
    {
        *(("order_receivers", c) for c in TABLES["order_receivers"].columns if c not in ("order_id", "shop", *_LOG)),
        ("aftersale_reasons", "reason"),
        ("review_originals", "event"),
        ("review_queue", "reasons"),
        ("logistics_traces", "text"),
    }
)
