"""Flow documents and sagas of orders that follow them, for the tests of allocation."""

from __future__ import annotations

from typing import Any

from schemas.documents.flows.builtin import default
from schemas.documents.flows.reading import draft
from schemas.documents.hashing import canonical
from streams.domain.flow.book import FlowBook
from streams.domain.flow.lint import lint
from tests.domain.allocation.saga import PLENTY, Saga
from tests.domain.make import AT_MS, operator, view
from tests.domain.released import FLOWS, flowbook, release, version

HEAD = 'kind = "flows"\nversion = 1\nname = "default"\n'
MINUTE_MS = 60_000
DEFAULT = canonical(default()).decode()

#: Orders from 10 yuan on: one lead within an hour, who did not ask; else customer service, within a day.
APPROVAL = """
nodes = [
  { name = "came", do = "on", event = "accepted", then = "large" },
  { name = "other", do = "on", event = "changed", at = ["lead", "service"], then = "large" },
  { name = "large", do = "if", when = [{ field = "total_minor", at_least = 1_000 }], then = "mark", otherwise = "send" },
  { name = "mark", do = "set", tags = ["large"], priority = 1, then = "lead" },
  { name = "lead", do = "approve", role = "lead", minutes = 60, approved = "send", refused = "no", late = "tell" },
  { name = "tell", do = "notify", by = "mail", target = "service", text = "Nobody has answered.", then = "service" },
  { name = "service", do = "hold", reason = "overdue", minutes = 1_440, released = "send", late = "no" },
  { name = "send", do = "route", rules = "built-in", then = "done" },
  { name = "done", do = "end" },
  { name = "no", do = "cancel", reason = "refused" },
]
"""


def flows(*texts: str, live: int | None = 1, **released: Any) -> FlowBook:
    """What is released of versions 1, 2..."""
    versions = [
        version(number, text if text.startswith("{") else HEAD + text, FLOWS) for number, text in enumerate(texts, 1)
    ]
    for each in versions:
        assert not lint(draft(each["text"]))
    found = flowbook(versions, release(live, name=FLOWS, **released)).book
    assert found is not None
    return found


class Flowing(Saga):
    """An order under a flow. What it asks of persons is kept until the end."""

    def __init__(self, book: FlowBook | None, levels: Any = None) -> None:
        super().__init__(view(PLENTY if levels is None else levels)._replace(flows=book))
        self.number = 0

    def says(self, action: str, by: str = "li", *roles: str, task: str = "", because: str = "so") -> Flowing:
        self.number += 1
        its = {"by": by, "reason": because, "task": task, "roles": list(roles)}
        self.tell("OperatorDecision", operator(action, f"d{self.number}", **its))
        return self

    def at(self, minutes: int) -> Flowing:
        """So long after the beginning, the clock says so."""
        self.at_ms = AT_MS + minutes * MINUTE_MS
        self.tell("OperatorDecision", operator("RELEASE_HOLD", "t", by="clock"))
        return self

    def changes(self, book: FlowBook) -> Flowing:
        self.view = self.view._replace(flows=book)
        return self

    @property
    def stands(self) -> tuple[str, str]:
        return self.state["phase"], self.state["hold_reason"]

    def asked_of(self) -> list[tuple[str, str]]:
        """Tasks of the last event, and where they stand."""
        return [(each["task_id"].partition("/")[2], each["state"]) for each in self.tasks]
