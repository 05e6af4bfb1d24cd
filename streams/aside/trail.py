"""What was done to the items, from ``audit``: the last entry about an item that opens no question decides its state."""

from __future__ import annotations

from typing import cast

from schemas.codec import CODEC, CodecError
from schemas.records import AuditEntry
from streams.ops.cluster import Cluster

RESUBMITTED = "review.resubmitted"
DISCARDED = "review.discarded"
REDRIVEN = "quarantine.redriven"
DROPPED = "quarantine.discarded"

#: Action -> the state it leaves an item in.
STATES = {RESUBMITTED: "resubmitted", DISCARDED: "discarded", REDRIVEN: "redriven", DROPPED: "discarded"}


def trail(cluster: Cluster) -> dict[str, list[AuditEntry]]:
    """Item's name -> the entries that changed its state, oldest first."""
    found: dict[str, list[AuditEntry]] = {}
    for message in cluster.read("audit"):
        value = message.value()
        try:
            name, entry = CODEC.decode(value) if value is not None else ("", {})
        except CodecError:
            # Not ours to judge: whoever wrote it said nothing about an item.
            continue
        if name == "AuditEntry" and entry["action"] in STATES and entry["outcome"] == "done":
            found.setdefault(entry["details"].get("record", ""), []).append(cast(AuditEntry, entry))
    return found
