"""``penstock stock``: what every warehouse has of a SKU, and what a person may tell about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from schemas.records import Pool, Stock, StockLevel, Warehouse
from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.aside import stock, telling
from streams.aside.telling import Telling
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.cli.selection import Because, Limit, given_reason
from streams.cli.telling import DryRun, How, NoWait, Wish, carried_out
from streams.domain.inventory.stock import level_at, sellable, sellable_total
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.ops.moments import local

Sku = Annotated[str, typer.Argument(help="Which goods.")]
Where = Annotated[str, typer.Option(help="Its code: penstock warehouse list.")]
Own = Annotated[
    str,
    typer.Option(
        "--id",
        "--command-id",
        help="Of your own: told again with the same id it has no effect, and says what became of it.",
    ),
]
_SKU_CHARS_MAX = 64
_SHOWN_WAITING = 10


def show(sku: Sku, as_json: JsonFlag = False) -> None:
    """One SKU: what every warehouse has, what is promised, what can be sold, and who waits for it."""
    cluster = connected()
    balance = _known(cluster, sku)
    if as_json:
        print_json(_for_machines(balance))
        return
    out.print(styled("[bold]{}[/]  {:,} can be sold", sku, sellable_total(balance["levels"])))
    _print(_rows([balance], ""))
    if (pool := balance["pool"]) is not None:
        _print_pool(pool)
    for order in balance["waiting"][:_SHOWN_WAITING]:
        out.print(f"{order['order_id']} waits for {order['quantity']:,}", soft_wrap=True)
    if (more := len(balance["waiting"]) - _SHOWN_WAITING) > 0:
        out.print(f"and {more:,} more orders wait")


def _print_pool(pool: Pool) -> None:
    """What may be sold before it is there, and what is."""
    open_ = word("closed") if pool["closed"] else f"{local(pool['from_ms'])[:16]} - {local(pool['until_ms'])[:16]}"
    out.print(styled("[bold]{}[/]  {}", said(f"pool {pool['name']}"), open_), soft_wrap=True)
    sold, cap, frozen = f"{pool['sold']:,}", f"{pool['cap']:,}", f"{pool['frozen']:,}"
    out.print(
        f"{sold} of {cap} are sold, {frozen} of them frozen until goods come; {pool['waiting']:,} lines wait",
        soft_wrap=True,
    )
    if len(pool["parts"]) > 1:
        draws = {
            part["name"]: [c["channel"] for c in pool["chains"] if part["name"] in c["parts"]] for part in pool["parts"]
        }
        table = Table("quota", "sold", "of", "channels", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for part in pool["parts"]:
            table.add_row(part["name"], f"{part['sold']:,}", f"{part['units']:,}", ", ".join(draws[part["name"]]))
        out.print(table)


def list_(
    sku: Annotated[str, typer.Option(help="Only SKUs with this in them.")] = "",
    warehouse: Annotated[str, typer.Option(help="Only at this warehouse.")] = "",
    sold_out: Annotated[bool, typer.Option("--sold-out", help="Only what can't be sold there now.")] = False,
    limit: Limit = 100,
    as_json: JsonFlag = False,
) -> None:
    """Balances of every SKU at every warehouse."""
    found = [balance for name, balance in sorted(stock.balances(connected()).items()) if sku in name]
    rows = [(name, level) for name, level in _rows(found, warehouse) if not sold_out or not sellable(level)]
    if as_json:
        print_json([{"sku": name, **level, "sellable": sellable(level)} for name, level in rows[:limit]])
        return
    if not rows:
        out.print("no balance is like that: penstock stock receive makes one")
        return
    _print(rows[:limit])
    more = f" (the first {limit} are shown)" if len(rows) > limit else ""
    out.print(f"{len(rows):,} balances{more}")


def receive(
    sku: Sku,
    quantity: Annotated[int, typer.Argument(min=1, help="Pieces.")],
    warehouse: Where,
    safety_stock: Annotated[
        int | None, typer.Option(min=0, help="Pieces to keep back from sale there, from now on.")
    ] = None,
    command_id: Own = "",
    because: Because = "",
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Take goods into a warehouse."""
    cluster, by = _asked(sku, warehouse)
    tellings = [stock.receive(sku, warehouse, quantity, by=by, because=because, command_id=command_id)]
    if safety_stock is not None:
        again = f"{tellings[0].id}/safety"
        tellings.append(stock.safety(sku, warehouse, safety_stock, by=by, because=because, command_id=again))
    words = [
        f"receive {quantity:,} x {sku} at {warehouse}",
        f"keep {safety_stock} x {sku} back from sale at {warehouse}",
    ]
    _tell(cluster, tellings, words, How("", False, dry_run, no_wait, as_json))


