"""How a version moves on: draft, shadow, share, live, retired. What may not be done is answered with why, and what to do."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .guardrails import Guard
from .sharing import BUCKETS, Release, Share, salt_of

State = Literal["draft", "shadow", "share", "live", "retired"]


class Moved(NamedTuple):
    """The release afterwards, and what was done to it in words."""

    release: Release
    did: str


class Stays(NamedTuple):
    """Nothing is changed. ``refused``: because it may not be; else it is so already."""

    refused: bool
    says: str


Answer = Moved | Stays


def state_of(release: Release, version: int) -> State:
    """Where a published version stands. One that is older than what has been in use is over, whether it was used or not."""
    if version == release.live:
        return "live"
    if release.share is not None and version == release.share.version:
        return "share"
    if version == release.shadow:
        return "shadow"
    used = max(release.live or 0, release.previous or 0)
    return "retired" if version < used else "draft"


def to_shadow(release: Release, version: int) -> Answer:
    """It decides beside the live one, without effect."""
    match state_of(release, version):
        case "shadow":
            return Stays(False, f"version {version} is in the shadow already")
        case "live":
            return Stays(True, f"version {version} is live: what decides is not its own shadow")
        case "share":
            return Stays(True, f"version {version} has a share of the orders: end that first, with rollback")
        case _:
            return Moved(release._replace(shadow=version), f"version {version} is in the shadow")


def to_share(
    release: Release, version: int, basis_points: int, document: str, guards: tuple[Guard, ...] = ()
) -> Answer:
    """It decides a part of the orders. A share is widened, never narrowed: who was in would go out of it.

    :param document: ``kind/name``, which the salt of a new trial is made of.
    :param guards: limits of its own; none: those that the trial has had so far.
    """
    if not 0 < basis_points < BUCKETS:
        return Stays(
            True, f"a share of {in_percent(basis_points)} is none: give one above 0 % and below 100 %, or --live"
        )
    if version == release.live:
        return Stays(True, f"version {version} is live: it decides all orders that no other version has a share of")
    share = release.share
    if share is None:
        share = Share(version, basis_points, salt_of(document, version), guards=guards)
    elif share.version != version:
        has = f"version {share.version} has a share of {in_percent(share.basis_points)}"
        return Stays(True, f"{has}: make it live, or end its trial with rollback, before another begins")
    elif basis_points < share.basis_points:
        wider = f"version {version} has {in_percent(share.basis_points)}, and {in_percent(basis_points)} is less"
        return Stays(True, f"{wider}: buyers would go back and forth. End the trial with rollback, or give more")
    elif basis_points == share.basis_points and guards in ((), share.guards):
        return Stays(False, f"version {version} has a share of {in_percent(basis_points)} already")
    else:
        share = share._replace(basis_points=basis_points, guards=guards or share.guards)
    shadow = None if release.shadow == version else release.shadow
    said = f"version {version} has a share of {in_percent(basis_points)}"
    return Moved(release._replace(share=share, shadow=shadow, withdrawn=_without(release.withdrawn, version)), said)


def to_live(release: Release, version: int) -> Answer:
    """It decides all orders that no earlier decision has pinned."""
    share = release.share
    if share is not None and share.version != version:
        has = f"version {share.version} has a share of {in_percent(share.basis_points)}"
        return Stays(True, f"{has}: make it live, or end its trial with rollback, before another goes live")
    if version == release.live:
        return Stays(False, f"version {version} is live already")
    shadow = None if release.shadow == version else release.shadow
    withdrawn = _without(release.withdrawn, version)
    return Moved(Release(version, shadow, None, release.live, withdrawn), f"version {version} is live")


def roll_back(release: Release) -> Answer:
    """Takes back what decides orders: ends the trial where there is one, else what was live before is live again. The shadow stays.

    What is taken back is withdrawn: orders that it has decided, and that have to be decided again, are assigned anew.
    It is not rolled back twice: what was live before the previous one, the release does not know.
    """
    share = release.share
    if share is not None:
        withdrawn = (*_without(release.withdrawn, share.version), share.version)
        return Moved(
            release._replace(share=None, withdrawn=withdrawn), f"version {share.version} has no share any more"
        )
    if release.live is None:
        return Stays(True, "nothing is released: there is nothing to roll back")
    if release.previous is None:
        return Stays(True, f"no version was live before version {release.live}: name the version that shall be")
    shadow = None if release.shadow == release.previous else release.shadow
    withdrawn = (*_without(release.withdrawn, release.previous, release.live), release.live)
    return Moved(Release(release.previous, shadow, None, None, withdrawn), f"version {release.previous} is live again")


def end_shadow(release: Release) -> Answer:
    """Nothing decides beside the live version any more."""
    if release.shadow is None:
        return Stays(False, "no version is in the shadow")
    return Moved(release._replace(shadow=None), f"version {release.shadow} is not in the shadow any more")


def _without(withdrawn: tuple[int, ...], *versions: int) -> tuple[int, ...]:
    return tuple([each for each in withdrawn if each not in versions])


def in_percent(basis_points: int) -> str:
    """``12.5 %``."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole} %" if not rest else f"{whole}.{rest:02}".rstrip("0") + " %"
