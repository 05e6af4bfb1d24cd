"""The rule documents that are released: which one decides an order, and with which tables.

What cannot be used decides nothing: a trial's orders are the live version's then, and in place of a live version the one before it decides;
where there is none, the built-in rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from schemas.records import ConfigDocument, ConfigRelease
from streams.agents.released import Released
from streams.domain.releases.recorded import release_of
from streams.domain.releases.sharing import Release
from streams.domain.routing.book import Book, Compiled
from streams.domain.routing.rules.compiling import Rules
from streams.domain.routing.tables.calendars import holidays_known_until
from streams.domain.routing.tables.clock import moment_ms
from streams.domain.routing.tables.documents import TABLES, tables_of
from streams.domain.routing.tables.reckoning import Tables

#: What becomes of orders whose version decides nothing.
_ELSE = "what was live before it decides, else the built-in rule"
#: Sets of tables that are kept compiled: the live one, and those that orders are pinned to.
_TABLES_MAX = 32


class Rulebook(Released):
    """``book`` is what decides now; None while nothing is released.

    Args:
        document: ``rules/name`` of the document that workers follow.
        documents, releases: ``config.documents`` and ``config.releases``, newest value by key.
        on_refused: told each time that a released version still decides nothing.
        on_holidays: told when the holidays of live calendars end, in seconds since the epoch; NaN: none is kept.
    """

    def __init__(
        self,
        document: str,
        documents: Mapping[str, ConfigDocument],
        releases: Mapping[str, ConfigRelease],
        on_refused: Callable[[], None] = lambda: None,
        on_holidays: Callable[[float], None] = lambda known_until_s: None,
    ) -> None:
        super().__init__(document, documents, releases, on_refused, _ELSE)
        self._on_holidays = on_holidays
        self._tables: dict[tuple[str, ...], Tables] = {}
        #: By version and tables, while both topics stay as they are.
        self._ready: dict[tuple[int, tuple[str, ...]], Compiled | None] = {}
        self._book: Book | None = None

    @property
    def book(self) -> Book | None:
        """As of now."""
        if self._changed:
            self._changed = False
            self._refused = {}
            self._ready = {}
            self._book = self._read()
        return self._book

    def _stands(self) -> bool:
        return self.book is not None

    def _read(self) -> Book | None:
        found = self._releases.get(self._document)
        if found is None:
            return None
        given, shadow, lost = release_of(found), found["shadow"], None
        if given.live is None and given.share is None and shadow is None:
            return None
        share = given.share
        if share is not None and not self._usable(self._document, share.version):
            share, lost = None, share
        if shadow is not None and not self._usable(self._document, shadow, "nothing is compared with it"):
            shadow = None
        live = next(self._in_order(self._document, found), None)
        released = Release(live, shadow, share, None, given.withdrawn)
        tables = tuple(self._live_tables())
        self._tell_holidays(tables)
        return Book(self._document, released, tables, self.compiled, lost)

    def _tell_holidays(self, tables: Sequence[str]) -> None:
        minute = holidays_known_until([self._of(name) for name in tables if name.startswith("calendars/")])
        self._on_holidays(math.nan if minute is None else moment_ms(minute) / 1_000)

    def _live_tables(self) -> Iterator[str]:
        for name in sorted(self._releases):
            if name.partition("/")[0] in TABLES:
                version = next(self._in_order(name, self._releases[name]), None)
                if version is not None:
                    yield f"{name}@{version}"

    def compiled(self, version: int, tables: Sequence[str]) -> Compiled | None:
        """A version with its tables; None: one of them cannot be used."""
        asked = version, tuple(tables)
        if asked not in self._ready:
            self._ready[asked] = self._compile(*asked)
        return self._ready[asked]

    def _compile(self, version: int, tables: tuple[str, ...]) -> Compiled | None:
        # Also of a version that an order is pinned to it is told: the order goes by the one that decides now.
        asked = [
            (self._document, version),
            *[(name, int(at)) for name, _, at in (each.rpartition("@") for each in tables)],
        ]
        if not all(self._usable(name, number) for name, number in asked):
            return None
        rules: Rules = self._of(f"{self._document}@{version}")
        return Compiled(rules, self._joined(tables) if tables else None)

    def _joined(self, names: tuple[str, ...]) -> Tables:
        found = self._tables.get(names)
        if found is None:
            documents = [(name.partition("/")[0], self._of(name)) for name in names]
            if len(self._tables) >= _TABLES_MAX:
                self._tables.clear()
            versions = {name: int(version) for name, _, version in (each.rpartition("@") for each in names)}
            found = self._tables[names] = tables_of(documents, versions)
        return found
