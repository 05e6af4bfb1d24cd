"""Released versions of documents, of two views that every worker holds: compiled once a version, and never a guess.

What cannot be used (it is not there, it is damaged, this Penstock does not compile it) decides nothing. Which one that is follows from the
two topics alone, so all workers decide alike, also one that has just been started. It is said, and counted for the alert.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from schemas.documents.faults import Fault
from schemas.documents.flows.document import Document as FlowDocument
from schemas.documents.kinds import KINDS
from schemas.documents.reading import draft
from schemas.documents.rules.document import Document
from schemas.records import ConfigDocument, ConfigRelease
from streams.domain.flow.book import flow_of
from streams.domain.flow.lint import lint as lint_flow
from streams.domain.routing.book import lacks
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.lint import lint
from streams.domain.routing.tables.documents import faults_of

logger = logging.getLogger(__name__)

#: What is refused for so long is told: documents and releases are two topics, and one may be read a moment before the other.
_GRACE_MS = 5_000


class Unusable(Exception):
    """A version that decides nothing; the message says why."""


class Released:
    """What is released of the document that workers follow, and what cannot be used of it.

    Args:
        document: ``kind/name`` of it.
        documents, releases: ``config.documents`` and ``config.releases``, newest value by key.
        on_refused: told each time that a released version still decides nothing.
        else_: what becomes of orders whose version decides nothing, in words.
    """

    def __init__(
        self,
        document: str,
        documents: Mapping[str, ConfigDocument],
        releases: Mapping[str, ConfigRelease],
        on_refused: Callable[[], None],
        else_: str,
    ) -> None:
        self._document = document
        self._documents = documents
        self._releases = releases
        self._on_refused = on_refused
        self._else = else_
        #: ``kind/name@version`` -> why it decides nothing, of those that are released, or that an order is pinned to.
        self._refused: dict[str, str] = {}
        self._since_ms: dict[str, int] = {}
        self._changed = True

    def changed(self, key: str, old: Any, new: Any) -> None:
        """A view has a new value."""
        self._changed = True

    def tell(self, at_ms: int) -> None:
        """Says of each released version that decides nothing why, once, and counts it as long as it stays so."""
        standing = {f"{key}: {why}" for key, why in self._refused.items()} if self._stands() else set()
        for said in sorted(standing):
            since_ms = self._since_ms.setdefault(said, at_ms)
            if at_ms - since_ms >= _GRACE_MS:
                if since_ms:
                    logger.error("%s", said)
                    self._since_ms[said] = 0
                self._on_refused()
        for said in self._since_ms.keys() - standing:
            del self._since_ms[said]

    def _stands(self) -> bool:
        """Whether anything is released, as of now."""
        raise NotImplementedError

    def _in_order(self, name: str, release: ConfigRelease) -> Iterator[int]:
        """Of what is live and what was before it, what can be used."""
        for version in (release["live"], release["previous"]):
            if version is not None and self._usable(name, version):
                yield version

    def _usable(self, name: str, version: int, else_: str = "") -> bool:
        key = f"{name}@{version}"
        try:
            self._of(key)
        except Unusable as error:
            self._refused[key] = f"{error}; {else_ or self._else}"
            return False
        return True

    def _of(self, key: str) -> Any:
        """What its kind is compiled to. Raises Unusable."""
        record = self._documents.get(key)
        if record is None:
            raise Unusable("there is no such version")
        if record["document"] != key or f"{record['kind']}/{record['name']}@{record['version']}" != key:
            raise Unusable(f"its record says that it is {record['document']}")
        return _read_document(record["kind"], record["text"], record["digest"])


_LINTS: Mapping[str, Callable[[Any], list[Fault]]] = {"rules": lint, "flows": lint_flow}


@lru_cache(256)
def _read_document(kind: str, text: str, digest: str) -> Any:
    """Compiled rules, a compiled flow, or a table's document. Raises Unusable."""
    form = KINDS.get(kind)
    if form is None:
        raise Unusable("it is of a kind that this Penstock does not know")
    if (found := sha256(text.encode()).hexdigest()) != digest:
        raise Unusable(f"its text has the digest {found[:12]}, and {digest[:12]} was published")
    try:
        read = draft(text, form)
        faults: list[Fault] = _LINTS[kind](read) if kind in _LINTS else faults_of(kind, read)
        if faults or read.document is None:
            raise Unusable(f"this Penstock does not read it: {faults[0].says}")
        if isinstance(read.document, FlowDocument):
            return flow_of(read.document)
        if not isinstance(read.document, Document):
            return read.document
        if why := lacks(read.document):
            raise Unusable(f"it {why}")
        return compiled(read.document)
    except Unusable:
        raise
    except Exception as error:  # a document must not end a worker, whatever is wrong with it or with what reads it
        raise Unusable(f"it cannot be compiled: {type(error).__name__}: {error}") from error
