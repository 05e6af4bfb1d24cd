"""Documents applied together: judged by what would stand then, planned, and written with what the hub works by; all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from schemas.codec import CODEC
from schemas.documents.faults import Fault, Path
from schemas.documents.kinds import KINDS
from schemas.documents.reading import Draft, draft
from schemas.records import AuditEntry, Warehouse
from streams.aside.catalog import BUNDLES, LISTINGS, WAREHOUSES, bundle_entry, warehouse_entry
from streams.aside.config.changes import Change, applying, in_use, name_of, rolling_back
from streams.aside.config.lints import Surroundings, lint
from streams.aside.config.rows import RowChanges, changed, in_documents, live_documents
from streams.aside.config.standing import ConfigRefused, Standing, document_of, same_as
from streams.aside.config.store import write
from streams.aside.fenced import Message
from streams.aside.orders import now_ms
from streams.aside.stock import COMMANDS
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster


class Plan(NamedTuple):
    """What is to be written."""

    #: ``kind/name`` -> the document that is live then, of all that were asked for.
    after: Mapping[str, msgspec.Struct]
    changes: tuple[Change, ...]
    rows: RowChanges

    @property
    def is_nothing(self) -> bool:
        """Whether all of it stands already."""
        return not self.changes and not any(self.rows)


def judged(standing: Standing, drafts: Sequence[tuple[str, Draft[Any]]]) -> list[list[Fault]]:
    """The faults of each of the documents (kind, draft) that are applied together; none of any: they can be."""
    around = surroundings(
        standing, {name_of(kind, d.document): d.document for kind, d in drafts if d.document is not None}
    )
    return [lint(kind, draft, around) for kind, draft in drafts]


def surroundings(standing: Standing, after: Mapping[str, msgspec.Struct]) -> Surroundings:
    """What is there once these documents are the live ones of their names."""
    documents = {**live_documents(standing), **after}
    rows = changed(standing, after, 0)
    bundles = {**standing.rows.bundles, **{each["sku"]: each for each in rows.bundles}}
    return Surroundings(
        standing.rows.warehouses.keys() | in_documents(documents.values())[0],
        {sku: [part["sku"] for part in each["parts"]] for sku, each in bundles.items() if each["parts"]},
        documents,
    )


def planned(standing: Standing, documents: Sequence[tuple[str, msgspec.Struct]]) -> Plan:
    """What applying documents (kind, document) of different names comes to. Raises ConfigRefused."""
    after = {name_of(kind, document): document for kind, document in documents}
    changes = [change for kind, document in documents if (change := applying(standing, kind, document)) is not None]
    return Plan(after, tuple(changes), changed(standing, after, now_ms()))


def planned_back(standing: Standing, document: str, to: int | None) -> Plan:
    """What rolling a document back comes to. Raises ConfigRefused: also where what stood before can't stand beside what there is now."""
    change = rolling_back(standing, document, to)
    live = (in_use(standing, document) if change is None or change.in_use is None else change.in_use).live
    after = {} if live is None else {document: document_of(standing.version(document, live))}
    return Plan(after, () if change is None else (change,), changed(standing, after, now_ms()))


def judged_back(standing: Standing, plan: Plan) -> list[tuple[str, list[Fault], Mapping[Path, int]]]:
    """Of each version that a plan makes live again: ``kind/name@number``, what is wrong with it now, and its lines."""
    found = []
    for name, content in plan.after.items():
        number = same_as(standing, name, content) or 0
        form = KINDS[name.partition("/")[0]]
        text = draft(standing.version(name, number)["text"], form)
        (faults,) = judged(standing, [(form.kind, text)])
        found.append((f"{name}@{number}", faults, text.lines))
    return found


def carried_out(cluster: Cluster, plan: Plan, *, by: Actor, because: str) -> RowChanges:
    """Writes a plan; returns the hub's records that were written with it. Raises as ``store.write``, and writes nothing then."""
    by.check("config.applied")
    written = RowChanges((), ())

    def along(now: Standing) -> tuple[Sequence[Message], Sequence[AuditEntry]]:
        nonlocal written
        written = changed(now, plan.after, now_ms())
        if _told_apart(written) != _told_apart(plan.rows):
            raise ConfigRefused(
                "warehouses or bundles were set by hand meanwhile: see what would change now, then try again"
            )
        return _messages(written), _entries(written, now, by, because)

    write(cluster, plan.changes, by=by, because=because, along=along)
    return written


def _told_apart(rows: RowChanges) -> list[object]:
    """Without what goes by the clock."""
    return [{**each, "version": 0, "requested_at_ms": 0} for them in rows for each in them]


def _messages(rows: RowChanges) -> list[Message]:
    return [
        *(Message(WAREHOUSES, w["warehouse"].encode(), CODEC.encode("Warehouse", w)) for w in rows.warehouses),
        *(Message(BUNDLES, b["sku"].encode(), CODEC.encode("Bundle", b)) for b in rows.bundles),
        *(Message(COMMANDS, p["sku"].encode(), CODEC.encode("SetPool", p)) for p in rows.pools),
        *(Message(LISTINGS, x["sku"].encode(), CODEC.encode("ListSku", x)) for x in rows.listings),
    ]


def _entries(rows: RowChanges, before: Standing, by: Actor, because: str) -> list[AuditEntry]:
    return [
        *(
            warehouse_entry(w, by=by, because=because, verb=_verb(w, before.rows.warehouses.get(w["warehouse"])))
            for w in rows.warehouses
        ),
        *(bundle_entry(b, before.rows.bundles.get(b["sku"]), by=by, because=because) for b in rows.bundles),
    ]


def _verb(record: Warehouse, before: Warehouse | None) -> Literal["set", "enabled", "disabled"]:
    """As the commands of warehouses call it."""
    if before is None or {**record, "enabled": before["enabled"], "version": before["version"]} != {**before}:
        return "set"
    return "enabled" if record["enabled"] else "disabled"
