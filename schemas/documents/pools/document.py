"""The pools document (预售锁库): how many pieces of a SKU may be sold before they are there, when, and by which channel."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import BASIS_POINTS, FEW_MAX, Name, Number, Part, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1
POOLS_MAX = 1_000
#: Goods that come meet all that is frozen of their SKU in one decision: as many as one takes a second or two for.
CAP_MAX = 100_000
#: A quarter of a year.
DEPOSIT_HOURS_MAX = 2_160


class Quota(Part, frozen=True):
    """A part of a pool: a channel's own, or one that several share. share: basis points of the cap; all of a pool's make up 10,000.

    at_least: pieces that it has however small its share of the cap; larger parts have fewer for it.
    """

    name: Name
    share: Annotated[int, Meta(ge=0, le=BASIS_POINTS)]
    at_least: Number = 0


class Chain(Part, frozen=True):
    """What orders of a channel draw on: the first part as long as it has pieces, then the next. None: it sells nothing ahead."""

    channel: Name
    draws: Annotated[tuple[Name, ...], Meta(max_length=FEW_MAX)]


class Pool(Part, kw_only=True, frozen=True):
    """One SKU. from, until: orders placed from then until just before then are of the sale, as 2026-10-24 20:00 (UTC+8).

    sale: another name begins another sale, which counts from 0; left out: the document's name. cap: pieces in all. deposit_hours: how
    long a piece is kept for who has paid a deposit alone; left out: until the platform closes the order. near: share of the cap from
    which on it is told that it is nearly sold out, in basis points. quotas, chains: both or neither; without, all channels draw on all.
    """

    sku: Name
    cap: Annotated[int, Meta(ge=1, le=CAP_MAX)]
    from_: Name
    until: Name
    sale: Name = ""
    deposit_hours: Annotated[int, Meta(ge=1, le=DEPOSIT_HOURS_MAX)] | None = None
    near: Annotated[int, Meta(ge=1, le=BASIS_POINTS)] = 9_000
    quotas: Annotated[tuple[Quota, ...], Meta(max_length=FEW_MAX)] = ()
    chains: Annotated[tuple[Chain, ...], Meta(max_length=FEW_MAX)] = ()


class Document(Part, frozen=True):
    """Pools: one a SKU. One that a later version leaves out is closed: nothing new is frozen, what is frozen gets its goods."""

    version: Literal[1]
    name: Name
    pools: Annotated[tuple[Pool, ...], Meta(min_length=1, max_length=POOLS_MAX)]
    description: Remark = ""
    kind: Literal["pools"] = "pools"


FORM = Form("pools", Document, VERSION, POOLS_MAX)
