"""Orders found in the workers' own table, and parcels on their topic: for whoever has no database."""

from __future__ import annotations

from schemas.codec import CODEC, CodecError
from streams.aside.tables import rows
from streams.domain.allocation.order_state import has_arrived
from streams.ops.cluster import Cluster
from streams.ops.finding import Found, Wanted


def orders(cluster: Cluster, wanted: Wanted) -> list[Found]:
    """Those that fit, what has stood longest first. Raises ClusterError."""
    tracked = _tracked(cluster, wanted.tracking_no) if wanted.tracking_no else set()
    found = []
    for state in rows(cluster, "order_state").values():
        if has_arrived(state):
            reason = state["hold_reason"]
            each = Found(state["order_id"], state["channel"], state["shop"], state["phase"], state["since_ms"], reason)
            if wanted.fits(each, (line["sku"] for line in state["lines"]), tracked):
                found.append(each)
    return sorted(found, key=lambda each: (each.since_ms, each.order_id))


def _tracked(cluster: Cluster, tracking_no: str) -> set[str]:
    """The orders that a parcel of this number was told of; also where an operator has corrected it."""
    found = set()
    for topic in ("shipments", "writeback.commands", "writeback.status"):
        for message in cluster.read(topic):
            try:
                _, record = CODEC.decode(message.value() or b"")
            except CodecError:
                continue
            if record.get("tracking_no") == tracking_no:
                found.add(record["order_id"])
    return found
