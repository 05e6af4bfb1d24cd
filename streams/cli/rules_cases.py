"""``penstock rules test``: a rule document held to cases whose warehouses somebody has written down."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from schemas.documents.rules.case import Case, CaseRefused
from schemas.documents.rules.cases import ExpectedCase, cases
from schemas.terminal import Text, styled
from schemas.texts import said
from streams.cli.common import JsonFlag, Refused, out, print_json, text_of
from streams.cli.faults import print_faults
from streams.cli.rules import File, sound
from streams.domain.routing.rules.compiling import Rules, compiled

CaseFile = Annotated[
    str,
    typer.Argument(
        metavar="CASES", help="Orders with the warehouses that are expected; deploy/examples/rules/cases.toml is one."
    ),
]


def test(file: File, case_file: CaseFile, as_json: JsonFlag = False) -> None:
    """Hold a rule document to a file of cases; exit code 1 where one is decided otherwise, with every warehouse's reason.

    No broker is asked. Example: penstock rules test rules.toml deploy/examples/rules/cases.toml
    """
    rules = compiled(sound(file))
    found = [_held(rules, expected, given) for expected, given in read_cases(case_file)]
    differing = [each for each in found if not each["as_expected"]]
    if as_json:
        print_json(found)
    else:
        _print(found, differing)
    if differing:
        sys.exit(1)


def read_cases(file: str) -> list[tuple[ExpectedCase, Case]]:
    """Those of a file. Raises Refused: it has faults, of which every one was printed."""
    try:
        return cases(text_of(file))
    except CaseRefused as exc:
        print_faults(file, exc.faults, exc.read.lines)
        raise Refused(f"{file} has {len(exc.faults)} faults: put them right") from None


def _held(rules: Rules, expected: ExpectedCase, given: Case) -> dict[str, Any]:
    from streams.aside.facts import of_case
    from streams.domain.routing.rules.deciding import decide
    from streams.domain.routing.rules.explaining import explained

    decision = explained(rules, decide(rules, of_case(given)))
    senders = sorted({part["warehouse"] for part in decision["parts"]})
    wanted = sorted({*expected.expect.warehouses})
    strategy = expected.expect.strategy
    return {
        "case": expected.name,
        "as_expected": senders == wanted and strategy in ("", decision["strategy"]),
        "expected": {"warehouses": wanted, "strategy": strategy or None},
        "found": {"warehouses": senders, "strategy": decision["strategy"]},
        "decision": decision,
    }


def _print(found: list[dict[str, Any]], differing: list[dict[str, Any]]) -> None:
    from streams.cli.rules_screen import print_decision

    for each in differing:
        out.print(styled("[bold red]{}[/]", each["case"]), soft_wrap=True)
        out.print(said(f"expected {_in_words(each['expected'])}"), soft_wrap=True)
        out.print(said(f"found {_in_words(each['found'])}"), soft_wrap=True)
        print_decision(each["decision"])
        out.print("")
    good = len(found) - len(differing)
    colour = "red" if differing else "green"
    out.print(Text(said(f"{good:,} of {len(found):,} cases are decided as expected"), colour))


def _in_words(what: dict[str, Any]) -> str:
    """``HZ1, SH1 (one parcel)``."""
    senders = ", ".join(what["warehouses"]) or said("that it waits")
    return f"{senders} ({what['strategy']})" if what["strategy"] else senders
