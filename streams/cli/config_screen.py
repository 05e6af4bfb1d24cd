"""How documents, their versions and what they change are shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from schemas.documents.differences import Difference
from schemas.documents.faults import NOTHING, shown
from schemas.records import AuditEntry, ConfigDocument
from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import word
from streams.aside.config.apply import Plan
from streams.aside.config.changes import in_use
from streams.aside.config.rows import RowChanges
from streams.aside.config.standing import Standing
from streams.cli.common import err, out
from streams.domain.releases.recorded import share_record
from streams.ops.moments import local

_OPTIONS: Any = {"box": None, "pad_edge": False, "padding": (0, 2, 0, 0)}


def print_plan(plan: Plan, rows: RowChanges, *, dry_run: bool) -> None:
    """Document by document, and what it makes of the hub's own records."""
    live = {change.document: change for change in plan.changes}
    for document in dict.fromkeys([*live, *plan.after]):
        change = live.get(document)
        if change is None or change.in_use is None:
            out.print(f"{document}: unchanged", soft_wrap=True)
            continue
        number, before = change.in_use.live, change.before
        kind = f"{document}@{number}"
        if before.share is not None and change.in_use.share is None:
            trial = f"{document}@{before.share.version}"
            out.print(
                f"{trial} would have no share any more" if dry_run else f"{trial} has no share any more", soft_wrap=True
            )
        if number == before.live:
            continue
        if dry_run:
            out.print(f"{kind} would be live; now it is {before.live or word('none')}", soft_wrap=True)
        else:
            out.print(f"{kind} is live; before it was {before.live or word('none')}", soft_wrap=True)
    for warehouse in rows.warehouses:
        state = word("enabled" if warehouse["enabled"] else "disabled")
        out.print(styled("  {} {}: {}, {}", word("warehouse"), warehouse["warehouse"], warehouse["province"], state))
    for bundle in rows.bundles:
        parts = " + ".join(f"{part['quantity']} x {part['sku']}" for part in bundle["parts"])
        out.print(styled("  {} {}: {}", word("bundle"), bundle["sku"], parts or word("none")))
    for command in rows.pools:
        pool = command["pool"]
        state = word("closed") if pool["closed"] else f"{pool['name']}, {word('cap')} {pool['cap']}"
        out.print(styled("  {} {}: {}", word("pool"), command["sku"], state))


def plan_for_machines(plan: Plan, rows: RowChanges, *, dry_run: bool) -> dict[str, Any]:
    """The same."""
    changes = {change.document: change for change in plan.changes}
    found = []
    for document in dict.fromkeys([*changes, *plan.after]):
        its = changes.get(document)
        answer = "unchanged" if its is None else "would be applied" if dry_run else "applied"
        uses = {} if its is None or its.in_use is None else {"live": its.in_use.live, "was": its.before.live}
        found.append({"document": document, "answer": answer, **uses})
    return {
        "documents": found,
        "warehouses": [each["warehouse"] for each in rows.warehouses],
        "bundles": [each["sku"] for each in rows.bundles],
        "pools": [each["sku"] for each in rows.pools],
    }


def print_differences(title: str, found: Iterable[Difference]) -> None:
    """One line each: where, what stood there, what does."""
    out.print(styled("[bold]{}[/]", title), soft_wrap=True)
    for each in found:
        if each.before is NOTHING:
            out.print(styled("  [green]+ {}[/] {}", each.where, _value(each.after)), soft_wrap=True)
        elif each.after is NOTHING:
            out.print(styled("  [red]- {}[/] {}", each.where, _value(each.before)), soft_wrap=True)
        else:
            out.print(styled("  {}: {} -> {}", each.where, _value(each.before), _value(each.after)), soft_wrap=True)


def differences_for_machines(found: Iterable[Difference]) -> list[dict[str, Any]]:
    """The same; what does not stand there has no entry."""
    return [
        {
            "where": each.where,
            **{name: value for name, value in (("before", each.before), ("after", each.after)) if value is not NOTHING},
        }
        for each in found
    ]


def print_documents(standing: Standing) -> None:
    """Every document, and which of its versions are in use."""
    rows = list(documents_for_machines(standing))
    if not rows:
        out.print("no documents: penstock config apply makes them of files")
        return
    table = Table("document", "live", "newest", "shadow", "share", "since", "by", **_OPTIONS)
    for each in rows:
        share = each["share"]
        part = "-" if share is None else f"{share['version']}: {share['basis_points'] / 100:g} %"
        numbers = ("-" if each[name] is None else str(each[name]) for name in ("live", "newest", "shadow"))
        since = "-" if each["at_ms"] is None else local(each["at_ms"])[:16]
        table.add_row(each["document"], *numbers, part, since, each["by"] or "-")
    out.print(table)


def documents_for_machines(standing: Standing) -> Iterator[dict[str, Any]]:
    """The same."""
    for document in sorted({*standing.versions, *standing.releases}):
        its, release = in_use(standing, document), standing.releases.get(document)
        yield {
            "document": document,
            "live": its.live,
            "newest": standing.newest(document) or None,
            "shadow": its.shadow,
            "share": share_record(its.share),
            "previous": its.previous,
            "at_ms": None if release is None else release["at_ms"],
            "by": None if release is None else release["by"],
        }


def print_history(versions: Iterable[dict[str, Any]], done: Iterable[AuditEntry]) -> None:
    """Versions, the newest first; and what was done, the last first."""
    table = Table("version", "published", "by", "hash", "in use", "note", **_OPTIONS)
    for each in versions:
        uses = ", ".join(map(word, each["in_use"])) or "-"
        table.add_row(f"{each['document']}", local(each["at_ms"]), each["by"], each["digest"][:12], uses, each["note"])
    out.print(table)
    entries = list(done)
    if entries:
        out.print()
        table = Table("when", "what", "live", "by", "why", **_OPTIONS)
        for entry in entries:
            live = entry["details"].get("live", "-")
            table.add_row(local(entry["at_ms"]), word(entry["action"]), live, entry["by"], entry["reason"])
        out.print(table)


def history_for_machines(standing: Standing, record: ConfigDocument) -> dict[str, Any]:
    """One version, without its text."""
    document, number = f"{record['kind']}/{record['name']}", record["version"]
    its = in_use(standing, document)
    share = None if its.share is None else its.share.version
    uses = [name for name, used in (("live", its.live), ("shadow", its.shadow), ("share", share)) if used == number]
    return {**{name: value for name, value in record.items() if name != "text"}, "in_use": uses}


def warn_of_damage(standing: Standing) -> None:
    """What stands on the topics and cannot be used is told, whatever was asked."""
    for key, says in sorted(standing.damaged.items()):
        err.print(styled("[yellow]{}[/] {}", key, Text(says)), soft_wrap=True)


def _value(value: Any) -> str:
    return shown(value) if not isinstance(value, list | dict) else json.dumps(value, ensure_ascii=False)[:200]
