"""What is sold before it is there, as rows."""

from __future__ import annotations

from typing import Any

from connectors.postgres.row import Place, Rows, moment
from schemas.json_text import compact


def pool_of(r: dict[str, Any], p: Place) -> Rows:
    """The pool of an Availability: one row, or none where the SKU has none."""
    pool = r["pool"]
    if pool is None:
        return []
    bounds = [moment(f"Availability.pool.{name}", pool[name]) for name in ("from_ms", "until_ms")]
    row = (
        *(r["sku"], r["version"], pool["document"], pool["name"], pool["cap"], pool["sold"], pool["frozen"]),
        *(pool["waiting"], *bounds, pool["closed"], compact(pool["parts"]).decode(), p.partition, p.offset),
    )
    return [("pools", row)]


def pool_alert(r: dict[str, Any], p: Place) -> Rows:
    """A PoolAlert."""
    row = (
        *(p.logged_at, p.partition, p.offset, r["sku"], r["pool"], r["kind"], r["cap"], r["sold"], r["frozen"]),
        *(r["waiting"], r["reason"], moment("PoolAlert.at_ms", r["at_ms"])),
    )
    return [("pool_alerts", row)]
