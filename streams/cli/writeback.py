"""``penstock writeback``: where tracking numbers stand on their way back to the platforms; redriven or abandoned by an operator."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from schemas.records import WritebackAction, WritebackPhase
from schemas.table import Table
from schemas.texts import said, with_code, word
from streams.aside import writebacks
from streams.aside.fenced import Closing
from streams.aside.writebacks import ABANDONABLE, PHASES, REDRIVABLE, Item, Wanted
from streams.cli.asking import closed, confirmed, planned
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.cli.moments import age
from streams.cli.selection import Because, Limit, Yes, given_reason
from streams.cli.steps import show_steps
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.moments import utc


class Phase(StrEnum):
    """As typed; ``open``: whatever is neither written nor abandoned."""

    OPEN = "open"
    WAITING = "waiting"
    REQUESTED = "requested"
    RETRYING = "retrying"
    WRITTEN = "written"
    DEAD = "dead"
    ABANDONED = "abandoned"
    ALL = "all"


Order = Annotated[str, typer.Argument(metavar="ORDER_ID", help="As listed: taobao:2300000000000000001.")]
OrOrder = Annotated[str, typer.Argument(metavar="[ORDER_ID]", help="As listed: taobao:2300000000000000001.")]
Shipment = Annotated[str, typer.Argument(metavar="[SHIPMENT]", help="One parcel of it.")]
Channel = Annotated[str, typer.Option(help="Only of this channel.")]
Shop = Annotated[str, typer.Option(help="Only of this shop.")]
Reason = Annotated[str, typer.Option(help="Only with this outcome, code, or words in the reason: NUMBER_WRONG.")]
All = Annotated[bool, typer.Option("--all", help="All dead ones, or those that --channel, --shop and --reason choose.")]


def list_(
    phase: Annotated[Phase, typer.Option(help="Only in this phase.")] = Phase.OPEN,
    channel: Channel = "",
    shop: Shop = "",
    reason: Reason = "",
    limit: Limit = 100,
    as_json: JsonFlag = False,
) -> None:
    """Parcels and where their writeback stands, the most urgent first."""
    found = writebacks.items(connected(), Wanted(_phases(phase), channel, shop, reason))
    if as_json:
        print_json([_for_machines(item) for item in found[:limit]])
        return
    if not found:
        out.print("nothing is open" if phase is Phase.OPEN else f"nothing is {phase}")
        return
    table = Table("order", "shipment", "number", "phase", "left", "attempt", "outcome", "why", box=None, pad_edge=False)
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for item in found[:limit]:
        s = item.status
        number = f"{s['carrier']} {s['tracking_no']}".strip()
        outcome = " ".join(filter(None, (item.why if s["outcome"] else "", s["code"])))
        cells = (
            s["order_id"],
            s["shipment_id"],
            number,
            word(s["phase"].lower()),
            _left(item),
            str(s["attempt"]),
            outcome,
        )
        table.add_row(*cells, said(s["reason"]))
    out.print(table)
    more = f" (the first {limit} are shown)" if len(found) > limit else ""
    counts = "   ".join(f"{with_code(kind)} {count:,}" for kind, count in writebacks.reasons(found).most_common())
    out.print(f"{len(found):,} parcels{more}: {counts}")


def show(order_id: Order, as_json: JsonFlag = False) -> None:
    """One order's parcels: every step of their writeback, and what was given up."""
    topics = (writebacks.STATUS, "writeback.requests", "writeback.results", writebacks.COMMANDS)
    unknown = f"nothing is known of a parcel of {order_id!r}: penstock writeback list shows what there is"
    show_steps(connected(), topics, order_id, _told, as_json, unknown)


def redrive(
    order_id: OrOrder = "",
    shipment: Shipment = "",
    every: All = False,
    channel: Channel = "",
    shop: Shop = "",
    reason: Reason = "",
    carrier: Annotated[str, typer.Option(help="The right carrier's code, such as SF.")] = "",
    tracking_no: Annotated[str, typer.Option(help="The right number.")] = "",
    because: Because = "",
    yes: Yes = False,
) -> None:
    """Submit parcels anew, three attempts again: dead ones, or one that waits, named."""
    if bool(order_id) == every:
        raise Refused("say which: an ORDER_ID, or --all with --channel, --shop or --reason as you like")
    if (carrier or tracking_no) and every:
        raise Refused("--carrier and --tracking-no correct one parcel: name its ORDER_ID and SHIPMENT instead of --all")
    cluster = connected()
    wanted = Wanted(frozenset({"DEAD"}) if every else frozenset(), channel, shop, reason)
    chosen = _dead(cluster, wanted) if every else _named(cluster, order_id, shipment, wanted, REDRIVABLE)
    if (carrier or tracking_no) and len(chosen) != 1:
        raise Refused(f"--carrier and --tracking-no correct one parcel, and these are {len(chosen)}: name its SHIPMENT")
    what = "".join(f" as {text}" for text in (f"{carrier} {tracking_no}".strip(),) if text)
    planned([f"redrive {_line(item)}{what}" for item in chosen])
    confirmed(f"Redrive {len(chosen):,} parcels?", yes)
    done = _close(cluster, chosen, "REDRIVE", because, REDRIVABLE, carrier, tracking_no)
    out.print(f"{done:,} redriven; penstock writeback list shows how they fare")


