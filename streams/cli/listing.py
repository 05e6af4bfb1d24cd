"""How items that were set aside are listed: a page as a table, or JSON; how often each kind occurs, and how to see the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import typer

from schemas.texts import with_code
from streams.aside.paging import PAGE_MAX, Page, Placed
from streams.cli.common import err, out, print_json

T = TypeVar("T", bound=Placed)

PageLimit = Annotated[int, typer.Option("-n", min=1, max=PAGE_MAX, help="So many at the most.")]
After = Annotated[str, typer.Option(help="Those that come after: as the list before says it.")]


def for_a_table(page: Page[T], state: str, where: str, as_json: bool, for_machines: Callable[[T], Any]) -> Sequence[T]:
    """The page's items; none where JSON was asked for, which is printed, or where there are none, which is said."""
    if as_json:
        print_json([for_machines(item) for item in page.items])
        if page.after:
            err.print(_next(page), soft_wrap=True)
        return ()
    if not page.items:
        out.print("nothing comes after it" if page.total else _none(state, where))
    return page.items


def print_counts(page: Page[Any]) -> None:
    """Below the table: how many there are in all, of which kinds, and how to see the next ones."""
    shown = f" ({len(page.items):,} are shown)" if len(page.items) < page.total else ""
    counts = "   ".join(f"{with_code(kind)} {count:,}" for kind, count in page.kinds.most_common())
    out.print(f"{page.total:,} items{shown}: {counts}")
    if page.after:
        out.print(_next(page), soft_wrap=True)


def _none(state: str, where: str) -> str:
    return f"nothing is in {where}" if state == "open" else f"no item is {state}"


def _next(page: Page[Any]) -> str:
    return f"there is more: the same with --after {page.after}"
