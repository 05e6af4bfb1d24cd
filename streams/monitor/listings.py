"""What shops show of the stock, and should: how many SKUs stand where, how long the oldest number has not been told, what differs.

A SKU has series of its own while it is behind or differs, and no longer, and only so many of a shop: as many as there is trouble.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from prometheus_client import CollectorRegistry, Gauge

from schemas.codec import CODEC, CodecError
from schemas.records import Listed
from streams.engine.record import Record

STATUS = "listing.status"
TOPICS = (STATUS,)
PHASES = ("UNKNOWN", "WAITING", "REQUESTED", "RETRYING", "SHOWN", "DEAD")
#: SKUs of a shop that have series of their own; what waits for less than this is on its way.
SKUS_MAX, _BEHIND_MS = 50, 5_000

Shop = tuple[str, str]


class ListingGauges:
    """In ``registry``; labels are channels, shops, phases and SKUs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, doc: str, *labels: str) -> Gauge:
            return Gauge(f"hub_listing_{name}", doc, ("channel", "shop", *labels), registry=registry)

        self.places = gauge("places", "SKUs that a shop lists, by where they stand", "phase")
        self.lag = gauge("lag_seconds", "How long the oldest number that is not told has waited; 0: none waits")
        self.sku_lag = gauge("sku_lag_seconds", "The same of each SKU that has waited for longer than 5 s", "sku")
        self.differs = gauge("differs", "SKUs that showed another number than they were told, when they were asked")
        self.sku_differs = gauge("sku_difference", "Units that each of them showed beyond it", "sku")


class Listings:
    """Fed by one thread."""

    def __init__(self, gauges: ListingGauges) -> None:
        self._gauges = gauges
        #: SKU -> (channel, shop, phase) -> its places there.
        self._standing: dict[str, Counter[tuple[str, str, str]]] = {}
        #: SKU -> shop -> since when, ms.
        self._behind: dict[str, dict[Shop, int]] = {}
        self._differs: dict[str, dict[Shop, int]] = {}
        self._shops: set[Shop] = set()
        self.unreadable = 0

    def take(self, message: Record, fresh: bool) -> None:
        """Takes in one message of ``TOPICS``."""
        try:
            name, record = CODEC.decode(message.value() or b"")
        except CodecError:
            self.unreadable += 1
            return
        if name == "Listings":
            self._changed(record["sku"], record["listed"])

    def refresh(self, now_ms: int) -> None:
        """Brings the gauges up to now."""
        gauges = self._gauges
        places = sum(self._standing.values(), Counter[tuple[str, str, str]]())
        gauges.sku_lag.clear()
        gauges.sku_differs.clear()
        for shop in self._shops:
            for phase in PHASES:
                gauges.places.labels(*shop, phase).set(places[(*shop, phase)])
            behind = sorted((since[shop], sku) for sku, since in self._behind.items() if shop in since)
            gauges.lag.labels(*shop).set(max(0, now_ms - behind[0][0]) / 1000 if behind else 0)
            for since_ms, sku in behind[:SKUS_MAX]:
                if now_ms - since_ms > _BEHIND_MS:
                    gauges.sku_lag.labels(*shop, sku).set((now_ms - since_ms) / 1000)
            differing = sorted((-abs(by[shop]), sku, by[shop]) for sku, by in self._differs.items() if shop in by)
            gauges.differs.labels(*shop).set(len(differing))
            for _, sku, units in differing[:SKUS_MAX]:
                gauges.sku_differs.labels(*shop, sku).set(units)

    def _changed(self, sku: str, listed: list[Any]) -> None:
        standing: Counter[tuple[str, str, str]] = Counter()
        behind: dict[Shop, int] = {}
        differs: dict[Shop, int] = {}
        it: Listed
        for it in listed:
            shop = it["place"]["channel"], it["place"]["shop"]
            self._shops.add(shop)
            standing[(*shop, it["phase"])] += 1
            if it["phase"] not in ("SHOWN", "UNKNOWN"):
                behind[shop] = min(it["changed_at_ms"], behind.get(shop, it["changed_at_ms"]))
            if it["differs"]:
                differs[shop] = differs.get(shop, 0) + it["differs"]
        self._standing[sku] = standing
        for kept, found in ((self._behind, behind), (self._differs, differs)):
            kept.pop(sku, None)
            if found:
                kept[sku] = found
