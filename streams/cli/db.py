"""`penstock db`: the tables of the database that the hub's topics are kept in."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import typer

from schemas.table import Table
from schemas.texts import said
from streams.cli.common import JsonFlag, Refused, database_url, out, print_json, warn_of
from streams.settings import Settings

MakeFlag = Annotated[
    bool,
    typer.Option(
        "--make", help="Make what is missing, give the tables to penstock_migrations, and put all rights right."
    ),
]


def db_migrate() -> None:
    """Make the tables, or bring them to this program's version; what is in them stays."""
    from connectors.postgres.schema import migrate

    before, after = run(migrate(_address()))
    if before == after:
        out.print(f"the database is at version {after}: nothing to do")
    else:
        out.print(f"the database is at version {after} now, it was " + (f"at {before}" if before else "without tables"))


def db_status(as_json: JsonFlag = False) -> None:
    """Which version the tables have, how far the sink has come, what was refused, how long what tells of persons is kept.

    Exit code 2 when the version is another.
    """
    from connectors.postgres.schema import status

    found = run(status(_address()))
    if as_json:
        print_json(found._asdict() | {"version": found.version._asdict()})
    else:
        out.print(f"version {found.version.found or '-'}, needed {found.version.needed}")
        if found.positions:
            table = Table(box=None, pad_edge=False)
            for column in ("hub", "topic", "partitions", "records taken", "last moved"):
                table.add_column(column, justify="right" if column in ("partitions", "records taken") else "left")
            for each in found.positions:
                table.add_row(
                    each["hub"], each["topic"], str(each["partitions"]), f"{each['offsets']:,}", each["moved_at"]
                )
            out.print(table)
        if found.version.fits:
            out.print(f"refused: {found.refused:,} records (table refused_rows)")
            out.print(_kept(found.kept))
    if not found.version.fits:
        raise Refused(found.version.advice())


def _kept(kinds: list[dict[str, Any]]) -> Table | str:
    """For how long what tells of persons is kept."""
    if not kinds:
        return "what tells of persons is kept for ever: no sink of this version has run"
    table = Table(box=None, pad_edge=False)
    for column in ("tells of persons", "kept for", "rows emptied", "last looked through"):
        table.add_column(column, justify="right" if column == "rows emptied" else "left")
    for each in kinds:
        days = f"{each['kept_days']} days" if each["kept_days"] else "ever"
        table.add_row(each["kind"], days, f"{each['emptied']:,}", each["looked_at"] or said("not yet"))
    return table


def db_roles(make: MakeFlag = False, as_json: JsonFlag = False) -> None:
    """The roles that processes and people get their rights by, and who has them: grant one to each login of yours."""
    from connectors.postgres import roles
    from connectors.postgres.schema import migrate

    if make:
        run(roles.make(_address()))
        # The rights on the tables; brings them to this program's version, or makes them.
        run(migrate(_address()))
    found = run(roles.standing(_address()))
    if as_json:
        print_json([role._asdict() for role in found])
        return
    table = Table("role", "what for", "given to", box=None, pad_edge=False)
    for role in found:
        table.add_row(
            role.name, role.purpose, said("not made" if role.members is None else ", ".join(role.members) or "nobody")
        )
    out.print(table)
    if any(role.members is None for role in found):
        out.print("penstock db roles --make makes them; then, for each login: GRANT penstock_sink TO login")


def db_url() -> None:
    """The address of the database, with its password: for a program of yours; keep it out of logs."""
    out.print(_address(), soft_wrap=True)


def db_shell(
    args: Annotated[list[str] | None, typer.Argument(metavar="[PSQL_ARGS]...", help="psql's own; after --.")] = None,
) -> None:
    """Open psql at the database: the installed one, or the one that came with the bundled Postgres."""
    url = urlsplit(_address())
    psql = shutil.which("psql") or _bundled_psql()
    who, at, place = url.netloc.rpartition("@")
    # Who looks at the list of processes does not see the password.
    bare = url._replace(netloc=who.partition(":")[0] + at + place)
    secret = {"PGPASSWORD": unquote(url.password)} if url.password else {}
    sys.stdout.flush()
    os.execve(psql, [psql, "--dbname", bare.geturl(), *(args or ())], {**os.environ, **secret})


def _address() -> str:
    """Of the database; what would be sent to it in clear is said first. Raises Refused."""
    warn_of(Settings.from_env())
    return database_url()


def _bundled_psql() -> str:
    from deploy.local import DatabaseMissing
    from deploy.local.postgres import programs_folder

    try:
        psql = programs_folder() / "psql"
    except DatabaseMissing:
        psql = None
    if psql is None or not psql.exists():
        raise Refused(
            "psql is not installed (Debian and Ubuntu: the package postgresql-client); penstock db url says where the database is"
        )
    return str(psql)


def run(work: Any) -> Any:
    """Runs it; what the database says against it ends the command in one line."""
    from connectors.postgres.faults import fault_of, reason_of
    from connectors.postgres.reading import NotKept
    from streams.ops.sinks import SinkError

    try:
        return asyncio.run(work)
    except (NotKept, SinkError) as error:
        raise Refused(str(error)) from error
    except Exception as error:
        # A URL that can't be read is a ValueError.
        if fault_of(error) is None and not isinstance(error, ValueError):
            raise
        raise Refused(
            f"the database does not do it: {reason_of(error)}; PENSTOCK_DATABASE_URL says which one"
        ) from error
