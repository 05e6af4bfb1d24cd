"""``penstock risk``: how orders are scored. No worker scores orders as yet, and nothing here changes what a hub does."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Annotated, Any, NamedTuple

import typer

from schemas.table import Table
from schemas.texts import said
from streams.cli.common import JsonFlag, out, print_json
from streams.domain.risk.scoring import score
from streams.domain.risk.weights import WEIGHTS, Settings


class _Count(NamedTuple):
    """One signal over all orders."""

    signal: str
    planted: int
    found: int
    wrong: int
    others: int


def labelled(
    count: Annotated[int, typer.Option("--count", min=1, max=1_000_000, help="How many orders.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="Another one gives other orders.")] = 1,
    missed: Annotated[
        bool, typer.Option("--missed", help="Also which oddities were missed, and which traps were taken for one.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Score orders whose oddities are known, and print recall and false positives of every signal.

    The orders have real trade's shape and every platform's masked forms; oddities and traps are planted by hand. No worker scores as yet.
    """
    from streams.cli import risk_labelled

    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    ways: Counter[tuple[str, str, str]] = Counter()
    total = right = held = held_right = 0
    settings = Settings()
    for order in risk_labelled.labelled(count, seed):
        scored = score(order.facts, settings)
        codes = {signal.code for signal in scored.signals}
        total += 1
        planted.update(order.expected)
        found.update(codes & order.expected)
        wrong.update(codes - order.expected)
        for code in sorted(order.expected - codes):
            ways["missed", code, order.planted] += 1
        for code in sorted(codes - order.expected):
            ways["wrong", code, order.planted] += 1
        right += codes == order.expected
        held += scored.hit
        held_right += scored.hit and bool(order.expected)
    counts = [_Count(code, planted[code], found[code], wrong[code], total - planted[code]) for code in WEIGHTS]
    whole = {"orders": total, "all_signals_right": right, "held": held, "held_with_an_oddity": held_right}
    if as_json:
        print_json({**whole, "signals": [each._asdict() for each in counts], "differences": _ways(ways)})
    else:
        _print(counts, whole)
        if missed:
            _print_ways(ways)
    if total < count:
        sys.exit(1)


def _print(counts: list[_Count], whole: dict[str, int]) -> None:
    table = Table(
        "signal", "planted", "found", "recall", "wrong", "false", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for each in counts:
        table.add_row(
            each.signal,
            f"{each.planted:,}",
            f"{each.found:,}",
            _share(each.found, each.planted),
            f"{each.wrong:,}",
            _share(each.wrong, each.others),
        )
    out.print(table)
    orders, right = whole["orders"], whole["all_signals_right"]
    out.print(said(f"{orders:,} orders, of which {right:,} have just the signals that were planted"))
    out.print(said(f"{whole['held']:,} would be held, {whole['held_with_an_oddity']:,} of them with an oddity"))


def _share(part: int, whole: int) -> str:
    """In per cent, two places; a dash where there is nothing to have a share of."""
    return "-" if whole == 0 else f"{part * 10_000 // whole / 100:.2f} %"


def _print_ways(ways: Counter[tuple[str, str, str]]) -> None:
    for (kind, code, planted), count in sorted(ways.items()):
        name = planted or "-"
        if kind == "missed":
            out.print(said(f"{code} missed {count:,} times: {name}"))
        else:
            out.print(said(f"{code} wrong {count:,} times: {name}"))


def _ways(ways: Counter[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "signal": code, "planted": planted, "orders": count}
        for (kind, code, planted), count in sorted(ways.items())
    ]
