"""A table of states, each to be looked at again at a time of its own, and the index of these times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from streams.domain.expiry import due, expiry_key

if TYPE_CHECKING:
    # Faust takes longer to import than a trial to run.
    from streams.engine import Table

#: States that one tick looks at; the next one, a second later, goes on.
DUE_MAX = 5_000
S = TypeVar("S")


class Timed(Generic[S]):
    """Tables: ``states`` by key, ``due`` by time and key. ``due_ms``: when a state is to be looked at next; None: never."""

    def __init__(self, states: Table, due_index: Table, due_ms: Callable[[S | None], int | None]) -> None:
        self.states = states
        self._due = due_index
        self._due_ms = due_ms

    def take_due(self, at_ms: int) -> dict[bytes, S]:
        """The states whose time has come. What is taken is looked at again only at the time that ``store`` finds for it."""
        keys = [key for key, _ in islice(self._due.range(stop=expiry_key(at_ms + 1, "")), DUE_MAX)]
        found: dict[bytes, S] = self.states.get_many(name.encode() for name in due(keys, at_ms))
        for key in keys:
            self._due.delete(key)
        # All of them anew: with other rules than those of its last change, a state's time is another one now.
        self._due.put_many(self._times(found))
        return found

    def store(self, before: Mapping[bytes, S], after: Mapping[bytes, S | None]) -> None:
        """Writes what is another object than before, None: deletes it; the index says of each its next time, and no other."""
        changed: dict[bytes, Any] = {key: state for key, state in after.items() if state is not before.get(key)}
        gone, now = self._times({key: before.get(key) for key in changed}), self._times(changed)
        for key in gone:
            if key not in now:
                self._due.delete(key)
        for key, state in changed.items():
            if state is None:
                self.states.delete(key)
        self.states.put_many({key: state for key, state in changed.items() if state is not None})
        self._due.put_many({key: None for key in now if key not in gone})

    def _times(self, states: Mapping[bytes, S | None]) -> dict[bytes, None]:
        """The index's keys of these states."""
        times = ((self._due_ms(state), key.decode()) for key, state in states.items())
        return {expiry_key(at_ms, name): None for at_ms, name in times if at_ms is not None}
