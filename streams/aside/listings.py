"""Where every listed SKU stands on the channels: the newest ``Listings`` of each, and what operators do about it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast, get_args

from schemas.codec import CODEC, CodecError
from schemas.records import Listed, ListingCommand, ListingPhase, Listings, ListingSeen
from streams.aside.fenced import Closing, Message, fenced
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

STATUS, COMMANDS, RESULTS, DEAD, REQUESTS = (
    "listing.status",
    "listing.commands",
    "listing.results",
    "listing.dead",
    "listing.requests",
)
PHASES: tuple[ListingPhase, ...] = get_args(ListingPhase)
#: The platform shows what it should.
ENDED: frozenset[ListingPhase] = frozenset(("SHOWN",))


class Item(NamedTuple):
    """A SKU at one place."""

    sku: str
    listed: Listed

    @property
    def place(self) -> str:
        """The place's name."""
        return self.listed["place"]["place"]


def items(
    cluster: Cluster,
    phases: frozenset[ListingPhase] = frozenset(),
    channel: str = "",
    shop: str = "",
    sku: str | None = None,
) -> list[Item]:
    """Those in these phases (none: all), by SKU and place. Raises ClusterError."""
    newest: dict[str, Listings] = {}
    for message in cluster.read(STATUS, key=sku):
        try:
            name, record = CODEC.decode(message.value() or b"")
        except CodecError:
            # The stage alone writes here; what is not its own is no listing.
            continue
        if name == "Listings":
            newest[record["sku"]] = cast(Listings, record)
    found = (Item(sku, each) for sku, listings in sorted(newest.items()) for each in listings["listed"])
    return [
        it
        for it in found
        if (not phases or it.listed["phase"] in phases)
        and channel in ("", it.listed["place"]["channel"])
        and shop in ("", it.listed["place"]["shop"])
    ]


def by_phase(chosen: Iterable[Item]) -> Counter[str]:
    """Phase -> how many."""
    return Counter(item.listed["phase"] for item in chosen)


def redrive(cluster: Cluster, chosen: Sequence[Item], *, by: Actor, because: str) -> int:
    """Has what they should show told anew, each with its audit entry: both or neither. Raises NotAllowed, ClusterError."""
    undertaking = str(uuid.uuid4())
    closings = [closing(item, by, because, undertaking) for item in chosen]
    with fenced(cluster) as operator:
        operator.put_all([each.entry for each in closings], [each.message for each in closings if each.message])
    return len(chosen)


def closing(item: Item, by: Actor, because: str, undertaking: str) -> Closing:
    """The command about a place, with its audit entry: both or neither are written. Raises NotAllowed."""
    details = {"place": item.place, "phase": item.listed["phase"]}
    entry = audit.entry(
        "listing.redriven", item.sku, by=by, reason=because, correlation_id=undertaking, details=details
    )
    command: ListingCommand = {
        "command_id": str(uuid.uuid4()),
        "sku": item.sku,
        "place": item.place,
        "by": by.who,
        "reason": because,
        "requested_at_ms": entry["at_ms"],
    }
    message = Message(COMMANDS, item.sku.encode(), CODEC.encode("ListingCommand", command))
    return Closing(None, entry, message)


def seen(item: Item, quantity: int, by: str, at_ms: int) -> ListingSeen:
    """What a shop showed when it was asked, for the stage."""
    place = item.listed["place"]
    return {
        "sku": item.sku,
        "place": place["place"],
        "channel": place["channel"],
        "shop": place["shop"],
        "number": item.listed["number"],
        "quantity": quantity,
        "by": by,
        "at_ms": at_ms,
    }
