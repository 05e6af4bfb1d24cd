"""``penstock delivery``: where delivery orders stand at the warehouses' systems; redriven or abandoned by an operator."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from schemas.records import DeliveryDecision, DeliveryPhase
from schemas.table import Table
from schemas.texts import said, with_code, word
from streams.aside import deliveries
from streams.aside.deliveries import ABANDONABLE, ENDED, PHASES, REDRIVABLE, Item
from streams.aside.fenced import Closing
from streams.cli.asking import closed, confirmed, planned
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.cli.moments import age
from streams.cli.selection import Because, Limit, Yes, given_reason
from streams.cli.steps import show_steps
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.moments import local, utc


class Phase(StrEnum):
    """As typed; ``open``: whatever is not ended."""

    OPEN = "open"
    WAITING = "waiting"
    REQUESTED = "requested"
    RETRYING = "retrying"
    CREATED = "created"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"
    SHIPPED = "shipped"
    ELSEWHERE = "elsewhere"
    DEAD = "dead"
    ABANDONED = "abandoned"
    ALL = "all"


Order = Annotated[str, typer.Argument(metavar="ORDER_ID", help="As listed: taobao:2300000000000000001.")]
Delivery = Annotated[str, typer.Argument(metavar="[DELIVERY]", help="One delivery order of it, such as 1.HZ1.")]


def list_(
    phase: Annotated[Phase, typer.Option(help="Only in this phase.")] = Phase.OPEN,
    warehouse: Annotated[str, typer.Option(help="Only of this warehouse.")] = "",
    limit: Limit = 100,
    as_json: JsonFlag = False,
) -> None:
    """Delivery orders and where they stand, the most urgent first."""
    found = deliveries.items(connected(), _phases(phase), warehouse)
    if as_json:
        print_json([_for_machines(item) for item in found[:limit]])
        return
    if not found:
        out.print("nothing is open" if phase is Phase.OPEN else f"nothing is {phase}")
        return
    table = Table("order", "delivery", "phase", "left", "attempt", "outcome", "why", box=None, pad_edge=False)
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for item in found[:limit]:
        s = item.status
        outcome = " ".join(filter(None, (s["outcome"], s["code"], s["progress"])))
        left_s = s["ship_by_ms"] / 1000 - time.time()
        left = "" if s["phase"] in ENDED else age(left_s) if left_s > 0 else f"overdue {age(-left_s)}"
        cells = (s["order_id"], _short(s["delivery_id"]), word(s["phase"].lower()), left, str(s["attempt"]), outcome)
        table.add_row(*cells, said(s["reason"]))
    out.print(table)
    more = f" (the first {limit} are shown)" if len(found) > limit else ""
    counts = "   ".join(f"{with_code(kind)} {count:,}" for kind, count in deliveries.by_phase(found).most_common())
    out.print(f"{len(found):,} delivery orders{more}: {counts}")


def show(order_id: Order, as_json: JsonFlag = False) -> None:
    """One order's delivery orders: every request, answer, report and decision."""
    topics = (
        *(deliveries.STATUS, "warehouse.requests", "warehouse.results", "warehouse.reports"),
        *(deliveries.DEAD, deliveries.COMMANDS),
    )
    unknown = f"nothing is known of a delivery order of {order_id!r}: penstock delivery list shows what there is"
    show_steps(connected(), topics, order_id, _told, as_json, unknown)


