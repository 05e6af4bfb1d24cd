"""Where every delivery order stands: the last DeliveryChanged of each, from ``warehouse.status``; and what operators do about it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast, get_args

from schemas.codec import CODEC, CodecError
from schemas.records import DeliveryChanged, DeliveryCommand, DeliveryDecision, DeliveryPhase, ReportSetAside
from streams.aside.fenced import Closing, Message
from streams.aside.places import Place
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

STATUS, COMMANDS, DEAD = "warehouse.status", "warehouse.commands", "warehouse.dead"
PHASES: tuple[DeliveryPhase, ...] = get_args(DeliveryPhase)
#: Phases from which a redrive, or an abandonment, leads somewhere else.
REDRIVABLE: frozenset[DeliveryPhase] = frozenset(("WAITING", "RETRYING", "DEAD", "TOO_LATE"))
ABANDONABLE: frozenset[DeliveryPhase] = REDRIVABLE | {"REQUESTED", "CREATED", "CANCELLING"}
#: Nothing of these is open.
ENDED: frozenset[DeliveryPhase] = frozenset(("SHIPPED", "CANCELLED", "ELSEWHERE", "ABANDONED"))

_DONE = {"REDRIVE": "delivery.redriven", "ABANDON": "delivery.abandoned"}


@dataclass(frozen=True)
class Item:
    """A delivery order: its last status and where that stands."""

    place: Place
    status: DeliveryChanged


def items(
    cluster: Cluster, phases: frozenset[DeliveryPhase], warehouse: str = "", order_id: str | None = None
) -> list[Item]:
    """Those in these phases (none: all), the most urgent first. Raises ClusterError."""
    last: dict[tuple[str, str], Item] = {}
    for message in cluster.read(STATUS, key=order_id):
        try:
            name, record = CODEC.decode(message.value() or b"")
        except CodecError:
            # The stage alone writes here; what is not its own is no delivery order.
            continue
        if name != "DeliveryChanged":
            continue
        which = record["order_id"], record["delivery_id"]
        if phases and record["phase"] in ENDED and record["phase"] not in phases:
            # For good; most come here, and none of them need be kept.
            last.pop(which, None)
            continue
        place = Place(STATUS, cast(int, message.partition()), cast(int, message.offset()))
        last[which] = Item(place, cast(DeliveryChanged, record))
    chosen = (
        item
        for item in last.values()
        if (not phases or item.status["phase"] in phases) and warehouse in ("", item.status["warehouse"])
    )
    return sorted(chosen, key=lambda item: (item.status["ship_by_ms"], item.place))


def by_phase(chosen: Iterable[Item]) -> Counter[str]:
    """Phase -> how many."""
    return Counter(item.status["phase"] for item in chosen)


def set_aside(cluster: Cluster) -> list[ReportSetAside]:
    """Reports without effect, the oldest first. Raises ClusterError."""
    found = []
    for message in cluster.read(DEAD):
        try:
            name, record = CODEC.decode(message.value() or b"")
        except CodecError:
            continue
        if name == "ReportSetAside":
            found.append(cast(ReportSetAside, record))
    return sorted(found, key=lambda record: record["at_ms"])


def closing(item: Item, action: DeliveryDecision, by: Actor, reason: str, undertaking: str) -> Closing:
    """The command about a delivery order, with its audit entry: both or neither are written."""
    status = item.status
    about = {"delivery_id": status["delivery_id"], "record": item.place, "phase": status["phase"]}
    entry = audit.entry(
        _DONE[action], status["order_id"], by=by, reason=reason, correlation_id=undertaking, details=about
    )
    command: DeliveryCommand = {
        "command_id": str(uuid.uuid4()),
        "order_id": status["order_id"],
        "delivery_id": status["delivery_id"],
        "action": action,
        "by": by.who,
        "reason": reason,
        "decided_at_ms": entry["at_ms"],
    }
    message = Message(COMMANDS, status["order_id"].encode(), CODEC.encode("DeliveryCommand", command))
    return Closing(item.place, entry, message)
