"""A release as ``config.releases`` has it, and back."""

from __future__ import annotations

from typing import cast, get_args

from schemas.records import ConfigRelease, ConfigShare

from .guardrails import Figure, Guard
from .sharing import Release, Share

_FIGURES = get_args(Figure)


def release_of(record: ConfigRelease) -> Release:
    """Which versions are in use."""
    return Release(
        record["live"], record["shadow"], share_of(record["share"]), record["previous"], tuple(record["withdrawn"])
    )


def share_of(record: ConfigShare | None) -> Share | None:
    """A trial. A guard of a figure that this Penstock does not know guards nothing."""
    if record is None:
        return None
    guards = tuple(
        Guard(cast(Figure, each["figure"]), each["sample_min"], each["limit"])
        for each in record["guards"]
        if each["figure"] in _FIGURES
    )
    return Share(record["version"], record["basis_points"], record["salt"], record["since_ms"], guards)


def share_record(share: Share | None, at_ms: int = 0) -> ConfigShare | None:
    """``at_ms``: when a trial begins that has not begun yet."""
    if share is None:
        return None
    return {
        "version": share.version,
        "basis_points": share.basis_points,
        "salt": share.salt,
        "since_ms": share.since_ms or at_ms,
        "guards": [
            {"figure": each.figure, "limit": each.limit, "sample_min": each.sample_min} for each in share.guards
        ],
    }
