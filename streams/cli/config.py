"""``penstock config``: what a merchant sets, as documents: applied, compared, written out, rolled back."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NoReturn, cast

import typer

from schemas.codec import CODEC, CodecError
from schemas.documents.differences import differences
from schemas.documents.faults import NOTHING, Fault, in_words, line_of
from schemas.documents.faults import Path as FaultPath
from schemas.records import AuditEntry
from streams.aside.config.apply import Plan, carried_out, judged, judged_back, planned, planned_back
from streams.aside.config.changes import in_use
from streams.aside.config.standing import Standing, same_as, standing
from streams.cli import config_files
from streams.cli.common import JsonFlag, Refused, connected, err, out, print_json, print_lines
from streams.cli.config_export import exported, write
from streams.cli.config_files import File
from streams.cli.config_screen import (
    differences_for_machines,
    documents_for_machines,
    history_for_machines,
    plan_for_machines,
    print_differences,
    print_documents,
    print_history,
    print_plan,
    warn_of_damage,
)
from streams.cli.config_sides import live_side, sides
from streams.cli.faults import print_faults
from streams.cli.selection import Because
from streams.ops import audit
from streams.ops.cluster import Cluster

Path_ = Annotated[
    str,
    typer.Argument(metavar="FILE|DIR", help="A document, TOML or JSON (- is standard input), or a folder of them."),
]
Document = Annotated[str, typer.Argument(metavar="KIND/NAME", help="A document, such as rules/main.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]


def apply(path: Path_, because: Because = "", dry_run: DryRun = False, as_json: JsonFlag = False) -> None:
    """Make documents live: all of a folder, or nothing. What has a fault is refused line by line, with exit code 1.

    A document that is live already is unchanged. Warehouses and bundles take effect at once; what a version before named and this one does
    not is disabled, or no bundle any more. Orders are decided by the rules that PENSTOCK_RULES names, and by all tables.

    Example: penstock config apply settings/ --because spring
    """
    files = config_files.read(path)
    cluster, there = _standing()
    _without_faults(files, there, as_json)
    documents = [(each.form.kind, each.draft.document) for each in files if each.form and each.draft.document]
    for each in files:
        _goes_on(each, there)
    plan = planned(there, documents)
    _carry_out(cluster, plan, because, dry_run, as_json)


def diff(
    one: Annotated[
        str, typer.Argument(metavar="FILE|DIR|KIND/NAME@VERSION", help="What is compared, with what is live.")
    ],
    other: Annotated[
        str | None, typer.Argument(metavar="FILE|KIND/NAME@VERSION", help="Or with this, and not with what is live.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show field by field what is different; exit code 1 where anything is.

    Example: penstock config diff settings/, or between two versions: penstock config diff rules/main@2 rules/main@3
    """
    _, there = _standing()
    ones = list(sides(one, there))
    if other is None:
        pairs = [(live_side(there, each.document), each) for each in ones]
    else:
        others = list(sides(other, there))
        if len(ones) != 1 or len(others) != 1:
            raise Refused("of folders each document is compared with what is live: name one folder, or two documents")
        pairs = [(ones[0], others[0])]
    found = [
        (before, after, differences(before.content, after.content))
        for before, after in pairs
        if before is not None and before.content != after.content
    ]
    new = [after for before, after in pairs if before is None]
    if as_json:
        print_json(
            [
                *({"document": each.document, "from": None, "to": each.title, "differences": []} for each in new),
                *(
                    {
                        "document": a.document,
                        "from": b.title,
                        "to": a.title,
                        "differences": differences_for_machines(its),
                    }
                    for b, a, its in found
                ),
            ]
        )
    else:
        for each in new:
            out.print(f"{each.title}: nothing is live of {each.document} yet", soft_wrap=True)
        for before, after, its in found:
            print_differences(f"{before.title} -> {after.title}", its)
        if not new and not found:
            out.print("nothing is different")
    if new or found:
        sys.exit(1)


def export(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A folder for one file each, KIND/NAME.toml; it is made.")
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Option("--of", metavar="KIND/NAME[@VERSION]", help="This one alone; may be repeated."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also in place of files that say something else.")
    ] = False,
) -> None:
    """Write what is live as TOML, which applied again is unchanged; without DIR, one document on standard output.

    Warehouses and bundles that were set by hand and stand in no document are written as documents too, KIND/by-hand.toml. A file of what is
    live begins with its version: applied when another is live by then, it is refused.

    Example: penstock config export settings/, or one alone: penstock config export --of rules/main
    """
    _, there = _standing()
    texts = dict(exported(there, of or ()))
    if folder is None:
        if len(texts) != 1:
            raise Refused(f"{len(texts)} documents are there: name a folder, or one document with --of")
        print_lines("".join(texts.values()))
        return
    try:
        write(folder, texts, overwrite)
    except OSError as exc:
        raise Refused(f"{exc.filename} cannot be written: {exc.strerror}") from exc
    err.print(f"{len(texts)} documents are in {folder}", soft_wrap=True)


