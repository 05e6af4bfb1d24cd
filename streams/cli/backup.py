"""``penstock backup``: the hub's topics, positions and tables into a folder elsewhere, and back from there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.backup import manifest as manifests
from streams.backup import vault
from streams.backup.errors import BackupStopped, Damaged
from streams.backup.manifest import Database, Manifest, TableRows
from streams.backup.taking import Home
from streams.backup.vault import Key
from streams.cli.asking import confirmed
from streams.cli.common import JsonFlag, Refused, connected, database_url, err, out, print_json
from streams.cli.selection import Because, Yes, given_reason
from streams.ops import audit
from streams.ops.moments import local
from streams.settings import Settings

if TYPE_CHECKING:
    from connectors.postgres.keeping import Put

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Where backups are kept; PENSTOCK_BACKUP otherwise.")
]
NameOption = Annotated[
    str, typer.Option("--name", help="Which backup, as penstock backup list calls it; the newest otherwise.")
]
NoDatabase = Annotated[bool, typer.Option("--no-database", help="Topics alone: a sink fills a new database from them.")]
#: The audit action.
RESTORE = "state.restore"


def run(
    folder: FolderOption = None,
    no_database: NoDatabase = False,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Without PENSTOCK_BACKUP_KEY: whoever has the folder can read it.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Keep what is new since the last backup: topics, groups' positions, the database's tables, the shops without their secrets.

    The hub goes on meanwhile. All of it is of one moment.
    """
    from streams.backup.taking import take

    cluster = connected()
    home = home_of(cluster.settings, folder)
    if home.key is None and not unencrypted:
        raise Refused(
            "a backup tells of persons, and PENSTOCK_BACKUP_KEY names no key to seal it with: write env:NAME or file:PATH of 64 "
            "hexadecimal digits there (openssl rand -hex 32), and keep it elsewhere too; or add --unencrypted"
        )
    url = "" if no_database else database_url()
    with told(), bar("records") as advance:
        made = take(
            cluster.settings,
            home,
            tables=(lambda prefix: _tables(home, url, prefix)) if url else None,
            shops=(lambda name: _shops(home, cluster.settings, name)) if cluster.settings.shops else None,
            advance=advance,
        )
    for notice in made.notices:
        err.print(Text(said(notice), "yellow"), soft_wrap=True)
    if as_json:
        print_json(_row(made))
    else:
        out.print(
            f"{made.name}: {made.new_records:,} new records, {made.new_bytes:,} bytes, in {made.seconds:.1f} s; "
            f"{made.records:,} records in all",
            soft_wrap=True,
        )


