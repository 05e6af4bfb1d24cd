"""The rule document as types. ``rules.schema.json`` beside this file is made of them.

Every number is whole: pieces, metres, minutes, minor units of the order's currency (fen), basis points (1/100 of a per cent).
What a name stands for is in ``catalogue.toml``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..parts import BASIS_POINTS, Name, Number, Part, Positive, Remark, Share

#: The version of the form itself, not of a merchant's document.
VERSION = 1
PARTS_MAX, STRATEGIES_MAX, FEW_MAX = 1_000, 100, 20

Names = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=PARTS_MAX)]


class Condition(Part, kw_only=True, frozen=True):
    """One fact of the order, by exactly one of ``in``, ``is``, or ``at_least`` and ``at_most``. A fact that is missing meets none.

    ``lines``: of a fact of lines, whether any line has to meet it or all.
    """

    field: Name
    in_: Names | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    is_: bool | None = None
    not_: bool = False
    lines: Literal["any", "all"] | None = None


Conditions = Annotated[tuple[Condition, ...], Meta(max_length=FEW_MAX)]


class _Filter(Part, tag_field="filter", frozen=True):
    """What refuses a warehouse."""


class WithinDistance(_Filter, tag="distance", frozen=True):
    """At most so far from the receiver; an unknown distance is refused."""

    metres: Number


class OfWarehouses(_Filter, tag="warehouses", frozen=True):
    """These, or with ``not`` all others."""

    in_: Names
    not_: bool = False


class InProvinces(_Filter, tag="warehouse_province", frozen=True):
    """Those that stand in these provinces, or with ``not`` all others."""

    in_: Names
    not_: bool = False


class InReceiversProvince(_Filter, tag="same_province", frozen=True):
    """Those in the receiver's province."""


class KeepBack(_Filter, tag="keep_back", frozen=True):
    """So many pieces of every SKU stay on each shelf, beside the safety stock; what a warehouse sells is less by that."""

    pieces: Positive


class CoversShare(_Filter, tag="covers", frozen=True):
    """At least this share of the order's pieces."""

    at_least: Annotated[int, Meta(ge=1, le=BASIS_POINTS)]


class HasCapacity(_Filter, tag="capacity_left", frozen=True):
    """At least so many pieces may still be open there; without a limit it always has."""

    at_least: Positive


class NotLoaded(_Filter, tag="load", frozen=True):
    """At most this share of its open pieces is in use; without a limit none is."""

    at_most: Share


class InTable(_Filter, tag="table", frozen=True):
    """Those that the order's row of a table names."""

    table: Name


class Covered(_Filter, tag="coverage", frozen=True):
    """Those that serve the receiver's region; with ``narrowest`` of those only the ones whose region there is the narrowest."""

    narrowest: bool = False


class ArrivesWithin(_Filter, tag="eta", frozen=True):
    """Those from which the order arrives within so many minutes; where that is not known it is refused."""

    minutes: Number


class BeforeCutOff(_Filter, tag="cutoff", frozen=True):
    """Those that it leaves today (UTC+8), or before it must be shipped (an order that need not be by any time misses nothing)."""

    by: Literal["today", "ship_by"]


class WorksWithin(_Filter, tag="calendar", frozen=True):
    """Those that work now, or will within so many minutes."""

    minutes: Number = 0


class HasDayLeft(_Filter, tag="daily_capacity", frozen=True):
    """At least so many pieces may still be given to it today; without a limit a day they always may."""

    at_least: Positive


class SentBy(_Filter, tag="carrier", frozen=True):
    """Those from which one of these carriers takes the order, or with nothing named any; no other carrier is chosen then."""

    in_: Names | None = None


class Able(_Filter, tag="ability", frozen=True):
    """Those with every ability that the goods need (cold, ...), and with these."""

    in_: Names | None = None


class LeavesMargin(_Filter, tag="min_margin", frozen=True):
    """The order's amount less goods, handling and freight is at least so much; where any of them is not known it is refused."""

    minor: Number


Filter = (
    WithinDistance
    | OfWarehouses
    | InProvinces
    | InReceiversProvince
    | KeepBack
    | CoversShare
    | HasCapacity
    | NotLoaded
    | InTable
    | Covered
    | ArrivesWithin
    | BeforeCutOff
    | WorksWithin
    | HasDayLeft
    | SentBy
    | Able
    | LeavesMargin
)


class _Criterion(Part, tag_field="by", frozen=True):
    """What one warehouse is better by. ``weight`` where weights decide, ``bands`` (upper limits, ascending) where bands do."""

    weight: Share | None = None
    bands: Annotated[tuple[Number, ...], Meta(min_length=1, max_length=FEW_MAX)] | None = None


class ByDistance(_Criterion, tag="distance", frozen=True):
    """The nearer; an unknown distance comes last."""


class ByPriority(_Criterion, tag="priority", frozen=True):
    """The lower priority of its settings."""


class ByPieces(_Criterion, tag="covers", frozen=True):
    """More pieces of the order."""


