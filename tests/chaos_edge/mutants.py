"""The hub's command line with one rule of the edge broken on purpose: ``python -m tests.chaos_edge.mutants NAME COMMAND...``

A run that finds nothing may be blind; these show that it sees.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Any


def blind_dispatcher() -> None:
    """Never asks the platform what it knows: neither after a call without an answer, nor before it sends again."""
    from connectors.driver.dispatch.calling import Calling

    async def unknown(self: Any) -> None:
        return None

    Calling._ask = unknown  # type: ignore[method-assign]


def silent_dispatcher() -> None:
    """Makes its calls without an intent in the log."""
    from connectors.driver.dispatch.calling import Calling

    async def unsaid(self: Any) -> None:
        return None

    Calling._intend = unsaid  # type: ignore[method-assign]


def hasty_gateway() -> None:
    """Answers pushes and confirms messages at once, and hands them to Kafka a moment later."""
    from connectors.channels.outbox import Outbox

    deliver = Outbox.deliver
    under_way = set()

    async def later(self: Outbox, records: Sequence[Any], within_s: float) -> None:
        await asyncio.sleep(1.5)
        await deliver(self, records, 30.0)

    async def at_once(self: Outbox, records: Sequence[Any], within_s: float) -> None:
        task = asyncio.create_task(later(self, records, within_s))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    Outbox.deliver = at_once  # type: ignore[method-assign]


#: Name -> (what is broken, whose process, findings of which at least one must be there).
MUTANTS: dict[str, tuple[Callable[[], None], str, frozenset[str]]] = {
    "blind-dispatcher": (blind_dispatcher, "dispatcher", frozenset({"told again", "shipped twice"})),
    "silent-dispatcher": (silent_dispatcher, "dispatcher", frozenset({"call without intent"})),
    "hasty-gateway": (hasty_gateway, "gateway", frozenset({"dropped by the gateway", "lost"})),
}


def main() -> None:
    from streams.cli.main import main as penstock

    name, *command = sys.argv[1:]
    MUTANTS[name][0]()
    sys.argv = ["penstock", *command]
    penstock()


if __name__ == "__main__":
    main()