def list_(folder: FolderOption = None, as_json: JsonFlag = False) -> None:
    """Show the backups of a folder, oldest first."""
    home = home_of(Settings.from_env(), folder)
    with told():
        found = [manifests.read(home.folder, name, home.key) for name in manifests.names(home.folder)]
    if as_json:
        print_json([_row(each) for each in found])
        return
    if not found:
        out.print(f"there is no backup in {home.folder}", soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("backup", "of", "new records", "new bytes", "records", "tables", "notices"):
        table.add_column(column, justify="left" if column in ("backup", "of") else "right")
    for each in found:
        rows = sum(t.rows for t in each.database.tables) if each.database else None
        table.add_row(
            *(each.name, local(each.cut_ms), f"{each.new_records:,}", f"{each.new_bytes:,}", f"{each.records:,}"),
            *("-" if rows is None else f"{rows:,}", str(len(each.notices))),
        )
    out.print(table)


def verify(folder: FolderOption = None, name: NameOption = "", as_json: JsonFlag = False) -> None:
    """Read every file of a backup and say which are not what was written; exit code 1 when there are any."""
    from streams.backup.restore import damages

    home = home_of(Settings.from_env(), folder)
    with told():
        chosen = manifests.chosen(home.folder, name, home.key)
        with bar("bytes", sum(file.bytes for file in chosen.files())) as advance:
            found = damages(home, chosen, advance)
    if as_json:
        print_json({"backup": chosen.name, "files": len(chosen.files()), "damaged": {it.name: it.why for it in found}})
    else:
        _damaged(found)
        if not found:
            out.print(f"{chosen.name}: {len(chosen.files()):,} files, all as they were written")
    if found:
        sys.exit(1)


def restore(
    because: Because = "",
    folder: FolderOption = None,
    name: NameOption = "",
    no_database: NoDatabase = False,
    yes: Yes = False,
) -> None:
    """Bring a backup back, into a cluster without the hub's topics and a database without tables; refuses any other.

    Every record stands at the offset it had, every group where it stood. Sinks and workers begin afterwards, the workers without their
    former folders of state.
    """
    import asyncio

    from connectors.postgres.keeping import refuse_unless_empty as no_tables
    from streams.backup.restore import damages, refuse_unless_empty
    from streams.backup.restore import restore as bring_back

    given_reason(because)
    cluster = connected()
    home = home_of(cluster.settings, folder)
    with told():
        chosen = manifests.chosen(home.folder, name, home.key)
        refuse_unless_empty(cluster.settings, chosen)
        url = "" if no_database or chosen.database is None else database_url()
        if url:
            asyncio.run(no_tables(url))
        if states := sorted(str(path.parent) for path in cluster.settings.data.glob("*/state")):
            raise Refused(
                f"{states[0]} holds a worker's state of before, which follows other topics: move it away first"
            )
        with bar("bytes", sum(file.bytes for file in chosen.files())) as advance:
            if found := damages(home, chosen, advance):
                _damaged(found)
                raise Refused(
                    f"{len(found)} files are damaged, and nothing was restored: take another backup with --name"
                )
        out.print(f"{chosen.name}, of {local(chosen.cut_ms)}: {chosen.records:,} records", soft_wrap=True)
        confirmed(f"Restore it into {cluster.settings.brokers}?", yes)
        by = audit.operator(cluster)
        by.check(RESTORE)
        with bar("records", chosen.records) as advance:
            done = bring_back(
                cluster.settings,
                home,
                chosen,
                tables=(lambda kept: bring(home, url, kept)) if url else None,
                advance=advance,
            )
    details = {"backup": chosen.name, "of_ms": chosen.cut_ms, "records": done.records, "rows": done.rows}
    audit.publish(cluster, [audit.entry(RESTORE, cluster.settings.app_id, by=by, reason=because, details=details)])
    out.print(
        f"restored: {done.records:,} records, {done.positions:,} positions, {done.rows:,} rows; workers and sinks can be started",
        soft_wrap=True,
    )


def home_of(settings: Settings, folder: Path | None) -> Home:
    from connectors import shops

    where = folder or settings.backup
    if where is None:
        raise Refused("no folder for backups: name one in PENSTOCK_BACKUP or with --folder")
    text = settings.backup_key
    if text and not text.startswith(("env:", "file:")):
        raise Refused("PENSTOCK_BACKUP_KEY is to say where the key is, not what it is: write env:NAME or file:PATH")
    key = Key(shops.secret("PENSTOCK_BACKUP_KEY", "it", text, os.environ)) if text else None
    return Home(where, key)


def _tables(home: Home, url: str, prefix: str) -> Database:
    import asyncio

    from connectors.postgres.keeping import keep

    writers: dict[str, vault.Writer] = {}

    @contextmanager
    def opened(table: str) -> Iterator[Put]:
        with vault.Writer(home.folder, prefix + table, home.key) as writer:
            writers[table] = writer
            yield writer.frame

    kept = asyncio.run(keep(url, opened))
    tables = tuple(TableRows(t.table, t.columns, t.rows, writers[t.table].written()) for t in kept.tables)
    return Database(kept.version, tables, kept.partitions)


def bring(home: Home, url: str, kept: Database) -> int:
    import asyncio

    from connectors.postgres import keeping

    tables = (
        (keeping.Rows(t.table, t.columns, t.rows), vault.frames(home.folder, t.file.name, home.key, t.file))
        for t in kept.tables
    )
    return asyncio.run(keeping.bring(url, kept.version, kept.partitions, tables))


def _shops(home: Home, settings: Settings, name: str) -> vault.File:
    from connectors import shops

    assert settings.shops is not None
    return vault.put(home.folder, name, shops.without_secrets(settings.shops), home.key)


def _row(made: Manifest) -> dict[str, object]:
    rows = sum(t.rows for t in made.database.tables) if made.database else None
    return {
        **{"backup": made.name, "of_ms": made.cut_ms, "new_records": made.new_records, "new_bytes": made.new_bytes},
        **{"records": made.records, "rows": rows, "seconds": made.seconds, "notices": list(made.notices)},
    }


def _damaged(found: list[Damaged]) -> None:
    for each in found:
        err.print(styled("[red]damaged[/] {}: {}", each.name, said(each.why)), soft_wrap=True)


@contextmanager
def told() -> Iterator[None]:
    """What went wrong on the way, for the person: exit code 1."""
    import asyncpg

    from connectors.postgres.reading import NotKept
    from streams.ops.sinks import SinkMisfit

    try:
        yield
    except (BackupStopped, Damaged) as exc:
        err.print(Text(said(str(exc)), "red"), soft_wrap=True)
        sys.exit(1)
    except (NotKept, SinkMisfit) as exc:
        raise Refused(str(exc)) from exc
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as exc:
        raise Refused(f"the database or the folder does not do what is asked: {exc}") from exc


@contextmanager
def bar(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Shows how many; yields what is told how many more."""
    columns = (BarColumn(), TextColumn("{task.completed:,.0f} " + word(what)), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda count: bar.advance(task, count)
