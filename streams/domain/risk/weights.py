"""How much each signal counts, and from where on something is many or large. A starting point of our own, no platform's figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

#: A score: all weights of an order's signals together, and no more than all.
BASIS_POINTS = 10_000
DECISIVE, STRONG, MEDIUM, WEAK = 10_000, 5_000, 2_500, 500

WEIGHTS: Mapping[str, int] = {
    "PLATFORM_RISK": DECISIVE,
    "PLATFORM_PENDING": DECISIVE,
    "BLOCKED": DECISIVE,
    "BLOCKED_BY_ONE_KEY": STRONG,
    "VAGUE_ADDRESS": STRONG,
    "ADDRESS_CONTRADICTS": MEDIUM,
    "FORWARDER": 1_500,
    "PHONE_INVALID": STRONG,
    "PHONE_SERVICE": STRONG,
    "PHONE_REPEATED": STRONG,
    "PHONE_UNUSUAL": MEDIUM,
    "PHONE_VIRTUAL": WEAK,
    "BURST_BUYER": MEDIUM,
    "BURST_PHONE": MEDIUM,
    "BURST_ADDRESS": MEDIUM,
    "AMOUNT": MEDIUM,
    "QUANTITY": MEDIUM,
    "PRICE": STRONG,
    "FIRST_ORDER": MEDIUM,
    "REFUNDS": MEDIUM,
    "COUNTRY": MEDIUM,
    "MESSAGE": STRONG,
    "CHANGED": WEAK,
}


class Limits(NamedTuple):
    """From where on."""

    hit_bp: int = 5_000
    burst_orders: int = 5
    burst_minutes: int = 10
    amount_minor: int = 500_000
    pieces: int = 50
    #: A first order counts from here on.
    first_order_minor: int = 200_000
    #: Refunds in basis points of a buyer's orders, once there are so many.
    refund_bp: int = 5_000
    refund_orders: int = 3


class Settings(NamedTuple):
    """What a merchant may set."""

    weights: Mapping[str, int] = WEIGHTS
    limits: Limits = Limits()
