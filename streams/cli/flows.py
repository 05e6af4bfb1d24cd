"""``penstock flows``: documents that say what happens to an order, linted, shown and tried: nothing here changes what a hub does."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.documents.flows.catalogue import entries
from schemas.documents.flows.document import Document
from schemas.documents.flows.reading import draft
from schemas.documents.hashing import digest
from schemas.documents.rules import catalogue as of_rules
from schemas.terminal import Text, styled
from streams.cli import documents
from streams.cli.common import JsonFlag, Refused, out, print_json
from streams.cli.documents import Linted, lint_all, print_entries
from streams.domain.flow.lint import ANYTHING, Known

File = Annotated[str, typer.Argument(metavar="FILE", help="A flow document, TOML or JSON; - is standard input.")]


def lint(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Flow documents, TOML or JSON; - is standard input.")
    ],
    rules: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A rule document that there is; may be repeated. When left out: any name will do."
        ),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=PERSON,...",
            help="A role and who has it; may be repeated. When left out: any role will do.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Find everything that is wrong with flow documents, each with its line and what to do; exit code 1 where there is anything."""
    known = Known(rules or None, dict([_role(each) for each in role]) if role else None)
    lint_all(files, lambda text: _judged(text, known), as_json=as_json)


def show(
    file: File,
    after: Annotated[
        str,
        typer.Option(metavar="FILE", help="An earlier version: say too what becomes of orders that rest at its nodes."),
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Say in plain words what a flow document does, node by node."""
    from streams.cli.flows_told import in_flight_told, told
    from streams.domain.flow.versions import in_flight

    document = sound(file)
    ways = in_flight(sound(after), document) if after else ()
    if as_json:
        import msgspec

        shown = {"document": msgspec.to_builtins(document), "digest": digest(document)}
        print_json({**shown, "in_flight": [each._asdict() for each in ways]} if after else shown)
        return
    out.print(styled("[bold]{}[/]  [dim]{}[/]", document.name, digest(document)[:12]))
    for line in (*told(document), *in_flight_told(ways)):
        # It is turned already, and a node may be called like a word of the hub's.
        out.print(Text(line), soft_wrap=True)


def fields(as_json: JsonFlag = False) -> None:
    """List what a flow document may name: nodes, events, and conditions, with where the facts come from."""
    shared = [entry for entry in of_rules.entries().values() if entry.kind == "condition" and entry.offered]
    print_entries([*entries().values(), *shared], as_json=as_json)


def try_(
    file: File,
    events: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="An order and its events, TOML or JSON (deploy/examples/flows/events.toml is one).",
        ),
    ],
    payload: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="The channel's payload of the order, JSON, for transforms. When left out: it has none."
        ),
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Take one order through a flow, event by event, and show each step and why. Nothing is changed by it.

    This is the code that workers run, on the events of a file.
    """
    from streams.cli.flows_screen import print_steps, steps_for_machines
    from streams.cli.flows_tried import tried

    steps = tried(sound(file), events, payload)
    if as_json:
        print_json(steps_for_machines(steps))
    else:
        print_steps(steps)


def sound(file: str) -> Document:
    """A document without a fault. Raises Refused."""
    return documents.sound(file, _judged, "flows")


def _judged(text: str, known: Known = ANYTHING) -> Linted[Document]:
    from streams.domain.flow.lint import lint as faults_of

    read = draft(text)
    faults = faults_of(read, known)
    return Linted(None if faults else read.document, faults, read.lines)


def _role(text: str) -> tuple[str, list[str]]:
    name, equals, persons = text.partition("=")
    if not name or not equals:
        raise Refused(f"--role {text}: write it as ROLE=PERSON,PERSON; nothing behind the = is a role that nobody has")
    return name, [each for each in persons.split(",") if each]
