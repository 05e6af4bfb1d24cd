"""Which carrier sends from a warehouse, by what a strategy says: the cheapest or the fastest of those that may and can."""

from __future__ import annotations

from typing import NamedTuple

from schemas.documents.rules.document import Default, SentBy, Strategy

from ..tables.reasons import NO_CARRIER
from ..tables.reckoning import NOTHING_KNOWN, Offer, Reckoned
from .facts import Facts


class Carriage(NamedTuple):
    """How a strategy chooses. ``allowed``: None: any carrier."""

    fastest: bool
    allowed: frozenset[str] | None


#: Who says nothing of carriers takes the cheapest of all.
ANY_CARRIER = Carriage(False, None)


def carriage_of(choice: Strategy | Default) -> Carriage:
    """What a strategy says; several filters that name carriers have to agree."""
    named = [frozenset(each.in_) for each in choice.filters if isinstance(each, SentBy) and each.in_ is not None]
    return Carriage(choice.allocate.carrier == "fastest", named[0].intersection(*named[1:]) if named else None)


def sender(by: Carriage, it: Reckoned) -> Offer | None:
    """Who sends the order from a warehouse; None: nobody does."""
    offers = it.by_time if by.fastest else it.by_cost
    if by.allowed is None:
        return offers[0] if offers else None
    return next((offer for offer in offers if offer.carrier in by.allowed), None)


def why_none(by: Carriage, it: Reckoned) -> str:
    """Why nobody sends it from there."""
    return next((why for carrier, why in it.unable if by.allowed is None or carrier in by.allowed), NO_CARRIER)


def of_warehouse(facts: Facts, code: str) -> Reckoned:
    """What tables say of a warehouse."""
    return facts.reckoned.get(code, NOTHING_KNOWN)
