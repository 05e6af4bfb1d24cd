"""Whom orders go to, put right by a person: the record for intake, judged beforehand as intake and the saga will.

The record carries the event by which the order was accepted last, for intake keeps no orders; has another one been accepted by then, it has
no effect, and the person is told to look again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from schemas.codec import CODEC
from schemas.records import Order, ReceiverCorrected, Seen
from schemas.topics import channel_topic
from streams.aside.foresight import foresight
from streams.aside.orders import now_ms
from streams.aside.places import Place
from streams.aside.telling import Telling, known, new_id
from streams.domain.intake.parts import NotFit, with_parts
from streams.domain.intake.reading import NotAChannelEvent
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.ops.forgetting import named

_ACTION = "order.address"


class CannotBeCorrected(ValueError):
    """Nothing can be told of the order's receiver; the message says why."""


class Receivers:
    """What intake knows of these orders. Each telling sees them as the ones before leave them. Raises ClusterError."""

    def __init__(self, cluster: Cluster, order_ids: Collection[str]) -> None:
        self._cluster = cluster
        self._future = foresight(cluster, order_ids)
        self._forgotten = {record.key for record in named(cluster)} if order_ids else set()

    def telling(
        self,
        order_id: str,
        parts: Mapping[str, str] | None,
        *,
        by: Actor,
        because: str,
        correction_id: str = "",
    ) -> tuple[Telling, Order]:
        """The record with its audit entry, and the order as it will be told.

        Args:
            parts: those of the receiver that are others, by the names of ``domain.intake.parts``; None: whom its platform shows.
        Raises CannotBeCorrected, ClusterError.
        """
        by.check(_ACTION)
        seen = self._accepted(order_id)
        source = seen["source"]
        place = Place(source["topic"], source["partition"], source["offset"])
        event = self._event(place)
        try:
            shown = self._future.reading(event, order_id, place).order
        except NotAChannelEvent as exc:
            raise CannotBeCorrected(f"{order_id}: {exc}") from None
        if shown is None:
            raise CannotBeCorrected(f"{order_id}: by today's rules its event would be in review: send it anew first")
        before = seen["correction"]
        theirs = before["receiver"] if before is not None else None
        now = theirs or shown["receiver"]
        receiver = None
        if parts is not None:
            try:
                receiver = with_parts(now, parts)
            except NotFit as exc:
                raise CannotBeCorrected(f"{order_id}: {exc}") from None
        disputed = before is not None and bool(before["disputed"])
        if (receiver or shown["receiver"]) == now and not disputed and (receiver is not None or theirs is None):
            raise CannotBeCorrected(f"{order_id} goes to that receiver already: there is nothing to correct")
        record: ReceiverCorrected = {
            "correction_id": correction_id or new_id(),
            "order_id": order_id,
            "receiver": receiver,
            "of": seen["source"],
            "event": event,
            "by": by.who,
            "reason": because,
            # Two persons' clocks may differ: what is said later counts.
            "decided_at_ms": max(now_ms(), before["decided_at_ms"] + 1 if before is not None else 0),
        }
        decision = self._future.decision(CODEC.encode("ReceiverCorrected", record), order_id, place)
        return _telling(record, parts, by), decision.record  # type: ignore[return-value]

    def _accepted(self, order_id: str) -> Seen:
        seen = self._future.remembers(order_id)
        if seen is None or seen["outcome"] != "ACCEPTED":
            raise CannotBeCorrected(f"{order_id} is not accepted: penstock review fix puts right what is in review")
        if order_id.encode() in self._forgotten:
            raise CannotBeCorrected(f"{order_id}: whom it tells of is forgotten, and nobody is put in that place")
        return seen

    def _event(self, place: Place) -> bytes:
        message = self._cluster.at(*place)
        value = message.value() if message is not None else None
        if value is None:
            raise CannotBeCorrected(
                f"the event at {place} is no longer in the log: have its platform show the order again, by penstock reconcile"
            )
        return value


def told_before(
    cluster: Cluster, order_id: str, correction_id: str, parts: Mapping[str, str] | None, *, by: Actor
) -> Telling | None:
    """The correction of this id, where it was told: nothing is judged anew, its answer stands.

    Raises CannotBeCorrected: it is another one.
    """
    by.check(_ACTION)
    probe: ReceiverCorrected = {
        "correction_id": correction_id,
        "order_id": order_id,
        "receiver": None,
        "of": {"topic": "", "partition": 0, "offset": 0},
        "event": b"",
        "by": by.who,
        "reason": "",
        "decided_at_ms": 0,
    }
    found = known(cluster, [_telling(probe, parts, by)])
    if not found:
        return None
    ((_, there),) = found.values()
    record = cast(ReceiverCorrected, {field: value for field, value in there.items() if field})
    receiver = record["receiver"]
    try:
        same = (receiver is None) == (parts is None)
        same = same and (receiver is None or parts is None or with_parts(receiver, parts) == receiver)
    except NotFit as exc:
        raise CannotBeCorrected(f"{order_id}: {exc}") from None
    if not same:
        raise CannotBeCorrected(f"{correction_id} is there already, with another receiver")
    return _telling(record, parts, by)


def _telling(record: ReceiverCorrected, parts: Mapping[str, str] | None, by: Actor) -> Telling:
    # Which parts, and not what they are: an audit is kept for years.
    details = {"correction_id": record["correction_id"], "parts": " ".join(parts) if parts is not None else "none"}
    order_id = record["order_id"]
    entry = audit.entry(_ACTION, order_id, by=by, reason=record["reason"], details=details)
    return Telling(channel_topic(order_id.partition(":")[0]), "ReceiverCorrected", record, entry)
