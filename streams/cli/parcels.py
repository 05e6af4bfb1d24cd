"""``penstock order ship``, ``penstock return receive``: what a warehouse would tell, told by a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from connectors.logistics.carriers import check
from schemas.records import OrderState, ReturnGrade
from streams.aside import orders
from streams.cli.carriers import current
from streams.cli.common import JsonFlag, Refused, connected
from streams.cli.moments import moment_ms
from streams.cli.order import Order, known, tell_about
from streams.cli.selection import Because, Yes
from streams.cli.stock import check_warehouses
from streams.cli.telling import DryRun, How, Id, NoWait, Shop
from streams.domain.allocation.order_state import carrier_chosen
from streams.ops import audit
from streams.settings import Settings

#: Clocks of two machines differ by less.
_AHEAD_MS = 60_000
_UNITS_MAX = 1_000_000

Units = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[UNITS]", help="What is in it, as SKU=2 or LINE=2; left out: all that the warehouse has of it."
    ),
]
At = Annotated[str | None, typer.Option(help="When: 2026-11-24T21:00+08:00, or -2h (s, m, h, d); now when left out.")]
Warehouse = Annotated[str, typer.Option(help="Its code: penstock warehouse list.")]
Anyway = Annotated[
    bool,
    typer.Option("--anyway", help="It was so, though it contradicts what the hub knows: kept and told as trouble."),
]


def ship(
    order_id: Order,
    warehouse: Warehouse,
    units: Units = None,
    carrier: Annotated[
        str,
        typer.Option(
            help="The carrier's code or name, such as SF: penstock carriers list. Left out: whom the rules chose for the warehouse."
        ),
    ] = "",
    tracking_no: Annotated[str, typer.Option(help="The waybill's number; without it an e-waybill is obtained.")] = "",
    shipment_id: Id = "",
    at: At = None,
    because: Because = "",
    shop: Shop = "",
    anyway: Anyway = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Tell that a parcel has left, as a warehouse system would: its units are off the shelf, its number goes to the platform."""
    cluster = connected()
    state = known(cluster, order_id, shop)
    check_warehouses(cluster, warehouse)
    code, number = waybill(state, warehouse, carrier, tracking_no, options=True)
    how = How("Tell that it has left?", yes, dry_run, no_wait, as_json, anyway)
    telling = orders.parcel(
        order_id,
        by=audit.operator(cluster),
        warehouse=warehouse,
        carrier=code,
        tracking_no=number,
        lines=orders.units_of(state, _units(units or [])),
        because=because,
        shipment_id=shipment_id,
        shipped_at_ms=_moment(at),
    )
    content = orders.in_words(telling.record["lines"]) or _all_of(state, warehouse)
    said = f"ship {content} of {order_id} from {warehouse} by {code} {number or '(number to be obtained)'}"
    tell_about(cluster, state, telling, said, how)


def receive(
    order_id: Order,
    warehouse: Warehouse,
    units: Annotated[list[str], typer.Argument(metavar="UNITS", help="What was counted, as SKU=2 or LINE=2.")],
    defective: Annotated[bool, typer.Option("--defective", help="Not fit to be sold again: kept apart.")] = False,
    shipment_id: Annotated[str, typer.Option(help="The parcel they had left with, if that is known.")] = "",
    return_id: Id = "",
    at: At = None,
    because: Because = "",
    shop: Shop = "",
    anyway: Anyway = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Tell that goods of an order came back and were counted: fit ones are sold again from now on."""
    cluster = connected()
    state = known(cluster, order_id, shop)
    check_warehouses(cluster, warehouse)
    grade: ReturnGrade = "DEFECTIVE" if defective else "SELLABLE"
    telling = orders.receipt(
        order_id,
        by=audit.operator(cluster),
        warehouse=warehouse,
        lines=[{**line, "grade": grade} for line in orders.units_of(state, _units(units))],
        because=because,
        return_id=return_id,
        shipment_id=shipment_id,
        received_at_ms=_moment(at),
    )
    said = f"receive {orders.in_words(telling.record['lines'])} of {order_id} back at {warehouse}"
    tell_about(cluster, state, telling, said, How("Tell that it came back?", yes, dry_run, no_wait, as_json, anyway))


def waybill(state: OrderState, warehouse: str, carrier: str, tracking_no: str, *, options: bool) -> tuple[str, str]:
    """The code of the carrier, empty: of whom rules chose for the warehouse; and the number as it would be sent to a platform.

    Raises Refused. ``options``: whether the two are called as on the command line.
    """
    carrier_field, number_field = ("--carrier", "--tracking-no") if options else ("carrier", "tracking_no")
    chosen = carrier or carrier_chosen(state, warehouse)
    if not chosen:
        raise Refused(f"{carrier_field} is missing, and no rule chose one for {warehouse}: name it, such as SF")
    carriers = current(Settings.from_env()).carriers
    found = carriers.find(chosen)
    if found is None:
        raise Refused(f"carrier {chosen!r} is not known: penstock carriers list shows those that are")
    if not tracking_no:
        return found.code, ""
    checked = check(tracking_no, found, carriers)
    if checked.refused:
        raise Refused(f"{number_field} is {tracking_no[:40]!r}: {checked.refused}")
    return found.code, checked.number


def _units(texts: Sequence[str]) -> list[tuple[str, int]]:
    return [_of(text) for text in texts]


def _of(text: str) -> tuple[str, int]:
    name, _, units = text.rpartition("=")
    if not name or not (units.isascii() and units.isdigit()) or not 0 < int(units[:9]) <= _UNITS_MAX:
        raise Refused(f"{text!r} is no SKU=UNITS: write such as TS-RED=2, 1 to {_UNITS_MAX:,} units")
    return name, int(units)


def _moment(at: str | None) -> int | None:
    at_ms = moment_ms(at, "--at")
    if at_ms is not None and is_to_come(at_ms):
        raise Refused(f"--at is {at!r}, which is still to come: tell it when it has happened")
    return at_ms


def is_to_come(at_ms: int) -> bool:
    """Whether that time has not come yet, by any clock."""
    return at_ms > orders.now_ms() + _AHEAD_MS


def _all_of(state: OrderState, warehouse: str) -> str:
    """What a parcel without lines carries: all that is reserved there."""
    held = [part for part in state["parts"] if part["warehouse"] == warehouse and part["state"] == "GRANTED"]
    return orders.in_words(held) or "what is there"