def history(
    document: Annotated[
        str | None, typer.Argument(metavar="KIND/NAME", help="One document; all when left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Every version with who published it, when and why; of one document also what was done with them, as long as the audit is kept.

    Example: penstock config history rules/main
    """
    cluster, there = _standing()
    if document is not None and document not in there.versions:
        raise Refused(f"there is no document {document}: penstock config list shows those there are")
    records = [
        record
        for name in ([document] if document is not None else sorted(there.versions))
        for _, record in sorted(there.versions[name].items(), reverse=True)
    ]
    done = _done(cluster, document) if document is not None else []
    versions = [history_for_machines(there, record) for record in records]
    if as_json:
        print_json({"versions": versions, "done": done})
    elif not versions:
        out.print("no documents: penstock config apply makes them of files")
    else:
        print_history(versions, done)


def rollback(
    document: Document,
    to: Annotated[int | None, typer.Option(min=1, help="This version is live then, and no other has a share.")] = None,
    because: Because = "",
    dry_run: DryRun = False,
    as_json: JsonFlag = False,
) -> None:
    """End the trial where a version has a share, else make live again what was live before, with the warehouses and bundles it names.

    Example: penstock config rollback rules/main --to 2 --because slow
    """
    cluster, there = _standing()
    plan = planned_back(there, document, to)
    for version, faults, lines in judged_back(there, plan):
        if faults:
            _refuse([(version, faults, lines)], as_json)
    _carry_out(cluster, plan, because, dry_run, as_json)


def list_(as_json: JsonFlag = False) -> None:
    """Every document: which version is live, which is the newest, which is tried."""
    _, there = _standing()
    if as_json:
        print_json(list(documents_for_machines(there)))
    else:
        print_documents(there)


def _standing() -> tuple[Cluster, Standing]:
    cluster = connected()
    with err.status("reading the documents of the hub"):
        there = standing(cluster)
    warn_of_damage(there)
    return cluster, there


def _without_faults(files: Sequence[File], there: Standing, as_json: bool) -> None:
    """Ends the command, with exit code 1, where a document has a fault; all of all are told."""
    whole = iter(judged(there, [(each.form.kind, each.draft) for each in files if each.form is not None]))
    names = config_files.twice(files)
    found = [
        (
            each.path,
            [
                *(next(whole) if each.form is not None else each.draft.faults),
                *([names[each.path]] if each.path in names else []),
            ],
            each.draft.lines,
        )
        for each in files
    ]
    if any(faults for _, faults, _ in found):
        _refuse(found, as_json)


def _refuse(found: Sequence[tuple[str, Sequence[Fault], Mapping[FaultPath, int]]], as_json: bool) -> NoReturn:
    if as_json:
        print_json(
            [
                {"file": file, "line": line_of(it.path, lines), "path": in_words(it.path), "says": it.says}
                | ({} if it.value is NOTHING else {"value": it.value})
                for file, faults, lines in found
                for it in faults
            ]
        )
    else:
        for file, faults, lines in found:
            print_faults(file, faults, lines)
        count = sum(len(faults) for _, faults, _ in found)
        err.print(f"{count} faults: nothing was changed", soft_wrap=True)
    sys.exit(1)


def _goes_on(file: File, there: Standing) -> None:
    """Raises Refused where a file was written out of a version that is not live any more, and says something else than what is."""
    live = in_use(there, file.document).live
    if file.basis is None or file.basis == live or file.draft.document is None:
        return
    if live is not None and same_as(there, file.document, file.draft.document) == live:
        return
    by = there.releases[file.document]["by"] if file.document in there.releases else "somebody"
    raise Refused(
        f"{file.path} goes on from {file.document}@{file.basis}, and by {by} another is live, {live or 'none'}: see penstock config "
        "diff, then export it anew, or take the first line out to apply it nevertheless"
    )


def _carry_out(cluster: Cluster, plan: Plan, because: str, dry_run: bool, as_json: bool) -> None:
    written = plan.rows
    if not dry_run and not plan.is_nothing:
        written = carried_out(cluster, plan, by=audit.operator(cluster), because=because)
    if as_json:
        print_json(plan_for_machines(plan, written, dry_run=dry_run))
    else:
        print_plan(plan, written, dry_run=dry_run)


def _done(cluster: Cluster, document: str) -> list[AuditEntry]:
    """What the audit says was done with a document, the last first."""
    found: list[AuditEntry] = []
    for message in cluster.read("audit", key=f"config:{document}"):
        value = message.value()
        try:
            name, entry = CODEC.decode(value) if value is not None else ("", {})
        except CodecError:
            # Not ours to judge, as with other entries that nobody can read.
            continue
        if name == "AuditEntry":
            found.append(cast(AuditEntry, entry))
    return found[::-1]
