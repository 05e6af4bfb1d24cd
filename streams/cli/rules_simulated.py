"""``penstock rules simulate``: what a draft would have decided in a period of the real log, told as figures and as orders."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.common import JsonFlag, Refused, connected, err, out, print_json
from streams.cli.moments import moment_ms
from streams.cli.rules import Config, sound

Draft = Annotated[str, typer.Argument(metavar="DRAFT", help="A rule document, TOML or JSON; - is standard input.")]


def simulate(
    draft: Draft,
    from_: Annotated[
        str, typer.Option("--from", metavar="TIME", help="From then on: 2026-11-11T00:00+08:00, or -2h (s, m, h, d).")
    ],
    to: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Decisions before then; now when left out.")
    ] = None,
    way: Annotated[
        Literal["both", "points", "sequence"],
        typer.Option(help="points: each decision on its recorded facts. sequence: on a simulated ledger."),
    ] = "both",
    config: Config = None,
    export: Annotated[
        Path | None, typer.Option(dir_okay=False, help="A new file for every order that went otherwise, as JSON lines.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Replay a period of the real log through a draft, and compare with what was decided. Reads only: nothing is changed by it.

    Point by point is exact where the log has the facts, and each decision stands by itself. In sequence the period runs on a ledger of
    stock and capacity, once by the built-in rule and once by the draft: a model, which says how often it decides as was recorded. Memory:
    some kilobyte an order. Example: penstock rules simulate draft.toml --from -1d --export otherwise.jsonl
    """
    from streams.cli.rules_tables import of_folder
    from streams.domain.routing.rules.compiling import compiled
    from streams.replay.counterfactual.recorded import Period
    from streams.replay.counterfactual.run import simulate as run

    rules = compiled(sound(draft))
    tables = None if config is None else of_folder(config)
    now_ms = time.time_ns() // 1_000_000
    period = Period(moment_ms(from_, "--from") or 0, moment_ms(to, "--to") or now_ms)
    if period.from_ms >= period.to_ms:
        raise Refused(f"--from is {from_} and --to {to or 'now'}: the period must end after it begins")
    settings = connected().settings
    ways = ("points", "sequence") if way == "both" else (way,)
    with _bar(as_json) as bar, _written(export) as file:
        task = bar.add_task("", total=0)
        total = 0

        def begin(more: int) -> None:
            nonlocal total
            total += more
            bar.update(task, total=total)

        found = run(
            settings,
            rules,
            period,
            ways,
            tables=tables,
            export=lambda each: _write(file, each),
            begin=begin,
            advance=lambda count: bar.advance(task, count),
        )
    points = None if found.points is None else found.points.as_dict()
    sequence = None if found.sequence is None else found.sequence.as_dict()
    if as_json:
        print_json({"rules": rules.digest, **period._asdict(), "points": points, "sequence": sequence})
        return
    if points is not None:
        _print_points(points)
    if sequence is not None:
        _print_sequence(sequence)
    _print_first(points or sequence or {"first": []})
    if export is not None:
        out.print(said(f"every order that went otherwise is in {export}"), soft_wrap=True)


def _bar(quiet: bool) -> Progress:
    columns = (
        TextColumn(word("Simulating")),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal)


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    """A new file, for its owner alone: it says what orders were of. Raises Refused."""
    if path is None:
        yield None
        return
    try:
        path.touch(mode=0o600, exist_ok=False)
        file = path.open("w", encoding="utf-8")
    except FileExistsError:
        raise Refused(f"--export is {path}, which is there already: name another file") from None
    except OSError as exc:
        raise Refused(f"--export is {path}, which cannot be written: {exc.strerror}") from None
    with file:
        yield file


def _write(file: TextIO | None, each: dict[str, Any]) -> None:
    if file is not None:
        file.write(json.dumps(each, ensure_ascii=False) + "\n")


def _print_points(found: dict[str, Any]) -> None:
    out.print(styled("[bold]{}[/]", said("point by point, on recorded facts")))
    coverage = found["coverage"]
    missing = ", ".join(f"{name} {count:,}" for name, count in coverage["missing"].items())
    line = f"{coverage['with_facts']:,} of {coverage['decisions']:,} decisions have their facts on record"
    out.print(said(line) + (f" ({missing})" if missing else ""), soft_wrap=True)
    _print_figures(found)


def _print_sequence(found: dict[str, Any]) -> None:
    out.print(styled("[bold]{}[/]", said("in sequence, on a simulated ledger")))
    good, bad = found["fidelity"]["as_recorded"], found["fidelity"]["not_as_recorded"]
    out.print(
        said(f"the built-in rule, run so, sends {good:,} of {good + bad:,} orders as was recorded"), soft_wrap=True
    )
    cut = found["pieces_cut_short"]
    if cut["before"] or cut["draft"]:
        line = f"the record took pieces that were promised: {cut['before']:,} from the built-in rule, {cut['draft']:,} from the draft"
        out.print(said(line), soft_wrap=True)
    if found["skus_without_a_balance_before"]:
        count = found["skus_without_a_balance_before"]
        out.print(said(f"{count:,} SKUs have no balance on record from before: they begin empty"), soft_wrap=True)
    _print_figures(found)


_FIGURES = (
    ("orders", "orders"),
    ("backordered", "backordered"),
    ("parcels", "parcels"),
    ("parcels_per_order", "parcels an order"),
    ("split", "split orders"),
    ("km_per_parcel", "km a parcel"),
    ("freight_minor_per_parcel", "freight"),
    ("arrival_minutes", "arrival"),
)


def _print_figures(found: dict[str, Any]) -> None:
    before, draft = found["before"], found["draft"]
    table = Table("figure", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("built-in", "draft"):
        table.add_column(name, justify="right", no_wrap=True)
    for key, name in _FIGURES:
        table.add_row(word(name), _figure(before[key]), _figure(draft[key]))
    for code in sorted({*before["from_warehouse"], *draft["from_warehouse"]}):
        counts = [_figure(side["from_warehouse"].get(code, 0)) for side in (before, draft)]
        table.add_row(f"{word('parcels')} {code}", *counts)
    out.print(table)
    colour = "yellow" if found["decided_otherwise"] else "green"
    line = f"{found['decided_otherwise']:,} of {found['orders']:,} orders are decided otherwise"
    out.print(Text(said(line), colour))
    for each in found["moved"][:10]:
        out.print(f"  {each['from']} → {each['to']}: {each['orders']:,}")
    if found["per_second"]:
        out.print(said(f"{found['seconds']:.1f} s, {found['per_second']:,} decisions a second"))


def _figure(value: float | None) -> str:
    return word("unavailable") if value is None else f"{value:,}"


def _print_first(found: dict[str, Any]) -> None:
    from streams.cli.rules_screen import print_decision, print_note

    for each in found["first"]:
        out.print("")
        out.print(styled("[bold]{}[/]  {} → {}", each["order_id"], each["from"], each["to"]), soft_wrap=True)
        for considered in each["before"].get("considered", ()):
            mark = "*" if considered["chosen"] else " "
            out.print(f"{mark} {considered['warehouse']}: {said(considered['reason'])}", soft_wrap=True)
        if "considered" not in each["before"]:
            print_decision(each["before"])
        print_decision(each["draft"])
    print_note()
