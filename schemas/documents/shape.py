"""Plain values held to msgspec types: every fault with its path, where msgspec itself ends at the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from msgspec import inspect

from .faults import NOTHING, Fault, Path

#: (path, what kind of name it is, the name) -> why there is none such, where more is known than that; empty: nothing is.
Known = Callable[[str, str], str]


def nothing_known(kind: str, name: str) -> str:
    """Nothing more is known of any name."""
    return ""


def faults(value: Any, shape: inspect.Type, known: Known = nothing_known, path: Path = ()) -> Iterator[Fault]:
    """All faults of a value; none exactly where ``msgspec.convert`` takes it.

    :param known: asked about the name of a variant, or a word, that the types do not have.
    """
    match shape:
        case inspect.StructType():
            yield from _of_struct(value, shape, known, path)
        case inspect.UnionType():
            yield from _of_union(value, shape, known, path)
        case inspect.VarTupleType():
            yield from _of_list(value, shape, known, path)
        case inspect.LiteralType(values=values):
            if type(value) is bool or value not in values:
                yield Fault(path, value, _word(value, [str(each) for each in values], str(path[-1]), known))
        case inspect.StrType():
            yield from _of_text(value, shape, path)
        case inspect.IntType():
            yield from _of_number(value, shape, path)
        case inspect.FloatType():
            yield from _of_degrees(value, shape, path)
        case inspect.BoolType():
            if type(value) is not bool:
                yield Fault(path, value, "write true or false, without quotes")
        case _:
            raise TypeError(type(shape).__name__)


def _of_struct(value: Any, shape: inspect.StructType, known: Known, path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, value, f"write a group of fields: {', '.join(_names(shape))}")
        return
    fields = {field.encode_name: field for field in shape.fields}
    for name in value:
        if name not in fields and name != shape.tag_field:
            yield Fault((*path, name), value[name], f"is no field here: {_suggested(name, _names(shape))}")
    for name, field in fields.items():
        if name in value:
            yield from faults(value[name], field.type, known, (*path, name))
        elif field.required:
            yield Fault((*path, name), NOTHING, "is missing: it must be given")


def _of_union(value: Any, shape: inspect.UnionType, known: Known, path: Path) -> Iterator[Fault]:
    if shape.includes_none and value is None:
        return
    others = [each for each in shape.types if not isinstance(each, inspect.NoneType)]
    if len(others) == 1:
        yield from faults(value, others[0], known, path)
        return
    variants = {each.tag: each for each in others if isinstance(each, inspect.StructType)}
    tag_field = next(each.tag_field for each in variants.values()) or ""
    names = [str(tag) for tag in variants]
    if not isinstance(value, dict):
        yield Fault(path, value, f"write a group of fields, of which {tag_field} is one of {', '.join(names)}")
    elif tag_field not in value:
        yield Fault((*path, tag_field), NOTHING, f"is missing: one of {', '.join(names)}")
    elif (tag := value[tag_field]) not in names:
        yield Fault((*path, tag_field), tag, _word(tag, names, tag_field, known))
    else:
        yield from faults(value, variants[tag], known, path)


def _of_list(value: Any, shape: inspect.VarTupleType, known: Known, path: Path) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, value, "write a list, in square brackets")
        return
    if shape.min_length and len(value) < shape.min_length:
        yield Fault(path, value, "is empty: name at least one, or leave it out")
    if shape.max_length is not None and len(value) > shape.max_length:
        yield Fault(path, NOTHING, f"has {len(value):,} entries: at most {shape.max_length:,}")
        return
    for number, each in enumerate(value):
        yield from faults(each, shape.item_type, known, (*path, number))


def _of_text(value: Any, shape: inspect.StrType, path: Path) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault(path, value, "write text, in quotes")
    elif not value.isascii() and value.encode("utf-8", "ignore").decode() != value:
        yield Fault(path, NOTHING, "holds half of a character: write it anew")
    elif shape.min_length and len(value) < shape.min_length:
        yield Fault(path, value, "is empty: write at least one character")
    elif shape.max_length is not None and len(value) > shape.max_length:
        yield Fault(path, value, f"has {len(value):,} characters: at most {shape.max_length}")


def _of_number(value: Any, shape: inspect.IntType, path: Path) -> Iterator[Fault]:
    if isinstance(value, str):
        yield Fault(path, value, "is text: write a whole number, without quotes")
    elif type(value) is not int:
        yield Fault(path, value, "write a whole number")
    elif (shape.ge is not None and value < shape.ge) or (shape.le is not None and value > shape.le):
        yield Fault(path, value, f"write a number from {shape.ge:,} to {shape.le:,}")


def _of_degrees(value: Any, shape: inspect.FloatType, path: Path) -> Iterator[Fault]:
    """The one fraction that documents have: a place on the earth."""
    if isinstance(value, str):
        yield Fault(path, value, "is text: write a number, without quotes")
    elif type(value) not in (int, float):
        yield Fault(path, value, "write a plain number")
    # What is no number (nan) lies between no two.
    elif shape.ge is None or shape.le is None or not shape.ge <= value <= shape.le:
        yield Fault(path, value, f"write a number from {shape.ge} to {shape.le}")


def _names(shape: inspect.StructType) -> list[str]:
    tag = [shape.tag_field] if shape.tag_field else []
    return [*tag, *(field.encode_name for field in shape.fields)]


def _word(value: Any, names: list[str], kind: str, known: Known) -> str:
    more = known(kind, value) if isinstance(value, str) else ""
    return more or f"is not known here: {_suggested(str(value), names)}"


def _suggested(name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"write one of {', '.join(names)}"