def adjust(
    sku: Sku,
    warehouse: Where,
    by: Annotated[int, typer.Option("--by", help="Pieces found (2), or missing (-2).")],
    because: Annotated[str, typer.Option(help="Why, for the audit.")],
    command_id: Own = "",
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Add to what is on hand, or take from it: broken, lost, found. What is reserved stays covered, or it is refused."""
    given_reason(because)
    cluster, account = _asked(sku, warehouse)
    balance = _known(cluster, sku)
    telling_ = stock.adjust(sku, warehouse, by, by=account, because=because, command_id=command_id)
    said = f"adjust {sku} at {warehouse} by {by:+,}: {_stands(balance, warehouse)}"
    _tell(cluster, [telling_], [said], How("", False, dry_run, no_wait, as_json))


def count(
    sku: Sku,
    found: Annotated[int, typer.Argument(min=0, help="Pieces that are there, reserved ones too.")],
    warehouse: Where,
    because: Because = "",
    command_id: Own = "",
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """A stocktake: what is on hand becomes what was counted. Parcels that left before it must have been told of."""
    cluster, account = _asked(sku, warehouse)
    balance = stock.balances(cluster, sku).get(sku)
    why = f"stocktake, {found} counted" + (f": {because}" if because else "")
    delta = found - level_at(balance, warehouse)["on_hand"]
    telling_ = stock.adjust(sku, warehouse, delta, by=account, because=why, command_id=command_id)
    for _, record in telling.known(cluster, [telling_]).values() if command_id else ():
        # Told before: the difference is what it was then.
        telling_ = stock.adjust(
            sku, warehouse, record.get("delta", delta), by=account, because=why, command_id=command_id
        )
    said = f"count {found:,} x {sku} at {warehouse}: {_stands(balance, warehouse)}, that is {delta:+,}"
    _tell(cluster, [telling_], [said], How("", False, dry_run, no_wait, as_json))


def transfer(
    sku: Sku,
    quantity: Annotated[int, typer.Argument(min=1, help="Pieces.")],
    source: Annotated[str, typer.Option("--from", help="The warehouse they were at.")],
    target: Annotated[str, typer.Option("--to", help="The warehouse they are at now.")],
    because: Because = "",
    command_id: Own = "",
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Tell that goods are at another warehouse now; what is reserved at the first stays there."""
    cluster, account = _asked(sku, source, target)
    balance = _known(cluster, sku)
    telling_ = stock.transfer(sku, source, target, quantity, by=account, because=because, command_id=command_id)
    said = f"transfer {quantity:,} x {sku} from {source} to {target}: {_stands(balance, source)}"
    _tell(cluster, [telling_], [said], How("", False, dry_run, no_wait, as_json))


def safety(
    sku: Sku,
    quantity: Annotated[int, typer.Argument(min=0, help="Pieces to keep back from sale; 0: none.")],
    warehouse: Where,
    because: Because = "",
    command_id: Own = "",
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Set how many pieces a warehouse keeps back from sale, also without receiving any."""
    cluster, account = _asked(sku, warehouse)
    balance = stock.balances(cluster, sku).get(sku)
    telling_ = stock.safety(sku, warehouse, quantity, by=account, because=because, command_id=command_id)
    said = f"keep {quantity:,} x {sku} back from sale at {warehouse}: {_stands(balance, warehouse)}"
    _tell(cluster, [telling_], [said], How("", False, dry_run, no_wait, as_json))


def _asked(sku: str, *codes: str) -> tuple[Cluster, Actor]:
    """The cluster and the account that acts. Raises Refused: no such warehouse, no such SKU."""
    if not 0 < len(sku) <= _SKU_CHARS_MAX:
        raise Refused(f"{sku!r} is no SKU: 1 to {_SKU_CHARS_MAX} characters")
    cluster = connected()
    check_warehouses(cluster, *codes)
    return cluster, audit.operator(cluster)


def check_warehouses(cluster: Cluster, *codes: str) -> dict[str, Warehouse]:
    """All warehouses. Raises Refused unless each of these is one."""
    there = stock.warehouses(cluster)
    check_known(there, *codes)
    return there


def check_known(there: Mapping[str, Warehouse], *codes: str) -> None:
    """Raises Refused unless each of these is one of them."""
    for code in codes:
        if code not in there:
            names = ", ".join(sorted(there)) or "none yet: penstock warehouse set makes one"
            raise Refused(f"unknown warehouse {code!r}; there are: {names}")


def _known(cluster: Cluster, sku: str) -> Stock:
    balance = stock.balances(cluster, sku).get(sku)
    if balance is None:
        raise Refused(f"nothing is known of a SKU {sku!r}: {_did_you_mean(cluster, sku)}")
    return balance


def _did_you_mean(cluster: Cluster, sku: str) -> str:
    like = sorted(name for name in stock.balances(cluster) if sku.casefold() in name.casefold())
    return f"like it are {', '.join(like[:5])}" if like else "penstock stock list shows those there are"


def _tell(cluster: Cluster, tellings: Sequence[Telling], words: Sequence[str], how: How) -> None:
    carried_out(cluster, [Wish(said, each) for said, each in zip(words, tellings, strict=False)], how)


def _stands(balance: Stock | None, warehouse: str) -> str:
    level = level_at(balance, warehouse)
    return f"{level['on_hand']:,} on hand, {level['reserved']:,} reserved, {level['safety_stock']:,} kept back"


def _rows(balances: Sequence[Stock], warehouse: str) -> list[tuple[str, StockLevel]]:
    return [
        (balance["sku"], level)
        for balance in balances
        for level in balance["levels"]
        if warehouse in ("", level["warehouse"])
    ]


def _print(rows: Sequence[tuple[str, StockLevel]]) -> None:
    table = Table("sku", "warehouse", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("on hand", "reserved", "kept back", "can be sold"):
        table.add_column(name, justify="right", no_wrap=True)
    for sku, level in rows:
        numbers = (level["on_hand"], level["reserved"], level["safety_stock"])
        free = sellable(level)
        table.add_row(
            sku,
            level["warehouse"],
            *(f"{n:,}" for n in numbers),
            f"{free:,}" if free else Text(word("sold out"), "red"),
        )
    out.print(table)


def _for_machines(balance: Stock) -> dict[str, Any]:
    levels = [{**level, "sellable": sellable(level)} for level in balance["levels"]]
    return {**balance, "levels": levels, "sellable": sellable_total(balance["levels"])}
