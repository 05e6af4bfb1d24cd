"""What a step asks of the stage that owns the order, as data. The stage does it in the transaction in which it keeps the state."""

from __future__ import annotations

from typing import NamedTuple

from streams.domain.routing.rules.facts import Value


class Held(NamedTuple):
    """No warehouse hears of the order before a person releases it, or the time is over."""

    task: str
    reason: str
    until_ms: int | None


class Asked(NamedTuple):
    """An approval is open, and the order is held by it."""

    task: str
    role: str
    persons: int
    #: Who may not answer; empty: nobody is left out.
    not_by: str
    until_ms: int | None


class Waiting(NamedTuple):
    """The order waits for an event, or for a time."""

    task: str
    until_ms: int | None


class Left(NamedTuple):
    """What was open is so no longer: its task closes, its timer is taken off. ``how``: the edge, or interrupted, or cancelled."""

    task: str
    how: str
    by: str


class Voted(NamedTuple):
    """One of two persons said yes; the other is awaited."""

    task: str
    by: str


class Denied(NamedTuple):
    """A person's answer changed nothing, and why."""

    by: str
    why: str


class Routed(NamedTuple):
    """Warehouses are chosen by a rule document."""

    rules: str


class Tagged(NamedTuple):
    """Tags put on, and taken off."""

    tags: tuple[str, ...]
    untagged: tuple[str, ...]


class Prioritised(NamedTuple):
    """The order has another priority."""

    priority: int


class Filled(NamedTuple):
    """Fields of the merchant's own got values."""

    fields: tuple[tuple[str, Value], ...]


class Unfilled(NamedTuple):
    """A transform had nothing for a field; it stays missing, and is counted."""

    node: str
    field: str
    why: str


class Shaped(NamedTuple):
    """What a downstream system gets of the order, by dotted names."""

    target: str
    fields: tuple[tuple[str, Value], ...]


class Notified(NamedTuple):
    """Somebody is told."""

    by: str
    target: str
    text: str


class Hinted(NamedTuple):
    """A hint to routing: split (by what); or how long it may wait for others of its receiver: merge (so many minutes)."""

    kind: str
    by: str
    minutes: int


class Cancelled(NamedTuple):
    """The order is cancelled."""

    reason: str


Effect = (
    Held
    | Asked
    | Waiting
    | Left
    | Voted
    | Denied
    | Routed
    | Tagged
    | Prioritised
    | Filled
    | Unfilled
    | Shaped
    | Notified
    | Hinted
    | Cancelled
)
