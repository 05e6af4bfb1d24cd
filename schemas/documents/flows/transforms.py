"""Steps of a transform: how one value comes out of a payload, or of values before it. Whole numbers and text, nothing that is executed."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..parts import NUMBER_MAX, Name, Number, Part, Remark
from ..rules.document import FEW_MAX

STEPS_MAX, ROWS_MAX, DEPTH_MAX = 50, 1_000, 20

#: Keys and positions with dots between them: ``buyer.invoice.title``, ``lines.0.sku``.
PathText = Annotated[str, Meta(min_length=1, max_length=256)]
Decimals = Annotated[int, Meta(ge=0, le=6)]
Type = Literal["text", "number", "yes_no"]
Operands = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=FEW_MAX)]


class _Step(Part, tag_field="by", kw_only=True, frozen=True):
    """``to``: the field that it fills; one that begins with ``_`` is for later steps alone."""

    to: Name


class ByPath(_Step, tag="path", frozen=True):
    """What stands in the payload. ``decimals``: of a number, how many places become whole: 2 makes 12.50 yuan 1250 fen."""

    path: PathText
    type: Type = "text"
    decimals: Decimals = 0


class ByText(_Step, tag="text", frozen=True):
    """Always this text."""

    text: Remark


class ByNumber(_Step, tag="number", frozen=True):
    """Always this number."""

    number: Number


class LookUpRow(Part, frozen=True):
    """One value, and what stands for it."""

    value: Remark
    gives: Remark


class ByLookUp(_Step, tag="look_up", frozen=True):
    """What a table gives for the value of a step before; ``otherwise``: for one that no row has, which else is missing."""

    of: Name
    rows: Annotated[tuple[LookUpRow, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    otherwise: Remark | None = None


class ByFormat(_Step, tag="format", frozen=True):
    """Text with values of steps before in it, each as ``{name}``. Where one of them is missing, so is the whole."""

    text: Remark


class BySum(_Step, tag="sum", frozen=True):
    """Numbers of steps before, added."""

    of: Operands


class ByDifference(_Step, tag="difference", frozen=True):
    """The first of them, less all others."""

    of: Operands


class ByProduct(_Step, tag="product", frozen=True):
    """Numbers of steps before, multiplied."""

    of: Operands


class ByQuotient(_Step, tag="quotient", frozen=True):
    """A number of a step before, divided by a whole one and rounded down."""

    of: Name
    divisor: Annotated[int, Meta(ge=1, le=NUMBER_MAX)]


Step = ByPath | ByText | ByNumber | ByLookUp | ByFormat | BySum | ByDifference | ByProduct | ByQuotient
