"""How items that were set aside are listed: a table of the first, or JSON, and how often each kind occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from streams.cli.common import out, print_json

T = TypeVar("T")


def for_a_table(
    found: Sequence[T], state: str, where: str, limit: int, as_json: bool, for_machines: Callable[[T], Any]
) -> Sequence[T]:
    """The first of them; none where JSON was asked for, which is printed, or where there are none, which is said."""
    if as_json:
        print_json([for_machines(item) for item in found[:limit]])
        return ()
    if not found:
        out.print(f"nothing is in {where}" if state == "open" else f"no item is {state}")
    return found[:limit]


def print_counts(found: Sequence[Any], limit: int, kinds: Counter[str]) -> None:
    """Below the table: how many there are, and of which kinds."""
    more = f" (the first {limit} are shown)" if len(found) > limit else ""
    counts = "   ".join(f"{kind} {count:,}" for kind, count in kinds.most_common())
    out.print(f"{len(found):,} items{more}: {counts}")
