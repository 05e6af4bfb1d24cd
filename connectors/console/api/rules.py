"""Rule documents: what there is, what a document may name, what is wrong with a draft of one, and making a version of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from connectors.console import rule_forms
from connectors.console.api.doing import Because, done
from connectors.console.asking import Used, Who, asks
from connectors.console.permissions import Permission
from connectors.console.problems import Speaks
from connectors.console.rule_deeds import Held, Judged
from schemas.documents.faults import NOTHING, Fault, in_words, line_of, shown
from schemas.documents.rules import builtin
from schemas.texts import Language, said_in
from streams.domain.releases.moves import State
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["rules"])

Name = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[^/\\@\x00]+$")]
Number = Annotated[int, Path(ge=1, le=10**17)]
#: A document, JSON or TOML.
Text = Annotated[str, Field(max_length=1_000_000)]


class RuleShare(BaseModel):
    """Of 10,000 orders a version decides so many."""

    version: int
    basis_points: int


class RuleRelease(BaseModel):
    """Versions in use. ``last``: number of the last change, to be sent with the next; ``by``, ``at``, ``reason``: of that."""

    live: int | None
    shadow: int | None
    share: RuleShare | None
    previous: int | None
    withdrawn: list[int]
    last: int
    by: str
    at: datetime | None
    reason: str


class RuleVersion(BaseModel):
    """A version that was published; ``state``: draft (it decides nothing), shadow, share, live, retired."""

    number: int
    digest: str
    note: str
    by: str
    at: datetime
    state: State


class RuleDocument(BaseModel):
    """``newest``: the highest number that was given; ``follows``: workers decide by it."""

    name: str
    description: str
    follows: bool
    newest: int
    versions: list[RuleVersion]
    release: RuleRelease
    damaged: list[str]


class RuleShelf(BaseModel):
    """All documents. ``warehouses``: codes that one may name."""

    documents: list[RuleDocument]
    follows: str
    warehouses: list[str]


class RuleFault(BaseModel):
    """What is wrong, and what to do: at a place of the document, in words, at a line of the text; ``value``: what stands there, as JSON."""

    path: list[str | int]
    where: str
    line: int
    value: str
    says: str


class RuleJudgement(BaseModel):
    """``document``: plain values, null where the text cannot be read. ``json`` and ``toml``: the same in words that read the same again,
    empty where its form is wrong. ``digest``: null where there is a fault. ``same_as``: the version that says the same.
    """

    document: Any
    json_text: str
    toml_text: str
    faults: list[RuleFault]
    digest: str | None
    same_as: int | None


class RuleField(BaseModel):
    """What a filter or a criterion takes. ``kind``: number, names, text, yes_no, choice."""

    name: str
    kind: str
    required: bool
    least: int | None
    most: int | None
    choices: list[str]


class RuleEntry(BaseModel):
    """A name that a document may use. ``type``: text, number, yes_no, or empty; ``unit``: in English, as the catalogue has it;
    ``of_lines``: a fact of every line.
    """

    name: str
    title: str
    type: str
    unit: str
    of_lines: bool
    fields: list[RuleField]


class RuleCatalogue(BaseModel):
    """All of them, in the person's language."""

    conditions: list[RuleEntry]
    filters: list[RuleEntry]
    criteria: list[RuleEntry]


class RuleTemplate(BaseModel):
    """A document to begin with."""

    name: str
    text: str


class RuleDraft(BaseModel):
    """A document that nobody keeps."""

    text: Text


class RuleDiff(BaseModel):
    """A version held against another, or against a draft: one of ``after`` and ``text``."""

    before: Annotated[int, Field(ge=1, le=10**17)]
    after: Annotated[int | None, Field(ge=1, le=10**17)] = None
    text: Text = ""


class RuleDifference(BaseModel):
    """One place; null where nothing stands."""

    where: str
    before: Any
    after: Any
    added: bool
    removed: bool


class RulePublish(BaseModel):
    """``newest``: the newest version that the person has seen, 0 for none."""

    text: Text
    newest: Annotated[int, Field(ge=0, le=10**17)]
    because: Because


class RulePublished(BaseModel):
    """``is_new``: false where a version said the same already, which is this one."""

    name: str
    number: int
    is_new: bool


@router.get("/rules", **asks(Permission.RULES_READ))
async def list_rules(used: Used) -> RuleShelf:
    """Every rule document with its versions, and which of them are in use."""
    shelf = await done(used.deeds.rules.shelf)
    documents = [_document(each, shelf.follows) for each in shelf.documents]
    return RuleShelf(documents=documents, follows=shelf.follows, warehouses=list(shelf.warehouses))


