"""What a table of the benchmark is: columns and rows for the reader, goals with the word whether they were reached, data for a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.measure import Spread


@dataclass(frozen=True)
class Goal:
    """A figure of the design's section 8, and what was found.

    Attributes:
        what: for example ">= 1.0 x Kafka Streams exactly_once_v2, 1 thread".
        found: the figure, as printed.
        reached: None when this run could not tell (a peer was left out).
    """

    what: str
    found: str
    reached: bool | None

    @classmethod
    def at_least(cls, what: str, ratio: float | None, goal: float) -> Goal:
        """Reached when ``ratio >= goal``."""
        return cls(
            what, "not measured" if ratio is None else f"{ratio:.2f} x", None if ratio is None else ratio >= goal
        )

    @classmethod
    def at_most(cls, what: str, ratio: float | None, goal: float) -> Goal:
        """Reached when ``ratio <= goal``."""
        return cls(
            what, "not measured" if ratio is None else f"{ratio:.2f} x", None if ratio is None else ratio <= goal
        )


@dataclass(frozen=True)
class Report:
    """One table: rows of strings under ``columns`` (the first names the row), and ``data`` as JSON keeps it."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    data: Any
    goals: Sequence[Goal] = ()
    #: How it was measured, what was left out and why: printed under the table.
    notes: Sequence[str] = field(default_factory=tuple)

    def show(self, console: Console) -> None:
        table = Table(title=self.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left", no_wrap=True)
        for row in self.rows:
            table.add_row(*row)
        console.print(table)
        for goal in self.goals:
            word = {True: "[green]reached[/]", False: "[red]missed[/]", None: "not measured"}[goal.reached]
            console.print(f"  goal {goal.what}: {goal.found}, {word}", highlight=False)
        for note in self.notes:
            console.print(f"  {note}", highlight=False, markup=False)
        console.print()

    def as_json(self) -> dict[str, Any]:
        goals = [{"what": goal.what, "found": goal.found, "reached": goal.reached} for goal in self.goals]
        return {"title": self.title, "data": self.data, "goals": goals, "notes": list(self.notes)}


def console() -> Console:
    """The terminal; a file gets lines wide enough for the widest table."""
    here = Console(soft_wrap=True)
    return here if here.is_terminal else Console(soft_wrap=True, width=140)


def spread(figure: Spread, digits: int = 0) -> str:
    """``median (low-high)``; the bare figure when there was one round."""
    if len(figure.values) == 1:
        return f"{figure.median:,.{digits}f}"
    return f"{figure.median:,.{digits}f} ({figure.low:,.{digits}f}-{figure.high:,.{digits}f})"


def spread_json(figure: Spread) -> dict[str, Any]:
    return {"median": figure.median, "low": figure.low, "high": figure.high, "values": list(figure.values)}
