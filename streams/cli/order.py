"""``penstock order hold|release|cancel``: a person's word about an order that waits, or is not to go yet."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from schemas.records import OrderState
from streams.aside import orders
from streams.aside.telling import Telling
from streams.cli.common import JsonFlag, Refused, connected
from streams.cli.moments import age
from streams.cli.selection import Yes, given_reason
from streams.cli.telling import DryRun, How, Id, NoWait, Shop, Wish, carried_out
from streams.domain.allocation.flow_state import APPROVAL
from streams.domain.allocation.step import AllocationDecision
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.history import Standing

Order = Annotated[
    str, typer.Argument(metavar="ORDER_ID", help="platform:order number, such as taobao:2300000000000000001.")
]
Why = Annotated[str, typer.Option(help="Why, for the audit.")]

#: Phases in which an order waits -> who ends that.
WAYS_OUT = {
    "HELD": "penstock order release lets it go, penstock order cancel ends it",
    "UNPAID": "a payment at its platform, or penstock order cancel",
    "BACKORDERED": "penstock stock receive, or penstock order cancel",
    "ALLOCATED": "its parcel (the warehouse, or penstock order ship), or penstock order cancel",
    "RESERVING": "the workers: penstock lag shows whether they go on",
}
#: In place of that where its flow asks for an approval, which a release does not stand for.
ASKED_WAY = "penstock task approve or refuse answers what its flow asks, penstock order cancel ends it"


def way_out(phase: str, reason: str) -> str:
    """Who ends an order's waiting; empty: it does not wait."""
    return ASKED_WAY if phase == "HELD" and APPROVAL in reason.split(",") else WAYS_OUT.get(phase, "")


def hold(
    order_id: Order,
    because: Why,
    decision_id: Id = "",
    shop: Shop = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Keep what has not left of an order until it is released: what is reserved for it goes back to sale."""
    _decide("hold", order_id, because, decision_id, shop, How("Hold it?", yes, dry_run, no_wait, as_json))


def release(
    order_id: Order,
    because: Why,
    decision_id: Id = "",
    shop: Shop = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Let a held order go, whatever holds it; what holds it anew holds it again."""
    _decide("release", order_id, because, decision_id, shop, How("Release it?", yes, dry_run, no_wait, as_json))


def cancel(
    order_id: Order,
    because: Why,
    decision_id: Id = "",
    shop: Shop = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """End an order that has not left: what is reserved for it goes back to sale, and its platform does not open it again."""
    _decide("cancel", order_id, because, decision_id, shop, How("Cancel it?", yes, dry_run, no_wait, as_json))


def _decide(verb: str, order_id: str, because: str, decision_id: str, shop: str, how: How) -> None:
    given_reason(because)
    cluster = connected()
    state = known(cluster, order_id, shop)
    telling = orders.decision(order_id, verb, by=audit.operator(cluster), because=because, decision_id=decision_id)
    tell_about(cluster, state, telling, f"{verb} {order_id}", how)


def tell_about(cluster: Cluster, state: OrderState, telling: Telling, said: str, how: How) -> None:
    """Carries out what is to be told about an order, unless it is unfit."""
    foretold = orders.foretold(state, telling.record_name, telling.record)
    why_not = unfit(foretold, telling.key, how.anyway)
    carried_out(cluster, [Wish(f"{said}: {stands(state)}", None if why_not else telling, why_not)], how)


def unfit(foretold: AllocationDecision, order_id: str, anyway: bool) -> str:
    """Why the saga would refuse what is to be told, or find that it contradicts what is known; empty when it would take it."""
    for status in foretold.statuses:
        if status["refused"]:
            return f"{order_id}: {status['reason']}"
        if status["trouble"] and not anyway:
            return f"{order_id}: {status['reason']}; --anyway tells it all the same, if it is so"
    return ""


def known(cluster: Cluster, order_id: str, shop: str = "") -> OrderState:
    """The order's state. Raises Refused: nothing is known of it, or it is another shop's."""
    state = orders.states(cluster, [order_id]).get(order_id)
    if state is None:
        raise Refused(f"nothing is known of an order {order_id!r}: {_did_you_mean(cluster, order_id)}")
    check_shop(state, shop)
    return state


def check_shop(state: OrderState, shop: str) -> None:
    """Raises Refused unless the order is of the shop, where one is named."""
    if shop and state["shop"] != shop:
        raise Refused(f"{state['order_id']} is of shop {state['shop']!r}, not {shop!r}")


def _did_you_mean(cluster: Cluster, text: str) -> str:
    names, count = orders.like(cluster, text)
    if not count:
        return "write it as listed, platform:order number"
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    return f"write the whole of it; like it {'is' if count == 1 else 'are'} {', '.join(names)}{more}"


def stands(state: OrderState) -> str:
    """Where an order stands, for how long, and why it is held."""
    return stood(Standing(state["phase"], state["since_ms"], state["hold_reason"]))


def stood(stands: Standing) -> str:
    """Where it stands, for how long, and why."""
    since_s = time.time() - stands.since_ms / 1000
    return f"{stands.phase} for {age(since_s)}" + (f": {stands.reason}" if stands.reason else "")
