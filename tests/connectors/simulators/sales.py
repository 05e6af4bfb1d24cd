"""Invented sales for the simulators' tests: lines with chosen numbers of pieces."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from connectors.generator.draw import CHANNELS
from connectors.generator.places import buyer
from connectors.generator.sale import Sale, SaleLine

_PLACED_MS = 1_767_232_800_000


def sale(channel: str, serial: int = 1, pieces: Sequence[int] = (2,), gift: bool = False) -> Sale:
    """A paid order of a line per number of pieces, at the channel's first shop; ``gift``: the last line is one."""
    lines = [
        SaleLine(n, f"SKU-{n}", f"Goods {n}", "red", quantity, 1990, gift=gift and n == len(pieces))
        for n, quantity in enumerate(pieces, start=1)
    ]
    shop = CHANNELS[channel][1][0]
    return Sale(channel, shop, serial, buyer(Random(serial)), lines, _PLACED_MS, _PLACED_MS + 45_000)
