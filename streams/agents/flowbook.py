"""The flow document that workers follow: which versions of it are in use, and can be.

In place of a version that cannot be used the one that was live before it is followed; where there is none, new orders follow no flow. A
version in the shadow has no effect, and nothing is compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.records import ConfigDocument, ConfigRelease
from streams.agents.released import Released, Unusable
from streams.domain.flow.book import Flow, FlowBook, lacks
from streams.domain.releases.recorded import release_of
from streams.domain.releases.sharing import Release

_ELSE = "what was live before it is followed, else none"


class Flowbook(Released):
    """``book`` is what orders follow now; None while nothing is released.

    Args:
        document: ``flows/name`` of the document that workers follow.
        rules: name of the rule document that they follow; None: not known, and then any will do.
        documents, releases, on_refused: as of ``Released``.
    """

    def __init__(
        self,
        document: str,
        rules: str | None,
        documents: Mapping[str, ConfigDocument],
        releases: Mapping[str, ConfigRelease],
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(document, documents, releases, on_refused, _ELSE)
        self._rules = rules
        self._flows: dict[str, Flow | None] = {}
        self._book: FlowBook | None = None

    @property
    def book(self) -> FlowBook | None:
        """As of now."""
        if self._changed:
            self._changed = False
            self._refused, self._flows = {}, {}
            self._book = self._read()
        return self._book

    def flow(self, document: str, version: int) -> Flow | None:
        """A version, compiled; None: it cannot be used."""
        key = f"{document}@{version}"
        if key not in self._flows:
            self._flows[key] = self._of(key) if self._usable(document, version) else None
        return self._flows[key]

    def _read(self) -> FlowBook | None:
        found = self._releases.get(self._document)
        if found is None:
            return None
        given = release_of(found)
        share = given.share
        if share is not None and not self._usable(self._document, share.version):
            share = None
        live = next(self._in_order(self._document, found), None)
        if live is None and share is None:
            return None
        versions = [live, *([] if share is None else [share.version])]
        flows = [flow for each in versions if each is not None and (flow := self.flow(self._document, each))]
        asks, idle = any(each.asks for each in flows), all(each.idle for each in flows)
        merges = any(each.merges for each in flows)
        return FlowBook(
            self._document, Release(live, None, share, None, given.withdrawn), self.flow, asks, idle, merges
        )

    def _stands(self) -> bool:
        return self.book is not None

    def _of(self, key: str) -> Any:
        found: Flow = super()._of(key)
        if why := lacks(found.document, self._rules):
            raise Unusable(f"it {why}")
        return found
