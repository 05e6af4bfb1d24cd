"""Documents of listings: what is wrong with one beyond its form, and the places that one makes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from schemas.documents.faults import NOTHING, Fault, Path
from schemas.documents.listings.document import Document, Item, Shop
from schemas.documents.reading import Draft
from schemas.records import ListingPlace
from schemas.topics import CHANNELS
from streams.domain.listing.state import place_of

#: Channel -> fields of an item that its calls need. Source: `platforms3.md` 3.1.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "taobao": ("item",),
    "jd": ("variant",),
    "pdd": ("item", "variant"),
    "douyin": ("item", "variant"),
    "shopify": ("item", "location"),
}
#: Channel -> those of them that are numbers.
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("taobao", "pdd", "douyin"), ("item", "variant")),
    "jd": ("item", "variant", "location"),
    "shopify": ("item", "location"),
}
#: Platforms whose number can have held units in it: `held` means nothing at the others. JD's always has.
HOLDING = frozenset(("taobao", "douyin"))


def faults(draft: Draft[Document], warehouses: Collection[str], others: Mapping[str, Document]) -> Iterator[Fault]:
    """Faults of those shops whose own form is right. ``others``: documents of listings that are live beside it, by name."""
    elsewhere = {_place(shop, item): name for name, document in sorted(others.items()) for shop, item in _all(document)}
    seen: dict[str, str] = {}
    for number, shop in draft.many(("shops",), Shop):
        path: Path = ("shops", number)
        if shop.channel not in CHANNELS:
            yield Fault((*path, "channel"), shop.channel, f"is no channel: one of {', '.join(CHANNELS)}")
            continue
        for at, warehouse in enumerate(shop.warehouses):
            if warehouse not in warehouses:
                yield Fault((*path, "warehouses", at), warehouse, "is no warehouse: penstock warehouse set makes it")
        if shop.open_at is not None and shop.open_at <= shop.close_at:
            yield Fault((*path, "open_at"), shop.open_at, f"is not above close_at, {shop.close_at}: write more")
        for at, item in enumerate(shop.items):
            here: Path = (*path, "items", at)
            yield from _of_item(shop, item, here)
            place = _place(shop, item)
            if place in elsewhere:
                yield Fault((*here, "sku"), item.sku, f"stands in {elsewhere[place]} too: leave it in one of them")
            if place in seen:
                yield Fault((*here, "sku"), item.sku, f"has the same ids as {seen[place]}: leave one")
            seen.setdefault(place, f"shops[{number}].items[{at}]")


def _of_item(shop: Shop, item: Item, path: Path) -> Iterator[Fault]:
    for field in NEEDED[shop.channel]:
        if not _ident(shop, item, field):
            yield Fault((*path, field), NOTHING, f"is missing: {shop.channel} is told stock by it")
    for field in _NUMBERS[shop.channel]:
        found = _ident(shop, item, field)
        if found and not (found.isascii() and found.isdigit()):
            yield Fault((*path, field), found, f"is no number: {shop.channel} has numbers there")
    if any(_ident(shop, item, field).find("/") >= 0 for field in ("item", "variant", "location")):
        yield Fault((*path, "sku"), item.sku, "has an id with a slash: take that out")
    if (item.open_at is not None or item.close_at is not None) and _open_at(shop, item) <= _close_at(shop, item):
        if item.open_at is not None:
            yield Fault((*path, "open_at"), item.open_at, "is not above close_at: correct one")
        else:
            yield Fault((*path, "close_at"), item.close_at, "is not below open_at: correct one")
    if (item.held if item.held is not None else shop.held) and shop.channel not in HOLDING:
        yield Fault((*path, "sku"), item.sku, f"is held, which {shop.channel} has no number of: take held out")


def places(document: Document) -> Iterator[tuple[str, ListingPlace]]:
    """(SKU, place) of a document without faults."""
    for shop, item in _all(document):
        yield (
            item.sku,
            {
                "place": _place(shop, item),
                "channel": shop.channel,
                "shop": shop.shop,
                "item": item.item,
                "variant": item.variant,
                "location": _ident(shop, item, "location"),
                "warehouses": list(shop.warehouses),
                "share": shop.share if item.share is None else item.share,
                "buffer": shop.buffer if item.buffer is None else item.buffer,
                "cap": shop.cap if item.cap is None else item.cap,
                "close_at": _close_at(shop, item),
                "open_at": _open_at(shop, item),
                "every_ms": shop.every * 1000,
                "held": shop.held if item.held is None else item.held,
            },
        )


def _all(document: Document) -> Iterator[tuple[Shop, Item]]:
    for shop in document.shops:
        for item in shop.items:
            yield shop, item


def _ident(shop: Shop, item: Item, field: str) -> str:
    if field == "location":
        return shop.location if item.location is None else item.location
    return item.item if field == "item" else item.variant


def _place(shop: Shop, item: Item) -> str:
    return place_of(shop.channel, shop.shop, item.item, item.variant, _ident(shop, item, "location"))


def _close_at(shop: Shop, item: Item) -> int:
    return shop.close_at if item.close_at is None else item.close_at


def _open_at(shop: Shop, item: Item) -> int:
    if item.open_at is not None:
        return item.open_at
    # An item's own threshold is not met by the shop's.
    if shop.open_at is not None and item.close_at is None:
        return shop.open_at
    return _close_at(shop, item) + 1
