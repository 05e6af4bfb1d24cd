"""What a command that changes something does first and meanwhile: it asks, and it shows how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import TypeVar

import typer
from rich.progress import Progress

from schemas.texts import said
from streams.aside.fenced import Closing, Message, fenced
from streams.aside.places import Place, Standing
from streams.cli.common import Refused, err, out
from streams.ops.cluster import Cluster
from streams.ops.forgetting import named, without_person

_SHOWN = 50

T = TypeVar("T", bound=Standing)


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
        agreed = typer.confirm(said(question), err=True)
    except typer.Abort:
        err.print()
        raise Refused("nobody answered, nothing was changed: add --yes to go ahead without being asked") from None
    if not agreed:
        out.print("nothing was changed")
        sys.exit(1)


def closed(
    cluster: Cluster,
    chosen: Sequence[T],
    closings: Callable[[Sequence[T]], Iterable[Closing]],
    still_open: Callable[[], Container[Place]],
) -> int:
    """Closes those items that nobody else has closed since they were looked at; returns how many. A bar shows how far it is.

    ``closings``: how each of these items is closed, in their order; asked for as they are sent.

    Raises:
        Refused: none is left, or something would be sent that tells of a person who is forgotten (``refuse_forgotten`` sees it before
            anything is).
    """
    with fenced(cluster) as operator:
        left = still_open()
        mine = [item for item in chosen if item.place in left]
        if not mine:
            raise Refused("somebody else was faster: none of them is open any more")
        _watched(operator.close(_of_nobody_forgotten(cluster, closings(mine))), len(mine), "closing")
    return len(mine)


def refuse_forgotten(cluster: Cluster, messages: Iterable[tuple[Place | None, Message | None]]) -> None:
    """Looks at what is to be sent, before anything is. Raises Refused: it tells of persons who are forgotten."""
    if gone := telling_of_forgotten(cluster, messages):
        raise _would_come_back(gone)


def telling_of_forgotten(cluster: Cluster, messages: Iterable[tuple[Place | None, Message | None]]) -> list[str]:
    """The items whose messages tell of persons who are forgotten."""
    orders = {record.key for record in named(cluster)}
    return [str(place) for place, message in messages if message is not None and _tells_of(message, orders)]


def _of_nobody_forgotten(cluster: Cluster, closings: Iterable[Closing]) -> Iterator[Closing]:
    orders = {record.key for record in named(cluster)}
    for closing in closings:
        if closing.message is not None and _tells_of(closing.message, orders):
            raise _would_come_back([str(closing.place)])
        yield closing


def _tells_of(message: Message, orders: Container[bytes | None]) -> bool:
    return message.key in orders and without_person(message.value) != message.value


def _would_come_back(gone: Sequence[str]) -> Refused:
    return Refused(f"{', '.join(gone)}: persons who are forgotten would come back; discard them, or leave them out")


def _watched(steps: Iterable[int], total: int, what: str) -> None:
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        for done in steps:
            progress.update(task, completed=done)
