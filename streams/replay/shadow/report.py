"""What a rebuild has found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from streams.aside.places import Place

#: Kept with their text; all are counted.
_KEPT = 100


class Difference(NamedTuple):
    """A record that the logs do not lead to, or one that they lead to and that is not there."""

    stage: str
    place: Place
    #: The order id; the SKU where no order is concerned.
    key: str
    text: str


@dataclass
class Report:
    """Counts per stage, and differences."""

    differences: list[Difference] = field(default_factory=list)
    difference_counts: Counter[str] = field(default_factory=Counter)
    #: Stage -> what was recomputed and found equal.
    agreed: Counter[str] = field(default_factory=Counter)
    #: Things worth saying that are no differences.
    notes: Counter[str] = field(default_factory=Counter)
    #: Decisions computed for the order that was hardest to retrace.
    tries_most: int = 0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.difference_counts

    def differs(self, stage: str, place: Place, key: str, text: str) -> None:
        """Adds one."""
        self.difference_counts[stage] += 1
        if len(self.differences) < _KEPT:
            self.differences.append(Difference(stage, place, key, text))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "ok": self.ok,
            "agreed": dict(self.agreed),
            "differences": dict(self.difference_counts),
            "first_differences": [{**d._asdict(), "place": str(d.place)} for d in self.differences],
            "notes": dict(self.notes),
            "tries_most": self.tries_most,
            "seconds": round(self.seconds, 1),
        }
