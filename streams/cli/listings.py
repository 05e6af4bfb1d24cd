"""``penstock listing``: what shops show of the stock; told anew by an operator, and compared with what the platforms say."""

from __future__ import annotations

import asyncio
import sys
import time
from enum import StrEnum
from typing import Annotated, Any

import typer

from schemas.records import ListingPhase
from schemas.table import Table
from schemas.texts import said, with_code, word
from streams.aside import listings
from streams.aside.listings import ENDED, PHASES, Item
from streams.cli.asking import confirmed, planned
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.cli.dispatching import shops_of
from streams.cli.moments import age
from streams.cli.selection import Because, Limit, Yes
from streams.cli.steps import show_steps
from streams.ops import audit
from streams.ops.moments import utc


class Phase(StrEnum):
    """As typed; ``open``: whatever is not shown as it should."""

    OPEN = "open"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    REQUESTED = "requested"
    RETRYING = "retrying"
    SHOWN = "shown"
    DEAD = "dead"
    ALL = "all"


Sku = Annotated[str, typer.Argument(metavar="SKU", help="As the merchant codes it.")]
AtShop = Annotated[str, typer.Option(help="Only of this shop.")]
AtChannel = Annotated[str, typer.Option(help="Only of this channel.")]


def list_(
    phase: Annotated[Phase, typer.Option(help="Only in this phase.")] = Phase.ALL,
    channel: AtChannel = "",
    shop: AtShop = "",
    limit: Limit = 100,
    as_json: JsonFlag = False,
) -> None:
    """What each shop shows of each SKU, and should."""
    found = listings.items(connected(), _phases(phase), channel, shop)
    if as_json:
        print_json([_for_machines(item) for item in found[:limit]])
        return
    if not found:
        out.print("nothing is listed" if phase is Phase.ALL else f"nothing is {phase}")
        return
    table = Table("sku", "shop", "shows", "should", "phase", "behind", "why", box=None, pad_edge=False)
    for item in found[:limit]:
        it, now_s = item.listed, time.time()
        late = "" if it["phase"] in ENDED else age(now_s - it["changed_at_ms"] / 1000)
        shop_ = f"{it['place']['channel']}/{it['place']['shop']}"
        cells = (item.sku, shop_, _units(it["told"]), _units(it["wanted"]), word(it["phase"].lower()), late)
        table.add_row(*cells, said(it["reason"]))
    out.print(table)
    more = f" (the first {limit} are shown)" if len(found) > limit else ""
    counts = "   ".join(f"{with_code(kind)} {count:,}" for kind, count in listings.by_phase(found).most_common())
    out.print(f"{len(found):,} listings{more}: {counts}")


def show(sku: Sku, as_json: JsonFlag = False) -> None:
    """One SKU on the channels: every number, answer, look and decision."""
    topics = (listings.COMMANDS, listings.REQUESTS, listings.RESULTS, listings.DEAD, listings.STATUS)
    unknown = f"no shop lists {sku!r}: penstock listing list shows what is listed"
    show_steps(connected(), topics, sku, _told, as_json, unknown)


def redrive(
    sku: Annotated[str, typer.Argument(metavar="[SKU]", help="As the merchant codes it.")] = "",
    channel: AtChannel = "",
    shop: AtShop = "",
    all_: Annotated[bool, typer.Option("--all", help="All dead ones; of a shop, where one is named.")] = False,
    because: Because = "",
    yes: Yes = False,
) -> None:
    """Have dead quantities told anew; of a SKU that is named, whatever it shows."""
    if bool(sku) == all_:
        raise Refused("name a SKU, or write --all")
    cluster = connected()
    phases: frozenset[ListingPhase] = frozenset() if sku else frozenset(("DEAD",))
    chosen = listings.items(cluster, phases, channel, shop, sku or None)
    if not chosen:
        raise Refused(f"no shop lists {sku!r}" if sku else "nothing is dead")
    planned([f"{item.sku} {item.place} ({item.listed['phase'].lower()}: {item.listed['reason']})" for item in chosen])
    confirmed(f"Tell {len(chosen):,} quantities anew?", yes)
    done = listings.redrive(cluster, chosen, by=audit.operator(cluster), because=because)
    out.print(f"{done:,} redriven; penstock listing list shows how they fare")


def compare(
    sku: Annotated[str, typer.Argument(metavar="[SKU]", help="Only this one; all otherwise.")] = "",
    channel: AtChannel = "",
    shop: AtShop = "",
    as_json: JsonFlag = False,
) -> None:
    """Ask the platforms what they show, and say where that differs from what they were told. Exit code 1: somewhere it does.

    The hub hears of it: more than was told is put right at once, less when it is seen twice.
    """
    from connectors.channels.stock.comparing import asked
    from connectors.channels.stock.run import limits_book

    cluster = connected()
    known = shops_of(cluster.settings)
    chosen = [
        item
        for item in listings.items(cluster, frozenset(), channel, shop, sku or None)
        # What is being told is about to be another.
        if not item.listed["pending"] and item.listed["told"] is not None
    ]
    found = asyncio.run(asked(known, limits_book(), {item.place: item.listed["place"] for item in chosen}))
    by, at_ms = audit.operator(cluster).who, int(time.time() * 1000)
    records, rows = [], []
    for item in chosen:
        answer = found[item.place]
        if isinstance(answer, int):
            records.append((listings.RESULTS, item.sku, "ListingSeen", listings.seen(item, answer, by, at_ms)))
        if answer != item.listed["told"]:
            rows.append((item, answer))
    cluster.publish(records)
    if as_json:
        print_json([{**_for_machines(item), "shows": answer} for item, answer in rows])
    elif rows:
        table = Table("sku", "shop", "told", "shows", "difference", box=None, pad_edge=False)
        for item, answer in rows:
            told = item.listed["told"] or 0
            by_much = f"{answer - told:+,}" if isinstance(answer, int) else ""
            place = item.listed["place"]
            table.add_row(item.sku, f"{place['channel']}/{place['shop']}", f"{told:,}", said(str(answer)), by_much)
        out.print(table)
    if not as_json:
        out.print(f"{len(chosen):,} asked, {len(rows):,} differ")
    if rows:
        sys.exit(1)


def _phases(phase: Phase) -> frozenset[ListingPhase]:
    if phase is Phase.ALL:
        return frozenset()
    if phase is Phase.OPEN:
        return frozenset(PHASES) - ENDED
    return frozenset(each for each in PHASES if each == phase.value.upper())


def _units(quantity: int | None) -> str:
    return "?" if quantity is None else f"{quantity:,}"


def _told(record: Any) -> dict[str, Any]:
    """What of a record an operator looks at."""
    if "listed" in record:
        return {
            it["place"]["place"]: f"{_units(it['told'])} of {_units(it['wanted'])}, {it['phase'].lower()}"
            for it in record["listed"]
        }
    fields = ("number", "quantity", "told", "attempt", "outcome", "code", "by", "reason")
    found = {field: record[field] for field in fields if field in record}
    place = record.get("place")
    named = place["place"] if isinstance(place, dict) else place
    return {"place": named, **found} if named else {"places": len(record.get("places", ())), **found}


def _for_machines(item: Item) -> dict[str, Any]:
    it = item.listed
    return {"sku": item.sku, **it, "changed_at": utc(it["changed_at_ms"]), "told_at": utc(it["told_at_ms"])}
