"""A risk document, judged and compiled: weights, limits and lists as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Literal, NamedTuple

from schemas.documents.faults import Fault, Path
from schemas.documents.risk.document import Document, Entry, Weight

from .facts import Match
from .weights import WEIGHTS, Limits, Settings

_DAY_MS = 86_400_000
#: China has one time all over the country, and no summer time.
_CHINA_MS = 8 * 3_600_000
_EPOCH = date(1970, 1, 1)


class Lists(NamedTuple):
    """(of, digest) -> the entries of that key."""

    entries: Mapping[tuple[str, str], tuple[tuple[Literal["block", "allow"], int], ...]]

    def matches(self, keys: Mapping[str, str], now_ms: int) -> tuple[Match, ...]:
        """What an order meets of entries that still stand. ``keys``: buyer, phone, address -> its key."""
        found = []
        for of in sorted(keys):
            for list_, until_ms in self.entries.get((of, keys[of]), ()):
                if until_ms > now_ms:
                    found.append(Match(list_, of, until_ms))
        return tuple(found)


def settings_of(document: Document) -> Settings:
    """Weights and limits, with those that come with Penstock where the document says nothing."""
    given = document.limits
    usual = Limits()
    limits = Limits(
        *[
            one if one is not None else other
            for one, other in zip(
                (
                    *(given.hit_bp, given.burst_orders, given.burst_minutes, given.amount_minor),
                    *(given.pieces, given.first_order_minor, given.refund_bp, given.refund_orders),
                ),
                usual,
                strict=True,
            )
        ]
    )
    return Settings({**WEIGHTS, **{each.signal: each.bp for each in document.weights}}, limits)


def lists_of(document: Document) -> Lists:
    """The lists of a document that ``lint`` finds nothing wrong with."""
    found: dict[tuple[str, str], list[tuple[Literal["block", "allow"], int]]] = {}
    for each in document.entries:
        until_ms = _end_ms(each.until) or 0
        found.setdefault((each.of, each.digest), []).append((each.list, until_ms))
    return Lists({key: tuple(entries) for key, entries in found.items()})


def lint(document: Document) -> Iterator[Fault]:
    """What is wrong with a document beyond its form."""
    yield from _of_weights(document.weights)
    yield from _of_entries(document.entries)


def _of_weights(weights: Sequence[Weight]) -> Iterator[Fault]:
    seen: list[str] = []
    for at, each in enumerate(weights):
        place: Path = ("weights", at, "signal")
        if each.signal not in WEIGHTS:
            near = get_close_matches(each.signal, list(WEIGHTS), n=1)
            more = f"did you mean {near[0]}?" if near else f"write one of {', '.join(WEIGHTS)}"
            yield Fault(place, each.signal, f"is no signal: {more}")
        if each.signal in seen:
            yield Fault(place, each.signal, "is named twice: leave one")
        seen.append(each.signal)


def _of_entries(entries: Sequence[Entry]) -> Iterator[Fault]:
    seen: dict[tuple[str, str, str], int] = {}
    for at, each in enumerate(entries):
        key = (each.list, each.of, each.digest)
        if _end_ms(each.until) is None:
            yield Fault(("entries", at, "until"), each.until, "is no day: write it as 2027-03-31")
        if any(char not in "0123456789abcdef" for char in each.digest):
            says = "is no key: write 32 hexadecimal characters, never the phone or the address itself"
            yield Fault(("entries", at, "digest"), each.digest, says)
        if key in seen:
            yield Fault(("entries", at, "digest"), each.digest, f"stands in entries[{seen[key]}] too: leave one")
        seen.setdefault(key, at)
        other = ("allow" if each.list == "block" else "block", each.of, each.digest)
        if other in seen:
            says = f"is on the other list in entries[{seen[other]}]: leave one"
            yield Fault(("entries", at, "digest"), each.digest, says)


def _end_ms(day: str) -> int | None:
    """When a day of China is over, in ms since the epoch; None: it is none."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return None
    return ((found - _EPOCH).days + 1) * _DAY_MS - _CHINA_MS
