"""Transforms: values out of a payload, step by step. What is missing or odd stays missing and is named; nothing raises.

Bounded by the document: its number of steps, the depth of its paths, and the size of each value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from schemas.documents.flows.transforms import (
    ByDifference,
    ByFormat,
    ByLookUp,
    ByNumber,
    ByPath,
    ByProduct,
    ByQuotient,
    BySum,
    ByText,
    Step,
)
from streams.domain.routing.rules.facts import Value

TEXT_MAX, NUMBER_MAX = 1_000, 10**12
#: Why a field stays missing.
MISSING, ODD, TOO_LONG, TOO_LARGE = "MISSING", "ODD", "TOO_LONG", "TOO_LARGE"

_DECIMAL = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,15}))?", re.ASCII)
_PLACE = re.compile(r"\{([^{}]*)\}")
_YES, _NO = ("true", "1"), ("false", "0")


class Made(NamedTuple):
    """What one step came to: a value, or why there is none."""

    value: Value = None
    why: str = ""


class Mapped(NamedTuple):
    """What a transform came to, in the order of its steps, without what was for later steps alone."""

    values: tuple[tuple[str, Value], ...]
    #: (field, why)
    missing: tuple[tuple[str, str], ...]


Work = Callable[[object, Mapping[str, Made]], Made]


def compiled(steps: Sequence[Step]) -> Callable[[object], Mapped]:
    """A function from a payload's plain values to fields."""
    works = [(step.to, _work(step)) for step in steps]

    def mapped(source: object) -> Mapped:
        made: dict[str, Made] = {}
        for to, work in works:
            made[to] = work(source, made)
        shown = [(to, it) for to, it in made.items() if not to.startswith("_")]
        return Mapped(
            tuple([(to, it.value) for to, it in shown if not it.why]),
            tuple([(to, it.why) for to, it in shown if it.why]),
        )

    return mapped


def format_names(text: str) -> list[str]:
    """The steps that a format names."""
    return [found[1] for found in _PLACE.finditer(text)]


def _work(step: Step) -> Work:
    if isinstance(step, ByPath):
        parts, kind, decimals = tuple(step.path.split(".")), step.type, step.decimals
        return lambda source, made: _typed(_found(source, parts), kind, decimals)
    if isinstance(step, ByText):
        text = Made(step.text)
        return lambda source, made: text
    if isinstance(step, ByNumber):
        number = Made(step.number)
        return lambda source, made: number
    if isinstance(step, ByLookUp):
        return _look_up(step)
    if isinstance(step, ByFormat):
        return _format(step.text)
    return _arithmetic(step)


def _look_up(step: ByLookUp) -> Work:
    of, rows = step.of, {row.value: Made(row.gives) for row in step.rows}
    otherwise = Made(step.otherwise) if step.otherwise is not None else None

    def work(source: object, made: Mapping[str, Made]) -> Made:
        key = made[of]
        if key.why:
            return otherwise or key
        return rows.get(_as_text(key.value)) or otherwise or Made(None, ODD)

    return work


def _format(text: str) -> Work:
    # Text and names by turns: it begins and ends with text.
    parts = _PLACE.split(text)

    def work(source: object, made: Mapping[str, Made]) -> Made:
        found = []
        for at, part in enumerate(parts):
            if at % 2 == 0:
                found.append(part)
                continue
            if made[part].why:
                return Made(None, made[part].why)
            found.append(_as_text(made[part].value))
        return _text("".join(found))

    return work


def _arithmetic(step: BySum | ByDifference | ByProduct | ByQuotient) -> Work:
    names = (step.of,) if isinstance(step, ByQuotient) else step.of
    divisor = step.divisor if isinstance(step, ByQuotient) else 1
    sign = -1 if isinstance(step, ByDifference) else 1
    multiplies = isinstance(step, ByProduct)

    def work(source: object, made: Mapping[str, Made]) -> Made:
        total: int | None = None
        for name in names:
            it = made[name]
            if it.why:
                return Made(None, it.why)
            if not isinstance(it.value, int) or isinstance(it.value, bool):
                return Made(None, ODD)
            number: int = it.value
            total = number if total is None else total * number if multiplies else total + sign * number
            # Here, not at the end: a product of many would grow without bound.
            if abs(total) > NUMBER_MAX:
                return Made(None, TOO_LARGE)
        return Made(None, MISSING) if total is None else Made(total // divisor)

    return work


def _found(source: object, parts: tuple[str, ...]) -> object:
    here = source
    for part in parts:
        if isinstance(here, Mapping):
            here = here.get(part)
        elif isinstance(here, (list, tuple)) and part.isascii() and part.isdigit() and len(part) < 6:
            place = int(part)
            here = here[place] if place < len(here) else None
        else:
            return None
    return here


def _typed(value: object, kind: str, decimals: int) -> Made:
    if value is None or value == "":
        return Made(None, MISSING)
    if kind == "yes_no":
        return _yes_no(value)
    if isinstance(value, (bool, Mapping, list, tuple, bytes)):
        return Made(None, ODD)
    return _number(str(value), decimals) if kind == "number" else _text(str(value))


def _yes_no(value: object) -> Made:
    if isinstance(value, bool):
        return Made(value)
    text = str(value) if isinstance(value, (str, int)) else ""
    return Made(True) if text in _YES else Made(False) if text in _NO else Made(None, ODD)


def _number(text: str, decimals: int) -> Made:
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return Made(None, ODD)
    places = (found[3] or "").rstrip("0")
    # Half a fen is no amount: rounding it would be a guess.
    if len(places) > decimals:
        return Made(None, ODD)
    number = int(found[2] + places.ljust(decimals, "0"))
    return Made(-number if found[1] else number) if number <= NUMBER_MAX else Made(None, TOO_LARGE)


def _text(text: str) -> Made:
    return Made(text) if len(text) <= TEXT_MAX else Made(None, TOO_LONG)


def _as_text(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