def abandon(
    order_id: Order,
    because: Annotated[str, typer.Option(help="Why, for the audit.")],
    shipment: Shipment = "",
    yes: Yes = False,
) -> None:
    """Decide that a parcel's number is not told to the platform: it is no more tried, nor warned of."""
    given_reason(because)
    cluster = connected()
    chosen = _named(cluster, order_id, shipment, Wanted(), ABANDONABLE)
    planned([f"abandon {_line(item)}" for item in chosen])
    confirmed(f"Abandon {len(chosen):,} parcels?", yes)
    out.print(f"{_close(cluster, chosen, 'ABANDON', because, ABANDONABLE):,} abandoned")


def _dead(cluster: Cluster, wanted: Wanted) -> list[Item]:
    found = writebacks.items(cluster, wanted)
    if not found:
        raise Refused("no dead parcel is like that: penstock writeback list --phase dead shows those there are")
    return found


def _named(
    cluster: Cluster, order_id: str, shipment: str, wanted: Wanted, possible: frozenset[WritebackPhase]
) -> list[Item]:
    """An order's parcels. A shipment that is named may be in any phase that allows it; otherwise the dead ones are meant."""
    of_order = [item for item in writebacks.items(cluster, Wanted(), order_id) if wanted.fits(item)]
    if not of_order:
        raise Refused(f"nothing is known of a parcel of {order_id!r}: penstock writeback list shows what there is")
    named = [item for item in of_order if shipment in ("", item.status["shipment_id"])]
    phases: frozenset[WritebackPhase] = possible if shipment else frozenset({"DEAD"})
    chosen = [item for item in named if item.status["phase"] in phases]
    if not chosen:
        there = ", ".join(f"{item.status['shipment_id']} is {item.status['phase'].lower()}" for item in of_order)
        raise Refused(f"there is nothing to do for {shipment or 'a dead parcel'} of {order_id}: {there}")
    return chosen


def _close(
    cluster: Cluster,
    chosen: Sequence[Item],
    action: WritebackAction,
    because: str,
    phases: frozenset[WritebackPhase],
    carrier: str = "",
    tracking_no: str = "",
) -> int:
    by, undertaking = audit.operator(cluster), str(uuid.uuid4())

    def closings(left: Sequence[Item]) -> Iterator[Closing]:
        return (writebacks.closing(i, action, by, because, undertaking, carrier, tracking_no) for i in left)

    # One that has gone on since it was looked at stands elsewhere now, and is left alone.
    return closed(cluster, chosen, closings, lambda: {item.place for item in writebacks.items(cluster, Wanted(phases))})


def _phases(phase: Phase) -> frozenset[WritebackPhase]:
    if phase is Phase.ALL:
        return frozenset()
    if phase is Phase.OPEN:
        return frozenset(PHASES) - {"WRITTEN", "ABANDONED"}
    return frozenset(each for each in PHASES if each == phase.value.upper())


def _line(item: Item) -> str:
    s = item.status
    return f"{s['order_id']} {s['shipment_id']} {s['carrier']} {s['tracking_no']} ({s['phase'].lower()}: {s['reason']})"


def _left(item: Item) -> str:
    """Time to the deadline; overdue where it has passed."""
    if item.status["phase"] == "WRITTEN":
        return ""
    left_s = item.status["ship_by_ms"] / 1000 - time.time()
    return age(left_s) if left_s > 0 else f"overdue {age(-left_s)}"


def _told(record: Any) -> dict[str, Any]:
    """What of a record an operator looks at; whom a waybill is for is not among it."""
    fields = (
        *("shipment_id", "phase", "request_id", "carrier", "tracking_no", "parcel_no", "attempt", "outcome", "code"),
        *("action", "by", "reason"),
    )
    return {field: record[field] for field in fields if field in record}


def _for_machines(item: Item) -> dict[str, Any]:
    s = item.status
    return {
        **s,
        "ship_by": utc(s["ship_by_ms"]),
        "shipped_at": utc(s["shipped_at_ms"]),
        "at": utc(s["at_ms"]),
        "record": str(item.place),
    }
