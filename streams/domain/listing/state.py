"""What is known of a SKU on the channels, and the questions asked of it. Nothing here changes a state in place."""

from __future__ import annotations

from schemas.records import Listed, ListingPlace, Listings

#: The state is one record, written whole with each change: so much of it is kept, and no more.
PLACES_MAX = 200
COMMANDS_MAX = 50
REASON_MAX = 500


def unlisted(sku: str) -> Listings:
    """The state of a SKU of which nothing is known yet."""
    return {
        "sku": sku,
        "stock": None,
        "parts": [],
        "part_stocks": [],
        "bundles": [],
        "listed": [],
        "pool_at_ms": None,
        "commands": [],
    }


def begun(place: ListingPlace, at_ms: int) -> Listed:
    """A place that was never told anything. It is open until its threshold is reached.

    Its requests are numbered from the moment on: listed once more it begins above all that it was told before, whose numbers are in
    platforms' memories as idempotency keys.
    """
    return {
        "place": place,
        "phase": "UNKNOWN",
        "open": True,
        "wanted": None,
        "changed_at_ms": at_ms,
        "told": None,
        "told_at_ms": 0,
        "sent": None,
        "sent_at_ms": 0,
        "number": at_ms,
        "pending": [],
        "doubt": False,
        "attempt": 0,
        "outcome": None,
        "code": "",
        "reason": "",
        "next_at_ms": None,
        "seen": None,
        "seen_at_ms": 0,
        "differs": 0,
        "by": "system",
    }


def place_of(channel: str, shop: str, item: str, variant: str, location: str) -> str:
    """A place's name."""
    return "/".join((channel, shop, item, variant, location))


def request_id(it: Listed) -> str:
    """Of the newest request about it."""
    return f"{it['place']['place']}#{it['number']}"


def due_ms(state: Listings | None) -> int | None:
    """When the SKU is next to be looked at, with nothing else happening; None: never."""
    if state is None or not state["listed"]:
        return None
    times = [it["next_at_ms"] for it in state["listed"] if it["next_at_ms"] is not None]
    if state["pool_at_ms"] is not None:
        times.append(state["pool_at_ms"])
    return min(times, default=None)


def is_told(state: Listings) -> bool:
    """Whether its state is of anybody's interest: SKUs that no shop lists are most."""
    return bool(state["listed"])
