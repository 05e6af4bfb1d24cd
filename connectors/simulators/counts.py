"""What a simulator has seen and done, for the tests and the demo that drive it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any


class Counts:
    """Plain counters; ``view`` is the answer of ``GET /_sim/counts`` but for the pushes that are still pending."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begins at 0 again."""
        self.changes = 0
        #: Deliveries tried, the first and every later one.
        self.pushes = 0
        self.pushes_acked = 0
        self.pushes_retried = 0
        #: After the platform's last try.
        self.pushes_given_up = 0
        self.bad_signatures = 0
        self.throttled = 0
        self.calls: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.faults: Counter[str] = Counter()

    def call(self, method: str, outcome: str) -> None:
        """One call of the platform's API: ``ok``, or the code it was answered with."""
        self.calls[method][outcome] += 1

    def view(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "changes": self.changes,
            "pushes": self.pushes,
            "pushes_acked": self.pushes_acked,
            "pushes_retried": self.pushes_retried,
            "pushes_given_up": self.pushes_given_up,
            "calls": {method: dict(outcomes) for method, outcomes in sorted(self.calls.items())},
            "bad_signatures": self.bad_signatures,
            "throttled": self.throttled,
            "faults": dict(self.faults),
        }
