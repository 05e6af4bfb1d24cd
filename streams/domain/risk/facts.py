"""What an order's risk is judged by: plain values, handed in. What is not known is None, and gives no signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from schemas.records import Receiver

#: What the platform itself says. pending: it has not decided yet, and nor may the hub.
Platform = Literal["", "clear", "pending", "review", "high"]


class Window(NamedTuple):
    """Orders of one key within some minutes, counted by when they were placed."""

    #: buyer, phone or address.
    key: str
    minutes: int
    orders: int
    #: Different buyers among them; None: not known.
    buyers: int | None = None


class Line(NamedTuple):
    """A line that is to be sent; a gift has price 0."""

    sku: str
    quantity: int
    unit_price_minor: int


class Match(NamedTuple):
    """An entry of a list that the order meets: which list, which key (buyer, phone, address), until when it stands."""

    list: Literal["block", "allow"]
    key: str
    until_ms: int


class RiskFacts(NamedTuple):
    """All that a score rests on."""

    receiver: Receiver
    now_ms: int
    total_minor: int | None = None
    lines: tuple[Line, ...] = ()
    platform: Platform = ""
    first_order: bool | None = None
    windows: tuple[Window, ...] = ()
    matches: tuple[Match, ...] = ()
    #: SKU -> the least that a piece is sold for, in minor units.
    floors: Mapping[str, int] = {}
    #: This buyer's orders before, and those that were refunded or refused.
    buyer_orders: int | None = None
    buyer_refunds: int | None = None
    billing_country: str = ""
    buyer_message: str = ""
    changed_after_payment: bool = False
