"""What intake would make of an event, told before it is sent: by intake's own pure functions, on the state it has now.

Intake decides again when the event arrives; something may have come in between. This keeps the plain cases from going round in circles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.records import Bundle, ChannelEvent, Review, Seen
from streams.aside.places import Place
from streams.aside.tables import newest, rows
from streams.domain.channels.settings import ChannelSettings
from streams.domain.intake.dedup import Decision, Reading, dedup
from streams.domain.intake.reading import read_event
from streams.ops.cluster import Cluster


class Foresight:
    """Intake's memory of some orders, the SKUs and bundles it knows. Events are told in the order they will be sent in."""

    def __init__(
        self,
        known_skus: Iterable[str],
        seen: dict[str, Seen],
        bundles: Mapping[str, Bundle],
        settings: ChannelSettings,
    ) -> None:
        self._known_skus = frozenset(known_skus)
        self._seen = seen
        self._bundles = bundles
        self._settings = settings

    def decision(self, value: bytes, key: str, source: Place) -> Decision:
        """What becomes of the event. ``source``: where the event it corrects stood."""
        reading = self.reading(value, key, source)
        if reading.review is not None:
            # Dedup may call it a repetition of what is in review: a person wants to know what is wrong with it.
            return Decision("Review", reading.review, None)
        decision = dedup(reading, self._seen.get(reading.key))
        # Only what intake would accept is sent.
        if accepted(decision) and decision.seen is not None:
            self._seen[reading.key] = decision.seen
        return decision

    def reading(self, value: bytes, key: str, source: Place) -> Reading:
        """The event, as intake reads it now. Raises NotAChannelEvent, CodecError."""
        place = {"topic": source.topic, "partition": source.partition, "offset": source.offset}
        return read_event(
            value,
            key,
            place,  # type: ignore[arg-type]
            self._known_skus,
            settings=self._settings,
            bundles=self._bundles,
        )

    def remembers(self, subject: str) -> Seen | None:
        """What it knows of an order or an after-sale of those it was made for."""
        return self._seen.get(subject)


def accepted(decision: Decision) -> bool:
    """Whether intake takes it, and something follows."""
    return decision.name in ("Order", "AfterSale")


def foresight(cluster: Cluster, subjects: Iterable[str]) -> Foresight:
    """Reads the SKUs and what intake remembers of these orders and after-sales."""
    skus = {}
    for message in cluster.read("inventory.availability"):
        skus[message.key()] = message.value() is not None
    known = (raw.decode() for raw, there in skus.items() if there and raw is not None)
    return Foresight(known, remembered(cluster, subjects), bundles(cluster), cluster.settings.channels)


def bundles(cluster: Cluster) -> dict[str, Bundle]:
    """Combined goods by their SKU, those that were removed among them: without parts."""
    return newest(cluster, "config.bundles")


def remembered(cluster: Cluster, subjects: Iterable[str]) -> dict[str, Seen]:
    """Intake's table ``seen`` of these orders and after-sales, from its changelog; what it never met is missing.

    The table outlives the topics ``orders`` and ``orders.duplicates``, and it is what the next event will meet.
    """
    wanted = set(subjects)
    if not wanted:
        return {}
    # An after-sale's entry stands in its order's partition, not in its own key's.
    only = next(iter(wanted)) if len(wanted) == 1 else None
    return rows(cluster, "seen", wanted, keys=None if only is None or "/" in only else {only})


def verdict(decision: Decision) -> str:
    """The decision in one line."""
    if accepted(decision):
        record: Any = decision.record
        return f"intake would accept it: {record.get('status') or record['state']}, version {record['version']}"
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
