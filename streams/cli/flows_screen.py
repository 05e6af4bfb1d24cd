"""How an order's way through a flow is shown: each event, the nodes that it passed and why, what is to be done, where the order rests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from schemas.terminal import Text, styled
from schemas.texts import language, said, word
from streams.cli.common import out
from streams.cli.flows_tried import Tried
from streams.domain.flow import effects
from streams.domain.flow.effects import Effect
from streams.domain.flow.state import kept
from streams.domain.flow.walk import Passed

_DENIED = {
    "NOTHING_OPEN": "nothing of the kind is open",
    "ANOTHER_TASK": "it answers another question",
    "NOBODY": "who says so is not known",
    "WRONG_ROLE": "this person has not the role",
    "ASKED_IT": "this person asked for it",
    "TWICE": "this person has said yes before",
}


def print_steps(steps: Sequence[Tried]) -> None:
    """Event by event."""
    for each in steps:
        out.print(styled("[dim]{}[/] [bold]{}[/]", _moment(each.at_ms), word(each.event)))
        found = each.stepped
        for node in found.passed:
            out.print(Text(f"  {_passed(node)}"), soft_wrap=True)
        for effect in found.effects:
            out.print(
                Text(f"  {said(_effect(effect))}", "yellow" if isinstance(effect, effects.Denied) else ""),
                soft_wrap=True,
            )
        if not found.passed and not found.effects:
            out.print(Text(f"  {said('changes nothing: the flow does not wait for it there')}", "dim"))
        out.print(Text(f"  {said(_rests(each))}"), soft_wrap=True)


def steps_for_machines(steps: Sequence[Tried]) -> list[dict[str, Any]]:
    """The same as JSON."""
    return [
        {
            "event": each.event,
            "at_ms": each.at_ms,
            "passed": [node._asdict() for node in each.stepped.passed],
            "effects": [{"effect": type(it).__name__, **it._asdict()} for it in each.stepped.effects],
            "state": kept(each.stepped.state),
        }
        for each in steps
    ]


def _rests(each: Tried) -> str:
    state = each.stepped.state
    if not state.at:
        return "the order is at the start"
    if state.closed:
        return f"the order's flow has ended at {state.at}"
    if state.due_ms is None:
        return f"the order rests at {state.at}"
    return f"the order rests at {state.at}, until {_moment(state.due_ms)}"


def _passed(node: Passed) -> str:
    edge = f"{node.node} → {node.edge}"
    if node.failed is None:
        return edge
    actual = ", ".join(map(str, node.actual)) if isinstance(node.actual, tuple) else node.actual
    has = "-" if actual in (None, "") else actual
    return f"{edge}: {said(f'condition {node.failed + 1} is not met, it has {has}')}"


def _effect(effect: Effect) -> str:
    match effect:
        case effects.Held(task, reason, until_ms):
            return f"held ({task}): {reason}; until {_moment(until_ms)}"
        case effects.Asked(task, role, persons, not_by, until_ms):
            asked = f"asked ({task}): {persons} of the role {role}; until {_moment(until_ms)}"
            return f"{asked}; not by {not_by}, who asks" if not_by else asked
        case effects.Waiting(task, until_ms):
            return f"waits ({task}) until {_moment(until_ms)}"
        case effects.Left(task, how, by):
            return f"closed ({task}): {how}, by {by}" if by else f"closed ({task}): {how}"
        case effects.Voted(task, by):
            return f"one yes ({task}) by {by}: one more is needed"
        case effects.Denied(by, why):
            return f"the answer of {by or '-'} does not count: {_DENIED[why]}"
        case effects.Routed(rules):
            return f"warehouses are chosen by the rules {rules}"
        case effects.Tagged(tags, untagged):
            return f"tags on: {', '.join(tags) or '-'}; off: {', '.join(untagged) or '-'}"
        case effects.Prioritised(priority):
            return f"the priority becomes {priority}"
        case effects.Filled(fields):
            return f"fields become: {_values(fields)}"
        case effects.Unfilled(node, field, why):
            return f"{node} has nothing for {field}: {why}"
        case effects.Shaped(target, fields):
            return f"{target} gets: {_values(fields)}"
        case effects.Notified(by, target, text):
            return f"told by {by}, to {target}: {text}"
        case effects.Hinted(kind, by, minutes):
            return f"a hint to routing: {kind} {by or f'{minutes} min'}"
        case effects.Cancelled(reason):
            return f"the order is cancelled: {reason}"


def _values(fields: tuple[tuple[str, Any], ...]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in fields)


def _moment(at_ms: int | None) -> str:
    """UTC to the second; in Chinese China's time, as its shops reckon."""
    if at_ms is None:
        return "-"
    shown = datetime.fromtimestamp(at_ms // 1000 + (8 * 3600 if language() == "zh" else 0), UTC)
    return f"{shown:%Y-%m-%d %H:%M:%S}" + ("" if language() == "zh" else "Z")