class ByStock(_Criterion, tag="stock", frozen=True):
    """More pieces that it could sell of the order's SKUs."""


class ByCapacity(_Criterion, tag="capacity_left", frozen=True):
    """More pieces that may still be open there; without a limit it comes first."""


class ByLoad(_Criterion, tag="load", frozen=True):
    """The smaller share of its open pieces in use."""


class ByProvince(_Criterion, tag="same_province", frozen=True):
    """Those in the receiver's province first."""


class BySequence(_Criterion, tag="sequence", kw_only=True, frozen=True):
    """As they are named here; those that are not come last."""

    warehouses: Names


class ByTable(_Criterion, tag="table", kw_only=True, frozen=True):
    """As the order's row of a table names them; those that it does not come last."""

    table: Name


class ByFreight(_Criterion, tag="freight", frozen=True):
    """The cheaper to send from, by the carrier that the strategy chooses; an unknown price comes last."""


class ByArrival(_Criterion, tag="eta", frozen=True):
    """Where it arrives from sooner, by the carrier that the strategy chooses; an unknown time comes last."""


class ByGoodsCost(_Criterion, tag="goods_cost", frozen=True):
    """Where the goods cost less; an unknown cost comes last."""


class ByHandlingCost(_Criterion, tag="handling_cost", frozen=True):
    """Where handling costs less; an unknown cost comes last."""


class ByDayLeft(_Criterion, tag="day_left", frozen=True):
    """More pieces that may still be given to it today; without a limit it comes first, an unknown one last."""


class ByRegion(_Criterion, tag="region_priority", frozen=True):
    """The lower priority for the receiver's region; one that does not serve it comes last."""


Criterion = (
    ByDistance
    | ByPriority
    | ByPieces
    | ByStock
    | ByCapacity
    | ByLoad
    | ByProvince
    | BySequence
    | ByTable
    | ByFreight
    | ByArrival
    | ByGoodsCost
    | ByHandlingCost
    | ByDayLeft
    | ByRegion
)


class Rank(Part, frozen=True):
    """In which order warehouses are asked. Ties fall by the warehouse's code.

    lexicographic: by the first criterion in which two differ. banded: the same, where values of one band are equal. weighted: by points,
    which are each criterion's place between its worst (0) and its best (10,000) among the candidates, times its weight.
    """

    mode: Literal["lexicographic", "banded", "weighted"]
    criteria: Annotated[tuple[Criterion, ...], Meta(min_length=1, max_length=FEW_MAX)]


class Allocate(Part, frozen=True):
    """How an order is shared between warehouses, where none sends all of it.

    split: most_first: who covers most of what is left; in_order: who ranks first, even where another would send all; fewest: the smallest
    number of warehouses, and of such sets the one that ranks first. keep_together: what is never split: a line, or a bundle's lines.
    min_value: what each parcel of a split must be worth at least, and what is left after each. carrier: who sends from a warehouse, of
    those that can: the cheapest, or the fastest; its freight and arrival are what the warehouse is judged by.
    """

    split: Literal["most_first", "in_order", "fewest"] = "most_first"
    max_parcels: Annotated[int, Meta(ge=1, le=FEW_MAX)] | None = None
    keep_together: Literal["nothing", "line", "bundle"] = "nothing"
    min_value: Number | None = None
    carrier: Literal["cheapest", "fastest"] = "cheapest"


class Then(Part, frozen=True):
    """What follows where a strategy can send only a part of the order, or nothing."""

    partial: Literal["next", "backorder"] = "next"
    none: Literal["next", "backorder"] = "next"


class Default(Part, frozen=True):
    """What decides where no strategy has: it sends all of the order, or the order waits."""

    rank: Rank
    filters: Annotated[tuple[Filter, ...], Meta(max_length=FEW_MAX)] = ()
    allocate: Allocate = Allocate()


class Strategy(Part, frozen=True):
    """One way to choose, for orders that meet all of its conditions."""

    name: Name
    rank: Rank
    when: Conditions = ()
    filters: Annotated[tuple[Filter, ...], Meta(max_length=FEW_MAX)] = ()
    allocate: Allocate = Allocate()
    then: Then = Then()


class Row(Part, frozen=True):
    """Warehouses for orders that meet all of the conditions, best first."""

    warehouses: Names
    when: Conditions = ()


class Table(Part, frozen=True):
    """Rows, of which an order has the first that it meets."""

    name: Name
    rows: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=PARTS_MAX)]


class Document(Part, frozen=True):
    """Strategies, of which the first that an order meets and that can serve it decides; else the default."""

    version: Literal[1]
    name: Name
    default: Default
    description: Remark = ""
    tables: Annotated[tuple[Table, ...], Meta(max_length=STRATEGIES_MAX)] = ()
    strategies: Annotated[tuple[Strategy, ...], Meta(max_length=STRATEGIES_MAX)] = ()
    kind: Literal["rules"] = "rules"
