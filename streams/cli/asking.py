"""What a command that changes something does first and meanwhile: it asks, and it shows how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Sequence

import typer
from rich.progress import Progress

from streams.aside.fenced import Closing, Message, fenced
from streams.aside.places import Place
from streams.cli.common import Refused, err, out
from streams.ops.cluster import Cluster
from streams.ops.forgetting import named, without_person

_SHOWN = 50


def planned(lines: Sequence[str]) -> None:
    """Shows what will be done, a line an item; of very many the first."""
    for line in lines[:_SHOWN]:
        out.print(line, soft_wrap=True)
    if len(lines) > _SHOWN:
        out.print(f"and {len(lines) - _SHOWN:,} more")


def confirmed(question: str, yes: bool) -> None:
    """Returns when the person agrees; ends the command with exit code 1 when not.

    Raises:
        Refused: nobody answers.
    """
    if yes:
        return
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        err.print()
        raise Refused("nobody answered, nothing was changed: add --yes to go ahead without being asked") from None
    if not agreed:
        out.print("nothing was changed")
        sys.exit(1)


def closed(cluster: Cluster, closings: Sequence[Closing], still_open: Callable[[], Container[Place]]) -> int:
    """Closes those items that nobody else has closed since they were looked at; returns how many. A bar shows how far it is.

    Raises:
        Refused: none is left, or something would be sent that tells of a person who is forgotten.
    """
    orders = {record.key for record in named(cluster)}
    if gone := [str(each.place) for each in closings if each.message is not None and _tells_of(each.message, orders)]:
        raise Refused(f"{', '.join(gone)}: persons who are forgotten would come back; discard them, or leave them out")
    with fenced(cluster) as operator:
        left = still_open()
        closings = [closing for closing in closings if closing.place in left]
        if not closings:
            raise Refused("somebody else was faster: none of them is open any more")
        _watched(operator.close(closings), len(closings), "closing")
    return len(closings)


def _tells_of(message: Message, orders: Container[bytes | None]) -> bool:
    return message.key in orders and without_person(message.value) != message.value


def _watched(steps: Iterable[int], total: int, what: str) -> None:
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        for done in steps:
            progress.update(task, completed=done)
