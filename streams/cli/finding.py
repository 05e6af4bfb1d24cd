"""``penstock order list``: finds orders, in the database where there is one, else in the topics."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Annotated

import typer

from schemas.records import Phase
from schemas.table import Table
from schemas.texts import word, words
from streams.aside import finding
from streams.cli.common import JsonFlag, Refused, connected, database_url, err, out, print_json
from streams.cli.db import run
from streams.cli.moments import age, moment_ms
from streams.cli.selection import Limit
from streams.ops.finding import OPEN, PHASES, Found, Wanted
from streams.ops.moments import utc


class Source(StrEnum):
    """Who is asked."""

    DATABASE = "database"
    TOPICS = "topics"


def list_(
    channel: Annotated[str, typer.Option(help="Only of this channel.")] = "",
    shop: Annotated[str, typer.Option(help="Only of this shop.")] = "",
    state: Annotated[str, typer.Option(help=f"One of {', '.join(PHASES).lower()}; open, or all.")] = "",
    since: Annotated[
        str | None, typer.Option("--before", help="Only what has stood so since before then: -2d, or a time.")
    ] = None,
    number: Annotated[str, typer.Option(help="Only with this in the order's number.")] = "",
    sku: Annotated[str, typer.Option(help="Only with this SKU on a line.")] = "",
    tracking_no: Annotated[str, typer.Option(help="Only with a parcel of this number.")] = "",
    source: Annotated[
        Source | None, typer.Option("--from", help="Who is asked; the database where it answers when left out.")
    ] = None,
    limit: Limit = 100,
    as_json: JsonFlag = False,
) -> None:
    """Find orders, what has stood longest first: those that are open; with a number, or a parcel's, all.

    The database shows since when an order was last told of, as far as its sink has come; the topics, since when it stands where it stands.
    """
    # Who names one order wants to see it whatever became of it.
    state = state or ("all" if number or tracking_no else "open")
    wanted = Wanted(channel, shop, _phases(state), number, sku, tracking_no, moment_ms(since, "--before"))
    asked, found, count = _found(wanted, limit, source)
    if as_json:
        orders = [{**each._asdict(), "since": utc(each.since_ms)} for each in found]
        print_json({"from": asked.value, "count": count, "orders": orders})
        return
    if found:
        table = Table("order", "shop", "state", "for", "why", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        table.columns[0].no_wrap = True
        for each in found:
            table.add_row(
                each.order_id, each.shop, word(each.phase), age(time.time() - each.since_ms / 1000), words(each.reason)
            )
        out.print(table)
    more = f" (the first {limit} are shown)" if count > limit else ""
    out.print(f"{count:,} orders{more}, from the {asked}")


def _found(wanted: Wanted, limit: int, source: Source | None) -> tuple[Source, list[Found], int]:
    if source is not Source.TOPICS:
        try:
            return (Source.DATABASE, *_in_the_database(wanted, limit))
        except Refused as exc:
            if source is Source.DATABASE:
                raise
            why = exc
    cluster = connected()
    if source is None:
        err.print(f"the topics are asked: {why}", soft_wrap=True)
    found = finding.orders(cluster, wanted)
    return Source.TOPICS, found[:limit], len(found)


def _in_the_database(wanted: Wanted, limit: int) -> tuple[list[Found], int]:
    from connectors.postgres.finding import orders

    found: tuple[list[Found], int] = run(orders(database_url(), wanted, limit))
    return found


def _phases(state: str) -> frozenset[Phase]:
    if state == "all":
        return frozenset(PHASES)
    if state == "open":
        return OPEN
    found = frozenset(phase for phase in PHASES if phase == state.upper())
    if not found:
        raise Refused(f"--state is {state!r}: write one of {', '.join(PHASES).lower()}, open, or all")
    return found
