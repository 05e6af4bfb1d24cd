"""Requests to try things with."""

from __future__ import annotations

from typing import Any

from schemas.records import WritebackRequest


def request(**changes: Any) -> WritebackRequest:
    """A whole order of one line, by SF."""
    order_no = changes.get("order_no", "2300000000000000001")
    channel = changes.get("channel", "taobao")
    made: dict[str, Any] = {
        "order_id": f"{channel}:{order_no}",
        "channel": channel,
        "shop": f"{channel}-home",
        "order_no": order_no,
        "shipment_id": "s1",
        "warehouse": "HZ1",
        "carrier": "SF",
        "tracking_no": "SF0000000000001",
        "lines": [{"line_no": "2300000000000000001", "sku": "MUG", "quantity": 1}],
        "parcel_no": 1,
        "whole_order": True,
        "collect_minor": None,
        "parcel_collect_minor": None,
        "currency": "CNY",
        "receiver": None,
        "attempt": 1,
        "ship_by_ms": 1_800_000_000_000,
        "shipped_at_ms": 1_700_000_000_000,
        "by": "system",
        "requested_at_ms": 1_700_000_000_000,
        **changes,
    }
    made.setdefault("request_id", f"{made['shipment_id']}#{made['attempt']}")
    return made  # type: ignore[return-value]
