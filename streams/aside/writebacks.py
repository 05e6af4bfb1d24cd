"""Where every parcel's writeback stands: the last WritebackChanged of each, from ``writeback.status``; and what operators do about it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast, get_args

from schemas.codec import CODEC, CodecError
from schemas.records import WritebackAction, WritebackChanged, WritebackCommand, WritebackPhase
from streams.aside.fenced import Closing, Message
from streams.aside.places import Place
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

STATUS = "writeback.status"
COMMANDS = "writeback.commands"
PHASES: tuple[WritebackPhase, ...] = get_args(WritebackPhase)
#: Phases from which a redrive, or an abandonment, leads somewhere else.
REDRIVABLE: frozenset[WritebackPhase] = frozenset(("WAITING", "RETRYING", "DEAD"))
ABANDONABLE: frozenset[WritebackPhase] = REDRIVABLE | {"REQUESTED"}

_DONE = {"REDRIVE": "writeback.redriven", "ABANDON": "writeback.abandoned"}


@dataclass(frozen=True)
class Item:
    """A parcel: its last status and where that stands."""

    place: Place
    status: WritebackChanged

    @property
    def why(self) -> str:
        """The outcome of the last submission, HELD where its platform holds the order; the phase where there was none."""
        if self.status["held_since_ms"] is not None:
            return "HELD"
        return self.status["outcome"] or self.status["phase"]


@dataclass(frozen=True)
class Wanted:
    """Which parcels; empty says all."""

    phases: frozenset[WritebackPhase] = frozenset()
    channel: str = ""
    shop: str = ""
    #: An outcome, a platform's code, or part of the reason.
    reason: str = ""

    def fits(self, item: Item) -> bool:
        s = item.status
        return (
            (not self.phases or s["phase"] in self.phases)
            and self.channel in ("", s["channel"])
            and self.shop in ("", s["shop"])
            and (not self.reason or self.reason in (item.why, s["outcome"], s["code"]) or self.reason in s["reason"])
        )


def items(cluster: Cluster, wanted: Wanted, order_id: str | None = None) -> list[Item]:
    """The parcels wanted, of all orders or of one, the most urgent first. Raises ClusterError."""
    last: dict[tuple[str, str], Item] = {}
    for message in cluster.read(STATUS, key=order_id):
        try:
            name, record = CODEC.decode(message.value() or b"")
        except CodecError:
            # The stage alone writes here; what is not its own is no parcel.
            continue
        if name != "WritebackChanged":
            continue
        parcel = record["order_id"], record["shipment_id"]
        if wanted.phases and record["phase"] == "WRITTEN" and "WRITTEN" not in wanted.phases:
            # For good; most parcels come here, and none of them need be kept.
            last.pop(parcel, None)
            continue
        place = Place(STATUS, cast(int, message.partition()), cast(int, message.offset()))
        last[parcel] = Item(place, cast(WritebackChanged, record))
    chosen = (item for item in last.values() if wanted.fits(item))
    return sorted(chosen, key=lambda item: (item.status["ship_by_ms"], item.place))


def reasons(chosen: Iterable[Item]) -> Counter[str]:
    """Outcome, or phase, -> how many parcels."""
    return Counter(item.why for item in chosen)


def closing(
    item: Item,
    action: WritebackAction,
    by: Actor,
    reason: str,
    undertaking: str,
    carrier: str = "",
    tracking_no: str = "",
) -> Closing:
    """The command about a parcel, with its audit entry: both or neither are written."""
    status = item.status
    entry = audit.entry(
        _DONE[action],
        status["order_id"],
        by=by,
        reason=reason,
        correlation_id=undertaking,
        details={
            "shipment_id": status["shipment_id"],
            "record": item.place,
            "phase": status["phase"],
            **({"carrier": carrier} if carrier else {}),
            **({"tracking_no": tracking_no} if tracking_no else {}),
        },
    )
    command: WritebackCommand = {
        "command_id": str(uuid.uuid4()),
        "order_id": status["order_id"],
        "shipment_id": status["shipment_id"],
        "action": action,
        "carrier": carrier,
        "tracking_no": tracking_no,
        "by": by.who,
        "reason": reason,
        "decided_at_ms": entry["at_ms"],
    }
    message = Message(COMMANDS, status["order_id"].encode(), CODEC.encode("WritebackCommand", command))
    return Closing(item.place, entry, message)
