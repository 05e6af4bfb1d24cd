"""Dates that can't be: after the message that tells of them, against each other, years from the order. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.records import Reason
from streams.domain.channels import Snapshot
from streams.domain.channels.payload import shown

_DAY_MS = 86_400_000
#: Platforms' clocks differ from ours, and from each other's; what is a day ahead would make all that comes after it stale.
AHEAD_MS = _DAY_MS
#: Nobody orders for later than that, and nothing is due before its order was placed (two days' slack: dates are whole days).
FUTURE_MAX_MS, SLACK_MS = 2 * 365 * _DAY_MS, 2 * _DAY_MS


def wrong_dates(snapshot: Snapshot, received_at_ms: int) -> Iterator[Reason]:
    """A reason for each date of an order that can't be, ms since the epoch; ``received_at_ms``: when the hub heard of it."""
    version, placed = snapshot.version, snapshot.placed_at_ms
    if version > received_at_ms + AHEAD_MS:
        yield ahead(version)
    for field, at_ms in (("placed", placed), ("paid", snapshot.paid_at_ms)):
        if at_ms and version and at_ms > version + AHEAD_MS:
            fix = f"it is later than {version}, when the order was last changed: fetch the order again"
            yield {"code": "contradiction", "field": field, "value": shown(at_ms), "fix": fix}
    # They may come of the same date: it is blamed once.
    field, at_ms = "not_before", snapshot.not_before_ms
    if at_ms is None and snapshot.status in ("PAID", "HOLD"):
        field, at_ms = "ship_by", snapshot.ship_by_ms
    if at_ms is not None and placed and not -SLACK_MS <= at_ms - placed <= FUTURE_MAX_MS:
        fix = "a date from when the order was placed to two years later: fetch the order again, or correct the goods' date"
        yield {"code": "out_of_range", "field": field, "value": shown(at_ms), "fix": fix}


def ahead(version: int) -> Reason:
    """The reason against a snapshot that was changed after it was received."""
    fix = "it is dated more than a day after it was received: fetch it again, or ask the platform"
    return {"code": "out_of_range", "field": "payload modified time", "value": shown(version), "fix": fix}
