"""``penstock rules``: documents that say which warehouses serve an order. Nothing here changes what a hub does."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.documents.hashing import digest
from schemas.documents.rules.catalogue import entries
from schemas.documents.rules.document import Document
from schemas.documents.rules.reading import draft
from schemas.terminal import styled
from streams.cli import documents
from streams.cli.common import JsonFlag, connected, out, print_json
from streams.cli.documents import Linted, lint_all, print_entries

Config = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="Documents of freight, transit, calendars, coverage, capacity, carriers, products (deploy/examples/config has all).",
    ),
]
File = Annotated[str, typer.Argument(metavar="FILE", help="A rule document, TOML or JSON; - is standard input.")]


def lint(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Rule documents, TOML or JSON; - is standard input.")
    ],
    warehouse: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help="A warehouse that is set up; may be repeated. When left out: any name will do."
        ),
    ] = None,
    hub: Annotated[bool, typer.Option("--hub", help="Ask the running hub which warehouses are set up.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Find everything that is wrong with rule documents, each with its line and what to do; exit code 1 where there is anything."""
    known = list(warehouse) if warehouse else None
    if hub:
        from streams.aside import stock

        known = [*(known or ()), *stock.warehouses(connected())]
    lint_all(files, lambda text: _judged(text, known), as_json=as_json)


def _judged(text: str, known: list[str] | None = None) -> Linted[Document]:
    from streams.domain.routing.rules.lint import lint as faults_of

    read = draft(text)
    faults = faults_of(read, known)
    return Linted(None if faults else read.document, faults, read.lines)


def show(file: File, as_json: JsonFlag = False) -> None:
    """Say in plain words what a rule document does, strategy by strategy."""
    from streams.cli.rules_told import told

    document = sound(file)
    if as_json:
        import msgspec

        print_json({"document": msgspec.to_builtins(document), "digest": digest(document)})
        return
    out.print(styled("[bold]{}[/]  [dim]{}[/]", document.name, digest(document)[:12]))
    for line in told(document):
        out.print(line)


def fields(
    all_: Annotated[bool, typer.Option("--all", help="Also those that the hub has no facts for yet.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List what a rule document may name: conditions, filters, criteria, actions, and where the facts come from."""
    print_entries([entry for entry in entries().values() if all_ or entry.offered], as_json=as_json)


def try_(
    file: File,
    order: Annotated[
        str,
        typer.Option(
            metavar="FILE|ORDER_ID",
            help="A file with an order and its warehouses (deploy/examples/rules/case.toml is one), or the id of an order in a hub.",
        ),
    ],
    config: Config = None,
    as_json: JsonFlag = False,
) -> None:
    """Decide one order by a rule document, and show why: each warehouse with what refused it, or its scores. Nothing is changed by it.

    With --config also who would send it from each warehouse, for how much (in fen) and in which time, or why that is not known.
    """
    from streams.aside.facts import of_hub
    from streams.cli.rules_screen import print_decision
    from streams.cli.rules_sending import print_sending
    from streams.cli.rules_tables import of_folder
    from streams.cli.rules_tried import of_file
    from streams.domain.routing.rules.compiling import compiled
    from streams.domain.routing.rules.deciding import decide
    from streams.domain.routing.rules.explaining import explained
    from streams.domain.routing.rules.facts import with_tables
    from streams.domain.routing.rules.sending import sending

    rules = compiled(sound(file))
    tables = None if config is None else of_folder(config)
    facts, given = (of_hub(connected(), order), {}) if ":" in order else of_file(order)
    if tables is not None:
        facts = with_tables(facts, tables, given)
    decided = decide(rules, facts)
    decision = explained(rules, decided)
    if tables is not None:
        decision["sending"] = sending(rules, tables, facts, decided)
    if as_json:
        print_json(decision)
        return
    print_decision(decision)
    if tables is not None:
        print_sending(decision["sending"])


def sound(file: str) -> Document:
    """A document without a fault. Raises Refused."""
    return documents.sound(file, _judged, "rules")
