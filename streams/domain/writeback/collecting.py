"""Cash on delivery: what each parcel collects, of what its warehouse was told to have collected.

A parcel takes the share of the units it carries when it is heard of, and keeps it: so what a warehouse was told is collected once, with
its last parcel to the last minor unit. Who asks for its waybill, and how often, makes no difference.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.records import Parcel, ParcelLine, ToCollect, Writeback
from streams.domain.shares import share_of

from .state import content


def with_amounts(state: Writeback) -> Writeback:
    """The state with what those parcels collect of which it has become known."""
    parts, parcels = list(state["parts"]), list(state["parcels"])
    for number, parcel in enumerate(parcels):
        index = next((i for i, part in enumerate(parts) if part["warehouse"] == parcel["warehouse"]), None)
        if parcel["collect_minor"] is not None or index is None:
            continue
        taken = _taken(parts[index]["to_collect"], content(state, parcel) or ())
        if taken is not None:
            amount, rest = taken
            parcels[number] = {**parcel, "collect_minor": amount}
            parts[index] = {**parts[index], "to_collect": rest}
    return state if parcels == state["parcels"] else {**state, "parts": parts, "parcels": parcels}


def collects_unknown(state: Writeback, parcel: Parcel) -> bool:
    """Whether it is to collect something, and the allocation that says how much has not been read."""
    return (
        state["collect_minor"] is not None
        and parcel["collect_minor"] is None
        and not any(part["warehouse"] == parcel["warehouse"] for part in state["parts"])
    )


def _taken(known: Sequence[ToCollect], lines: Sequence[ParcelLine]) -> tuple[int, list[ToCollect]] | None:
    """What is collected for these units, and what is left for others; None where they are not among those."""
    amount, rest = 0, list(known)
    for line in lines:
        units = line["quantity"]
        for i, each in enumerate(rest):
            if each["sku"] == line["sku"] and line["line_no"] in ("", each["line_no"]):
                some = min(units, each["quantity"])
                share = share_of(each["collect_minor"], some, each["quantity"]) if some else 0
                units, amount = units - some, amount + share
                rest[i] = {
                    **each,
                    "quantity": each["quantity"] - some,
                    "collect_minor": each["collect_minor"] - share,
                }
        if units:
            return None
    return (amount, [each for each in rest if each["quantity"]]) if lines else None
