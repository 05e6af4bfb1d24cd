"""The rule documents that are released, of two views that every worker holds: compiled once a version, and never a guess.

What cannot be used (it is not there, it is damaged, this Penstock does not compile it) decides nothing: a trial's orders are the live
version's then, and in place of a live version the one before it decides; where there is none, the built-in rule. Which one that is
follows from the two topics alone, so all workers decide alike, also one that has just been started. It is said, and counted for the alert.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from schemas.documents.faults import Fault
from schemas.documents.kinds import KINDS
from schemas.documents.reading import draft
from schemas.documents.rules.document import Document
from schemas.records import ConfigDocument, ConfigRelease
from streams.domain.releases.recorded import release_of
from streams.domain.releases.sharing import Release
from streams.domain.routing.book import Book, Compiled, lacks
from streams.domain.routing.rules.compiling import Rules, compiled
from streams.domain.routing.rules.lint import lint
from streams.domain.routing.tables.documents import TABLES, faults_of, tables_of
from streams.domain.routing.tables.reckoning import Tables

logger = logging.getLogger(__name__)

#: What is refused for so long is told: documents and releases are two topics, and one may be read a moment before the other.
_GRACE_MS = 5_000
#: What becomes of orders whose version decides nothing.
_ELSE = "what was live before it decides, else the built-in rule"
#: Sets of tables that are kept compiled: the live one, and those that orders are pinned to.
_TABLES_MAX = 32


class Unusable(Exception):
    """A version that decides nothing; the message says why."""


class Rulebook:
    """``book`` is what decides now; None while nothing is released.

    Args:
        document: ``rules/name`` of the document that workers follow.
        documents, releases: ``config.documents`` and ``config.releases``, newest value by key.
        on_refused: told each time that a released version still decides nothing.
    """

    def __init__(
        self,
        document: str,
        documents: Mapping[str, ConfigDocument],
        releases: Mapping[str, ConfigRelease],
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        self._document = document
        self._documents = documents
        self._releases = releases
        self._on_refused = on_refused
        self._tables: dict[tuple[str, ...], Tables] = {}
        #: By version and tables, while both topics stay as they are.
        self._ready: dict[tuple[int, tuple[str, ...]], Compiled | None] = {}
        #: ``kind/name@version`` -> why it decides nothing, of those that are released, or that an order is pinned to.
        self._refused: dict[str, str] = {}
        self._since_ms: dict[str, int] = {}
        self._book: Book | None = None
        self._changed = True

    def changed(self, key: str, old: Any, new: Any) -> None:
        """A view has a new value."""
        self._changed = True

    @property
    def book(self) -> Book | None:
        """As of now."""
        if self._changed:
            self._changed = False
            self._refused = {}
            self._ready = {}
            self._book = self._read()
        return self._book

    def tell(self, at_ms: int) -> None:
        """Says of each released version that decides nothing why, once, and counts it as long as it stays so."""
        standing = {f"{key}: {why}" for key, why in self._refused.items()} if self.book is not None else set()
        for said in sorted(standing):
            since_ms = self._since_ms.setdefault(said, at_ms)
            if at_ms - since_ms >= _GRACE_MS:
                if since_ms:
                    logger.error("%s", said)
                    self._since_ms[said] = 0
                self._on_refused()
        for said in self._since_ms.keys() - standing:
            del self._since_ms[said]

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
        return Book(self._document, released, tuple(self._live_tables()), self.compiled, lost)

    def _live_tables(self) -> Iterator[str]:
        for name in sorted(self._releases):
            if name.partition("/")[0] in TABLES:
                version = next(self._in_order(name, self._releases[name]), None)
                if version is not None:
                    yield f"{name}@{version}"

    def _in_order(self, name: str, release: ConfigRelease) -> Iterator[int]:
        """Of what is live and what was before it, what can be used."""
        for version in (release["live"], release["previous"]):
            if version is not None and self._usable(name, version):
                yield version

    def _usable(self, name: str, version: int, else_: str = _ELSE) -> bool:
        key = f"{name}@{version}"
        try:
            self._of(key)
        except Unusable as error:
            self._refused[key] = f"{error}; {else_}"
            return False
        return True

    def _of(self, key: str) -> Any:
        """Rules, or a table's document. Raises Unusable."""
        record = self._documents.get(key)
        if record is None:
            raise Unusable("there is no such version")
        if record["document"] != key or f"{record['kind']}/{record['name']}@{record['version']}" != key:
            raise Unusable(f"its record says that it is {record['document']}")
        return _read_document(record["kind"], record["text"], record["digest"])

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


@lru_cache(256)
def _read_document(kind: str, text: str, digest: str) -> Any:
    """Compiled rules, or a table's document. Raises Unusable."""
    form = KINDS.get(kind)
    if form is None:
        raise Unusable("it is of a kind that this Penstock does not know")
    if (found := sha256(text.encode()).hexdigest()) != digest:
        raise Unusable(f"its text has the digest {found[:12]}, and {digest[:12]} was published")
    try:
        read = draft(text, form)
        faults: list[Fault] = lint(read) if kind == "rules" else faults_of(kind, read)
        if faults or read.document is None:
            raise Unusable(f"this Penstock does not read it: {faults[0].says}")
        if not isinstance(read.document, Document):
            return read.document
        if why := lacks(read.document):
            raise Unusable(f"it {why}")
        return compiled(read.document)
    except Unusable:
        raise
    except Exception as error:  # a document must not end a worker, whatever is wrong with it or with what reads it
        raise Unusable(f"it cannot be compiled: {type(error).__name__}: {error}") from error
