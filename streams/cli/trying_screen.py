"""What ``penstock try`` shows to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import set_cell_size

from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said, with_code, word, words
from streams.cli.common import out
from streams.domain.channels.holds import in_words
from streams.ops.masking import readable, shown_value
from streams.replay.trial.step import Step

_COLOURS = {"accepted": "green", "duplicate": "dim", "stale": "dim", "review": "yellow", "refused": "red"}
#: Field -> heading.
_COUNTED = {
    "ordered": "ordered",
    "to_ship": "to ship",
    "shipped": "shipped",
    "cancelled": "cancelled",
    "returned": "returned",
}
_PLACE = ("country", "province", "city", "district", "address", "company", "name", "phone", "phone_extension")


def print_surroundings(channel: str, shop: str, assumed: Sequence[str]) -> None:
    """Whose orders they are, and what was assumed."""
    for line in (f"as orders of {channel}, shop {shop}", *assumed):
        out.print(Text(said(line), "dim"), soft_wrap=True)


def print_step(step: Step, name: str, unmask: bool) -> None:
    """One step."""
    out.print()
    head = Text.assemble((f"{step.step}  ", "bold"), (word(step.outcome), _COLOURS[step.outcome]))
    if step.status is not None:
        held = f" ({words(step.hold_reason)})" if step.hold_reason else ""
        head.append(f"  {word(step.status)}{held} -> ")
        head.append(word(str(step.phase)), "bold")
    head.append(f"  {name}", "dim")
    out.print(head, soft_wrap=True)
    for held_for in in_words(step.hold_reason):
        out.print(Text(f"   {said(held_for)}"), soft_wrap=True)
    for reason in step.reasons:
        value = reason["value"] if unmask else shown_value(reason)
        told = f"{said(reason['field'])} {word('is')} {value}" if value else said(reason["field"])
        out.print(Text(f"   {with_code(reason['code'])}: {told}; {said(reason['fix'])}"), soft_wrap=True)
    if step.lines:
        out.print(_lines(step.lines))
    if step.receiver is not None:
        shown = readable("Receiver", step.receiver, unmask=unmask)
        place = " ".join(str(shown[field]) for field in _PLACE if shown.get(field))
        out.print(Text(f"   {word('to')} {place}"), soft_wrap=True)
    for what in ("reserved", "released", "committed", "restocked"):
        units: Mapping[str, int] = getattr(step, what)
        if units:
            out.print(
                Text(
                    f"   {set_cell_size(word(what), 9)}  " + ", ".join(f"{n} x {place}" for place, n in units.items())
                ),
                soft_wrap=True,
            )
    for note in step.notes:
        out.print(Text(f"   - {said(note)}"), soft_wrap=True)


def _lines(lines: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("  line", "sku"):
        table.add_column(column, no_wrap=True)
    for heading in _COUNTED.values():
        table.add_column(heading, justify="right")
    table.add_column("sent by")
    for line in lines:
        counts = (str(line[column]) if line[column] else "-" for column in _COUNTED)
        table.add_row(Text(f"  {line['line_no']}"), Text(line["sku"] or "-"), *counts, word(line["sent_by"].lower()))
    return table