def reports(limit: Limit = 100, as_json: JsonFlag = False) -> None:
    """What warehouses' systems reported and was set aside: it contradicts what is known, and had no effect."""
    found = deliveries.set_aside(connected())
    if as_json:
        print_json(
            [{**_told(record), "order_id": record["order_id"], "at": utc(record["at_ms"])} for record in found[-limit:]]
        )
        return
    if not found:
        out.print("nothing was set aside")
        return
    table = Table("when", "about", "report", "code", "why", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for record in found[-limit:]:
        about = f"{record['system']} {record['kind']} {record['report_id']}"
        table.add_row(local(record["at_ms"]), record["order_id"], about, record["code"], said(record["reason"]))
    out.print(table)


def redrive(
    order_id: Order,
    delivery: Delivery = "",
    because: Because = "",
    yes: Yes = False,
) -> None:
    """Tell a system anew, all attempts again: dead ones of an order, or the one named."""
    cluster = connected()
    chosen = _named(cluster, order_id, delivery, REDRIVABLE)
    planned([f"redrive {_line(item)}" for item in chosen])
    confirmed(f"Redrive {len(chosen):,} delivery orders?", yes)
    out.print(
        f"{_close(cluster, chosen, 'REDRIVE', because, REDRIVABLE):,} redriven; penstock delivery list shows how they fare"
    )


def abandon(
    order_id: Order,
    because: Annotated[str, typer.Option(help="Why, for the audit.")],
    delivery: Delivery = "",
    yes: Yes = False,
) -> None:
    """Decide that a delivery order is seen to by hand: its system is told nothing more of it."""
    given_reason(because)
    cluster = connected()
    chosen = _named(cluster, order_id, delivery, ABANDONABLE)
    planned([f"abandon {_line(item)}" for item in chosen])
    confirmed(f"Abandon {len(chosen):,} delivery orders?", yes)
    out.print(f"{_close(cluster, chosen, 'ABANDON', because, ABANDONABLE):,} abandoned")


def _named(cluster: Cluster, order_id: str, delivery: str, possible: frozenset[DeliveryPhase]) -> list[Item]:
    """An order's. One that is named may be in any phase that allows it; otherwise the dead ones are meant."""
    of_order = deliveries.items(cluster, frozenset(), order_id=order_id)
    if not of_order:
        raise Refused(
            f"nothing is known of a delivery order of {order_id!r}: penstock delivery list shows what there is"
        )
    phases: frozenset[DeliveryPhase] = possible if delivery else frozenset({"DEAD"})
    named = [it for it in of_order if delivery in ("", it.status["delivery_id"], _short(it.status["delivery_id"]))]
    chosen = [item for item in named if item.status["phase"] in phases]
    if not chosen:
        there = ", ".join(f"{item.status['delivery_id']} is {item.status['phase'].lower()}" for item in of_order)
        raise Refused(f"there is nothing to do for {delivery or 'a dead delivery order'} of {order_id}: {there}")
    return chosen


def _close(
    cluster: Cluster,
    chosen: Sequence[Item],
    action: DeliveryDecision,
    because: str,
    phases: frozenset[DeliveryPhase],
) -> int:
    by, undertaking = audit.operator(cluster), str(uuid.uuid4())

    def closings(left: Sequence[Item]) -> Iterator[Closing]:
        return (deliveries.closing(item, action, by, because, undertaking) for item in left)

    # One that has gone on since it was looked at stands elsewhere now, and is left alone.
    return closed(cluster, chosen, closings, lambda: {item.place for item in deliveries.items(cluster, phases)})


def _phases(phase: Phase) -> frozenset[DeliveryPhase]:
    if phase is Phase.ALL:
        return frozenset()
    if phase is Phase.OPEN:
        return frozenset(PHASES) - ENDED
    return frozenset(each for each in PHASES if each == phase.value.upper())


def _short(delivery_id: str) -> str:
    """What of its code is not its order's: attempt and warehouse."""
    return delivery_id.split(".", 2)[-1]


def _line(item: Item) -> str:
    s = item.status
    return f"{s['order_id']} {s['delivery_id']} ({s['phase'].lower()}: {s['reason']})"


def _told(record: Any) -> dict[str, Any]:
    """What of a record an operator looks at; whom it goes to is not among it."""
    fields = (
        *("delivery_id", "phase", "request_id", "action", "warehouse", "carrier", "attempt", "outcome", "code"),
        *("system", "kind", "report_id", "status", "progress", "by", "reason"),
    )
    return {field: record[field] for field in fields if field in record}


def _for_machines(item: Item) -> dict[str, Any]:
    s = item.status
    return {**s, "ship_by": utc(s["ship_by_ms"]), "at": utc(s["at_ms"]), "record": str(item.place)}
