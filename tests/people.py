"""People who may do everything."""

from __future__ import annotations

from streams.ops.actor import ALL_RIGHTS, Actor


def person(who: str) -> Actor:
    """Of that name, with all rights."""
    return Actor(who, ALL_RIGHTS)
