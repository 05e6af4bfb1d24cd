"""A carrier and the dictionary of them: frozen, read once at the start of a process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, get_args

from schemas.topics import CHANNELS

#: How a channel calls a carrier, where that is not in one field of its name: PDD has a number, and a code for e-waybills.
_OF_CHANNEL = {"pdd": ("pdd_id", "pdd_code")}
#: How somebody else calls a carrier. Taobao's code is Cainiao's cp_code too; ``shopify`` is a name, the others are codes.
CODE_FIELDS = (*(field for channel in CHANNELS for field in _OF_CHANNEL.get(channel, (channel,))), "kuaidi100", "qimen")

#: What can be wrong with a number, from the certain to the likely.
Fault = Literal["empty", "characters", "length", "pattern"]
FAULTS: tuple[Fault, ...] = get_args(Fault)


class Pattern(Protocol):
    """A regular expression of RE2: it takes time in proportion to the text, whatever it is."""

    pattern: str

    def fullmatch(self, text: str) -> object: ...


@dataclass(frozen=True)
class Carrier:
    """One carrier; an empty code is one that is not known."""

    #: Penstock's own, as shipments carry it.
    code: str
    name: str
    aliases: tuple[str, ...] = ()
    #: Of CODE_FIELDS: how they call it.
    codes: Mapping[str, str] = field(default_factory=dict)
    #: Where a buyer follows the parcel, ``{number}`` in it; for Shopify, which makes a link itself of few carriers' names.
    shopify_url: str = ""
    #: A number matches one of them as a whole; none: no pattern is known.
    patterns: tuple[Pattern, ...] = ()
    #: Shortest and longest number, in characters.
    length: tuple[int, int] = (6, 32)
    #: Dashes are part of its numbers; elsewhere they are what people put in to read them more easily.
    dashes: bool = False
    #: Faults for which its numbers are not sent.
    refuse: frozenset[Fault] = frozenset(("empty", "characters", "length"))

    def of(self, whose: str) -> str:
        """Its code or name there (one of CODE_FIELDS); empty: not known."""
        return self.codes.get(whose, "")


@dataclass(frozen=True)
class Carriers:
    """One version of the dictionary."""

    version: str
    date: dt.date
    carriers: tuple[Carrier, ...]
    #: What people write before a number.
    prefixes: tuple[str, ...] = ()
    #: (channel, shop, carrier) -> code: carriers that a merchant registered for itself at a platform (JD).
    own: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def find(self, name: str) -> Carrier | None:
        """By its code, its name or one of its other names; upper and lower case are the same."""
        return self._by_name.get(name.strip().casefold())

    def called(self, whose: str, code: str) -> Carrier | None:
        """By what somebody else calls it."""
        return next((c for c in self.carriers if code and c.of(whose) == code), None)

    def code(self, carrier: Carrier, whose: str, channel: str, shop: str) -> str:
        """What a shop must write for it: the merchant's own code before the platform's; empty: not known."""
        return self.own.get((channel, shop, carrier.code)) or carrier.of(whose)

    @cached_property
    def _by_name(self) -> dict[str, Carrier]:
        return {name.casefold(): c for c in self.carriers for name in (*c.aliases, c.name, c.code)}
