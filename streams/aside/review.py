"""Items of ``orders.review`` and their state.

open           a person must look at it
superseded     still open, but a later event of the order was accepted, of the same version or newer: nothing is left to do
resubmitted    its event was sent again, as it was or corrected; intake decides it like any other
discarded      a person decided against it

A resubmission that only repeats what is in review has no effect, and nothing new would show it: such an item is open again. It is found
by its time of receipt, which the audit keeps: the outcome of every event carries it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from schemas.codec import CODEC, CodecError
from schemas.records import AuditEntry, ChannelEvent, Duplicate, Review, Seen
from streams.aside.foresight import key_of, remembered
from streams.aside.paging import Page, page
from streams.aside.places import Place
from streams.aside.trail import STATES, trail
from streams.aside.whole import whole
from streams.domain.intake.sales import subject_of
from streams.ops.cluster import Cluster

TOPIC = "orders.review"

State = Literal["open", "superseded", "resubmitted", "discarded"]
STATE_NAMES: tuple[State, ...] = get_args(State)
#: States in which an event may be sent again.
UNSETTLED = ("open", "superseded")


@dataclass(frozen=True)
class Item:
    """One record in review."""

    place: Place
    #: Its time in the log.
    at_ms: int
    #: The record's key: the order id, or the event's raw key.
    key: str
    #: Without its event, until it is asked for (``with_events``).
    review: Review
    #: What the event is of: an order, or an after-sale of one.
    subject: str
    #: The same, under the key that it belongs under and is sent again by.
    bound_for: str
    #: The event's version: when it happened, at its platform.
    occurred_at_ms: int
    state: State = "open"
    #: What was done to it, oldest first.
    trail: Sequence[AuditEntry] = ()

    @property
    def event(self) -> ChannelEvent:
        """The event as it came. Raises CodecError for an item without it."""
        return cast(ChannelEvent, CODEC.decode(self.review["event"])[1])

    @property
    def codes(self) -> list[str]:
        """Reasons, each once, in the order found."""
        return list(dict.fromkeys(reason["code"] for reason in self.review["reasons"]))

    @property
    def source(self) -> Place:
        """Where the event stood."""
        source = self.review["source"]
        return Place(source["topic"], source["partition"], source["offset"])


@dataclass(frozen=True)
class Wanted:
    """Which items; empty says all."""

    channel: str = ""
    shop: str = ""
    reason: str = ""
    since_ms: int | None = None
    until_ms: int | None = None

    def fits(self, item: Item) -> bool:
        """Whatever its state."""
        return (
            self.channel in ("", item.review["channel"])
            and self.shop in ("", item.review["shop"])
            and (not self.reason or self.reason in item.codes)
            and (self.since_ms is None or item.at_ms >= self.since_ms)
            and (self.until_ms is None or item.at_ms < self.until_ms)
        )


def items(cluster: Cluster, wanted: Wanted | None = None) -> list[Item]:
    """The items wanted with their present state, oldest first. However much is in review, no event is kept in memory."""
    return _standing(cluster, (wanted or Wanted()).fits)


def named(cluster: Cluster, places: Collection[Place]) -> dict[Place, Item]:
    """Those of the items at these places that there are, with their present state and without their events."""
    return {item.place: item for item in _standing(cluster, lambda item: item.place in places)}


def with_events(cluster: Cluster, chosen: Sequence[Item]) -> Iterator[Item]:
    """The items in their order with their events, of which few are in memory at a time. Raises ClusterError."""
    return whole(cluster, chosen, lambda item, message: replace(item, review=_review(message.value())))


def listed(
    cluster: Cluster, wanted: Wanted, states: Container[State] = ("open",), *, limit: int = 100, after: str = ""
) -> Page[Item]:
    """A page of the items wanted that are in one of the states, without their events. Raises BadCursor, ValueError, ClusterError."""
    found = [item for item in items(cluster, wanted) if item.state in states]
    return page(found, reasons(found), limit, after, TOPIC)


def _review(value: bytes | None) -> Review:
    """Raises CodecError."""
    return cast(Review, CODEC.decode(value or b"")[1])


def _standing(cluster: Cluster, fits: Callable[[Item], bool]) -> list[Item]:
    """Those of all items that fit, with their present state, oldest first."""
    every = list(_read(cluster))
    entries = trail(cluster)
    chosen = [item for item in every if fits(item)]
    # 1. What the audit says was done.
    chosen = [
        replace(item, trail=tuple(done), state=_done(done))
        for item in chosen
        for done in [entries.get(str(item.place), [])]
    ]
    # 2. What was sent again and came to nothing.
    if any(item.state == "resubmitted" for item in chosen):
        void = _without_effect(cluster, {item.source for item in every})
        chosen = [replace(item, state="open") if _receipt(item) in void else item for item in chosen]
    # 3. What intake has accepted since.
    seen = remembered(cluster, {item.subject for item in chosen if item.state == "open"})
    chosen = [replace(item, state="superseded") if _is_superseded(item, seen) else item for item in chosen]
    return sorted(chosen, key=lambda item: (item.at_ms, item.place))


def reasons(chosen: Iterable[Item]) -> Counter[str]:
    """Reason's code -> items that have it."""
    return Counter(code for item in chosen for code in item.codes)


def _read(cluster: Cluster) -> Iterable[Item]:
    for message in cluster.read(TOPIC):
        try:
            review = _review(message.value())
        except CodecError:
            # Intake alone writes here; what is not its own the verifier reports.
            continue
        place = Place(TOPIC, cast(int, message.partition()), cast(int, message.offset()))
        key = (message.key() or b"").decode("utf-8", "backslashreplace")
        event = cast(ChannelEvent, CODEC.decode(review["event"])[1])
        subject, right_key = subject_of(event, key), key_of(event)
        bound_for = subject if right_key == key else subject_of(event, right_key)
        light: Review = {**review, "event": b""}
        yield Item(place, message.timestamp()[1], key, light, subject, bound_for, event["occurred_at_ms"])


def _done(entries: Sequence[AuditEntry]) -> State:
    return cast(State, STATES[entries[-1]["action"]]) if entries else "open"


def _receipt(item: Item) -> tuple[str, str] | None:
    """(order id, time of receipt) of the event sent again last."""
    if item.state != "resubmitted":
        return None
    details = item.trail[-1]["details"]
    return details.get("order_id", ""), details.get("received_at_ms", "")


def _without_effect(cluster: Cluster, sources: set[Place]) -> set[tuple[str, str]]:
    """Receipts of events that only repeated something in review. ``sources``: where all events in review stood."""
    void = set()
    for message in cluster.read("orders.duplicates"):
        duplicate = cast(Duplicate, CODEC.decode(message.value() or b"")[1])
        first = duplicate["first_source"]
        if Place(first["topic"], first["partition"], first["offset"]) in sources:
            void.add((duplicate["order_id"], str(duplicate["received_at_ms"])))
    return void


def _is_superseded(item: Item, seen: Mapping[str, Seen]) -> bool:
    known = seen.get(item.subject) if item.state == "open" else None
    if known is None or known["outcome"] != "ACCEPTED":
        return False
    accepted = known["source"]
    here = (accepted["topic"], accepted["partition"]) == item.source[:2]
    later = accepted["offset"] > item.source.offset
    # An older version that arrived later leaves what this one has to say unsaid.
    return here and later and known["version"] >= item.occurred_at_ms
