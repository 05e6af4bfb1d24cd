"""What operations staff ask is answered by an index made for it: the planner uses it, and no look at the whole table."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

QUESTIONS = {
    "an order by the number a customer quotes": ("orders", "order_no = '1'", "orders_order_no"),
    "a shop's orders of a day": ("orders", "shop = 's' AND placed_at >= '2026-01-01'", "orders_shop_placed"),
    "a shop's orders in a state": ("order_status", "shop = 's' AND phase = 'HELD'", "order_status_shop_phase"),
    "what has waited longest": ("order_status", "phase = 'BACKORDERED' ORDER BY changed_at", "order_status_waiting"),
    "what is due to ship": (
        "orders",
        "platform_status = 'PAID' AND ship_by IS NOT NULL ORDER BY ship_by",
        "orders_ship_by",
    ),
    "an order's history": ("order_events", "order_id = 'a:1' ORDER BY at", "order_id_at_idx"),
    "open reviews, oldest first": ("review_queue", "state = 'open' ORDER BY received_at", "review_queue_open"),
    "a shop's open reviews": (
        "review_queue",
        "shop = 's' AND state = 'open' ORDER BY received_at",
        "review_queue_shop",
    ),
    "what is reserved of a SKU": ("reservations", "sku = 'MUG' AND state = 'RESERVED'", "reservations_open"),
    "an order's reservations": ("reservations", "order_id = 'a:1'", "reservations_order"),
    "who waits for a SKU": ("backorders", "sku = 'MUG' ORDER BY decided_at", "backorders_sku"),
    "a parcel by its waybill": ("shipments", "tracking_no = 'SF1'", "shipments_tracking"),
    "what left a warehouse": ("shipments", "warehouse = 'HZ' AND shipped_at >= '2026-01-01'", "shipments_warehouse"),
    "what a warehouse holds": ("stock", "warehouse = 'HZ'", "stock_warehouse"),
    "what was done to a record": ("audit", "subject = 'a:1' ORDER BY at", "subject_at_idx"),
    "an interface's outages": (
        "health_checks",
        "interface = 'kafka' AND changed ORDER BY checked_at",
        "checked_at_idx",
    ),
    "what is not written back yet, most urgent first": (
        "writebacks",
        "phase NOT IN ('WRITTEN', 'ABANDONED') ORDER BY ship_by",
        "writebacks_open",
    ),
    "a channel's dead writebacks": (
        "writebacks",
        "channel = 'jd' AND phase = 'DEAD' ORDER BY outcome, changed_at",
        "writebacks_dead",
    ),
    "a shop's parcels of a day": ("writebacks", "shop = 's' AND shipped_at >= '2026-01-01'", "writebacks_shop_shipped"),
    "a writeback by its waybill": ("writebacks", "tracking_no = 'SF1'", "writebacks_tracking"),
    "an order's writebacks step by step": ("writeback_events", "order_id = 'a:1' ORDER BY at", "order_id_at_idx"),
    "why a channel's writebacks fail": (
        "dead_writebacks",
        "channel = 'jd' AND outcome = 'RETRYABLE' ORDER BY died_at",
        "dead_writebacks_channel",
    ),
    "an order's deliveries step by step": ("delivery_events", "order_id = 'a:1' ORDER BY at", "order_id_at_idx"),
    "a shop's dead deliveries": (
        "deliveries",
        "shop = 's' AND phase IN ('DEAD', 'TOO_LATE') ORDER BY ship_by",
        "deliveries_dead",
    ),
    "what a shop shows otherwise than it should": (
        "listings",
        "shop = 's' AND (phase <> 'SHOWN' OR wanted IS DISTINCT FROM told OR differs <> 0) ORDER BY changed_at",
        "listings_different",
    ),
    "an order's checks": ("channel_checks", "order_id = 'a:1' ORDER BY checked_at", "order_id_checked_at_idx"),
    "where a channel drifts": (
        "channel_checks",
        "channel = 'jd' AND NOT agrees ORDER BY checked_at",
        "channel_checked_at_idx",
    ),
    "an order's way": ("logistics_traces", "order_id = 'a:1' ORDER BY occurred_at", "order_id_occurred_at_idx"),
    "parcels in trouble": (
        "logistics_traces",
        "state IN ('PROBLEM', 'RETURNING') ORDER BY occurred_at",
        "occurred_at_idx",
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_operations_has_its_index(untouched: str, question: str) -> None:
    table, condition, index = QUESTIONS[question]

    async def plan() -> str:
        connection = await asyncpg.connect(untouched)
        # Empty tables are always read whole, unless that is dear.
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
        rows = await connection.fetch(f"EXPLAIN SELECT * FROM {table} WHERE {condition}")
        await connection.close()
        return "\n".join(row[0] for row in rows)

    found = asyncio.run(plan())
    assert index in found and "Seq Scan" not in found and "Sort  (cost" not in found, found
