"""What deciding may have seen: recorded balances, warehouses and bundles, newest first, as of when a decision was sent.

A view is late by as much as it is, so several recorded balances of a SKU are possible; a decision's trace tells which.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from confluent_kafka import Message

from schemas.codec import CODEC, CodecError
from schemas.topics import DOCUMENTS, RELEASES
from streams.replay.shadow.books import Books
from streams.replay.shadow.flows import Flows

BALANCES, WAREHOUSES, BUNDLES = "inventory.availability", "config.warehouses", "config.bundles"
#: All that is read.
TOPICS = (BALANCES, WAREHOUSES, BUNDLES, DOCUMENTS, RELEASES)
#: Balances of a SKU that are tried: so many before the moment, so many after (clocks of several machines differ).
_BEFORE, _AFTER = 12, 3


class Batches(Protocol):
    """Whoever reads topics."""

    def batches(self, topics: Iterable[str]) -> Iterator[list[Message]]:
        """Their records, one topic after the other."""


class Views:
    """The whole of these topics. Per recorded balance some 300 bytes of memory."""

    def __init__(self, logs: Batches) -> None:
        self._times: dict[str, list[int]] = {}
        self._balances: dict[str, list[bytes]] = {}
        self._settings: dict[str, list[tuple[int, str, Any]]] = {each: [] for each in TOPICS if each != BALANCES}
        for messages in logs.batches(TOPICS):
            for message in messages:
                key, value, at_ms = message.key(), message.value(), int(message.timestamp()[1])
                name = key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)
                if (settings := self._settings.get(message.topic() or "")) is not None:
                    settings.append((at_ms, name, _decoded(value)))
                elif isinstance(value, bytes):
                    self._times.setdefault(name, []).append(at_ms)
                    self._balances.setdefault(name, []).append(value)

    @property
    def stocked(self) -> set[str]:
        """SKUs that have, or had, a balance."""
        return set(self._times)

    def levels(self, sku: str, at_ms: int) -> Sequence[Sequence[Any]]:
        """The levels that may have been seen, the likely first; the last may be none at all."""
        times = self._times.get(sku, [])
        newest = bisect_right(times, at_ms)
        before = range(newest - 1, max(-1, newest - 1 - _BEFORE), -1)
        after = range(newest, min(len(times), newest + _AFTER))
        found: list[Sequence[Any]] = [_levels(self._balances[sku][i]) for i in (*before, *after)]
        return [*found, ()] if newest <= _BEFORE else found

    def as_of(self, sku: str, at_ms: int) -> Sequence[Any]:
        """The levels that were the newest ones then; none where the log has no balance from before."""
        newest = bisect_right(self._times.get(sku, []), at_ms)
        return _levels(self._balances[sku][newest - 1]) if newest else ()

    def moments_of_warehouses(self) -> list[int]:
        """When any warehouse's settings changed."""
        return sorted({at for at, _, _ in self._settings[WAREHOUSES]})

    def warehouses(self, at_ms: int) -> Sequence[Sequence[Any]]:
        """The settings of all warehouses that may have been seen: as of then, and before and after the changes next to it."""
        return [[known[name] for name in sorted(known)] for known in self._known(WAREHOUSES, at_ms, 1)]

    def bundles(self, at_ms: int) -> Sequence[Mapping[str, Any]]:
        """The bundles by SKU that intake may have seen of an event of then, which it may have read later."""
        return self._known(BUNDLES, at_ms, _AFTER)

    def books(self) -> Books:
        """The rule documents that decisions may name."""
        return Books(*self._released())

    def flows(self) -> Flows:
        """The flow documents that orders may have followed."""
        return Flows(*self._released())

    def _released(self) -> tuple[dict[str, Any], dict[str, Any]]:
        documents, releases = (
            {name: setting for _, name, setting in self._settings[topic] if setting is not None}
            for topic in (DOCUMENTS, RELEASES)
        )
        return documents, releases

    def _known(self, topic: str, at_ms: int, later: int) -> list[dict[str, Any]]:
        settings = self._settings[topic]
        moments = sorted({at for at, _, _ in settings})
        near = bisect_right(moments, at_ms)
        chosen = [moments[i] for i in (near - 1, *range(near, near + later), near - 2) if 0 <= i < len(moments)]
        found: list[dict[str, Any]] = []
        for moment in chosen:
            known: dict[str, Any] = {}
            for at, name, setting in settings:
                if at <= moment:
                    known[name] = setting
            found.append({name: setting for name, setting in known.items() if setting is not None})
        # Before the first of them there were none.
        return [*found, {}] if near < 2 else found


def load_in(considered: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Open units per warehouse, as a trace quotes them."""
    return {each["warehouse"]: each["open_units"] for each in considered}


@lru_cache(100_000)
def _levels(value: bytes) -> Sequence[Any]:
    levels: Sequence[Any] = CODEC.decode(value)[1]["levels"]
    return levels


def _decoded(value: Any) -> Any:
    try:
        return CODEC.decode(value)[1] if value is not None else None
    except CodecError:
        return None
