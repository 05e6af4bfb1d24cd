"""``penstock doctor``: everything the hub needs, looked at once, with what to do."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said, word
from streams.cli.common import JsonFlag, Refused, err, out, print_json

_STYLES = {"fine": "green", "doubtful": "yellow", "faulty": "red"}


def doctor(
    process: Annotated[
        str,
        typer.Option(
            "--process", help="Whose rights at Kafka this command's own user is to have, such as gateway: run it there."
        ),
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Look at everything the hub needs: settings, disk, shops, database, brokers, topics, clocks, state, workers, documents, rights.

    Changes nothing. Exit code 1 when something is faulty; what is doubtful is said, and is no error. Whether interfaces answer is asked by
    penstock check.
    """
    from streams.cli.examining import examined, worst
    from streams.ops.rights import NAMES

    if process and process not in NAMES:
        raise Refused(f"--process is {process!r}: {', '.join(NAMES)} are there")
    with err.status("looking at the hub"):
        findings = list(examined(process))
    if as_json:
        print_json([each._asdict() for each in findings])
    else:
        table = Table("part", "is", "what was found, and what to do", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for each in findings:
            table.add_row(word(each.about), Text(word(each.grade), _STYLES[each.grade]), Text(said(each.says)))
            if each.advice:
                table.add_row("", "", Text(f"-> {said(each.advice)}"))
        out.print(table)
    if worst(findings) == "faulty":
        sys.exit(1)
