"""What a rule document does, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.documents.rules.document import (
    Able,
    Allocate,
    ArrivesWithin,
    BeforeCutOff,
    BySequence,
    ByTable,
    Condition,
    Covered,
    CoversShare,
    Criterion,
    Default,
    Document,
    Filter,
    HasCapacity,
    HasDayLeft,
    InProvinces,
    InReceiversProvince,
    InTable,
    KeepBack,
    LeavesMargin,
    NotLoaded,
    OfWarehouses,
    Rank,
    SentBy,
    Strategy,
    WithinDistance,
    WorksWithin,
)
from schemas.texts import said
from streams.cli.rules_screen import called


def told(document: Document) -> Iterator[str]:
    """Line by line."""
    if document.description:
        yield document.description
    for table in document.tables:
        yield said(f"table {table.name}: the first row that an order meets")
        for number, row in enumerate(table.rows, start=1):
            when = "; ".join(condition_told(each) for each in row.when) or said("every other order")
            yield f"  {number}. {when}: {', '.join(row.warehouses)}"
    for number, strategy in enumerate(document.strategies, start=1):
        yield from _strategy(number, strategy)
    yield said("what no strategy has decided:")
    yield from _choice(document.default)
    yield f"  {said('what cannot be sent whole waits')}"


def _strategy(number: int, strategy: Strategy) -> Iterator[str]:
    yield f"{number}. {strategy.name}"
    for at, condition in enumerate(strategy.when):
        yield f"  {said('if') if at == 0 else said('and')} {condition_told(condition)}"
    if not strategy.when:
        yield f"  {said('for every order')}"
    yield from _choice(strategy)
    words = {"next": "the next strategy is tried", "backorder": "the order waits"}
    yield f"  {said(f'where only a part can be sent: {words[strategy.then.partial]}')}"
    yield f"  {said(f'where no warehouse is left: {words[strategy.then.none]}')}"


def _choice(choice: Strategy | Default) -> Iterator[str]:
    for each in choice.filters:
        yield f"  {said(_filter(each))}"
    yield f"  {_rank(choice.rank)}"
    for line in _allocate(choice.allocate):
        yield f"  {said(line)}"


def condition_told(condition: Condition, name: str = "") -> str:
    """``name``: what its fact is called; empty: as the rules' catalogue has it."""
    name, negated = name or called("condition", condition.field), condition.not_
    if condition.lines is not None:
        name = f"{name} ({said('of any line') if condition.lines == 'any' else said('of all lines')})"
    if condition.in_ is not None:
        names = ", ".join(condition.in_)
        return said(f"{name} is none of {names}" if negated else f"{name} is one of {names}")
    if condition.is_ is not None:
        return said(f"{name}: yes, it is" if condition.is_ is not negated else f"{name}: no, it is not")
    low, high = condition.at_least, condition.at_most
    if high is None:
        return said(f"{name} is less than {low:,}" if negated else f"{name} is at least {low:,}")
    if low is None:
        return said(f"{name} is more than {high:,}" if negated else f"{name} is at most {high:,}")
    return said(f"{name} is not from {low:,} to {high:,}" if negated else f"{name} is from {low:,} to {high:,}")


def _filter(each: Filter) -> str:
    match each:
        case WithinDistance(metres=metres):
            return f"only warehouses at most {metres:,} m from the receiver"
        case OfWarehouses(in_=codes, not_=negated):
            names = ", ".join(codes)
            return f"no order goes to {names}" if negated else f"only these warehouses: {names}"
        case InProvinces(in_=provinces, not_=negated):
            names = ", ".join(provinces)
            return f"no warehouses in {names}" if negated else f"only warehouses in {names}"
        case InReceiversProvince():
            return "only warehouses in the receiver's province"
        case KeepBack(pieces=pieces):
            return f"{pieces:,} pieces of every SKU stay on each shelf"
        case CoversShare(at_least=share):
            return f"only warehouses that cover {share / 100:g} % of the order's pieces"
        case HasCapacity(at_least=pieces):
            return f"only warehouses where {pieces:,} pieces more may be open"
        case NotLoaded(at_most=share):
            return f"only warehouses of whose open pieces at most {share / 100:g} % are in use"
        case InTable(table=name):
            return f"only warehouses that table {name} names for the order"
        case Covered(narrowest=narrowest):
            if narrowest:
                return "only warehouses that serve the receiver's region, and of those the ones with the narrowest"
            return "only warehouses that serve the receiver's region"
        case ArrivesWithin(minutes=minutes):
            return f"only warehouses from which it arrives within {minutes:,} minutes"
        case BeforeCutOff(by=by):
            if by == "today":
                return "only warehouses that it leaves today"
            return "only warehouses that it leaves before it must be shipped"
        case WorksWithin(minutes=minutes):
            return (
                f"only warehouses that work within {minutes:,} minutes" if minutes else "only warehouses that work now"
            )
        case HasDayLeft(at_least=pieces):
            return f"only warehouses that may be given {pieces:,} pieces more today"
        case SentBy(in_=carriers):
            if carriers is None:
                return "only warehouses from which a carrier takes it"
            return f"only warehouses from which one of these carriers takes it: {', '.join(carriers)}"
        case Able(in_=abilities):
            if abilities is None:
                return "only warehouses with what the goods need"
            return f"only warehouses with what the goods need, and with {', '.join(abilities)}"
        case LeavesMargin(minor=minor):
            return f"only warehouses from which {minor:,} minor units are left of the amount, after goods, handling and freight"


def _rank(rank: Rank) -> str:
    criteria = ", ".join(_criterion(each) for each in rank.criteria)
    match rank.mode:
        case "weighted":
            return said(f"the best by points: {criteria}")
        case "banded":
            return said(f"the best by bands, one after another: {criteria}")
        case "lexicographic":
            return said(f"the best first by: {criteria}")


def _criterion(each: Criterion) -> str:
    name = called("criterion", str(each.__struct_config__.tag))
    if isinstance(each, BySequence):
        name = f"{name} {' > '.join(each.warehouses)}"
    if isinstance(each, ByTable):
        name = f"{name} {each.table}"
    if each.weight is not None:
        name = f"{name} × {each.weight:,}"
    if each.bands is not None:
        name = f"{name} [{' | '.join(f'{limit:,}' for limit in each.bands)}]"
    return name


def _allocate(allocate: Allocate) -> Iterator[str]:
    if allocate.max_parcels == 1:
        yield "one warehouse sends the whole order"
    else:
        match allocate.split:
            case "most_first":
                yield "one that sends the whole order before all others; else who covers most of what is left, again and again"
            case "in_order":
                yield "each sends what it has, the best first, until nothing is left"
            case "fewest":
                yield "the fewest warehouses that there can be, and of such sets the best"
        if allocate.max_parcels is not None:
            yield f"in at most {allocate.max_parcels} parcels"
    if allocate.carrier == "fastest":
        yield "each parcel goes by the fastest carrier"
    if allocate.keep_together == "line":
        yield "a line is never split"
    if allocate.keep_together == "bundle":
        yield "a bundle's lines are never split"
    if allocate.min_value:
        yield f"no parcel of a split is worth less than {allocate.min_value:,} minor units, nor what is left after it"
