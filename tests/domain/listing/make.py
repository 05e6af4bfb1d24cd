"""Records for the tests of listings, with only what a test is about spelled out."""

from __future__ import annotations

from typing import Any

from schemas.records import Listings
from streams.domain.listing.decide import decide, wake
from streams.domain.listing.state import due_ms
from streams.domain.listing.step import Decision
from tests.domain.make import AT_MS, level

SKU = "MUG"


def place(channel: str = "pdd", shop: str = "tea", **rule: Any) -> dict[str, Any]:
    return {
        "place": f"{channel}/{shop}/1/2/",
        "channel": channel,
        "shop": shop,
        "item": "1",
        "variant": "2",
        "location": "",
        "warehouses": [],
        "share": 10_000,
        "buffer": 0,
        "cap": None,
        "close_at": 0,
        "open_at": rule.get("close_at", 0) + 1,
        "every_ms": 0,
        "held": False,
        **rule,
    }


def stock(units: int, version: int = 1, sku: str = SKU, pool: Any = None, **more: int) -> dict[str, Any]:
    levels = [level("HZ", units), *(level(name, count) for name, count in more.items())]
    return {"sku": sku, "version": version, "levels": levels, "pool": pool}


def listed(*places: dict[str, Any], sku: str = SKU, parts: Any = (), bundles: Any = (), n: int = 1) -> dict[str, Any]:
    about = {"parts": list(parts), "bundles": list(bundles), "places": list(places)}
    return {"command_id": f"listings/{n}/{sku}", "sku": sku, **about, "requested_at_ms": AT_MS}


class Sku:
    """A SKU's listings while events come; what was asked of the connector is kept."""

    def __init__(self, sku: str = SKU) -> None:
        self.sku, self.state, self.at_ms = sku, None, AT_MS
        self.requests: list[Any] = []
        self.dead: list[Any] = []
        self.parts: list[Any] = []
        self.state: Listings | None

    def on(self, name: str, record: dict[str, Any], after_ms: int = 10) -> Decision:
        self.at_ms += after_ms
        return self._took(decide(self.state, name, record, self.at_ms))

    def wait(self, ms: int) -> Decision:
        """So long, and what is due in it."""
        self.at_ms += ms
        assert self.state is not None
        decision = self._took(wake(self.state, self.at_ms))
        due = due_ms(self.state)
        assert due is None or due > self.at_ms, "it would be looked at again at once, for ever"
        return decision

    def _took(self, decision: Decision) -> Decision:
        self.state = decision.state
        self.requests += decision.requests
        self.dead += decision.dead
        self.parts += decision.parts
        return decision

    @property
    def one(self) -> Any:
        assert self.state is not None
        (found,) = self.state["listed"]
        return found

    def answer(self, request: Any, outcome: str = "DONE", reason: str = "", code: str = "") -> Decision:
        place = request["place"]
        result = {
            **{name: request[name] for name in ("request_id", "sku", "number", "quantity")},
            **{name: place[name] for name in ("place", "channel", "shop")},
            **{"outcome": outcome, "code": code, "reason": reason, "at_ms": self.at_ms},
        }
        return self.on("ListingResult", result)

    def seen(self, quantity: int, number: int | None = None) -> Decision:
        place, number = self.one["place"], self.one["number"] if number is None else number
        about = {name: place[name] for name in ("place", "channel", "shop")}
        record = {"sku": self.sku, **about, "number": number, "quantity": quantity, "by": "li", "at_ms": self.at_ms}
        return self.on("ListingSeen", record)
