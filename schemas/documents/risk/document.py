"""The risk document as types. Weights and scores are basis points, amounts minor units (fen), times whole minutes, dates China's days."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import Name, Number, Part, Remark, Share

VERSION = 1
ENTRIES_MAX = 5_000

#: Which of a person's data a key is made of.
Of = Literal["buyer", "phone", "address"]
Day = Annotated[str, Meta(min_length=10, max_length=10)]
#: A keyed hash (``streams/domain/risk/keys.py``), never the data themselves.
Digest = Annotated[str, Meta(min_length=32, max_length=32)]


class Weight(Part, frozen=True):
    """What a signal adds to the score; 0 leaves it out."""

    signal: Name
    bp: Share


class Limits(Part, frozen=True):
    """From where on. What is left out stays as it comes with Penstock."""

    hit_bp: Share | None = None
    burst_orders: Number | None = None
    burst_minutes: Number | None = None
    amount_minor: Number | None = None
    pieces: Number | None = None
    first_order_minor: Number | None = None
    refund_bp: Share | None = None
    refund_orders: Number | None = None


class Entry(Part, kw_only=True, frozen=True):
    """Somebody on a list, through the day ``until``. One key that an order meets is a suspicion, two are a person."""

    list: Literal["block", "allow"]
    of: Of
    digest: Digest
    until: Day
    reason: Remark = ""


class Document(Part, frozen=True):
    """Everything that a merchant sets about risk."""

    version: Literal[1]
    name: Name
    description: Remark = ""
    limits: Limits = Limits()
    weights: Annotated[tuple[Weight, ...], Meta(max_length=100)] = ()
    entries: Annotated[tuple[Entry, ...], Meta(max_length=ENTRIES_MAX)] = ()
    kind: Literal["risk"] = "risk"


FORM = Form("risk", Document, VERSION, ENTRIES_MAX)
