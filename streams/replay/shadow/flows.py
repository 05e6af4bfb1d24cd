"""The versions of flow documents that an order may have followed when it was decided, as books that leave the domain no other choice.

Which one was released at a moment the log does not say for ever (of releases it keeps the newest). An order's state names the version that
it follows; where it follows none yet, every version is tried, and none: what is recorded of the order says which it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.records import ConfigDocument, ConfigRelease, OrderState
from streams.agents.flowbook import Flowbook
from streams.domain.flow.book import FlowBook
from streams.domain.releases.sharing import Release


class Flows:
    """Of the whole of both topics."""

    def __init__(self, documents: Mapping[str, ConfigDocument], releases: Mapping[str, ConfigRelease]) -> None:
        # Workers refused what routes by rules that they did not follow: whose name the topics do not say.
        self._flowbook = Flowbook("", None, documents, releases)
        known = [each for each in documents.values() if each["kind"] == "flows"]
        live = {f"{name}@{each['live']}" for name, each in releases.items()}
        # What is live now the most orders have followed, and what is new is oftener so than what is old.
        known.sort(key=lambda each: (each["document"] in live, each["version"]), reverse=True)
        self._books = [book for each in known if (book := self._book(f"flows/{each['name']}", each["version"]))]

    def candidates(self, state: OrderState | None, event: str) -> Iterator[FlowBook | None]:
        """What may have been released when an order in this state was told of an event; None: nothing."""
        its = None if state is None else state["flow"]
        if its is not None:
            mine = next(
                (b for b in self._books if (b.document, b.release.live) == (its["document"], its["version"])), None
            )
            yield mine
            # It may have gone over to another.
            yield from (book for book in self._books if book is not mine)
            return
        if event == "Order":
            yield from self._books
        yield None

    def _book(self, document: str, version: int) -> FlowBook | None:
        flow = self._flowbook.flow(document, version)
        if flow is None:
            return None
        return FlowBook(document, Release(live=version), self._flowbook.flow, flow.asks, merges=flow.merges)
