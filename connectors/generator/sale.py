"""An order before it is written down in a platform's shape."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, NamedTuple

from schemas.records import ChannelEvent

from .places import Buyer

Stage = Literal["unpaid", "held", "paid", "shipped", "cancelled"]


class RawEvent(NamedTuple):
    """What is published: the message key (the order id), the envelope, and what the generator meant by it.

    `note`: "new", "update", "late" (an older snapshot after a newer one), "duplicate", "return", "malformed:<name>", "situation:<name>",
    "aftersale:<kind>".
    """

    key: str
    event: ChannelEvent
    note: str

    @property
    def topic(self) -> str:
        return f"channel.{self.event['channel']}.events"


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line. `number` gives the platforms' ids of goods and line, `fen` the unit price in minor units."""

    number: int
    sku: str
    title: str
    variant: str
    quantity: int
    fen: int
    gift: bool = False


@dataclass(frozen=True, slots=True)
class Sale:
    """One order. `serial` is unique per channel, times are ms since epoch, paid_at_ms 0 is never paid.

    `extra`: lines that are no goods, for the one shape that has such lines (Shopify).
    """

    channel: str
    shop: str
    serial: int
    buyer: Buyer
    lines: Sequence[SaleLine]
    placed_at_ms: int
    paid_at_ms: int
    postage_fen: int = 0
    discount_fen: int = 0
    buyer_note: str = ""
    seller_note: str = ""
    currency: str = "CNY"
    extra: Sequence[SaleLine] = ()

    @property
    def goods_fen(self) -> int:
        return sum(line.fen * line.quantity for line in self.lines)

    @property
    def payment_fen(self) -> int:
        return max(0, self.goods_fen + self.postage_fen - self.discount_fen)


def local(at_ms: int) -> str:
    """ms -> yyyy-MM-dd HH:mm:ss at GMT+8."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at_ms // 1000 + 8 * 3600))


def yuan(fen: int) -> str:
    """Minor units -> text with two decimals."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def token(*parts: str) -> str:
    """What a platform's ciphertext looks like, derived from the text: nothing can be decrypted from it."""
    return b64encode(blake2b("/".join(parts).encode(), digest_size=24).digest()).decode()


def masked(name: str) -> str:
    return name[:1] + "*" * max(1, len(name) - 1)
