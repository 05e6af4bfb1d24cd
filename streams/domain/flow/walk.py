"""One step under way: what it is asked on, what it has set so far, and which nodes it passed."""

from __future__ import annotations

from typing import NamedTuple

from streams.domain.routing.rules.facts import Value

from .effects import Effect, Filled
from .facts import FlowFacts
from .state import FlowState


class Passed(NamedTuple):
    """A node, and the edge by which it was left. Of an ``if``: the condition that failed, from 0, and what it was judged by."""

    node: str
    edge: str
    failed: int | None = None
    actual: Value | tuple[Value, ...] = None


class Walk:
    """Lives for one step and is seen by nobody after it."""

    def __init__(self, state: FlowState, facts: FlowFacts, by: str, now_ms: int) -> None:
        self.facts = facts
        self.by = by
        self.now_ms = now_ms
        self.tags = state.tags
        self.priority = state.priority
        self.fields = state.fields
        self.visits = state.visits
        self.effects: list[Effect] = []
        self.passed: list[Passed] = []

    def field(self, name: str) -> Value:
        """A field of the merchant's own; None: it has none."""
        for known, value in self.fields:
            if known == name:
                return value
        return self.facts.fields.get(name)

    def fill(self, values: tuple[tuple[str, Value], ...]) -> None:
        """Set fields, in the order in which they were first set."""
        found = dict(self.fields)
        found.update(values)
        self.fields = tuple(found.items())
        self.effects.append(Filled(values))
