"""``penstock flows publish | release | rollback``: versions of a flow document, and which of them orders follow."""

from __future__ import annotations

from typing import Annotated

import typer

from streams.cli.common import JsonFlag, Refused, connected
from streams.cli.faults import print_faults
from streams.cli.flows import File
from streams.cli.rules_released import Asked, Name, published, released, taken_back
from streams.cli.selection import Because


def publish(file: File, because: Because = "", as_json: JsonFlag = False) -> None:
    """Keep a flow document as a new version, which no order follows yet; what has a fault, or asks what workers do not do, is refused.

    A version is never replaced. One that says the same as an earlier one is none: nothing is written, exit code 0.
    Example: penstock flows publish flow.toml --because "large orders are approved"
    """
    published("flows", file, because, as_json)


def release(
    name: Name,
    version: Annotated[int, typer.Option(min=1, help="Which one; penstock config history lists them.")],
    share: Annotated[
        str,
        typer.Option(
            metavar="PERCENT", help="So many of the orders follow it, such as 10% or 0.5%; it is only widened."
        ),
    ] = "",
    live: Annotated[bool, typer.Option("--live", help="All orders follow it.")] = False,
    because: Because = "",
    as_json: JsonFlag = False,
) -> None:
    """Have a share of the orders, or all, follow a version. Workers follow the document that PENSTOCK_FLOW names.

    Orders that were planned before anything was released follow none. One in flight goes over where the new version asks the same of it,
    else it ends on the one that it follows: penstock flows show NEW --after OLD says which. Refused: an approval that nobody may give, by
    PENSTOCK_ROLES. Example: penstock flows release default --version 2 --share 10%
    """
    _approvable(f"flows/{name}", version)
    released("flows", name, version, Asked(share, False, live), because, as_json)


def rollback(name: Name, because: Because = "", as_json: JsonFlag = False) -> None:
    """Take the last release back: end the trial where there is one, else what was live before is live again.

    Orders in flight go over as they do to a newer version. Example: penstock flows rollback default --because "too many are held"
    """
    taken_back("flows", name, because, as_json)


def _approvable(document: str, version: int) -> None:
    """Raises Refused: what the version asks nobody may answer, or workers do not do."""
    from schemas.documents.kinds import KINDS
    from schemas.documents.reading import draft
    from streams.aside import releases
    from streams.domain.flow.book import lacks
    from streams.domain.flow.lint import Known, lint
    from streams.domain.flow.roles import accounts_by_role

    cluster = connected()
    record = releases.standing(cluster).version(document, version)
    read = draft(record["text"], KINDS["flows"])
    faults = lint(read, Known(roles=accounts_by_role(cluster.settings.roles)))
    if faults:
        print_faults(f"{document}@{version}", faults, read.lines)
        raise Refused(f"{document}@{version} has {len(faults)} faults: a role is given to accounts by PENSTOCK_ROLES")
    if read.document is not None and (why := lacks(read.document, cluster.settings.rules)):
        raise Refused(f"{document}@{version} {why}")
