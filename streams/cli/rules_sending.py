"""How it is shown who sends: of each warehouse the carrier, freight and arrival, or why they are not known; and each parcel's own."""

from __future__ import annotations

from typing import Any

from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said
from streams.cli.common import out
from streams.domain.routing.rules.words import WHY

_HOLIDAYS = "this year's holidays are not in the calendars: plain days of the week were taken"


def print_sending(found: dict[str, Any]) -> None:
    """``found``: as ``sending`` has it."""
    table = Table(
        "warehouse", "carrier", "freight", "leaves", "arrives", "why", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for each in found["warehouses"]:
        table.add_row(
            each["warehouse"],
            each["carrier"] or "-",
            _money(each),
            _time(each["leaves"]),
            _time(each["arrives"]),
            _why(each),
        )
    out.print(said("who would send the whole order, from each warehouse:"))
    out.print(table)
    for each in found["parcels"]:
        if each["carrier"] is None:
            out.print(said(f"parcel from {each['warehouse']}: {_why(each)}"), soft_wrap=True)
            continue
        parcel = f"parcel from {each['warehouse']} by {each['carrier']}: {each['pieces']} pieces"
        out.print(said(f"{parcel}, freight {_money(each)}, arrives in {_time(each['arrives'])}"), soft_wrap=True)
    if any(each["mark"] for each in found["warehouses"]):
        out.print(Text(said(_HOLIDAYS), "yellow"), soft_wrap=True)


def _money(each: dict[str, Any]) -> str:
    """As its order is priced."""
    return "?" if each["freight"] is None else f"{each['freight']:,}"


def _time(minutes: int | None) -> str:
    """From now: days, hours and minutes, as 1d 2:05."""
    if minutes is None:
        return "?"
    days, rest = divmod(minutes, 1_440)
    clock = f"{rest // 60}:{rest % 60:02}"
    return f"{days}d {clock}" if days else clock


def _why(each: dict[str, Any]) -> str:
    return "; ".join(said(WHY.get(reason, reason)) for reason in each["why"])
