"""``penstock warehouse``: what warehouses there are, and which of them plans may use."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import typer
from rich.cells import set_cell_size

from schemas.records import Stock, Warehouse
from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.aside import stock
from streams.aside.catalog import set_warehouse
from streams.cli.common import JsonFlag, Refused, connected, err, out, print_json
from streams.cli.selection import Because
from streams.cli.stock import check_warehouses
from streams.cli.telling import DryRun
from streams.domain.routing.geography import centre_of
from streams.ops import audit
from streams.settings import InvalidSetting, Settings

Name = Annotated[str, typer.Argument(help="The warehouse's code, such as HZ1.")]


def set_(
    name: Name,
    province: Annotated[str, typer.Option(help="Where it stands: 浙江 or Zhejiang.")],
    title: Annotated[str, typer.Option(help="Its name for people.")] = "",
    latitude: Annotated[
        float | None, typer.Option(min=-90, max=90, help="Degrees; the province's when left out.")
    ] = None,
    longitude: Annotated[float | None, typer.Option(min=-180, max=180, help="Degrees.")] = None,
    max_open_units: Annotated[int | None, typer.Option(min=0, help="Units it can have open at a time.")] = None,
    priority: Annotated[int, typer.Option(help="Lower goes first among equals.")] = 0,
    disabled: Annotated[bool, typer.Option("--disabled", help="Orders are not sent there.")] = False,
    because: Because = "",
) -> None:
    """Create a warehouse, or change its settings."""
    place = centre_of(province)
    if place is None and (latitude is None or longitude is None):
        raise Refused(f"unknown province {province!r}: give --latitude and --longitude as well")
    record: Warehouse = {
        "warehouse": name,
        "name": title or name,
        "province": province,
        "latitude": latitude if latitude is not None else place[0],  # type: ignore[index]
        "longitude": longitude if longitude is not None else place[1],  # type: ignore[index]
        "max_open_units": max_open_units,
        "enabled": not disabled,
        "priority": priority,
        "version": time.time_ns() // 1_000_000,
    }
    cluster = connected()
    set_warehouse(cluster, record, by=audit.operator(cluster), because=because)
    out.print(f"warehouse {name} is set")
    _say_who_sends(cluster.settings, name)


def _say_who_sends(settings: Settings, name: str) -> None:
    """An e-waybill needs a sender: said when the warehouse is set up, and not first when a parcel's is refused."""
    if settings.shops is None:
        return
    from connectors.shops import load

    try:
        shops = load(settings.shops)
    except InvalidSetting as exc:
        lacks = str(exc)
    else:
        lacks = (
            f"{settings.shops} has no [[sender]] of warehouse {name}: e-waybills for parcels that leave there without a number are refused"
            if shops.logistics and name not in shops.senders
            else ""
        )
    if lacks:
        err.print(Text(said(lacks), "yellow"), soft_wrap=True)


def enable(name: Name, because: Because = "", dry_run: DryRun = False, as_json: JsonFlag = False) -> None:
    """Let plans use a warehouse again; orders that waited for it are tried again within five minutes."""
    _switch(name, True, because, dry_run, as_json)


def disable(name: Name, because: Because = "", dry_run: DryRun = False, as_json: JsonFlag = False) -> None:
    """Plan no more orders to a warehouse. What is reserved there stays, and ships from there."""
    _switch(name, False, because, dry_run, as_json)


def list_(as_json: JsonFlag = False) -> None:
    """Every warehouse, whether plans may use it, and how many units it has and has promised."""
    cluster = connected()
    there = stock.warehouses(cluster)
    units = _units(stock.balances(cluster).values())
    if as_json:
        print_json([_for_machines(there[code], units) for code in sorted(there)])
        return
    if not there:
        out.print("no warehouses: penstock warehouse set makes one")
        return
    table = Table("code", "name", "province", "state", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("priority", "SKUs", "on hand", "reserved", "at most"):
        table.add_column(name, justify="right", no_wrap=True)
    for code in sorted(there):
        each = there[code]
        most = "-" if each["max_open_units"] is None else f"{each['max_open_units']:,}"
        numbers = (f"{units[kind, code]:,}" for kind in ("skus", "on_hand", "reserved"))
        table.add_row(code, each["name"], each["province"], _state(each), str(each["priority"]), *numbers, most)
    out.print(table)


def show(name: Name, as_json: JsonFlag = False) -> None:
    """One warehouse's settings, and the units it has and has promised."""
    cluster = connected()
    found = _for_machines(check_warehouses(cluster, name)[name], _units(stock.balances(cluster).values()))
    if as_json:
        print_json(found)
        return
    for field, value in found.items():
        out.print(styled("[dim]{}[/] {}", set_cell_size(word(field), 14), "-" if value is None else value))


def _switch(name: str, enabled: bool, because: str, dry_run: bool, as_json: bool) -> None:
    cluster = connected()
    before = check_warehouses(cluster, name)[name]
    verb: Literal["enabled", "disabled"] = "enabled" if enabled else "disabled"
    changes = before["enabled"] != enabled
    if changes and not dry_run:
        record: Warehouse = {
            **before,
            "enabled": enabled,
            "version": max(before["version"] + 1, time.time_ns() // 1_000_000),
        }
        set_warehouse(cluster, record, by=audit.operator(cluster), because=because, verb=verb)
    answer = ("would be applied" if dry_run else "applied") if changes else "nothing to do"
    if as_json:
        print_json({"warehouse": name, "enabled": enabled, "answer": answer})
    else:
        out.print(f"{answer}: warehouse {name} is {verb}{'' if changes else ' already'}")


def _units(balances: Iterable[Stock]) -> Counter[tuple[str, str]]:
    """(kind, warehouse) -> units, or SKUs with any."""
    units: Counter[tuple[str, str]] = Counter()
    for balance in balances:
        for level in balance["levels"]:
            units["skus", level["warehouse"]] += level["on_hand"] > 0
            units["on_hand", level["warehouse"]] += level["on_hand"]
            units["reserved", level["warehouse"]] += level["reserved"]
    return units


def _state(warehouse: Warehouse) -> Text:
    return Text(word("enabled"), "green") if warehouse["enabled"] else Text(word("disabled"), "red")


def _for_machines(warehouse: Warehouse, units: Counter[tuple[str, str]]) -> dict[str, Any]:
    code = warehouse["warehouse"]
    return {**warehouse, **{kind: units[kind, code] for kind in ("skus", "on_hand", "reserved")}}
