"""The tables that routing looks at, warehouses and bundles: documents with their versions, judged as one types, made live, rolled back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from connectors.console.api.doing import Because, done
from connectors.console.asking import Used, Who, asks
from connectors.console.permissions import Permission
from connectors.console.problems import Speaks
from connectors.console.tables import KINDS, Changed
from schemas.documents.differences import Difference
from schemas.documents.faults import in_words, line_of, shown
from schemas.texts import said_in
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["tables"])

READS = asks(Permission.CONFIG_READ, everywhere=True)
EDITS = asks(Permission.CONFIG_EDIT, everywhere=True)
#: ``kind/name``.
Named = Annotated[str, Query(min_length=3, max_length=300, pattern=r"^[^\x00]+$")]
Number = Annotated[int, Query(ge=1, le=10**9)]
DocumentText = Annotated[str, Field(max_length=1_000_000)]


class TableDocument(BaseModel):
    """A document; ``live`` is null where no version is; ``at`` and ``by`` are of the last change of that."""

    document: str
    kind: str
    name: str
    live: int | None
    newest: int
    at: datetime | None
    by: str | None


class TableShelf(BaseModel):
    """All there are, and the kinds there can be; ``damaged``: what cannot be used, a sentence each."""

    documents: list[TableDocument]
    kinds: list[str]
    damaged: list[str]


class TableVersion(BaseModel):
    """A version; ``uses``: live, shadow, share."""

    number: int
    digest: str
    note: str
    by: str
    at: datetime
    uses: list[str]


class TableHistory(BaseModel):
    """Versions, the newest first. ``newest`` and ``change`` go with what is changed on it: by them is found who came between."""

    document: str
    newest: int
    change: int
    live: int | None
    versions: list[TableVersion]


class TableText(BaseModel):
    """A version as TOML."""

    document: str
    version: int
    text: str


class TableDifference(BaseModel):
    """One place: what stands there before and after, as JSON; null: nothing does."""

    where: str
    before: str | None
    after: str | None


class TableDraft(BaseModel):
    """A document's text, TOML or JSON."""

    text: DocumentText


class TableFault(BaseModel):
    """One thing that is wrong: in which line, where, what stands there, and what to do."""

    line: int
    where: str
    value: str
    says: str


class TableJudgement(BaseModel):
    """``document``: which one it is, empty where it says not; ``differences``: from what is live, null where nothing is."""

    document: str
    faults: list[TableFault]
    differences: list[TableDifference] | None
    #: What would be set at once.
    warehouses: list[str]
    bundles: list[str]


class TablePublish(TableDraft):
    """To be made live, on what was seen: 0 and 0 for a document that there was none of."""

    newest: int = Field(ge=0)
    change: int = Field(ge=0)
    because: Because


class TableRollback(BaseModel):
    """An earlier version, to be live again."""

    document: str = Field(max_length=300)
    to: int = Field(ge=1)
    newest: int = Field(ge=0)
    change: int = Field(ge=0)
    because: Because


class TableChanged(BaseModel):
    """Which version is live; ``is_new`` is false where it was before."""

    document: str
    live: int | None
    is_new: bool


@router.get("/tables", **READS)
async def list_tables(used: Used) -> TableShelf:
    """Every document of these kinds."""
    shelf = await done(used.deeds.tables.shelf)
    documents = []
    for held in shelf.documents:
        kind, _, name = held.document.partition("/")
        documents.append(
            TableDocument(
                document=held.document,
                kind=kind,
                name=name,
                live=held.live,
                newest=held.newest,
                at=None if held.at_ms is None else _moment(held.at_ms),
                by=held.by,
            )
        )
    return TableShelf(documents=documents, kinds=list(KINDS), damaged=list(shelf.damaged))


@router.get("/tables/history", **READS)
async def show_table(used: Used, document: Named) -> TableHistory:
    """Every version of one."""
    found = await done(used.deeds.tables.history, document)
    versions = [
        TableVersion(**{**it._asdict(), "uses": list(it.uses), "at": _moment(it.at_ms)}) for it in found.versions
    ]
    return TableHistory(**{**found._asdict(), "versions": versions})


@router.get("/tables/version", **READS)
async def show_table_version(used: Used, document: Named, version: Number) -> TableText:
    """One version, to read or to go on from."""
    text = await done(used.deeds.tables.text, document, version)
    return TableText(document=document, version=version, text=text)


@router.get("/tables/differences", **READS)
async def diff_table(used: Used, document: Named, before: Number, after: Number) -> list[TableDifference]:
    """What is different in two versions, field by field."""
    return [_difference(each) for each in await done(used.deeds.tables.differences, document, before, after)]


@router.post("/tables/lint", **READS)
async def lint_table(used: Used, speaks: Speaks, body: TableDraft) -> TableJudgement:
    """All that is wrong with a text, and what it would change; nothing is kept."""
    found = await done(used.deeds.tables.judge, body.text)
    faults = [
        TableFault(
            line=line_of(each.path, found.lines),
            where=_sendable(in_words(each.path)),
            value=_sendable(shown(each.value)),
            says=_sendable(said_in(speaks, each.says)),
        )
        for each in found.faults
    ]
    return TableJudgement(
        document=found.document,
        faults=faults,
        differences=None if found.differences is None else [_difference(each) for each in found.differences],
        warehouses=list(found.warehouses),
        bundles=list(found.bundles),
    )


@router.post("/tables/publish", **EDITS)
async def publish_table(used: Used, who: Who, body: TablePublish) -> TableChanged:
    """Makes a text live; 409 where somebody else has changed the document since it was looked at."""
    by = Actor(who.name, {Right.SETTINGS})
    told = (body.text, body.newest, body.change, body.because, by)
    return _changed(await done(used.deeds.tables.publish, *told))


@router.post("/tables/rollback", **EDITS)
async def roll_back_table(used: Used, who: Who, body: TableRollback) -> TableChanged:
    """Makes an earlier version live again; 409 as above."""
    by = Actor(who.name, {Right.SETTINGS})
    told = (body.document, body.to, body.newest, body.change, body.because, by)
    return _changed(await done(used.deeds.tables.roll_back, *told))


def _changed(it: Changed) -> TableChanged:
    return TableChanged(**it._asdict())


def _difference(each: Difference) -> TableDifference:
    before, after = (_sendable(shown(value)) or None for value in (each.before, each.after))
    return TableDifference(where=_sendable(each.where), before=before, after=after)


def _sendable(text: str) -> str:
    """Without halves of characters, which a document may name and nothing can send."""
    return text.encode("utf-8", "replace").decode()


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
