"""Kinds of trouble that an order's status tells of: what contradicts what is known, or can't be undone by the hub itself."""

from __future__ import annotations

from typing import Literal, get_args

Trouble = Literal[
    "parcel_unknown_line",
    "parcel_wrong_warehouse",
    "parcel_too_many",
    "parcel_after_release",
    "parcel_without_reservation",
    "stock_refused",
    "return_unknown",
    "return_too_many",
    "receiver_changed_after_parcel",
    "collect_changed_after_parcel",
    "refunded_and_sent",
    "shipment_reversed",
    "shown_as_sent",
    "cancelled_after_shipping",
    "unpaid_after_shipping",
    "paid_after_cancelled",
    "sent_after_cancelled",
]

TROUBLES: tuple[Trouble, ...] = get_args(Trouble)
