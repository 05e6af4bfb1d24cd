"""What a verification says, for people and for machines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from schemas.table import Table
from schemas.terminal import Terminal, Text, styled
from schemas.texts import said, word
from streams.verify.findings import KINDS, Violation

#: Violations printed of each kind; the JSON has all that were kept.
PRINTED_PER_KIND = 5


@dataclass
class Report:
    """Counts and violations. ``violations`` holds the first of each kind, ``violation_counts`` counts all."""

    at_rest: bool
    records: int
    #: Per channel: events, accepted, duplicate, review, quarantine, in flight.
    channels: dict[str, dict[str, int]]
    quarantined: int
    #: Records in another partition than their key's.
    misplaced: int
    decisions: dict[str, int]
    #: Orders per status.
    phases: dict[str, int]
    stock: dict[str, int]
    #: What may still change: counted, and no violation unless everything is at rest.
    under_way: dict[str, int]
    #: Topics whose logs begin later than they did -> offsets that are gone; and, by kind, what could not be judged for that.
    cut: dict[str, int]
    not_judged: dict[str, int]
    violations: list[Violation]
    violation_counts: dict[str, int]
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.violations

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"ok": self.ok, **asdict(self), "violations": [violation._asdict() for violation in self.violations]}

    def print(self, console: Terminal) -> None:
        """Tables of counts, the violations, and the verdict in the last line."""
        console.print(self._channels())
        console.print("orders:    " + _listed(self.phases), soft_wrap=True)
        console.print("decisions: " + _listed(self.decisions), soft_wrap=True)
        console.print("stock:     " + _listed(self.stock), soft_wrap=True)
        if self.misplaced:
            console.print(
                Text(
                    said(
                        f"{self.misplaced:,} records stand in another partition than their key's: their producer needs Java's "
                        "partitioner, murmur2 (penstock quarantine list --error WrongPartition)"
                    ),
                    "yellow",
                ),
                soft_wrap=True,
            )
        if any(self.under_way.values()):
            console.print("under way: " + _listed(self.under_way), soft_wrap=True)
        if not self.at_rest:
            console.print(
                Text(said("Records were still moving: orders and stock were not compared with each other."), "yellow")
            )
        if self.cut:
            console.print(
                Text(said("cut:       " + _listed(self.cut) + " offsets are gone from the logs' beginnings"), "yellow"),
                soft_wrap=True,
            )
            console.print(Text(said("cut: not judged: " + _listed(self.not_judged)), "yellow"), soft_wrap=True)
        for kind, count in sorted(self.violation_counts.items()):
            console.print(styled("[bold red]{:,} x {}[/]: {}", count, kind, said(KINDS[kind])))
            shown = [violation for violation in self.violations if violation.kind == kind][:PRINTED_PER_KIND]
            for v in shown:
                console.print(f"  {v.topic}/{v.partition}@{v.offset} {v.key}: {said(v.text)}")
            if count > len(shown):
                console.print(f"  and {count - len(shown):,} more")
        total = sum(self.violation_counts.values())
        colour = "green" if self.ok else "bold red"
        took = f" in {self.seconds:.1f} s" if self.seconds else ""
        console.print(Text(said(f"verify: {total:,} violations, {self.records:,} records read{took}"), colour))

    def _channels(self) -> Table:
        table = Table(title="Every channel event has one outcome")
        table.add_column("channel")
        columns = ["events", "accepted", "duplicate", "review", "quarantine", "in flight"]
        if any("cut" in counts for counts in self.channels.values()):
            columns.append("cut")
        for column in columns:
            table.add_column(column, justify="right")
        for channel, counts in self.channels.items():
            table.add_row(channel, *(f"{counts.get(column, 0):,}" for column in columns))
        return table


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {word(name)}" for name, count in sorted(counts.items())) or word("none")
