"""``penstock kafka acls``: what each process's user needs at a Kafka that asks for rights, and giving it to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.table import Table
from schemas.texts import word
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.cli.selection import Yes
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.ops.acls import Row

Process = Annotated[
    list[str] | None,
    typer.Option(
        "--process", help="Only this one's; may be repeated. Processes, and what people run: operator, setup..."
    ),
]


def acls(
    process: Process = None,
    principal: Annotated[
        list[str] | None,
        typer.Option(help="As whom a process logs in, such as gateway=User:edge; PENSTOCK_PRINCIPALS otherwise."),
    ] = None,
    commands: Annotated[bool, typer.Option("--commands", help="As commands of Kafka's own kafka-acls.sh.")] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Give them: as a user who may alter the cluster. None is taken away.")
    ] = False,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Show the rights (ACLs) that each process's user needs, from the topology: these and no others. No broker is asked.

    With --apply those that are missing are given. Penstock doctor says which are missing, and which are too many.
    """
    from streams.ops import acls as rights_there
    from streams.ops.rights import NAMES, needed, users

    settings = Settings.from_env()
    settings = replace(settings, principals=";".join((settings.principals, *(principal or ()))))
    for name in process or ():
        if name not in NAMES:
            raise Refused(f"--process is {name!r}: {', '.join(NAMES)} are there")
    chosen, whose = tuple(process or NAMES), users(settings)
    rights = {name: needed(name, settings) for name in chosen}
    if apply:
        _apply(settings, {name: whose[name] for name in chosen}, yes)
    elif as_json:
        print_json(
            [{"process": name, "user": whose[name], **each._asdict()} for name in chosen for each in rights[name]]
        )
    elif commands:
        at = settings.brokers or "BROKER:9092"
        for name in chosen:
            out.print(f"# {name}", soft_wrap=True)
            for line in rights_there.commands(whose[name], rights[name], at):
                out.print(line, soft_wrap=True)
    else:
        for name in chosen:
            out.print(_table(name, whose[name], rights_there.rows(rights[name])))
            out.print()


def _table(name: str, user: str, rows: list[Row]) -> Table:
    table = Table("of", "name", "operations", title=f"{name}: {user}", title_justify="left", box=None, pad_edge=False)
    for row in rows:
        table.add_row(word(row.kind), f"{row.name}*" if row.prefixed else row.name, ", ".join(row.operations))
    return table


def _apply(settings: Settings, whose: dict[str, str], yes: bool) -> None:
    from streams.cli.asking import confirmed, planned
    from streams.ops.acls import Acls
    from streams.ops.rights import needed

    there = Acls(connected().settings)
    given = there.given()
    missing = {name: given.missing(user, needed(name, settings)) for name, user in whose.items()}
    count = sum(map(len, missing.values()))
    if not count:
        out.print("all of them have been given")
        return
    planned(
        [f"{name}: {len(rights)} rights are to be given to {whose[name]}" for name, rights in missing.items() if rights]
    )
    confirmed(f"Give these {count} rights?", yes)
    for name, rights in missing.items():
        there.give(whose[name], rights)
    out.print(f"{count} rights given")