@router.get("/rules/catalogue", **asks(Permission.RULES_READ))
async def rule_catalogue(speaks: Speaks) -> RuleCatalogue:
    """What a document may name, with what each takes."""
    return RuleCatalogue(
        conditions=[_entry(each, speaks) for each in rule_forms.conditions()],
        filters=[_entry(each, speaks) for each in rule_forms.filters()],
        criteria=[_entry(each, speaks) for each in rule_forms.criteria()],
    )


@router.get("/rules/templates", **asks(Permission.RULES_READ))
async def rule_templates() -> list[RuleTemplate]:
    """Documents to begin with: what decides where there are no rules, and other products' shapes, whose warehouses are not one's own."""
    texts = {"built-in": builtin.default_text(), **builtin.examples()}
    return [RuleTemplate(name=name, text=text) for name, text in texts.items()]


@router.get("/rules/documents/{name}/{number}", **asks(Permission.RULES_READ))
async def show_rule_version(used: Used, speaks: Speaks, name: Name, number: Number) -> RuleJudgement:
    """One version, judged by what is set up now."""
    return judgement(await done(used.deeds.rules.version, name, number), speaks)


@router.post("/rules/lint", **asks(Permission.RULES_READ))
async def lint_rules(used: Used, speaks: Speaks, body: RuleDraft) -> RuleJudgement:
    """All that is wrong with a draft; nothing is kept."""
    return judgement(await done(used.deeds.rules.judge, body.text), speaks)


@router.post("/rules/documents/{name}/diff", **asks(Permission.RULES_READ))
async def diff_rules(used: Used, name: Name, body: RuleDiff) -> list[RuleDifference]:
    """What is different, field by field; nothing: they say the same."""
    other = body.text if body.after is None else body.after
    found = await done(used.deeds.rules.differences, name, body.before, other)
    return [
        RuleDifference(
            where=each.where,
            before=_or_null(each.before),
            after=_or_null(each.after),
            added=each.before is NOTHING,
            removed=each.after is NOTHING,
        )
        for each in found
    ]


@router.post("/rules/publish", **asks(Permission.RULES_EDIT))
async def publish_rules(used: Used, who: Who, body: RulePublish) -> RulePublished:
    """Keeps a draft as a new version, which decides nothing; refused where somebody else has published meanwhile."""
    by = Actor(who.name, {Right.SETTINGS})
    it = await done(used.deeds.rules.publish, body.text, body.newest, body.because, by)
    return RulePublished(name=it.name, number=it.number, is_new=it.is_new)


def judgement(judged: Judged, speaks: Language) -> RuleJudgement:
    """As answered."""
    faults = [fault_told(each, speaks, line_of(each.path, judged.lines)) for each in judged.faults]
    return RuleJudgement(
        document=judged.tree,
        json_text=judged.json,
        toml_text=judged.toml,
        faults=faults,
        digest=judged.digest,
        same_as=judged.same_as,
    )


def fault_told(fault: Fault, speaks: Language, line: int = 1) -> RuleFault:
    """In the person's language."""
    path = [_sendable(part) if isinstance(part, str) else part for part in fault.path]
    where, value = _sendable(in_words(fault.path)), _sendable(shown(fault.value))
    return RuleFault(path=path, where=where, line=line, value=value, says=_sendable(said_in(speaks, fault.says)))


def _sendable(text: str) -> str:
    """Without halves of characters, which JSON may name and nothing can send."""
    return text.encode("utf-8", "replace").decode()


def _or_null(value: Any) -> Any:
    return None if value is NOTHING else value


def _entry(named: rule_forms.Named, speaks: Language) -> RuleEntry:
    entry, fields = named
    title = entry.zh if speaks == "zh" else entry.en
    return RuleEntry(
        name=entry.name,
        title=title,
        type=entry.type,
        unit=entry.unit,
        of_lines=entry.of_lines,
        fields=[RuleField(**{**each._asdict(), "choices": list(each.choices)}) for each in fields],
    )


def _document(held: Held, follows: str) -> RuleDocument:
    share = held.release.share
    release = RuleRelease(
        live=held.release.live,
        shadow=held.release.shadow,
        share=None if share is None else RuleShare(version=share.version, basis_points=share.basis_points),
        previous=held.release.previous,
        withdrawn=list(held.release.withdrawn),
        last=held.change,
        by=held.released_by,
        at=None if held.released_at_ms is None else moment(held.released_at_ms),
        reason=held.reason,
    )
    versions = [
        RuleVersion(number=it.number, digest=it.digest, note=it.note, by=it.by, at=moment(it.at_ms), state=it.state)
        for it in held.versions
    ]
    return RuleDocument(
        name=held.name,
        description=held.description,
        follows=held.name == follows,
        newest=held.newest,
        versions=versions,
        release=release,
        damaged=list(held.damaged),
    )


def moment(at_ms: int) -> datetime:
    """Of ms since the epoch."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
