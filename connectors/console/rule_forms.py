"""What a rule document may name, with what each takes: of the types and the catalogue, so that what is new there is new at the console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, get_args

import msgspec
from msgspec import inspect

from schemas.documents.rules.catalogue import Entry, Kind, entries
from schemas.documents.rules.document import Criterion, Filter

#: Of every criterion, where the rank's mode has it.
_OF_RANK = ("weight", "bands")


class Field(NamedTuple):
    """What one takes. ``kind``: number, names, text, yes_no, choice; ``least`` and ``most``: of a number."""

    name: str
    kind: str
    required: bool
    least: int | None = None
    most: int | None = None
    choices: Sequence[str] = ()


class Named(NamedTuple):
    """A condition, filter or criterion; a condition takes no fields of its own."""

    entry: Entry
    fields: Sequence[Field]


def conditions() -> list[Named]:
    """Facts of an order that a condition may name."""
    return [Named(entry, ()) for entry in _offered("condition")]


def filters() -> list[Named]:
    """What refuses warehouses."""
    return list(_with_fields("filter", get_args(Filter)))


def criteria() -> list[Named]:
    """What warehouses are ranked by."""
    return list(_with_fields("criterion", get_args(Criterion)))


def _offered(kind: Kind) -> Iterator[Entry]:
    return (entry for entry in entries().values() if entry.kind == kind and entry.offered)


def _with_fields(kind: Kind, types: Sequence[type[msgspec.Struct]]) -> Iterator[Named]:
    of = {str(each.__struct_config__.tag): each for each in types}
    for entry in _offered(kind):
        info = inspect.type_info(of[entry.name])
        assert isinstance(info, inspect.StructType)
        yield Named(entry, [_field(each) for each in info.fields if each.encode_name not in _OF_RANK])


def _field(field: inspect.Field) -> Field:
    kind: Any = field.type
    if isinstance(kind, inspect.UnionType):
        (kind,) = (each for each in kind.types if not isinstance(each, inspect.NoneType))
    match kind:
        case inspect.IntType(ge=least, le=most):
            return Field(field.encode_name, "number", field.required, least, most)
        case inspect.VarTupleType():
            return Field(field.encode_name, "names", field.required)
        case inspect.BoolType():
            return Field(field.encode_name, "yes_no", field.required)
        case inspect.LiteralType(values=values):
            return Field(field.encode_name, "choice", field.required, choices=[str(each) for each in values])
        case _:
            return Field(field.encode_name, "text", field.required)
