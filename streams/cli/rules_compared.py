"""``penstock rules compare``: versions that are tried beside what stands, on the hub's orders; or two documents on orders of a file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.common import JsonFlag, Refused, database_url, err, out, print_json
from streams.cli.moments import moment_ms
from streams.cli.rules import sound
from streams.cli.rules_cases import read_cases
from streams.cli.selection import Since
from streams.domain.routing.rules.compiling import Rules, compiled

_SHOWN = 20
_MOVED_SHOWN, _BRIEFLY = 10, 3


def compare(
    first: Annotated[
        str, typer.Argument(metavar="[NAME|FILE]", help="A released document by its name; or one of a file.")
    ] = "",
    other: Annotated[
        str, typer.Argument(metavar="[OTHER]", help="With FILE: the document that it is held against.")
    ] = "",
    case_file: Annotated[
        str, typer.Argument(metavar="[CASES]", help="With FILE: orders; deploy/examples/rules/cases.toml has some.")
    ] = "",
    since: Since = None,
    shop: Annotated[list[str] | None, typer.Option(help="Only of this shop; may be repeated.")] = None,
    examples: Annotated[int, typer.Option(min=0, max=100, help="So many orders with both traces.")] = 3,
    as_json: JsonFlag = False,
) -> None:
    """Show what versions in the shadow, or on a share, make of the hub's orders, beside what stands; it is read from the database.

    Or, with FILE OTHER CASES: decide the orders of a file by two documents, and show those that go otherwise; exit code 1 where any does.
    No broker is asked then. What a draft would have made of the hub's real orders, penstock rules simulate says.
    Example: penstock rules compare default --since -1d; penstock rules compare old.toml new.toml deploy/examples/rules/cases.toml
    """
    if other and case_file:
        if since is not None or shop:
            raise Refused("--since and --shop are of the hub's orders: leave them out, or FILE OTHER CASES")
        _of_file(first, other, case_file, as_json)
    elif other:
        raise Refused("say either NAME alone, or FILE OTHER CASES: two documents are held against each other on orders")
    else:
        _of_hub(f"rules/{first}" if first else "", since, list(dict.fromkeys(shop or ())), examples, as_json)


# The hub's orders


def _of_hub(document: str, since: str | None, shops: list[str], examples: int, as_json: bool) -> None:
    from connectors.postgres.comparing import compared
    from streams.cli.db import run
    from streams.cli.rules_screen import print_note
    from streams.replay.errors import ReplayRefused

    try:
        since_ms = moment_ms(since, "--since") or 0
    except ReplayRefused as exc:
        raise Refused(str(exc)) from exc
    begin = datetime.fromtimestamp(since_ms / 1000, UTC)
    with err.status("reading the comparisons"):
        found = run(compared(database_url(), document, begin, shops, examples))
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("nothing was compared: penstock rules release NAME --version V --shadow begins it", soft_wrap=True)
        return
    for pair in found:
        _print_pair(pair)
    print_note()


def print_compared(url: str) -> None:
    """What was tried, in brief and without the orders, of the database at ``url``; nothing where that is none."""
    from connectors.postgres.comparing import compared
    from streams.cli.db import run

    for pair in run(compared(url, "", datetime.fromtimestamp(0, UTC), [], 0)) if url else ():
        _print_pair(pair, _BRIEFLY)


_FIGURES = (
    ("orders_backordered", "backordered"),
    ("pieces_backordered", "pieces that wait"),
    ("parcels_per_order", "parcels an order"),
    ("freight_minor_per_order", "freight an order"),
    ("arrival_minutes", "arrival"),
    ("over_capacity", "over capacity"),
    ("below_safety", "below safety stock"),
    ("micros_p99", "us, 99 of 100"),
)


def _print_pair(pair: dict[str, Any], moves: int = _MOVED_SHOWN) -> None:
    role = "in the shadow" if pair["role"] == "SHADOW" else "on a share"
    title = said(f"version {pair['tried_version']} of {pair['document']}, {role}")
    out.print(
        styled("[bold]{}[/]  [dim]{}[/]", title, f"{pair['first_at'][:16]} → {pair['last_at'][:16]}"), soft_wrap=True
    )
    stands = word("built-in") if pair["stands_version"] is None else f"{word('version')} {pair['stands_version']}"
    table = Table("figure", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in (stands, f"{word('version')} {pair['tried_version']}"):
        table.add_column(name, justify="right", no_wrap=True)
    for key, name in _FIGURES:
        table.add_row(word(name), *(_figure(pair[side][key]) for side in ("stands", "tried")))
    out.print(table)
    colour = "yellow" if pair["otherwise"] else "green"
    out.print(Text(said(f"{pair['otherwise']:,} of {pair['orders']:,} orders are decided otherwise"), colour))
    if pair["failed"] or pair["undecided"]:
        line = f"{pair['failed']:,} ended with an error, {pair['undecided']:,} found no version that can be used"
        out.print(Text(said(line), "bold red"), soft_wrap=True)
    for each in pair["moved"][:moves]:
        out.print(f"  {each['from']} → {each['to']}: {each['orders']:,}")
    for each in pair["examples"]:
        _print_example(each)
    out.print("")


def _figure(value: float | None) -> str:
    return word("unavailable") if value is None else f"{value:,}"


def _print_example(each: dict[str, Any]) -> None:
    from streams.cli.look import print_trace

    out.print("")
    out.print(styled("[bold]{}[/]  {} → {}", each["order_id"], each["from"], each["to"]), soft_wrap=True)
    for side in ("stands", "tried"):
        if each[side]["error"]:
            out.print(Text(said(each[side]["error"]), "red"), soft_wrap=True)
        elif each[side]["trace"] is not None:
            print_trace(each[side]["trace"])


# Orders of a file


def _of_file(file: str, other: str, case_file: str, as_json: bool) -> None:
    from streams.aside.facts import of_case
    from streams.domain.routing.rules.deciding import decide
    from streams.domain.routing.rules.explaining import explained

    one, two = compiled(sound(file)), compiled(sound(other))

    def decided(rules: Rules, given: Any) -> dict[str, Any]:
        return explained(rules, decide(rules, of_case(given)))

    pairs = [(each.name, decided(one, given), decided(two, given)) for each, given in read_cases(case_file)]
    differing = [(name, a, b) for name, a, b in pairs if _parts(a) != _parts(b)]
    if as_json:
        print_json(
            {"cases": len(pairs), "otherwise": [{"case": name, "one": a, "other": b} for name, a, b in differing]}
        )
    else:
        _print(file, other, len(pairs), differing)
    if differing:
        sys.exit(1)


def _parts(decision: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return sorted((each["line_no"], each["sku"], each["warehouse"], each["quantity"]) for each in decision["parts"])


def _print(file: str, other: str, count: int, differing: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> None:
    from streams.cli.rules_screen import print_decision

    for name, *decisions in differing[:_SHOWN]:
        out.print(styled("[bold]{}[/]", name), soft_wrap=True)
        for document, decision in zip((file, other), decisions, strict=True):
            out.print(Text(document, "bold"), soft_wrap=True)
            print_decision(decision)
        out.print("")
    if differing:
        table = Table("case", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for document in (file, other):
            table.add_column(document, overflow="fold")
        for name, *decisions in differing:
            table.add_row(name, *(_senders(each) for each in decisions))
        out.print(table)
    colour = "yellow" if differing else "green"
    out.print(Text(said(f"{len(differing):,} of {count:,} cases are decided otherwise"), colour))


def _senders(decision: dict[str, Any]) -> str:
    return "+".join(sorted({part["warehouse"] for part in decision["parts"]})) or word("waits")
