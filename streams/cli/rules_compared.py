"""``penstock rules compare``: two rule documents side by side, on orders that somebody has written down."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.common import JsonFlag, out, print_json
from streams.cli.rules import File, sound
from streams.cli.rules_cases import CaseFile, read_cases
from streams.domain.routing.rules.compiling import Rules, compiled

_SHOWN = 20


def compare(
    file: File,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The document that it is held against.")],
    case_file: CaseFile,
    as_json: JsonFlag = False,
) -> None:
    """Decide the orders of a file by two rule documents, and show those that go otherwise, with both traces; exit code 1 where any does.

    No broker is asked. What both would have made of the hub's real orders, penstock rules simulate says.
    Example: penstock rules compare old.toml new.toml deploy/examples/rules/cases.toml
    """
    from streams.cli.rules_tried import of_case
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
