"""What intake would make of an event, told before it is sent: by intake's own pure functions, on the state it has now.

Intake decides again when the event arrives; something may have come in between. This keeps the plain cases from going round in circles.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from schemas.codec import CODEC
from schemas.records import ChannelEvent, Review, Seen
from streams.aside.places import Place
from streams.domain.intake.dedup import Decision, dedup
from streams.domain.intake.reading import read_event
from streams.ops.cluster import Cluster


class Foresight:
    """Intake's memory of some orders, and the SKUs it knows. Events are told in the order they will be sent in."""

    def __init__(self, known_skus: Iterable[str], seen: dict[str, Seen]) -> None:
        self._known_skus = frozenset(known_skus)
        self._seen = seen

    def decision(self, value: bytes, key: str, source: Place) -> Decision:
        """What becomes of the event. ``source``: where the event it corrects stood."""
        place = {"topic": source.topic, "partition": source.partition, "offset": source.offset}
        reading = read_event(value, key, place, self._known_skus)  # type: ignore[arg-type]
        if reading.review is not None:
            # Dedup may call it a repetition of what is in review: a person wants to know what is wrong with it.
            return Decision("Review", reading.review, None)
        decision = dedup(reading, self._seen.get(reading.order_id))
        # Only what intake would accept is sent.
        if decision.name == "Order" and decision.seen is not None:
            self._seen[reading.order_id] = decision.seen
        return decision


def foresight(cluster: Cluster, order_ids: Iterable[str]) -> Foresight:
    """Reads the SKUs and what intake remembers of these orders."""
    skus = {}
    for message in cluster.read("inventory.availability"):
        skus[message.key()] = message.value() is not None
    known = (raw.decode() for raw, there in skus.items() if there and raw is not None)
    return Foresight(known, remembered(cluster, order_ids))


def remembered(cluster: Cluster, order_ids: Iterable[str]) -> dict[str, Seen]:
    """Intake's table ``seen`` of these orders, from its changelog; an order it never met is missing.

    The table outlives the topics ``orders`` and ``orders.duplicates``, and it is what the next event will meet.
    """
    wanted = set(order_ids)
    changelog = f"{cluster.settings.app_id}-seen-changelog"
    if not wanted or not cluster.has(changelog):
        # No worker has ever run: nothing was accepted.
        return {}
    raw: dict[str, bytes | None] = {}
    only = next(iter(wanted)) if len(wanted) == 1 else None
    for message in cluster.read(changelog, key=only):
        key = (message.key() or b"").decode("utf-8", "backslashreplace")
        if key in wanted:
            raw[key] = message.value()
    return {key: cast(Seen, CODEC.decode(value)[1]) for key, value in raw.items() if value is not None}


def verdict(decision: Decision) -> str:
    """The decision in one line."""
    if decision.name == "Order":
        return f"intake would accept it: {decision.record['status']}, version {decision.record['version']}"  # type: ignore[typeddict-item]
    if decision.name == "Duplicate":
        return f"it would have no effect: {effect_of(decision)}"
    review: Review = decision.record  # type: ignore[assignment]
    return "intake would put it in review again: " + ", ".join(r["code"] for r in review["reasons"])


def effect_of(decision: Decision) -> str:
    """Why a duplicate changes nothing."""
    if decision.record["kind"] == "STALE":  # type: ignore[typeddict-item]
        return "a newer version of the order was accepted"
    return "the same content is there already"


def key_of(event: ChannelEvent) -> str:
    """The key an event belongs under, whatever key it came with."""
    return f"{event['channel']}:{event['order_no']}"
