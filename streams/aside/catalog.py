"""Warehouses and bundles as a person sets them: the settings and their audit entry, both or neither. ``by``: who acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from schemas.codec import CODEC
from schemas.records import AuditEntry, Bundle, BundlePart, ListSku, Warehouse
from streams.aside.fenced import Message, fenced
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

WAREHOUSES, BUNDLES, LISTINGS = "config.warehouses", "config.bundles", "listing.commands"


def set_warehouse(
    cluster: Cluster,
    record: Warehouse,
    *,
    by: Actor,
    because: str,
    verb: Literal["set", "enabled", "disabled"] = "set",
) -> None:
    """Makes a warehouse, or changes its settings. Raises NotAllowed, ClusterError."""
    entry = warehouse_entry(record, by=by, because=because, verb=verb)
    with fenced(cluster) as operator:
        operator.put(entry, [Message(WAREHOUSES, record["warehouse"].encode(), CODEC.encode("Warehouse", record))])


def warehouse_entry(
    record: Warehouse, *, by: Actor, because: str, verb: Literal["set", "enabled", "disabled"] = "set"
) -> AuditEntry:
    """What the audit says of a warehouse that is set. Raises NotAllowed."""
    code = record["warehouse"]
    details = {field: value for field, value in record.items() if field != "warehouse"}
    return audit.entry(f"warehouse.{verb}", f"warehouse:{code}", by=by, reason=because, details=details)


def set_bundle(
    cluster: Cluster,
    sku: str,
    parts: Sequence[BundlePart],
    before: Bundle | None,
    *,
    by: Actor,
    because: str,
    along: Callable[[Bundle], Iterable[ListSku]] = lambda _: (),
) -> None:
    """Says what a SKU is shipped as; without parts, as itself. ``along``: what shops show otherwise for it.

    Raises NotAllowed, ClusterError.
    """
    record: Bundle = {"sku": sku, "parts": list(parts), "version": before["version"] + 1 if before else 1}
    entry = bundle_entry(record, before, by=by, because=because)
    shown = [Message(LISTINGS, each["sku"].encode(), CODEC.encode("ListSku", each)) for each in along(record)]
    with fenced(cluster) as operator:
        operator.put(entry, [Message(BUNDLES, sku.encode(), CODEC.encode("Bundle", record)), *shown])


def bundle_entry(record: Bundle, before: Bundle | None, *, by: Actor, because: str) -> AuditEntry:
    """What the audit says of a bundle that is set, or taken back. Raises NotAllowed."""
    details = {
        "parts": in_words(record["parts"]),
        "before": in_words(before["parts"]) if before else "",
        "version": record["version"],
    }
    action = "bundle.set" if record["parts"] else "bundle.removed"
    return audit.entry(action, f"bundle:{record['sku']}", by=by, reason=because, details=details)


def in_words(parts: Iterable[BundlePart]) -> str:
    """`4 x CUP + 1 x POT`."""
    return " + ".join(f"{part['quantity']} x {part['sku']}" for part in parts)
