"""Options of the commands that deal with what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from streams.aside.places import BadName, Place, place_of
from streams.cli.common import Refused

Since = Annotated[str | None, typer.Option(help="Only from then on: 2026-11-24T21:00+08:00, or -2h (s, m, h, d).")]
Until = Annotated[str | None, typer.Option(help="Only from before then.")]
Because = Annotated[str, typer.Option(help="Why, for the audit.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]
Limit = Annotated[int, typer.Option("-n", min=1, help="So many at the most.")]
Named = Annotated[list[str] | None, typer.Argument(metavar="ITEM", help="As listed: TOPIC/2@17, or 2@17.")]
One = Annotated[str, typer.Argument(metavar="ITEM", help="As listed: TOPIC/2@17, or 2@17.")]


def places(names: Sequence[str], *topics: str) -> list[Place]:
    """The items named, each once. Raises Refused."""
    try:
        return list(dict.fromkeys(place_of(name, *topics) for name in names))
    except BadName as exc:
        raise Refused(str(exc)) from None


def one_or_many(named: bool, chosen: bool, options: str) -> None:
    """Raises Refused unless items are either named or chosen by options."""
    if named == chosen:
        raise Refused(f"say which: ITEMs, or all open ones by {options}")


def check_state(state: str, names: Sequence[str]) -> None:
    """Raises Refused unless it is one of them, or all."""
    if state not in (*names, "all"):
        raise Refused(f"--state is {state!r}: write one of {', '.join(names)}, or all")


def given_reason(because: str) -> None:
    """Raises Refused when there is none."""
    if not because.strip():
        raise Refused("--because is empty: say why, others will ask")
