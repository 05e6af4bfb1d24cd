"""The rule documents that a recorded decision may have been made by, as books that leave the domain no other choice.

A decision names its version and its tables, and neither is ever replaced: so it is made again by just these, whatever is released since.
What was released at that moment the log does not say for ever (of releases it keeps the newest); a trial's share is held to its bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from schemas.records import ConfigDocument, ConfigRelease, DecidedBy
from streams.agents.rulebook import Rulebook
from streams.domain.releases.sharing import Release, Share, salt_of
from streams.domain.routing.book import Book, Compiled

By = DecidedBy | None


class Books:
    """Of the whole of both topics."""

    def __init__(self, documents: Mapping[str, ConfigDocument], releases: Mapping[str, ConfigRelease]) -> None:
        self._documents, self._releases = documents, releases
        self._rulebooks: dict[str, Rulebook] = {}
        self._made: dict[tuple[str, int, int | None, tuple[str, ...]], Book] = {}
        #: Where rules decide at all: what is built in decides, and what rules ask of an order is kept.
        self._builtin = Book("", Release(), (), lambda version, tables: None) if self._rules() else None

    def of(self, by: By) -> Book | None:
        """One that has an order decided by this version; None: by what is built in."""
        if by is None:
            return self._builtin
        name, version, share = by["document"], by["version"], by["share"]
        asked = name, version, share, tuple(by["tables"])
        if asked in self._made:
            return self._made[asked]
        trial = None if share is None else Share(version, share, salt_of(name, version))
        release = Release(live=version) if trial is None else Release(share=trial)
        # An order pinned to another version was assigned anew: that one had been rolled back by then.
        others = tuple(each["version"] for each in self._documents.values() if each["version"] != version)
        book = Book(name, release._replace(withdrawn=others), asked[3], self._rulebook(name).compiled)
        self._made[asked] = book
        return book

    def compiled(self, by: DecidedBy) -> Compiled | None:
        """A version with its tables; None: one of them cannot be had, or not be used."""
        return self._rulebook(by["document"]).compiled(by["version"], by["tables"])

    def candidates(self, expected: Sequence[By], named: Iterable[By]) -> Iterator[Book | None]:
        """Those of what a trace names; where it is not on record, those that its order names elsewhere, then all that there are."""
        if self._builtin is None:
            yield None
            return
        seen: list[By] = []
        for by in expected or (*named, *self._released(), None):
            if by not in seen:
                seen.append(by)
                yield self.of(by)

    def _rules(self) -> list[str]:
        return sorted(name for name in self._releases if name.startswith("rules/"))

    def _released(self) -> Iterator[By]:
        for name in self._rules():
            found: Any = self._releases[name]
            share = found["share"]
            tables = self._tables(name)
            if share is not None:
                yield {
                    "document": name,
                    "version": share["version"],
                    "share": share["basis_points"],
                    "tables": tables,
                }
            for version in (found["live"], found["previous"], *reversed(found["withdrawn"])):
                if version is not None:
                    yield {"document": name, "version": version, "share": None, "tables": tables}

    def _tables(self, name: str) -> list[str]:
        book = self._rulebook(name).book
        return [] if book is None else list(book.tables)

    def _rulebook(self, name: str) -> Rulebook:
        if name not in self._rulebooks:
            self._rulebooks[name] = Rulebook(name, self._documents, self._releases)
        return self._rulebooks[name]
