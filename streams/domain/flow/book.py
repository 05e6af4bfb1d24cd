"""The flow document that orders follow: which of its versions an order is of, and where one in flight goes on when that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from schemas.documents.flows.document import Document, If, Merge, Notify, On, Route, Transform, Wait
from streams.domain.releases.sharing import Release, assigned
from streams.domain.routing.rules.facts import Facts, OrderFacts

from . import compiling
from .compiling import Table
from .effects import Routed
from .facts import Event, FlowFacts
from .state import START, FlowState
from .stepping import step
from .versions import carried

#: What stands for the rules that decide orders anyway: the released document that workers follow, else the built-in rule.
AS_RELEASED = "built-in"
#: Events that no stage tells a flow of yet, and facts that it is not told.
_UNHEARD = frozenset(("traced", "risk_answered", "custom"))
_UNKNOWN = frozenset(
    ("risk_bp", "risk_signal", "weight", "volume", "gross_profit", "area", "carrier_reachable", "category", "brand")
)


class Flow(NamedTuple):
    """One version, ready to be asked."""

    document: Document
    table: Table
    #: Events that lead anywhere in it.
    heard: frozenset[str]
    #: Whether it asks anything of the order: else nothing is put together for it.
    asks: bool
    #: Its ``notify`` nodes.
    tellers: frozenset[str]
    #: It lets every order go as it comes, and hears of nothing else: none needs to follow it.
    idle: bool
    #: It may let an order wait for companions.
    merges: bool = False


class FlowBook(NamedTuple):
    """What is released of one flow document, as far as it can be used."""

    #: ``flows/name``.
    document: str
    #: Of versions that can be used.
    release: Release
    #: ``kind/name``, version -> it; None: it cannot be had, or not be used.
    flow: Callable[[str, int], Flow | None]
    #: Whether a version that is in use asks anything of an order; and whether none of them has an order follow it.
    asks: bool = False
    idle: bool = False
    #: Whether one of them may let an order wait for companions.
    merges: bool = False


class Place(NamedTuple):
    """Which version an order follows, and where it stands in it."""

    document: str
    version: int
    flow: Flow
    state: FlowState


def flow_of(document: Document) -> Flow:
    """Compile a document that lint and ``lacks`` find nothing wrong with."""
    table = compiling.compiled(document)
    asks = any(isinstance(node, (If, Transform)) for node in document.nodes)
    tellers = frozenset([node.name for node in document.nodes if isinstance(node, Notify)])
    heard = frozenset([event for _, event in table.follows])
    merges = any(isinstance(node, Merge) for node in document.nodes)
    return Flow(document, table, heard, asks, tellers, not asks and heard == {"accepted"} and _lets_go(table), merges)


def _lets_go(table: Table) -> bool:
    """Whether an order that comes is routed and ends, and nothing else is done."""
    came = step(table, START, Event("accepted"), FlowFacts(Facts(OrderFacts(()), ())), 0)
    rest = table.rests[table.places[came.state.at]]
    return (
        rest is not None
        and rest.kind == "end"
        and all(isinstance(each, Routed) for each in came.effects)
        and bool(came.effects)
    )


def place(book: FlowBook, key: bytes, known: tuple[str, int, FlowState] | None, begun: FlowState) -> Place | None:
    """The version that an event of an order is asked of. None: there is none that can be.

    1. The version whose turn the order is, where it follows none yet, or where it may go over to it.
    2. Else the one that it follows, to its end: also one that was taken back, or is of another document.

    :param key: of all orders that may leave as one parcel (``releases.sharing.merge_key``).
    :param known: document, version and state of an order that follows one; None: it begins, with ``begun``.
    """
    version = assigned(book.release, key).version
    if known is None:
        found = None if version is None else book.flow(book.document, version)
        return None if found is None or version is None else Place(book.document, version, found, begun)
    document, pinned, state = known
    old = book.flow(document, pinned)
    if old is None or state.digest not in ("", old.table.digest):
        # Of another hub's documents: no version is ever replaced.
        return None
    stays = Place(document, pinned, old, state)
    if version is None or (document, pinned) == (book.document, version):
        return stays
    new = book.flow(book.document, version)
    over = None if new is None else carried(old.document, new.document, new.table.digest, state)
    return stays if new is None or over is None else Place(book.document, version, new, over)


def lacks(document: Document, rules: str | None) -> str:
    """What a document asks for that workers do not do, in words; empty: nothing.

    :param rules: name of the rule document that workers follow; None: not known, and then any will do.
    """
    return next(_lacking(document, rules), "")


def _lacking(document: Document, rules: str | None) -> Iterator[str]:
    for node in document.nodes:
        if isinstance(node, (On, Wait)) and node.event in _UNHEARD:
            yield f"waits at {node.name} for {node.event}, of which workers are not told yet: take it out"
        if isinstance(node, Route) and rules is not None and node.rules not in (AS_RELEASED, rules):
            says = f"routes at {node.name} by {node.rules}, and workers follow {rules} (PENSTOCK_RULES)"
            yield f'{says}: write rules = "{AS_RELEASED}"'
        if isinstance(node, Transform) and node.source == "raw":
            yield f'reads the raw payload at {node.name}, which workers do not keep: write source = "order"'
        if isinstance(node, Transform) and node.into != "fields":
            yield f'shapes at {node.name} what {node.into} gets, which nothing takes yet: write into = "fields"'
        for each in node.when if isinstance(node, If) else ():
            if each.field in _UNKNOWN:
                yield f"asks at {node.name} for {each.field}, which a flow is not told yet: take it out"
