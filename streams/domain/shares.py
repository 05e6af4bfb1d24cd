"""Amounts of money shared in whole minor units: the shares are exactly the amount, and none is negative."""

from __future__ import annotations

from collections.abc import Sequence


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount by weights, each share less than one minor unit from its exact one.

    :param amount: not negative.
    :param weights: not negative; their sum is above 0 where there are any.
    """
    whole, seen, given = sum(weights), 0, 0
    shares: list[int] = []
    for weight in weights:
        seen += weight
        shares.append(amount * seen // whole - given)
        given += shares[-1]
    return shares


def share_of(amount: int, units: int, of: int) -> int:
    """What `units` of `of` take of an amount. Whoever takes the last ones takes what is left of it."""
    return amount * units // of
