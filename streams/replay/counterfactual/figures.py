"""What is compared: the same figures for what was decided and for what the draft decides, and the orders that went otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from streams.domain.routing.planning import PlannedPart
from streams.domain.routing.rules.compiling import Rules
from streams.domain.routing.rules.facts import Facts
from streams.domain.routing.rules.sending import sending
from streams.domain.routing.rules.trace import Decision
from streams.domain.routing.tables.reckoning import Tables

#: Orders that went otherwise, kept with both traces; all are counted, and all go to the export.
FIRST = 20

Parts = Sequence[PlannedPart]


class Sent(NamedTuple):
    """What one side makes of an order; without parts it waits. ``parcels``: each with ``freight`` and ``arrives``, None where not known."""

    parts: Parts
    parcels: Sequence[Mapping[str, Any]] = ()


@dataclass
class Figures:
    """Of some orders. A figure that has no facts is missing, never 0."""

    orders: int = 0
    backordered: int = 0
    parcels: int = 0
    split: int = 0
    #: Of parcels whose distance is known.
    metres: int = 0
    distances: int = 0
    #: Minor units and minutes of parcels of which they are known, and how many those are.
    freight_minor: int = 0
    freights: int = 0
    arrival_minutes: int = 0
    arrivals: int = 0
    #: Warehouse -> parcels.
    from_warehouse: Counter[str] = field(default_factory=Counter)

    def add(self, sent: Sent, metres: Mapping[str, int | None]) -> None:
        """One order."""
        self.orders += 1
        senders = senders_of(sent.parts)
        self.backordered += not senders
        self.parcels += len(senders)
        self.split += len(senders) > 1
        for sender in senders:
            self.from_warehouse[sender] += 1
            distance = metres.get(sender)
            if distance is not None:
                self.metres += distance
                self.distances += 1
        for parcel in sent.parcels:
            freight, arrives = parcel["freight"], parcel["arrives"]
            if freight is not None:
                self.freight_minor += freight
                self.freights += 1
            if arrives is not None:
                self.arrival_minutes += arrives
                self.arrivals += 1

    def as_dict(self) -> dict[str, Any]:
        """For people and machines: rates with what they are of."""
        sent = self.orders - self.backordered
        return {
            "orders": self.orders,
            "backordered": self.backordered,
            "parcels": self.parcels,
            "parcels_per_order": round(self.parcels / sent, 4) if sent else None,
            "split": self.split,
            "km_per_parcel": round(self.metres / self.distances / 1_000, 1) if self.distances else None,
            "km_known_of_parcels": self.distances,
            "freight_minor_per_parcel": round(self.freight_minor / self.freights, 1) if self.freights else None,
            "freight_known_of_parcels": self.freights,
            "arrival_minutes": round(self.arrival_minutes / self.arrivals, 1) if self.arrivals else None,
            "arrival_known_of_parcels": self.arrivals,
            "from_warehouse": dict(sorted(self.from_warehouse.items())),
        }


@dataclass
class Comparison:
    """Both sides of the same orders. ``export`` is given every order that went otherwise."""

    export: Callable[[dict[str, Any]], None]
    before: Figures = field(default_factory=Figures)
    draft: Figures = field(default_factory=Figures)
    otherwise: int = 0
    #: (from, to) -> orders; several warehouses of one order are joined by +, an order that waits comes from nowhere.
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, before: Sent, draft: Sent, metres: Mapping[str, int | None], about: Callable[[], dict[str, Any]]
    ) -> None:
        """One order; ``about``: its traces, asked for only where it went otherwise."""
        self.before.add(before, metres)
        self.draft.add(draft, metres)
        if sorted(before.parts) == sorted(draft.parts):
            return
        self.otherwise += 1
        way = (joined(before.parts), joined(draft.parts))
        self.moved[way] += 1
        entry = {"from": way[0], "to": way[1], **about()}
        if len(self.first) < FIRST:
            self.first.append(entry)
        self.export(entry)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "orders": self.before.orders,
            "decided_otherwise": self.otherwise,
            "before": self.before.as_dict(),
            "draft": self.draft.as_dict(),
            "moved": [{"from": a, "to": b, "orders": n} for (a, b), n in self.moved.most_common()],
            "first": self.first,
        }


def senders_of(parts: Iterable[PlannedPart]) -> list[str]:
    """Each warehouse once, by its code."""
    return sorted({part.warehouse for part in parts})


def joined(parts: Iterable[PlannedPart]) -> str:
    """``HZ1+SH1``; ``-`` where nothing is sent."""
    return "+".join(senders_of(parts)) or "-"


def priced(rules: Rules, tables: Tables | None, facts: Facts, decision: Decision) -> Sent:
    """A decision with its parcels' freight and arrival by the tables; without tables nothing is known of those."""
    if tables is None or not decision.parts:
        return Sent(decision.parts)
    return Sent(decision.parts, sending(rules, tables, facts, decision)["parcels"])
