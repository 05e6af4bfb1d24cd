"""What the console has told again, in its users' names: by the commands' own functions, one after another in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar, cast

from connectors.console.deeds import Gone, Overtaken, Refusal
from connectors.console.redriving import Done
from schemas.codec import CODEC, CodecError
from schemas.records import AuditEntry
from streams.aside import deliveries, listings, writebacks
from streams.aside.fenced import Closing, fenced
from streams.aside.fenced import Fenced as Operator
from streams.aside.fenced import Overtaken as Fenced
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

T = TypeVar("T")


class Redriving:
    """See ``connectors.console.redriving.Redriving``."""

    def __init__(self, cluster: Callable[[], Cluster], turns: threading.Lock) -> None:
        self._cluster, self._turns = cluster, turns

    def writeback(
        self,
        order_id: str,
        shipment_id: str,
        carrier: str,
        tracking_no: str,
        because: str,
        undertaking: str,
        by: Actor,
    ) -> Done:
        def closing(cluster: Cluster) -> Closing:
            of_order = writebacks.items(cluster, writebacks.Wanted(), order_id)
            item = _the([item for item in of_order if item.status["shipment_id"] == shipment_id])
            if (phase := item.status["phase"]) not in writebacks.REDRIVABLE:
                raise Refusal(f"the parcel is {phase.lower()}: there is nothing to submit anew")
            return writebacks.closing(item, "REDRIVE", by, because, undertaking, carrier, tracking_no)

        return self._done(order_id, undertaking, closing)

    def delivery(self, order_id: str, delivery_id: str, because: str, undertaking: str, by: Actor) -> Done:
        def closing(cluster: Cluster) -> Closing:
            of_order = deliveries.items(cluster, frozenset(), order_id=order_id)
            item = _the([item for item in of_order if item.status["delivery_id"] == delivery_id])
            if (phase := item.status["phase"]) not in deliveries.REDRIVABLE:
                raise Refusal(f"the delivery order is {phase.lower()}: there is nothing to tell anew")
            return deliveries.closing(item, "REDRIVE", by, because, undertaking)

        return self._done(order_id, undertaking, closing)

    def listing(self, sku: str, place: str, because: str, undertaking: str, by: Actor) -> Done:
        def closing(cluster: Cluster) -> Closing:
            item = _the([item for item in listings.items(cluster, sku=sku) if item.place == place])
            return listings.closing(item, by, because, undertaking)

        return self._done(sku, undertaking, closing)

    def _done(self, subject: str, undertaking: str, closing: Callable[[Cluster], Closing]) -> Done:
        cluster = self._cluster()
        with self._turns, alone(cluster) as operator:
            # Where it stands does not tell who brought it there: the audit does.
            if (before := _undertaken(cluster, subject, undertaking)) is not None:
                return told(before, repeated=True)
            close = closing(cluster)
            for _ in operator.close([close]):
                pass
        return told(close.entry, repeated=False)


@contextmanager
def alone(cluster: Cluster) -> Iterator[Operator]:
    """Nobody else closes items meanwhile. Raises Overtaken."""
    try:
        with fenced(cluster) as operator:
            yield operator
    except Fenced as exc:
        raise Overtaken from exc


def told(entry: AuditEntry, *, repeated: bool) -> Done:
    """As the console answers it."""
    return Done(entry["entry_id"], entry["by"], entry["at_ms"], repeated)


def _the(found: Sequence[T]) -> T:
    """The one that was looked for. Raises Gone."""
    if not found:
        raise Gone
    return found[0]


def _undertaken(cluster: Cluster, subject: str, undertaking: str) -> AuditEntry | None:
    """What was done about a subject under this id."""
    for message in cluster.read("audit", key=subject):
        with suppress(CodecError):
            name, entry = CODEC.decode(message.value() or b"")
            if name == "AuditEntry" and entry["correlation_id"] == undertaking:
                return cast(AuditEntry, entry)
    return None
