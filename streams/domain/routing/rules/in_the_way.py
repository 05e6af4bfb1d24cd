"""Strategies and rows that no order comes to, because one before takes all of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.documents.faults import NOTHING, Fault, Path
from schemas.documents.rules.document import Condition

from .conditions import Meant, covers, meant, overlap


def strategies_in_the_way(strategies: Sequence[tuple[int, Sequence[Condition], bool]]) -> Iterator[Fault]:
    """:param strategies: place, conditions, and whether it hands any order on to the next."""
    ends: list[tuple[int, list[Meant]]] = []
    for at, when, hands_on in strategies:
        conditions = [meant(each) for each in when]
        for before, wider in ends:
            if covers(wider, conditions):
                why = "meets all of its orders" if wider else "has no condition"
                says = f"is never reached: strategies[{before}] {why} and hands none on; put this one before it"
                yield Fault(("strategies", at), NOTHING, says)
                break
        if not hands_on:
            ends.append((at, conditions))


def rows_in_the_way(rows: Sequence[tuple[int, Sequence[Condition]]], path: Path) -> Iterator[Fault]:
    """Of two rows that share orders the narrower comes first; else only their places would say whose those are."""
    before: list[tuple[int, list[Meant]]] = []
    for at, when in rows:
        conditions = [meant(each) for each in when]
        for number, earlier in before:
            if covers(earlier, conditions):
                if covers(conditions, earlier):
                    says = f"asks the same as rows[{number}]: take one out"
                else:
                    says = f"is never reached: rows[{number}] meets all of its orders; put this one before it"
            elif overlap(earlier, conditions) and not covers(conditions, earlier):
                says = f"overlaps rows[{number}]: an order can meet both; take what they share out of one"
            else:
                continue
            yield Fault((*path, at), NOTHING, says)
            break
        before.append((at, conditions))
