"""The simulated platforms as whoever drives them sees them: place an order, let it change, look at what a buyer would see."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from connectors.shops import Shops

_TIMEOUT_S = 60.0


class PlatformAway(Exception):
    """A simulator does not answer as it should; the message says which and what it said."""


class Placed(NamedTuple):
    """An order that is there, or has changed, at its platform."""

    order_no: str
    changed_at_ms: int


class Platforms:
    """The simulators behind a shops file, through their controls.

    Every method raises PlatformAway.
    """

    def __init__(self, shops: Shops) -> None:
        #: Channel -> where its simulator is.
        self.urls: Mapping[str, str] = {
            shop.channel: "{0.scheme}://{0.netloc}".format(urlsplit(shop.url)) for shop in shops.shops
        }

    def place(self, channel: str, orders: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Placed]:
        """(shop, the platform's snapshot) of each: created, or changed to this; the platform dates it and pushes it."""
        body = {"orders": [{"shop": shop, "payload": payload} for shop, payload in orders]}
        answer = self._call(channel, "POST", "/_sim/orders", body)
        return [Placed(it["order_no"], it["changed_at_ms"]) for it in answer["orders"]]

    def orders(self, channel: str) -> dict[str, dict[str, Any]]:
        """Order number -> how it stands at the platform."""
        return {it["order_no"]: it for it in self._call(channel, "GET", "/_sim/orders")["orders"]}

    def counts(self, channel: str) -> dict[str, Any]:
        """What the platform has seen and done."""
        found: dict[str, Any] = self._call(channel, "GET", "/_sim/counts")
        return found

    def faults(self, rates: Mapping[str, float], *channels: str) -> None:
        """From now on, at these, or at all of them."""
        for channel in channels or self.urls:
            self._call(channel, "PUT", "/_sim/faults", dict(rates))

    def _call(self, channel: str, method: str, path: str, body: Any = None) -> Any:
        data = msgspec.json.encode(body) if body is not None else None
        request = urllib.request.Request(self.urls[channel] + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
                return msgspec.json.decode(answer.read())
        except urllib.error.HTTPError as exc:
            told = _error(exc.read())
            raise PlatformAway(f"simulated {channel}: {method} {path} was answered with {exc.code}: {told}") from exc
        except OSError as exc:
            raise PlatformAway(f"simulated {channel} does not answer: {exc}") from exc


def _error(body: bytes) -> str:
    """What a simulator says is wrong."""
    try:
        return str(msgspec.json.decode(body)["error"])
    except (msgspec.DecodeError, LookupError, TypeError):
        return body.decode("utf-8", "replace")[:300]
