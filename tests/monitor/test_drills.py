"""When a backup was last restored for trial, and whether that went well: of the audit's entries, in whatever order they are met."""

from __future__ import annotations

from itertools import permutations

import pytest

from schemas.codec import CODEC
from streams.monitor.standing import Standing
from streams.ops.actor import ALL_RIGHTS, Actor
from streams.ops.audit import entry
from tests.monitor.test_counting import NOW_MS, Told

DAY_MS = 86_400_000


def audited(action: str, outcome: str, days: int) -> Told:
    it = entry(action, "penstock", by=Actor("ann", ALL_RIGHTS), outcome=outcome)
    return Told("audit", CODEC.encode("AuditEntry", it), at_ms=NOW_MS + days * DAY_MS)


@pytest.mark.parametrize(
    ("entries", "day", "failed"),
    [
        ((), None, False),
        # Without a drill: since when the hub has been at work.
        ((("order.hold", "done", 3), ("order.hold", "done", 2)), 2, False),
        ((("order.hold", "done", 0), ("state.drill", "done", 5)), 5, False),
        ((("state.drill", "done", 5), ("state.drill", "failed", 40)), 5, True),
        ((("state.drill", "failed", 5), ("state.drill", "done", 6)), 6, False),
        ((("order.hold", "done", 0), ("state.drill", "failed", 5)), 0, True),
    ],
)
def test_the_last_drill_counts(entries: tuple[tuple[str, str, int], ...], day: int | None, failed: bool) -> None:
    for order in permutations(entries):
        it = Standing()
        for each in order:
            it.take(audited(*each), True)
        assert it.drilled_ms == (None if day is None else NOW_MS + day * DAY_MS)
        assert it.drill_failed is failed
