"""What documents of listings, and of bundles, make of what shops show: a command to each SKU's owner that says all of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from schemas.documents.listings.document import Document
from schemas.records import Bundle, BundlePart, ListingPlace, ListSku
from streams.domain.listing.documents import places


class Said(NamedTuple):
    """What is said of one SKU."""

    parts: tuple[BundlePart, ...]
    bundles: tuple[str, ...]
    places: tuple[ListingPlace, ...]


_NOTHING = Said((), (), ())


def said(documents: Iterable[msgspec.Struct], bundles: Mapping[str, Bundle]) -> dict[str, Said]:
    """By SKU: of those that are listed, and of parts of bundles that are."""
    at: dict[str, list[ListingPlace]] = {}
    for document in documents:
        if isinstance(document, Document):
            for sku, place in places(document):
                at.setdefault(sku, []).append(place)
    of: dict[str, list[str]] = {}
    for sku in sorted(at):
        for part in bundles[sku]["parts"] if sku in bundles else ():
            of.setdefault(part["sku"], []).append(sku)
    return {
        sku: Said(
            tuple(bundles[sku]["parts"]) if sku in bundles and sku in at else (),
            tuple(of.get(sku, ())),
            tuple(sorted(at.get(sku, ()), key=lambda place: place["place"])),
        )
        for sku in {**at, **of}
    }


def commands(before: Mapping[str, Said], after: Mapping[str, Said], why: str, now_ms: int) -> Iterator[ListSku]:
    """For what differs. ``why``: what has changed, another one at each change."""
    for sku in sorted({**before, **after}):
        wanted = after.get(sku, _NOTHING)
        if wanted != before.get(sku, _NOTHING):
            yield {
                "command_id": f"{why}/{sku}",
                "sku": sku,
                "parts": list(wanted.parts),
                "bundles": list(wanted.bundles),
                "places": list(wanted.places),
                "requested_at_ms": now_ms,
            }


def of_bundle(
    documents: Iterable[msgspec.Struct], bundles: Mapping[str, Bundle], record: Bundle, now_ms: int
) -> list[ListSku]:
    """For one bundle that a person has set."""
    them = list(documents)
    before, after = said(them, bundles), said(them, {**bundles, record["sku"]: record})
    return list(commands(before, after, f"bundle/{record['sku']}/{record['version']}", now_ms))
