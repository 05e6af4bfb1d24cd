"""Cross-warehouse pieces: sent from another warehouse than the first choice for want of stock, or moved between warehouses.

The first choice is said by the plan, and stands in its trace. The mission's figure is both together, of the pieces that were allocated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

#: The mission's: at most so much of the pieces.
CROSS_WAREHOUSE_TARGET = 0.05


class Crossing(NamedTuple):
    """Pieces of a span of time."""

    #: Allocated, where the first choice is known.
    pieces: int = 0
    #: Those of them that another sends than the first choice.
    elsewhere: int = 0
    #: Moved between warehouses; what the inventory refused was not moved.
    moved: int = 0

    @property
    def share(self) -> float | None:
        """None: nothing was allocated."""
        return (self.elsewhere + self.moved) / self.pieces if self.pieces else None


def crossing(parts: Sequence[Mapping[str, Any]], trace: Mapping[str, Any]) -> Crossing:
    """Of one decision: the parts of an OrderAllocated, and its trace."""
    rounds = trace["rounds"]
    first = rounds[0]["first_choice"] if rounds else None
    if first is None:
        return Crossing()
    pieces = sum([part["quantity"] for part in parts])
    return Crossing(pieces, sum([part["quantity"] for part in parts if part["warehouse"] != first]))
