"""Which version of a document decides an order: always the same one, on whatever worker and however often it is asked.

An order's key (who buys, where, for which address) is hashed with the trial's salt to one of 10,000 buckets, and the trial has those below
its share. A wider share has all the buckets of the narrower one, so who was in stays in. Orders that may leave as one parcel have one key,
so no parcel is shared between versions.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from typing import Literal, NamedTuple

from .guardrails import Guard

BUCKETS = 10_000


class Share(NamedTuple):
    """A version that is tried on a part of the orders."""

    version: int
    #: Of 10,000 orders it decides so many: 1 to 9,999.
    basis_points: int
    #: Stays as it is while the share is widened.
    salt: str
    #: When the trial began, ms since the epoch; 0: it begins with the next change, or began before this was noted.
    since_ms: int = 0
    #: Limits of its own; what is not named has its usual one.
    guards: tuple[Guard, ...] = ()


class Release(NamedTuple):
    """Versions of one document that are in use. What is not there is None."""

    #: Decides; None: what is built in does.
    live: int | None = None
    #: Decides beside it, without effect.
    shadow: int | None = None
    share: Share | None = None
    #: Was live before.
    previous: int | None = None
    #: Rolled back, and not released again.
    withdrawn: tuple[int, ...] = ()


class Assigned(NamedTuple):
    """Whose turn an order is. ``version`` None: what is built in."""

    version: int | None
    why: Literal["pinned", "share", "live"]
    #: None where no bucket was asked for.
    bucket: int | None


def merge_key(shop: str, buyer: str, address_hash: str) -> bytes:
    """The key of all orders that may leave as one parcel. No two different triples have the same one."""
    return b"".join([_framed(part) for part in (shop, buyer, address_hash)])


def salt_of(document: str, version: int) -> str:
    """A trial's salt. Another document's, or another version's, has another: the same buyers are not always those who try.

    :param document: ``kind/name``.
    """
    return f"{document}@{version}"


def bucket(salt: str, key: bytes) -> int:
    """0 to 9,999, each as likely as the others, and of two salts independent of one another."""
    return int.from_bytes(blake2b(_framed(salt) + key, digest_size=8).digest(), "big") % BUCKETS


def assigned(release: Release, key: bytes, pinned: int | None = None, withdrawn: Collection[int] = ()) -> Assigned:
    """The version that decides an order.

    :param pinned: the version of its first decision, which it keeps; None: it has none yet, or what is built in decided it.
    :param withdrawn: versions that were rolled back: an order pinned to one of them is assigned anew.
    """
    if pinned is not None and pinned not in withdrawn:
        return Assigned(pinned, "pinned", None)
    share = release.share
    if share is None:
        return Assigned(release.live, "live", None)
    its = bucket(share.salt, key)
    if its < share.basis_points:
        return Assigned(share.version, "share", its)
    return Assigned(release.live, "live", its)


def _framed(text: str) -> bytes:
    """With its length before it, so that where one ends and the next begins is never in doubt."""
    raw = text.encode("utf-8", "surrogatepass")
    return len(raw).to_bytes(4, "big") + raw
