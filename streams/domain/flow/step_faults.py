"""What is wrong with the steps of a transform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from schemas.documents.faults import NOTHING, Fault, Path
from schemas.documents.flows.document import Transform
from schemas.documents.flows.transforms import (
    DEPTH_MAX,
    ByDifference,
    ByFormat,
    ByLookUp,
    ByNumber,
    ByPath,
    ByProduct,
    ByQuotient,
    BySum,
    Step,
)

from .transforming import format_names


def step_faults(node: Transform, path: Path, fields: Mapping[str, str] | None) -> Iterator[Fault]:
    """All faults of a transform.

    :param fields: the document's own fields -> their type; None: not known, and then not judged.
    """
    made: dict[str, str] = {}
    used: list[str] = []
    for at, step in enumerate(node.steps):
        place: Path = (*path, "steps", at)
        yield from _of_names(step, place, made)
        if isinstance(step, ByPath):
            yield from _of_path(step, place)
        if step.to in made:
            yield Fault((*place, "to"), step.to, "is filled twice: leave one")
        kind = _type_of(step)
        if node.into == "fields" and fields is not None and not step.to.startswith("_"):
            yield from _of_field(step.to, kind, place, fields)
        made[step.to] = kind
        used += [name for _, name in _named(step)]
    for at, step in enumerate(node.steps):
        if step.to.startswith("_") and step.to not in used:
            yield Fault((*path, "steps", at, "to"), step.to, "is used by no later step, and kept nowhere: take it out")
    if all(step.to.startswith("_") for step in node.steps):
        yield Fault((*path, "steps"), NOTHING, "fill nothing: every one is for later steps alone")


def _type_of(step: Step) -> str:
    if isinstance(step, ByPath):
        return step.type
    return "number" if isinstance(step, (ByNumber, BySum, ByDifference, ByProduct, ByQuotient)) else "text"


def _named(step: Step) -> Sequence[tuple[Path, str]]:
    """Earlier steps that one names, and where."""
    if isinstance(step, ByFormat):
        return [(("text",), name) for name in format_names(step.text)]
    if isinstance(step, (ByLookUp, ByQuotient)):
        return [(("of",), step.of)]
    if isinstance(step, (BySum, ByDifference, ByProduct)):
        return [(("of", at), name) for at, name in enumerate(step.of)]
    return []


def _of_names(step: Step, path: Path, made: Mapping[str, str]) -> Iterator[Fault]:
    for where, name in _named(step):
        if name not in made:
            near = get_close_matches(name, list(made), n=1)
            more = f"did you mean {near[0]}?" if near else "write it after the step that fills it"
            yield Fault((*path, *where), name, f"is filled by no step before this one: {more}")
        elif isinstance(step, (BySum, ByDifference, ByProduct, ByQuotient)) and made[name] != "number":
            yield Fault((*path, *where), name, f"is {made[name]}: only numbers can be reckoned with")
    if isinstance(step, ByLookUp):
        values = [row.value for row in step.rows]
        for at, value in enumerate(values):
            if value in values[:at]:
                yield Fault((*path, "rows", at, "value"), value, "is named twice: leave one")
    if isinstance(step, ByFormat) and (step.text.count("{"), step.text.count("}")) != (len(_named(step)),) * 2:
        yield Fault((*path, "text"), step.text, "has a brace without its other one: write each name as {name}")


def _of_path(step: ByPath, path: Path) -> Iterator[Fault]:
    parts = step.path.split(".")
    if "" in parts:
        yield Fault((*path, "path"), step.path, "has an empty part: write keys with one dot between them")
    if len(parts) > DEPTH_MAX:
        yield Fault((*path, "path"), step.path, f"has {len(parts)} parts: at most {DEPTH_MAX}")
    if step.decimals and step.type != "number":
        yield Fault((*path, "decimals"), step.decimals, "means something of a number alone: take it out")


def _of_field(name: str, kind: str, path: Path, fields: Mapping[str, str]) -> Iterator[Fault]:
    if name not in fields:
        near = get_close_matches(name, list(fields), n=1)
        more = f"did you mean {near[0]}?" if near else "write [[fields]] with its name and type"
        yield Fault((*path, "to"), name, f"is no field of this document: {more}")
    elif kind != fields[name]:
        yield Fault((*path, "to"), name, f"is {fields[name]}, and this step makes {kind}")
