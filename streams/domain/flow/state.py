"""Where one order stands in its flow: small, frozen, and as plain values for the table it is kept in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from streams.domain.routing.rules.facts import Value


class FlowState(NamedTuple):
    """One order's place. The empty one is where every order begins."""

    #: Hash of the document that it follows; empty: none yet.
    digest: str = ""
    #: The node where it rests; empty: at the start.
    at: str = ""
    since_ms: int = 0
    #: When its time there is over; None: never.
    due_ms: int | None = None
    #: Nothing follows any more.
    closed: bool = False
    #: Counts arrivals, so that an answer to an earlier task is told from one to this.
    arrivals: int = 0
    #: Of an approval: who asked, empty for no person; and who said yes.
    asked_by: str = ""
    votes: tuple[str, ...] = ()
    #: How often it came to nodes that have a limit.
    visits: tuple[tuple[str, int], ...] = ()
    tags: tuple[str, ...] = ()
    priority: int | None = None
    fields: tuple[tuple[str, Value], ...] = ()


START = FlowState()


def task_of(state: FlowState) -> str:
    """The name of what a person is asked where the order rests: another one each time it comes there."""
    return f"{state.at}#{state.arrivals}"


def kept(state: FlowState) -> dict[str, object]:
    """As plain values, for MessagePack or JSON; what has its default is left out."""
    found: dict[str, object] = {}
    for name, value, usual in zip(FlowState._fields, state, START, strict=True):
        if value != usual:
            found[name] = value
    return found


def restored(values: Mapping[str, object]) -> FlowState:
    """The state that ``kept`` gave, as it comes back: tuples may have become lists."""
    visits = cast(Sequence[Sequence[object]], values.get("visits", ()))
    fields = cast(Sequence[Sequence[object]], values.get("fields", ()))
    return FlowState(
        digest=cast(str, values.get("digest", "")),
        at=cast(str, values.get("at", "")),
        since_ms=cast(int, values.get("since_ms", 0)),
        due_ms=cast("int | None", values.get("due_ms")),
        closed=cast(bool, values.get("closed", False)),
        arrivals=cast(int, values.get("arrivals", 0)),
        asked_by=cast(str, values.get("asked_by", "")),
        votes=tuple(cast(Sequence[str], values.get("votes", ()))),
        visits=tuple([(cast(str, name), cast(int, count)) for name, count in visits]),
        tags=tuple(cast(Sequence[str], values.get("tags", ()))),
        priority=cast("int | None", values.get("priority")),
        fields=tuple([(cast(str, name), cast(Value, value)) for name, value in fields]),
    )
